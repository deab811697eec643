//! Cases as the desk and the feed see them.

use jiff::Timestamp;
use matters::{Act, CaseView, Correction, Digest, PageRef, Personal, ResultFile, Sealed, State, What};
use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter, types::Value};
use serde_json::json;
use uuid::Uuid;
use wire::Refusal;

use super::{
    AskedCorrection, AuditFilter, CaseFile, CasePage, Clerk, INBOX_MAX, InboxFilter, InboxRow, Ledger, LedgerError, Refuse,
    StoredAct, Tray, TrayCounts, audit, course, marks, people,
    rows::{date_opt, digest, json as json_at, json_opt, micros, state, timestamp, timestamp_opt, to_json, truncate, uuid, word},
    terminals,
};

/// A case as it stands in its row.
#[derive(Clone, Debug)]
pub(super) struct CaseRow {
    pub filing: Uuid,
    pub case_number: String,
    pub point: String,
    pub matter: String,
    /// Version of the catalogue that it was sealed under.
    pub catalogue: String,
    pub sha256: Digest,
    pub state: State,
    pub revision: u64,
    pub received_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub answer_due: Option<jiff::civil::Date>,
    pub due: Option<jiff::civil::Date>,
    pub provisional: bool,
    pub last_change: Timestamp,
    pub by: String,
    pub reason: Option<String>,
}

const COLUMNS: &str = "filing, case_number, point, matter, sha256, state, revision, received_at, accepted_at, \
                       answer_due, due, provisional, last_change, by, reason, catalogue";

pub(super) fn row(db: &Connection, filing: Uuid) -> Result<Option<CaseRow>, LedgerError> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM cases WHERE filing = ?1"))?
        .query_row([filing.to_string()], |row| {
            Ok(CaseRow {
                filing: uuid(row, 0)?,
                case_number: row.get(1)?,
                point: row.get(2)?,
                matter: row.get(3)?,
                sha256: digest(row, 4)?,
                state: state(row, 5)?,
                revision: row.get::<_, i64>(6)? as u64,
                received_at: timestamp(row, 7)?,
                accepted_at: timestamp_opt(row, 8)?,
                answer_due: date_opt(row, 9)?,
                due: date_opt(row, 10)?,
                provisional: row.get(11)?,
                last_change: timestamp(row, 12)?,
                by: row.get(13)?,
                reason: row.get(14)?,
                catalogue: row.get(15)?,
            })
        })
        .optional()?)
}

/// Writes a case back whose revision was `before` when it was read in this transaction.
pub(super) fn update(tx: &Connection, case: &CaseRow, before: u64) -> Result<(), LedgerError> {
    assert!(case.revision > before, "every change of a case moves its revision");
    let changed = tx
        .prepare_cached(
            "UPDATE cases SET state = ?3, revision = ?4, accepted_at = ?5, answer_due = ?6, due = ?7, provisional = ?8,
             last_change = ?9, by = ?10, reason = ?11 WHERE filing = ?1 AND revision = ?2",
        )?
        .execute(params![
            case.filing.to_string(),
            before as i64,
            word(&case.state)?,
            case.revision as i64,
            case.accepted_at.map(micros),
            case.answer_due.map(|day| day.to_string()),
            case.due.map(|day| day.to_string()),
            case.provisional,
            micros(case.last_change),
            case.by,
            case.reason,
        ])?;
    assert_eq!(changed, 1, "the case was read in this transaction");
    Ok(())
}

