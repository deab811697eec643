//! Published specimens and what can be wrong with them.

use proptest::prelude::*;

use super::*;

// facts/cards.md §7.2: synthetic (citizen, J) and official specimens (I, Y).
const CITIZEN: &str = "4B6DD58B5167116C200020002000200020002000200020002000200020003200\
3000310031003900340039003100320033003100D0670177D067025ED067BF53\
D0674795D06751673100C47E3200F75320002000200020002000200020002000\
2000200020002000200020002000200020002000200020002000310031003000\
310030003500310039003400390031003200330031003000300032005800D067\
BF536C51895B405C200020002000200020002000200020002000200032003000\
3200300030003100300031007F951F6720002000200020002000200020002000\
2000200020002000200020002000200020002000200020002000200020002000";
const J: &str = "C18BF64E37682C67200020002000200020002000200020002000200020003100\
2000200031003900300030003000310030003100D0670177D067025ED0673A53\
D06757883100F753200020002000200020002000200020002000200020002000\
2000200020002000200020002000200020002000200020002000380033003000\
300030003000310039003000300030003100300031003000300031003100D067\
025E6C51895B405C200020002000200020002000200020002000200032003000\
3200300030003100300031003200300032003500300031003000310031003200\
3300340035003600370038003900300031002000200020004A00200020002000";
const I: &str = "5A00480045004E0047004A00490041004E002C002000590041004E0047004200\
45004E0020002000200020002000200020002000200020002000200020002000\
2000200020002000200020002000200020002000200020002000200020002000\
2000200020002000200020002000200020002000200020003200430041004E00\
310031003000300038003100300038003000330031003000430041004E00C18B\
F64E37682C672000200020002000200020002000200020002000200032003000\
3100350031003000320035003200300032003500310030003200340031003900\
3800310030003800300033003000310031003500300030004900200020002000";
const Y: &str = "C18BF64E37682C67200020002000200020002000200020002000200020003100\
30003000310039003800300030003100300031005A00480045004E0047004A00\
490041004E002C002000590041004E004700420045004E002000200020002000\
2000200020002000200020002000200020002000200020002000390033003100\
3500380036003100390038003000300031003000310030003000320038002000\
2000200020002000200020002000200020002000200020002000200032003000\
3200330030003800300038003200300033003300300038003000370020002000\
200020002000200020002000200020002000500041004B005900300030003000";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn record(block: &[u8]) -> Box<CardRecord> {
    match parse(block) {
        Ok(Block::Record(record)) => record,
        _ => panic!("no record"),
    }
}

fn changed(hex: &str, at: usize, len: usize, text: &str) -> Box<CardRecord> {
    let mut block = bytes(hex);
    put(&mut block, at, len, text);
    record(&block)
}

#[test]
fn a_citizen_card_gives_every_field() {
    let card = record(&bytes(CITIZEN));
    assert_eq!(card.card, CardType::ResidentId);
    assert_eq!(card.name, "测试村民");
    assert_eq!(card.sex, Some(2));
    assert_eq!(card.nation, Some(("01".into(), "汉".into())));
    assert_eq!(card.birth.as_deref(), Some("1949-12-31"));
    assert_eq!(card.address.as_deref(), Some("某省某市某县某镇某村1组2号"));
    assert_eq!(card.number.as_deref(), Some("11010519491231002X"));
    assert_eq!(card.issuer.as_deref(), Some("某县公安局"));
    assert_eq!(card.valid_from.as_deref(), Some("2020-01-01"));
    assert_eq!(card.valid_until.as_deref(), Some("long_term"));
    assert!(card.warnings.is_empty(), "{:?}", card.warnings);
}

#[test]
fn trap_12_a_residence_permit_has_no_nation_and_keeps_its_travel_permit() {
    let card = record(&bytes(J));
    assert_eq!(card.card, CardType::HkmtResidence);
    assert_eq!(card.nation, None);
    assert_eq!(card.card_number.as_deref(), Some("123456789"));
    assert_eq!(card.valid_until.as_deref(), Some("2025-01-01"));
    assert!(!card.warnings.contains(&"nation_blank") && !card.warnings.contains(&"number_region"));
}

