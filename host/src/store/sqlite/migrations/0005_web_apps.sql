-- What only web applications have. They are rows of `assets`, and what was found in them rows of
-- `findings`, so that lists, counters, history and closing are those of hosts.
CREATE TABLE web_apps (
  asset_id         INTEGER PRIMARY KEY REFERENCES assets (id),
  url              TEXT,
  owner            TEXT,
  scope            TEXT,
  risk_score       INTEGER,
  last_scan_status TEXT,
  created_at       INTEGER,
  updated_at       INTEGER
) STRICT;

CREATE TABLE web_findings (
  finding_id        INTEGER PRIMARY KEY, -- as in `findings`
  web_finding_id    INTEGER NOT NULL,
  kind              INTEGER NOT NULL,
  name              TEXT NOT NULL,
  url               TEXT,
  param             TEXT,
  weakness_group    TEXT,
  cwe               TEXT,
  owasp             TEXT,
  wasc              TEXT,
  is_protected      INTEGER NOT NULL,
  original_severity INTEGER,
  ignored_reason    TEXT,
  ignored_comment   TEXT,
  cvss              TEXT
) STRICT;

-- What an unfinished run was told of, to know at its end what Qualys has no more.
CREATE TABLE run_web_apps (
  run_id     INTEGER NOT NULL REFERENCES runs (id),
  web_app_id INTEGER NOT NULL,
  PRIMARY KEY (run_id, web_app_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE run_web_findings (
  run_id     INTEGER NOT NULL REFERENCES runs (id),
  finding_id INTEGER NOT NULL,
  PRIMARY KEY (run_id, finding_id)
) STRICT, WITHOUT ROWID;

INSERT INTO counts VALUES ('web-applications', 0);
