//! What the window lists: filings, one filing whole, what is found by a word, the month.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use matters::{AgentAccount, CaseView, Digest, Filing, Personal, Sealed};
use rusqlite::{Connection, Row};
use uuid::Uuid;

use crate::{
    CabinetError, FilingFull, FilingRow, QueueSummary, Reading, Stage, people, queue,
    rows::{Col, Step, act_and_state, checked, time, time_or_none},
};

/// Columns of a list row. The open act is the one that will be sent next.
fn row_sql(filter: &str, tail: &str) -> String {
    format!(
        "SELECT f.*, a.state, a.settled_at, a.receipt, c.content AS case_content,
             CASE WHEN a.receipt IS NULL THEN {sent} ELSE f.bytes END AS bytes_sent,
             o.trouble AS open_trouble, o.next_try_at AS open_next_try_at, a.code AS file_code
         FROM filing AS f
         JOIN act AS a ON a.uuid = f.act
         LEFT JOIN hall_case AS c ON c.filing = f.uuid
         LEFT JOIN act AS o ON o.id = (SELECT min(n.id) FROM act AS n WHERE n.filing = f.uuid AND (n.state = 'waiting' OR n.again = 1))
         {filter} ORDER BY f.id DESC {tail}",
        sent = queue::SENT
    )
}

impl Reading {
    /// The newest sealed filings, newest first.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn filings(&self, limit: usize) -> Result<Vec<FilingRow>, CabinetError> {
        let mut statement = self.conn.prepare_cached(&row_sql("", "LIMIT ?1"))?;
        collect(statement.query([limit])?)
    }

    /// Filings whose applicant's name contains `text`, whose number starts with it or ends with
    /// it (from four characters), or whose applicant has exactly this citizen number. Newest
    /// first. Blanks, dashes and case do not matter.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<FilingRow>, CabinetError> {
        let term = normal(text);
        if term.is_empty() {
            return self.filings(limit);
        }
        // The terms that start with `term` lie between it and the first text behind them all.
        let end = format!("{term}{}", char::MAX);
        let filter =
            "JOIN (SELECT DISTINCT filing FROM finding WHERE term >= ?1 AND term < ?2 ORDER BY filing DESC LIMIT ?3) AS found
             ON found.filing = f.id";
        let mut statement = self.conn.prepare_cached(&row_sql(filter, ""))?;
        collect(statement.query((&term, &end, limit))?)
    }

    /// A filing with everything that belongs to it, verified against its digest.
    ///
    /// # Errors
    /// [`CabinetError::Damaged`] when it is not what was sealed.
    pub fn filing(&self, id: Uuid) -> Result<Option<FilingFull>, CabinetError> {
        let tx = self.conn.unchecked_transaction()?;
        let mut statement = tx.prepare_cached(&row_sql("WHERE f.uuid = ?1", ""))?;
        let mut rows = statement.query([Col(id)])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let bytes = checked(row.get("content")?, row.get::<_, Col<Digest>>("digest")?.0)?;
        let sealed = Sealed::from_bytes(bytes).map_err(|_| CabinetError::Contradiction("filing"))?;
        Ok(Some(FilingFull {
            row: filing_row(row)?,
            sealed,
            receipt: row.get("receipt")?,
            received_at: time_or_none(row, "settled_at")?,
            acts: acts_of(&tx, id)?,
        }))
    }

    /// Cases of the point that were filed at another of its terminals, last change first.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn cases_elsewhere(&self, limit: usize) -> Result<Vec<CaseView>, CabinetError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT c.content FROM hall_case AS c WHERE NOT EXISTS (SELECT 1 FROM filing WHERE filing.uuid = c.filing)
             ORDER BY c.last_change DESC, c.id DESC LIMIT ?1",
        )?;
        let mut rows = statement.query([limit])?;
        let mut cases = Vec::new();
        while let Some(row) = rows.next()? {
            cases.push(case_view(&row.get::<_, Vec<u8>>(0)?)?);
        }
        Ok(cases)
    }

    /// What the hall has not received yet.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn queue(&self) -> Result<QueueSummary, CabinetError> {
        let tx = self.conn.unchecked_transaction()?;
        queue::summary(&tx)
    }

    /// Accounts that may sign in here, as the hall last sent them.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn agents(&self) -> Result<Vec<AgentAccount>, CabinetError> {
        people::agents(&self.conn)
    }

    /// Figures of the calendar month of `now` at +08:00: `sealed` filings, `ended` cases,
    /// `ended_at_once` cases that needed no correction.
    ///
    /// # Errors
    /// When the cabinet cannot be read.
    pub fn month(&self, now: Timestamp) -> Result<BTreeMap<String, u64>, CabinetError> {
        let zone = jiff::tz::offset(8);
        let first = zone.to_datetime(now).date().first_of_month();
        let next = first.checked_add(jiff::Span::new().months(1)).unwrap_or(jiff::civil::Date::MAX);
        let start = |day: jiff::civil::Date| zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight()));
        let range = (Col(start(first).unwrap_or(Timestamp::MIN)), Col(start(next).unwrap_or(Timestamp::MAX)));
        let sealed: u64 = self
            .conn
            .prepare_cached("SELECT count(*) FROM filing WHERE sealed_at >= ?1 AND sealed_at < ?2")?
            .query_row(range, |row| row.get(0))?;
        let (ended, at_once): (u64, u64) = self
            .conn
            .prepare_cached(
                "SELECT count(*), coalesce(sum(corrected = 0), 0) FROM hall_case
                 WHERE ended = 1 AND last_change >= ?1 AND last_change < ?2",
            )?
            .query_row(range, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok([("sealed", sealed), ("ended", ended), ("ended_at_once", at_once)].map(|(key, count)| (key.to_owned(), count)).into())
    }
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<FilingRow>, CabinetError> {
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        list.push(filing_row(row)?);
    }
    Ok(list)
}

