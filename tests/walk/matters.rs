//! The ways that the main walk does not go: 资格认证 with a witness and decided at once, 手工报销 with
//! many pages, 高龄津贴 on behalf with the mandate photographed, and a result file that comes home.

use std::{path::Path, time::Duration};

use super::{Asked, demo, filing, pilot::Pilot};
use crate::support::{
    clerk::Clerk,
    desktop::Desktop,
    town::{CLERK, Town},
};

const LINE: Duration = Duration::from_secs(60);

pub fn walk(dir: &Path, asked: &Asked) {
    let _ = std::fs::remove_dir_all(dir);
    if let Some(pictures) = &asked.pictures {
        std::fs::create_dir_all(pictures).expect("folder for pictures can be made");
    }
    let town = Town::prepare(dir);
    let (_hall, addresses) = town.serve();
    let (_reader, card_dir) = town.card_reader();
    let pages = crate::support::children::root().join("assets/demo/pages");
    town.configure(&demo::devices(Some(&card_dir), pages), true);
    town.admit(&addresses);
    let desktop = Desktop::start(dir, asked.width, asked.height);
    let _window = demo::window(&town, &desktop);
    let mut pilot = Pilot::new(&desktop, asked.pictures.as_deref());
    let clerk = Clerk::start(dir, &addresses.desk, 1920, 1080);
    filing::sign_in(&mut pilot);
    confirmation(&mut pilot, &clerk, dir);
    reimbursement(&mut pilot);
    on_behalf(&mut pilot, &clerk);
    let held = town.filings();
    let filings = held.as_array().or_else(|| held["filings"].as_array()).expect("a list of filings");
    assert_eq!(filings.len(), 3, "the hall holds three filings: {held}");
}

fn whom(pilot: &mut Pilot, persona: &str) {
    pilot.click_for("新办一件", "已告知，居民同意");
    pilot.click_for("已告知，居民同意", "请把身份证平放在读卡器上");
    pilot.click_for(&format!("放上样卡 {persona}"), "芯片读取");
}

fn choose(pilot: &mut Pilot, initials: &str, name: &str) {
    pilot.click_for("下一步：选事项", "搜事项");
    pilot.fill("搜事项", initials);
    pilot.click_for(&format!("办理：{name}"), "今天带了吗");
}

/// The next page of this paper, seen below the picture once it is kept.
fn shoot(pilot: &mut Pilot, paper: &str, page: u32) {
    pilot.click(paper);
    pilot.sees("可以拍");
    pilot.click_for("拍照", &format!("{paper} 第 {page} 页"));
}

fn seal(pilot: &mut Pilot, picture: &str) {
    pilot.picture(&format!("{picture}-review"));
    pilot.click("居民看过了，都对");
    pilot.click_for("签名封存", "已封存在本机");
    pilot.sees_within("镇街已收", LINE);
    pilot.picture(&format!("{picture}-receipt"));
    pilot.click_for("送走，清屏", "新办一件");
}

