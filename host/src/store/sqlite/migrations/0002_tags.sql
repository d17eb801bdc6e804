-- Tags themselves; `asset_tags` tells which assets have them.
CREATE TABLE tags (
  id            INTEGER PRIMARY KEY,
  connector_id  INTEGER NOT NULL REFERENCES connectors (id),
  tag_id        INTEGER NOT NULL,
  content_hash  INTEGER NOT NULL,
  name          TEXT NOT NULL COLLATE NOCASE,
  parent_tag_id INTEGER,
  color         TEXT,
  rule_type     TEXT,
  rule_text     TEXT,
  criticality   INTEGER,
  asset_group_id INTEGER, -- whose tag it is
  attributes    TEXT,
  UNIQUE (connector_id, tag_id)
) STRICT;
CREATE INDEX asset_tags_by_id ON asset_tags (tag_id);
INSERT INTO counts VALUES ('tags', 0);
-- What people say of tags. No sync writes here.
CREATE TABLE tag_impacts (
  connector_id INTEGER NOT NULL REFERENCES connectors (id),
  tag_id       INTEGER NOT NULL,
  impact       INTEGER, -- absent when they say that there is none
  PRIMARY KEY (connector_id, tag_id)
) STRICT, WITHOUT ROWID;
