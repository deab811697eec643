//! The cabinet with ten and with 100,000 filings, and what encryption costs.
//!
//! `cargo bench -p outbox`. The large cabinet is built in memory (/dev/shm), because its
//! 300,000 durable commits are not what is measured, and copied to the disk before measuring;
//! 1.5 GB of pages are put there one durable commit each.

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    time::Duration,
};

use criterion::{Criterion, Throughput};
use matters::{Digest, State};
use outbox::*;
use rusqlite::Connection;

#[path = "fixtures.rs"]
#[allow(dead_code, reason = "shared with the tests inside the room, which use more of it")]
mod fixtures;

use fixtures::*;

const FAMILY: [&str; 12] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "欧阳", "司马"];
const GIVEN: [&str; 10] = ["样本", "样例", "示范", "示例", "测试", "试样", "例一", "例二", "例三", "例四"];
const MEGABYTE: usize = 1 << 20;

/// Filings without pages, all but the last thousand receipted and with a case.
fn build(path: &Path, filings: u128) {
    let mut cabinet = Cabinet::open(path, &key(), at(0)).unwrap();
    cabinet.set_keep_free(0);
    let mut cases = Vec::new();
    for n in 1..=filings {
        let name = format!("{}{}", FAMILY[n as usize % 12], GIVEN[n as usize / 12 % 10]);
        let draft = Draft { applicant: Some(identity(&name, n as u32)), ..draft(n) };
        cabinet.save_draft(&draft).unwrap();
        let (sealed, act) = seal(&draft, Vec::new(), &format!("SLC-20260601-A1-7K{n:06}"));
        cabinet.seal(draft.id, &sealed, &act).unwrap();
        if n + 1_000 <= filings {
            cabinet.record_receipt(&receipt(&act, 1)).unwrap();
            cases.push(case(&sealed, State::Accepted, 1));
        }
        if cases.len() == 200 {
            let news = FeedNews { cursor: n as u64, cases: std::mem::take(&mut cases), ..FeedNews::default() };
            cabinet.apply_feed(&news).unwrap();
        }
    }
    cabinet.tidy().unwrap();
}

/// A connection with the cabinet's own key, or to a plain copy.
fn connect(path: &Path, encrypted: bool) -> Connection {
    #[expect(clippy::disallowed_methods, reason = "the bench compares with a database that is no cabinet")]
    let conn = Connection::open(path).unwrap();
    if encrypted {
        let salt: String = std::fs::read(path).unwrap_or_default().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        conn.execute_batch(&format!("PRAGMA key = \"x'{}{salt}'\";", "07".repeat(32))).unwrap();
    }
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
    )
    .unwrap();
    conn
}

fn plain_copy(path: &Path) -> PathBuf {
    let plain = path.with_extension("plain.db");
    let conn = connect(path, true);
    conn.execute("ATTACH ?1 AS plain KEY ''", [plain.to_str().unwrap()]).unwrap();
    conn.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).unwrap();
    plain
}