fn filing_row(row: &Row<'_>) -> Result<FilingRow, CabinetError> {
    let bytes_sent: u64 = row.get("bytes_sent")?;
    let case: Option<Vec<u8>> = row.get("case_content")?;
    let step = Step::from_name(&row.get::<_, String>("state")?)?;
    let stage = match step {
        Step::Waiting if bytes_sent > 0 => Stage::Sending,
        Step::Waiting => Stage::Waiting,
        Step::Acknowledged | Step::Refused => Stage::Received,
        Step::Quarantined => Stage::Quarantined,
    };
    let trouble: Option<String> = row.get("open_trouble")?;
    let quarantine: Option<String> = if stage == Stage::Quarantined { row.get("file_code")? } else { None };
    Ok(FilingRow {
        id: row.get::<_, Col<Uuid>>("uuid")?.0,
        case_number: row.get("case_number")?,
        matter: row.get("matter")?,
        applicant_name: Personal::new(row.get("applicant")?),
        sealed_at: time(row, "sealed_at")?,
        received_at: time_or_none(row, "settled_at")?,
        stage,
        case: case.map(|case| case_view(&case)).transpose()?,
        pages: row.get("pages")?,
        bytes_total: row.get("bytes")?,
        bytes_sent,
        trouble: quarantine.or(trouble),
        next_try_at: time_or_none(row, "open_next_try_at")?,
    })
}

pub(crate) fn case_view(content: &[u8]) -> Result<CaseView, CabinetError> {
    serde_json::from_slice(content).map_err(|_| CabinetError::Contradiction("case"))
}

fn acts_of(conn: &Connection, filing: Uuid) -> Result<Vec<(matters::Act, crate::ActState)>, CabinetError> {
    let mut statement = conn.prepare_cached("SELECT * FROM act WHERE filing = ?1 ORDER BY id")?;
    let mut rows = statement.query([Col(filing)])?;
    let mut acts = Vec::new();
    while let Some(row) = rows.next()? {
        let (act, _, state) = act_and_state(row)?;
        acts.push((act, state));
    }
    Ok(acts)
}

/// How a word is compared: without blanks and dashes, letters large.
fn normal(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－' | '·')).flat_map(char::to_uppercase).collect()
}

/// What a filing is found by: every end of the name (a word inside a name starts one of its
/// ends), the number, its last 4 to 6 characters, the citizen number.
pub(crate) fn insert_findings(conn: &Connection, id: i64, filing: &Filing) -> Result<(), CabinetError> {
    let ends = |text: &str, lengths: std::ops::RangeInclusive<usize>| -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        lengths.filter(|n| *n <= chars.len()).map(|n| chars[chars.len() - n..].iter().collect()).collect()
    };
    let number = normal(&filing.case_number);
    let mut terms = BTreeSet::from([normal(filing.applicant.number.expose())]);
    // A minority name may have twenty characters; nobody has more than 50.
    terms.extend(ends(&normal(filing.applicant.name.expose()), 1..=50));
    terms.extend(ends(&number, 4..=6));
    terms.insert(number);
    terms.remove("");
    let mut statement = conn.prepare_cached("INSERT INTO finding (term, filing) VALUES (?1, ?2)")?;
    for term in terms {
        statement.execute((term, id))?;
    }
    Ok(())
}
