//! What must be true, kept outside of what is tried: who acknowledged what, and what that obliges to.

use std::collections::{BTreeMap, BTreeSet};

use matters::{Act, Digest, What, canonical};
use uuid::Uuid;
use wire::problem::Kind;

use crate::{sample, town::Town, village::Terminal};

/// An act that somebody tried to do.
pub struct Known {
    pub act: Act,
    /// The draft it was.
    draft: Option<Uuid>,
    point: usize,
    pages: BTreeSet<Digest>,
    /// The hall has taken it, and no older hall was put back since.
    at_hall: bool,
}

/// Copies of each act at the hall: its bytes, its filing, and the refusal with which it was stored.
type Held = BTreeMap<Uuid, Vec<(Digest, Uuid, Option<wire::Refusal>)>>;

#[derive(Default)]
pub struct Oracle {
    acts: BTreeMap<Uuid, Known>,
    /// Acts that no longer fitted and are shown so.
    pub refusals: std::cell::Cell<u64>,
}

impl Oracle {
    /// Somebody is about to do this: from here on it may be there.
    pub fn tried(&mut self, act: &Act, draft: Option<Uuid>, point: usize, pages: impl IntoIterator<Item = Digest>) {
        let pages = pages.into_iter().collect();
        self.acts.insert(act.id, Known { act: act.clone(), draft, point, pages, at_hall: false });
    }

    /// The hall says that it has this.
    pub fn stored(&mut self, act: Uuid) {
        if let Some(known) = self.acts.get_mut(&act) {
            known.at_hall = true;
        }
    }

    pub fn at_the_hall(&self) -> BTreeSet<Uuid> {
        self.acts.iter().filter(|(_, known)| known.at_hall).map(|(id, _)| *id).collect()
    }

    /// The hall was put back to a state that holds only these.
    pub fn hall_went_back(&mut self, kept: &BTreeSet<Uuid>) {
        for (id, known) in &mut self.acts {
            known.at_hall &= kept.contains(id);
        }
    }

    pub fn acts(&self) -> usize {
        self.acts.len()
    }

    /// Everything, once the world is calm and nothing waits any more.
    pub fn judge(&self, town: &Town, terminals: &[Terminal]) -> Result<(), String> {
        let cases = town.cases()?;
        let ledger = town.ledger().ok_or("the hall is shut")?;
        ledger.audit_verify().map_err(|error| format!("the audit chain: {error:?}"))?;
        let mut held: Held = BTreeMap::new();
        let mut drafts: BTreeMap<Uuid, Uuid> = BTreeMap::new();
        for case in &cases {
            let filing = case.view.filing;
            for stored in &case.acts {
                let bytes = Digest::of(&canonical::to_bytes(&stored.act));
                held.entry(stored.act.id).or_default().push((bytes, filing, stored.refused.clone()));
                let known = self.acts.get(&stored.act.id).ok_or(format!("nobody did act {}", stored.act.id))?;
                if sample::POINTS[known.point] != case.point.id {
                    return Err(format!("act {} lies with another point", stored.act.id));
                }
                if let (What::File { .. }, Some(draft)) = (&stored.act.what, known.draft)
                    && drafts.insert(draft, filing).is_some_and(|other| other != filing)
                {
                    return Err(format!("draft {draft} is filed twice"));
                }
            }
            self.judge_pages(town, case)?;
        }
        for (id, known) in &self.acts {
            let copies = held.get(id).map_or(&[][..], |copies| copies);
            if copies.len() > 1 {
                return Err(format!("the hall holds act {id} {} times", copies.len()));
            }
            if known.at_hall && copies.is_empty() {
                return Err(format!("the hall acknowledged act {id} and does not hold it"));
            }
            if let Some((bytes, filing, _)) = copies.first()
                && (*bytes != Digest::of(&canonical::to_bytes(&known.act)) || *filing != known.act.filing)
            {
                return Err(format!("act {id} is not what was done"));
            }
        }
        for terminal in terminals {
            self.judge_terminal(terminal, town, &held)?;
        }
        self.judge_walls(town, &cases)
    }

