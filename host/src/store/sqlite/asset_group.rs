//! Writes asset groups and the hosts that they list.

use rusqlite::{Connection, OptionalExtension};

use super::{
    counter::{Counters, Named},
    fail::Result,
    json,
};
use crate::{
    guest::types::AssetGroup,
    store::{ConnectorId, Tally, content, word::Word},
};

pub(super) fn write(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    group: &AssetGroup,
) -> Result<Tally> {
    let hash = content::of_asset_group(group);
    let id = group.id.cast_signed();
    let stored: Option<i64> = tx
        .prepare_cached(
            "SELECT content_hash FROM asset_groups WHERE connector_id = ?1 AND asset_group_id = ?2",
        )?
        .query_row((connector, id), |row| row.get(0))
        .optional()?;
    let tally = content::compared(stored, hash);
    if tally.unchanged > 0 {
        return Ok(tally);
    }
    tx.prepare_cached(
        "INSERT INTO asset_groups
           (connector_id, asset_group_id, content_hash, title, business_impact, impact, attributes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO UPDATE SET content_hash = excluded.content_hash, title = excluded.title,
           business_impact = excluded.business_impact, impact = excluded.impact,
           attributes = excluded.attributes",
    )?
    .execute((
        connector,
        id,
        hash,
        &group.title,
        &group.business_impact,
        group.impact.map(Word::place),
        json::attributes(&group.attributes),
    ))?;
    // A host that stays in the group has not changed.
    let hosts: Vec<i64> = group.host_ids.iter().map(|it| it.cast_signed()).collect();
    tx.prepare_cached(
        "DELETE FROM asset_group_hosts
         WHERE connector_id = ?1 AND asset_group_id = ?2 AND told_by = 0
           AND host_id NOT IN (SELECT value FROM json_each(?3))",
    )?
    .execute((connector, id, json::list(&hosts)))?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO asset_group_hosts (connector_id, asset_group_id, host_id, told_by)
         VALUES (?1, ?2, ?3, 0) ON CONFLICT DO NOTHING",
    )?;
    for host in hosts {
        insert.execute((connector, id, host))?;
    }
    counters.add(Named::AssetGroups, tally.new.cast_signed());
    Ok(tally)
}
