//! A batch of pages as an agent makes it: put between others, taken again, finished, joined.

use matters::Digest;
use scan::{Paper, Tone};

use super::{desk::Desk, path_tests::at_camera};

/// Pages of the bank card in their order.
fn bank(desk: &Desk) -> Vec<Digest> {
    let mut pages: Vec<_> = desk.pages.iter().filter(|page| page.material == "BK").collect();
    pages.sort_by_key(|page| page.order);
    assert!(pages.iter().zip(1..).all(|(page, order)| page.order == order), "numbered without a gap");
    pages.into_iter().map(|page| page.sha256).collect()
}

fn at_bank_card() -> Desk {
    let mut desk = at_camera();
    desk.press("银行卡或存折");
    desk
}

#[test]
fn a_forgotten_page_is_put_before_another_and_the_rest_moves_down() {
    let mut desk = at_bank_card();
    desk.press("拍照");
    let first = bank(&desk);
    desk.press("银行卡或存折 第 1 页");
    desk.press("前面插一页");
    desk.must_see("在第 1 页前面插一页");
    assert!(desk.offers("插在第 1 页前面"), "its place is shown among the pages");
    desk.press("拍照");
    let both = bank(&desk);
    assert_eq!((both.len(), both[1]), (2, first[0]), "the new one stands before it");
    // The window counts as the cabinet does.
    desk.press("银行卡或存折 第 2 页");
    desk.press("删除");
    desk.press("真的删掉第 2 页");
    assert_eq!(bank(&desk), [both[0]]);
}

#[test]
fn a_page_that_was_to_be_put_between_can_be_called_off() {
    let mut desk = at_bank_card();
    desk.press("拍照");
    desk.press("银行卡或存折 第 1 页");
    desk.press("前面插一页");
    desk.press("插在第 1 页前面");
    desk.must_see("第 2 页 · 原件拍完还给居民");
    desk.press("银行卡或存折 第 1 页");
    desk.press("重拍这页");
    desk.must_see("重拍第 1 页");
    desk.press("拍下一页");
    desk.must_see("第 2 页 · 原件拍完还给居民");
}

#[test]
fn a_full_paper_takes_no_page_between_and_can_still_be_taken_again() {
    let mut desk = at_bank_card();
    desk.press("拍照");
    desk.press("拍照");
    assert!(!desk.offers("拍照") && !desk.offers("拍下一页"), "a bank card has two sides");
    desk.must_not_see("第 3 页");
    let before = bank(&desk);
    desk.press("银行卡或存折 第 1 页");
    desk.must_see("第 1 页 · 原件拍完还给居民");
    assert!(!desk.offers("前面插一页"));
    desk.press("重拍这页");
    desk.press("拍照");
    let after = bank(&desk);
    assert_eq!((after.len(), after[1]), (2, before[1]));
    assert_ne!(after[0], before[0]);
}

#[test]
fn identity_papers_say_what_they_are_for_and_other_pages_do_not() {
    let mut desk = at_camera();
    desk.press("拍照");
    assert_eq!(desk.makes[0].watermark, None, "a portrait is no identity paper");
    desk.press("银行卡或存折");
    desk.must_see("自动认 · 彩色 · 加水印");
    desk.press("拍照");
    let said = desk.makes[1].watermark.clone().expect("a watermark");
    assert_eq!(said, "仅用于办理 高龄老人生活保健补贴 2026-11-24 石榴村便民服务点");
}

#[test]
fn paper_colours_and_watermark_are_chosen_a_paper_at_a_time_and_the_page_just_taken_follows() {
    let mut desk = at_bank_card();
    desk.press("拍照");
    let before = bank(&desk);
    desk.press("自动认 · 彩色 · 加水印");
    desk.must_see("刚拍的这一页马上照此重做");
    desk.press("白底（红章不变）");
    desk.press("证卡");
    desk.press("不加");
    let made = desk.makes.last().expect("made anew");
    assert_eq!((made.paper, made.tone, made.watermark.as_deref()), (Paper::Card, Tone::Clean, None));
    assert_ne!(bank(&desk), before);
    assert_eq!(bank(&desk).len(), 1, "made anew, not once more");
    desk.press("好了");
    desk.must_see("证卡 · 白底（红章不变） · 不加水印");
    desk.press("2寸白底免冠照片");
    desk.must_see("自动认 · 彩色 · 不加水印");
    desk.press("自动认 · 彩色 · 不加水印");
    desk.must_see("从下一页起照此办理");
    desk.press("整幅画面");
    desk.must_see("整幅都拍进去，不找纸边");
    desk.press("拍照");
    assert_eq!(desk.makes.last().expect("taken").paper, Paper::Whole);
}

