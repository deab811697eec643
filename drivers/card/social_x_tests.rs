//! Cards of three generations as data, and what each honestly gives.

use super::*;
use crate::apdu::scripted::{Script, Step, hex};

fn step(command: &str, answer: &str) -> Step {
    (hex(command), Ok(hex(answer)))
}

fn select() -> Step {
    (SELECT.to_vec(), Ok(hex("6F00 9000")))
}

fn issuer(version: &str) -> Vec<Step> {
    vec![
        step("00A4020002EF05", "9000"),
        step("00B2010012", "0110 00000002D1560000050000000000000001 9000"),
        (hex("00B2030006"), Ok([&hex("0304")[..], version.as_bytes(), &hex("9000")].concat())),
        step("00B2050006", "0504 20200101 9000"),
        step("00B2060006", "0604 20300101 9000"),
        step("00B207000B", "0709 413030303030303031 9000"),
    ]
}

// facts/cards.md §7.2: 测试村民 in GBK.
const NAME_RECORD: &str = "091E B2E2CAD4B4E5C3F1 00000000000000000000000000000000000000000000 9000";
const NUMBER_RECORD: &str = "0812 313130313035313934393132333130303258 9000";

fn holder() -> Vec<Step> {
    vec![
        step("00A4020002EF06", "9000"),
        step("00B2080014", NUMBER_RECORD),
        step("00B2090020", NAME_RECORD),
        step("00B24E0016", "4E14 0000000000000000000000000000000000000000 9000"),
        step("00B20A0003", "0A01 32 9000"),
        step("00B20B0003", "0B01 01 9000"),
        step("00B20D0006", "0D04 19491231 9000"),
    ]
}

fn reading(steps: Vec<Step>) -> Option<Reading> {
    read(&mut Script(steps)).ok().unwrap()
}

#[test]
fn a_second_generation_card_gives_its_holder() {
    let reading = reading([vec![select()], issuer("2.00"), holder()].concat()).unwrap();
    let card = &reading.record;
    assert_eq!(card.card, CardType::SocialSecurity);
    assert_eq!(card.name, "测试村民");
    assert_eq!((card.sex, card.birth.as_deref()), (Some(2), Some("1949-12-31")));
    assert_eq!(card.nation, Some(("01".into(), "汉".into())));
    assert_eq!(card.social_security_number.as_deref(), Some("11010519491231002X"));
    assert_eq!(card.number, card.social_security_number);
    assert_eq!(card.card_number.as_deref(), Some("A00000001"));
    assert_eq!(card.generation.as_deref(), Some("2"));
    assert_eq!((card.valid_from.as_deref(), card.valid_until.as_deref()), (Some("2020-01-01"), Some("2030-01-01")));
    assert!(card.warnings.is_empty(), "{:?}", card.warnings);
    assert_eq!(reading.chip.unwrap().len(), 16);
}

#[test]
fn trap_20_a_first_generation_card_lacks_the_name_extension() {
    let mut steps = [vec![select()], issuer("1.00"), holder()].concat();
    steps.retain(|(command, _)| command[1] != 0xB2 || command[2] != 0x4E);
    let card = reading(steps).unwrap().record;
    assert_eq!((card.name.as_str(), card.generation.as_deref()), ("测试村民", Some("1")));
    assert!(card.warnings.is_empty());
}

#[test]
fn trap_20_a_card_that_cannot_be_asked_by_tag_is_read_by_number() {
    let steps = vec![
        select(),
        step("00A4020002EF05", "9000"),
        step("00B2010400", "0304 322E3030 9000"),
        step("00B2020400", "6A83"),
        step("00A4020002EF06", "9000"),
        step("00B2010400", NUMBER_RECORD),
        step("00B2020400", NAME_RECORD),
        step("00B2030400", "0A01 32 9000"),
        step("00B2040400", "6A83"),
    ];
    let card = reading(steps).unwrap().record;
    assert_eq!((card.name.as_str(), card.sex), ("测试村民", Some(2)));
}

