-- When what an export shows last changed, by the clock of whoever wrote it. Kept here, as records of
-- assets are written in many places and none may forget it.
CREATE TRIGGER assets_changed
AFTER UPDATE OF asset_id, is_primary, records, matched_by, site_id, content_hash, last_seen_at,
  gone_at, left_out_by ON assets
BEGIN
  UPDATE assets SET changed_at = unixepoch() WHERE id = new.id;
END;

CREATE TRIGGER asset_groups_joined AFTER INSERT ON asset_group_hosts
BEGIN
  UPDATE assets SET changed_at = unixepoch()
  WHERE connector_id = new.connector_id AND host_id = new.host_id AND changed_at <> unixepoch();
END;

CREATE TRIGGER asset_groups_left AFTER DELETE ON asset_group_hosts
BEGIN
  UPDATE assets SET changed_at = unixepoch()
  WHERE connector_id = old.connector_id AND host_id = old.host_id AND changed_at <> unixepoch();
END;

CREATE TRIGGER asset_inventories_changed AFTER UPDATE OF content_hash ON asset_inventories
BEGIN
  UPDATE asset_inventories SET changed_at = unixepoch()
  WHERE asset_id = new.asset_id AND source = new.source;
END;

-- What another list tells is shown again.
CREATE TRIGGER asset_inventories_forgotten AFTER DELETE ON asset_inventories
BEGIN
  UPDATE asset_inventories SET changed_at = unixepoch() WHERE asset_id = old.asset_id;
END;

CREATE TRIGGER vulnerabilities_changed AFTER UPDATE OF content_hash ON vulnerabilities
BEGIN
  UPDATE vulnerabilities SET changed_at = unixepoch() WHERE qid = new.qid;
END;