#[test]
fn trap_12_the_2017_card_has_its_sex_elsewhere_and_no_issuer() {
    let card = record(&bytes(I));
    assert_eq!(card.card, CardType::ForeignPermanent2017);
    assert_eq!((card.name.as_str(), card.name_latin.as_deref()), ("证件样本", Some("ZHENGJIAN, YANGBEN")));
    assert_eq!((card.sex, card.issuer.as_deref()), (Some(2), None));
    assert_eq!(card.number.as_deref(), Some("CAN110081080310"));
    assert_eq!(card.nationality.as_deref(), Some("CAN"));
    assert_eq!(card.birth.as_deref(), Some("1981-08-03"));
    assert_eq!(card.valid_until.as_deref(), Some("2025-10-24"));
    assert!(card.warnings.is_empty(), "{:?}", card.warnings);
}

#[test]
fn trap_19_the_2023_card_gives_both_numbers() {
    let card = record(&bytes(Y));
    assert_eq!(card.card, CardType::ForeignPermanent2023);
    assert_eq!(card.name_latin.as_deref(), Some("ZHENGJIAN, YANGBEN"));
    assert_eq!(card.number.as_deref(), Some("931586198001010028"));
    assert_eq!(card.old_number.as_deref(), Some("PAK310080010103"));
    assert_eq!(card.nationality.as_deref(), Some("PAK"));
    // The specimen's sex is not published; 男 was assumed, and digit 17 disagrees: a warning, no correction.
    assert_eq!((card.sex, card.warnings.as_slice()), (Some(1), ["number_sex"].as_slice()));
}

