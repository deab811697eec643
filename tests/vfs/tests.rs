use std::path::Path;

use rusqlite::Connection;

use super::*;

#[expect(clippy::disallowed_methods, reason = "this is the layer under whatever opens")]
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    Ok(db)
}

/// splitmix64
fn chance(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }
}

/// Counts up until the power fails at operation `n`; returns what was committed and what is there after.
fn count_until_cut(seed: u64, n: u64, lying: bool) -> (i64, i64) {
    install();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let disk = Disk::under(folder.path());
    open(&path).unwrap().execute_batch("CREATE TABLE t (n INTEGER, filling BLOB); INSERT INTO t VALUES (0, NULL);").unwrap();
    disk.lies(lying);
    disk.dies_in(n);
    let mut committed = 0;
    if let Ok(db) = open(&path) {
        while db.execute("UPDATE t SET n = n + 1, filling = randomblob(9000)", []).is_ok() {
            committed += 1;
        }
    }
    assert!(disk.is_dead());
    disk.returns(&mut chance(seed)).unwrap();
    disk.lies(false);
    let db = open(&path).unwrap();
    let whole: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok", "seed {seed}, operation {n}");
    (committed, db.query_row("SELECT n FROM t", [], |row| row.get(0)).unwrap())
}

#[test]
fn a_commit_outlives_a_power_cut_at_every_operation() {
    for n in 1..60 {
        for seed in 0..4 {
            let (committed, found) = count_until_cut(seed, n, false);
            // The one that was under way may have been done; none that was acknowledged is missing.
            assert!((committed..=committed + 1).contains(&found), "{committed} committed, {found} found; seed {seed}, cut {n}");
        }
    }
}

#[test]
fn a_disk_that_only_says_that_it_synced_loses_commits() {
    let lost = (0..40).filter(|seed| {
        let (committed, found) = count_until_cut(*seed, 30, true);
        found < committed
    });
    assert!(lost.count() > 5, "the shim really drops what was not synced");
}
