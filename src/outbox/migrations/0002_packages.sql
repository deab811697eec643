-- Schema 2. What the town sends down beside cases: packages of data, and messages.

CREATE TABLE package (
    id            INTEGER PRIMARY KEY,
    tag           TEXT NOT NULL DEFAULT 'package' CHECK (tag = 'package'),
    sha256        BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    kind          TEXT NOT NULL,
    version       TEXT NOT NULL,
    in_force_from TEXT NOT NULL,
    bytes         INTEGER NOT NULL CHECK (bytes >= 0),
    offered       INTEGER NOT NULL CHECK (offered IN (0, 1)),
    counts        INTEGER NOT NULL DEFAULT 0 CHECK (counts IN (0, 1)),
    state         TEXT NOT NULL CHECK (state IN ('wanted', 'held', 'refused')),
    code          TEXT,
    detail        TEXT,
    judged_by     TEXT,
    manifest      TEXT,
    files         BLOB,
    CHECK ((state = 'held') = (files IS NOT NULL)),
    CHECK ((state = 'held') = (manifest IS NOT NULL)),
    CHECK ((state = 'refused') = (judged_by IS NOT NULL)),
    CHECK (state <> 'refused' OR code IS NOT NULL),
    CHECK (counts = 0 OR state = 'held')
) STRICT;

CREATE TABLE package_file (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'package_file' CHECK (tag = 'package_file'),
    sha256      BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    content     BLOB NOT NULL
) STRICT;

CREATE TABLE message (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'message' CHECK (tag = 'message'),
    uuid        BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    told_at     INTEGER NOT NULL,
    content     TEXT NOT NULL,
    read_at     INTEGER
) STRICT;
