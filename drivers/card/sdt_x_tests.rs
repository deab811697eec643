//! Printed frames, every way in which a line can break them, and what must come out.

use proptest::prelude::*;

use super::*;
use crate::apdu::scripted::hex;

fn replies(bytes: &[u8], chunk: usize) -> Vec<Result<(u8, usize), FrameError>> {
    let mut frames = Frames::default();
    let mut found = Vec::new();
    for part in bytes.chunks(chunk.max(1)) {
        frames.push(part);
        while let Some(reply) = frames.next_reply() {
            found.push(reply.map(|reply| (reply.status(), reply.data.len())));
        }
    }
    found
}

#[test]
fn trap_1_requests_are_the_printed_frames() {
    for (command, printed) in [
        (Command::Reset, "AAAAAA96690003 10FF EC"),
        (Command::Status, "AAAAAA96690003 11FF ED"),
        (Command::SamId, "AAAAAA96690003 12FF EE"),
        (Command::Find, "AAAAAA96690003 2001 22"),
        (Command::Select, "AAAAAA96690003 2002 21"),
        (Command::ReadBase, "AAAAAA96690003 3001 32"),
        (Command::ReadNewAddress, "AAAAAA96690003 3003 30"),
    ] {
        assert_eq!(command.frame(), hex(printed), "{command:?}");
    }
    assert_eq!(frame(&hex("61FF50")), hex("AAAAAA9669000461FF50CA"));
}

#[test]
fn printed_answers_are_read_in_pieces_of_any_size() {
    for (printed, status, len) in [
        ("AAAAAA96690004 000090 94", 0x90, 0),
        ("AAAAAA96690008 00009F 00000000 97", 0x9F, 4),
        ("AAAAAA96690004 000080 84", 0x80, 0),
        ("AAAAAA9669000C 000090 0000000000000000 9C", 0x90, 8),
        ("AAAAAA96690004 000081 85", 0x81, 0),
        ("AAAAAA96690004 000041 45", 0x41, 0),
        ("AAAAAA96690004 000091 95", 0x91, 0),
    ] {
        for chunk in [1, 2, 3, 7, 64] {
            assert_eq!(replies(&hex(printed), chunk), [Ok((status, len))], "{printed} by {chunk}");
        }
    }
}

#[test]
fn trap_4_stray_bytes_before_an_answer_are_stepped_over() {
    let good = hex("AAAAAA9669000C 000090 0000000000000000 9C");
    for stray in ["AA00", "00", "AAAAAAAA", "FFFFFF", "AA9669", "AAAA9669", "0D0A"] {
        let bytes = [hex(stray), good.clone()].concat();
        assert_eq!(replies(&bytes, 1).last(), Some(&Ok((0x90, 8))), "{stray}");
    }
    // A preamble that lost a byte is taken only with a checksum that holds.
    assert_eq!(replies(&hex("AAAA9669 0004 000080 84"), 1), [Ok((0x80, 0))]);
    assert_eq!(replies(&hex("AAAA9669 0004 000080 85"), 1), []);
}

#[test]
fn trap_3_a_pseudo_frame_whose_checksum_holds_is_not_an_answer() {
    // AA AA AA 96 69 00 05 05 05 05: the XOR is nought, two bytes are missing.
    let mut frames = Frames::default();
    frames.push(&hex("AAAAAA9669 0005 050505"));
    assert!(frames.next_reply().is_none());
    assert!(frames.partial());
    frames.skip_false_start();
    assert!(frames.next_reply().is_none() && !frames.partial());
}

#[test]
fn a_wrong_checksum_or_length_is_an_error_and_the_next_answer_is_found() {
    let good = hex("AAAAAA96690004 000080 84");
    let bad = hex("AAAAAA96690004 000080 85");
    assert_eq!(replies(&[bad, good.clone()].concat(), 5), [Err(FrameError::Checksum(4)), Ok((0x80, 0))]);
    let short = hex("AAAAAA96690003 0000 03");
    assert_eq!(replies(&[short, good.clone()].concat(), 5), [Err(FrameError::Length(3)), Ok((0x80, 0))]);
    let long = hex("AAAAAA9669FFFF");
    assert_eq!(replies(&[long, good].concat(), 5), [Err(FrameError::Length(0xFFFF)), Ok((0x80, 0))]);
}

#[test]
fn a_lie_about_the_length_costs_one_silence_and_no_answer() {
    let mut frames = Frames::default();
    frames.push(&[hex("AAAAAA96690508"), hex("AAAAAA96690004 000080 84")].concat());
    assert!(frames.next_reply().is_none());
    assert!(frames.skip_false_start());
    assert_eq!(frames.next_reply().unwrap().ok().map(|reply| reply.status()), Some(0x80));
}

