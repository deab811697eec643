-- What may be filed once (matters::repeat): digests of values under the ledger's key. They find another
-- case with the same value and tell nothing of it.
CREATE TABLE marks (
    mark   BLOB NOT NULL CHECK (length(mark) = 32),
    filing TEXT NOT NULL REFERENCES cases(filing),
    -- Place of the rule in the matter under which the case is judged.
    rule   INTEGER NOT NULL CHECK (rule >= 0),
    PRIMARY KEY (mark, filing)
) STRICT, WITHOUT ROWID;
CREATE INDEX marks_by_filing ON marks (filing);
