//! Where a camera's picture ends: drivers hand over a whole buffer, with the stale tail of an older frame behind the new one.

/// The first whole JPEG at the start of `bytes`, from its start marker to its end marker; `None` when it has no end.
/// Walks over segments by their lengths, so that a preview picture inside a segment does not end the frame.
#[must_use]
pub fn first_jpeg(bytes: &[u8]) -> Option<&[u8]> {
    if !bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        return None;
    }
    let mut at = 2;
    loop {
        let (&0xFF, &marker) = (bytes.get(at)?, bytes.get(at + 1)?) else { return None };
        match marker {
            0xFF => at += 1,
            0xD9 => return bytes.get(..at + 2),
            0x01 | 0xD0..=0xD7 => at += 2,
            _ => {
                let length = usize::from(u16::from_be_bytes([*bytes.get(at + 2)?, *bytes.get(at + 3)?]));
                if length < 2 {
                    return None;
                }
                at += 2 + length;
                if marker == 0xDA {
                    // Inside a scan a 0xFF is data when a zero or a restart marker follows.
                    loop {
                        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xFF)?;
                        match bytes.get(at + 1)? {
                            0x00 | 0xD0..=0xD7 => at += 2,
                            _ => break,
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_ends_at_its_own_end_marker() {
        // A segment that holds an end marker, a scan with a stuffed byte and a restart, a stale tail.
        let frame = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0xFF, 0xD9, 0xFF, 0xDA, 0, 2, 9, 0xFF, 0, 0xFF, 0xD0, 7, 0xFF, 0xD9];
        let mut buffer = frame.to_vec();
        buffer.extend([0xFF, 0xD9, 1, 2, 3]);
        assert_eq!(first_jpeg(&buffer), Some(&frame[..]));
        for cut in 0..frame.len() {
            assert_eq!(first_jpeg(&frame[..cut]), None, "cut at {cut}");
        }
        assert_eq!(first_jpeg(b"\x89PNG"), None);
    }
}