#[test]
fn trap_12_a_long_english_name_is_joined_across_its_two_parts() {
    let mut block = bytes(Y);
    put(&mut block, 52, 70, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH ");
    put(&mut block, 220, 22, "TAIL NAME");
    assert_eq!(record(&block).name_latin.as_deref(), Some("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH TAIL NAME"));
}

#[test]
fn trap_11_an_unknown_type_flag_fills_in_nothing() {
    for flag in ["Z", "j", "1", "\u{E863}"] {
        let mut block = bytes(CITIZEN);
        put(&mut block, 248, 2, flag);
        match parse(&block) {
            Ok(Block::Unknown { text, .. }) => assert!(text.starts_with("测试村民")),
            _ => panic!("flag {flag} must not fall to a layout"),
        }
    }
}

#[test]
fn trap_11_the_flag_decides_and_a_number_can_only_warn() {
    let mut block = bytes(CITIZEN);
    put(&mut block, 248, 2, "J");
    let card = record(&block);
    assert_eq!(card.card, CardType::HkmtResidence);
    assert!(card.warnings.contains(&"number_region"));
    let card = changed(CITIZEN, 122, 36, "830000198107050010");
    assert_eq!(card.card, CardType::ResidentId);
}

#[test]
fn noughts_are_blanks() {
    let mut block = bytes(CITIZEN);
    for pair in block.chunks_exact_mut(2) {
        if pair == [0x20, 0x00] {
            pair.copy_from_slice(&[0, 0]);
        }
    }
    assert!(*record(&block) == *record(&bytes(CITIZEN)));
}

#[test]
fn trap_13_a_strange_sex_or_nation_is_neither_female_nor_han() {
    for (code, sex) in [("0", Some(0)), ("1", Some(1)), ("9", Some(9)), ("3", None), ("女", None), ("", None)] {
        assert_eq!(changed(CITIZEN, 30, 2, code).sex, sex, "{code}");
    }
    let card = changed(CITIZEN, 32, 4, "99");
    assert_eq!(card.nation, Some(("99".into(), String::new())));
    assert!(card.warnings.contains(&"nation_code"));
    let card = changed(CITIZEN, 32, 4, "");
    assert!(card.nation.is_none() && card.warnings.contains(&"nation_blank"));
}

#[test]
fn trap_14_blank_and_impossible_dates_warn_and_never_panic() {
    let card = changed(CITIZEN, 204, 16, "");
    assert!(card.valid_until.is_none() && card.warnings.contains(&"valid_until_blank"));
    let card = changed(CITIZEN, 204, 16, "20301332");
    assert!(card.valid_until.is_none() && card.warnings.contains(&"valid_until_date"));
    let card = changed(CITIZEN, 36, 16, "19491131");
    assert!(card.birth.is_none() && card.warnings.contains(&"birth_date"));
}

#[test]
fn trap_14_a_computer_with_a_dead_clock_flags_no_card() {
    let card = record(&bytes(J));
    assert!(warnings_on(&card, Date::new(2000, 1, 1).unwrap()).is_empty());
    assert_eq!(warnings_on(&card, Date::new(2026, 1, 1).unwrap()), ["expired"]);
    assert!(warnings_on(&record(&bytes(CITIZEN)), Date::new(2090, 1, 1).unwrap()).is_empty());
}

#[test]
fn trap_15_blanks_inside_names_and_addresses_stay() {
    assert_eq!(changed(CITIZEN, 52, 70, "样本县 样本镇 3号").address.as_deref(), Some("样本县 样本镇 3号"));
}

#[test]
fn trap_16_a_name_of_fifteen_units_may_be_cut() {
    let card = changed(CITIZEN, 0, 30, "阿卜杜热合曼·样本样本样本样本");
    assert_eq!(card.name, "阿卜杜热合曼·样本样本样本样本");
    assert!(card.warnings.contains(&"name_possibly_cut"));
}

#[test]
fn trap_17_private_use_units_and_halves_are_kept_and_flagged() {
    let card = changed(CITIZEN, 0, 30, "王\u{E863}");
    assert_eq!(card.name, "王\u{E863}");
    assert!(card.warnings.contains(&"name_private_use"));
    let mut block = bytes(CITIZEN);
    block[2..4].copy_from_slice(&[0x40, 0xD8]);
    let card = record(&block);
    assert!(card.warnings.contains(&"name_lone_surrogate"));
    assert_eq!(crate::units::encode(&card.name)[1], 0xD840);
}

#[test]
fn trap_18_legal_prefixes_and_a_small_x_raise_no_warning() {
    let card = changed(CITIZEN, 122, 36, "11010519491231002x");
    assert_eq!(card.number.as_deref(), Some("11010519491231002X"));
    assert!(card.warnings.is_empty());
    assert!(!record(&bytes(Y)).warnings.contains(&"number_region"));
}

#[test]
fn a_blank_or_short_block_is_no_card() {
    for byte in [0x00, 0x20] {
        let mut block = [0u8; LEN];
        block.iter_mut().step_by(2).for_each(|low| *low = byte);
        assert!(matches!(parse(&block), Err(BlockError::Blank)));
    }
    for len in [0, 1, 255, 257, 512] {
        assert_eq!(parse(&vec![0x41; len]).err(), Some(BlockError::Length(len)));
    }
}

#[test]
fn a_foreigner_without_a_chinese_name_goes_by_the_other() {
    let mut block = bytes(I);
    put(&mut block, 158, 30, "");
    let card = record(&block);
    assert_eq!(card.name, "ZHENGJIAN, YANGBEN");
    assert!(!card.warnings.contains(&"name_blank"));
}

proptest! {
    #[test]
    fn any_bytes_give_a_record_or_an_error(block in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&block);
    }

    #[test]
    fn any_full_block_under_every_flag_parses(mut block in proptest::collection::vec(any::<u8>(), LEN), flag in "[JIY Z]") {
        block[FLAG..FLAG + 2].copy_from_slice(&[flag.as_bytes()[0], 0]);
        match parse(&block) {
            Ok(Block::Record(card)) => {
                prop_assert_ne!(&flag, "Z");
                if card.card == CardType::ResidentId { prop_assert_eq!(crate::units::encode(&card.name).len() <= 15, true); }
            }
            Ok(Block::Unknown { flag: found, .. }) => prop_assert_eq!(found, u16::from(b'Z')),
            Err(error) => prop_assert_eq!(error, BlockError::Blank),
        }
    }

    #[test]
    fn what_is_written_is_read(name in "[一-鿿]{1,14}", address in "[一-鿿0-9]{1,34}") {
        let mut block = bytes(CITIZEN);
        put(&mut block, 0, 30, &name);
        put(&mut block, 52, 70, &address);
        let card = record(&block);
        prop_assert_eq!(&card.name, &name);
        prop_assert_eq!(card.address.as_deref(), Some(address.as_str()));
    }
}
