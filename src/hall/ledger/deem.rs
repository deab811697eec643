//! 视为受理: what the law does when nobody answered in time (行政许可法 32(4)).

use jiff::Timestamp;
use matters::state::{Actor, Verb};
use rusqlite::params;
use serde_json::json;
use uuid::Uuid;

use super::{
    Ledger, LedgerError, audit, cases, events, judge, people,
    rows::{truncate, uuid, word},
};

impl Ledger {
    /// Accepts every case whose answer is overdue and whose matter says that silence accepts; the
    /// acceptance counts from the day on which the papers were received. Returns how many.
    pub fn deem(&self, now: Timestamp) -> Result<u64, LedgerError> {
        let now = truncate(now);
        let rules = self.rules();
        let overdue: Vec<Uuid> = self.read(|db| {
            let mut query = db.prepare_cached("SELECT filing FROM cases WHERE state = ?1 AND answer_due < ?2")?;
            let found =
                query.query_map(params![word(&matters::State::Received)?, people::day(now).to_string()], |row| uuid(row, 0))?;
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
                let (due, provisional) = judge::period(&rules, case.received_at, &matter.promised)?;
                case.state = next;
                case.accepted_at = Some(case.received_at);
                case.answer_due = None;
                case.due = Some(due);
                case.provisional = provisional;
                case.revision += 1;
                case.last_change = now;
                case.by = super::meta_text(tx, "hall_name")?;
                cases::update(tx, &case, before)?;
                let subject = filing.to_string();
                let detail = json!({ "revision": case.revision });
                audit::append(tx, now, &audit::Entry { who: "hall", verb: "clock.deemed", subject: &subject, detail })?;
                events::touch(tx, &case.point, &events::case_subject(filing))?;
                Ok::<_, LedgerError>(true)
            })?);
        }
        Ok(deemed)
    }
}
