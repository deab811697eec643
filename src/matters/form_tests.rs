use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;

use super::{fixtures::*, *};
use crate::{Mandate, ProxyKind, Witness, matter::Field};

const ACCOUNT: &str = "6200000000000000000";

/// 高龄津贴 of a woman of 76, complete.
fn allowance() -> Case {
    let mut case = Case::new("M09", person(date(1950, 3, 8)));
    case.tell("residence", "same").type_in("phone", "029-8888 0000").choose("head_relation", "head");
    case.pay("payee", ACCOUNT, "李样本").set("declared", Value::Flag(true));
    case
}

/// 手工报销 of two bills, complete.
fn reimbursement() -> Case {
    let mut case = Case::new("M07", person(date(1980, 1, 2)));
    case.tell("visit", "inpatient").tell("injury", "no");
    case.choose("addr_same", "same").type_in("phone", "029-88880000").choose("head_relation", "spouse");
    case.type_in("hospital", "样本市第一人民医院").type_in("admitted", "2026-10-08").type_in("discharged", "2026-10-15");
    case.choose("reason", "emergency").choose("third_party", "no");
    case.type_in("amount", "3286.50").type_in("invoices", "0000000001 1286.50\n0000000002 2000");
    case.pay("payee", ACCOUNT, "李样本");
    case
}

#[test]
fn a_complete_form_has_no_complaint() {
    assert_eq!(allowance().told(), Vec::<String>::new());
    assert_eq!(reimbursement().told(), Vec::<String>::new());
    let mut confirmation = Case::new("M04", person(date(1950, 3, 8)));
    confirmation.type_in("phone", "13912345678").choose("pension", "resident");
    confirmation.type_in("alive_note", "本人步行到村").set("declared", Value::Flag(true));
    assert_eq!(confirmation.told(), Vec::<String>::new());
}

#[test]
fn the_card_fills_in_what_it_says_and_nothing_more() {
    let case = Case::new("M09", person(date(1950, 3, 8)));
    let keys: Vec<&str> = case.answers.keys().map(String::as_str).collect();
    assert_eq!(keys, ["addr_reg", "band", "birth", "ethnic", "id_type", "name", "number", "payee", "phone_of", "sex"]);
    assert_eq!(case.answers["band"], Value::Choice("70".into()));
    assert_eq!(case.answers["sex"], Value::Choice("female".into()));
    assert!(matches!(&case.answers["payee"], Value::Payee { owner, bank, .. } if owner.expose() == "李样本" && bank.is_empty()));
    let mut unknown = typed(date(1950, 3, 8));
    (unknown.sex, unknown.nation, unknown.birth, unknown.address) = (crate::Sex::Unknown, None, None, "".into());
    let keys: Vec<String> = prefill(&case.matter, &unknown, TODAY).into_keys().collect();
    assert_eq!(keys, ["id_type", "name", "number", "payee", "phone_of"]);
}

#[test]
fn an_empty_form_asks_for_everything_it_needs_and_only_for_what_is_asked() {
    let mut case = Case::new("M09", person(date(1950, 3, 8)));
    case.answers.clear();
    assert_eq!(
        case.told(),
        [
            "residence:situation_missing",
            "name:required",
            "id_type:required",
            "sex:required",
            "ethnic:required",
            "birth:required",
            "addr_reg:required",
            "phone_of:required",
            "phone:required",
            "head_relation:required",
            "band:required",
            "payee:required",
            "declared:declare_missing"
        ]
    );
    assert_eq!(told(&complaints_of(&case.matter, "phone", &case.situation())), ["phone:required"]);
    assert!(complaints_of(&case.matter, "addr_now", &case.situation()).is_empty(), "not asked while the residence is not known");
}

#[test]
fn a_question_before_the_form_decides_fields_and_materials() {
    let mut case = allowance();
    assert_eq!(case.due(), [("ID".into(), true), ("PH2".into(), false), ("BK".into(), false)]);
    case.tell("residence", "different");
    assert_eq!(case.due(), [("ID".into(), true), ("PH2".into(), false), ("BK".into(), false), ("HK".into(), false)]);
    assert_eq!(case.told(), ["addr_now:required", "residence_contact:required", "residence_phone:required"]);
    case.tell("residence", "nowhere");
    assert_eq!(case.told(), ["residence:situation_missing"]);
}

