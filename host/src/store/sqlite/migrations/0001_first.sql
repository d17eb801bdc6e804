-- Enums are kept as their place in the contract, times as seconds since 1970 in UTC.
-- Lists of no fixed shape are JSON. A long text is TEXT as it is, or BLOB compressed by zstd.

CREATE TABLE connectors (
  id       INTEGER PRIMARY KEY,
  origin   TEXT NOT NULL,
  username TEXT NOT NULL,
  maps_impact INTEGER NOT NULL DEFAULT 0, -- the impact of an asset group is that of its tag
  site_id  INTEGER, -- where assets are that it alone knows
  import_rules TEXT, -- as they were applied last, JSON
  verdicts TEXT, -- what the rules say of each kind of finding; without, they put none aside
  UNIQUE (origin, username)
) STRICT;

CREATE TABLE runs (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  connector_id INTEGER NOT NULL REFERENCES connectors (id),
  state        INTEGER NOT NULL DEFAULT 0, -- 0 unfinished, 1 complete, 2 failed, 3 stopped
  reason       TEXT,
  settings     TEXT NOT NULL,
  holder       TEXT NOT NULL,
  lease_until  INTEGER NOT NULL,
  started_at   INTEGER NOT NULL,
  ended_at     INTEGER,
  as_of        INTEGER,
  watermark_at INTEGER,
  window       INTEGER NOT NULL, -- 0 full, 1 processed since, 2 scanned since
  window_from  INTEGER,
  skipped      INTEGER NOT NULL DEFAULT 0,
  warnings     INTEGER NOT NULL DEFAULT 0
) STRICT;
-- A connector has one unfinished run at most, whoever forgets to look.
CREATE UNIQUE INDEX runs_unfinished ON runs (connector_id) WHERE state = 0;