fn lists(c: &mut Criterion, label: &str, path: &Path) {
    let reading = Cabinet::reading(path, &key()).unwrap();
    let mut group = c.benchmark_group(label);
    group.bench_function("list 50", |b| b.iter(|| black_box(reading.filings(50).unwrap())));
    group.bench_function("list 200", |b| b.iter(|| black_box(reading.filings(200).unwrap())));
    for (what, text) in
        [("common name", "王"), ("given name", "样本"), ("number's end", "4217"), ("whole number", "SLC-20260601-A1-7K004217")]
    {
        group.bench_function(format!("search, {what}"), |b| b.iter(|| black_box(reading.search(text, 50).unwrap())));
    }
    group.bench_function("queue", |b| b.iter(|| black_box(reading.queue().unwrap())));
    group.bench_function("month", |b| b.iter(|| black_box(reading.month(at(0)).unwrap())));
    let some = reading.filings(50).unwrap()[7].id;
    group.bench_function("one filing", |b| b.iter(|| black_box(reading.filing(some).unwrap())));
    drop(reading);
    group.bench_function("first list after opening a reading", |b| {
        b.iter(|| black_box(Cabinet::reading(path, &key()).unwrap().filings(50).unwrap()))
    });
    group.bench_function("start-up", |b| b.iter(|| black_box(Cabinet::open(path, &key(), at(0)).unwrap())));
    let mut cabinet = Cabinet::open(path, &key(), at(0)).unwrap();
    cabinet.set_keep_free(0);
    group.bench_function("parcels", |b| b.iter(|| black_box(cabinet.parcels(at(0)).unwrap())));
    let mut draft = draft(9_000_000);
    group.bench_function("autosave (durable)", |b| {
        b.iter(|| {
            draft.changed_at += Duration::from_secs(1);
            cabinet.save_draft(&draft).unwrap();
        })
    });
    let mut seed = 0;
    group.bench_function("page of 300 kB (durable)", |b| {
        b.iter_batched(
            || {
                seed += 1;
                picture(seed, 300_000)
            },
            |jpeg| cabinet.put_page(draft.id, "MR1", None, &jpeg, 1, 1).unwrap(),
            criterion::BatchSize::PerIteration,
        )
    });
    cabinet.delete_draft(draft.id).unwrap();
    group.finish();
}

fn encryption(c: &mut Criterion, folder: &Path, cabinet: &Path, page: Digest) {
    let plain = plain_copy(cabinet);
    let mut group = c.benchmark_group("encryption");
    for (label, path, encrypted) in [("plain", &plain, false), ("SQLCipher", &cabinet.to_owned(), true)] {
        let conn = connect(path, encrypted);
        group.throughput(Throughput::Bytes(MEGABYTE as u64));
        group.bench_function(format!("{label}: read 1 MB"), |b| {
            b.iter(|| {
                // Nothing cached: every page of the file is read, and with a key decrypted.
                conn.release_memory().unwrap();
                conn.query_row("SELECT content FROM page WHERE sha256 = ?1", [&page.0[..]], |row| row.get::<_, Vec<u8>>(0))
                    .unwrap()
            })
        });
        drop(conn);
        let scratch = folder.join(format!("{encrypted}.db"));
        let conn = connect(&scratch, encrypted);
        conn.execute_batch("CREATE TABLE IF NOT EXISTS page (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT").unwrap();
        let jpeg = picture(3, MEGABYTE);
        group.bench_function(format!("{label}: commit 1 MB"), |b| {
            b.iter(|| conn.execute("INSERT INTO page (content) VALUES (?1)", [&jpeg]).unwrap())
        });
    }
    group.finish();
}

fn main() {
    let mut c = Criterion::default().configure_from_args().sample_size(20).measurement_time(Duration::from_secs(3));
    let disk = tempfile::tempdir().unwrap();
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    for (label, filings) in [("10 filings", 10), ("100,000 filings", 100_000)] {
        let built = memory.path().join("cabinet.db");
        build(&built, filings);
        let path = disk.path().join(format!("{filings}.db"));
        std::fs::copy(&built, &path).unwrap();
        std::fs::remove_file(&built).unwrap();
        let mut page = Digest::of(&[]);
        let mut cabinet = Cabinet::open(&path, &key(), at(0)).unwrap();
        cabinet.set_keep_free(0);
        cabinet.save_draft(&draft(8_000_000)).unwrap();
        for seed in 0..if filings > 10 { 1_500 } else { 1 } {
            page = cabinet.put_page(draft(8_000_000).id, "MR1", None, &picture(seed, MEGABYTE), 1, 1).unwrap().sha256;
        }
        drop(cabinet);
        println!("{label}: a file of {} MB", std::fs::metadata(&path).unwrap().len() / 1_000_000);
        lists(&mut c, label, &path);
        if filings == 10 {
            encryption(&mut c, disk.path(), &path, page);
        }
    }
    c.final_summary();
}
