-- Keys of the terminals' cabinets, each sealed to the town's recovery key: nobody at the hall opens them
-- without the private part, which the administrator keeps elsewhere.
CREATE TABLE deposits (
    terminal   TEXT NOT NULL REFERENCES terminals(id),
    -- Public part of the recovery key to which it was sealed, 32 bytes.
    recovery   BLOB NOT NULL CHECK (length(recovery) = 32),
    sealed     BLOB NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (terminal, recovery)
) STRICT, WITHOUT ROWID;
