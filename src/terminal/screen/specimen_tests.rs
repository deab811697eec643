//! Specimen persons for tests: region 000000 with a right check digit, so that no number is anybody's.

/// A citizen number of region 000000: `birth` as `YYYYMMDD`, `sequence` odd for men.
pub fn number(birth: &str, sequence: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("000000{birth}{sequence:03}");
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// A person of region 000000, read from a card.
pub fn person(birth: jiff::civil::Date) -> matters::Identity {
    let digits = format!("{:04}{:02}{:02}", birth.year(), birth.month(), birth.day());
    matters::Identity {
        source: matters::Source::Card { read_event: uuid::Uuid::from_u128(1), read_at: jiff::Timestamp::UNIX_EPOCH },
        card: matters::CardKind::ResidentId,
        name: matters::Personal::from("李样本"),
        sex: matters::Sex::Female,
        nation: None,
        birth: Some(birth),
        address: matters::Personal::from("样本镇石榴村3组12号"),
        number: matters::Personal::new(number(&digits, 2)),
        issuer: String::new(),
        valid_from: None,
        valid_until: None,
        warnings: Vec::new(),
    }
}
