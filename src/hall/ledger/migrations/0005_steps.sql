-- What happened to a case between acceptance and its end, in order: 转报, 特别程序, 延期, 送达.
-- The body is JSON of matters::CaseStep, as the village hears it.
CREATE TABLE steps (
    filing   TEXT NOT NULL REFERENCES cases(filing),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    body     TEXT NOT NULL,
    PRIMARY KEY (filing, sequence)
) STRICT, WITHOUT ROWID;