/// The case as it is told to the village.
pub(super) fn view(db: &Connection, filing: Uuid) -> Result<Option<CaseView>, LedgerError> {
    let Some(case) = row(db, filing)? else { return Ok(None) };
    let aliases = db
        .prepare_cached("SELECT case_number FROM aliases WHERE filing = ?1 AND case_number <> ?2 ORDER BY since")?
        .query_map(params![filing.to_string(), case.case_number], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let correction = if case.state == State::InCorrection { open_correction(db, filing)? } else { None };
    Ok(Some(CaseView {
        filing,
        case_number: case.case_number,
        aliases,
        matter: case.matter,
        state: case.state,
        revision: case.revision,
        received_at: case.received_at,
        accepted_at: case.accepted_at,
        answer_due: case.answer_due,
        due: case.due,
        provisional: case.provisional,
        last_change: case.last_change,
        by: case.by,
        correction,
        answered: answered(db, filing)?,
        reason: case.reason,
        results: results(db, filing)?,
        more: Default::default(),
        steps: course::steps(db, filing)?,
    }))
}

/// The correction that waits for the village's answer.
pub(super) fn open_correction(db: &Connection, filing: Uuid) -> Result<Option<Correction>, LedgerError> {
    Ok(db
        .prepare_cached("SELECT body FROM corrections WHERE filing = ?1 AND answered_at IS NULL ORDER BY told_at DESC LIMIT 1")?
        .query_row([filing.to_string()], |row| json_at(row, 0))
        .optional()?)
}

/// When each correction was told, and when the village answered it; oldest first.
pub(super) fn corrections(db: &Connection, filing: Uuid) -> Result<Vec<(Timestamp, Option<Timestamp>)>, LedgerError> {
    let mut query = db.prepare_cached("SELECT told_at, answered_at FROM corrections WHERE filing = ?1 ORDER BY told_at, id")?;
    let found = query.query_map([filing.to_string()], |row| Ok((timestamp(row, 0)?, timestamp_opt(row, 1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn answered(db: &Connection, filing: Uuid) -> Result<Vec<Correction>, LedgerError> {
    let mut query =
        db.prepare_cached("SELECT body FROM corrections WHERE filing = ?1 AND answered_at IS NOT NULL ORDER BY told_at, id")?;
    let found = query.query_map([filing.to_string()], |row| json_at(row, 0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Notes what the village is asked.
pub(super) fn ask(tx: &Connection, case: &CaseRow, correction: &Correction) -> Result<(), LedgerError> {
    tx.prepare_cached("INSERT INTO corrections (id, filing, told_at, body) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        correction.id.to_string(),
        case.filing.to_string(),
        micros(correction.told_at),
        to_json(correction)?
    ])?;
    Ok(())
}

fn results(db: &Connection, filing: Uuid) -> Result<Vec<ResultFile>, LedgerError> {
    let mut query =
        db.prepare_cached("SELECT sha256, bytes, media_type, title FROM results WHERE filing = ?1 ORDER BY given_at, sha256")?;
    let found = query.query_map([filing.to_string()], result_row)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn result_row(row: &Row<'_>) -> rusqlite::Result<ResultFile> {
    Ok(ResultFile { sha256: digest(row, 0)?, bytes: row.get::<_, i64>(1)? as u64, media_type: row.get(2)?, title: row.get(3)? })
}

const INBOX: &str = "SELECT c.filing, c.case_number, c.matter, c.applicant_name, c.point, p.name, c.state, c.revision, \
                     c.received_at, c.answer_due, c.due, c.provisional, c.last_change, c.by, c.pages \
                     FROM cases c JOIN points p ON p.id = c.point";

fn inbox_row(row: &Row<'_>) -> rusqlite::Result<InboxRow> {
    Ok(InboxRow {
        filing: uuid(row, 0)?,
        case_number: row.get(1)?,
        matter: row.get(2)?,
        applicant_name: Personal::new(row.get(3)?),
        point: row.get(4)?,
        point_name: row.get(5)?,
        state: state(row, 6)?,
        revision: row.get::<_, i64>(7)? as u64,
        received_at: timestamp(row, 8)?,
        answer_due: date_opt(row, 9)?,
        due: date_opt(row, 10)?,
        provisional: row.get(11)?,
        last_change: timestamp(row, 12)?,
        by: row.get(13)?,
        pages: row.get(14)?,
    })
}

fn states_of(tray: Tray) -> Result<Vec<String>, LedgerError> {
    State::ALL.into_iter().filter(|state| Tray::of(*state) == tray).map(|state| word(&state)).collect()
}

pub(super) fn acts(db: &Connection, filing: Uuid) -> Result<Vec<StoredAct>, LedgerError> {
    let mut query = db
        .prepare_cached("SELECT bytes, terminal, received_at, revision, refused FROM acts WHERE filing = ?1 ORDER BY sequence")?;
    let mut rows = query.query([filing.to_string()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let act: Act = serde_json::from_slice(&row.get::<_, Vec<u8>>(0)?).map_err(|_| LedgerError::Damaged("act"))?;
        let refused: Option<Refusal> = json_opt(row, 4)?;
        found.push(StoredAct {
            actor_name: people::name_of(db, &act.acted_by.account)?,
            act,
            terminal: row.get(1)?,
            received_at: timestamp(row, 2)?,
            revision: row.get::<_, i64>(3)? as u64,
            refused,
        });
    }
    Ok(found)
}

pub(super) fn sealed(db: &Connection, case: &CaseRow) -> Result<Sealed, LedgerError> {
    let bytes: Vec<u8> = db
        .prepare_cached("SELECT filing_bytes FROM acts WHERE filing = ?1 AND filing_bytes IS NOT NULL AND refused IS NULL")?
        .query_row([case.filing.to_string()], |row| row.get(0))?;
    let sealed = Sealed::from_bytes(bytes).map_err(|_| LedgerError::Damaged("filing"))?;
    if sealed.digest() != case.sha256 {
        return Err(LedgerError::Damaged("filing digest"));
    }
    Ok(sealed)
}

pub(super) fn pages_of(sealed: &Sealed, acts: &[StoredAct]) -> Vec<CasePage> {
    let mut pages = Vec::new();
    for stored in acts.iter().filter(|stored| stored.refused.is_none()) {
        let (brought, correction): (&[PageRef], _) = match &stored.act.what {
            What::File { .. } => (&sealed.filing().pages, None),
            What::Supplement { correction, pages, .. } => (pages, Some(*correction)),
            What::Withdraw { .. } | What::Deliver { .. } | What::Evaluate { .. } | What::Complain { .. } => (&[], None),
        };
        pages.extend(brought.iter().map(|page| CasePage { page: page.clone(), act: stored.act.id, correction }));
    }
    pages
}

impl Ledger {
    /// Cases that fit the filter: earliest duty first, ended ones newest first.
    pub fn inbox(&self, filter: &InboxFilter) -> Result<Vec<InboxRow>, LedgerError> {
        let mut sql = String::from(INBOX);
        let mut values: Vec<Value> = Vec::new();
        let mut conditions: Vec<String> = Vec::new();
        if let Some(tray) = filter.tray {
            let states = states_of(tray)?;
            conditions.push(format!("c.state IN ({})", vec!["?"; states.len()].join(", ")));
            values.extend(states.into_iter().map(Value::Text));
        }
        for (column, wanted) in [("c.point", &filter.point), ("c.matter", &filter.matter)] {
            if let Some(wanted) = wanted {
                conditions.push(format!("{column} = ?"));
                values.push(Value::Text(wanted.clone()));
            }
        }
        if let Some(text) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            conditions.push(
                "(instr(c.applicant_name, ?) > 0 OR instr(c.case_number, ?) > 0 OR EXISTS
                 (SELECT 1 FROM aliases a WHERE a.filing = c.filing AND instr(a.case_number, ?) > 0))"
                    .to_owned(),
            );
            let number = text.to_uppercase();
            values.extend([Value::Text(text.to_owned()), Value::Text(number.clone()), Value::Text(number)]);
        }
        if !conditions.is_empty() {
            sql.push_str(" WHERE ");
            sql.push_str(&conditions.join(" AND "));
        }
        sql.push_str(match filter.tray {
            Some(Tray::Done) | None => " ORDER BY c.last_change DESC, c.filing",
            Some(Tray::New) => " ORDER BY c.answer_due, c.received_at, c.filing",
            Some(Tray::InCorrection | Tray::Running) => " ORDER BY c.due, c.received_at, c.filing",
        });
        let limit = if filter.limit == 0 { INBOX_MAX } else { filter.limit.min(INBOX_MAX) };
        sql.push_str(" LIMIT ? OFFSET ?");
        values.extend([Value::Integer(limit as i64), Value::Integer(i64::try_from(filter.offset).unwrap_or(i64::MAX))]);
        self.read(|db| {
            let mut query = db.prepare_cached(&sql)?;
            let found = query.query_map(params_from_iter(values), inbox_row)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// How many cases lie in each tray.
    pub fn tray_counts(&self) -> Result<TrayCounts, LedgerError> {
        self.read(|db| {
            let mut counts = TrayCounts::default();
            let mut query = db.prepare_cached("SELECT state, count(*) FROM cases GROUP BY state")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let count = row.get::<_, i64>(1)? as u64;
                match Tray::of(state(row, 0)?) {
                    Tray::New => counts.new += count,
                    Tray::InCorrection => counts.in_correction += count,
                    Tray::Running => counts.running += count,
                    Tray::Done => counts.done += count,
                }
            }
            Ok(counts)
        })
    }

    /// A case whole; `None` when there is none of this filing.
    pub fn case(&self, filing: Uuid) -> Result<Option<CaseFile>, LedgerError> {
        self.read(|db| {
            let (Some(case), Some(view)) = (row(db, filing)?, view(db, filing)?) else { return Ok(None) };
            let sealed = sealed(db, &case)?;
            let acts = acts(db, filing)?;
            let corrections = db
                .prepare_cached("SELECT body, answered_at, answered_by FROM corrections WHERE filing = ?1 ORDER BY told_at")?
                .query_map([filing.to_string()], |row| {
                    let answered_by: Option<String> = row.get(2)?;
                    Ok(AskedCorrection {
                        correction: json_at(row, 0)?,
                        answered_at: timestamp_opt(row, 1)?,
                        answered_by: answered_by.and_then(|id| id.parse().ok()),
                    })
                })?
                .collect::<Result<_, _>>()?;
            let earlier = db
                .prepare_cached(&format!(
                    "{INBOX} JOIN cases this ON this.filing = ?1 WHERE c.applicant_mark = this.applicant_mark
                     AND c.matter = this.matter AND c.filing <> ?1 AND c.received_at > this.received_at - ?2
                     ORDER BY c.received_at DESC LIMIT 20"
                ))?
                .query_map(params![filing.to_string(), 366 * 86_400 * 1_000_000i64], inbox_row)?
                .collect::<Result<_, _>>()?;
            let repeats = marks::repeats(db, filing)?;
            let subject = Some(filing.to_string());
            let history = audit::rows(db, &AuditFilter { subject, after: 0, limit: 0 })?;
            Ok(Some(CaseFile {
                point: terminals::point(db, &case.point)?.ok_or(LedgerError::Damaged("point of a case"))?,
                pages: pages_of(&sealed, &acts),
                view,
                sealed,
                acts,
                corrections,
                history,
                earlier,
                repeats,
            }))
        })
    }

    /// Notes that a clerk looked at something that is hidden at first, e.g. the whole `number`.
    pub fn record_look(&self, filing: Uuid, what: &'static str, clerk: &Clerk, now: Timestamp) -> Result<(), LedgerError> {
        self.write(|tx| {
            let subject = filing.to_string();
            let detail = json!({ "what": what, "session": clerk.session });
            let entry = audit::Entry { who: &clerk.account, verb: "case.looked", subject: &subject, detail };
            audit::append(tx, truncate(now), &entry).map(drop)
        })
    }

    /// The filing to which a case number or an alias belongs; several when a number collided.
    pub fn find_number(&self, case_number: &str) -> Result<Vec<Uuid>, LedgerError> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT filing FROM cases WHERE case_number = ?1 UNION SELECT filing FROM aliases WHERE case_number = ?1",
            )?;
            let found = query.query_map([case_number], |row| uuid(row, 0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Bytes of a page of this case, checked against its digest; `None` when the case has no such page.
    pub fn page_bytes(&self, filing: Uuid, page: Digest) -> Result<Option<Vec<u8>>, LedgerError> {
        self.read(|db| self.page_of(db, filing, page))
    }

    pub(super) fn page_of(&self, db: &Connection, filing: Uuid, page: Digest) -> Result<Option<Vec<u8>>, LedgerError> {
        let file: Option<String> = db
            .prepare_cached(
                "SELECT p.file FROM pages p JOIN act_pages a ON a.point = p.point AND a.sha256 = p.sha256
                 JOIN acts t ON t.id = a.act WHERE t.filing = ?1 AND p.sha256 = ?2 AND t.refused IS NULL LIMIT 1",
            )?
            .query_row(params![filing.to_string(), page.0], |row| row.get(0))
            .optional()?;
        file.map(|file| self.file_bytes(db, &file, page)).transpose()
    }

    /// A result file of this case.
    pub fn result_bytes(&self, filing: Uuid, result: Digest) -> Result<Option<(ResultFile, Vec<u8>)>, LedgerError> {
        self.read(|db| self.result_in(db, "filing", &filing.to_string(), result))
    }

    /// A result file of any case of this point.
    ///
    /// # Errors
    /// [`wire::problem::Kind::NotFound`] for another point's as for none.
    pub fn result_file(&self, point: &str, result: Digest) -> Result<(ResultFile, Vec<u8>), Refuse> {
        self.read(|db| self.result_in(db, "point", point, result))?
            .ok_or(Refuse::because(wire::problem::Kind::NotFound, "result"))
    }

    fn result_in(
        &self,
        db: &Connection,
        column: &'static str,
        value: &str,
        result: Digest,
    ) -> Result<Option<(ResultFile, Vec<u8>)>, LedgerError> {
        let found = db
            .prepare_cached(&format!(
                "SELECT sha256, bytes, media_type, title, file FROM results WHERE {column} = ?1 AND sha256 = ?2 LIMIT 1"
            ))?
            .query_row(params![value, result.0], |row| Ok((result_row(row)?, row.get::<_, String>(4)?)))
            .optional()?;
        let Some((meta, file)) = found else { return Ok(None) };
        Ok(Some((meta, self.file_bytes(db, &file, result)?)))
    }
}
