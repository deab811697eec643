//! What the calendar does by itself: 视为受理, when nobody answered in time (行政许可法 32(4)), and the
//! days that were 暂定 until the year's notice came out (§2.4).

use jiff::Timestamp;
use matters::{
    State,
    state::{Actor, Running, Verb},
};
use rusqlite::params;
use serde_json::json;
use uuid::Uuid;

use super::{
    ANSWER_DAYS, Ledger, LedgerError, audit, cases, course, events, judge, people,
    rows::{truncate, uuid, word},
};

impl Ledger {
    /// Accepts every case whose answer is overdue and whose matter says that silence accepts; the
    /// acceptance counts from the day on which the papers, or those of the correction, were received.
    /// Returns how many.
    pub fn deem(&self, now: Timestamp) -> Result<u64, LedgerError> {
        let now = truncate(now);
        let rules = self.rules();
        let overdue: Vec<Uuid> = self.read(|db| {
            let mut query = db.prepare_cached("SELECT filing FROM cases WHERE state IN (?1, ?2) AND answer_due < ?3")?;
            let waiting = params![word(&State::Received)?, word(&State::Corrected)?, people::day(now).to_string()];
            let found = query.query_map(waiting, |row| uuid(row, 0))?;
            Ok::<_, LedgerError>(found.collect::<Result<_, _>>()?)
        })?;
        let mut deemed = 0;
        for filing in overdue {
            deemed += u64::from(self.write(|tx| {
                let Some(mut case) = cases::row(tx, filing)? else { return Ok(false) };
                let matter = rules.matter(&case.catalogue, &case.matter).filter(|matter| matter.deemed_acceptance);
                let (Some(matter), Ok(next)) = (matter, case.state.next(Verb::Deem, Actor::Clock)) else { return Ok(false) };
                if case.answer_due.is_none_or(|due| due >= people::day(now)) {
                    return Ok(false);
                }
                let before = case.revision;
                // A corrected case was last changed when its correction came.
                let since = if case.state == State::Corrected { case.last_change } else { case.received_at };
                case.state = next;
                case.accepted_at = Some(since);
                case.answer_due = None;
                let due = course::promise(tx, &rules, matter, &case)?;
                case.due = due.map(|(date, _)| date);
                case.provisional = due.is_some_and(|(_, provisional)| provisional);
                self.by_itself(tx, case, before, now, "clock.deemed")?;
                Ok::<_, LedgerError>(true)
            })?);
        }
        Ok(deemed)
    }

    /// Counts anew what was provisional: with the notice of the year loaded, days may have moved. The
    /// village hears of every day that did. Returns how many cases changed.
    pub fn recount(&self, now: Timestamp) -> Result<u64, LedgerError> {
        let now = truncate(now);
        let rules = self.rules();
        let open: Vec<Uuid> = self.read(|db| {
            let mut query = db.prepare_cached("SELECT filing FROM cases WHERE provisional = 1")?;
            let found = query.query_map([], |row| uuid(row, 0))?;
            Ok::<_, LedgerError>(found.collect::<Result<_, _>>()?)
        })?;
        let mut changed = 0;
        for filing in open {
            changed += u64::from(self.write(|tx| {
                let Some(mut case) = cases::row(tx, filing)? else { return Ok(false) };
                let Some(matter) = rules.matter(&case.catalogue, &case.matter) else { return Ok(false) };
                let (before, was) = (case.revision, (case.answer_due, case.due, case.provisional));
                let mut provisional = false;
                if case.state.running() == Running::Answer {
                    let since = if case.state == State::Corrected { case.last_change } else { case.received_at };
                    let (date, open) = judge::working_days(&rules, since, ANSWER_DAYS)?;
                    case.answer_due = Some(date);
                    provisional |= open;
                }
                let due = course::promise(tx, &rules, matter, &case)?;
                // What is over, and what stands, has no end that could move.
                if let (Some((date, open)), true) = (due, case.due.is_some() && case.state.running() != Running::Ended) {
                    case.due = Some(date);
                    provisional |= open;
                }
                case.provisional = provisional;
                if (case.answer_due, case.due, case.provisional) == was {
                    return Ok(false);
                }
                self.by_itself(tx, case, before, now, "clock.recounted")?;
                Ok::<_, LedgerError>(true)
            })?);
        }
        Ok(changed)
    }

    /// Writes a change that nobody made but the hall itself.
    fn by_itself(
        &self,
        tx: &rusqlite::Connection,
        mut case: cases::CaseRow,
        before: u64,
        now: Timestamp,
        verb: &'static str,
    ) -> Result<(), LedgerError> {
        // Recounting changes days, not who waits for whom since when.
        if verb != "clock.recounted" {
            case.last_change = now;
        }
        case.revision = before + 1;
        case.by = super::meta_text(tx, "hall_name")?;
        cases::update(tx, &case, before)?;
        let subject = case.filing.to_string();
        let detail = json!({ "revision": case.revision });
        audit::append(tx, now, &audit::Entry { who: "hall", verb, subject: &subject, detail })?;
        events::touch(tx, &case.point, &events::case_subject(case.filing)).map(drop)
    }
}
