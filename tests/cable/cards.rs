//! Cards in a real PC/SC service.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use devices::CardEvent;
use serde_json::Value;

use crate::harness::{Case, Ended};
use crate::stand_in::{PATIENCE, StandIn};

pub const CASES: &[Case] = &[
    Case { name: "a_persona_is_read_with_every_field", run: || with_reader(a_persona_is_read_with_every_field) },
    Case { name: "a_card_pulled_out_at_any_exchange_leaves_nothing", run: || with_reader(pulled_out) },
    Case { name: "a_restarted_pcscd_is_found_again", run: || with_reader(restart) },
    Case { name: "a_pcscd_that_ends_in_the_middle_of_a_reading_leaves_nothing", run: || with_reader(ends_mid_reading) },
    Case { name: "a_reader_that_vanishes_is_told_and_comes_back", run: || with_reader(vanishes) },
    Case { name: "every_kind_of_card_is_told_for_what_it_is", run: || with_reader(kinds) },
    Case { name: "a_card_that_hangs_is_left_by_taking_it_out", run: || with_reader(hangs) },
    Case { name: "another_programs_hold_is_waited_for", run: || with_reader(held) },
    Case { name: "two_readers_in_one_service_do_not_mix_cards", run: || with_reader(two_slots) },
    Case { name: "a_waiting_driver_does_not_wake_up", run: || with_reader(no_wake_ups) },
    Case { name: "a_driver_that_waits_for_hours_can_be_called_off", run: || with_reader(called_off) },
    Case { name: "two_stand_ins_side_by_side_do_not_disturb_each_other", run: || with_reader(side_by_side) },
    Case { name: "a_killed_stand_in_leaves_no_process_and_no_port", run: || with_reader(killed) },
];

/// Runs a case against a private pcscd, or says why there can be none.
pub fn with_reader(case: fn(StandIn)) -> Ended {
    match StandIn::reader() {
        Ok(stand_in) => {
            case(stand_in);
            Ended::Passed
        }
        Err(why) => Ended::NotRun(why),
    }
}

fn a_persona_is_read_with_every_field(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    stand_in.insert("li-yangben", &[]);
    events.expect(&["card_present", "reading"]);
    let card = events.next()["card"].clone();
    for (key, value) in [
        ("kind", "resident_id"),
        ("name", "李样本"),
        ("sex", "female"),
        ("birth", "1950-03-08"),
        ("address", "某省某市样本县样本镇石榴村3组12号"),
        ("number", "00000019500308002X"),
        ("issuer", "样本县公安局"),
        ("valid_from", "2012-03-08"),
        ("valid_until", "long_term"),
    ] {
        assert_eq!(card[key], value, "{key}");
    }
    assert_eq!(card["nation"]["name"], "汉");
    assert_eq!(card["new_address"], Value::Null);
    assert_eq!(card["warnings"], serde_json::json!(["number_specimen"]));
    events.quiet(Duration::from_millis(1200));
    stand_in.remove();
    events.expect(&["card_removed"]);
}

fn pulled_out(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    for at in 0..6 {
        stand_in.insert("li-yangben", &[&format!("remove-during-{at}")]);
        let words = events.until("card_removed");
        assert!(words.iter().all(|word| !word.starts_with("read ")), "pulled out at exchange {at}: {words:?}");
        assert!(words.iter().any(|word| word.starts_with("failed card_")), "{words:?}");
        stand_in.insert("zhang-yangli", &[]);
        events.expect(&["card_present", "reading", "read 张样例"]);
        stand_in.remove();
        events.expect(&["card_removed"]);
    }
}

fn restart(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    stand_in.insert("li-yangben", &[]);
    events.expect(&["card_present", "reading", "read 李样本"]);
    stand_in.say(&["service", "stop"]);
    let words = events.until("trouble");
    assert_eq!(words.first().map(String::as_str), Some("card_removed"), "{words:?}");
    assert_eq!(words.last().map(String::as_str), Some("trouble pcsc_no_service"), "{words:?}");
    assert_eq!(words.iter().filter(|word| word.starts_with("reader_gone")).count(), 2, "{words:?}");
    stand_in.say(&["service", "start"]);
    events.ready();
    events.expect(&["card_present", "reading", "read 李样本"]);
    stand_in.remove();
    events.expect(&["card_removed"]);
}

fn ends_mid_reading(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    stand_in.insert("li-yangben", &["slow-during-photo:3000"]);
    events.expect(&["card_present", "reading"]);
    stand_in.say(&["service", "stop"]);
    let words = events.until("trouble");
    assert!(words.iter().all(|word| !word.starts_with("read ")), "{words:?}");
    assert!(words.iter().any(|word| word.starts_with("failed ")), "{words:?}");
    stand_in.insert("zhang-yangli", &[]);
    stand_in.say(&["service", "start"]);
    let words = events.until("read ");
    assert_eq!(words.last().map(String::as_str), Some("read 张样例"), "{words:?}");
}

fn vanishes(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    stand_in.insert("li-yangben", &[]);
    events.until("read ");
    stand_in.say(&["service", "start-without-reader"]);
    let mut words = events.until("reader_gone");
    words.extend(events.until("trouble reader_absent"));
    assert!(words.contains(&"card_removed".to_owned()), "{words:?}");
    events.quiet(Duration::from_millis(500));
    stand_in.say(&["service", "start"]);
    events.until("reader_arrived");
    let words = events.until("read ");
    assert_eq!(words.last().map(String::as_str), Some("read 李样本"), "{words:?}");
}

