use super::*;
use crate::{Personal, bundled};

/// 高龄津贴 with what it needs, one text in it replaced.
fn edited(from: &str, to: &str) -> Catalogue {
    let files: Vec<(&str, String)> = bundled::FILES
        .iter()
        .filter(|(name, _)| ["M09", "dictionary", "catalogue"].iter().any(|own| name.starts_with(own)))
        .map(|(name, text)| {
            assert!(!name.starts_with("M09") || text.contains(from), "{from}");
            (*name, if name.starts_with("M09") { text.replacen(from, to, 1) } else { (*text).to_owned() })
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Catalogue::parse("", &files).unwrap()
}

fn unchanged() -> Catalogue {
    edited("id = \"M09\"", "id = \"M09\"")
}

fn only(newer: &Catalogue) -> Vec<(String, Vec<(&'static str, String)>)> {
    diff(&unchanged(), newer)
        .into_iter()
        .map(|change| match change.kind {
            ChangeKind::Changed(all) => (change.id, all.into_iter().map(|c| (c.code, c.key)).collect()),
            kind => panic!("{kind:?}"),
        })
        .collect()
}

#[test]
fn every_kind_of_change_is_told_by_its_code() {
    let field = "\n[[groups.fields]]\nkey = \"declared\"";
    let situation = "[[situations]]\nkey = \"residence\"";
    for (from, to, code, key) in [
        ("高龄老人生活保健补贴", "高龄津贴", "name_changed", ""),
        ("综合受理(民政)", "综合受理一", "window_changed", ""),
        ("days = 20", "days = 15", "limit_changed", ""),
        ("第三十三条", "第三十三条、第三十四条", "basis_changed", ""),
        ("本市户籍\"", "本区户籍\"", "conditions_changed", ""),
        ("不收费\"", "一分钱不收\"", "fee_changed", ""),
        ("self_service = \"assisted\"", "self_service = \"no\"", "proxy_changed", ""),
        ("还不到70周岁", "不到70周岁", "checks_changed", ""),
        ("按年龄自动判定", "年龄自动判定", "field_changed", "band"),
        (
            field,
            "\n[[groups.fields]]\nkey = \"note\"\nlabel = { zh = \"备注\", en = \"Note\" }\nsample = { zh = \"无\", en = \"None\" }\ntype = \"text\"\n\n[[groups.fields]]\nkey = \"declared\"",
            "field_added",
            "note",
        ),
        (
            "[[materials]]\ncode = \"PH2\"",
            "[[materials]]\ncode = \"PH1\"\n\n[[materials]]\ncode = \"PH2\"",
            "material_added",
            "PH1",
        ),
        ("没带也行:站到", "站到", "material_changed", "PH2"),
        (
            situation,
            "[[situations]]\nkey = \"other\"\nquestion = { zh = \"问\", en = \"Q\" }\nchoices = []\n\n[[situations]]\nkey = \"residence\"",
            "situation_added",
            "other",
        ),
        ("户口本上一样吗", "户口簿上一样吗", "situation_changed", "residence"),
        ("按月领取生活保健补贴", "每月领取生活保健补贴", "text_changed", ""),
    ] {
        assert_eq!(only(&edited(from, to)), [("M09".to_owned(), vec![(code, key.to_owned())])], "{from}");
        assert!(CHANGES.contains(&code));
    }
    let more = edited("[[materials]]\ncode = \"PH2\"", "[[materials]]\ncode = \"PH1\"\n\n[[materials]]\ncode = \"PH2\"");
    let removed = ChangeKind::Changed(vec![Change { code: "material_removed", key: "PH1".into() }]);
    assert_eq!(diff(&more, &unchanged()), [MatterChange { id: "M09".into(), kind: removed }]);
    assert!(diff(&unchanged(), &unchanged()).is_empty());
}

#[test]
fn matters_come_and_go() {
    let without: Vec<(&str, &str)> = bundled::FILES.iter().filter(|(name, _)| !name.starts_with("M42")).copied().collect();
    let (old, new) = (Catalogue::bundled().unwrap(), Catalogue::parse("", &without).unwrap());
    assert_eq!(diff(&old, &new), [MatterChange { id: "M42".into(), kind: ChangeKind::Removed }]);
    assert_eq!(diff(&new, &old), [MatterChange { id: "M42".into(), kind: ChangeKind::Added }]);
}

fn draft() -> (Answers, BTreeMap<String, String>) {
    let answers = Answers::from([
        ("phone".to_owned(), Value::Text(Personal::from("029-88880000"))),
        ("band".to_owned(), Value::Choice("70".into())),
        ("bank_branch".to_owned(), Value::Text(Personal::from("石榴支行"))),
        ("head_relation".to_owned(), Value::Text(Personal::from("户主"))),
    ]);
    (answers, BTreeMap::from([("residence".to_owned(), "same".to_owned()), ("gone".to_owned(), "x".to_owned())]))
}

#[test]
fn a_draft_moves_to_the_newer_version_and_keeps_what_no_longer_fits_readable() {
    let newer = edited("{ key = \"70\", label", "{ key = \"71\", label");
    let old = unchanged();
    let (answers, situations) = draft();
    let moved = migrate("M09", &answers, &situations, old.matter("M09"), &newer);
    assert_eq!(moved.kept.keys().collect::<Vec<_>>(), ["phone"]);
    let gone: Vec<(&str, bool)> = moved.old.iter().map(|old| (old.key.as_str(), old.label.is_some())).collect();
    assert_eq!(gone, [("band", true), ("bank_branch", false), ("head_relation", true)]);
    assert_eq!(moved.situations.len(), 1);
    assert_eq!(moved.changes, [Change { code: "field_changed", key: "band".into() }]);
    assert_eq!(moved.withdrawn, None);
    assert_eq!(moved.kept.len() + moved.old.len(), answers.len(), "nothing is lost");
}

#[test]
fn a_withdrawn_matter_keeps_its_draft_and_says_where_to_go() {
    let head = "version = \"2027.1\"\nin_force_from = \"2027-01-01\"\nceiling = { working_days = 60, natural_days = 90 }\n[[withdrawn]]\nid = \"M09\"\nname = { zh = \"高龄津贴\", en = \"Allowance\" }\non = \"2027-01-01\"\nelsewhere = { zh = \"到区民政窗口\", en = \"District desk\" }\n";
    let files: Vec<(&str, &str)> = bundled::FILES
        .iter()
        .filter(|(name, _)| !name.starts_with("M09"))
        .map(|(name, text)| if *name == "catalogue.toml" { (*name, head) } else { (*name, *text) })
        .collect();
    let newer = Catalogue::parse("", &files).unwrap();
    let (answers, situations) = draft();
    let moved = migrate("M09", &answers, &situations, unchanged().matter("M09"), &newer);
    assert!(moved.kept.is_empty());
    assert_eq!(moved.old.len(), answers.len());
    assert_eq!(moved.withdrawn.unwrap().elsewhere.zh, "到区民政窗口");
}
