use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{
    form::{fixtures::*, read_answers},
    matter::{Field, FieldKind, Words},
};

const ACCOUNT: &str = "6200000000000000000";

fn field(kind: FieldKind) -> Field {
    let words = Words { zh: String::new(), en: String::new() };
    Field {
        key: "f".into(),
        label: words.clone(),
        sample: words,
        kind,
        required: true,
        prefill: None,
        default: None,
        note: None,
        reuse: false,
        when: vec![],
    }
}

#[test]
fn typed_text_becomes_values_and_comes_back_for_editing() {
    let money = field(FieldKind::Money { min: 0, max: i64::MAX });
    let area = field(FieldKind::Area { unit: "mu".into(), max: i64::MAX });
    let day = field(FieldKind::Date { future: true });
    let phone = field(FieldKind::Phone);
    let name = field(FieldKind::Name);
    let number = field(FieldKind::CitizenNumber);
    let text = |value: &str| Value::Text(value.into());
    for (field, typed, value, shown) in [
        (&money, " 1,234.5 ", Value::Money(123_450), "1234.50"),
        (&money, "￥１２元", Value::Money(1200), "12.00"),
        (&money, "0.05", Value::Money(5), "0.05"),
        (&area, "3.25", Value::Area(3250), "3.25"),
        (&area, "０.００１", Value::Area(1), "0.001"),
        (&area, "12", Value::Area(12_000), "12"),
        (&day, "2026年11月3日", Value::Date(date(2026, 11, 3)), "2026-11-03"),
        (&day, "20261103", Value::Date(date(2026, 11, 3)), "2026-11-03"),
        (&day, "2026/11/3", Value::Date(date(2026, 11, 3)), "2026-11-03"),
        (&phone, "029 8888 0000", text("029-88880000"), "029-88880000"),
        (&phone, "0913-1234567", text("0913-1234567"), "0913-1234567"),
        (&phone, "+86 139 1234 5678", text("13912345678"), "13912345678"),
        (&name, " 阿卜杜拉•样本 ", text("阿卜杜拉·样本"), "阿卜杜拉·样本"),
        (&name, "阿依.古丽", text("阿依·古丽"), "阿依·古丽"),
        (&name, "Anna  M. Sample", text("Anna M. Sample"), "Anna M. Sample"),
        (&number, "０００000 19500308 002x", text("00000019500308002X"), "00000019500308002X"),
    ] {
        let parsed = parse_input(field, typed).unwrap();
        assert_eq!(parsed, value, "{typed}");
        assert_eq!(show_value(field, &parsed), shown);
        assert_eq!(parse_input(field, shown).unwrap(), value, "what is shown reads back");
    }
    for (field, typed, code) in [
        (&money, "1.234", "money_shape"),
        (&money, "-5", "money_shape"),
        (&money, "12.", "money_shape"),
        (&money, "1,23", "money_shape"),
        (&money, "一百", "money_shape"),
        (&money, "9999999999999999", "money_shape"),
        (&area, "1.0001", "area_shape"),
        (&day, "2026-02-30", "date_shape"),
        (&day, "26-11-03", "date_shape"),
        (&day, "明天", "date_shape"),
        (&phone, "  ", "required"),
        (&field(FieldKind::Payee), "x", "wrong_kind"),
    ] {
        let complaint = parse_input(field, typed).unwrap_err();
        known(&complaint);
        assert_eq!(complaint.code, code, "{typed}");
    }
    assert_eq!(parse_input(&field(FieldKind::Text { chars_max: 10 }), &"长".repeat(41)).unwrap_err().code, "chars_max");
    assert!(parse_input(&field(FieldKind::Text { chars_max: 10 }), &"长".repeat(12)).is_ok(), "kept, and told by complaints");
}

#[test]
fn answers_of_a_script_are_read_as_a_hand_would_type_them() {
    let matter = catalogue().matter("M14").unwrap();
    let number = number(date(1980, 1, 2), 2);
    let json = serde_json::json!({
        "phone": "029 88880000",
        "deposit": 1000,
        "land": "3.5",
        "declared": true,
        "payee": { "bank": "样本农商银行", "account": ACCOUNT, "owner": "李样本" },
        "members": [{ "name": "李样本", "number": number, "relation": "head", "health": "good", "job": "务农",
                      "wages": "800", "business": 0, "property": "0", "transfer": "12.5", "signed": "yes" }],
        "income_sum": "812.50",
        "house": "",
    });
    let (answers, complaints) = read_answers(matter, json.as_object().unwrap());
    assert!(complaints.is_empty(), "{complaints:?}");
    assert_eq!(answers["deposit"], Value::Money(100_000));
    assert!(!answers.contains_key("house"));
    let Value::Household(members) = &answers["members"] else { panic!() };
    assert_eq!(members[0].more["transfer"], Value::Money(1250));
    let mut case = Case::new("M14", person(date(1980, 1, 2)));
    case.answers.extend(answers);
    assert!(!case.told().iter().any(|told| told.starts_with("income_sum") || told.starts_with("members")), "{:?}", case.told());
    case.set("income_sum", Value::Money(1));
    assert!(case.told().contains(&"income_sum:check".to_owned()));

    let json =
        serde_json::json!({ "nothing": 1, "deposit": "viel", "members": [{ "nonsense": 1 }], "payee": "x", "declared": "maybe" });
    let (answers, complaints) = read_answers(matter, json.as_object().unwrap());
    assert!(answers.is_empty());
    assert_eq!(
        told(&complaints),
        ["declared:choice_unknown", "deposit:money_shape", "members:wrong_kind", "nothing:wrong_kind", "payee:wrong_kind"]
    );
}

proptest! {
    #[test]
    fn money_and_area_survive_editing(cents in 0i64..1_000_000_000_000, thousandths in 0i64..1_000_000_000) {
        let money = field(FieldKind::Money { min: 0, max: i64::MAX });
        prop_assert_eq!(parse_input(&money, &show_value(&money, &Value::Money(cents))), Ok(Value::Money(cents)));
        let area = field(FieldKind::Area { unit: "sqm".into(), max: i64::MAX });
        prop_assert_eq!(parse_input(&area, &show_value(&area, &Value::Area(thousandths))), Ok(Value::Area(thousandths)));
    }
}