/// M04, an 即办件: a witness instead of a face, decided at once, a slip comes back as a file.
fn confirmation(pilot: &mut Pilot, clerk: &Clerk, dir: &Path) {
    whom(pilot, "李样本");
    pilot.click("本人来办");
    choose(pilot, "zgrz", "养老保险待遇资格认证");
    pilot.picture("m04-checklist");
    pilot.click_for("开始填表", "第 1 组");
    pilot.fill("联系电话", "029-00000003");
    pilot.picture("m04-form");
    pilot.click_for("下一组", "第 2 组");
    pilot.click("城乡居民养老保险");
    pilot.fill("见证人健在说明", "walked in and told name and address");
    pilot.click("情况属实承诺");
    pilot.click_for("我当面见到了李样本本人", "已见面见证");
    pilot.picture("m04-witness");
    pilot.click_for("去核对", "是为 李样本 办吗");
    seal(pilot, "m04");
    clerk.sign_in(CLERK.0, CLERK.1);
    clerk.sees("养老保险待遇资格认证");
    clerk.press("SLC-");
    clerk.sees("见面见证");
    desk(pilot, clerk, "m04-desk");
    let slip = dir.join("slip.pdf");
    std::fs::write(&slip, b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj trailer<</Root 1 0 R>>\n%%EOF\n").expect("a slip");
    clerk.press("当场办结");
    clerk.fill("告诉申请人的话", "认证成功。");
    clerk.choose_file("结果文件", &slip);
    clerk.fill("文件名称", "认证凭条");
    clerk.press("办结并告知");
    clerk.sees("已记录");
    pilot.sees_within("出结果了", LINE);
    pilot.click_for("查看 李样本", "认证成功。");
    pilot.click_for("取出：认证凭条", "结果文件已存到本机");
    pilot.picture("m04-result");
    // The village hands the slip over, and the hall hears of it.
    pilot.click_for("记下送达", "结果交给谁了");
    pilot.picture("m04-deliver");
    pilot.click("记下");
    pilot.sees_within("结果已送达：李样本（村里领取）", LINE);
    pilot.picture("m04-delivered");
    clerk.open("/inbox?tray=done");
    clerk.press("SLC-");
    clerk.sees("村里领取");
    desk(pilot, clerk, "m04-desk-delivered");
    pilot.click_for("回办件清单", "查办件");
    pilot.click_for("回工作台", "新办一件");
}

/// M07: outpatient, three bills, and the sum is checked against them.
fn reimbursement(pilot: &mut Pilot) {
    whom(pilot, "张样例");
    pilot.click("本人来办");
    choose(pilot, "sgbx", "医疗费用手工(零星)报销");
    pilot.click("门诊");
    pilot.click("不是外伤");
    for paper in ["收费票据", "费用清单", "诊断证明", "病历资料", "社保卡或银行卡(存折)"] {
        pilot.click(paper);
    }
    pilot.sees("材料齐了");
    pilot.picture("m07-checklist");
    pilot.click_for("开始填表", "第 1 组");
    pilot.fill("联系电话", "029-00000004");
    pilot.click("和户籍一样");
    pilot.click("户主本人");
    pilot.click_for("下一组", "第 2 组");
    pilot.fill("就诊医院", "Yangben First Hospital");
    pilot.fill("门诊日期", "2026-10-08");
    pilot.click("在外地急诊");
    pilot.click("否");
    pilot.picture("m07-form");
    pilot.click_for("下一组", "第 3 组");
    pilot.fill("总金额(元)", "120.50");
    pilot.fill("票据号码和金额", "0000000001 120.00");
    pilot.fill("开户银行", "Yangben Rural Bank");
    pilot.fill("银行卡号", "6200000000000005");
    pilot.sees("总金额和各张票据加起来的数不一样");
    pilot.picture("m07-sum");
    pilot.fill("票据号码和金额", "0000000001 120.50");
    pilot.click_for("去拍材料", "每页拍完即保存");
    for (paper, pages) in [("收费票据", 3), ("费用清单", 2), ("诊断证明", 1), ("病历资料", 1), ("社保卡或银行卡(存折)", 1)]
    {
        (1..=pages).for_each(|page| shoot(pilot, paper, page));
    }
    pilot.picture("m07-pages");
    pilot.click_for("去核对", "是为 张样例 办吗");
    seal(pilot, "m07");
}

/// What 高龄津贴 asks for when another person brings it.
const BEHALF: [&str; 4] = ["2寸白底免冠照片", "银行卡或存折", "授权委托书(本人签名)", "代理人身份证"];

/// M09 for a neighbour who stays at home: the mandate's fields, and the signed paper as a required page.
fn on_behalf(pilot: &mut Pilot, clerk: &Clerk) {
    whom(pilot, "张样例");
    pilot.click_for("别人替本人来办", "委托书上写的");
    pilot.fill("代办人姓名", "Li Shili");
    pilot.fill("代办人身份号码", "000000197806120012");
    pilot.fill("代办人电话", "029-00000005");
    pilot.click("已告诉本人：代办不收任何费用，并同意这样使用信息");
    pilot.picture("behalf-person");
    choose(pilot, "gljt", "高龄老人生活保健补贴");
    pilot.click("一样");
    for paper in BEHALF {
        pilot.click(paper);
    }
    pilot.sees("材料齐了");
    pilot.picture("behalf-checklist");
    pilot.click_for("开始填表", "第 1 组");
    pilot.fill("联系电话", "029-00000004");
    pilot.click("户主本人");
    pilot.click_for("下一组", "第 2 组");
    pilot.fill("开户银行", "Yangben Rural Bank");
    pilot.fill("银行卡号", "6200000000000005");
    pilot.click_for("下一组", "第 3 组");
    pilot.click("情况属实承诺");
    pilot.click_for("去拍材料", "每页拍完即保存");
    for paper in BEHALF {
        shoot(pilot, paper, 1);
    }
    pilot.picture("behalf-pages");
    pilot.click_for("去核对", "是为 张样例 办吗");
    seal(pilot, "behalf");
    clerk.open("/inbox");
    clerk.press_beside("高龄老人生活保健补贴", "SLC-");
    clerk.sees("张样例 · 高龄老人生活保健补贴");
    course(pilot, clerk);
}

/// What a clerk can do with an accepted case: forwarded, stopped, resumed, and each form as it looks.
fn course(pilot: &mut Pilot, clerk: &Clerk) {
    clerk.press("受理");
    clerk.sees("已记录");
    clerk.press("转报");
    clerk.fill("转给哪个部门", "样本县民政局");
    desk(pilot, clerk, "desk-forward");
    clerk.press("转报并告知");
    clerk.sees("已记录");
    clerk.press("特别程序");
    clerk.fill("什么程序", "公示");
    clerk.fill("预计要多少个工作日", "7");
    desk(pilot, clerk, "desk-special");
    clerk.press("停止计时并告知");
    clerk.sees("已记录");
    desk(pilot, clerk, "desk-stopped");
    clerk.press("特别程序结束");
    desk(pilot, clerk, "desk-resume");
    clerk.press("恢复计时");
    clerk.sees("已记录");
    pilot.click_for("查进度", "查办件");
    pilot.click_for("查看 SLC-", "已转报样本县民政局");
    pilot.picture("behalf-course");
}

fn desk(pilot: &mut Pilot, clerk: &Clerk, name: &str) {
    if let Some(file) = pilot.next_file(name) {
        clerk.picture(&file);
    }
}
