//! The path of a filing as an agent walks it: pressed and typed by name, the cabinet played by the test.

use matters::{Capacity, Value};

use super::desk::Desk;

/// From the first screen to the person, told and read.
fn served() -> Desk {
    let mut desk = Desk::open();
    desk.press("新办一件");
    desk.press("已告知，居民同意");
    desk.put_card();
    desk
}

fn in_matter(name: &str) -> Desk {
    let mut desk = served();
    desk.press("本人来办");
    desk.press("下一步：选事项");
    desk.press(&format!("办理：{name}"));
    desk
}

#[test]
fn a_card_on_the_reader_shows_whom_it_is_for_and_asks_who_came() {
    let mut desk = served();
    for text in ["李样本", "1950年3月8日", "000***********", "某省某市样本县样本镇石榴村3组12号", "长期", "卡片是凭证，不是人"]
    {
        desk.must_see(text);
    }
    assert!(!desk.offers("下一步：选事项"), "nobody said who came");
    desk.press("本人来办");
    assert_eq!(desk.saved().capacity, Some(Capacity::Myself));
    desk.press("下一步：选事项");
    desk.must_see("全部 ");
}

#[test]
fn a_number_typed_by_hand_is_checked_in_words_and_marked() {
    let mut desk = Desk::open();
    desk.press("新办一件");
    desk.press("已告知，居民同意");
    desk.press("没带身份证、读不出：手工录入");
    desk.enter("姓名", "李样本");
    desk.enter("号码", "000000195003080");
    desk.must_see("这是 15 位的老号码");
    let number = super::specimen::number("19500308", 2);
    let wrong = format!("{}{}", &number[..17], if number.ends_with('1') { '2' } else { '1' });
    desk.enter("号码", &wrong);
    desk.must_see("最后一位对不上，有一位录错了");
    desk.enter("号码", &number);
    desk.must_see("1950年3月8日出生 · 76 岁 · 女");
    desk.enter("再录一遍号码", &wrong);
    desk.must_see("两遍录得不一样");
    desk.press("就用这些");
    desk.must_see("请录入住址");
    desk.enter("再录一遍号码", &number);
    desk.enter("住址", "样本镇石榴村 3 组 12 号");
    desk.press("就用这些");
    desk.must_see("手工录入 · 没有读芯片");
    let person = desk.saved().applicant.clone().expect("taken");
    assert_eq!(person.source, matters::Source::Manual);
}

#[test]
fn on_behalf_needs_every_part_of_the_mandate_and_its_signed_page() {
    let mut desk = served();
    desk.press("别人替本人来办");
    desk.press("下一步：选事项");
    for text in ["请录入姓名", "请录入公民身份号码", "请录入电话", "先告诉本人，再打勾"] {
        desk.must_see(text);
    }
    assert!(desk.saved().capacity.is_none());
    desk.enter("代办人姓名", "李示例");
    desk.enter("代办人身份号码", &super::specimen::number("19780612", 1));
    desk.enter("代办人电话", "13900000000");
    desk.press("已告诉本人：代办不收任何费用，并同意这样使用信息");
    desk.press("下一步：选事项");
    desk.press("办理：高龄老人生活保健补贴");
    let Some(Capacity::OnBehalf { mandate }) = &desk.saved().capacity else { panic!("a mandate was saved") };
    assert_eq!(mandate.matters, ["M09"], "the mandate names the matter that was chosen");
    desk.press("一样");
    desk.must_see("授权委托书(本人签名)");
    desk.press("2寸白底免冠照片");
    desk.press("银行卡或存折");
    assert!(!desk.offers("开始填表"), "the mandate was not brought");
    desk.press("授权委托书(本人签名)");
    desk.press("代理人身份证");
    assert!(desk.offers("开始填表"));
}

#[test]
fn who_must_come_in_person_is_not_filed_on_behalf() {
    let mut desk = served();
    desk.press("别人替本人来办");
    desk.enter("代办人姓名", "李示例");
    desk.enter("代办人身份号码", &super::specimen::number("19780612", 1));
    desk.enter("代办人电话", "13900000000");
    desk.press("已告诉本人：代办不收任何费用，并同意这样使用信息");
    desk.press("下一步：选事项");
    desk.enter("搜事项", "认证");
    desk.must_see("须本人到场，不能代办");
    assert!(!desk.offers("办理：养老保险待遇资格认证"));
}

