//! From the last byte of a card to its fields on the screen, in the running window on the software
//! renderer. The goal is 50 ms.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use card::simulator::control::{self, Request};

use super::pilot::Pilot;

const READS: usize = 11;
/// The last answer comes so late that the picture of a reading stands still by then.
const LATE: &str = "slow-during-5:1500";
const STILL: Duration = Duration::from_millis(1000);
const LOOK: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(20);

/// The pilot stands at home. Reads one card again and again and prints the median.
pub fn last_byte_to_fields(pilot: &mut Pilot, card_dir: &Path) {
    let socket = control::socket(card_dir);
    let persona = include_str!("../../assets/demo/personas/li-yangben.toml");
    pilot.click_for("新办一件", "已告知，居民同意");
    pilot.click_for("已告知，居民同意", "请把身份证平放在读卡器上");
    // A strip down the column in which every field begins. Small and not asked in a circle: the
    // display that answers is the one that has to show the fields.
    let patch = || pilot.hand.patch((530, 240), (60, 350));
    let mut times = Vec::new();
    for _ in 0..READS {
        control::insert(&socket, persona, &[LATE.to_owned()]).expect("the stand-in obeys");
        pilot.sees("正在读身份证");
        std::thread::sleep(STILL);
        let before = patch();
        let begun = Instant::now();
        let seen = loop {
            if patch() != before {
                break Instant::now();
            }
            assert!(begun.elapsed() < PATIENCE, "nothing changes on the screen");
            std::thread::sleep(LOOK);
        };
        let answered = control::send(&socket, &Request::List).expect("the stand-in obeys");
        let ago = Duration::from_micros(answered.answered_us_ago.expect("a card is in"));
        times.push(ago.saturating_sub(seen.elapsed()));
        pilot.sees("芯片读取");
        control::remove(&socket).expect("the stand-in obeys");
        pilot.sees("请把身份证平放在读卡器上");
    }
    times.sort();
    let ms = |time: Duration| time.as_secs_f32() * 1000.0;
    println!(
        "from a card's last byte to its fields on the screen: {:.0} ms (median of {READS}, {:.0} to {:.0}; goal 50)",
        ms(times[READS / 2]),
        ms(times[0]),
        ms(times[READS - 1])
    );
}
