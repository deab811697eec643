//! A person typed by hand (手工录入): what is wrong in words, and the identity once nothing is.

use jiff::civil::Date;
use matters::{
    CardKind, Identity, Personal, Sex, Source,
    identity::{NumberFault, age_on, birth_in_number, check_citizen_number, sex_in_number},
};
use texts::{Texts, person as t};

/// The four entries as they stand in the fields.
#[derive(Default)]
pub struct Typed {
    pub name: String,
    pub number: String,
    /// The number is typed twice: one wrong digit in ten passes no check digit, but a
    /// transposed birth date may.
    pub again: String,
    pub address: String,
}

/// What is wrong with each entry; all `None` means nothing is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Faults {
    pub name: Option<String>,
    pub number: Option<String>,
    pub again: Option<String>,
    pub address: Option<String>,
}

impl Faults {
    pub fn count(&self) -> usize {
        [&self.name, &self.number, &self.again, &self.address].into_iter().flatten().count()
    }
}

impl Typed {
    pub fn faults(&self, texts: &Texts, today: Date) -> Faults {
        Faults {
            name: name_fault(texts, &self.name),
            number: number_fault(texts, &self.number, today),
            again: (tidy_number(&self.again) != tidy_number(&self.number)).then(|| t::number_differs(texts)),
            address: self.address.trim().is_empty().then(|| t::address_empty(texts)),
        }
    }

    /// The identity, marked as typed by hand; `None` while anything is wrong.
    pub fn identity(&self, texts: &Texts, today: Date) -> Option<Identity> {
        if self.faults(texts, today).count() > 0 {
            return None;
        }
        let number = tidy_number(&self.number);
        Some(Identity {
            source: Source::Manual,
            card: CardKind::None,
            name: Personal::new(tidy_name(&self.name)),
            sex: sex_in_number(&number).unwrap_or(Sex::Unknown),
            nation: None,
            birth: birth_in_number(&number),
            address: Personal::from(self.address.trim()),
            number: Personal::new(number),
            issuer: String::new(),
            valid_from: None,
            valid_until: None,
            warnings: Vec::new(),
        })
    }

    /// What a right number says: birth, age and sex; said back so that a wrong person is noticed.
    pub fn told_by_number(&self, today: Date) -> Option<(Date, i16, Sex)> {
        let number = tidy_number(&self.number);
        check_citizen_number(&number).ok()?;
        let birth = birth_in_number(&number).filter(|birth| *birth <= today)?;
        Some((birth, age_on(birth, today), sex_in_number(&number)?))
    }
}

/// Spaces go, full-width digits and a small x become what the standard writes.
pub fn tidy_number(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            'x' | 'Ｘ' | 'ｘ' => 'X',
            c => c,
        })
        .collect()
}

/// One middle dot (U+00B7) for all that keyboards offer.
pub fn tidy_name(text: &str) -> String {
    text.trim().chars().map(|c| if matches!(c, '•' | '‧' | '・' | '．' | '●') { '·' } else { c }).collect()
}

pub fn name_fault(texts: &Texts, name: &str) -> Option<String> {
    let name = name.trim();
    if name.is_empty() {
        return Some(t::name_empty(texts));
    }
    name.chars().any(|c| c.is_ascii_digit() || ('０'..='９').contains(&c)).then(|| t::name_digits(texts))
}

pub fn number_fault(texts: &Texts, number: &str, today: Date) -> Option<String> {
    let number = tidy_number(number);
    match check_citizen_number(&number) {
        Ok(()) => birth_in_number(&number).is_some_and(|birth| birth > today).then(|| t::born_later(texts)),
        Err(NumberFault::Empty) => Some(t::number_empty(texts)),
        Err(NumberFault::Length { digits }) => Some(t::number_length(texts, digits as u64)),
        Err(NumberFault::Character) => Some(t::number_character(texts)),
        Err(NumberFault::Birth) => Some(t::number_birth(texts)),
        Err(NumberFault::Checksum) => Some(t::number_checksum(texts)),
    }
}

/// Mobile of 11 digits from 13 on, or area code and line.
pub fn phone_fault(texts: &Texts, phone: &str) -> Option<String> {
    let digits: String = tidy_number(phone).chars().filter(|c| *c != '-').collect();
    if digits.is_empty() {
        return Some(t::phone_empty(texts));
    }
    let all = digits.bytes().all(|b| b.is_ascii_digit());
    let mobile = digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9');
    let line = digits.starts_with('0') && (10..=12).contains(&digits.len());
    (!all || !(mobile || line)).then(|| t::phone_wrong(texts))
}

#[cfg(test)]
mod tests {
    use texts::Lang;

    use super::*;

    const TODAY: Date = Date::constant(2026, 11, 24);

    fn zh() -> Texts {
        Texts::new(Lang::Zh)
    }

    /// Region 000000 belongs to nobody.
    fn right() -> Typed {
        let number = crate::screen::specimen::number("19500308", 2);
        Typed { name: "李样本".into(), again: number.clone(), number, address: "样本镇石榴村 3 组 12 号".into() }
    }

    #[test]
    fn a_right_person_becomes_an_identity_marked_as_typed() {
        let typed = right();
        let identity = typed.identity(&zh(), TODAY).expect("nothing is wrong");
        assert_eq!((identity.source, identity.card), (Source::Manual, CardKind::None));
        assert_eq!(identity.birth, Some(Date::constant(1950, 3, 8)));
        assert_eq!(identity.sex, Sex::Female);
        assert_eq!(typed.told_by_number(TODAY), Some((Date::constant(1950, 3, 8), 76, Sex::Female)));
    }

    #[test]
    fn each_wrong_number_is_named_in_words() {
        let good = right().number;
        let flipped = if good.ends_with('1') { format!("{}2", &good[..17]) } else { format!("{}1", &good[..17]) };
        for (number, says) in [
            ("", "请录入公民身份号码"),
            ("0000001950", "现在 10 位，应该是 18 位"),
            ("000000500308001", "这是 15 位的老号码，请看户口簿上的 18 位号码"),
            ("00000019501308001A", "前 17 位是数字，最后一位是数字或 X"),
            ("000000195013080010", "号码里的出生日期不对，请再看一遍"),
            (flipped.as_str(), "最后一位对不上，有一位录错了"),
        ] {
            assert_eq!(number_fault(&zh(), number, TODAY).as_deref(), Some(says), "{number}");
        }
        assert_eq!(
            number_fault(&zh(), &crate::screen::specimen::number("20300101", 1), TODAY).as_deref(),
            Some("号码里的出生日期还没有到，请再看一遍")
        );
    }

    #[test]
    fn full_width_digits_spaces_and_a_small_x_are_understood() {
        assert_eq!(tidy_number("１１０１０５ 19491231 002x"), "11010519491231002X");
        assert_eq!(tidy_name("阿依古丽•样本 "), "阿依古丽·样本");
    }

    #[test]
    fn two_entries_that_differ_make_no_identity() {
        let mut typed = right();
        typed.again = crate::screen::specimen::number("19500309", 2);
        assert_eq!(typed.faults(&zh(), TODAY).again.as_deref(), Some("两遍录得不一样，请再看一遍"));
        assert!(typed.identity(&zh(), TODAY).is_none());
    }

    #[test]
    fn phones_are_mobiles_or_lines() {
        for good in ["13900000000", "029-88880000", "0917 8880000"] {
            assert_eq!(phone_fault(&zh(), good), None, "{good}");
        }
        for bad in ["12900000000", "8888", "1390000000a"] {
            assert!(phone_fault(&zh(), bad).is_some(), "{bad}");
        }
    }
}
