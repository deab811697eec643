//! Who acts for the resident: the mandate (授权委托书) and the guardian, checked in words.

use jiff::{ToSpan, civil::Date};
use matters::{AgentAccount, Capacity, Mandate, Personal, ProxyKind};
use texts::{Texts, person as t};

use super::typed::{name_fault, number_fault, phone_fault, tidy_name, tidy_number};

/// Longest mandate (§2.10).
pub const DAYS_MAX: i64 = 90;

/// What may be done on behalf; signing stays with the resident and is no choice here.
pub const POWERS: [&str; 4] = ["fill", "hand_in", "receive_notices", "collect_result"];

/// The mandate as it stands in the fields.
pub struct MandateEntry {
    pub kind: ProxyKind,
    pub name: String,
    pub number: String,
    pub phone: String,
    pub powers: [bool; POWERS.len()],
    pub from: String,
    pub until: String,
    pub free_told: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct MandateFaults {
    pub name: Option<String>,
    pub number: Option<String>,
    pub phone: Option<String>,
    pub powers: Option<String>,
    pub from: Option<String>,
    pub until: Option<String>,
    pub free: Option<String>,
}

impl MandateFaults {
    pub fn count(&self) -> usize {
        [&self.name, &self.number, &self.phone, &self.powers, &self.from, &self.until, &self.free].into_iter().flatten().count()
    }
}

impl MandateEntry {
    /// A relative by default: families come more often than agents act alone.
    pub fn new(today: Date) -> Self {
        Self {
            kind: ProxyKind::Relative,
            name: String::new(),
            number: String::new(),
            phone: String::new(),
            powers: [true; POWERS.len()],
            from: today.to_string(),
            until: today.saturating_add(DAYS_MAX.days()).to_string(),
            free_told: false,
        }
    }

    /// What was agreed on before comes back as it was.
    pub fn of(mandate: &Mandate) -> Self {
        Self {
            kind: mandate.proxy_kind,
            name: mandate.proxy_name.expose().clone(),
            number: mandate.proxy_number.expose().clone(),
            phone: mandate.proxy_phone.expose().clone(),
            powers: POWERS.map(|power| mandate.powers.iter().any(|has| has == power)),
            from: mandate.from.to_string(),
            until: mandate.until.to_string(),
            free_told: mandate.free_of_charge_told,
        }
    }

    /// The agent on duty acts: his name and phone are known.
    pub fn fill_agent(&mut self, agent: &AgentAccount) {
        self.name = agent.name.clone();
        self.phone = agent.phone.clone();
    }

    pub fn faults(&self, texts: &Texts, principal_number: &str, today: Date) -> MandateFaults {
        let from = parse_date(&self.from);
        let until = parse_date(&self.until);
        MandateFaults {
            name: name_fault(texts, &self.name),
            number: number_fault(texts, &self.number, today)
                .or_else(|| (tidy_number(&self.number) == principal_number).then(|| t::same_person(texts))),
            phone: phone_fault(texts, &self.phone),
            powers: (!self.powers.contains(&true)).then(|| t::powers_none(texts)),
            from: from.is_none().then(|| t::date_wrong(texts)),
            until: match (from, until) {
                (_, None) => Some(t::date_wrong(texts)),
                (Some(from), Some(until)) if until < from => Some(t::until_before(texts)),
                (Some(from), Some(until)) if until > from.saturating_add(DAYS_MAX.days()) => Some(t::until_far(texts)),
                _ => None,
            },
            free: (!self.free_told).then(|| t::free_needed(texts)),
        }
    }

    /// The capacity once nothing is wrong. `matters` names what is chosen already.
    pub fn capacity(&self, texts: &Texts, principal_number: &str, matters: Vec<String>, today: Date) -> Option<Capacity> {
        if self.faults(texts, principal_number, today).count() > 0 {
            return None;
        }
        let powers = POWERS.into_iter().zip(self.powers).filter(|(_, yes)| *yes).map(|(power, _)| power.to_owned()).collect();
        Some(Capacity::OnBehalf {
            mandate: Mandate {
                proxy_kind: self.kind,
                proxy_name: Personal::new(tidy_name(&self.name)),
                proxy_number: Personal::new(tidy_number(&self.number)),
                proxy_phone: Personal::from(self.phone.trim()),
                matters,
                powers,
                from: parse_date(&self.from)?,
                until: parse_date(&self.until)?,
                free_of_charge_told: self.free_told,
                related: self.kind == ProxyKind::Relative,
                handed_over: Vec::new(),
            },
        })
    }
}

/// The guardian (监护人) as he stands in the fields.
#[derive(Default)]
pub struct GuardianEntry {
    pub name: String,
    pub number: String,
    pub relation: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct GuardianFaults {
    pub name: Option<String>,
    pub number: Option<String>,
    pub relation: Option<String>,
}

impl GuardianFaults {
    pub fn count(&self) -> usize {
        [&self.name, &self.number, &self.relation].into_iter().flatten().count()
    }
}

impl GuardianEntry {
    pub fn faults(&self, texts: &Texts, principal_number: &str, today: Date) -> GuardianFaults {
        GuardianFaults {
            name: name_fault(texts, &self.name),
            number: number_fault(texts, &self.number, today)
                .or_else(|| (tidy_number(&self.number) == principal_number).then(|| t::same_person(texts))),
            relation: self.relation.trim().is_empty().then(|| t::relation_empty(texts)),
        }
    }