#[test]
fn a_town_may_want_every_page_marked_or_none() {
    for (policy, marked) in [(crate::config::Watermark::Always, true), (crate::config::Watermark::Never, false)] {
        let mut desk = at_camera();
        desk.harness.state_mut().config.capture.watermark = policy;
        desk.press("拍照");
        desk.press("银行卡或存折");
        desk.press("拍照");
        assert!(desk.makes.iter().all(|make| make.watermark.is_some() == marked), "{policy:?}");
    }
}

#[test]
fn front_and_back_of_a_card_become_one_sheet() {
    let mut desk = at_bank_card();
    desk.press("自动认 · 彩色 · 加水印");
    desk.press("证卡");
    desk.press("好了");
    desk.press("拍照");
    assert!(!desk.sees("正反面拼到一张 A4"), "one side is no pair");
    desk.press("拍照");
    let sides = bank(&desk);
    desk.press("第 1、2 页正反面拼到一张 A4");
    let sheet = bank(&desk);
    let expected = [sides[0].to_string(), sides[1].to_string()].concat();
    assert_eq!(sheet, [Digest::of(expected.as_bytes())], "front above, back below, and nothing else is left");
    let page = desk.pages.iter().find(|page| page.material == "BK").expect("the sheet");
    assert_eq!((page.width_px, page.height_px), (2480, 3508));
    assert!(!desk.sees("正反面拼到一张 A4"));
    desk.must_see("要拍的材料");
}

#[test]
fn a_page_that_was_turned_is_not_taken_for_the_last_still() {
    let mut desk = at_bank_card();
    desk.press("拍照");
    desk.press("拍照");
    let draft = desk.saved().id;
    let mut turned = desk.pages.iter().find(|page| page.material == "BK" && page.order == 1).expect("taken").clone();
    turned.sha256 = Digest::of(b"turned");
    desk.tell(crate::speech::Fact::PageSaved { draft, page: turned, inserted: false });
    let last = desk.harness.state().camera_view().last.clone().expect("a still");
    assert_eq!(last.page, Some(("BK".to_owned(), 2)), "its corners would square another paper");
}

#[test]
fn picture_pages_and_acts_stand_on_one_screen_without_scrolling() {
    use egui_kittest::kittest::Queryable;
    let mut desk = at_bank_card();
    desk.press("拍照");
    desk.press("银行卡或存折 第 1 页");
    let screen = desk.harness.ctx.content_rect();
    for name in ["自动认 · 彩色 · 加水印", "银行卡或存折 第 1 页（放大）", "银行卡或存折 第 1 页", "前面插一页", "删除"]
    {
        let rect = desk.harness.get_by_label(name).rect();
        assert!(screen.contains_rect(rect), "“{name}” at {rect:?} on {screen:?}");
    }
    let row = desk.harness.get_by_label("自动认 · 彩色 · 加水印").rect();
    let picture = desk.harness.get_by_label("银行卡或存折 第 1 页（放大）").rect();
    assert!(picture.top() - row.bottom() < 40.0, "no empty room above the picture");
}

#[test]
fn a_page_is_cut_anew_from_the_frame_that_was_kept() {
    let mut desk = at_bank_card();
    desk.press("拍照");
    desk.press("拍照");
    desk.press("银行卡或存折 第 1 页");
    assert!(!desk.sees("取原图"), "off until the town wants it");
    desk.harness.state_mut().config.capture.keep_frames = true;
    desk.settle();
    desk.press("取原图");
    let (before, other) = (bank(&desk)[0], bank(&desk)[1]);
    desk.press("调四角");
    desk.press("就按这四角");
    let after = bank(&desk);
    assert_eq!((after.len(), after[1]), (2, other));
    assert_ne!(after[0], before);
}

#[test]
fn the_automatic_shot_can_be_on_from_the_start() {
    let mut desk = at_camera();
    assert!(desk.offers("放稳自动拍：关"));
    desk.harness.state_mut().config.capture.auto_shot = true;
    desk.press("存为草稿，先办别人");
    desk.press("新办一件");
    assert!(desk.harness.state().camera_view().auto);
}
