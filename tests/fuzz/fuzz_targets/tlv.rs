//! Any bytes as a record of a social-security card.
#![no_main]

use card::tlv;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok((tag, value)) = tlv::record(input) {
        assert_eq!(tag, input[0]);
        assert_eq!(value.len(), usize::from(input[1]));
        assert_eq!(tlv::value(tag, input), Ok(value));
        assert_eq!(tlv::value(tag.wrapping_add(1), input), Err(tlv::TlvError::Tag));
    }
    if let Some(digits) = tlv::digits(input) {
        assert!(digits.len() <= 2 * input.len() && digits.bytes().all(|b| b.is_ascii_digit()));
    }
    if let Some(text) = tlv::text(input) {
        assert!(text.is_ascii() && input.starts_with(text.as_bytes()));
    }
});