#[test]
fn a_matter_is_found_by_initials_and_by_plain_words_and_shows_its_guide() {
    let mut desk = served();
    desk.press("本人来办");
    desk.press("下一步：选事项");
    for words in ["gljt", "七十岁领钱", "高龄"] {
        desk.enter("搜事项", words);
        assert!(desk.offers("办理：高龄老人生活保健补贴"), "{words}");
    }
    desk.must_see("年龄符合：76 岁");
    desk.press("指南：高龄老人生活保健补贴");
    for text in [
        "事项名称",
        "要带的材料",
        "办理方式",
        "办理时限",
        "结果送达",
        "收费依据及标准",
        "办事时间",
        "机构及地点",
        "咨询途径",
        "监督投诉",
        "以本地公布的办事指南为准",
    ] {
        desk.must_see(text);
    }
    desk.press("回清单");
    desk.enter("搜事项", "没有这种事");
    desk.must_see("没有找到");
}

#[test]
fn nobody_starts_a_form_that_cannot_be_finished() {
    let mut desk = in_matter("高龄老人生活保健补贴");
    desk.must_see("先把上面的问题问完");
    assert!(!desk.offers("开始填表"));
    desk.press("不一样");
    desk.must_see("户口簿首页和本人页");
    desk.press("一样");
    desk.must_see("按上面的回答，这一样不用");
    desk.must_see("还差：");
    desk.press("2寸白底免冠照片");
    desk.press("银行卡或存折");
    assert!(desk.offers("开始填表"));
    desk.press("银行卡或存折");
    assert!(!desk.offers("开始填表"), "the tick was taken back");
}

/// M09 for a person who came herself, up to the first group of the form.
fn in_form() -> Desk {
    let mut desk = in_matter("高龄老人生活保健补贴");
    desk.press("一样");
    desk.press("2寸白底免冠照片");
    desk.press("银行卡或存折");
    desk.press("开始填表");
    desk
}

fn fill_first_group(desk: &mut Desk) {
    desk.enter("联系电话", "13900000000");
    desk.press("户主本人");
}

#[test]
fn the_form_names_each_fault_under_its_field_and_keeps_answers_on_the_way_back() {
    let mut desk = in_form();
    desk.must_see("来自身份证");
    desk.enter("联系电话", "1390000");
    desk.must_see("手机号还差 4 位");
    desk.press("下一组");
    desk.must_see("第 1 组");
    desk.must_see("这一格要填");
    fill_first_group(&mut desk);
    desk.press("下一组");
    desk.must_see("第 2 组");
    desk.enter("银行卡号", "6200 0000 0000 000");
    desk.must_see("现在 15 位，卡号是 16 到 19 位");
    desk.enter("开户银行", "样本农商银行石榴支行");
    desk.press("上一步");
    assert_eq!(desk.value("联系电话"), "13900000000");
    desk.press("上一步");
    desk.press("开始填表");
    assert_eq!(desk.value("联系电话"), "13900000000");
    desk.press("下一组");
    assert_eq!(desk.value("开户银行"), "样本农商银行石榴支行");
    let Some(Value::Payee { owner, .. }) = desk.saved().answers.get("payee") else { panic!("an account was saved") };
    assert_eq!(owner.expose(), "李样本", "the owner came from the card");
}

#[test]
fn somebody_elses_account_is_refused_in_the_matters_own_words() {
    let mut desk = in_form();
    fill_first_group(&mut desk);
    desk.press("下一组");
    desk.enter("开户银行", "样本农商银行石榴支行");
    desk.enter("银行卡号", "6200000000000000018");
    desk.enter("户名", "王五");
    desk.press("下一组");
    desk.must_see("户名必须是申请人本人");
    desk.press("户名填本人");
    desk.press("下一组");
    desk.must_see("第 3 组");
}

