//! The order of recognition, each step by name.

use super::*;
use crate::apdu::scripted::{Script, Step, hex};
use crate::text_block::put;
use devices::CardType;

const ATR_9000: &str = "3B 8B 80 01 00 64 04 11 01 01 31 80 00 90 00 5A";
const ATR_PLAIN: &str = "3B 88 80 01 D1 03 86 05 00 80 80 00 58";
const ATR_OTHER: &str = "3B 00";

fn text(flag: &str) -> Vec<u8> {
    let mut block = vec![0; 256];
    put(&mut block, 0, 256, "");
    put(&mut block, 0, 30, "李样本");
    put(&mut block, 248, 2, flag);
    block
}

fn ff_b0(flag: &str) -> Vec<Step> {
    let ok = [0x90, 0x00];
    let answer = |skip: usize, data: Vec<u8>| Ok([&vec![0; skip][..], &data, &ok].concat());
    vec![
        (hex("FFB0000000"), answer(4, text(flag))),
        (hex("FFB0010000"), answer(4, vec![0x57; 252])),
        (hex("FFB0020000"), answer(0, vec![0x57; 256])),
        (hex("FFB0030000"), answer(0, vec![0x57; 256])),
        (hex("FFB0040000"), answer(0, vec![0x57; 256])),
        (hex("FFB0050000"), answer(0, vec![0x57; 4])),
    ]
}

fn social() -> Vec<Step> {
    vec![(hex("00A404000F 7378312E73682E C9E7BBE1B1A3D5CF"), Ok(hex("9000")))]
}

fn go(steps: Vec<Step>, reader: &str, atr: &str) -> Result<CardRecord, &'static str> {
    let profiles = Profiles::load(None).unwrap();
    match read(&mut Script(steps), reader, &hex(atr), &profiles) {
        Ok(reading) => Ok(reading.record),
        Err(failure) => Err(failure.trouble().code),
    }
}

#[test]
fn first_a_profile_whose_reader_name_matches() {
    let record = go(ff_b0(""), "Sinosecure ID 00 00", ATR_OTHER).unwrap();
    assert_eq!((record.card, record.photo.as_ref().map(Vec::len)), (CardType::ResidentId, Some(1024)));
}

#[test]
fn second_an_atr_with_9000_at_character_26() {
    let record = go(ff_b0("J"), "Unheard-of Reader 00 00", ATR_9000).unwrap();
    assert_eq!(record.card, CardType::HkmtResidence);
}

#[test]
fn third_the_application_of_the_social_security_card() {
    assert_eq!(go(social(), "Reader", ATR_OTHER).unwrap().card, CardType::SocialSecurity);
    // Also where a contact card's ATR happens to look like the second case.
    assert_eq!(go(social(), "Reader", ATR_9000).unwrap().card, CardType::SocialSecurity);
    assert_eq!(go(social(), "Sinosecure 00 00", ATR_OTHER).unwrap().card, CardType::SocialSecurity);
}

#[test]
fn trap_10_fourth_a_plain_reader_sees_the_card_and_cannot_read_it() {
    assert_eq!(go(Vec::new(), "Plain reader 00 00", ATR_PLAIN).err(), Some("card_not_readable_here"));
    let silent = vec![(social()[0].0.clone(), Err(Fault::Lost))];
    assert_eq!(go(silent, "Plain reader 00 00", ATR_PLAIN).err(), Some("card_not_readable_here"));
    let pulled = vec![(social()[0].0.clone(), Err(Fault::Removed))];
    assert_eq!(go(pulled, "Plain reader 00 00", ATR_PLAIN).err(), Some("card_removed_while_reading"));
}

#[test]
fn any_other_card_is_named_as_foreign() {
    assert_eq!(go(Vec::new(), "Reader", ATR_OTHER).err(), Some("card_unknown"));
}

#[test]
fn trap_11_an_unknown_type_gives_its_text_to_the_eye_only() {
    let profiles = Profiles::load(None).unwrap();
    match read(&mut Script(ff_b0("Z")), "Sinosecure", &[], &profiles) {
        Err(Failure::UnknownType(text)) => assert!(text.starts_with("李样本")),
        _ => panic!("no record may come of it"),
    }
}

#[test]
fn trap_28_a_photo_that_cannot_be_had_does_not_fail_the_reading() {
    let mut steps = ff_b0("");
    steps[3].1 = Ok(hex("6A81"));
    let record = go(steps, "Reader", ATR_9000).unwrap();
    assert_eq!((record.name.as_str(), record.photo.is_none()), ("李样本", true));
    assert!(record.warnings.contains(&"photo_not_read"));
}

#[test]
fn trap_6_a_card_pulled_out_at_any_block_leaves_nothing() {
    for at in 0..6 {
        let mut steps = ff_b0("");
        steps[at].1 = Err(Fault::Removed);
        assert_eq!(go(steps, "Reader", ATR_9000).err(), Some("card_removed_while_reading"), "block {at}");
    }
}

#[test]
fn half_a_text_block_is_no_record() {
    let mut steps = ff_b0("");
    let Ok(text) = &mut steps[0].1 else { panic!() };
    text.drain(10..20);
    assert_eq!(go(steps, "Reader", ATR_9000).err(), Some("card_garbled"));
}

#[test]
fn sdt_frames_travel_inside_apdus_by_a_profile_alone() {
    use crate::sdt::frame;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        "fallback = 'm'\nseen_only = []\n[[profile]]\nid = 'm'\nreaders = ['Made-up*']\nsdt_apdu = { wrap = 'FF FE 00 00 {len} {frame}' }\n",
    )
    .unwrap();
    let profiles = Profiles::load(Some(file.path())).unwrap();
    let wrapped = |command: Command| [&hex("FFFE0000 0A")[..], &command.frame()].concat();
    let answer = |status: &[u8], data: &[u8]| Ok([&frame(&[status, data].concat())[..], &[0x90, 0x00]].concat());
    let base = [&[1, 0, 4, 0][..], &text(""), &[0x57; 1024]].concat();
    let steps = vec![
        (wrapped(Command::Find), answer(&[0, 0, 0x9F], &[0; 4])),
        (wrapped(Command::Select), answer(&[0, 0, 0x90], &[0; 8])),
        (wrapped(Command::ReadBase), answer(&[0, 0, 0x90], &base)),
        (wrapped(Command::ReadNewAddress), answer(&[0, 0, 0x91], &[])),
    ];
    let reading = read(&mut Script(steps), "Made-up 00 00", &[], &profiles).ok().unwrap();
    assert_eq!((reading.record.name.as_str(), reading.record.photo.as_ref().map(Vec::len)), ("李样本", Some(1024)));
}
