-- What the town gives its terminals: packages of data in force now or later (canonical bytes of their
-- manifests), and the files that they name, each once.
CREATE TABLE packages (
    sha256        BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    kind          TEXT NOT NULL,
    version       TEXT NOT NULL,
    in_force_from TEXT NOT NULL,
    bytes         INTEGER NOT NULL,
    manifest      BLOB NOT NULL
) STRICT;

CREATE TABLE package_files (
    sha256  BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    content BLOB NOT NULL
) STRICT;

-- Messages (通知) to a point, or to all that there were.
CREATE TABLE messages (
    id    TEXT PRIMARY KEY,
    point TEXT REFERENCES points(id),
    at    INTEGER NOT NULL,
    by    TEXT NOT NULL,
    body  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
