//! What follows sealing: receipt, list, filing page and the answer to a correction.

use matters::{State, Value, What};
use outbox::{FilingFull, Stage};
use uuid::Uuid;

use super::desk::{Desk, in_correction, sealed};
use crate::speech::{Fact, LineFact};

fn listed(full: FilingFull) -> Desk {
    let mut desk = Desk::open();
    desk.overview.filings = vec![full.row.clone()];
    desk.filing = Some(full);
    desk.press("查进度");
    desk
}

#[test]
fn every_state_stands_in_the_exact_words_of_the_house() {
    for (stage, says) in [
        (Stage::Waiting, "待上传"),
        (Stage::Sending, "上传中 40%"),
        (Stage::Received, "镇街已收"),
        (Stage::Quarantined, "需管理员处理"),
    ] {
        let desk = listed(sealed(stage));
        desk.must_see(says);
    }
    for (state, says) in [
        (State::Received, "镇街已收"),
        (State::InCorrection, "待补正"),
        (State::Corrected, "已补正"),
        (State::Accepted, "已受理"),
        (State::Granted, "已办结"),
        (State::NotAccepted, "不予受理"),
    ] {
        let mut full = in_correction();
        if let Some(case) = &mut full.row.case {
            case.state = state;
        }
        listed(full).must_see(says);
    }
}

#[test]
fn the_eighth_filing_stands_on_a_second_page_and_is_found_by_its_number() {
    let mut desk = Desk::open();
    for number in 1..=8_u128 {
        let mut row = sealed(Stage::Waiting).row;
        row.id = Uuid::from_u128(number);
        row.case_number = format!("SLC-22H4-000{number}-1");
        row.sealed_at += jiff::SignedDuration::from_secs(number as i64);
        desk.overview.filings.push(row);
    }
    desk.press("查进度");
    desk.must_see("共 8 件");
    desk.must_see("第 1 页，共 2 页");
    assert!(desk.offers("查看 SLC-22H4-0008-1"));
    desk.must_not_see("查看 SLC-22H4-0001-1");
    desk.press("下一页");
    assert!(desk.offers("查看 SLC-22H4-0001-1"));
    desk.enter("查办件", "slc22h40003");
    desk.must_see("共 1 件");
    assert!(desk.offers("查看 SLC-22H4-0003-1"));
    desk.enter("查办件", "王五");
    desk.must_see("没有找到“王五”");
}

#[test]
fn the_page_of_a_filing_tells_how_it_came_there_and_what_the_hall_has_not() {
    let mut desk = listed(sealed(Stage::Waiting));
    desk.press("查看 SLC-22H4-2223-8");
    for text in ["这件事走到哪了", "石榴村便民服务点封存，2 页", "等着上传，镇街还没收到", "镇街收到后才有", "73 51 20"]
    {
        desk.must_see(text);
    }
    assert!(desk.offers("现在就传"));
}

#[test]
fn withdrawing_needs_a_reason_and_becomes_an_act() {
    let mut desk = listed(sealed(Stage::Received));
    desk.press("查看 SLC-22H4-2223-8");
    desk.press("撤回");
    desk.press("送出撤回");
    desk.must_see("请写明为什么撤回");
    assert!(desk.acts.is_empty());
    desk.enter("为什么撤回", "材料暂时凑不齐");
    desk.press("送出撤回");
    assert!(matches!(&desk.acts[..], [act] if act.what == What::Withdraw { reason: "材料暂时凑不齐".into() }));
}

#[test]
fn who_took_the_result_is_recorded_here_and_becomes_an_act() {
    let mut granted = in_correction();
    granted.row.case.as_mut().expect("a case").state = State::Granted;
    let mut desk = listed(granted);
    desk.press("查看 SLC-22H4-2223-8");
    desk.press("记下送达");
    desk.must_see("结果交给谁了");
    desk.enter("谁领走的", " ");
    desk.press("记下");
    desk.must_see("请写明谁领走的");
    assert!(desk.acts.is_empty());
    desk.enter("谁领走的", "王小三");
    desk.press("邮寄");
    desk.press("记下");
    let what = What::Deliver { collector: "王小三".into(), way: "mail".into() };
    assert!(matches!(&desk.acts[..], [act] if act.what == what), "{:?}", desk.acts);
}

#[test]
fn what_is_not_decided_cannot_be_delivered() {
    let mut desk = listed(in_correction());
    desk.press("查看 SLC-22H4-2223-8");
    assert!(!desk.offers("记下送达"));
}

