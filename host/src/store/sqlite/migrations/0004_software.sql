-- Programs and packages as they were told of, one row for each way of telling. Rows stay when no
-- asset has them any more; they are few.
CREATE TABLE software (
  id             INTEGER PRIMARY KEY,
  digest         BLOB NOT NULL UNIQUE, -- of all columns but the count
  name           TEXT NOT NULL COLLATE NOCASE,
  version        TEXT,
  publisher      TEXT,
  category       TEXT,
  is_package     INTEGER NOT NULL,
  end_of_life_at INTEGER,
  assets         INTEGER NOT NULL DEFAULT 0 -- that show it, and are not gone
) STRICT;
CREATE INDEX software_by_name ON software (name);
CREATE INDEX software_by_assets ON software (assets) WHERE assets > 0;

-- What each list told of an asset last; an equal one is not written.
CREATE TABLE asset_inventories (
  asset_id     INTEGER NOT NULL REFERENCES assets (id),
  source       INTEGER NOT NULL, -- 0 host assets, 1 asset view, 2 detection results
  content_hash INTEGER NOT NULL,
  changed_at   INTEGER NOT NULL DEFAULT (unixepoch()),
  PRIMARY KEY (asset_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset_software (
  asset_id         INTEGER NOT NULL REFERENCES assets (id),
  source           INTEGER NOT NULL,
  software_id      INTEGER NOT NULL REFERENCES software (id),
  required_version TEXT,
  installed_at     INTEGER,
  PRIMARY KEY (asset_id, source, software_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset_ports (
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  source   INTEGER NOT NULL,
  port     INTEGER NOT NULL,
  protocol TEXT NOT NULL, -- empty where it is not known
  service  TEXT,
  PRIMARY KEY (asset_id, source, port, protocol)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_software_by_software ON asset_software (software_id);
CREATE INDEX asset_ports_by_port ON asset_ports (port);