#[test]
fn a_hand_typed_identity_must_be_photographed() {
    let mut case = allowance();
    case.applicant = Some(typed(date(1950, 3, 8)));
    assert_eq!(case.due()[0], ("ID".into(), false));
}

#[test]
fn on_behalf_and_guardian_bring_their_papers() {
    let mut case = allowance();
    let codes = |case: &Case| case.due().into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    case.capacity = Some(Capacity::OnBehalf { mandate: mandate("M09") });
    assert_eq!(codes(&case), ["ID", "PH2", "BK", "POA"]);
    case.capacity = Some(Capacity::OnBehalf { mandate: Mandate { proxy_kind: ProxyKind::Relative, ..mandate("M09") } });
    assert_eq!(codes(&case), ["ID", "PH2", "BK", "POA", "PID"]);
    case.capacity = Some(Capacity::Guardian {
        guardian: "李样例".into(),
        guardian_number: number(date(1975, 1, 1), 1).into(),
        relation: "child".into(),
    });
    assert_eq!(codes(&case), ["ID", "PH2", "BK", "GU"]);
}

#[test]
fn an_answer_left_over_from_a_hidden_field_shows_nothing() {
    let mut case = allowance();
    case.choose("phone_of", "contact").type_in("contact_name", "李小样").choose("contact_relation", "child");
    assert_eq!(case.told(), Vec::<String>::new());
    case.choose("phone_of", "own").set("contact_name", Value::Text("1".into()));
    assert_eq!(case.told(), Vec::<String>::new(), "a hidden field is not judged");
}

#[test]
fn what_the_card_says_may_not_be_changed() {
    let mut case = allowance();
    case.type_in("name", "李样").type_in("number", &number(date(1940, 1, 1), 2));
    assert_eq!(case.told(), ["name:differs_from_card", "number:differs_from_card"]);
    // Another kind of card has another kind of number.
    let mut foreign = person(date(1950, 3, 8));
    foreign.card = crate::CardKind::ForeignPermanent2017;
    foreign.number = "USA000000000001".into();
    foreign.name = "SAMPLE, ANNA".into();
    let mut case = Case::new("M09", foreign);
    case.tell("residence", "same").type_in("phone", "029-88880000").choose("head_relation", "head").pay(
        "payee",
        ACCOUNT,
        "SAMPLE, ANNA",
    );
    case.set("declared", Value::Flag(true));
    assert_eq!(case.told(), Vec::<String>::new());
}

#[test]
fn every_single_slip_has_its_own_word() {
    type Slip = fn(&mut Case);
    let slips: [(&str, Slip); 28] = [
        ("birth:birth_differs?", |c| {
            c.type_in("birth", "1950-03-09");
        }),
        ("sex:sex_differs?", |c| {
            c.choose("sex", "male");
        }),
        ("phone:phone_missing_digits", |c| {
            c.type_in("phone", "139 1234 567");
        }),
        ("phone:phone_shape", |c| {
            c.type_in("phone", "12345");
        }),
        ("phone:phone_shape", |c| {
            c.type_in("phone", "139123456789");
        }),
        ("phone:phone_shape", |c| {
            c.type_in("phone", "029-1234");
        }),
        ("phone:phone_shape", |c| {
            c.type_in("phone", "没有");
        }),
        ("ethnic:chars_max", |c| {
            c.type_in("ethnic", &"汉".repeat(21));
        }),
        ("ethnic:text_character", |c| {
            c.set("ethnic", Value::Text("汉\u{7}".into()));
        }),
        ("addr_reg:address_short", |c| {
            c.type_in("addr_reg", "石榴");
        }),
        ("birth:date_future", |c| {
            c.type_in("birth", "2027-01-01");
        }),
        ("birth:date_old", |c| {
            c.type_in("birth", "1899-12-31");
        }),
        ("sex:choice_unknown", |c| {
            c.choose("sex", "x");
        }),
        ("band:band_differs", |c| {
            c.choose("band", "80");
        }),
        ("payee:payee_bank", |c| {
            c.set("payee", Value::Payee { bank: " ".into(), account: ACCOUNT.into(), owner: "李样本".into() });
        }),
        ("payee:payee_owner_missing", |c| {
            c.pay("payee", ACCOUNT, "");
        }),
        ("payee:account_length", |c| {
            c.pay("payee", "6200 0000 0000 000", "李样本");
        }),
        ("payee:account_length", |c| {
            c.pay("payee", "62000000000000000000", "李样本");
        }),
        ("payee:account_character", |c| {
            c.pay("payee", "62000000000000000O0", "李样本");
        }),
        ("payee:account_luhn?", |c| {
            c.pay("payee", "6200000000000000006", "李样本");
        }),
        ("payee:check", |c| {
            c.pay("payee", ACCOUNT, "李小样");
        }),
        ("declared:declare_missing", |c| {
            c.set("declared", Value::Flag(false));
        }),
        ("head_relation:wrong_kind", |c| {
            c.set("head_relation", Value::Flag(true));
        }),
        ("phone:wrong_kind", |c| {
            c.set("phone", Value::Money(1));
        }),
        ("phone:required", |c| {
            c.set("phone", Value::Text("  ".into()));
        }),
        ("phone_of:required", |c| {
            c.answers.remove("phone_of");
        }),
        ("residence:situation_missing", |c| {
            c.situations.remove("residence");
        }),
        ("birth:check", |c| {
            c.set("birth", Value::Date(date(1956, 12, 24)));
        }),
    ];
    for (told, slip) in slips {
        let mut case = allowance();
        slip(&mut case);
        assert_eq!(case.told(), [told]);
    }
}

