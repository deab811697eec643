//! Acts of the village: each is stored verbatim with its answer, and makes of a case what it may.
//!
//! The order of the checks is the order in which a terminal can do something about them: an act
//! that is known already is answered at once; then form, actor and place; then pages, matter and rules;
//! last whether it still fits the case. What does not fit any more is stored all the same, and
//! refused with who did what when: the village sees it, nothing is lost.

use jiff::Timestamp;
use matters::{
    Act, Actor, CaseStep, Correction, CorrectionItem, DELIVERY_WAYS, Digest, Grade, Matter, PageRef, Role, Sealed, State,
    StepKind, What, canonical, numbering, state::Verb,
};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;
use uuid::Uuid;
use wire::{Answer, Receipt, Refusal, problem::Kind};

use super::{
    ANSWER_DAYS, Caller, Ledger, LedgerError, Refuse, StoredAnswer, audit, cases, course, events,
    judge::{self, Judged, Rules},
    mark, meta_opt, meta_text, people,
    rows::{micros, to_json, truncate, word},
    set_meta, voices,
};

/// Bytes of an act; those of a filing are limited by [`FILING_BYTES_MAX`].
pub const ACT_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a sealed filing without its pages.
pub const FILING_BYTES_MAX: usize = 1024 * 1024;
/// Characters of the name of who took a result.
const COLLECTOR_CHARS_MAX: usize = 200;

/// What an act came to.
struct Done {
    case_number: String,
    revision: u64,
    refused: Option<Refusal>,
    filing_sha256: Option<Digest>,
    pages: Vec<Digest>,
}

impl Ledger {
    /// Takes an act of a terminal. Returns only after the act, what it changed, the audit row and the
    /// feed are on the disk; the same act again gets the same answer, byte for byte.
    ///
    /// # Errors
    /// A [`Refuse`] whose kind says who can mend it. Nothing was stored then.
    pub fn receive_act(
        &self,
        caller: &Caller,
        act_bytes: &[u8],
        filing_bytes: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<StoredAnswer, Refuse> {
        let now = truncate(now);
        if act_bytes.len() > ACT_BYTES_MAX || filing_bytes.is_some_and(|bytes| bytes.len() > FILING_BYTES_MAX) {
            return Err(Refuse::because(Kind::BodyTooLarge, "act"));
        }
        let act: Act = serde_json::from_slice(act_bytes).map_err(|_| Refuse::because(Kind::NotCanonical, "not an act"))?;
        if let Some(answer) = self.read(|db| replay(db, caller, &act, act_bytes, filing_bytes))? {
            return Ok(answer);
        }
        if canonical::reorder(act_bytes).as_deref() != Some(act_bytes) {
            return Err(Refuse::because(Kind::NotCanonical, "act"));
        }
        // Parsed and hashed before the writing lock is taken.
        let sealed = match (&act.what, filing_bytes) {
            (What::File { digest }, Some(bytes)) => {
                let sealed = Sealed::from_bytes(bytes.to_vec()).map_err(|_| Refuse::because(Kind::NotCanonical, "filing"))?;
                if sealed.digest() != *digest || sealed.filing().id != act.filing {
                    return Err(Refuse::because(Kind::NotCanonical, "filing is not the one that the act names"));
                }
                Some(sealed)
            }
            (What::File { .. }, None) => return Err(Refuse::because(Kind::BadRequest, "filing missing")),
            (_, None) => None,
            (_, Some(_)) => return Err(Refuse::because(Kind::BadRequest, "filing with another act")),
        };
        let rules = self.rules();
        self.write(|tx| {
            // Two lines may bring the same act at the same time: the second finds the first's answer.
            if let Some(answer) = replay(tx, caller, &act, act_bytes, filing_bytes)? {
                return Ok(answer);
            }
            let role = people::may_act(tx, &act.acted_by, &caller.point, act.at, now)?
                .ok_or(Refuse::because(Kind::ActorUnknown, "actor"))?;
            let step = Step { ledger: self, rules: &rules, tx, caller, act: &act, role, now };
            let done = match (&act.what, sealed) {
                (What::File { .. }, Some(sealed)) => step.file(&sealed)?,
                (What::Supplement { correction, items, pages }, _) => step.supplement(*correction, items, pages)?,
                (What::Withdraw { reason }, _) => step.withdraw(reason)?,
                (What::Deliver { collector, way }, _) => step.deliver(collector.expose(), way)?,
                (What::Evaluate { grade, .. }, _) => step.evaluate(*grade)?,
                (What::Complain { words }, _) => step.complain(words.expose())?,
                (What::File { .. }, None) => return Err(Refuse::because(Kind::BadRequest, "filing missing")),
            };
            step.store(act_bytes, filing_bytes, done)
        })
    }
}

/// The answer of the first time, when this act is known.
fn replay(
    db: &Connection,
    caller: &Caller,
    act: &Act,
    act_bytes: &[u8],
    filing_bytes: Option<&[u8]>,
) -> Result<Option<StoredAnswer>, Refuse> {
    let known = db
        .prepare_cached("SELECT point, bytes, filing_bytes, answer FROM acts WHERE id = ?1")?
        .query_row([act.id.to_string()], |row| {
            let filing: Option<Vec<u8>> = row.get(2)?;
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, filing, row.get::<_, Vec<u8>>(3)?))
        })
        .optional()?;
    let Some((point, bytes, filing, body)) = known else { return Ok(None) };
    if point != caller.point {
        return Err(Refuse::because(Kind::WrongPoint, "act"));
    }
    if bytes != act_bytes || filing.as_deref() != filing_bytes {
        return Err(Refuse::because(Kind::ActConflict, "act"));
    }
    Ok(Some(StoredAnswer { body, replayed: true }))
}

