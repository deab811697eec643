//! The way of one filing: 高龄津贴 for 李样本, with one correction.

use std::time::Duration;

use super::pilot::Pilot;
use crate::support::{
    clerk::Clerk,
    town::{AGENT, CLERK},
};

/// Papers cross the line within this time, also on a machine that is busy with other things.
const LINE: Duration = Duration::from_secs(60);

pub fn from_sign_in_to_answer(pilot: &mut Pilot, clerk: &Clerk) {
    sign_in(pilot);
    person(pilot);
    matter(pilot);
    form(pilot);
    pages(pilot);
    seal(pilot);
    correction_asked(pilot, clerk);
    correction_answered(pilot);
    finished(pilot, clerk);
}

pub fn sign_in(pilot: &mut Pilot) {
    pilot.sees_within("登录", LINE);
    pilot.picture("sign-in");
    pilot.fill("密码", AGENT.1);
    pilot.click_for("登录", "新办一件");
    pilot.picture("home");
}

pub fn person(pilot: &mut Pilot) {
    pilot.click_for("新办一件", "已告知，居民同意");
    pilot.picture("notice");
    pilot.click_for("已告知，居民同意", "请把身份证平放在读卡器上");
    pilot.click_for("放上样卡 李样本", "芯片读取");
    pilot.click("本人来办");
    pilot.picture("person");
    pilot.click_for("下一步：选事项", "搜事项");
}

pub fn matter(pilot: &mut Pilot) {
    pilot.fill("搜事项", "gljt");
    pilot.picture("matters");
    pilot.click_for("办理：高龄老人生活保健补贴", "今天带了吗");
    pilot.click("一样");
    pilot.click("2寸白底免冠照片");
    pilot.click("银行卡或存折");
    pilot.sees("材料齐了");
    pilot.picture("checklist");
    pilot.click_for("开始填表", "第 1 组");
}

pub fn form(pilot: &mut Pilot) {
    pilot.fill("联系电话", "029-00000003");
    pilot.click("户主本人");
    pilot.picture("form");
    pilot.click_for("下一组", "第 2 组");
    pilot.fill("开户银行", "Yangben Rural Bank");
    pilot.fill("银行卡号", "6200000000000005");
    pilot.picture("payee");
    pilot.click_for("下一组", "第 3 组");
    pilot.click("情况属实承诺");
    pilot.picture("declaration");
    pilot.click_for("去拍材料", "每页拍完即保存");
}

pub fn pages(pilot: &mut Pilot) {
    pilot.sees("可以拍");
    pilot.picture("capture");
    pilot.click_for("拍照", "这类拍完了");
    pilot.click("这类拍完了");
    pilot.click_for("拍照", "要拍的都拍了");
    pilot.picture("pages");
    pilot.click_for("去核对", "是为 李样本 办吗");
}

pub fn seal(pilot: &mut Pilot) {
    pilot.picture("review");
    pilot.click("居民看过了，都对");
    pilot.click_for("签名封存", "已封存在本机");
    pilot.sees_within("镇街已收", LINE);
    pilot.picture("receipt");
    pilot.click_for("送走，清屏", "新办一件");
}

/// The clerk finds that the bank card cannot be read.
fn correction_asked(pilot: &mut Pilot, clerk: &Clerk) {
    clerk.sign_in(CLERK.0, CLERK.1);
    clerk.sees("李样本");
    desk(pilot, clerk, "desk-inbox");
    clerk.press("SLC-");
    clerk.sees("申请内容");
    desk(pilot, clerk, "desk-case");
    clerk.press("一次性告知补正");
    clerk.tick("银行卡或存折 第 1 页");
    clerk.fill("银行卡或存折 第 1 页 缺什么", "卡号看不清");
    clerk.fill("银行卡或存折 第 1 页 要达到的标准", "卡号每一位都清楚，四边拍全");
    desk(pilot, clerk, "desk-correct");
    clerk.press("发出补正通知");
    clerk.sees("已记录");
}

fn correction_answered(pilot: &mut Pilot) {
    pilot.sees_within("去补", LINE);
    pilot.picture("home-correction");
    pilot.click_for("去补", "镇街要求补正");
    pilot.sees("卡号看不清");
    pilot.picture("correction");
    pilot.click_for("重拍：银行卡或存折 第 1 页", "第 1 页");
    pilot.sees("可以拍");
    pilot.click_for("拍照", "拍好了，回补正");
    pilot.click_for("拍好了，回补正", "都补好了");
    pilot.picture("correction-ready");
    pilot.click("补正送镇街");
    pilot.sees_within("已补正", LINE);
    pilot.sees("补正的材料 1 页");
    pilot.picture("correction-sent");
}

fn finished(pilot: &mut Pilot, clerk: &Clerk) {
    clerk.open("/inbox");
    clerk.sees("补正已回");
    clerk.press("SLC-");
    clerk.sees("村里的补正");
    desk(pilot, clerk, "desk-corrected");
    clerk.press("受理");
    clerk.sees("已记录");
    clerk.press("办结");
    clerk.fill("告诉申请人的话", "已核准，下月起按月发放。");
    desk(pilot, clerk, "desk-finish");
    clerk.press("办结并告知");
    clerk.sees("已记录");
    pilot.sees_within("已办结", LINE);
    pilot.sees("已核准，下月起按月发放");
    pilot.picture("answer");
}

fn desk(pilot: &mut Pilot, clerk: &Clerk, name: &str) {
    if let Some(file) = pilot.next_file(name) {
        clerk.picture(&file);
    }
}
