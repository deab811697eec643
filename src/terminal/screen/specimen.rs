//! Specimen persons for tests: region 000000 with a right check digit, so that no number is anybody's.

/// A citizen number of region 000000: `birth` as `YYYYMMDD`, `sequence` odd for men.
pub fn number(birth: &str, sequence: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("000000{birth}{sequence:03}");
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}
