//! Decisions of clerks: the only other way in which a case changes.

use jiff::Timestamp;
use matters::{
    About, CaseView, Correction, CorrectionItem, DELIVERY_WAYS, Digest, Filing, Matter, State, matter::Badge, state::Verb,
};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    CORRECTION_DAYS, Clerk, DecideRefuse, Decision, Ledger, LedgerError, RESULT_BYTES_MAX, ResultInput, audit,
    cases::{self, CaseRow},
    course, events,
    judge::{self, Rules},
    meta_text, people,
    rows::{micros, truncate},
};

/// Characters of a reason, a remedy, an item.
const TEXT_CHARS_MAX: usize = 2000;
/// Items of one correction.
const ITEMS_MAX: usize = 50;

impl Ledger {
    /// Carries out what a clerk decided on the case as he saw it at `revision`. Durable when it returns.
    ///
    /// # Errors
    /// [`DecideRefuse::Stale`] when somebody acted on the case since: who, when, and how it stands.
    pub fn decide(
        &self,
        filing: Uuid,
        decision: &Decision,
        clerk: &Clerk,
        revision: u64,
        now: Timestamp,
    ) -> Result<CaseView, DecideRefuse> {
        let now = truncate(now);
        check_texts(decision)?;
        let rules = self.rules();
        let _making = self.making.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        // The file is sealed and durable before the transaction that names it.
        let result = match decision {
            Decision::Finish { result: Some(result), .. } => Some(self.seal_result(result)?),
            _ => None,
        };
        let done = self.write(|tx| {
            let case = cases::row(tx, filing)?.ok_or(DecideRefuse::NotFound)?;
            if case.revision != revision {
                let CaseRow { by, last_change, state, revision, .. } = case;
                return Err(DecideRefuse::Stale { by, at: last_change, state, revision });
            }
            let step = Step { ledger: self, rules: &rules, tx, clerk, now };
            step.take(case, decision, result.as_ref())?;
            Ok(cases::view(tx, filing)?.ok_or(LedgerError::Damaged("case"))?)
        });
        if let (Err(_), Some(result)) = (&done, &result) {
            self.vault.remove(&result.file)?;
        }
        done
    }

    fn seal_result(&self, result: &ResultInput) -> Result<SealedResult, LedgerError> {
        let (file, wrapped) = self.vault.draw()?;
        let key = self.vault.unwrap(&file, &wrapped)?;
        let mut appender = self.vault.append(&file, &key, 0, 0)?;
        appender.write(&result.bytes)?;
        let (_, sealed_len) = appender.finish()?;
        Ok(SealedResult { file, wrapped, sealed_len, digest: Digest::of(&result.bytes) })
    }
}

struct SealedResult {
    file: String,
    wrapped: Vec<u8>,
    sealed_len: u64,
    digest: Digest,
}

fn text(field: &'static str, value: &str, needed: bool) -> Result<(), DecideRefuse> {
    if needed && value.trim().is_empty() {
        return Err(DecideRefuse::Faulty { field, fault: "empty" });
    }
    if value.chars().count() > TEXT_CHARS_MAX {
        return Err(DecideRefuse::Faulty { field, fault: "too_long" });
    }
    Ok(())
}

/// What can be said about a decision without looking at the case.
fn check_texts(decision: &Decision) -> Result<(), DecideRefuse> {
    match decision {
        Decision::Accept => Ok(()),
        Decision::AskCorrection { items, reason, .. } => {
            let fault = match items.len() {
                0 => Some("empty"),
                1..=ITEMS_MAX => None,
                _ => Some("too_many"),
            };
            if let Some(fault) = fault {
                return Err(DecideRefuse::Faulty { field: "items", fault });
            }
            text("reason", reason, false)?;
            items.iter().try_for_each(|item| {
                text("what", &item.what, true)?;
                text("standard", &item.standard, true)
            })
        }
        Decision::RefuseAcceptance { reason, remedy } => {
            text("reason", reason, true)?;
            text("remedy", remedy, true)
        }
        Decision::Finish { granted, reason, remedy, result } => {
            text("reason", reason, !granted || result.is_none())?;
            text("remedy", remedy, !granted)?;
            result.as_ref().map_or(Ok(()), check_result)
        }
        Decision::Forward { body } => text("body", body, true),
        Decision::StartSpecial { procedure, days } => {
            text("procedure", procedure, true)?;
            if *days == 0 { Err(DecideRefuse::Faulty { field: "days", fault: "empty" }) } else { Ok(()) }
        }
        Decision::EndSpecial => Ok(()),
        Decision::Extend { reason, .. } | Decision::Terminate { reason } | Decision::Void { reason } => {
            text("reason", reason, true)
        }
        Decision::Deliver { collector, way } => {
            text("collector", collector, true)?;
            let known = DELIVERY_WAYS.contains(&way.as_str());
            if known { Ok(()) } else { Err(DecideRefuse::Faulty { field: "way", fault: "unknown" }) }
        }
    }
}