#[test]
fn trap_20_a_character_may_straddle_both_parts_of_a_name() {
    // 15 × 2 bytes less one: the last character of the first part ends in the second.
    let mut steps = [vec![select()], issuer("2.00"), holder()].concat();
    let name = [vec![b'A'], hex("B2E2").repeat(15)].concat();
    for (command, answer) in &mut steps {
        match command[2] {
            0x09 => *answer = Ok([&hex("091E")[..], &name[..30], &hex("9000")].concat()),
            0x4E => *answer = Ok([&hex("4E14")[..], &name[30..], &[0; 19], &hex("9000")].concat()),
            _ => {}
        }
    }
    let card = reading(steps).unwrap().record;
    assert_eq!(card.name, format!("A{}", "测".repeat(15)));
    assert!(card.warnings.is_empty());
}

#[test]
fn trap_23_a_third_generation_card_shows_its_number_and_says_why_no_more() {
    let mut steps = [vec![select()], issuer("3.00"), holder()].concat();
    for (command, answer) in &mut steps {
        if command[1] == 0xB2 && !matches!(command[2], 0x01 | 0x03 | 0x07) {
            *answer = Ok(hex("6982"));
        }
    }
    let card = reading(steps).unwrap().record;
    assert_eq!((card.card_number.as_deref(), card.generation.as_deref()), (Some("A00000001"), Some("3")));
    assert!(card.name.is_empty() && card.number.is_none());
    assert_eq!(card.warnings, ["social_needs_psam"]);
}

#[test]
fn trap_22_a_card_without_the_application_is_left_alone() {
    for sw in ["6A82", "6A81", "6D00", "6E00", "6985"] {
        let mut card = Script(vec![(SELECT.to_vec(), Ok(hex(sw))), step("00A4020002EF05", "9000"), step("00B2070409", "9000")]);
        assert!(read(&mut card).ok().unwrap().is_none(), "{sw}");
        assert_eq!(card.0.len(), 2, "after a refused SELECT no file of the bank application is touched");
    }
    let mut invalidated = Script(vec![(SELECT.to_vec(), Ok(hex("6283")))]);
    assert!(read(&mut invalidated).ok().unwrap().is_some());
}

#[test]
fn trap_21_no_pin_and_no_key_is_ever_sent() {
    struct Witness(Script, Vec<u8>);
    impl Channel for Witness {
        fn transmit(&mut self, apdu: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
            self.1.push(apdu[1]);
            self.0.transmit(apdu)
        }
        fn control(&mut self, _: u32, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
            Err(Fault::Unsupported)
        }
    }
    for version in ["1.00", "2.00", "3.00"] {
        let mut card = Witness(Script([vec![select()], issuer(version), holder()].concat()), Vec::new());
        assert!(read(&mut card).is_ok());
        assert!(card.1.iter().all(|instruction| matches!(instruction, 0xA4 | 0xB2 | 0xC0)), "{:02X?}", card.1);
    }
}

#[test]
fn a_card_pulled_out_at_any_step_gives_nothing() {
    let whole = [vec![select()], issuer("2.00"), holder()].concat();
    for at in 0..whole.len() {
        let mut steps = whole.clone();
        steps[at].1 = Err(Fault::Removed);
        let outcome = read(&mut Script(steps));
        assert!(matches!(outcome, Err(Failure::Fault(Fault::Removed))), "step {at}");
    }
}

#[test]
fn dates_of_noughts_or_filling_are_absent_and_an_odd_number_only_warns() {
    let mut steps = [vec![select()], issuer("2.00"), holder()].concat();
    for (command, answer) in &mut steps {
        match (command[1], command[2]) {
            (0xB2, 0x06) => *answer = Ok(hex("0604 FFFFFFFF 9000")),
            (0xB2, 0x05) => *answer = Ok(hex("0504 00000000 9000")),
            (0xB2, 0x08) => *answer = Ok([&hex("0812")[..], b"HKG00000000000001\0", &hex("9000")].concat()),
            _ => {}
        }
    }
    let card = reading(steps).unwrap().record;
    assert_eq!((card.valid_from.as_deref(), card.valid_until.as_deref()), (None, None));
    assert_eq!((card.number.as_deref(), card.social_security_number.as_deref()), (None, Some("HKG00000000000001")));
    assert_eq!(card.warnings, ["number_length"]);
}
