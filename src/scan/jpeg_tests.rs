use super::*;

fn photo(w: u32, h: u32) -> Picture {
    let data = (0..h)
        .flat_map(|y| (0..w).flat_map(move |x| [(x * 255 / w) as u8, (y * 255 / h) as u8, ((x ^ y) & 63) as u8 + 90]))
        .collect();
    Picture::rgb(w, h, data).unwrap()
}

fn jpeg(w: u32, h: u32) -> Vec<u8> {
    encode_at(&photo(w, h), 90).unwrap()
}

#[test]
fn a_picture_survives_packing() {
    let original = photo(320, 200);
    let back = decode(&jpeg(320, 200), None).unwrap();
    assert_eq!((back.w, back.h), (320, 200));
    let worst = original.data.iter().zip(&back.data).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst < 60, "worst difference {worst}");
}

#[test]
fn scaled_decoding_halves_until_it_fits() {
    let jpeg = jpeg(1920, 1080);
    for (side, want) in [(None, 1920), (Some(1920), 1920), (Some(960), 960), (Some(700), 480), (Some(480), 480), (Some(10), 240)]
    {
        assert_eq!(decode(&jpeg, side).unwrap().w, want, "{side:?}");
    }
}

#[test]
fn a_stale_tail_is_cut_and_an_embedded_preview_is_not() {
    let whole = jpeg(64, 48);
    let mut dirty = whole.clone();
    dirty.extend_from_slice(&jpeg(32, 32)[10..]);
    assert_eq!(cut_first_jpeg(&dirty), &whole[..]);
    // A preview inside APP1, as phones and some cameras store it.
    let inner = jpeg(16, 16);
    let mut with_preview = vec![0xFF, 0xD8, 0xFF, 0xE1];
    with_preview.extend_from_slice(&((inner.len() + 2) as u16).to_be_bytes());
    with_preview.extend_from_slice(&inner);
    with_preview.extend_from_slice(&whole[2..]);
    let expected = with_preview.len();
    with_preview.extend_from_slice(&[0x12, 0x34]);
    assert_eq!(cut_first_jpeg(&with_preview).len(), expected);
    assert_eq!(size(&with_preview).unwrap(), (64, 48));
    assert_eq!(decode(&with_preview, None).unwrap().w, 64);
}

#[test]
fn every_cut_of_a_frame_is_refused() {
    let whole = jpeg(200, 160);
    for cut in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        assert!(decode(&whole[..cut], None).is_err(), "cut at {cut} of {}", whole.len());
    }
    // Cut in the scan, but with an end marker put back: the decoder itself must notice.
    let mut half = whole[..whole.len() / 2].to_vec();
    half.extend_from_slice(&[0xFF, 0xD9]);
    assert!(matches!(decode(&half, None), Err(ScanError::Corrupt)));
}

#[test]
fn padding_before_the_end_marker_is_no_damage() {
    let mut padded = jpeg(64, 64);
    let end = padded.len() - 2;
    padded.splice(end..end, [0u8; 12]);
    assert!(decode(&padded, None).is_ok());
}

#[test]
fn no_jpeg_and_too_much_are_told_apart() {
    assert!(matches!(decode(b"", None), Err(ScanError::NotJpeg)));
    assert!(matches!(decode(b"\x89PNG\r\n\x1a\n", None), Err(ScanError::NotJpeg)));
    assert!(matches!(decode(&vec![0xFF; INPUT_BYTES_MAX + 1], None), Err(ScanError::TooManyBytes)));
    let mut huge = jpeg(64, 64);
    let sof = huge.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    huge[sof + 5..sof + 9].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    assert!(matches!(decode(&huge, None), Err(ScanError::TooLarge { width: 65535, height: 65535 })));
}

#[test]
fn a_frame_without_huffman_tables_decodes_and_gets_them_back() {
    let whole = jpeg(160, 120);
    let mut bare = Vec::new();
    let mut at = 2;
    bare.extend_from_slice(&whole[..2]);
    while whole[at + 1] != 0xDA {
        let length = usize::from(u16::from_be_bytes([whole[at + 2], whole[at + 3]])) + 2;
        if whole[at + 1] != 0xC4 {
            bare.extend_from_slice(&whole[at..at + length]);
        }
        at += length;
    }
    bare.extend_from_slice(&whole[at..]);
    assert!(bare.len() < whole.len() - 300);
    assert_eq!(decode(&bare, None).unwrap(), decode(&whole, None).unwrap());
    let mended = with_tables(&bare);
    assert!(mended.len() > bare.len());
    // A strict reader that fills in nothing by itself.
    assert!(image::load_from_memory(&bare).is_err());
    assert!(image::load_from_memory(&mended).is_ok());
    assert_eq!(with_tables(&whole).len(), whole.len());
}

#[test]
fn a_page_never_weighs_more_than_allowed() {
    let mut state = 1u32;
    let noise: Vec<u8> = (0..1600 * 1200 * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    let picture = Picture::rgb(1600, 1200, noise).unwrap();
    for limit in [1_500_000, 400_000, 120_000] {
        assert!(encode(&picture, limit).unwrap().len() <= limit);
    }
    assert!(matches!(encode(&picture, 500), Err(ScanError::DoesNotFit)));
    assert!(matches!(encode(&Picture::filled(0, 0, [0; 3]), 1000), Err(ScanError::Empty)));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]
    #[test]
    fn damaged_frames_never_panic(flips in proptest::collection::vec((0usize..4000, 0u8..8), 1..40), cut in 0usize..6000) {
        let mut bytes = jpeg(96, 80);
        for (at, bit) in flips {
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
        }
        bytes.truncate(cut.max(1));
        let _ = decode(&bytes, Some(48));
        let _ = size(cut_first_jpeg(&bytes));
        let _ = with_tables(&bytes);
    }
}
