-- Schema 1. The tables are explained in schema.rs.
-- `tag` says on every row what it is: when the tree above a leaf is destroyed, salvage still
-- knows to which table the rows of that leaf belong.

CREATE TABLE setting (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'setting' CHECK (tag = 'setting'),
    name        TEXT NOT NULL UNIQUE,
    value       BLOB NOT NULL
) STRICT;

CREATE TABLE failure (
    id           INTEGER PRIMARY KEY,
    tag          TEXT NOT NULL DEFAULT 'failure' CHECK (tag = 'failure'),
    account      TEXT NOT NULL UNIQUE,
    count        INTEGER NOT NULL CHECK (count > 0),
    last_at      INTEGER NOT NULL,
    locked_until INTEGER
) STRICT;

CREATE TABLE draft (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'draft' CHECK (tag = 'draft'),
    uuid        BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    changed_at  INTEGER NOT NULL,
    digest      BLOB NOT NULL CHECK (length(digest) = 32),
    content     BLOB NOT NULL
) STRICT;

CREATE TABLE filing (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'filing' CHECK (tag = 'filing'),
    uuid        BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    draft       BLOB NOT NULL UNIQUE CHECK (length(draft) = 16),
    act         BLOB NOT NULL UNIQUE CHECK (length(act) = 16),
    case_number TEXT NOT NULL UNIQUE,
    matter      TEXT NOT NULL,
    applicant   TEXT NOT NULL,
    sealed_at   INTEGER NOT NULL,
    pages       INTEGER NOT NULL CHECK (pages >= 0),
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),
    wiped_at    INTEGER,
    digest      BLOB NOT NULL CHECK (length(digest) = 32),
    content     BLOB NOT NULL
) STRICT;
CREATE INDEX filing_sealed_at ON filing (sealed_at);

CREATE TABLE act (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'act' CHECK (tag = 'act'),
    uuid        BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    filing      BLOB NOT NULL CHECK (length(filing) = 16),
    draft       BLOB CHECK (length(draft) = 16),
    kind        TEXT NOT NULL,
    acted_at    INTEGER NOT NULL,
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'acknowledged', 'refused', 'quarantined')),
    again       INTEGER NOT NULL DEFAULT 0 CHECK (again IN (0, 1)),
    code        TEXT,
    by          TEXT,
    settled_at  INTEGER,
    refused_at  INTEGER,
    mark        INTEGER,
    revision    INTEGER,
    receipt     TEXT,
    tries       INTEGER NOT NULL DEFAULT 0,
    next_try_at INTEGER,
    trouble     TEXT,
    digest      BLOB NOT NULL CHECK (length(digest) = 32),
    content     BLOB NOT NULL,
    CHECK ((state IN ('acknowledged', 'refused')) = (receipt IS NOT NULL)),
    CHECK ((state IN ('acknowledged', 'refused')) = (settled_at IS NOT NULL)),
    CHECK ((state = 'refused') = (refused_at IS NOT NULL)),
    CHECK ((state IN ('refused', 'quarantined')) = (code IS NOT NULL)),
    CHECK (again = 0 OR receipt IS NOT NULL)
) STRICT;
CREATE INDEX act_filing ON act (filing, id);
CREATE INDEX act_open ON act (id) WHERE state = 'waiting' OR again = 1;
CREATE INDEX act_quarantined ON act (id) WHERE state = 'quarantined';
CREATE INDEX act_unmarked ON act (id) WHERE receipt IS NOT NULL AND mark IS NULL;
CREATE INDEX act_draft ON act (draft) WHERE draft IS NOT NULL;

CREATE TABLE page (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'page' CHECK (tag = 'page'),
    sha256      BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    bytes       INTEGER NOT NULL CHECK (bytes = length(content)),
    content     BLOB NOT NULL
) STRICT;

CREATE TABLE place (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'place' CHECK (tag = 'place'),
    draft       BLOB REFERENCES draft (uuid),
    act         BLOB REFERENCES act (uuid),
    material    TEXT NOT NULL,
    ord         INTEGER NOT NULL CHECK (ord >= 1),
    sha256      BLOB NOT NULL CHECK (length(sha256) = 32),
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),
    width_px    INTEGER NOT NULL,
    height_px   INTEGER NOT NULL,
    CHECK ((draft IS NULL) <> (act IS NULL))
) STRICT;
CREATE UNIQUE INDEX place_draft ON place (draft, material, ord) WHERE draft IS NOT NULL;
CREATE UNIQUE INDEX place_act ON place (act, material, ord) WHERE act IS NOT NULL;
CREATE INDEX place_sha256 ON place (sha256);

CREATE TABLE upload (
    sha256      BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    location    TEXT,
    offset      INTEGER NOT NULL CHECK (offset >= 0),
    done        INTEGER NOT NULL CHECK (done IN (0, 1))
) STRICT;

CREATE TABLE hall_case (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'hall_case' CHECK (tag = 'hall_case'),
    filing      BLOB NOT NULL UNIQUE CHECK (length(filing) = 16),
    era         INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    ended       INTEGER NOT NULL CHECK (ended IN (0, 1)),
    corrected   INTEGER NOT NULL CHECK (corrected IN (0, 1)),
    last_change INTEGER NOT NULL,
    content     BLOB NOT NULL
) STRICT;
CREATE INDEX hall_case_ended ON hall_case (last_change) WHERE ended = 1;

CREATE TABLE roll (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'roll' CHECK (tag = 'roll'),
    filing      BLOB NOT NULL UNIQUE CHECK (length(filing) = 16),
    case_number TEXT NOT NULL
) STRICT;

CREATE TABLE finding (
    term        TEXT NOT NULL,
    filing      INTEGER NOT NULL,
    PRIMARY KEY (term, filing)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_filing ON finding (filing);
