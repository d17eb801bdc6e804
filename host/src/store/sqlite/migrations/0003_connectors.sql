-- What people define of a connector. Without a row here, it is one that a sync made on its way.
CREATE TABLE connector_definitions (
  connector_id   INTEGER PRIMARY KEY REFERENCES connectors (id),
  name           TEXT NOT NULL UNIQUE COLLATE NOCASE,
  description    TEXT,
  ca_file        TEXT,
  password_from  INTEGER NOT NULL, -- 0 a file, 1 a variable, 2 a person
  password_ref   TEXT, -- path or name; never the password
  settings       TEXT NOT NULL,
  schedule       TEXT, -- as it was written
  scheduled_at   INTEGER NOT NULL, -- when the schedule came into force
  taken_at       INTEGER NOT NULL, -- the newest slot that was taken; none up to it comes again
  is_paused      INTEGER NOT NULL DEFAULT 0,
  gateway_url    TEXT,
  client_id      TEXT,
  client_level   TEXT,
  secret_from    INTEGER, -- of the API client: 0 a file, 1 a variable
  secret_ref     TEXT, -- path or name; never the secret
  file           TEXT -- the configuration that defines it, if one does
) STRICT;

-- A run that is due, is being carried out or was: of a schedule, or because somebody asked.
CREATE TABLE slots (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  connector_id INTEGER NOT NULL REFERENCES connectors (id),
  slot_at      INTEGER NOT NULL,
  cause        INTEGER NOT NULL, -- 0 scheduled, 1 late, 2 asked
  state        INTEGER NOT NULL DEFAULT 0, -- 0 open, 1 done, 2 failed
  holder       TEXT,
  lease_until  INTEGER NOT NULL DEFAULT 0,
  ended_at     INTEGER,
  reason       TEXT
) STRICT;
-- One at a time of each connector, whoever forgets to look.
CREATE UNIQUE INDEX slots_open ON slots (connector_id) WHERE state = 0;

CREATE TABLE run_log (
  run_id  INTEGER NOT NULL REFERENCES runs (id),
  line    INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  kind    INTEGER NOT NULL, -- 0 begun, 1 stage, 2 waiting, 3 again, 4 skipped, 5 note, 6 ended
  message TEXT NOT NULL,
  PRIMARY KEY (run_id, line)
) STRICT, WITHOUT ROWID;