#[test]
fn what_was_filled_in_before_is_used_again_only_for_the_same_person_and_when_he_agrees() {
    let earlier = super::desk::sealed(outbox::Stage::Received);
    let namesake = {
        let mut filing = earlier.sealed.filing().clone();
        filing.applicant.number = super::specimen::number("19500308", 4).into();
        outbox::FilingFull { sealed: filing.seal(), ..earlier.clone() }
    };
    for (full, same) in [(earlier, true), (namesake, false)] {
        let mut desk = in_form();
        desk.must_see("来自身份证");
        assert!(!desk.offers("居民同意，带出来"), "nothing was filed under this name");
        desk.overview.filings = vec![full.row.clone()];
        desk.filing = Some(full);
        desk.tell(crate::speech::Fact::Overview(Box::new(desk.overview.clone())));
        assert_eq!(desk.value("联系电话"), "", "nothing is taken over by itself");
        desk.press("居民同意，带出来");
        if same {
            assert_eq!(desk.value("联系电话"), "13900000000");
            assert!(desk.saved().answers.contains_key("phone"));
            assert!(!desk.offers("居民同意，带出来"), "once is enough");
        } else {
            desk.must_see("那一件是同名的另一个人，号码不一样");
            assert_eq!(desk.value("联系电话"), "");
        }
    }
}

#[test]
fn the_village_committee_files_with_an_officer_and_a_reason() {
    let mut desk = served();
    desk.press("村委会来办");
    desk.press("下一步：选事项");
    desk.must_see("请写明原因");
    desk.enter("经办人姓名", "赵样本");
    desk.enter("经办人电话", "029-88880000");
    desk.enter("为什么由村委会来办", "卧床不能来，没有亲属");
    let Some(Capacity::Committee { reason, .. }) = &desk.saved().capacity else { panic!("the committee was saved") };
    assert_eq!(reason, "卧床不能来，没有亲属");
    desk.press("下一步：选事项");
    desk.must_see("全部 ");
}

fn to_capture(desk: &mut Desk) {
    fill_first_group(desk);
    desk.press("下一组");
    desk.enter("开户银行", "样本农商银行石榴支行");
    desk.enter("银行卡号", "6200000000000000018");
    desk.press("下一组");
    desk.press("去拍材料");
    desk.must_see("先读给居民听，居民同意了再打勾");
    desk.press("情况属实承诺");
    desk.press("去拍材料");
}

#[test]
fn pages_are_taken_paper_by_paper_in_their_order() {
    let mut desk = in_form();
    to_capture(&mut desk);
    desk.must_see("要拍的材料");
    assert!(!desk.offers("拍照"), "no picture yet");
    desk.camera_sees_a_page();
    desk.must_see("✓ 可以拍");
    desk.press("拍照");
    assert_eq!(desk.pages.len(), 1);
    assert_eq!(desk.pages[0].material, "PH2");
    desk.press("这类拍完了");
    desk.press("拍照");
    desk.must_see("要拍的都拍了");
    desk.press("拍照");
    let bank: Vec<u32> = desk.pages.iter().filter(|page| page.material == "BK").map(|page| page.order).collect();
    assert_eq!(bank, [1, 2]);
    let first = desk.pages.iter().find(|page| page.material == "BK" && page.order == 1).expect("taken").sha256;
    desk.press("银行卡或存折 第 1 页");
    desk.press("往后挪");
    let moved = desk.pages.iter().find(|page| page.sha256 == first).expect("kept").order;
    assert_eq!(moved, 2);
    desk.press("银行卡或存折 第 1 页");
    desk.press("删除");
    desk.press("真的删掉第 1 页");
    let left: Vec<_> = desk.pages.iter().filter(|page| page.material == "BK").map(|page| (page.order, page.sha256)).collect();
    assert_eq!(left, [(1, first)]);
}

#[test]
fn a_page_that_lies_still_is_taken_by_itself_only_when_that_is_switched_on() {
    let settled = || crate::speech::Fact::Camera(crate::speech::CameraFact::Settled);
    let mut desk = in_form();
    to_capture(&mut desk);
    desk.camera_sees_a_page();
    desk.tell(settled());
    assert!(desk.pages.is_empty(), "off until somebody wants it");
    desk.press("放稳自动拍：关");
    desk.settle();
    assert!(desk.pages.is_empty(), "the page that lay there before is not taken by the switch");
    desk.tell(settled());
    assert_eq!(desk.pages.len(), 1);
    desk.settle();
    assert_eq!(desk.pages.len(), 1, "once a page");
    desk.press("这类拍完了");
    desk.press("拍照");
    assert_eq!(desk.pages.len(), 2, "the button takes one at any time");
    desk.press("放稳自动拍：开");
    desk.tell(settled());
    assert_eq!(desk.pages.len(), 2);
}