    pub fn capacity(&self, texts: &Texts, principal_number: &str, today: Date) -> Option<Capacity> {
        (self.faults(texts, principal_number, today).count() == 0).then(|| Capacity::Guardian {
            guardian: Personal::new(tidy_name(&self.name)),
            guardian_number: Personal::new(tidy_number(&self.number)),
            relation: self.relation.trim().to_owned(),
        })
    }
}

/// `2026-11-24`, `20261124` or `2026年11月24日`.
pub fn parse_date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (y, m, d) = match parts[..] {
        [all] if all.len() == 8 => (&all[..4], &all[4..6], &all[6..]),
        [y, m, d] => (y, m, d),
        _ => return None,
    };
    Date::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use texts::Lang;

    use super::*;
    use crate::screen::specimen;

    const TODAY: Date = Date::constant(2026, 11, 24);

    fn entry() -> MandateEntry {
        MandateEntry {
            name: "李示例".into(),
            number: specimen::number("19780612", 1),
            phone: "13900000000".into(),
            free_told: true,
            ..MandateEntry::new(TODAY)
        }
    }

    #[test]
    fn a_whole_mandate_says_everything_that_165_asks_for() {
        let texts = Texts::new(Lang::Zh);
        let principal = specimen::number("19500308", 2);
        let Some(Capacity::OnBehalf { mandate }) = entry().capacity(&texts, &principal, vec!["M09".into()], TODAY) else {
            panic!("nothing is wrong with it")
        };
        assert_eq!((mandate.from, mandate.until), (TODAY, Date::constant(2027, 2, 22)));
        assert_eq!(mandate.powers, POWERS);
        assert!(!mandate.powers.iter().any(|power| power == "sign"));
        assert_eq!(
            MandateEntry::of(&mandate).capacity(&texts, &principal, vec!["M09".into()], TODAY),
            Some(Capacity::OnBehalf { mandate })
        );
    }

    #[test]
    fn each_gap_of_a_mandate_is_named() {
        let texts = Texts::new(Lang::Zh);
        let principal = specimen::number("19500308", 2);
        let faults = |change: fn(&mut MandateEntry)| {
            let mut entry = entry();
            change(&mut entry);
            assert!(entry.capacity(&texts, &principal, Vec::new(), TODAY).is_none());
            entry.faults(&texts, &principal, TODAY)
        };
        assert_eq!(faults(|e| e.powers = [false; 4]).powers.as_deref(), Some("至少选一样"));
        assert_eq!(faults(|e| e.until = "2027-02-23".into()).until.as_deref(), Some("一份委托最长写 90 天"));
        assert_eq!(faults(|e| e.until = "2026-11-23".into()).until.as_deref(), Some("止日在起日之前"));
        assert_eq!(faults(|e| e.from = "昨天".into()).from.as_deref(), Some("日期要写成 2026-11-24 这样"));
        assert_eq!(faults(|e| e.free_told = false).free.as_deref(), Some("先告诉本人，再打勾"));
        assert!(faults(|e| e.number = specimen::number("19500308", 2)).number.is_some());
        assert!(faults(|e| e.name.clear()).name.is_some());
        assert!(faults(|e| e.phone.clear()).phone.is_some());
    }

    #[test]
    fn a_guardian_needs_name_number_and_relation() {
        let texts = Texts::new(Lang::Zh);
        let mut guardian =
            GuardianEntry { name: "李示例".into(), number: specimen::number("19780612", 1), relation: String::new() };
        assert_eq!(guardian.faults(&texts, "", TODAY).count(), 1);
        guardian.relation = "父母".into();
        assert!(matches!(guardian.capacity(&texts, "", TODAY), Some(Capacity::Guardian { .. })));
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in ["20261124", "2026-11-24", "2026年11月24日", "2026.11.24", "2026/11/24"] {
            assert_eq!(parse_date(text), Some(TODAY), "{text}");
        }
        assert_eq!(parse_date("2026-02-30"), None);
    }
}
