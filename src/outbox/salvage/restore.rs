//! From the pages of a damaged file into a new cabinet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use matters::{Act, Digest, PageRef, Sealed, What};
use rusqlite::{
    Connection, ErrorCode, OptionalExtension, ToSql, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};
use uuid::Uuid;

use super::{
    leaf::{Record, Value, records},
    mend::{Lost, LostPart},
    source::Source,
};
use crate::{
    CabinetError, Draft, lists, pages,
    rows::{Col, page_ref},
    settings,
};

/// Rows of one transaction: enough to be quick, few enough that the log stays small.
const BATCH: usize = 200;

/// A table that is salvaged, with its columns in the order of the schema.
struct Table {
    tag: &'static str,
    columns: &'static [&'static str],
    /// Columns of the digest and of the bytes that it must fit.
    proof: Option<(usize, usize)>,
    /// Where two versions of a row are found: when the later found is taken.
    newer: &'static str,
    /// Whether the row keeps its number.
    numbered: bool,
}

const TABLES: &[Table] = &[
    Table { tag: "setting", columns: &["id", "tag", "name", "value"], proof: None, newer: "", numbered: false },
    Table {
        tag: "failure",
        columns: &["id", "tag", "account", "count", "last_at", "locked_until"],
        proof: None,
        newer: "(account) DO UPDATE SET count = excluded.count, last_at = excluded.last_at, locked_until = excluded.locked_until
            WHERE excluded.count > count",
        numbered: false,
    },
    Table {
        tag: "draft",
        columns: &["id", "tag", "uuid", "changed_at", "digest", "content"],
        proof: Some((4, 5)),
        newer: "(uuid) DO UPDATE SET changed_at = excluded.changed_at, digest = excluded.digest, content = excluded.content
            WHERE excluded.changed_at > changed_at",
        numbered: false,
    },
    Table {
        tag: "filing",
        columns: &[
            "id",
            "tag",
            "uuid",
            "draft",
            "act",
            "case_number",
            "matter",
            "applicant",
            "sealed_at",
            "pages",
            "bytes",
            "wiped_at",
            "digest",
            "content",
        ],
        proof: Some((12, 13)),
        newer: "(uuid) DO UPDATE SET wiped_at = excluded.wiped_at WHERE wiped_at IS NULL",
        numbered: true,
    },
    Table {
        tag: "act",
        columns: &[
            "id",
            "tag",
            "uuid",
            "filing",
            "draft",
            "kind",
            "acted_at",
            "bytes",
            "state",
            "again",
            "code",
            "by",
            "settled_at",
            "refused_at",
            "mark",
            "revision",
            "receipt",
            "tries",
            "next_try_at",
            "trouble",
            "digest",
            "content",
        ],
        proof: Some((20, 21)),
        newer: "(uuid) DO UPDATE SET state = excluded.state, again = excluded.again, code = excluded.code, by = excluded.by,
                settled_at = excluded.settled_at, refused_at = excluded.refused_at, mark = excluded.mark,
                revision = excluded.revision, receipt = excluded.receipt
            WHERE receipt IS NULL AND excluded.receipt IS NOT NULL",
        numbered: true,
    },
    Table { tag: "page", columns: &["id", "tag", "sha256", "bytes", "content"], proof: Some((2, 4)), newer: "", numbered: false },
    Table {
        tag: "place",
        columns: &["id", "tag", "draft", "act", "material", "ord", "sha256", "bytes", "width_px", "height_px"],
        proof: None,
        newer: "",
        numbered: false,
    },
    Table {
        tag: "hall_case",
        columns: &["id", "tag", "filing", "era", "revision", "ended", "corrected", "last_change", "content"],
        proof: None,
        newer: "(filing) DO UPDATE SET era = excluded.era, revision = excluded.revision, ended = excluded.ended,
                corrected = max(corrected, excluded.corrected), last_change = excluded.last_change, content = excluded.content
            WHERE (excluded.era, excluded.revision) > (era, revision)",
        numbered: false,
    },
    Table { tag: "roll", columns: &["id", "tag", "filing", "case_number"], proof: None, newer: "", numbered: true },
];

#[derive(Default)]
pub struct Saved {
    pub filings: u64,
    pub drafts: u64,
    pub pages: u64,
    pub lost: Vec<Lost>,
}

