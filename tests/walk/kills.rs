//! The power goes at every step, on both sides, and one filing with all its pages arrives.

use std::{path::Path, time::Duration};

use super::{Asked, demo, filing, pilot::Pilot};
use crate::support::{
    children::{Running, wait_for},
    desktop::Desktop,
    town::Town,
};

const LINE: Duration = Duration::from_secs(90);

/// SIGKILL to the window, and in again to the draft that was open.
fn cut(town: &Town, desktop: &Desktop, window: Running, pilot: &mut Pilot, continued: bool) -> Running {
    if continued {
        // The promise is a second: what was entered, and where one stood, is on the disk by then.
        std::thread::sleep(Duration::from_millis(1100));
    }
    window.kill();
    let window = demo::window(town, desktop);
    filing::sign_in(pilot);
    if continued {
        pilot.click("继续");
    }
    window
}

pub fn one_filing_arrives_whole(dir: &Path, asked: &Asked) {
    let _ = std::fs::remove_dir_all(dir);
    let town = Town::prepare(dir);
    let (hall, addresses) = town.serve();
    let (_reader, card_dir) = town.card_reader();
    town.configure(&demo::devices(Some(&card_dir), demo::papers(dir)), true);
    town.admit(&addresses);
    let desktop = Desktop::start(dir, asked.width, asked.height);
    let window = demo::window(&town, &desktop);
    let mut pilot = Pilot::new(&desktop, None);
    filing::sign_in(&mut pilot);
    filing::person(&mut pilot);

    // The matter is chosen, the ticks are set.
    pilot.fill("搜事项", "gljt");
    pilot.click_for("办理：高龄老人生活保健补贴", "今天带了吗");
    pilot.click("一样");
    pilot.click("2寸白底免冠照片");
    pilot.click("银行卡或存折");
    pilot.sees("材料齐了");
    let window = cut(&town, &desktop, window, &mut pilot, true);
    pilot.sees("材料齐了");

    // In the middle of the form: at most the last second of typing may be gone, and nothing is here.
    pilot.click_for("开始填表", "第 1 组");
    pilot.fill("联系电话", "029-00000003");
    pilot.click("户主本人");
    pilot.sees("已保存在本机");
    let window = cut(&town, &desktop, window, &mut pilot, true);
    pilot.sees("第 1 组");
    pilot.sees("029-00000003");
    filing::form(&mut pilot);

    // One page is taken, the other is not.
    pilot.sees("可以拍");
    pilot.click_for("拍照", "这类拍完了");
    let window = cut(&town, &desktop, window, &mut pilot, true);
    pilot.sees("要拍的材料");
    pilot.click("银行卡或存折");
    pilot.sees("可以拍");
    pilot.click_for("拍照", "要拍的都拍了");
    pilot.click_for("去核对", "是为 李样本 办吗");
    let window = cut(&town, &desktop, window, &mut pilot, true);
    pilot.sees("是为 李样本 办吗");

    // The hall dies, the filing is sealed, the window dies.
    hall.kill();
    pilot.click("居民看过了，都对");
    pilot.click_for("签名封存", "已封存在本机");
    let window = cut(&town, &desktop, window, &mut pilot, false);
    pilot.sees("镇街还没收到");
    let (hall, _) = town.serve();
    // And both once more, while it may be on its way.
    let window = cut(&town, &desktop, window, &mut pilot, false);
    hall.kill();
    let (_hall, _) = town.serve();
    wait_for("the filing at the hall", LINE, || (!held(&town).is_empty()).then_some(()));
    pilot.sees_within("镇街都收到了", LINE);
    let filings = held(&town);
    assert_eq!(filings.len(), 1, "one filing: {filings:?}");
    let pages = filings[0]["pages"].as_array().expect("pages of the filing");
    assert_eq!(pages.len(), 2, "both pages: {pages:?}");
    drop(window);
}

/// What the hall holds; every page was read back and its digest checked.
fn held(town: &Town) -> Vec<serde_json::Value> {
    let all = town.filings();
    all.as_array().or_else(|| all["filings"].as_array()).cloned().unwrap_or_default()
}
