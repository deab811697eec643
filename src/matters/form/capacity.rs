//! Who may file for whom (§2.10): himself, a proxy with a mandate, a guardian, the village committee.

use jiff::ToSpan;

use super::{
    Complaint, Situation,
    input::{normal_name, normal_number},
};
use crate::{
    Capacity, Mandate, ProxyKind,
    identity::{age_on, birth_in_number, check_citizen_number},
    matter::{Matter, ProxyRule},
};

/// A mandate runs at most this long ([D] of §2.10), counted from its first day.
pub const MANDATE_DAYS_MAX: i64 = 90;

/// Powers that a mandate can give; signing is never one of them.
const POWERS: [&str; 4] = ["fill", "hand_in", "receive_notices", "collect_result"];

/// What is wrong with who files for whom. Field of every complaint: `capacity` or `applicant`.
pub fn capacity_complaints(matter: &Matter, situation: &Situation<'_>) -> Vec<Complaint> {
    let mut out = Vec::new();
    if situation.applicant.is_none() {
        out.push(Complaint::new("applicant", "applicant_missing"));
    }
    let Some(capacity) = situation.capacity else {
        out.push(Complaint::new("capacity", "capacity_missing"));
        return out;
    };
    let birth = situation.applicant.and_then(|person| person.birth);
    let age = birth.map(|birth| age_on(birth, situation.today));
    match capacity {
        // 民法典 20: under eight the legal representative acts.
        Capacity::Myself if age.is_some_and(|age| age < 8) => out.push(complain("guardian_part").with("part", "age")),
        // 民法典 19: from eight on the guardian acts, or agrees; 民法典 18: who lives on his own work
        // from sixteen on acts for himself.
        Capacity::Myself if age.is_some_and(|age| age < 16) => out.push(complain("minor_guardian")),
        Capacity::Myself if age.is_some_and(|age| age < 18) => out.push(complain("minor_working").warned()),
        Capacity::Myself => {}
        Capacity::OnBehalf { mandate } => {
            let relative = mandate.proxy_kind == ProxyKind::Relative;
            match matter.proxy {
                ProxyRule::Nobody => out.push(complain("proxy_forbidden")),
                ProxyRule::RelativesOnly if !relative => out.push(complain("proxy_relatives")),
                ProxyRule::RelativesOnly | ProxyRule::Anyone => {}
            }
            out.extend(mandate_complaints(matter, mandate, situation));
        }
        Capacity::Guardian { guardian, guardian_number, relation } => {
            let number = normal_number(guardian_number.expose());
            for (part, wrong) in [
                ("name", guardian.expose().trim().is_empty()),
                ("number", check_citizen_number(&number).is_err()),
                ("relation", relation.trim().is_empty()),
            ] {
                if wrong {
                    out.push(complain("guardian_part").with("part", part));
                }
            }
            if is_applicant(situation, &number) {
                out.push(complain("guardian_same"));
            }
            if age_in(&number, situation).is_some_and(|age| age < 18) {
                out.push(complain("guardian_minor"));
            }
            // 民法典 28: an adult has a guardian only when he lacks capacity; the paper shows it.
            if age.is_some_and(|age| age >= 18) {
                out.push(complain("guardian_adult").warned());
            }
            // A matter that nobody may file for another is open to a guardian of a child only.
            if matter.proxy == ProxyRule::Nobody && age.is_none_or(|age| age >= 18) {
                out.push(complain("person_needed"));
            }
        }
        Capacity::Committee { officer, officer_phone, reason } => {
            if matter.proxy == ProxyRule::Nobody {
                out.push(complain("proxy_forbidden"));
            }
            for (part, text) in [("name", officer.expose()), ("phone", officer_phone.expose()), ("reason", reason)] {
                if text.trim().is_empty() {
                    out.push(complain("committee_part").with("part", part));
                }
            }
        }
    }
    out
}

/// A possible conflict of interest that the clerk must see: the agent files for himself or for a
/// relative. `None` when nothing speaks for one. Stable codes: `agent_is_applicant`, `agent_is_relative`.
pub fn interest(capacity: &Capacity, applicant_name: &str, agent_name: &str) -> Option<&'static str> {
    if normal_name(applicant_name) == normal_name(agent_name) {
        return Some("agent_is_applicant");
    }
    match capacity {
        Capacity::OnBehalf { mandate } => {
            let own =
                mandate.proxy_kind == ProxyKind::Agent || normal_name(mandate.proxy_name.expose()) == normal_name(agent_name);
            (own && (mandate.related || mandate.proxy_kind == ProxyKind::Relative)).then_some("agent_is_relative")
        }
        Capacity::Guardian { guardian, .. } => {
            (normal_name(guardian.expose()) == normal_name(agent_name)).then_some("agent_is_relative")
        }
        Capacity::Myself | Capacity::Committee { .. } => None,
    }
}

fn mandate_complaints(matter: &Matter, mandate: &Mandate, situation: &Situation<'_>) -> Vec<Complaint> {
    let mut out = Vec::new();
    let number = normal_number(mandate.proxy_number.expose());
    let powers = !mandate.powers.is_empty() && mandate.powers.iter().all(|power| POWERS.contains(&power.as_str()));
    for (part, wrong) in [
        ("name", mandate.proxy_name.expose().trim().is_empty()),
        ("number", check_citizen_number(&number).is_err()),
        ("phone", mandate.proxy_phone.expose().trim().is_empty()),
        ("powers", !powers),
    ] {
        if wrong {
            out.push(complain("mandate_part").with("part", part));
        }
    }
    if is_applicant(situation, &number) {
        out.push(complain("proxy_same"));
    }
    if age_in(&number, situation).is_some_and(|age| age < 18) {
        out.push(complain("proxy_minor"));
    }
    if !mandate.matters.contains(&matter.id) {
        out.push(complain("mandate_matter"));
    }
    let longest = mandate.from.saturating_add(MANDATE_DAYS_MAX.days());
    let covers = mandate.from <= situation.today && situation.today <= mandate.until;
    if !covers || mandate.until > longest {
        out.push(complain("mandate_period").with("days", MANDATE_DAYS_MAX));
    }
    if !mandate.free_of_charge_told {
        out.push(complain("mandate_told"));
    }
    out
}

/// Age today of whose number this is; `None` when it is no number.
fn age_in(number: &str, situation: &Situation<'_>) -> Option<i16> {
    check_citizen_number(number).ok()?;
    birth_in_number(number).map(|birth| age_on(birth, situation.today))
}

fn is_applicant(situation: &Situation<'_>, number: &str) -> bool {
    !number.is_empty() && situation.applicant.is_some_and(|person| normal_number(person.number.expose()) == number)
}

fn complain(code: &'static str) -> Complaint {
    Complaint::new("capacity", code)
}