#[test]
fn names_and_numbers_typed_by_hand_are_judged() {
    for (name, told) in [
        ("张三", None),
        ("阿卜杜拉·样本", None),
        ("阿卜杜拉•样本", None),
        ("𬀩䶮㛃", None),
        ("Anna Maria O'Sample-Test", None),
        ("张三1", Some("name:name_character")),
        ("张 三", Some("name:name_character")),
        ("张三!", Some("name:name_character")),
        ("张\u{e863}", Some("name:name_private?")),
    ] {
        let mut case = allowance();
        case.applicant = Some(typed(date(1950, 3, 8)));
        case.answers.remove("payee");
        case.type_in("name", name);
        let expected: Vec<String> = told.map(str::to_owned).into_iter().chain(["payee:required".to_owned()]).collect();
        assert_eq!(case.told(), expected, "{name}");
    }
    let good = number(date(1950, 3, 8), 2);
    // Of no province, with its check character.
    let nowhere = "0123456789X".chars().map(|check| format!("{}{}{check}", "990101", "19500308002"));
    let nowhere = nowhere.into_iter().find(|number| crate::identity::check_citizen_number(number).is_ok()).unwrap();
    let born_tomorrow = number(TODAY.tomorrow().unwrap(), 2);
    for (number, told) in [
        (good.as_str(), None),
        ("0000001950030800", Some("number_length")),
        ("000000500308002", Some("number_fifteen")),
        ("00000019500230002X", Some("number_birth")),
        ("00000019500308002A", Some("number_character")),
        (born_tomorrow.as_str(), Some("number_birth")),
        (nowhere.as_str(), Some("number_region")),
    ] {
        let mut case = allowance();
        case.applicant = Some(typed(date(1950, 3, 8)));
        case.type_in("number", number);
        let codes: Vec<&str> = case.complaints().iter().map(|c| c.code).collect();
        assert_eq!(codes, told.into_iter().collect::<Vec<_>>(), "{number}");
    }
    let swapped = format!("{}{}", &good[..17], if good.ends_with('1') { '2' } else { '1' });
    let mut case = allowance();
    case.applicant = Some(typed(date(1950, 3, 8)));
    case.type_in("number", &swapped);
    assert_eq!(case.told(), ["number:number_checksum"]);
}