fn check_result(result: &ResultInput) -> Result<(), DecideRefuse> {
    let fault = |fault| Err(DecideRefuse::Faulty { field: "result", fault });
    text("title", &result.title, true)?;
    if result.bytes.is_empty() {
        return fault("empty");
    }
    if result.bytes.len() > RESULT_BYTES_MAX {
        return fault("too_large");
    }
    // The first bytes decide, not what the browser said of them.
    let magic: &[u8] = match result.media_type.as_str() {
        "application/pdf" => b"%PDF-",
        "image/jpeg" => b"\xff\xd8\xff",
        "image/png" => b"\x89PNG\r\n\x1a\n",
        _ => return fault("media_type"),
    };
    if result.bytes.starts_with(magic) { Ok(()) } else { fault("media_type") }
}

/// One decision being carried out, inside its transaction.
pub(super) struct Step<'a> {
    ledger: &'a Ledger,
    pub(super) rules: &'a Rules,
    pub(super) tx: &'a Connection,
    pub(super) clerk: &'a Clerk,
    pub(super) now: Timestamp,
}

impl Step<'_> {
    fn take(&self, mut case: CaseRow, decision: &Decision, result: Option<&SealedResult>) -> Result<(), DecideRefuse> {
        let before = case.revision;
        let (verb, detail) = match decision {
            Decision::Accept => {
                self.accept(&mut case)?;
                ("decide.accept", json!({}))
            }
            Decision::AskCorrection { items, due, reason } => {
                let id = self.ask(&mut case, items, *due, reason)?;
                ("decide.ask_correction", json!({ "correction": id, "items": items.len() }))
            }
            Decision::RefuseAcceptance { reason, remedy } => {
                case.state = self.next(&case, Verb::RefuseAcceptance)?;
                case.reason = Some(words(reason, remedy));
                case.answer_due = None;
                case.due = None;
                ("decide.refuse_acceptance", json!({}))
            }
            Decision::Finish { granted, reason, remedy, result: input } => {
                self.finish(&mut case, *granted)?;
                case.reason = Some(words(reason, remedy)).filter(|words| !words.is_empty());
                if let (Some(input), Some(result)) = (input, result) {
                    self.keep(&case, input, result)?;
                }
                let verb = if *granted { "decide.grant" } else { "decide.refuse" };
                (verb, json!({ "result": result.map(|result| result.digest) }))
            }
            Decision::Forward { .. }
            | Decision::StartSpecial { .. }
            | Decision::EndSpecial
            | Decision::Extend { .. }
            | Decision::Deliver { .. }
            | Decision::Terminate { .. }
            | Decision::Void { .. } => (self.go_on(&mut case, decision)?, json!({})),
        };
        case.revision = before + 1;
        case.last_change = self.now;
        case.by = self.clerk.name.clone();
        cases::update(self.tx, &case, before)?;
        self.record(&case, verb, detail)
    }

    fn record(&self, case: &CaseRow, verb: &'static str, mut detail: Value) -> Result<(), DecideRefuse> {
        detail["revision"] = json!(case.revision);
        detail["session"] = json!(self.clerk.session);
        let subject = case.filing.to_string();
        audit::append(self.tx, self.now, &audit::Entry { who: &self.clerk.account, verb, subject: &subject, detail })?;
        events::touch(self.tx, &case.point, &events::case_subject(case.filing))?;
        Ok(())
    }

    pub(super) fn next(&self, case: &CaseRow, verb: Verb) -> Result<State, DecideRefuse> {
        case.state.next(verb, self.clerk.role).map_err(|forbidden| match forbidden.code {
            "not_your_role" => DecideRefuse::NotAllowed,
            _ => DecideRefuse::NotNow { state: case.state },
        })
    }

    fn accept(&self, case: &mut CaseRow) -> Result<(), DecideRefuse> {
        case.state = self.next(case, Verb::Accept)?;
        case.accepted_at = Some(self.now);
        case.answer_due = None;
        // The promise counts from acceptance.
        self.set_promise(case)?;
        Ok(())
    }

    fn finish(&self, case: &mut CaseRow, granted: bool) -> Result<(), DecideRefuse> {
        let verb = if granted { Verb::Grant } else { Verb::Refuse };
        let waiting = matches!(case.state, State::Received | State::Corrected);
        if waiting {
            // 即办: accepted and decided in one, at the window.
            let instant = self.rules.matter(&case.catalogue, &case.matter).is_some_and(|matter| matter.badge == Badge::Instant);
            if !instant {
                return Err(DecideRefuse::NotNow { state: case.state });
            }
            self.accept(case)?;
        }
        case.state = self.next(case, verb)?;
        case.answer_due = None;
        Ok(())
    }

    fn ask(
        &self,
        case: &mut CaseRow,
        items: &[CorrectionItem],
        due: Option<jiff::civil::Date>,
        reason: &str,
    ) -> Result<Uuid, DecideRefuse> {
        let next = self.next(case, Verb::AskCorrection)?;
        let again = case.state == State::Corrected;
        if again && reason.trim().is_empty() {
            // 一次告知: what could be seen the first time may not be asked for later without a reason.
            return Err(DecideRefuse::Faulty { field: "reason", fault: "empty" });
        }
        let sealed = cases::sealed(self.tx, case)?;
        let matter = self.rules.matter(&case.catalogue, &case.matter);
        if !items.iter().all(|item| knows(matter, sealed.filing(), &item.about)) {
            return Err(DecideRefuse::Faulty { field: "items", fault: "unknown" });
        }
        let due = match due {
            Some(due) if due < people::day(self.now) => return Err(DecideRefuse::Faulty { field: "due", fault: "past" }),
            Some(due) => due,
            None => match matter {
                Some(matter) => judge::period(self.rules, self.now, &matter.correction)?.0,
                None => judge::working_days(self.rules, self.now, CORRECTION_DAYS)?.0,
            },
        };
        let phone = match self.clerk.phone.trim() {
            "" => meta_text(self.tx, "hall_phone")?,
            phone => phone.to_owned(),
        };
        let correction = Correction {
            id: self.ledger.ids.uuid(self.now)?,
            told_at: self.now,
            due,
            clerk: self.clerk.name.clone(),
            phone,
            items: items.to_vec(),
        };
        cases::ask(self.tx, case, &correction)?;
        case.state = next;
        case.answer_due = None;
        course::pause(matter, case);
        case.reason = again.then(|| reason.trim().to_owned());
        Ok(correction.id)
    }

    fn keep(&self, case: &CaseRow, input: &ResultInput, result: &SealedResult) -> Result<(), DecideRefuse> {
        self.tx.prepare_cached("INSERT INTO files (name, wrapped_key, sealed_len) VALUES (?1, ?2, ?3)")?.execute(params![
            result.file,
            result.wrapped,
            result.sealed_len as i64
        ])?;
        self.tx
            .prepare_cached(
                "INSERT INTO results (filing, sha256, point, bytes, media_type, title, file, given_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                case.filing.to_string(),
                result.digest.0,
                case.point,
                input.bytes.len() as i64,
                input.media_type,
                input.title.trim(),
                result.file,
                micros(self.now)
            ])?;
        Ok(())
    }
}

fn words(reason: &str, remedy: &str) -> String {
    [reason.trim(), remedy.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The item is about something that the matter asks for or the filing brought.
fn knows(matter: Option<&Matter>, filing: &Filing, about: &About) -> bool {
    match about {
        About::Field { key } => {
            filing.answers.contains_key(key) || matter.is_some_and(|matter| matter.fields().any(|field| field.key == *key))
        }
        About::Page { material, order } => filing.pages.iter().any(|page| page.material == *material && page.order == *order),
        About::Material { material } => matter.is_some_and(|matter| matter.material(material).is_some()),
    }
}
