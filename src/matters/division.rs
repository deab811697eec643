//! Administrative divisions (行政区划) down to the county, by GB/T 2260: names with their codes.
//!
//! The list is data (assets/divisions/gb2260.tsv, which says where it comes from and of which day it is).
//! It helps to enter an address by touch; an address that it does not know is no fault, because
//! divisions are founded, merged and renamed every year.

use std::sync::LazyLock;

/// A province, prefecture or county.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// Six digits: `610000`, `610100`, `610113`.
    pub code: &'static str,
    pub name: &'static str,
}

/// Names that group counties in the code list and stand in no address.
const GROUPS: [&str; 4] = ["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"];

/// All divisions in order of their codes.
static ALL: LazyLock<Vec<Division>> = LazyLock::new(|| {
    let lines = include_str!("../../assets/divisions/gb2260.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(code, name)| Division { code, name })
        .collect()
});

impl Division {
    pub fn of(code: &str) -> Option<Self> {
        ALL.binary_search_by(|division| division.code.cmp(code)).ok().map(|i| ALL[i])
    }

    /// Digits that everything below shares: 2 of a province, 4 of a prefecture, 6 of a county.
    fn stem(self) -> &'static str {
        let ends = if self.code.ends_with("0000") {
            2
        } else if self.code.ends_with("00") {
            4
        } else {
            6
        };
        &self.code[..ends]
    }

    /// The name as an address begins: 陕西省西安市雁塔区, 北京市东城区.
    pub fn whole_name(self) -> String {
        let above = [2, 4].into_iter().filter(|length| *length < self.stem().len());
        let above = above.filter_map(|length| Self::of(&format!("{:0<6}", &self.code[..length])));
        let named = above.filter(|division| !GROUPS.contains(&division.name)).map(|division| division.name);
        named.chain([self.name]).collect()
    }

    /// What it lies in, as an address names it; `None` for a province.
    pub fn above(self) -> Option<Self> {
        let stem = self.stem();
        [4, 2]
            .into_iter()
            .filter(|length| *length < stem.len())
            .filter_map(|length| Self::of(&format!("{:0<6}", &self.code[..length])))
            .find(|division| !GROUPS.contains(&division.name))
    }

    /// What lies directly below, as an address goes on: prefectures of a province, and counties that
    /// belong to none; counties of a prefecture. Empty for a county.
    pub fn below(self) -> Vec<Division> {
        let stem = self.stem();
        if stem.len() == 6 {
            return Vec::new();
        }
        let own = ALL.iter().filter(|division| division.code.starts_with(stem) && division.code != self.code);
        let mut out = Vec::new();
        for division in own.filter(|division| division.stem().len() == stem.len() + 2) {
            if GROUPS.contains(&division.name) {
                out.extend(division.below());
            } else {
                out.push(*division);
            }
        }
        out
    }
}

/// The provinces, in order of their codes.
pub fn provinces() -> impl Iterator<Item = Division> {
    ALL.iter().filter(|division| division.stem().len() == 2).copied()
}

/// The divisions with which an address begins, widest first.
pub fn named_in(address: &str) -> Vec<Division> {
    let mut named: Vec<Division> = Vec::new();
    let mut rest = address.trim();
    loop {
        let below = named.last().map_or_else(|| provinces().collect(), |division: &Division| division.below());
        // The longer name first: 海南藏族自治州 does not begin with a shorter neighbour's name.
        let Some(next) =
            below.into_iter().filter(|division| rest.starts_with(division.name)).max_by_key(|division| division.name.len())
        else {
            return named;
        };
        rest = &rest[next.name.len()..];
        named.push(next);
    }
}

/// Could a citizen number begin with these digits? By the province alone: counties are renumbered,
/// and who was born before keeps the number. Region 000000 is nobody's and stands in specimens.
pub fn region_is_known(number: &str) -> bool {
    // 83 is on the residence permits of people from Taiwan (GA/T 1186), and no division of the list.
    number.starts_with("000000") || number.starts_with("83") || provinces().any(|province| number.starts_with(province.stem()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn below(code: &str) -> Vec<&'static str> {
        Division::of(code).unwrap().below().into_iter().map(|division| division.name).collect()
    }

    #[test]
    fn every_line_is_a_division_and_lies_in_another() {
        let codes: BTreeSet<&str> = ALL.iter().map(|division| division.code).collect();
        assert_eq!(codes.len(), ALL.len(), "a code stands once");
        assert!(ALL.is_sorted_by_key(|division| division.code));
        for division in ALL.iter() {
            assert!(division.code.len() == 6 && division.code.bytes().all(|b| b.is_ascii_digit()), "{division:?}");
            assert!(division.name.chars().count() >= 1 && !division.name.contains(char::is_whitespace), "{division:?}");
            for length in [2, 4].into_iter().filter(|length| *length < division.stem().len()) {
                assert!(codes.contains(format!("{:0<6}", &division.code[..length]).as_str()), "{division:?}");
            }
        }
        assert_eq!(provinces().count(), 34);
        assert!(ALL.len() > 3100, "{}", ALL.len());
    }

    #[test]
    fn an_address_is_reached_step_by_step() {
        assert!(provinces().any(|province| province.name == "陕西省"));
        assert!(below("610000").contains(&"西安市"));
        assert!(below("610100").contains(&"雁塔区"));
        assert_eq!(Division::of("610113").unwrap().whole_name(), "陕西省西安市雁塔区");
        assert!(below("610113").is_empty());
        // Municipalities and counties without a prefecture go straight to the county.
        assert!(below("110000").contains(&"东城区") && !below("110000").contains(&"市辖区"));
        assert!(below("500000").contains(&"渝中区") && below("500000").contains(&"城口县"));
        assert!(below("420000").contains(&"仙桃市") && below("420000").contains(&"武汉市"));
        assert_eq!(Division::of("429004").unwrap().whole_name(), "湖北省仙桃市");
        assert_eq!(Division::of("500229").unwrap().whole_name(), "重庆市城口县");
        assert!(below("441900").is_empty(), "some prefectures have no counties");
    }

    #[test]
    fn what_an_address_names_is_found() {
        let named = |text: &str| named_in(text).into_iter().map(|division| division.name).collect::<Vec<_>>();
        assert_eq!(named("陕西省西安市雁塔区样本镇石榴村"), ["陕西省", "西安市", "雁塔区"]);
        assert_eq!(named(" 北京市东城区"), ["北京市", "东城区"]);
        assert_eq!(named("陕西省样本县"), ["陕西省"]);
        assert!(named("样本镇石榴村3组12号").is_empty() && named("").is_empty());
        assert_eq!(Division::of("110101").unwrap().above(), Division::of("110000"));
        assert_eq!(Division::of("110000").unwrap().above(), None);
    }

    #[test]
    fn every_county_is_reached_from_its_province() {
        let mut reached = BTreeSet::new();
        for province in provinces() {
            for division in province.below() {
                reached.insert(division.code);
                reached.extend(division.below().into_iter().map(|county| county.code));
            }
        }
        for division in ALL.iter().filter(|division| division.stem().len() == 6) {
            assert!(reached.contains(division.code), "{division:?}");
        }
    }

    #[test]
    fn a_region_is_doubted_by_its_province_only() {
        for (number, known) in [
            ("610113", true),
            ("512324", true),
            ("000000", true),
            ("810000", true),
            ("830000", true),
            ("990101", false),
            ("", false),
        ] {
            assert_eq!(region_is_known(number), known, "{number}");
        }
        assert!(!region_is_known("000001"));
    }
}