#[test]
fn an_old_age_allowance_may_be_filed_thirty_days_before_the_birthday() {
    for (birth, told) in [(date(1956, 11, 23), None), (date(1956, 12, 23), None), (date(1956, 12, 24), Some("birth:check"))] {
        let mut case = Case::new("M09", person(birth));
        case.tell("residence", "same").type_in("phone", "029-88880000").choose("head_relation", "head");
        case.pay("payee", ACCOUNT, "李样本").set("declared", Value::Flag(true));
        assert_eq!(case.told(), told.into_iter().collect::<Vec<_>>(), "{birth}");
        assert_eq!(case.matter.fits_age(case.applicant.as_ref().unwrap(), TODAY), Some(told.is_none()));
        assert_eq!(case.answers["band"], Value::Choice("70".into()), "who files early falls into the lowest band");
    }
    let hundred = person(date(1926, 1, 1));
    assert_eq!(Case::new("M09", hundred.clone()).answers["band"], Value::Choice("100".into()));
    assert_eq!(catalogue().matter("M07").unwrap().fits_age(&hundred, TODAY), None);
}

#[test]
fn bills_must_add_up_and_stand_once() {
    for (amount, invoices, told) in [
        ("3286.50", "1 1286.50\n2 2000.00", vec![]),
        ("3286.50", "1 1286.50\n2 2000.01", vec!["amount:check"]),
        ("3286.50", "1 1286.50\n1 2000", vec!["invoices:check"]),
        ("3286.50", "1 1286.50\n2", vec!["amount:check"]),
        ("3286.50", "\n 1  3,286.50 \n\n", vec![]),
    ] {
        let mut case = reimbursement();
        case.type_in("amount", amount).set("invoices", Value::Text(invoices.into()));
        assert_eq!(case.told(), told, "{invoices}");
    }
    let mut case = reimbursement();
    case.type_in("discharged", "2026-10-07").choose("third_party", "yes");
    assert_eq!(case.told(), ["discharged:check", "third_party:check?"]);
    let check = case.complaints().remove(0);
    assert!(check.message.is_some_and(|message| message.zh.contains("出院") && message.en.contains("Discharge")));
    case.tell("visit", "outpatient");
    assert_eq!(
        case.told(),
        ["treated:required", "third_party:check?"],
        "dates of a stay in hospital are not asked of an outpatient"
    );
}

