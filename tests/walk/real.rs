//! This machine's own reader and camera, on a display that nobody sits at: nothing takes their place,
//! and the window says in words how they are.

use std::{path::Path, time::Duration};

use super::{Asked, demo, filing, pilot::Pilot};
use crate::support::{
    desktop::Desktop,
    town::{Devices, Town},
};

pub fn nothing_takes_their_place(dir: &Path, asked: &Asked) {
    let _ = std::fs::remove_dir_all(dir);
    if let Some(pictures) = &asked.pictures {
        std::fs::create_dir_all(pictures).expect("folder for pictures can be made");
    }
    let town = Town::prepare(dir);
    let (_hall, addresses) = town.serve();
    town.configure(&Devices::Real, true);
    town.admit(&addresses);
    let desktop = Desktop::start(dir, asked.width, asked.height);
    let _window = demo::window(&town, &desktop);
    let mut pilot = Pilot::new(&desktop, asked.pictures.as_deref());
    filing::sign_in(&mut pilot);
    pilot.sees_within("高拍仪", Duration::from_secs(30));
    pilot.click_for("新办一件", "已告知，居民同意");
    pilot.click_for("已告知，居民同意", "手工录入");
    pilot.picture("real-devices");
    let seen = pilot.eyes.look();
    assert!(!seen.iter().any(|node| node.name.contains("演示配置") || node.name.contains("放上样卡")), "{}", pilot.eyes.tree());
    for device in ["读卡器", "高拍仪"] {
        let said = seen.iter().find(|node| node.name.contains(device)).map(|node| node.name.as_str());
        println!("  {}", said.unwrap_or_else(|| panic!("nothing is said of {device}:\n{}", pilot.eyes.tree())));
    }
}
