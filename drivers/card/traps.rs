//! The traps of the field, and the tests that stand before each. A test checks that every name
//! here exists, and that every test whose name begins with `trap_` stands here.
//!
//! | trap | what a naive program does | tests |
//! |---|---|---|
//! | 1 | takes Len for little-endian, or forgets that it counts CHK | `trap_1_requests_are_the_printed_frames` |
//! | 2 | looks for the text at 14 although fingerprints moved it to 16 | `trap_2_text_stands_at_another_place_when_fingerprints_follow` |
//! | 3 | waits for ever for a frame whose checksum holds and whose length lies | `trap_3_a_pseudo_frame_whose_checksum_holds_is_not_an_answer` `trap_3_a_short_pseudo_frame_ends_in_a_timeout_and_the_line_is_clean_again` |
//! | 4 | reads exactly so many bytes from a line that is out of step | `trap_4_noise_before_an_answer_costs_nothing` `trap_4_stray_bytes_before_an_answer_are_stepped_over` |
//! | 5 | takes "not found" for "gone" | `trap_5_a_card_left_lying_is_read_once_and_its_removal_is_seen` `trap_5_a_quick_exchange_between_two_looks_is_two_cards` `trap_5_cards_exchanged_between_two_questions_are_two_people` `trap_5_no_card_and_the_same_card_are_told_apart` |
//! | 6 | puts one person's photo to another's text | `trap_6_a_card_lifted_at_any_exchange_gives_nothing` `trap_6_a_card_lifted_at_any_step_leaves_nothing` `trap_6_a_card_lifted_off_a_module_behind_control_commands_leaves_nothing` `trap_6_a_card_pulled_out_at_any_block_leaves_nothing` `trap_6_a_card_pulled_out_or_exchanged_at_any_exchange_leaves_nothing` |
//! | 7 | mistakes a library's result for a status of the wire | `trap_7_every_status_of_the_wire_has_its_class` |
//! | 8 | takes 0400:C35A for one make | `trap_8_the_descriptors_choose_the_scheme_and_not_the_numbers` |
//! | 9 | looks for identity readers in PC/SC alone | `trap_9_a_reader_that_is_no_pcsc_reader_is_found_by_its_own_cable` |
//! | 10 | promises to read an identity card on a plain reader | `trap_10_fourth_a_plain_reader_sees_the_card_and_cannot_read_it` `trap_10_identity_cards_on_plain_readers_are_known_by_their_atr_family` |
//! | 11 | reads an unknown type as a citizen's card | `trap_11_a_module_behind_control_commands_shows_an_unknown_type_to_the_eye_only` `trap_11_an_unknown_type_flag_fills_in_nothing` `trap_11_an_unknown_type_gives_its_text_to_the_eye_only` `trap_11_an_unknown_type_has_the_keys_and_nothing_in_them` `trap_11_an_unknown_type_is_for_the_eye_until_it_leaves` `trap_11_the_flag_decides_and_a_number_can_only_warn` `trap_11_the_text_of_an_unknown_type_is_there_for_the_eye_until_the_card_goes` |
//! | 12 | gives J a nation, I an issuer, Y half a name | `trap_12_a_long_english_name_is_joined_across_its_two_parts` `trap_12_a_residence_permit_has_no_nation_and_keeps_its_travel_permit` `trap_12_the_2017_card_has_its_sex_elsewhere_and_no_issuer` |
//! | 13 | makes everybody who is not 1 a woman, and every unknown nation Han | `trap_13_a_strange_sex_or_nation_is_neither_female_nor_han` |
//! | 14 | panics on 长期, or flags every card when the clock's battery is dead | `trap_14_a_computer_with_a_dead_clock_flags_no_card` `trap_14_blank_and_impossible_dates_warn_and_never_panic` |
//! | 15 | cuts a name at its first blank | `trap_15_blanks_inside_names_and_addresses_stay` |
//! | 16 | forgets that long names are cut, and stores the folded separator | `trap_16_a_name_of_fifteen_units_may_be_cut` `trap_16_separators_fold_for_comparison_only` |
//! | 17 | maps private-use characters by a table | `trap_17_private_use_units_and_halves_are_kept_and_flagged` |
//! | 18 | refuses 81, 82, 83, 9 and a small x | `trap_18_legal_prefixes_and_a_small_x_raise_no_warning` |
//! | 19 | knows a foreigner by one of two numbers | `trap_19_the_2023_card_gives_both_numbers` |
//! | 20 | reads social-security records by number | `trap_20_a_card_that_cannot_be_asked_by_tag_is_read_by_number` `trap_20_a_character_may_straddle_both_parts_of_a_name` `trap_20_a_first_generation_card_lacks_the_name_extension` `trap_20_a_record_is_taken_by_its_head` `trap_20_a_t0_card_is_followed_to_its_end` `trap_20_packed_digits_are_not_decimal_numbers` |
//! | 21 | tries a default PIN | `trap_21_no_pin_and_no_key_is_ever_sent` |
//! | 22 | reads the bank's file because SELECT was not checked | `trap_22_a_card_without_the_application_is_left_alone` |
//! | 23 | shows an empty person for a card that withholds its holder | `trap_23_a_third_generation_card_shows_its_number_and_says_why_no_more` |
//! | 24 | keeps an old context, loops after unplugging, panics on a number | `trap_24_a_number_unknown_to_the_crate_is_an_error_and_no_crash` `trap_24_a_reader_that_is_unplugged_is_gone_once_and_costs_no_loop` `trap_24_a_service_that_restarts_gets_a_new_context_and_the_card_a_new_reading` |
//! | 25 | branches on a number that has two names | `trap_25_the_number_with_two_names_is_never_taken_for_one_of_them` |
//! | 26 | says "no reader" when the system refuses | `trap_26_a_refusal_by_the_system_is_told_and_recovers_by_itself` `trap_26_every_reader_that_is_opened_raw_has_its_udev_rule` |
//! | 27 | tells of one card twice | `trap_27_one_card_with_two_faces_is_told_once` |
//! | 28 | lets a photo library write, crash or hang at will | `trap_28_a_photo_that_cannot_be_had_does_not_fail_the_reading` `trap_28_decoders_of_every_temper_leave_no_file_and_never_hang` `trap_28_the_program_itself_becomes_the_decoders_child` |
//! | 29 | logs whole frames | `trap_29_the_most_talkative_log_holds_nothing_of_the_person` |
//! | 30 | asks for fingerprints | `trap_30_fingerprints_are_never_asked_for` |
//! | 31 | lets the reader fall asleep, or gives up after a reset | `trap_31_a_card_reset_by_somebody_else_is_read_once_more_from_the_start` `trap_31_readers_are_kept_awake` |
//! | 32 | lets ModemManager talk to the module | `trap_32_a_request_spoilt_by_somebody_elses_bytes_is_sent_again` `trap_32_modem_manager_is_told_to_leave_the_bridges_alone` |

