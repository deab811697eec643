//! A draft opened under a newer catalogue: kept, told, readable.

use matters::{Catalogue, Value};

use super::desk::Desk;
use crate::catalogue::Town;

/// The built-in catalogue as version 2026.4, with `edit` done to the files of its matters.
fn newer(edit: impl Fn(&str, &str) -> Option<String>) -> Catalogue {
    let files: Vec<(&str, String)> = matters::bundled::FILES
        .iter()
        .filter_map(|(name, text)| {
            let text = if *name == "catalogue.toml" {
                let withdrawn = "\n[[withdrawn]]\nid = \"M08\"\nname = { zh = \"老年人优待证\", en = \"Card for the old\" }\n\
                                 on = \"2026-11-20\"\nelsewhere = { zh = \"区民政局一楼3号窗口\", en = \"County office, desk 3\" }\n";
                format!("{}{withdrawn}", text.replace("\"2026.3\"", "\"2026.4\""))
            } else {
                edit(name, text)?
            };
            Some((*name, text))
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Catalogue::parse("", &files).expect("a good catalogue")
}

/// A draft of this matter, begun under the built-in version, opened in a town that has a newer one.
fn opened(matter: &str, current: Catalogue, earlier: Vec<Catalogue>) -> Desk {
    let mut begun = Desk::open();
    begun.press("新办一件");
    begun.press("已告知，居民同意");
    begun.put_card();
    begun.press("本人来办");
    begun.press("下一步：选事项");
    begun.press(&format!("办理：{matter}"));
    let mut draft = begun.saved().clone();
    draft.answers.insert("phone".into(), Value::Text("029-88880000".into()));
    let mut desk = Desk::of(Town { current, earlier, ..Town::bundled() }, 1920.0, 1080.0);
    desk.overview.drafts = vec![draft.clone()];
    desk.draft = Some(draft);
    desk.tell(crate::speech::Fact::Overview(Box::new(desk.overview.clone())));
    desk.press(&format!("继续 李样本 · {matter}"));
    desk
}

#[test]
fn what_still_is_asked_stays_and_what_is_gone_can_be_read() {
    let edit = |name: &str, text: &str| {
        let text = if name.starts_with("M09") { text.replace("key = \"band\"", "key = \"tier\"") } else { text.to_owned() };
        Some(text)
    };
    let mut desk = opened("高龄老人生活保健补贴", newer(edit), vec![Catalogue::bundled().expect("it is whole")]);
    for text in
        ["事项目录换了新版：2026.3 → 2026.4", "新增要填的一项：补贴档次", "这一项不用再填：补贴档次", "旧版填写", "70至79岁"]
    {
        desk.must_see(text);
    }
    let draft = desk.saved().clone();
    assert_eq!(draft.catalogue_version, "2026.4", "saved under the new version");
    assert_eq!(draft.answers.get("phone"), Some(&Value::Text("029-88880000".into())));
    assert_eq!(draft.answers.get("tier"), Some(&Value::Choice("70".into())), "what the card tells is there at once");
    assert!(!draft.answers.contains_key("band"));
    assert_eq!(draft.old.iter().map(|old| old.key.as_str()).collect::<Vec<_>>(), ["band"]);
    // Opened again it need not move, and the old answer can still be read.
    desk.press("存为草稿，先办别人");
    desk.overview.drafts = vec![draft];
    desk.tell(crate::speech::Fact::Overview(Box::new(desk.overview.clone())));
    desk.press("继续 李样本 · 高龄老人生活保健补贴");
    desk.must_see("旧版填写");
    assert!(!desk.sees("事项目录换了新版：2026.3 → 2026.4"));
}

#[test]
fn without_the_earlier_version_the_window_says_that_it_cannot_compare() {
    let edit = |name: &str, text: &str| {
        let text = if name.starts_with("M09") { text.replace("key = \"band\"", "key = \"tier\"") } else { text.to_owned() };
        Some(text)
    };
    let desk = opened("高龄老人生活保健补贴", newer(edit), Vec::new());
    desk.must_see("旧版目录不在这台机器上");
    desk.must_see("旧版填写");
}

#[test]
fn a_withdrawn_matter_keeps_its_draft_readable_and_says_where_to_go() {
    let edit = |name: &str, text: &str| (!name.starts_with("M08")).then(|| text.to_owned());
    let desk = opened("老年人优待证", newer(edit), vec![Catalogue::bundled().expect("it is whole")]);
    for text in ["老年人优待证", "2026年11月20日起，这件事不在这里办了", "到这里办：区民政局一楼3号窗口", "029-88880000"]
    {
        desk.must_see(text);
    }
    assert_eq!(desk.saved().catalogue_version, "2026.3", "nothing of it was touched");
    assert!(!desk.offers("开始填表"));
}

#[test]
fn a_citizen_number_in_the_form_is_typed_twice() {
    let field = "[[groups.fields]]\nkey = \"spouse_id\"\nlabel = { zh = \"配偶号码\", en = \"Spouse's number\" }\n\
                 sample = { zh = \"000000195003080028\", en = \"000000195003080028\" }\ntype = \"citizen_number\"\n\n[[groups.fields]]\nkey = \"payee\"";
    let edit = |name: &str, text: &str| {
        Some(if name.starts_with("M09") {
            text.replacen("[[groups.fields]]\nkey = \"payee\"", field, 1)
        } else {
            text.to_owned()
        })
    };
    let mut desk = opened("高龄老人生活保健补贴", newer(edit), Vec::new());
    desk.press("一样");
    desk.press("2寸白底免冠照片");
    desk.press("银行卡或存折");
    desk.press("开始填表");
    desk.press("户主本人");
    desk.press("下一组");
    let number = super::specimen::number("19520101", 1);
    desk.enter("配偶号码", &number);
    desk.enter("再录一遍配偶号码", &super::specimen::number("19520101", 3));
    desk.must_see("两遍录得不一样");
    desk.enter("开户银行", "样本农商银行石榴支行");
    desk.enter("银行卡号", "6200000000000000018");
    desk.press("下一组");
    desk.must_see("第 2 组");
    desk.enter("再录一遍配偶号码", &number);
    desk.press("下一组");
    desk.must_see("第 3 组");
}

#[test]
fn a_signature_is_drawn_wiped_drawn_again_and_kept_as_a_page() {
    let field = "[[groups.fields]]\nkey = \"signed\"\nlabel = { zh = \"本人签名\", en = \"Signature\" }\n\
                 sample = { zh = \"张三\", en = \"Zhang San\" }\ntype = \"signature\"\n\n[[groups.fields]]\nkey = \"band\"";
    let edit = |name: &str, text: &str| {
        Some(if name.starts_with("M09") { text.replacen("[[groups.fields]]\nkey = \"band\"", field, 1) } else { text.to_owned() })
    };
    let mut desk = opened("高龄老人生活保健补贴", newer(edit), Vec::new());
    desk.press("一样");
    desk.press("2寸白底免冠照片");
    desk.press("银行卡或存折");
    assert!(!desk.sees("还差："), "a signature is not brought along");
    desk.press("开始填表");
    desk.press("户主本人");
    desk.press("下一组");
    assert!(!desk.offers("就用这个签名：本人签名"), "nothing was drawn yet");
    desk.draw("在这里签名：本人签名", &[[0.2, 0.3], [0.5, 0.7], [0.8, 0.3]]);
    desk.press("擦掉重写：本人签名");
    assert!(!desk.offers("就用这个签名：本人签名"));
    desk.draw("在这里签名：本人签名", &[[0.2, 0.3], [0.5, 0.7], [0.8, 0.3]]);
    desk.press("就用这个签名：本人签名");
    desk.must_see("✓ 已有");
    let page = desk.pages.iter().find(|page| page.material == "signed").expect("the signature is a page");
    assert!(page.bytes > 500 && page.width_px > page.height_px);
}