CREATE TABLE run_datasets (
  run_id       INTEGER NOT NULL REFERENCES runs (id),
  dataset      INTEGER NOT NULL,
  begun        INTEGER, -- place among the stages that were begun
  new          INTEGER NOT NULL DEFAULT 0,
  changed      INTEGER NOT NULL DEFAULT 0,
  unchanged    INTEGER NOT NULL DEFAULT 0,
  fixed        INTEGER NOT NULL DEFAULT 0,
  reopened     INTEGER NOT NULL DEFAULT 0,
  older        INTEGER NOT NULL DEFAULT 0,
  closed       INTEGER NOT NULL DEFAULT 0,
  calls        INTEGER NOT NULL DEFAULT 0,
  waited_secs  INTEGER NOT NULL DEFAULT 0,
  bytes        INTEGER NOT NULL DEFAULT 0,
  batches_done INTEGER NOT NULL DEFAULT 0,
  is_sure      INTEGER NOT NULL DEFAULT 1, -- every element that came could be told from the others
  PRIMARY KEY (run_id, dataset)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_hosts (
  run_id  INTEGER NOT NULL REFERENCES runs (id),
  host_id INTEGER NOT NULL,
  is_changed INTEGER NOT NULL, -- an incremental run is about it
  PRIMARY KEY (run_id, host_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id     INTEGER NOT NULL REFERENCES runs (id),
  dataset    INTEGER NOT NULL,
  scope      TEXT NOT NULL,
  page_size  INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  state      INTEGER NOT NULL DEFAULT 0, -- 0 pending, 1 done, 2 split, 3 again, 4 skipped, 5 failed
  not_before INTEGER
) STRICT;
CREATE INDEX batches_by_run ON batches (run_id, state);

CREATE TABLE notes (
  id       INTEGER PRIMARY KEY,
  run_id   INTEGER NOT NULL REFERENCES runs (id),
  kind     INTEGER NOT NULL, -- 0 skip, 1 warning
  dataset  INTEGER NOT NULL,
  subject  TEXT,
  message  TEXT NOT NULL,
  host_ids TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX notes_by_run ON notes (run_id);

CREATE TABLE run_drift (
  run_id  INTEGER NOT NULL REFERENCES runs (id),
  dataset INTEGER NOT NULL,
  name    TEXT NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (run_id, dataset, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE limits (
  connector_id INTEGER NOT NULL REFERENCES connectors (id),
  api          TEXT NOT NULL,
  limits       TEXT NOT NULL,
  PRIMARY KEY (connector_id, api)
) STRICT, WITHOUT ROWID;

-- A row is a record: what one source knows of a machine. Records of one machine are one asset: they
-- have the number of the oldest among them as their asset_id, and one of them stands for all.
CREATE TABLE assets (
  id               INTEGER PRIMARY KEY,
  asset_id         INTEGER NOT NULL,
  is_primary       INTEGER NOT NULL DEFAULT 1, -- lists show it, and counts are kept with it
  records          INTEGER NOT NULL DEFAULT 1, -- how many are one asset with it
  matched_by       TEXT, -- what it shares with others of its asset
  source_id        INTEGER NOT NULL DEFAULT 1, -- Qualys
  connector_id     INTEGER REFERENCES connectors (id), -- of Qualys' records alone
  record_key       TEXT, -- its name within its source; of imported records alone
  import_id        INTEGER, -- the last import that brought it
  site_id          INTEGER,
  kind             INTEGER NOT NULL DEFAULT 0, -- 0 host, 1 web application
  host_id          INTEGER, -- of a host alone
  web_app_id       INTEGER, -- of a web application alone
  open_findings    INTEGER NOT NULL DEFAULT 0,
  open_info        INTEGER NOT NULL DEFAULT 0,
  open_low         INTEGER NOT NULL DEFAULT 0,
  open_medium      INTEGER NOT NULL DEFAULT 0,
  open_high        INTEGER NOT NULL DEFAULT 0,
  open_critical    INTEGER NOT NULL DEFAULT 0,
  content_hash     INTEGER NOT NULL,
  is_partial       INTEGER NOT NULL, -- known from detections alone
  name             TEXT NOT NULL COLLATE NOCASE,
  ip               TEXT,
  ipv6             TEXT,
  dns              TEXT,
  netbios          TEXT,
  os               TEXT,
  tracking_method  TEXT,
  network_id       INTEGER,
  qualys_asset_id  INTEGER,
  qg_hostid        TEXT,
  cloud_provider   TEXT,
  cloud_service    TEXT,
  cloud_instance   TEXT,
  trurisk          INTEGER,
  criticality      INTEGER,
  first_found_at   INTEGER,
  last_vm_scan_at  INTEGER,
  last_check_in_at INTEGER,
  last_seen_at     INTEGER,
  gone_at          INTEGER, -- Qualys lists it no more
  left_out_by      INTEGER, -- the import rule that leaves it out
  changed_at       INTEGER NOT NULL DEFAULT (unixepoch()), -- see migration 7
  attributes       TEXT,
  UNIQUE (connector_id, host_id),
  UNIQUE (connector_id, web_app_id),
  UNIQUE (source_id, record_key)
) STRICT;
CREATE INDEX assets_by_asset ON assets (asset_id, is_primary);
CREATE INDEX assets_of_several ON assets (asset_id) WHERE records > 1;
CREATE INDEX assets_by_open_findings ON assets (open_findings) WHERE is_primary = 1;
CREATE INDEX assets_by_critical ON assets (open_critical, open_high, open_findings)
  WHERE is_primary = 1;
CREATE INDEX assets_by_trurisk ON assets (ifnull(trurisk, -1)) WHERE is_primary = 1;
CREATE INDEX assets_by_last_seen ON assets (ifnull(last_seen_at, 0)) WHERE is_primary = 1;
CREATE INDEX assets_by_name ON assets (name);

CREATE TABLE asset_tags (
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  name     TEXT NOT NULL COLLATE NOCASE,
  tag_id   INTEGER,
  PRIMARY KEY (asset_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_tags_by_name ON asset_tags (name);

CREATE TABLE asset_groups (
  id              INTEGER PRIMARY KEY,
  connector_id    INTEGER NOT NULL REFERENCES connectors (id),
  asset_group_id  INTEGER NOT NULL,
  content_hash    INTEGER NOT NULL,
  title           TEXT NOT NULL COLLATE NOCASE,
  business_impact TEXT,
  impact          INTEGER, -- 0 low, 1 medium, 2 high
  attributes      TEXT,
  UNIQUE (connector_id, asset_group_id)
) STRICT;

-- A group lists its hosts and a host its groups; each side replaces only what it told itself.
CREATE TABLE asset_group_hosts (
  connector_id   INTEGER NOT NULL,
  asset_group_id INTEGER NOT NULL,
  host_id        INTEGER NOT NULL,
  told_by        INTEGER NOT NULL, -- 0 the group, 1 the host
  PRIMARY KEY (connector_id, asset_group_id, host_id, told_by)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_group_hosts_by_host ON asset_group_hosts (connector_id, host_id);

CREATE TABLE findings (
  -- asset_id * 2^20 + a number within the asset, so that the findings of an asset lie side by side.
  id              INTEGER PRIMARY KEY,
  asset_id        INTEGER NOT NULL REFERENCES assets (id),
  qid             INTEGER NOT NULL,
  severity        INTEGER NOT NULL,
  status          INTEGER, -- 0 new, 1 active, 2 fixed, 3 reopened
  is_ignored      INTEGER NOT NULL,
  is_disabled     INTEGER NOT NULL,
  is_open         INTEGER NOT NULL GENERATED ALWAYS AS (
    status IS NOT NULL AND status <> 2 AND is_ignored = 0 AND is_disabled = 0 AND closed_at IS NULL
      AND put_aside_by IS NULL
  ) STORED,
  last_found_at   INTEGER,
  content_hash    INTEGER NOT NULL,
  finding_key     TEXT NOT NULL,
  certainty       INTEGER NOT NULL,
  qualys_severity INTEGER NOT NULL,
  risk            INTEGER NOT NULL,
  risk_score      REAL,
  risk_source     INTEGER,
  qds             INTEGER,
  port            INTEGER,
  protocol        TEXT,
  fqdn            TEXT,
  ssl             INTEGER NOT NULL,
  instance        TEXT,
  first_found_at  INTEGER,
  last_test_at    INTEGER,
  last_update_at  INTEGER,
  last_fixed_at   INTEGER,
  times_found     INTEGER,
  affects_running_kernel     INTEGER,
  affects_running_service    INTEGER,
  affects_exploitable_config INTEGER,
  closed_at       INTEGER,
  closed_reason   INTEGER, -- 0 fixed, 1 vanished, 2 host purged, 3 ignored, 4 disabled, 5 inactive
  put_aside_by    INTEGER, -- 0 kernel filter, 1 service filter, 2 config filter, else an import rule
  results_hash    INTEGER, -- absent without results
  text_id         INTEGER, -- in texts, when they are long
  changed_at      INTEGER NOT NULL, -- when its record or its standing last changed, by that clock
  first_seen_at   INTEGER NOT NULL, -- when it came into this inventory, by the clock of the run
  -- Lists continue from the last row by comparing keys, which absent ones would break.
  last_found_sort INTEGER NOT NULL GENERATED ALWAYS AS (ifnull(last_found_at, 0)) VIRTUAL,
  UNIQUE (asset_id, finding_key)
) STRICT;
CREATE INDEX findings_by_qid ON findings (qid, is_open);
CREATE INDEX findings_inactive ON findings (asset_id) WHERE closed_reason = 5;
CREATE INDEX findings_put_aside ON findings (put_aside_by) WHERE put_aside_by IS NOT NULL;
CREATE INDEX findings_open_newest ON findings (last_found_sort) WHERE is_open = 1;
CREATE INDEX findings_open_by_severity ON findings (severity, last_found_sort) WHERE is_open = 1;
CREATE INDEX findings_open_by_qds ON findings (ifnull(qds, -1), last_found_sort) WHERE is_open = 1;
CREATE INDEX findings_fixed ON findings (last_fixed_at, severity, first_found_at) WHERE status = 2;
CREATE INDEX findings_by_first_seen ON findings (first_seen_at);

-- Every change of standing; that a finding came is told by the finding itself.
CREATE TABLE finding_history (
  id            INTEGER PRIMARY KEY,
  finding_id    INTEGER NOT NULL,
  at            INTEGER NOT NULL, -- when it was stored, by the clock of the run
  change        INTEGER NOT NULL, -- 1 fixed, 2 closed, 3 reopened, 4 another
  from_status   INTEGER,
  to_status     INTEGER,
  closed_reason INTEGER,
  from_severity INTEGER NOT NULL,
  to_severity   INTEGER NOT NULL,
  was_open      INTEGER NOT NULL,
  is_open       INTEGER NOT NULL
) STRICT;
CREATE INDEX finding_history_by_finding ON finding_history (finding_id);
CREATE INDEX finding_history_by_time ON finding_history (at);

-- What scans saw, and elements without a column. The texts of neighbours are compressed together;
-- the number is that of the findings divided by 64.
CREATE TABLE results (
  id   INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;
CREATE TABLE finding_attributes (
  id   INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;

-- Texts that are long are stored once, however many findings show them.
CREATE TABLE texts (
  id     INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  n_uses INTEGER NOT NULL
) STRICT;
CREATE TABLE text_bodies (
  text_id INTEGER PRIMARY KEY REFERENCES texts (id),
  body    ANY NOT NULL
) STRICT;

-- Every QID that was seen, with or without an entry in the knowledge base.
CREATE TABLE qids (
  qid           INTEGER PRIMARY KEY,
  findings      INTEGER NOT NULL DEFAULT 0,
  open_findings INTEGER NOT NULL DEFAULT 0,
  is_known      INTEGER NOT NULL DEFAULT 0,
  is_riskless   INTEGER NOT NULL DEFAULT 0, -- its entry has a risk score of 0.0
  asked_at      INTEGER
) STRICT;
CREATE INDEX qids_unknown ON qids (qid) WHERE is_known = 0;

CREATE TABLE vulnerabilities (
  qid                INTEGER PRIMARY KEY REFERENCES qids (qid),
  content_hash       INTEGER NOT NULL,
  title              TEXT NOT NULL COLLATE NOCASE,
  severity           INTEGER NOT NULL,
  qualys_severity    INTEGER NOT NULL,
  vuln_type          TEXT,
  category           TEXT,
  is_patchable       INTEGER NOT NULL,
  is_disabled        INTEGER NOT NULL,
  risk_score         REAL,
  risk_source        INTEGER,
  cvss_base          REAL,
  published_at       INTEGER,
  modified_at        INTEGER,
  patch_published_at INTEGER,
  cves               TEXT,
  cvss               TEXT,
  threats            TEXT,
  changed_at         INTEGER NOT NULL DEFAULT (unixepoch())
) STRICT;

CREATE TABLE vulnerability_cves (
  cve TEXT NOT NULL COLLATE NOCASE,
  qid INTEGER NOT NULL REFERENCES vulnerabilities (qid),
  PRIMARY KEY (cve, qid)
) STRICT, WITHOUT ROWID;
CREATE INDEX vulnerability_cves_by_qid ON vulnerability_cves (qid);

-- What Qualys makes of a CVE; without a hash it was asked for and nothing was told.
CREATE TABLE cve_scores (
  cve                TEXT PRIMARY KEY COLLATE NOCASE,
  asked_at           INTEGER,
  content_hash       INTEGER,
  score              INTEGER,
  changed_at         INTEGER,
  published_at       INTEGER,
  epss               REAL,
  exploit_maturity   TEXT,
  threat_actors      TEXT,
  malware            TEXT,
  is_known_exploited INTEGER,
  attributes         TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE vulnerability_texts (
  qid               INTEGER PRIMARY KEY REFERENCES vulnerabilities (qid),
  diagnosis         ANY,
  consequence       ANY,
  solution          ANY,
  vendor_references TEXT,
  software          ANY,
  attributes        TEXT,
  exploits          ANY,
  malware           ANY,
  compliance        ANY
) STRICT;

-- Kept by delta in the transaction that changes what they count.
CREATE TABLE finding_counts (
  severity INTEGER NOT NULL,
  status   INTEGER NOT NULL, -- -1 without one
  is_open  INTEGER NOT NULL,
  n        INTEGER NOT NULL,
  PRIMARY KEY (severity, status, is_open)
) STRICT, WITHOUT ROWID;
-- What each day (of UTC, since 1970) changed; a day without news has no row.
CREATE TABLE finding_days (
  day        INTEGER NOT NULL,
  severity   INTEGER NOT NULL,
  open_delta INTEGER NOT NULL,
  new        INTEGER NOT NULL,
  fixed      INTEGER NOT NULL,
  closed     INTEGER NOT NULL,
  reopened   INTEGER NOT NULL,
  PRIMARY KEY (day, severity)
) STRICT, WITHOUT ROWID;
CREATE TABLE counts (
  name TEXT PRIMARY KEY,
  n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counts VALUES ('assets', 0), ('vulnerabilities', 0), ('unknown-qids', 0), ('asset-groups', 0);

-- In how many days findings of a severity have to be fixed. People say so; no sync writes here.
CREATE TABLE targets (
  severity INTEGER PRIMARY KEY,
  days     INTEGER NOT NULL
) STRICT;
