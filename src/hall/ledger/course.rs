//! The course of an accepted case: 转报, 特别程序, 延期, 送达, 终止, 作废, and the clock that runs,
//! stands and is extended by them.

use jiff::{Timestamp, civil::Date};
use matters::{
    CaseStep, StepKind,
    deadline::{self, EXTENSION_MAX, Period, Stop, place_date, place_time},
    matter::Limit,
    state::Verb,
};
use rusqlite::{Connection, params};

use super::{
    DecideRefuse, Decision, LedgerError,
    cases::{self, CaseRow},
    decide::Step,
    judge::Rules,
    rows::{json, to_json},
};

/// The steps of a case, oldest first.
pub(super) fn steps(db: &Connection, filing: uuid::Uuid) -> Result<Vec<CaseStep>, LedgerError> {
    let mut query = db.prepare_cached("SELECT body FROM steps WHERE filing = ?1 ORDER BY sequence")?;
    let found = query.query_map([filing.to_string()], |row| json(row, 0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn note(tx: &Connection, case: &CaseRow, step: &CaseStep) -> Result<(), LedgerError> {
    tx.prepare_cached(
        "INSERT INTO steps (filing, sequence, body)
         SELECT ?1, coalesce(max(sequence), 0) + 1, ?2 FROM steps WHERE filing = ?1",
    )?
    .execute(params![case.filing.to_string(), to_json(step)?])?;
    Ok(())
}

/// The promised end after these steps; `None` while a special procedure keeps the clock standing.
///
/// Special procedures take their days out (行政许可法 45); an extension adds working days to what
/// the end was when it was granted (行政许可法 42).
pub(super) fn promise(
    rules: &Rules,
    accepted_at: Timestamp,
    promised: &Limit,
    steps: &[CaseStep],
) -> Result<Option<(Date, bool)>, LedgerError> {
    let (mut stops, mut open, mut added) = (Vec::new(), None, 0);
    for step in steps {
        match &step.what {
            StepKind::SpecialStarted { .. } => open = Some(step.at),
            StepKind::SpecialEnded => stops.extend(open.take().map(|stop| Stop::new(place_time(stop), place_time(step.at)))),
            StepKind::Extended { days, .. } => added += days,
            StepKind::Forwarded { .. } | StepKind::Delivered { .. } => {}
        }
    }
    if open.is_some() {
        return Ok(None);
    }
    let counted = |start: jiff::civil::DateTime, period: Period, stops: &[Stop]| {
        deadline::due(start, period, stops, &rules.calendar).map_err(|_| LedgerError::Damaged("clock of a case"))
    };
    let first = counted(place_time(accepted_at), Period::from(promised), &stops)?;
    if added == 0 {
        return Ok(Some((first.date, first.provisional)));
    }
    // Stops before the first end are in it already; those after it belong to the added days.
    let base = first.date.at(0, 0, 0, 0);
    let later: Vec<Stop> = stops.into_iter().filter(|stop| stop.stop >= base).collect();
    let last = counted(base, Period::working(added), &later)?;
    Ok(Some((last.date, first.provisional || last.provisional)))
}

impl Step<'_> {
    /// Carries out a step of the course; returns the verb of its audit row.
    pub(super) fn go_on(&self, case: &mut CaseRow, decision: &Decision) -> Result<&'static str, DecideRefuse> {
        let (verb, name) = match decision {
            Decision::Forward { .. } => (Verb::Forward, "decide.forward"),
            Decision::StartSpecial { .. } => (Verb::StartSpecial, "decide.start_special"),
            Decision::EndSpecial => (Verb::EndSpecial, "decide.end_special"),
            Decision::Extend { .. } => (Verb::Extend, "decide.extend"),
            Decision::Deliver { .. } => (Verb::Deliver, "decide.deliver"),
            Decision::Terminate { .. } => (Verb::Terminate, "decide.terminate"),
            Decision::Void { .. } => (Verb::Void, "decide.void"),
            Decision::Accept | Decision::AskCorrection { .. } | Decision::RefuseAcceptance { .. } | Decision::Finish { .. } => {
                return Err(DecideRefuse::NotNow { state: case.state });
            }
        };
        let next = self.next(case, verb)?;
        let what = self.particulars(case, decision)?;
        case.state = next;
        match decision {
            Decision::Terminate { reason } | Decision::Void { reason } => {
                case.reason = Some(reason.trim().to_owned());
                (case.answer_due, case.due) = (None, None);
            }
            _ => {}
        }
        if let Some(what) = what {
            let clock = !matches!(what, StepKind::Forwarded { .. } | StepKind::Delivered { .. });
            note(self.tx, case, &CaseStep { at: self.now, by: self.clerk.name.clone(), what })?;
            if clock {
                self.set_promise(case)?;
            }
        }
        Ok(name)
    }

    /// Counts the promise anew after what has happened. A matter that is in no version any more
    /// keeps the day that was told.
    pub(super) fn set_promise(&self, case: &mut CaseRow) -> Result<(), DecideRefuse> {
        let matter = self.rules.matter(&case.catalogue, &case.matter);
        if let (Some(matter), Some(accepted_at)) = (matter, case.accepted_at) {
            let steps = steps(self.tx, case.filing)?;
            let due = promise(self.rules, accepted_at, &matter.promised, &steps)?;
            case.due = due.map(|(date, _)| date);
            case.provisional = due.is_some_and(|(_, provisional)| provisional);
        }
        Ok(())
    }

    /// What the village hears of the step, after it was looked at.
    fn particulars(&self, case: &CaseRow, decision: &Decision) -> Result<Option<StepKind>, DecideRefuse> {
        let faulty = |field, fault| Err(DecideRefuse::Faulty { field, fault });
        Ok(match decision {
            Decision::Forward { body } => Some(StepKind::Forwarded { body: body.trim().to_owned() }),
            Decision::StartSpecial { procedure, days } => {
                let expected = deadline::due(place_time(self.now), Period::working(*days), &[], &self.rules.calendar);
                let Ok(expected) = expected else { return faulty("days", "too_long") };
                Some(StepKind::SpecialStarted { procedure: procedure.trim().to_owned(), expected: expected.date })
            }
            Decision::EndSpecial => Some(StepKind::SpecialEnded),
            Decision::Extend { until, reason } => {
                let Some(due) = case.due else { return faulty("until", "no_clock") };
                // 行政许可法 42: told before the end, once, by ten working days at most.
                if place_date(self.now) > due {
                    return faulty("until", "overdue");
                }
                if steps(self.tx, case.filing)?.iter().any(|step| matches!(step.what, StepKind::Extended { .. })) {
                    return faulty("until", "again");
                }
                if *until <= due || !self.rules.calendar.is_working(*until) {
                    return faulty("until", "not_later");
                }
                let days = due.tomorrow().map_or(0, |next| self.rules.calendar.working_days(next, *until));
                match u16::try_from(days) {
                    Ok(days) if days <= EXTENSION_MAX.days => {
                        Some(StepKind::Extended { reason: reason.trim().to_owned(), until: *until, days })
                    }
                    _ => return faulty("until", "too_long"),
                }
            }
            Decision::Deliver { collector, way } => {
                Some(StepKind::Delivered { collector: collector.trim().to_owned(), way: way.clone() })
            }
            Decision::Terminate { .. } => {
                let open = cases::open_correction(self.tx, case.filing)?;
                // Only who let the day pass loses the case.
                if open.is_none_or(|open| place_date(self.now) <= open.due) {
                    return faulty("overdue", "not_yet");
                }
                None
            }
            _ => None,
        })
    }
}

#[cfg(test)]
#[path = "course_tests.rs"]
mod course_tests;
