-- Who tells of machines. All connectors are one source.
CREATE TABLE sources (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  kind INTEGER NOT NULL -- 0 Qualys, 1 nmap, 2 CSV, 3 NDJSON, 4 discovery
) STRICT;
INSERT INTO sources VALUES (1, 'qualys', 0);

CREATE TABLE sites (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE
) STRICT;

CREATE TABLE imports (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id INTEGER NOT NULL REFERENCES sources (id),
  at        INTEGER NOT NULL,
  file      TEXT NOT NULL,
  new       INTEGER NOT NULL,
  changed   INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  gone      INTEGER NOT NULL
) STRICT;

-- What identifies a machine, in one way of writing, strongest first: 0 a person, 1 QG host id, 2
-- Qualys asset id, 3 cloud instance, 4 hardware, 5 MAC address, 6 DNS name with address.
CREATE TABLE identities (
  criterion INTEGER NOT NULL,
  value     TEXT NOT NULL,
  record_id INTEGER NOT NULL REFERENCES assets (id),
  PRIMARY KEY (criterion, value, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_by_record ON identities (record_id);

-- Records that a person took apart, the lower number first. Nothing brings them together again but
-- a person.
CREATE TABLE kept_apart (
  record_id INTEGER NOT NULL REFERENCES assets (id),
  other_id  INTEGER NOT NULL REFERENCES assets (id),
  PRIMARY KEY (record_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_apart_by_other ON kept_apart (other_id);
