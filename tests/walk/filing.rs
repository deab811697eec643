//! The way of one filing: 高龄津贴 for 李样本, with one correction.

use std::time::Duration;

use super::pilot::Pilot;
use crate::support::{
    clerk::Clerk,
    town::{AGENT, CLERK},
};

pub fn from_sign_in_to_answer(pilot: &mut Pilot, clerk: &Clerk) {
    sign_in(pilot);
    let number = file(pilot);
    correct(pilot, clerk, &number);
    finish(pilot, clerk, &number);
}

pub fn sign_in(pilot: &mut Pilot) {
    pilot.sees_within("登录", Duration::from_secs(60));
    pilot.picture("sign-in");
    pilot.fill("密码", AGENT.1);
    pilot.click_for("登录", "新办一件");
    pilot.picture("home");
}

/// Files the matter and returns its case number.
pub fn file(pilot: &mut Pilot) -> String {
    pilot.click_for("新办一件", "已读给居民听");
    pilot.picture("notice");
    pilot.click("已读给居民听");
    pilot.sees("请把身份证平放在读卡器上");
    pilot.click_for("放上样卡：李样本", "芯片读取");
    pilot.picture("card");
    String::new()
}

fn correct(_pilot: &mut Pilot, clerk: &Clerk, _number: &str) {
    clerk.sign_in(CLERK.0, CLERK.1);
}

fn finish(_pilot: &mut Pilot, _clerk: &Clerk, _number: &str) {}
