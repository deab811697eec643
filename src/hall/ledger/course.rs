//! The course of an accepted case: 转报, 特别程序, 延期, 送达, 终止, 作废, and the clock that runs,
//! stands and is extended by them.

use jiff::{Timestamp, civil::Date};
use matters::{
    CaseStep, Matter, StepKind,
    deadline::{self, EXTENSION_MAX, Period, Stop, place_date, place_time},
    matter::{Starts, StopsOn},
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

/// The promised end of a case; `None` while its clock stands. It counts from acceptance or from
/// receipt, as its matter says; before acceptance from receipt, as what may be expected.
///
/// Special procedures and corrections take their days out where the matter's clock stops on them
/// (行政许可法 45); an extension adds working days to what the end was when it was granted (行政许可法 42).
pub(super) fn promise(
    db: &Connection,
    rules: &Rules,
    matter: &Matter,
    case: &CaseRow,
) -> Result<Option<(Date, bool)>, LedgerError> {
    let start = match matter.clock.start {
        Starts::Accepted => case.accepted_at.unwrap_or(case.received_at),
        Starts::Received => case.received_at,
    };
    let stops_on = |what| matter.clock.stop_on.contains(&what);
    let (mut pauses, mut added) = (Vec::new(), 0);
    let mut open: Option<Timestamp> = None;
    for step in steps(db, case.filing)? {
        match step.what {
            StepKind::SpecialStarted { .. } if stops_on(StopsOn::Special) => open = Some(step.at),
            StepKind::SpecialEnded => pauses.extend(open.take().map(|stop| (stop, Some(step.at)))),
            StepKind::Extended { days, .. } => added += days,
            StepKind::SpecialStarted { .. } | StepKind::Forwarded { .. } | StepKind::Delivered { .. } => {}
        }
    }
    pauses.extend(open.map(|stop| (stop, None)));
    if stops_on(StopsOn::Correction) {
        // What was asked and answered before the clock ran took nothing from it.
        pauses.extend(cases::corrections(db, case.filing)?.into_iter().filter(|(told, _)| *told >= start));
    }
    let Some(stops) = merged(pauses) else { return Ok(None) };
    let counted = |start: jiff::civil::DateTime, period: Period, stops: &[Stop]| {
        deadline::due(start, period, stops, &rules.calendar).map_err(|_| LedgerError::Damaged("clock of a case"))
    };
    let first = counted(place_time(start), Period::from(&matter.promised), &stops)?;
    if added == 0 {
        return Ok(Some((first.date, first.provisional)));
    }
    // Stops before the first end are in it already; those after it belong to the added days.
    let base = first.date.at(0, 0, 0, 0);
    let later: Vec<Stop> = stops.into_iter().filter(|stop| stop.stop >= base).collect();
    let last = counted(base, Period::working(added), &later)?;
    Ok(Some((last.date, first.provisional || last.provisional)))
}

/// A correction is asked: a clock that runs since receipt may stand for it.
pub(super) fn pause(matter: Option<&Matter>, case: &mut CaseRow) {
    if matter.is_some_and(|matter| stands_for_corrections(matter)) {
        case.due = None;
    }
}

/// The correction is answered: the clock that stood for it runs on.
pub(super) fn resume(db: &Connection, rules: &Rules, case: &mut CaseRow) -> Result<(), LedgerError> {
    if let Some(matter) = rules.matter(&case.catalogue, &case.matter).filter(|matter| stands_for_corrections(matter)) {
        let due = promise(db, rules, matter, case)?;
        case.due = due.map(|(date, _)| date);
        case.provisional |= due.is_some_and(|(_, provisional)| provisional);
    }
    Ok(())
}

/// Corrections come before acceptance, so only a clock that runs since receipt can stand for one.
fn stands_for_corrections(matter: &Matter) -> bool {
    matter.clock.start == Starts::Received && matter.clock.stop_on.contains(&StopsOn::Correction)
}

/// The times during which a clock stood, those that touch made one; `None` while one of them has no end.
fn merged(mut pauses: Vec<(Timestamp, Option<Timestamp>)>) -> Option<Vec<Stop>> {
    pauses.sort();
    let mut stops: Vec<Stop> = Vec::new();
    for (from, until) in pauses {
        let (from, until) = (place_time(from), place_time(until?));
        match stops.last_mut() {
            Some(last) if from <= last.resume => last.resume = last.resume.max(until),
            _ => stops.push(Stop::new(from, until)),
        }
    }
    Some(stops)
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
        if let (Some(matter), true) = (matter, case.accepted_at.is_some()) {
            let due = promise(self.tx, self.rules, matter, case)?;
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
