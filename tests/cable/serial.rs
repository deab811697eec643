//! An SDT reader on a pseudo-terminal whose rate has to be found.

use crate::harness::{Case, Ended};
use crate::stand_in::StandIn;

pub const CASES: &[Case] = &[
    Case { name: "the_rate_of_a_serial_reader_is_found", run: rates },
    Case { name: "a_serial_card_is_read_once_and_its_removal_seen", run: || with_serial(once) },
    Case { name: "a_serial_line_with_faults_never_gives_half_a_record", run: || with_serial(faults) },
];

fn with_serial(case: fn(StandIn)) -> Ended {
    match StandIn::serial(115_200) {
        Ok(stand_in) => {
            case(stand_in);
            Ended::Passed
        }
        Err(why) => Ended::NotRun(why),
    }
}

fn rates() -> Ended {
    for rate in [115_200, 57_600, 38_400, 19_200, 9_600] {
        let stand_in = match StandIn::serial(rate) {
            Ok(stand_in) => stand_in,
            Err(why) => return Ended::NotRun(why),
        };
        let events = stand_in.watch();
        let arrived = events.until("reader_arrived");
        assert!(arrived.last().is_some_and(|word| word.ends_with(&rate.to_string())), "{arrived:?}");
        stand_in.insert("li-yangben", &[]);
        events.expect(&["card_present", "reading", "read 李样本"]);
    }
    Ended::Passed
}

fn once(stand_in: StandIn) {
    let events = stand_in.watch();
    events.until("reader_arrived");
    stand_in.insert("zhang-yangli", &[]);
    events.expect(&["card_present", "reading"]);
    let card = events.next();
    assert_eq!(card["card"]["new_address"], "某省某市样本县样本镇石榴村2组3号");
    events.quiet(std::time::Duration::from_secs(2));
    stand_in.remove();
    events.expect(&["card_removed"]);
    stand_in.insert("li-yangben", &[]);
    events.expect(&["card_present", "reading", "read 李样本"]);
}

fn faults(stand_in: StandIn) {
    let events = stand_in.watch();
    events.until("reader_arrived");
    for fault in ["remove-during-select", "remove-during-text", "remove-during-address"] {
        stand_in.insert("li-yangben", &[fault]);
        let words = events.until("card_removed");
        assert!(words.iter().all(|word| !word.starts_with("read ")), "{fault}: {words:?}");
    }
    for fault in ["stray-during-any", "slow-during-text:700"] {
        stand_in.insert("zhang-yangli", &[fault]);
        events.expect(&["card_present", "reading", "read 张样例"]);
        stand_in.remove();
        events.expect(&["card_removed"]);
    }
    stand_in.insert("zhang-yangli", &["wrong-checksum-during-text"]);
    let words = events.until("failed ");
    assert!(words.iter().all(|word| !word.starts_with("read ")), "{words:?}");
    stand_in.remove();
    events.expect(&["card_removed"]);
}