/// One act being taken, inside its transaction.
struct Step<'a> {
    ledger: &'a Ledger,
    rules: &'a Rules,
    tx: &'a Connection,
    caller: &'a Caller,
    act: &'a Act,
    role: Role,
    now: Timestamp,
}

impl Step<'_> {
    fn file(&self, sealed: &Sealed) -> Result<Done, Refuse> {
        let filing = sealed.filing();
        if filing.acted_by.account != self.act.acted_by.account {
            return Err(Refuse::because(Kind::ActorUnknown, "another sealed the filing"));
        }
        let pages = judge::pages(self.tx, self.caller, &filing.pages)?;
        if let Some(case) = cases::row(self.tx, filing.id)? {
            if case.point != self.caller.point {
                return Err(Refuse::because(Kind::WrongPoint, "filing"));
            }
            if case.sha256 != sealed.digest() {
                return Err(Refuse::because(Kind::ActConflict, "filing"));
            }
            // The same filing under another act (a restored cabinet): the case stays the one it is.
            return Ok(Done { filing_sha256: Some(sealed.digest()), pages, ..self.refused(&case, "already_filed") });
        }
        let Judged { matter, ask } = judge::filing(self.rules, self.caller, sealed, self.now)?;
        let (answer_due, answer_provisional) = judge::working_days(self.rules, self.now, ANSWER_DAYS)?;
        let (due, due_provisional) = judge::period(self.rules, self.now, &matter.promised)?;
        let case_number = self.free_number(&filing.case_number)?;
        self.tx
            .prepare_cached(
                "INSERT INTO cases (filing, case_number, point, matter, catalogue, applicant_name, applicant_mark, pages, sha256,
                 state, revision, received_at, answer_due, due, provisional, last_change, by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11, ?12, ?13, ?14, ?11, ?15)",
            )?
            .execute(params![
                filing.id.to_string(),
                case_number,
                self.caller.point,
                filing.matter,
                filing.catalogue_version,
                filing.applicant.name.expose(),
                self.ledger.person_mark(filing.applicant.number.expose()).0,
                filing.pages.len() as i64,
                sealed.digest().0,
                word(&State::Received)?,
                micros(self.now),
                answer_due.to_string(),
                due.to_string(),
                answer_provisional || due_provisional,
                people::name_of(self.tx, &self.act.acted_by.account)?,
            ])?;
        self.ledger.set_marks(self.tx, matter, filing)?;
        if case_number != filing.case_number {
            self.alias(&filing.case_number)?;
        }
        let revision = if ask.is_empty() { 1 } else { self.ask_at_once(matter, ask)? };
        Ok(Done { case_number, revision, refused: None, filing_sha256: Some(sealed.digest()), pages })
    }

    /// The filing was sealed under a version that was not in force: what the form in force asks
    /// otherwise is told as a correction, by the hall itself. Returns the new revision.
    fn ask_at_once(&self, matter: &Matter, items: Vec<CorrectionItem>) -> Result<u64, Refuse> {
        let mut case = self.case()?;
        let Ok(next) = case.state.next(Verb::AskCorrection, Actor::Clock) else {
            return Err(Refuse::because(Kind::Internal, "the hall may not ask"));
        };
        let correction = Correction {
            id: self.ledger.ids.uuid(self.now)?,
            told_at: self.now,
            due: judge::period(self.rules, self.now, &matter.correction)?.0,
            clerk: meta_text(self.tx, "hall_name")?,
            phone: meta_text(self.tx, "hall_phone")?,
            items,
        };
        cases::ask(self.tx, &case, &correction)?;
        let before = case.revision;
        case.state = next;
        case.revision += 1;
        case.answer_due = None;
        course::pause(Some(matter), &mut case);
        case.by = correction.clerk.clone();
        cases::update(self.tx, &case, before)?;
        let subject = case.filing.to_string();
        let detail = json!({ "correction": correction.id, "revision": case.revision, "version": case.catalogue });
        audit::append(self.tx, self.now, &audit::Entry { who: "hall", verb: "clock.old_version", subject: &subject, detail })?;
        Ok(case.revision)
    }

    fn supplement(&self, correction: Uuid, items: &[matters::SupplementItem], pages: &[PageRef]) -> Result<Done, Refuse> {
        let mut case = self.case()?;
        let named = judge::pages(self.tx, self.caller, pages)?;
        if let Some(matter) = self.rules.matter(&case.catalogue, &case.matter) {
            judge::supplement(matter, pages)?;
        }
        if let Some(refused) = self.stale(&case) {
            return Ok(Done { pages: named, ..refused });
        }
        let open = cases::open_correction(self.tx, case.filing)?;
        let next = case.state.next(Verb::Supplement, self.role);
        let (Ok(next), Some(open)) = (next, open.filter(|open| open.id == correction)) else {
            return Ok(Done { pages: named, ..self.refused(&case, "no_such_correction") });
        };
        if !answers_everything(&open, items, pages) {
            return Err(Refuse::because(Kind::FormFaulty, "an item of the correction has no answer"));
        }
        if let Some(matter) = self.rules.matter(&case.catalogue, &case.matter) {
            self.ledger.correct_marks(self.tx, matter, cases::sealed(self.tx, &case)?.filing(), &open, items)?;
        }
        self.tx.prepare_cached("UPDATE corrections SET answered_at = ?2, answered_by = ?3 WHERE id = ?1")?.execute(params![
            correction.to_string(),
            micros(self.now),
            self.act.id.to_string()
        ])?;
        let before = case.revision;
        case.state = next;
        let (answer_due, provisional) = judge::working_days(self.rules, self.now, ANSWER_DAYS)?;
        case.answer_due = Some(answer_due);
        case.provisional |= provisional;
        course::resume(self.tx, self.rules, &mut case)?;
        self.change(&mut case, before)?;
        Ok(Done { pages: named, ..self.done(&case) })
    }

    fn withdraw(&self, reason: &str) -> Result<Done, Refuse> {
        let mut case = self.case()?;
        if let Some(refused) = self.stale(&case) {
            return Ok(refused);
        }
        let Ok(next) = case.state.next(Verb::Withdraw, self.role) else {
            return Ok(self.refused(&case, "not_possible_now"));
        };
        let before = case.revision;
        case.state = next;
        case.answer_due = None;
        case.due = None;
        case.reason = Some(reason.to_owned()).filter(|reason| !reason.trim().is_empty());
        self.change(&mut case, before)?;
        Ok(self.done(&case))
    }

    /// The village handed the result over, at the time it says, and never later than now.
    fn deliver(&self, collector: &str, way: &str) -> Result<Done, Refuse> {
        let mut case = self.case()?;
        let named = (1..=COLLECTOR_CHARS_MAX).contains(&collector.trim().chars().count());
        if !named || !DELIVERY_WAYS.contains(&way) {
            return Err(Refuse::because(Kind::FormFaulty, "who took the result, or how"));
        }
        if let Some(refused) = self.stale(&case) {
            return Ok(refused);
        }
        let Ok(next) = case.state.next(Verb::Deliver, self.role) else {
            return Ok(self.refused(&case, "not_possible_now"));
        };
        let before = case.revision;
        case.state = next;
        let what = StepKind::Delivered { collector: collector.trim().to_owned(), way: way.to_owned() };
        let by = people::name_of(self.tx, &self.act.acted_by.account)?;
        course::note(self.tx, &case, &CaseStep { at: truncate(self.act.at.min(self.now)), by, what })?;
        self.change(&mut case, before)?;
        Ok(self.done(&case))
    }

    /// Said of the case as it stands for the resident, not decided on a revision of it.
    fn evaluate(&self, grade: Grade) -> Result<Done, Refuse> {
        let case = self.case()?;
        if !case.state.may_be_evaluated() {
            return Ok(self.refused(&case, "not_possible_now"));
        }
        if voices::is_evaluated(self.tx, case.filing)? {
            return Ok(self.refused(&case, "already_evaluated"));
        }
        voices::evaluate(self.tx, self.act, grade, self.now)?;
        Ok(self.done(&case))
    }

    fn complain(&self, words: &str) -> Result<Done, Refuse> {
        let case = self.case()?;
        if words.trim().is_empty() {
            return Err(Refuse::because(Kind::FormFaulty, "a complaint without words"));
        }
        voices::complain(self.tx, self.act, self.now)?;
        Ok(self.done(&case))
    }

    /// The case of the act, when it belongs to the caller's point.
    fn case(&self) -> Result<cases::CaseRow, Refuse> {
        match cases::row(self.tx, self.act.filing)? {
            Some(case) if case.point == self.caller.point => Ok(case),
            // Another point's case and one that never was get the same answer.
            _ => Err(Refuse::because(Kind::NotFound, "case")),
        }
    }

    /// An act decided on a revision that is no longer the newest is kept and refused.
    fn stale(&self, case: &cases::CaseRow) -> Option<Done> {
        // Revision 0 is decided before the hall had the case: only the filing itself came since.
        let fits = self.act.revision == case.revision || (self.act.revision == 0 && case.revision == 1);
        (!fits).then(|| self.refused(case, "stale_revision"))
    }

    fn refused(&self, case: &cases::CaseRow, code: &'static str) -> Done {
        let refusal = Refusal { code: code.into(), by: case.by.clone(), at: case.last_change, state: case.state };
        Done { refused: Some(refusal), ..self.done(case) }
    }

    fn done(&self, case: &cases::CaseRow) -> Done {
        Done {
            case_number: case.case_number.clone(),
            revision: case.revision,
            refused: None,
            filing_sha256: None,
            pages: Vec::new(),
        }
    }

    fn change(&self, case: &mut cases::CaseRow, before: u64) -> Result<(), Refuse> {
        case.revision = before + 1;
        case.last_change = self.now;
        case.by = people::name_of(self.tx, &self.act.acted_by.account)?;
        Ok(cases::update(self.tx, case, before)?)
    }

    /// The number as minted, or one of the hall's own when another case has it already.
    fn free_number(&self, wanted: &str) -> Result<String, Refuse> {
        let taken = |number: &str| -> Result<bool, LedgerError> {
            Ok(self
                .tx
                .prepare_cached(
                    "SELECT 1 FROM cases WHERE case_number = ?1 UNION ALL SELECT 1 FROM aliases WHERE case_number = ?1",
                )?
                .exists([number])?)
        };
        if !taken(wanted)? {
            return Ok(wanted.to_owned());
        }
        let epoch = match meta_opt(self.tx, "number_epoch")? {
            Some(epoch) => String::from_utf8(epoch).map_err(|_| LedgerError::Damaged("number epoch"))?,
            None => {
                let epoch = numbering::two_characters(self.ledger.ids.bytes()?);
                set_meta(self.tx, "number_epoch", epoch.as_bytes())?;
                epoch
            }
        };
        let stored = meta_opt(self.tx, "number_sequence")?.unwrap_or_default();
        let mut sequence = u64::from_le_bytes(stored.try_into().unwrap_or_default());
        loop {
            let number = numbering::mint(&self.caller.point, HALL_SERIAL, &epoch, sequence)
                .map_err(|_| Refuse::because(Kind::Internal, "the hall's own numbers are used up"))?;
            sequence += 1;
            if !taken(number.as_str())? {
                set_meta(self.tx, "number_sequence", &sequence.to_le_bytes())?;
                return Ok(number.into());
            }
        }
    }

    /// A collided number leads to both cases from now on, and both villages hear of it.
    fn alias(&self, number: &str) -> Result<(), Refuse> {
        let mut insert =
            self.tx.prepare_cached("INSERT OR IGNORE INTO aliases (filing, case_number, since) VALUES (?1, ?2, ?3)")?;
        insert.execute(params![self.act.filing.to_string(), number, micros(self.now)])?;
        let others: Vec<(String, String)> = self
            .tx
            .prepare_cached(
                "SELECT filing, point FROM cases WHERE case_number = ?1 UNION
                 SELECT c.filing, c.point FROM cases c JOIN aliases a ON a.filing = c.filing WHERE a.case_number = ?1",
            )?
            .query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (filing, point) in others.iter().filter(|(filing, _)| *filing != self.act.filing.to_string()) {
            insert.execute(params![filing, number, micros(self.now)])?;
            let filing: Uuid = filing.parse().map_err(|_| LedgerError::Damaged("filing id"))?;
            events::touch(self.tx, point, &events::case_subject(filing))?;
            let subject = filing.to_string();
            let detail = json!({ "number": number, "other": self.act.filing });
            audit::append(self.tx, self.now, &audit::Entry { who: "hall", verb: "number.shared", subject: &subject, detail })?;
        }
        Ok(())
    }

    /// Audit row, receipt, the act itself and the feed.
    fn store(&self, act_bytes: &[u8], filing_bytes: Option<&[u8]>, done: Done) -> Result<StoredAnswer, Refuse> {
        let (tx, act, now) = (self.tx, self.act, self.now);
        let receipt = Receipt {
            act: act.id,
            filing: act.filing,
            act_sha256: Digest::of(act_bytes),
            filing_sha256: done.filing_sha256,
            pages: done.pages,
            case_number: done.case_number,
            received_at: now,
            refused: done.refused,
            revision: done.revision,
        };
        let verb = match &act.what {
            What::File { .. } => "act.file",
            What::Supplement { .. } => "act.supplement",
            What::Withdraw { .. } => "act.withdraw",
            What::Deliver { .. } => "act.deliver",
            What::Evaluate { .. } => "act.evaluate",
            What::Complain { .. } => "act.complain",
        };
        let detail = json!({
            "act": act.id, "act_sha256": receipt.act_sha256, "terminal": self.caller.terminal,
            "revision": receipt.revision, "refused": receipt.refused.as_ref().map(|refused| &refused.code),
        });
        let subject = act.filing.to_string();
        let sequence = audit::append(tx, now, &audit::Entry { who: &act.acted_by.account, verb, subject: &subject, detail })?;
        events::touch(tx, &self.caller.point, &events::case_subject(act.filing))?;
        let payload = canonical::to_bytes(&receipt);
        let answer = Answer { receipt: self.ledger.sign("receipt", &payload), ledger: mark(tx)? };
        let body = canonical::to_bytes(&answer);
        tx.prepare_cached(
            "INSERT INTO acts (id, sequence, filing, point, terminal, bytes, filing_bytes, answer, received_at, revision, refused)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            act.id.to_string(),
            sequence as i64,
            subject,
            self.caller.point,
            self.caller.terminal,
            act_bytes,
            filing_bytes,
            body,
            micros(now),
            receipt.revision as i64,
            receipt.refused.as_ref().map(to_json).transpose()?,
        ])?;
        let mut name = tx.prepare_cached("INSERT INTO act_pages (point, sha256, act) VALUES (?1, ?2, ?3)")?;
        for page in &receipt.pages {
            name.execute(params![self.caller.point, page.0, act.id.to_string()])?;
        }
        Ok(StoredAnswer { body, replayed: false })
    }
}

/// Every item of the correction is answered: in words, with a value, or by a page of its material.
fn answers_everything(correction: &Correction, items: &[matters::SupplementItem], pages: &[PageRef]) -> bool {
    correction.items.iter().enumerate().all(|(index, asked)| {
        let said =
            items.iter().any(|item| item.item as usize == index && (item.answer.is_some() || !item.note.trim().is_empty()));
        said || match &asked.about {
            matters::About::Field { .. } => false,
            matters::About::Page { material, .. } | matters::About::Material { material } => {
                pages.iter().any(|page| page.material == *material)
            }
        }
    })
}

/// The last serial: never given to a terminal, so the hall's own numbers meet nobody's.
pub(super) const HALL_SERIAL: &str = "ZZ";
