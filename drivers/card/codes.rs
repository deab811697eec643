//! Code tables of GB/T 3304 (nations) and GB/T 2260 (first two digits of a number).
//!
//! The tables are data in `assets/devices/codes.toml`; a code outside them is no error.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

const TABLES: &str = include_str!("../../assets/devices/codes.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    nations: BTreeMap<String, String>,
    provinces: BTreeMap<String, String>,
}

fn tables() -> &'static Tables {
    static PARSED: OnceLock<Tables> = OnceLock::new();
    // The file is part of the program; a test reads it, so this cannot fail in the field.
    PARSED.get_or_init(|| toml::from_str(TABLES).unwrap_or(Tables { nations: BTreeMap::new(), provinces: BTreeMap::new() }))
}

/// The nation (民族) of a two-digit GB/T 3304 code, or `None` for a code that the standard does not have.
pub fn nation(code: &str) -> Option<&'static str> {
    tables().nations.get(code).map(String::as_str)
}

/// Whether a citizen number may begin with these two digits.
pub fn is_province(code: &str) -> bool {
    tables().provinces.contains_key(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nation_of_gb_3304_has_its_name() {
        assert_eq!(tables().nations.len(), 58);
        for code in 1..=56 {
            assert!(nation(&format!("{code:02}")).is_some(), "{code:02}");
        }
        assert_eq!(nation("46"), Some("德昂"));
        assert_eq!(nation("97"), Some("其他"));
        assert_eq!(nation("98"), Some("外国血统中国籍人士"));
    }

    #[test]
    fn codes_outside_the_standard_have_no_name() {
        for code in ["00", "57", "81", "90", "96", "99", "1", "", "AB", "①②"] {
            assert_eq!(nation(code), None, "{code}");
        }
    }

    #[test]
    fn residence_permit_heads_are_provinces_and_specimen_numbers_are_not() {
        assert!(["11", "65", "71", "81", "82", "83"].iter().all(|head| is_province(head)));
        assert!(!is_province("00") && !is_province("91") && !is_province("84"));
    }
}
