-- Times are microseconds since 1970 UTC, days are ISO dates, ids are UUIDs in text, digests 32 bytes.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE points (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    hours         TEXT NOT NULL,
    phone         TEXT NOT NULL,
    feed_sequence INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE users (
    account      TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    role         TEXT NOT NULL,
    point        TEXT REFERENCES points(id),
    verifier     TEXT NOT NULL,
    valid_until  TEXT NOT NULL,
    post         TEXT NOT NULL,
    phone        TEXT NOT NULL,
    disabled_at  INTEGER,
    failures     INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER
) STRICT;

CREATE TABLE sessions (
    token_sha256 BLOB PRIMARY KEY CHECK (length(token_sha256) = 32),
    id           TEXT NOT NULL UNIQUE,
    account      TEXT NOT NULL REFERENCES users(account),
    started_at   INTEGER NOT NULL,
    until        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE codes (
    secret_sha256 BLOB PRIMARY KEY CHECK (length(secret_sha256) = 32),
    point         TEXT NOT NULL REFERENCES points(id),
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    used_at       INTEGER,
    -- Digest of the request that used it, and what it was answered: a lost answer burns no code.
    request       BLOB,
    answer        BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE terminals (
    id          TEXT PRIMARY KEY,
    point       TEXT NOT NULL REFERENCES points(id),
    serial      TEXT NOT NULL UNIQUE,
    machine     TEXT NOT NULL,
    admitted_at INTEGER NOT NULL,
    revoked_at  INTEGER,
    seen_at     INTEGER
) STRICT;

-- A terminal renews its certificate under the old one, which stays good until it ends.
CREATE TABLE certificates (
    sha256    BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    terminal  TEXT NOT NULL REFERENCES terminals(id),
    -- Digest of the request and the certificate that answered it: a lost answer is given again.
    request   BLOB NOT NULL CHECK (length(request) = 32),
    pem       TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    UNIQUE (terminal, request)
) STRICT, WITHOUT ROWID;

-- Files sealed with a key each; the key stands here, wrapped by the ledger's key.
CREATE TABLE files (
    name        TEXT PRIMARY KEY,
    wrapped_key BLOB NOT NULL,
    -- Bytes of the sealed file that are durable; anything behind them is the tail of a broken write.
    sealed_len  INTEGER NOT NULL CHECK (sealed_len >= 0)
) STRICT;

CREATE TABLE uploads (
    name       TEXT PRIMARY KEY,
    point      TEXT NOT NULL REFERENCES points(id),
    terminal   TEXT NOT NULL REFERENCES terminals(id),
    length     INTEGER NOT NULL CHECK (length > 0),
    offset     INTEGER NOT NULL CHECK (offset BETWEEN 0 AND length),
    announced  BLOB CHECK (announced IS NULL OR length(announced) = 32),
    file       TEXT REFERENCES files(name),
    held       INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CHECK (held = 1 OR file IS NOT NULL)
) STRICT;
CREATE INDEX uploads_by_point ON uploads (point, held);
CREATE INDEX uploads_by_expiry ON uploads (expires_at);

CREATE TABLE pages (
    point   TEXT NOT NULL REFERENCES points(id),
    sha256  BLOB NOT NULL CHECK (length(sha256) = 32),
    bytes   INTEGER NOT NULL,
    file    TEXT NOT NULL UNIQUE REFERENCES files(name),
    held_at INTEGER NOT NULL,
    PRIMARY KEY (point, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE acts (
    id           TEXT PRIMARY KEY,
    sequence     INTEGER NOT NULL UNIQUE,
    filing       TEXT NOT NULL,
    point        TEXT NOT NULL REFERENCES points(id),
    terminal     TEXT NOT NULL,
    bytes        BLOB NOT NULL,
    filing_bytes BLOB,
    answer       BLOB NOT NULL,
    received_at  INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    refused      TEXT
) STRICT;
CREATE INDEX acts_by_filing ON acts (filing, sequence);

-- Pages that an act names: what no act names is swept after a while.
CREATE TABLE act_pages (
    point  TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    act    TEXT NOT NULL REFERENCES acts(id),
    PRIMARY KEY (point, sha256, act),
    FOREIGN KEY (point, sha256) REFERENCES pages(point, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE cases (
    filing         TEXT PRIMARY KEY,
    case_number    TEXT NOT NULL UNIQUE,
    point          TEXT NOT NULL REFERENCES points(id),
    matter         TEXT NOT NULL,
    catalogue      TEXT NOT NULL,
    applicant_name TEXT NOT NULL,
    -- HMAC-like digest of the citizen number under the ledger's key: finds the same person, tells nothing.
    applicant_mark BLOB NOT NULL,
    pages          INTEGER NOT NULL,
    sha256         BLOB NOT NULL,
    state          TEXT NOT NULL,
    revision       INTEGER NOT NULL CHECK (revision > 0),
    received_at    INTEGER NOT NULL,
    accepted_at    INTEGER,
    answer_due     TEXT,
    due            TEXT,
    provisional    INTEGER NOT NULL DEFAULT 0,
    last_change    INTEGER NOT NULL,
    by             TEXT NOT NULL,
    reason         TEXT
) STRICT;
CREATE INDEX cases_by_state ON cases (state, answer_due);
CREATE INDEX cases_by_person ON cases (applicant_mark, matter);

-- Every number under which a case was ever known besides its own.
CREATE TABLE aliases (
    filing      TEXT NOT NULL REFERENCES cases(filing),
    case_number TEXT NOT NULL,
    since       INTEGER NOT NULL,
    PRIMARY KEY (filing, case_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_by_number ON aliases (case_number);

CREATE TABLE corrections (
    id          TEXT PRIMARY KEY,
    filing      TEXT NOT NULL REFERENCES cases(filing),
    told_at     INTEGER NOT NULL,
    body        TEXT NOT NULL,
    answered_at INTEGER,
    answered_by TEXT REFERENCES acts(id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX corrections_by_filing ON corrections (filing, told_at);

CREATE TABLE results (
    filing     TEXT NOT NULL REFERENCES cases(filing),
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    point      TEXT NOT NULL REFERENCES points(id),
    bytes      INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    title      TEXT NOT NULL,
    file       TEXT NOT NULL REFERENCES files(name),
    given_at   INTEGER NOT NULL,
    PRIMARY KEY (filing, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX results_by_point ON results (point, sha256);

-- One row a subject, moved to the end whenever the subject changes: a new terminal reads the
-- newest of everything once, and the feed never grows beyond what there is to tell.
CREATE TABLE events (
    point    TEXT NOT NULL REFERENCES points(id),
    sequence INTEGER NOT NULL,
    subject  TEXT NOT NULL,
    PRIMARY KEY (point, sequence),
    UNIQUE (point, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    who      TEXT NOT NULL,
    verb     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject, sequence);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER acts_are_never_changed BEFORE UPDATE ON acts BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER acts_are_never_deleted BEFORE DELETE ON acts BEGIN SELECT RAISE(ABORT, 'append-only'); END;
