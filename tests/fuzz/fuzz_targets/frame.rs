//! Any bytes as a frame of a camera: cut, mended, sized, unpacked, and made a page where they are a picture.
#![no_main]

use devices::jpeg_frame::first_jpeg;
use libfuzzer_sys::fuzz_target;
use scan::jpeg::{cut_first_jpeg, size, with_tables};

/// Larger pictures only make the search slow.
const PIXELS_MAX: u32 = 1 << 20;

fuzz_target!(|input: &[u8]| {
    let cut = cut_first_jpeg(input);
    assert!(input.starts_with(cut));
    if let Some(frame) = first_jpeg(input) {
        assert!(input.starts_with(frame) && frame.ends_with(&[0xFF, 0xD9]));
    }
    let mended = with_tables(cut);
    assert!(mended.len() >= cut.len());
    let Ok((w, h)) = size(&mended) else {
        assert!(scan::decode(&mended, None).is_err(), "no size, no picture");
        return;
    };
    if w.saturating_mul(h) > PIXELS_MAX {
        return;
    }
    if let Ok(picture) = scan::decode(&mended, None) {
        assert_eq!(picture.data.len(), picture.w as usize * picture.h as usize * 3);
        let page = scan::page(&mended, None).expect("what unpacks becomes a page");
        assert!(page.jpeg.len() <= scan::PAGE_BYTES_MAX);
    }
});