use std::collections::BTreeSet;
use std::path::Path;

const TRAPS: usize = 32;

/// Names of the test functions in a folder that begin with `trap_`.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("fn ")?.split_once('('));
            found.extend(names.map(|(name, _)| name.to_owned()).filter(|name| name.starts_with("trap_")));
        }
    }
}

#[test]
fn every_trap_has_a_test_of_its_name_and_every_such_test_stands_in_the_table() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for folder in ["", "../../src/terminal", "../../tests/cable"] {
        tests_below(&here.join(folder), &mut found);
    }
    let mut named = BTreeSet::new();
    let rows = include_str!("traps.rs").lines().filter_map(|line| line.strip_prefix("//! | "));
    for row in rows {
        let mut cells = row.split(" | ");
        let Some(number) = cells.next().and_then(|number| number.parse::<usize>().ok()) else { continue };
        let names: Vec<&str> = cells.nth(1).unwrap().split('`').filter(|name| name.starts_with("trap_")).collect();
        assert!(names.iter().all(|name| name.starts_with(&format!("trap_{number}_"))), "{row}");
        assert!(!names.is_empty(), "trap {number} has no test");
        named.extend(names.into_iter().map(str::to_owned));
    }
    let numbers: BTreeSet<&str> = named.iter().filter_map(|name| name.split('_').nth(1)).collect();
    assert_eq!(numbers.len(), TRAPS);
    assert_eq!(named, found);
}

const UDEV: &str = include_str!("../../assets/deploy/udev/60-village-terminal.rules");

fn usb_rules() -> Vec<&'static str> {
    UDEV.lines().filter(|line| line.starts_with("SUBSYSTEM==\"usb\"")).collect()
}

#[test]
fn trap_26_every_reader_that_is_opened_raw_has_its_udev_rule() {
    for (vendor, product) in crate::usb::KNOWN {
        let ids = format!("ATTR{{idVendor}}==\"{vendor:04x}\", ATTR{{idProduct}}==\"{product:04x}\"");
        assert!(usb_rules().iter().any(|rule| rule.contains(&ids) && rule.contains("MODE=\"0660\"")), "{ids}");
    }
    let polkit = include_str!("../../assets/deploy/polkit/60-village-terminal.rules");
    for action in ["org.debian.pcsc-lite.access_pcsc", "org.debian.pcsc-lite.access_card"] {
        assert!(polkit.contains(action));
    }
}

#[test]
fn trap_31_readers_are_kept_awake() {
    for (vendor, _) in crate::usb::KNOWN {
        let vendor = format!("\"{vendor:04x}\"");
        assert!(usb_rules().iter().any(|rule| rule.contains(&vendor) && rule.contains("ATTR{power/control}=\"on\"")));
    }
}

#[test]
fn trap_32_modem_manager_is_told_to_leave_the_bridges_alone() {
    for vendor in ["1a86", "10c4", "067b", "0403"] {
        assert!(
            usb_rules().iter().any(|rule| rule.contains(vendor) && rule.contains("ENV{ID_MM_DEVICE_IGNORE}=\"1\"")),
            "{vendor}"
        );
    }
}
