-- What residents say of the service (好差评) and of what was wrong (投诉). Words are theirs, verbatim in the act.
CREATE TABLE evaluations (
    filing TEXT PRIMARY KEY REFERENCES cases(filing),
    act    TEXT NOT NULL REFERENCES acts(id) DEFERRABLE INITIALLY DEFERRED,
    grade  TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE complaints (
    act    TEXT PRIMARY KEY REFERENCES acts(id) DEFERRABLE INITIALLY DEFERRED,
    filing TEXT NOT NULL REFERENCES cases(filing),
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX complaints_by_filing ON complaints (filing, at);
