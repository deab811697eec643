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
    pilot.click_for("新办一件", "已告知，居民同意");
    pilot.picture("notice");
    pilot.click_for("已告知，居民同意", "请把身份证平放在读卡器上");
    pilot.click_for("放上样卡 李样本", "芯片读取");
    pilot.picture("card");
    pilot.click("本人来办");
    pilot.click_for("下一步：选事项", "搜事项");
    pilot.fill("搜事项", "gljt");
    pilot.picture("matters");
    pilot.click_for("办理：高龄老人生活保健补贴", "今天带了吗");
    pilot.picture("checklist");
    String::new()
}

fn correct(_pilot: &mut Pilot, clerk: &Clerk, _number: &str) {
    clerk.sign_in(CLERK.0, CLERK.1);
}

fn finish(_pilot: &mut Pilot, _clerk: &Clerk, _number: &str) {}