    fn judge_pages(&self, town: &Town, case: &hall::ledger::CaseFile) -> Result<(), String> {
        let ledger = town.ledger().ok_or("the hall is shut")?;
        for page in &case.pages {
            let known = self.acts.get(&page.act).ok_or("a page of nobody's act")?;
            if !known.pages.contains(&page.page.sha256) {
                return Err(format!("a page of another lies with act {}", page.act));
            }
            let bytes = ledger.page_bytes(case.view.filing, page.page.sha256).map_err(|error| format!("a page: {error:?}"))?;
            if bytes.is_none_or(|bytes| bytes.len() as u64 != page.page.bytes) {
                return Err(format!("a page of act {} is not whole", page.act));
            }
        }
        // What the receipt of the filing names is there, none is missing.
        let filed: BTreeSet<Digest> = case.sealed.filing().pages.iter().map(|page| page.sha256).collect();
        let there: BTreeSet<Digest> = case.pages.iter().map(|page| page.page.sha256).collect();
        if filed.is_subset(&there) { Ok(()) } else { Err(format!("pages of case {} are missing", case.view.filing)) }
    }

    fn judge_terminal(&self, terminal: &Terminal, town: &Town, held: &Held) -> Result<(), String> {
        let name = &terminal.name;
        for (id, state) in terminal.states()? {
            let known = self.acts.get(&id).ok_or(format!("{name} holds act {id} that nobody did"))?;
            match state.clone() {
                outbox::ActState::Waiting => return Err(format!("{name}: act {id} waits for ever")),
                outbox::ActState::Quarantined { code } => {
                    // The same draft was sealed on a copy of this cabinet too, and came first.
                    let conflict = code == "act_conflict" && self.sealed_twice(known);
                    if !conflict {
                        return Err(format!("{name}: act {id} was set aside as {code}"));
                    }
                }
                outbox::ActState::Acknowledged { .. } | outbox::ActState::Refused { .. } => {
                    let Some((_, _, refused)) = held.get(&id).and_then(|copies| copies.first()) else {
                        // A receipt outlives a hall that was put back and then took a copy of the same draft.
                        if self.sealed_twice(known) {
                            continue;
                        }
                        return Err(format!("{name} has a receipt for act {id} and the hall does not hold it"));
                    };
                    // What no longer fitted the case is shown as the hall stored it: which rule, by whose act, when.
                    let shown = match &state {
                        outbox::ActState::Refused { code, by, at } => Some((code.as_str(), by.as_str(), *at)),
                        _ => None,
                    };
                    let stored = refused.as_ref().map(|refused| (refused.code.as_str(), refused.by.as_str(), refused.at));
                    if shown != stored || shown.is_some_and(|(code, by, _)| code.is_empty() || by.is_empty()) {
                        return Err(format!("{name} shows act {id} as {shown:?}, the hall stored {stored:?}"));
                    }
                    self.refusals.set(self.refusals.get() + u64::from(shown.is_some()));
                }
            }
        }
        terminal.sees(town)
    }

    fn sealed_twice(&self, known: &Known) -> bool {
        known.draft.is_some() && self.acts.values().filter(|other| other.draft == known.draft).count() > 1
    }

    /// Another point that names a page of this one is told that there is no such page.
    fn judge_walls(&self, town: &Town, cases: &[hall::ledger::CaseFile]) -> Result<(), String> {
        let ledger = town.ledger().ok_or("the hall is shut")?;
        let callers = &sample::sample().terminals;
        let Some((case, page)) = cases.iter().find_map(|case| Some((case, case.pages.first()?.page.clone()))) else {
            return Ok(());
        };
        let Some((_, thief, admission)) = callers.iter().find(|(_, caller, _)| caller.point != case.point.id) else {
            return Ok(());
        };
        let own = |known: &Known| sample::POINTS[known.point] == thief.point && known.pages.contains(&page.sha256);
        if self.acts.values().any(own) {
            return Ok(());
        }
        if !ledger.held_pages(thief, &[page.sha256]).map_err(|error| format!("{error:?}"))?.is_empty() {
            return Err("another point is told that the hall holds this point's page".into());
        }
        let mut filing = case.sealed.filing().clone();
        filing.id = Uuid::from_u128(0xBAD);
        filing.point.id.clone_from(&admission.particulars.point);
        sample::AGENTS[1].clone_into(&mut filing.acted_by.account);
        if thief.point == sample::POINTS[0] {
            sample::AGENTS[0].clone_into(&mut filing.acted_by.account);
        }
        let sealed = filing.seal();
        let act = Act {
            id: Uuid::from_u128(0xBAD1),
            filing: sealed.filing().id,
            acted_by: sealed.filing().acted_by.clone(),
            at: sample::start(),
            revision: 0,
            what: What::File { digest: sealed.digest() },
        };
        match ledger.receive_act(thief, &canonical::to_bytes(&act), Some(sealed.bytes()), sample::start()) {
            Err(refuse) if refuse.kind() == Kind::PageUnknown => Ok(()),
            other => Err(format!("another point named this point's page: {other:?}")),
        }
    }
}