#[test]
fn only_who_may_files_for_another() {
    let judge = |matter: &str, birth, capacity: Option<Capacity>| {
        let mut case = Case::new(matter, person(birth));
        case.capacity = capacity;
        let all = capacity_complaints(&case.matter, &case.situation());
        all.iter().for_each(known);
        all.iter().map(|c| (c.code, c.args.first().map(|(_, v)| v.clone()).unwrap_or_default())).collect::<Vec<_>>()
    };
    let elder = date(1950, 3, 8);
    let own = number(elder, 2);
    let behalf = |mandate: Mandate| Some(Capacity::OnBehalf { mandate });
    let none = Vec::<(&str, String)>::new();
    assert_eq!(judge("M09", elder, Some(Capacity::Myself)), none);
    assert_eq!(judge("M09", elder, None), [("capacity_missing", String::new())]);
    assert_eq!(judge("M09", elder, behalf(mandate("M09"))), none);
    assert_eq!(judge("M04", elder, behalf(mandate("M04"))), [("proxy_forbidden", String::new())]);
    assert_eq!(judge("M09", elder, behalf(mandate("M07"))), [("mandate_matter", String::new())]);
    for (slip, code, arg) in [
        (Mandate { proxy_name: "".into(), ..mandate("M09") }, "mandate_part", "name"),
        (Mandate { proxy_number: "1".into(), ..mandate("M09") }, "mandate_part", "number"),
        (Mandate { proxy_phone: " ".into(), ..mandate("M09") }, "mandate_part", "phone"),
        (Mandate { powers: vec![], ..mandate("M09") }, "mandate_part", "powers"),
        (Mandate { powers: vec!["sign".into()], ..mandate("M09") }, "mandate_part", "powers"),
        (Mandate { proxy_number: own.as_str().into(), ..mandate("M09") }, "proxy_same", ""),
        (Mandate { until: date(2026, 11, 22), from: date(2026, 11, 1), ..mandate("M09") }, "mandate_period", "90"),
        (Mandate { until: date(2027, 2, 22), ..mandate("M09") }, "mandate_period", "90"),
        (Mandate { free_of_charge_told: false, ..mandate("M09") }, "mandate_told", ""),
    ] {
        assert_eq!(judge("M09", elder, behalf(slip)), [(code, arg.to_owned())]);
    }
    assert_eq!(judge("M09", elder, behalf(Mandate { until: date(2027, 2, 21), ..mandate("M09") })), none);
    let guardian = |name: &str, number: &str, relation: &str| {
        Some(Capacity::Guardian { guardian: name.into(), guardian_number: number.into(), relation: relation.into() })
    };
    let other = number(date(1975, 1, 1), 1);
    let adult = ("guardian_adult", String::new());
    assert_eq!(judge("M09", elder, guardian("李样例", &other, "child")), [adult.clone()], "the clerk sees what to look for");
    assert_eq!(
        judge("M09", elder, guardian("", &own, "")).iter().map(|(c, _)| *c).collect::<Vec<_>>(),
        ["guardian_part", "guardian_part", "guardian_same", "guardian_adult"]
    );
    assert_eq!(judge("M04", elder, guardian("李样例", &other, "child")), [adult, ("person_needed", String::new())]);
    assert_eq!(judge("M04", date(2015, 1, 1), guardian("李样例", &other, "father")), none);
    assert_eq!(judge("M07", date(2020, 1, 1), Some(Capacity::Myself)), [("guardian_part", "age".to_owned())]);
    // 民法典 18 to 20, on the birthdays themselves.
    for (birth, code) in [
        (date(2018, 11, 23), "minor_guardian"),
        (date(2018, 11, 24), "guardian_part"),
        (date(2010, 11, 24), "minor_guardian"),
        (date(2010, 11, 23), "minor_working"),
        (date(2008, 11, 24), "minor_working"),
    ] {
        let told = judge("M07", birth, Some(Capacity::Myself));
        assert_eq!(told.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [code], "born {birth}");
    }
    assert_eq!(judge("M07", date(2008, 11, 23), Some(Capacity::Myself)), none, "eighteen today");
    let child = number(date(2012, 1, 1), 1);
    assert_eq!(judge("M09", date(2020, 1, 1), guardian("李样例", &child, "sibling")), [("guardian_minor", String::new())]);
    let young = Mandate { proxy_number: child.as_str().into(), ..mandate("M09") };
    assert_eq!(judge("M09", elder, behalf(young)), [("proxy_minor", String::new())]);
    let committee = |reason: &str| {
        Some(Capacity::Committee { officer: "赵样本".into(), officer_phone: "029-88880000".into(), reason: reason.into() })
    };
    assert_eq!(judge("M09", elder, committee("本人行动不便")), none);
    assert_eq!(judge("M09", elder, committee("")), [("committee_part", "reason".to_owned())]);
}

#[test]
fn an_agent_who_files_for_a_relative_is_shown_to_the_clerk() {
    let behalf = |mandate| Capacity::OnBehalf { mandate };
    assert_eq!(interest(&behalf(mandate("M09")), "李样本", "王样本"), None);
    assert_eq!(interest(&behalf(Mandate { related: true, ..mandate("M09") }), "李样本", "王样本"), Some("agent_is_relative"));
    assert_eq!(interest(&Capacity::Myself, "王样本", "王样本"), Some("agent_is_applicant"));
    assert_eq!(interest(&Capacity::Myself, "李样本", "王样本"), None);
}

#[test]
fn a_filing_is_judged_whole_and_the_same_by_terminal_and_hall() {
    let case = allowance();
    let judge = |filing: &crate::Filing| {
        let all = filing_complaints(&case.matter, filing);
        all.iter().for_each(known);
        told(&all)
    };
    let good = case.filing(vec![page("PH2", 1), page("BK", 1)]);
    assert_eq!(judge(&good), Vec::<String>::new());
    assert_eq!(judge(&case.filing(vec![page("PH2", 1)])), ["BK:pages_few"]);
    let pages = vec![page("PH2", 1), page("PH2", 2), page("BK", 1), page("MR1", 1)];
    assert_eq!(judge(&case.filing(pages)), ["PH2:pages_many", "MR1:pages_unasked"]);
    let sealed = good.clone().seal();
    assert_eq!(crate::Sealed::from_bytes(sealed.bytes().to_vec()).unwrap().filing(), &good, "what was judged is what is sealed");
    let mut unsaid = good;
    unsaid.notice.version.clear();
    assert_eq!(judge(&unsaid), ["notice:notice_missing"]);

    let mut case = Case::new("M04", person(date(1950, 3, 8)));
    case.type_in("phone", "13912345678").choose("pension", "resident");
    case.type_in("alive_note", "本人步行到村").set("declared", Value::Flag(true));
    let mut filing = case.filing(vec![]);
    assert_eq!(told(&filing_complaints(&case.matter, &filing)), ["witness:witness_missing"]);
    filing.witness = Some(Witness { name: "王样本".into(), role: "agent".into(), at: filing.sealed_at });
    assert_eq!(told(&filing_complaints(&case.matter, &filing)), Vec::<String>::new());
}