#[test]
fn a_bad_page_is_named_before_it_is_sent() {
    let mut desk = in_form();
    to_capture(&mut desk);
    desk.camera_sees_a_page();
    desk.press("拍照");
    desk.tell(crate::speech::Fact::Camera(crate::speech::CameraFact::Still {
        corners: None,
        width_px: 3264,
        height_px: 2448,
        issues: vec!["glare"],
        digest: desk.pages[0].sha256,
    }));
    desk.must_see("第 1 页：有反光，请挪一挪");
    desk.press("重拍第 1 页");
    desk.must_see("重拍第 1 页 · 原件拍完还给居民");
}

/// M09 filled in, at the camera, with a page under it. The first paper wanted is `PH2`, the other `BK`.
pub(super) fn at_camera() -> Desk {
    let mut desk = in_form();
    to_capture(&mut desk);
    desk.camera_sees_a_page();
    desk
}

/// M09 whole, up to the check.
pub(super) fn to_review() -> Desk {
    let mut desk = in_form();
    to_capture(&mut desk);
    desk.camera_sees_a_page();
    desk.press("拍照");
    desk.press("这类拍完了");
    desk.press("拍照");
    desk.press("去核对");
    desk
}

#[test]
fn sealing_waits_until_the_resident_has_read_it() {
    let mut desk = to_review();
    for text in [
        "核对：是为 李样本 办吗？",
        "钱打到这里，请再念一遍",
        "6200 **** **** ***0 018",
        "收款人是本人",
        "材料齐了",
        "① 存进本机",
    ] {
        desk.must_see(text);
    }
    desk.must_not_see("6200 0000 0000 0000 018");
    assert!(!desk.offers("签名封存"));
    desk.press("居民看过了，都对");
    desk.press("签名封存");
    assert_eq!(desk.sealed.len(), 1);
    desk.must_see("正在封存，不要断电");
}

#[test]
fn a_line_of_the_check_leads_back_to_its_field() {
    let mut desk = to_review();
    desk.press("改：领取人账户");
    desk.must_see("第 2 组");
    assert_eq!(desk.value("银行卡号"), "6200 0000 0000 0000 018");
}

#[test]
fn the_confirmation_of_a_pension_records_who_saw_the_resident() {
    let mut desk = in_matter("养老保险待遇资格认证");
    desk.press("开始填表");
    desk.enter("联系电话", "13900000000");
    desk.press("下一组");
    desk.press("城乡居民养老保险");
    desk.enter("见证人健在说明", "本人步行到村，能说清姓名住址");
    desk.press("情况属实承诺");
    desk.press("去核对");
    desk.must_see("这件事要当面见到本人，请先见证");
    assert_eq!(desk.value("见证人姓名"), "王样本");
    desk.press("我当面见到了李样本本人");
    let witness = desk.saved().witness.clone().expect("recorded");
    assert_eq!((witness.name.expose().as_str(), witness.role.as_str()), ("王样本", "agent"));
    desk.press("去核对");
    desk.must_see("已见面见证");
}

#[test]
fn a_draft_is_kept_when_somebody_else_is_served_first() {
    let mut desk = in_form();
    desk.enter("联系电话", "13900000000");
    desk.press("存为草稿，先办别人");
    assert!(matches!(desk.saved().answers.get("phone"), Some(Value::Text(phone)) if phone.expose() == "13900000000"));
    desk.must_not_see("李样本");
}

#[test]
fn every_name_on_the_path_is_given_once() {
    // A walker and a screen reader find things by name; two of one name are one too many.
    let check = |desk: &Desk, place: &str| {
        use egui_kittest::kittest::{By, NodeT, Queryable};
        let mut names: Vec<String> = desk
            .harness
            .query_all(By::new().predicate(|node| {
                matches!(node.role(), eframe::egui::accesskit::Role::Button | eframe::egui::accesskit::Role::CheckBox)
            }))
            .filter_map(|node| node.accesskit_node().label())
            .collect();
        names.sort();
        let twice: Vec<&String> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
        assert!(twice.is_empty(), "{place}: {twice:?}");
    };
    let mut desk = served();
    check(&desk, "person");
    desk.press("本人来办");
    desk.press("下一步：选事项");
    check(&desk, "matters");
    desk.press("办理：高龄老人生活保健补贴");
    check(&desk, "checklist");
    desk.press("一样");
    desk.press("2寸白底免冠照片");
    desk.press("银行卡或存折");
    desk.press("开始填表");
    check(&desk, "form 1");
    fill_first_group(&mut desk);
    desk.press("下一组");
    check(&desk, "form 2");
    check(&to_review(), "review");
}
