//! Numbers on cards: GB 11643 check characters, the seven-three-one check of permits, old numbers.
//!
//! A number read from a chip is never refused: it can only warn. Typed numbers are the form's affair.

/// Check character of the first 17 digits by GB 11643 (ISO 7064 MOD 11-2), or `None` when they are not digits.
pub fn check_mod_11_2(head: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if head.len() != 17 || !head.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = head.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    "10X98765432".chars().nth((sum % 11) as usize)
}

/// Check digit of the 2017 permanent-residence number (ICAO 9303 style): weights 7, 3, 1;
/// A=10 … Z=35, `<`=0. `None` for a character outside that alphabet.
pub fn check_7_3_1(head: &str) -> Option<char> {
    let mut sum = 0;
    for (c, weight) in head.chars().zip([7, 3, 1].into_iter().cycle()) {
        let value = match c {
            '<' => 0,
            c => c.is_ascii_digit().then_some(c).or(c.is_ascii_uppercase().then_some(c))?.to_digit(36)?,
        };
        sum = (sum + value * weight) % 10;
    }
    char::from_digit(sum, 10)
}

/// The 15-character number that the same holder had on a 2017 card, derived from a 2023 card
/// (NIA rules 2023): nationality, province digits, link, birth without century, link, check digit.
/// `link` is the three-character field 既往版本号码关联项.
pub fn old_number(nationality: &str, number: &str, link: &str) -> Option<String> {
    let fits = nationality.len() == 3
        && number.len() == 18
        && link.len() == 3
        && [nationality, number, link].iter().all(|part| part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !fits {
        return None;
    }
    let head = [nationality, number.get(1..3)?, link.get(0..2)?, number.get(8..14)?, link.get(2..3)?].concat();
    let check = check_7_3_1(&head)?;
    Some(format!("{head}{check}"))
}

/// What is odd about an 18-character number read from a chip, as stable codes. `birth` is the
/// birth field (`YYYY-MM-DD`), `sex` the sex field (GB/T 2261.1).
pub fn warn_18(number: &str, birth: Option<&str>, sex: Option<u8>, heads: fn(&str) -> bool) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    if number.chars().count() != 18 {
        warnings.push("number_length");
        return warnings;
    }
    let digits = number.as_bytes();
    let well_formed = digits.len() == 18
        && digits.iter().take(17).all(u8::is_ascii_digit)
        && digits.last().is_some_and(|b| b.is_ascii_digit() || *b == b'X');
    if !well_formed {
        warnings.push("number_characters");
        return warnings;
    }
    if number.get(..17).and_then(check_mod_11_2) != number.chars().last() {
        warnings.push("number_checksum");
    }
    if number.starts_with("000000") {
        // No real card carries this region: the number of a specimen or of a test.
        warnings.push("number_specimen");
    } else if !number.get(..2).is_some_and(heads) {
        warnings.push("number_region");
    }
    if birth.is_some_and(|birth| birth.replace('-', "") != number.get(6..14).unwrap_or_default()) {
        warnings.push("number_birth");
    }
    let odd = digits.get(16).is_some_and(|b| b % 2 == 1);
    if matches!((sex, odd), (Some(1), false) | (Some(2), true)) {
        warnings.push("number_sex");
    }
    warnings
}

/// What is odd about a 15-character number of a 2017 card, as stable codes.
pub fn warn_15(number: &str) -> Vec<&'static str> {
    if number.chars().count() != 15 {
        return vec!["number_length"];
    }
    let (letters, digits) = number.split_at_checked(3).unwrap_or(("", number));
    if letters.len() != 3 || !letters.bytes().all(|b| b.is_ascii_uppercase()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return vec!["number_characters"];
    }
    if number.get(..14).and_then(check_7_3_1) != number.chars().last() {
        return vec!["number_checksum"];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::is_province;

    #[test]
    fn published_and_computed_numbers_pass_mod_11_2() {
        for (head, check) in [
            ("11010519491231002", 'X'),
            ("44052418800101001", '4'),
            ("93158619800101002", '8'),
            ("83000019810705001", '8'),
            ("81000019900101001", '9'),
            ("82000019850615002", '2'),
        ] {
            assert_eq!(check_mod_11_2(head), Some(check), "{head}");
        }
        assert_eq!(check_mod_11_2("1101051949123100"), None);
        assert_eq!(check_mod_11_2("1101051949123100A"), None);
        assert_eq!(check_mod_11_2("一二三四五六七八九"), None);
    }

    #[test]
    fn the_specimen_of_2017_has_check_digit_nought_and_not_nine() {
        assert_eq!(check_7_3_1("CAN11008108031"), Some('0'));
        assert_eq!(check_7_3_1("CAN1100810803a"), None);
        assert!(warn_15("CAN110081080310").is_empty());
        assert_eq!(warn_15("CAN110081080319"), ["number_checksum"]);
        assert_eq!(warn_15("can110081080310"), ["number_characters"]);
        assert_eq!(warn_15("CAN11008108031"), ["number_length"]);
        assert_eq!(warn_15("证件样本证件样本证件样本证件样"), ["number_characters"]);
    }

    #[test]
    fn a_permanent_resident_is_found_by_both_numbers() {
        assert_eq!(old_number("PAK", "931586198001010028", "000").as_deref(), Some("PAK310080010103"));
        assert_eq!(old_number("PAK", "931586198001010028", ""), None);
        assert_eq!(old_number("PA", "931586198001010028", "000"), None);
        assert_eq!(old_number("PAK", "93158619800101002八", "000"), None);
    }

    #[test]
    fn warnings_name_what_is_odd_and_nothing_else() {
        let warn = |number, birth, sex| warn_18(number, birth, sex, is_province);
        let none: [&str; 0] = [];
        assert_eq!(warn("11010519491231002X", Some("1949-12-31"), Some(2)), none);
        assert_eq!(warn("110105194912310020", Some("1949-12-31"), Some(2)), ["number_checksum"]);
        assert_eq!(warn("11010519491231002X", Some("1949-12-30"), Some(2)), ["number_birth"]);
        assert_eq!(warn("11010519491231002X", None, Some(1)), ["number_sex"]);
        assert_eq!(warn("11010519491231002X", None, Some(9)), none);
        assert_eq!(warn("11010519491231002", None, None), ["number_length"]);
        assert_eq!(warn("11010519491231002*", None, None), ["number_characters"]);
        assert_eq!(warn("１１010519491231002X", None, None), ["number_characters"]);
    }

    #[test]
    fn a_region_of_the_past_is_no_warning_but_an_unknown_province_is() {
        // Counties are merged and renamed: only the first two digits are looked at.
        assert!(!warn_18("520000195003080020", None, None, is_province).contains(&"number_region"));
        assert!(warn_18("990101195003080020", None, None, is_province).contains(&"number_region"));
        assert!(warn_18("00000019500308002X", None, None, is_province).contains(&"number_specimen"));
    }
}