fn kinds(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    for (name, told) in [
        ("unreadable", "failed card_not_readable_here"),
        ("unknown-type", "failed card_type_unknown"),
        ("foreign-card", "failed card_unknown"),
        ("zhengjian-y", "read 证件样本"),
        ("zhengjian-i", "read 证件样本"),
        ("shebao-2", "read 李样本"),
        // The third generation withholds its holder: an event without a name.
        ("shebao-3", "read"),
    ] {
        stand_in.insert(name, &[]);
        events.expect(&["card_present", "reading", told]);
        stand_in.remove();
        events.expect(&["card_removed"]);
    }
}

fn hangs(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    stand_in.insert("li-yangben", &["silence-during-photo"]);
    events.expect(&["card_present", "reading"]);
    events.quiet(Duration::from_millis(300));
    stand_in.remove();
    let words = events.until("card_removed");
    assert!(words.first().is_some_and(|word| word.starts_with("failed ")), "{words:?}");
    stand_in.insert("zhang-yangli", &[]);
    events.expect(&["card_present", "reading", "read 张样例"]);
}

fn held(stand_in: StandIn) {
    stand_in.insert("li-yangben", &[]);
    let rude = stand_in.hold();
    rude.expect(&["holding"]);
    let events = stand_in.watch();
    events.ready();
    events.expect(&["card_present", "reading"]);
    events.quiet(Duration::from_millis(500));
    drop(rude);
    events.expect(&["read 李样本"]);
}

fn two_slots(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    stand_in.insert("shebao-2", &[]);
    events.expect(&["card_present", "reading", "read 李样本"]);
    // The same chip in the other slot is the other face of the same card: nothing is told.
    let same = crate::stand_in::persona("shebao-2");
    stand_in.say(&["insert", same.to_str().unwrap(), "--slot", "1"]);
    events.quiet(Duration::from_millis(1500));
    stand_in.say(&["remove", "--slot", "1"]);
    let other = crate::stand_in::persona("zhang-yangli");
    stand_in.say(&["insert", other.to_str().unwrap(), "--slot", "1"]);
    events.expect(&["card_present", "reading", "read 张样例"]);
}

fn no_wake_ups(stand_in: StandIn) {
    let events = stand_in.watch();
    events.ready();
    stand_in.insert("li-yangben", &[]);
    events.until("read ");
    // A thread that sleeps and is woken has given the processor up of its own will once more.
    let sleeps = |pid: u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the watching program runs");
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).expect("the kernel counts");
        line.trim().parse::<u64>().expect("a number")
    };
    // Our own connection's coming and going is told to us once more by the service.
    let deadline = Instant::now() + PATIENCE;
    let mut settled = sleeps(events.pid());
    loop {
        events.quiet(Duration::from_secs(2));
        let now = sleeps(events.pid());
        if now == settled {
            break;
        }
        assert!(Instant::now() < deadline, "the driver never comes to rest");
        settled = now;
    }
    events.quiet(Duration::from_secs(10));
    let woken = sleeps(events.pid()) - settled;
    println!("wake-ups of the driver in ten seconds of nothing: {woken}");
    assert_eq!(woken, 0, "wake-ups in ten seconds of nothing");
}

/// Waits for hours in the service, and is called off by another thread.
pub fn as_patient() -> ExitCode {
    let mut reader = card::open(card::Config::default()).expect("the built-in profiles");
    while !matches!(reader.next(Duration::ZERO), Ok(CardEvent::Quiet)) {}
    let interrupt = reader.interrupt().expect("the service can call off a wait");
    // Called again and again: it may come before the wait has begun.
    let calls = std::thread::Builder::new().name("calls off".to_owned()).spawn(move || {
        loop {
            interrupt();
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    calls.expect("a thread");
    let event = reader.next(Duration::from_secs(3600));
    println!("{}", serde_json::json!({ "event": if matches!(event, Ok(CardEvent::Quiet)) { "quiet" } else { "other" } }));
    ExitCode::SUCCESS
}

fn called_off(stand_in: StandIn) {
    stand_in.patient().expect(&["quiet"]);
}

fn side_by_side(stand_in: StandIn) {
    let other = StandIn::reader().expect("the first one could");
    let (events, others) = (stand_in.watch(), other.watch());
    events.ready();
    others.ready();
    stand_in.insert("li-yangben", &[]);
    other.insert("zhang-yangli", &[]);
    events.expect(&["card_present", "reading", "read 李样本"]);
    others.expect(&["card_present", "reading", "read 张样例"]);
    drop(other);
    events.quiet(Duration::from_millis(300));
    stand_in.remove();
    events.expect(&["card_removed"]);
}

fn killed(mut stand_in: StandIn) {
    let pid = std::fs::read_to_string(stand_in.dir().join("pcscd/pcscd.pid")).expect("pcscd says its id");
    let pid: String = pid.chars().take_while(char::is_ascii_digit).collect();
    let pcscd = Path::new("/proc").join(pid);
    assert!(running(&pcscd));
    let tcp = ["/proc/net/tcp", "/proc/net/tcp6"].map(|file| std::fs::read_to_string(file).unwrap_or_default()).concat();
    for port in [":8C7B ", ":8C7C "] {
        assert!(!tcp.contains(port), "the virtual reader listens on the machine's own network");
    }
    let parent = Path::new("/proc").join(stand_in.pid().to_string());
    stand_in.kill();
    let deadline = Instant::now() + PATIENCE;
    while running(&pcscd) {
        assert!(Instant::now() < deadline, "pcscd outlives its parent");
        std::thread::yield_now();
    }
    assert!(!running(&parent));
}

/// Whether a process runs; one that ended and was not waited for does not.
fn running(process: &Path) -> bool {
    let state = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
    state.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}
