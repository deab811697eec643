//! Records of a social-security card: tag, length, value.

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlvError {
    #[error("an empty answer")]
    Empty,
    /// Some readers' drivers strip the head: such an answer is refused rather than cut at two.
    #[error("the answer begins with another tag")]
    Tag,
    #[error("the record claims {claimed} bytes and has {held}")]
    Length { claimed: usize, held: usize },
}

/// Splits one record into tag and value. Bytes behind the value are padding and left out.
///
/// # Errors
/// [`TlvError`] when the head is missing or the value is shorter than it claims.
pub fn record(bytes: &[u8]) -> Result<(u8, &[u8]), TlvError> {
    let (tag, len, rest) = match bytes {
        [] => return Err(TlvError::Empty),
        [tag, len, rest @ ..] => (*tag, usize::from(*len), rest),
        [_] => return Err(TlvError::Length { claimed: 0, held: 0 }),
    };
    match rest.get(..len) {
        Some(value) => Ok((tag, value)),
        None => Err(TlvError::Length { claimed: len, held: rest.len() }),
    }
}

/// The value of one record that must have this tag.
///
/// # Errors
/// [`TlvError::Tag`] when another record answered.
pub fn value(tag: u8, bytes: &[u8]) -> Result<&[u8], TlvError> {
    match record(bytes)? {
        (found, value) if found == tag => Ok(value),
        _ => Err(TlvError::Tag),
    }
}

/// Digits of a `cn` value: two a byte, right-filled with F. `None` for anything that is no digit.
pub fn digits(value: &[u8]) -> Option<String> {
    let mut digits = String::with_capacity(value.len() * 2);
    let mut filled = false;
    for nibble in value.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]) {
        match nibble {
            0..=9 if !filled => digits.push(char::from(b'0' + nibble)),
            0xF => filled = true,
            _ => return None,
        }
    }
    Some(digits)
}

/// An `an` value: printable ASCII, right-filled with 00, FF or blanks. `None` when something else stands in it.
pub fn text(value: &[u8]) -> Option<String> {
    let used = value.iter().rposition(|b| !matches!(b, 0x00 | 0xFF | 0x20)).map_or(0, |last| last + 1);
    let value = &value[..used];
    value.iter().all(|b| (0x20..0x7F).contains(b)).then(|| value.iter().copied().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn trap_20_a_record_is_taken_by_its_head() {
        assert_eq!(value(0x0A, &[0x0A, 1, b'2']), Ok(&b"2"[..]));
        assert_eq!(value(0x0A, &[0x0A, 1, b'2', 0, 0]), Ok(&b"2"[..]));
        assert_eq!(value(0x0A, &[0x0B, 1, 1]), Err(TlvError::Tag));
        assert_eq!(value(0x08, &[0x08, 18, b'1']), Err(TlvError::Length { claimed: 18, held: 1 }));
        assert_eq!(value(0x08, &[]), Err(TlvError::Empty));
        assert_eq!(value(0x08, &[8]), Err(TlvError::Length { claimed: 0, held: 0 }));
    }

    #[test]
    fn trap_20_packed_digits_are_not_decimal_numbers() {
        assert_eq!(digits(&[0x56]).as_deref(), Some("56"));
        assert_eq!(digits(&[0x01]).as_deref(), Some("01"));
        assert_eq!(digits(&[0x19, 0x49, 0x12, 0x31]).as_deref(), Some("19491231"));
        assert_eq!(digits(&[0x12, 0x3F]).as_deref(), Some("123"));
        assert_eq!(digits(&[0xFF, 0xFF]).as_deref(), Some(""));
        assert_eq!(digits(&[0x1F, 0x12]), None);
        assert_eq!(digits(&[0xA1]), None);
    }

    #[test]
    fn text_ends_before_any_padding() {
        assert_eq!(text(b"A00000001").as_deref(), Some("A00000001"));
        assert_eq!(text(b"2.00").as_deref(), Some("2.00"));
        assert_eq!(text(b"A1\0\0\xFF ").as_deref(), Some("A1"));
        assert_eq!(text(b"\xFF\xFF").as_deref(), Some(""));
        assert_eq!(text(b"A\x01B"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_record_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok((tag, value)) = record(&bytes) {
                prop_assert_eq!(tag, bytes[0]);
                prop_assert!(value.len() <= bytes.len() - 2);
            }
            let _ = (digits(&bytes), text(&bytes));
        }
    }
}
