use super::*;
use crate::form::{
    Value,
    fixtures::{Case, number, person},
};
use jiff::civil::date;

fn told(case: &Case) -> Vec<(usize, String)> {
    let said = |once: &Once| String::from_utf8(once.value.expose().clone()).unwrap();
    values(&case.matter, &case.filing(Vec::new())).iter().map(|once| (once.rule, said(once))).collect()
}

#[test]
fn every_bill_of_a_list_is_a_value_however_it_was_typed() {
    let mut case = Case::new("M07", person(date(1950, 3, 8)));
    assert_eq!(told(&case), [], "nothing was typed yet");
    case.set("invoices", Value::Text("0000000001 1286.50\n\n ０００００００００2  2000".into()));
    let first = told(&case);
    assert_eq!(
        first,
        [(0, r#"["M07",["invoices"],["0000000001"],null]"#.into()), (0, r#"["M07",["invoices"],["0000000002"],null]"#.into())]
    );
    case.set("invoices", Value::Text("0000000002 5\n0000000002 5\n".into()));
    assert_eq!(told(&case), first[1..], "the same number is the same value, whatever stands behind it");
}

#[test]
fn the_same_cause_may_come_again_in_another_year_and_for_another_person() {
    let mut case = Case::new("M16", person(date(1950, 3, 8)));
    let cause = case.matter.field("cause").unwrap().choices()[0].key.clone();
    case.choose("cause", &cause);
    let own = number(date(1950, 3, 8), 2);
    assert_eq!(told(&case), [(0, format!(r#"["M16",["applicant","cause"],["{own}","{cause}"],2026]"#))]);
    // New Year's Eve in London is the new year at the place.
    let mut filing = case.filing(Vec::new());
    let mark = |filing: &Filing| values(&case.matter, filing);
    let this_year = mark(&filing);
    filing.sealed_at = "2026-12-31T15:59:59Z".parse().unwrap();
    assert_eq!(mark(&filing), this_year);
    filing.sealed_at = "2026-12-31T16:00:00Z".parse().unwrap();
    assert_ne!(mark(&filing), this_year);
    filing.applicant.number = number(date(1951, 3, 8), 2).into();
    assert_ne!(mark(&filing)[0], this_year[0]);
}

#[test]
fn whoever_of_a_household_applies_it_is_the_same_household() {
    let mut case = Case::new("M23", person(date(1950, 3, 8)));
    let son = number(date(1975, 1, 1), 1);
    let member =
        crate::Member {
            name: "李样例".into(), number: son.clone().into(), relation: "child".into(), more: Default::default()
        };
    case.set("members", Value::Household(vec![member]));
    let of_mother = values(&case.matter, &case.filing(Vec::new()));
    assert_eq!(of_mother.len(), 2);
    let mut own = person(date(1975, 1, 1));
    own.number = son.into();
    let of_son = values(&case.matter, &Case::of(&case.matter, own).filing(Vec::new()));
    assert!(of_son.iter().all(|once| of_mother.contains(once)));
}

#[test]
fn a_rule_of_two_fields_is_silent_until_both_are_answered() {
    let case = Case::new("M16", person(date(1950, 3, 8)));
    assert_eq!(told(&case), []);
}