#[test]
fn the_resident_says_how_it_was_once_the_hall_has_answered_and_complains_at_any_time() {
    let mut running = in_correction();
    running.row.case.as_mut().expect("a case").state = State::Accepted;
    let mut desk = listed(running);
    desk.press("查看 SLC-22H4-2223-8");
    desk.must_not_see("这件事办得怎么样？");
    desk.press("投诉");
    desk.press("送出投诉");
    desk.must_see("请写清楚什么事不满意");
    assert!(desk.acts.is_empty());
    desk.enter("什么事不满意", "三天没人答复");
    desk.press("送出投诉");
    assert!(matches!(&desk.acts[..], [act] if act.what == What::Complain { words: "三天没人答复".into() }), "{:?}", desk.acts);

    let mut ended = in_correction();
    ended.row.case.as_mut().expect("a case").state = State::Granted;
    let mut desk = listed(ended);
    desk.press("查看 SLC-22H4-2223-8");
    desk.must_see("请居民本人来按");
    desk.press("基本满意");
    let what = What::Evaluate { grade: matters::Grade::Acceptable, words: String::new().into() };
    assert!(matches!(&desk.acts[..], [act] if act.what == what), "{:?}", desk.acts);
}

#[test]
fn sending_may_be_paused_and_large_things_may_wait_for_a_free_network() {
    let mut desk = Desk::open();
    desk.overview.filings = vec![sealed(Stage::Waiting).row];
    desk.overview.queue.filings_waiting = 1;
    desk.tell(Fact::Overview(Box::new(desk.overview.clone())));
    // Without its band over the screen, which leads to the queue too.
    desk.tell(Fact::Line(LineFact::Up { hall_time: "2026-11-23T01:42:00Z".parse().unwrap(), skew_ms: Some(0) }));
    desk.press("查看排队");
    desk.press("暂停上传");
    desk.press("现在的网络按流量收费");
    assert_eq!(desk.switches, [("paused", true), ("metered", true)]);
    desk.overview.queue.paused = true;
    desk.tell(Fact::Overview(Box::new(desk.overview.clone())));
    desk.must_see("已暂停上传");
    desk.press("继续上传");
    assert_eq!(desk.switches.last(), Some(&("paused", false)));
}

#[test]
fn a_correction_names_every_gap_says_what_to_phone_and_goes_only_when_whole() {
    let mut desk = listed(in_correction());
    desk.press("查看 SLC-22H4-2223-8");
    desk.press("去补正");
    for text in [
        "补正 · 11月30日 到期",
        "银行卡或存折 第 1 页",
        "右下角反光，看不清卡号。标准：卡号、户名都能看清",
        "表格：联系电话",
        "原来填的：13900000000",
        "李样本您好，我是石榴村便民服务点的王样本",
        "银行卡或存折 第 1 页原件带来，别的都不用带",
        "还差 2 处",
    ] {
        desk.must_see(text);
    }
    assert!(!desk.offers("补正送镇街"));
    desk.press("改：表格：联系电话");
    desk.enter("联系电话", "1390000");
    desk.must_see("手机号还差 4 位");
    assert!(!desk.offers("就改成这样"), "half a number is no answer");
    desk.must_see("还差 2 处");
    desk.enter("联系电话", "13900000001");
    desk.press("就改成这样");
    desk.must_see("✓ 已改为 13900000001");
    desk.press("重拍：银行卡或存折 第 1 页");
    desk.camera_sees_a_page();
    desk.press("拍照");
    desk.press("拍好了，回补正");
    desk.must_see("都补好了");
    desk.press("补正送镇街");
    let [act] = &desk.acts[..] else { panic!("one act was enqueued: {:?}", desk.acts) };
    let What::Supplement { correction, items, pages } = &act.what else { panic!("it answers the correction") };
    assert_eq!((*correction, act.revision), (Uuid::from_u128(0xC0), 2));
    assert_eq!(pages.iter().map(|page| page.material.as_str()).collect::<Vec<_>>(), ["BK"]);
    let answers: Vec<_> = items.iter().filter_map(|item| Some((item.item, item.answer.clone()?))).collect();
    assert!(matches!(&answers[..], [(1, Value::Text(phone))] if phone.expose() == "13900000001"));
}

#[test]
fn the_receipt_says_safe_first_then_the_number_and_what_the_hall_has_not_done() {
    let mut desk = super::path_tests::to_review();
    desk.press("居民看过了，都对");
    desk.press("签名封存");
    let full = sealed(Stage::Waiting);
    let (filing, bytes) = (full.row.id, full.sealed.clone());
    desk.filing = Some(full);
    desk.tell(Fact::Sealed { filing, sealed: Box::new(bytes) });
    for text in ["✓ 已封存在本机", "SLC-22H4-2223-8", "73 51 20", "镇街还没收到", "办件号和查询码的二维码", "办事不收费"]
    {
        desk.must_see(text);
    }
    desk.press("接着给本人办别的");
    desk.must_see("李样本");
    desk.must_not_see("SLC-22H4-2223-8");
    desk.press("本人来办");
    desk.press("下一步：选事项");
}