#[test]
fn an_earlier_filing_lends_what_the_person_agrees_to() {
    let earlier = allowance().filing(vec![]);
    let later = reimbursement();
    let applicant = later.applicant.as_ref().unwrap();
    assert_eq!(prefill_from_earlier(&later.matter, applicant, &earlier, true), None, "somebody else's");
    let same = person(date(1950, 3, 8));
    assert_eq!(prefill_from_earlier(&later.matter, &same, &earlier, false), None, "without consent");
    let lent = prefill_from_earlier(&later.matter, &same, &earlier, true).unwrap();
    let keys: Vec<&str> = lent.keys().map(String::as_str).collect();
    assert_eq!(keys, ["addr_reg", "head_relation", "phone", "phone_of"], "never an account, a declaration or an amount");
}

#[test]
fn every_code_in_the_source_is_in_the_table_and_every_code_of_the_table_in_the_source() {
    let table: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
    let set: BTreeSet<&str> = table.iter().copied().collect();
    assert_eq!(set.len(), table.len());
    let mut used = BTreeSet::new();
    for source in [
        include_str!("form/capacity.rs"),
        include_str!("form/check.rs"),
        include_str!("form/input.rs"),
        include_str!("form/pages.rs"),
        include_str!("form/rules.rs"),
    ] {
        for (i, _) in source.match_indices('"') {
            let word: String = source[i + 1..].chars().take_while(|c| *c != '"').collect();
            if set.contains(word.as_str()) {
                used.insert(CODES.iter().find(|(code, _)| *code == word).unwrap().0);
            }
        }
        for call in ["complain(\"", "Complaint::new(key, \"", "Complaint::new(&field.key, \""] {
            for (i, _) in source.match_indices(call) {
                let code: String = source[i + call.len()..].chars().take_while(|c| *c != '"').collect();
                assert!(set.contains(code.as_str()), "{code} is not in CODES");
            }
        }
    }
    let unused: Vec<_> = set.difference(&used).collect();
    assert!(unused.is_empty(), "in the table, never told: {unused:?}");
}

proptest! {
    #[test]
    fn nothing_typed_makes_the_engine_fall(text in "\\PC{0,60}", key in 0usize..40) {
        let mut case = allowance();
        let fields: Vec<Field> = case.matter.fields().cloned().collect();
        let field = &fields[key % fields.len()];
        if let Ok(value) = parse_input(field, &text) {
            let shown = show_value(field, &value);
            prop_assert_eq!(parse_input(field, &shown), Ok(value.clone()), "what is shown reads back");
            case.answers.insert(field.key.clone(), value);
        }
        case.complaints();
        case.due();
    }
}

#[test]
fn an_answer_before_the_form_may_end_the_matter() {
    let mut case = Case::new("M26", person(date(1980, 1, 2)));
    case.tell("scattered", "yes");
    let first = case.complaints().remove(0);
    assert_eq!((first.code, first.field.as_str()), ("situation_ends", "scattered"));
    assert!(first.message.unwrap().zh.contains("森林法第五十六条"));
    case.tell("scattered", "no");
    assert!(!case.told().iter().any(|told| told.contains("situation")));
}

#[test]
fn a_matter_out_of_season_warns_and_does_not_forbid() {
    let mut case = Case::new("M41", person(date(1990, 1, 2)));
    assert!(case.told().contains(&"season:season_closed?".to_owned()));
    for (today, open) in
        [(date(2026, 5, 31), false), (date(2026, 6, 1), true), (date(2026, 8, 31), true), (date(2026, 9, 1), false)]
    {
        case.today = today;
        assert_eq!(!case.told().contains(&"season:season_closed?".to_owned()), open, "{today}");
    }
}