#[test]
fn a_late_answer_to_find_is_not_the_answer_to_select_or_read() {
    let reply = |sw3: u8, len: usize| Reply { sw: [0, 0, sw3], data: Zeroizing::new(vec![0; len]) };
    for late in [reply(0x80, 0), reply(0x9F, 4)] {
        assert!(Command::Find.fits(&late));
        for other in [Command::Select, Command::ReadBase, Command::ReadNewAddress, Command::Status] {
            assert!(!other.fits(&late), "{other:?}");
        }
    }
    assert!(!Command::ReadBase.fits(&reply(0x81, 0)) && Command::Select.fits(&reply(0x81, 0)));
    for command in Command::ALL {
        assert!(command.fits(&reply(0x66, 0)), "{command:?}");
    }
    let strange = Reply { sw: [1, 0, 0x90], data: Zeroizing::new(Vec::new()) };
    assert!(Command::Find.fits(&strange), "an unknown SW1 is an error to report, not a late answer");
    assert_eq!(trouble(&strange).code, "reader_garbled");
}

#[test]
fn trap_2_text_stands_at_another_place_when_fingerprints_follow() {
    let block = |head: &str, prints: usize| {
        let mut data = hex(head);
        data.extend(std::iter::repeat_n(0x41, 256));
        data.extend(std::iter::repeat_n(0x42, 1024));
        data.extend(std::iter::repeat_n(0x43, prints));
        data
    };
    for (head, prints) in [("01000400", 0), ("010004000400", 1024), ("010004000200", 512), ("010004000000", 0)] {
        let data = block(head, prints);
        let parts = base(&data).unwrap();
        assert!(parts.text.iter().all(|b| *b == 0x41) && parts.text.len() == 256, "{head}");
        assert!(parts.photo.iter().all(|b| *b == 0x42) && parts.photo.len() == 1024, "{head}");
    }
    for (head, prints) in [("01000300", 0), ("00FF0400", 0), ("01000400", 1), ("010004000300", 768)] {
        assert!(base(&block(head, prints)).is_err(), "{head}");
    }
    assert!(base(&[]).is_err());
}

#[test]
fn trap_7_every_status_of_the_wire_has_its_class() {
    let code = |sw3: u8| trouble(&Reply { sw: [0, 0, sw3], data: Zeroizing::new(Vec::new()) }).code;
    for (sw3, expected) in [
        (0x10, "reader_garbled"),
        (0x21, "reader_refuses_command"),
        (0x31, "card_authentication"),
        (0x33, "card_verification"),
        (0x40, "card_type_refused"),
        (0x41, "card_moved"),
        (0x60, "reader_self_test"),
        (0x66, "reader_unauthorised"),
        (0x81, "card_moved"),
        // 01–09 are numbers of vendors' libraries and never on the wire.
        (0x01, "reader_failed"),
        (0x05, "reader_failed"),
    ] {
        assert_eq!(code(sw3), expected, "{sw3:02X}");
    }
}

#[test]
fn the_sam_number_is_little_endian() {
    let data = hex("0500 0300 92B73201 01000000 D2029649");
    assert_eq!(sam_id(&data).as_deref(), Some("05.03-20101010-0000000001-1234567890"));
    assert_eq!(sam_id(&data[1..]), None);
}

#[test]
fn the_last_added_address_counts() {
    let entry = |text: &str| {
        let mut bytes = vec![0; ADDRESS_LEN];
        crate::text_block::put(&mut bytes, 0, ADDRESS_LEN, text);
        bytes
    };
    let data = [entry("某镇某村1号"), entry("某镇某村2号"), entry(""), entry("")].concat();
    assert_eq!(new_address(&data).as_deref(), Some("某镇某村2号"));
    assert_eq!(new_address(&entry("某镇某村1号")).as_deref(), Some("某镇某村1号"));
    assert_eq!(new_address(&entry("")), None);
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_end(bytes in proptest::collection::vec(prop_oneof![Just(0xAA), Just(0x96), Just(0x69), any::<u8>()], 0..700), chunk in 1usize..70) {
        let _ = replies(&bytes, chunk);
    }

    #[test]
    fn an_answer_behind_noise_is_found(noise in proptest::collection::vec(any::<u8>().prop_filter("no head", |b| *b != 0xAA), 0..40), data in proptest::collection::vec(any::<u8>(), 0..300), chunk in 1usize..70) {
        let answer = frame(&[&[0, 0, 0x90][..], &data].concat());
        let found = replies(&[noise, answer].concat(), chunk);
        prop_assert_eq!(found.last(), Some(&Ok((0x90, data.len()))));
    }
}