/// Fills the new cabinet. References are checked at the end, not row by row.
pub fn restore(source: &Source, conn: &mut Connection, now: Timestamp) -> Result<Saved, CabinetError> {
    conn.execute_batch("PRAGMA foreign_keys = OFF;")?;
    copy_rows(source, conn)?;
    let tx = conn.transaction()?;
    let mut saved = Saved::default();
    drop_filings_without_act(&tx, &mut saved)?;
    name_lost_filings(&tx, &mut saved)?;
    rebuild_acts(&tx, now, &mut saved)?;
    settle_drafts(&tx, &mut saved)?;
    tx.execute("DELETE FROM page WHERE sha256 NOT IN (SELECT sha256 FROM place)", [])?;
    // Part of the feed's results may be gone: the hall tells all of it again.
    settings::remove(&tx, settings::CURSOR)?;
    saved.pages = tx.query_row("SELECT count(*) FROM page", [], |row| row.get(0))?;
    saved.lost.sort();
    assert!(!tx.prepare("PRAGMA foreign_key_check")?.exists([])?, "what was restored refers to what was restored");
    tx.commit()?;
    conn.execute_batch("PRAGMA foreign_keys = ON;")?;
    Ok(saved)
}

fn copy_rows(source: &Source, conn: &mut Connection) -> Result<(), CabinetError> {
    let mut tx = conn.transaction()?;
    let mut rows = 0;
    for number in 1..=source.pages() {
        let Some(page) = source.page(number)? else { continue };
        for record in records(number, &page, &mut |overflow| source.page(overflow))? {
            copy_row(&tx, &record)?;
            rows += 1;
            if rows % BATCH == 0 {
                tx.commit()?;
                tx = conn.transaction()?;
            }
        }
    }
    Ok(tx.commit()?)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

/// Copies a row that proves itself; any other is left where it is.
fn copy_row(conn: &Connection, record: &Record) -> Result<(), CabinetError> {
    let Some(Value::Text(tag)) = record.values.get(1) else { return Ok(()) };
    let Some(table) = TABLES.iter().find(|table| table.tag == tag) else { return Ok(()) };
    if record.values.len() != table.columns.len() {
        return Ok(());
    }
    if let Some((digest, content)) = table.proof {
        let (Value::Blob(digest), Value::Blob(content)) = (&record.values[digest], &record.values[content]) else {
            return Ok(());
        };
        if digest[..] != Digest::of(content).0 {
            return Ok(());
        }
    }
    // The places of an act stand in its own sealed bytes, and are taken from there.
    if table.tag == "place" && record.values[2] == Value::Null {
        return Ok(());
    }
    let marks: Vec<String> = (1..=table.columns.len()).map(|n| format!("?{n}")).collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT {}",
        table.tag,
        table.columns.join(", "),
        marks.join(", "),
        if table.newer.is_empty() { "DO NOTHING" } else { table.newer }
    );
    let id = if table.numbered { Value::Integer(record.id) } else { Value::Null };
    let row = std::iter::once(&id).chain(&record.values[1..]);
    match conn.prepare_cached(&sql)?.execute(params_from_iter(row)) {
        Ok(_) => Ok(()),
        // A row that its own table refuses is not one of ours.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A filing without its act could be shown but never sent, and an act without its filing the
/// other way round: neither is whole. The lines in the roll stay.
fn drop_filings_without_act(conn: &Connection, saved: &mut Saved) -> Result<(), CabinetError> {
    conn.execute(
        "INSERT INTO roll (filing, case_number) SELECT uuid, case_number FROM filing WHERE true ON CONFLICT DO NOTHING",
        [],
    )?;
    conn.execute("DELETE FROM filing WHERE act NOT IN (SELECT uuid FROM act)", [])?;
    let orphans: Vec<(Uuid, bool)> = conn
        .prepare("SELECT filing, receipt IS NOT NULL FROM act WHERE kind = 'file' AND uuid NOT IN (SELECT act FROM filing)")?
        .query_map([], |row| Ok((row.get::<_, Col<Uuid>>(0)?.0, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (filing, held) in orphans {
        conn.execute("DELETE FROM act WHERE filing = ?1 AND kind = 'file'", [Col(filing)])?;
        saved.lost.push(Lost { case_number: number_of(conn, filing)?, id: filing, part: LostPart::Filing, held_by_hall: held });
    }
    Ok(())
}

fn number_of(conn: &Connection, filing: Uuid) -> Result<Option<String>, CabinetError> {
    Ok(conn.query_row("SELECT case_number FROM roll WHERE filing = ?1", [Col(filing)], |row| row.get(0)).optional()?)
}

/// Numbers in the roll whose filing is not there.
fn name_lost_filings(conn: &Connection, saved: &mut Saved) -> Result<(), CabinetError> {
    let mut statement = conn.prepare(
        "SELECT r.filing, r.case_number, c.id IS NOT NULL FROM roll AS r LEFT JOIN hall_case AS c ON c.filing = r.filing
         WHERE r.filing NOT IN (SELECT uuid FROM filing) ORDER BY r.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = row.get::<_, Col<Uuid>>(0)?.0;
        if !saved.lost.iter().any(|lost| lost.id == id) {
            saved.lost.push(Lost { case_number: row.get(1)?, id, part: LostPart::Filing, held_by_hall: row.get(2)? });
        }
    }
    Ok(())
}

/// Places, findings and the state of what lost a page.
fn rebuild_acts(conn: &Connection, now: Timestamp, saved: &mut Saved) -> Result<(), CabinetError> {
    let mut statement = conn.prepare(
        "SELECT a.uuid, a.content, a.receipt IS NOT NULL, f.id, f.content, f.wiped_at IS NOT NULL, a.filing
         FROM act AS a LEFT JOIN filing AS f ON f.act = a.uuid ORDER BY a.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, filing) = (row.get::<_, Col<Uuid>>(0)?.0, row.get::<_, Col<Uuid>>(6)?.0);
        let act: Act = serde_json::from_slice(&row.get::<_, Vec<u8>>(1)?).map_err(|_| CabinetError::Contradiction("act"))?;
        let held: bool = row.get(2)?;
        let sealed = row
            .get::<_, Option<Vec<u8>>>(4)?
            .map(|bytes| Sealed::from_bytes(bytes).map_err(|_| CabinetError::Contradiction("filing")))
            .transpose()?;
        let named: &[PageRef] = match (&act.what, &sealed) {
            (What::File { .. }, Some(sealed)) => &sealed.filing().pages,
            (What::Supplement { pages, .. }, _) => pages,
            (_, _) => &[],
        };
        for page in named {
            pages::insert_place(conn, None, Some(id), page)?;
        }
        if let (Some(row_id), Some(sealed)) = (row.get::<_, Option<i64>>(3)?, &sealed) {
            lists::insert_findings(conn, row_id, sealed.filing())?;
            saved.filings += 1;
        }
        let wiped: bool = row.get(5)?;
        let missing = count_missing(conn, named)?;
        if missing == 0 || wiped {
            continue;
        }
        let part = if sealed.is_some() { LostPart::Pages { count: missing } } else { LostPart::Act };
        saved.lost.push(Lost { case_number: number_of(conn, filing)?, id: filing, part, held_by_hall: held });
        if held {
            // The hall has the pages; here they count as wiped.
            conn.execute("UPDATE filing SET wiped_at = ?2 WHERE uuid = ?1", (Col(filing), Col(now)))?;
        } else {
            conn.execute(
                "UPDATE act SET state = 'quarantined', code = 'pages_lost', next_try_at = NULL WHERE uuid = ?1",
                [Col(id)],
            )?;
        }
    }
    Ok(())
}

fn count_missing(conn: &Connection, named: &[PageRef]) -> Result<u32, CabinetError> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM page WHERE sha256 = ?1")?;
    let mut missing = 0;
    for page in named {
        missing += u32::from(!statement.exists([Col(page.sha256)])?);
    }
    Ok(missing)
}

/// Drafts that were sealed stay sealed; of the others, what pages there are move together.
fn settle_drafts(conn: &Connection, saved: &mut Saved) -> Result<(), CabinetError> {
    conn.execute(
        "DELETE FROM draft WHERE uuid IN (SELECT draft FROM filing UNION SELECT draft FROM act WHERE draft IS NOT NULL)",
        [],
    )?;
    conn.execute("DELETE FROM place WHERE draft IS NOT NULL AND draft NOT IN (SELECT uuid FROM draft)", [])?;
    let drafts: Vec<(Uuid, Vec<u8>)> = conn
        .prepare("SELECT uuid, content FROM draft ORDER BY id")?
        .query_map([], |row| Ok((row.get::<_, Col<Uuid>>(0)?.0, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, content) in drafts {
        serde_json::from_slice::<Draft>(&content).map_err(|_| CabinetError::Contradiction("draft"))?;
        saved.drafts += 1;
        let placed: Vec<PageRef> = conn
            .prepare_cached("SELECT * FROM place WHERE draft = ?1 ORDER BY material, ord")?
            .query_map([Col(id)], page_ref)?
            .collect::<Result<_, _>>()?;
        let missing = count_missing(conn, &placed)?;
        if missing == 0 {
            continue;
        }
        saved.lost.push(Lost { case_number: None, id, part: LostPart::DraftPages { count: missing }, held_by_hall: false });
        conn.execute("DELETE FROM place WHERE draft = ?1", [Col(id)])?;
        let mut orders = BTreeMap::<String, u32>::new();
        for mut page in placed {
            if count_missing(conn, std::slice::from_ref(&page))? == 0 {
                let order = orders.entry(page.material.clone()).or_default();
                *order += 1;
                page.order = *order;
                pages::insert_place(conn, Some(id), None, &page)?;
            }
        }
    }
    Ok(())
}
