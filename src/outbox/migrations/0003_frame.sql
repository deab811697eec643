-- Schema 3: the frame that a page was cut from, where a town keeps it (`frame` in schema.rs).

CREATE TABLE frame (
    id          INTEGER PRIMARY KEY,
    tag         TEXT NOT NULL DEFAULT 'frame' CHECK (tag = 'frame'),
    sha256      BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
    bytes       INTEGER NOT NULL CHECK (bytes = length(content)),
    content     BLOB NOT NULL
) STRICT;
