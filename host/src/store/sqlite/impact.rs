//! How much depends on an asset: what people say of its tags, and what its asset groups say. Syncs
//! write neither.

use rusqlite::{Connection, OptionalExtension};

use super::{code, fail::Result};
use crate::store::{AssetId, AssetImpact, ConnectorId, TagImpact, word::Word};

pub(super) fn map(tx: &Connection, connector: ConnectorId, is_wanted: bool) -> Result<()> {
    tx.prepare_cached(
        "UPDATE connectors SET maps_impact = ?2 WHERE id = ?1 AND maps_impact <> ?2",
    )?
    .execute((connector, is_wanted))?;
    Ok(())
}

pub(super) fn set(
    tx: &Connection,
    connector: ConnectorId,
    tag_id: u64,
    impact: TagImpact,
) -> Result<()> {
    let tag = tag_id.cast_signed();
    let said = match impact {
        TagImpact::Unset => {
            tx.prepare_cached("DELETE FROM tag_impacts WHERE connector_id = ?1 AND tag_id = ?2")?
                .execute((connector, tag))?;
            return Ok(());
        }
        TagImpact::IsNone => None,
        TagImpact::Is(impact) => Some(impact.place()),
    };
    tx.prepare_cached(
        "INSERT INTO tag_impacts (connector_id, tag_id, impact) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET impact = excluded.impact",
    )?
    .execute((connector, tag, said))?;
    Ok(())
}

/// Of a group whose tag a person has spoken of, that counts alone. A group without a tag here speaks
/// for itself.
pub(super) fn of_asset(conn: &Connection, asset: AssetId) -> Result<Option<AssetImpact>> {
    let mut statement = conn.prepare_cached(
        "SELECT i.impact, t.name
         FROM assets a JOIN asset_tags t ON t.asset_id = a.id
         JOIN tag_impacts i ON i.connector_id = a.connector_id AND i.tag_id = t.tag_id
         WHERE a.asset_id = ?1 AND i.impact IS NOT NULL
         UNION ALL
         SELECT g.impact, g.title
         FROM assets a JOIN connectors c ON c.id = a.connector_id
         JOIN asset_group_hosts h ON h.connector_id = a.connector_id AND h.host_id = a.host_id
         JOIN asset_groups g
           ON g.connector_id = h.connector_id AND g.asset_group_id = h.asset_group_id
         WHERE a.asset_id = ?1 AND c.maps_impact = 1 AND g.impact IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM tags s JOIN tag_impacts i
             ON i.connector_id = s.connector_id AND i.tag_id = s.tag_id
             WHERE s.connector_id = g.connector_id AND s.asset_group_id = g.asset_group_id)
         ORDER BY 1 DESC, 2 LIMIT 1",
    )?;
    let found = statement.query_row([asset], |row| {
        Ok(AssetImpact {
            impact: code::word(row, 0)?,
            of: row.get(1)?,
        })
    });
    Ok(found.optional()?)
}
