//! Writes and reads tags. Which assets have them is told by the assets.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    code,
    counter::{Counters, Named},
    fail::Result,
    json,
    list::{self, Order, Sql},
};
use crate::{
    guest::types::QualysTag,
    store::{ConnectorId, Listing, Query, StoreError, TagRow, TagSort, Tally, content},
};

pub(super) fn write(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    tag: &QualysTag,
) -> Result<Tally> {
    let hash = content::of_tag(tag);
    let id = tag.tag_id.cast_signed();
    let stored: Option<i64> = tx
        .prepare_cached("SELECT content_hash FROM tags WHERE connector_id = ?1 AND tag_id = ?2")?
        .query_row((connector, id), |row| row.get(0))
        .optional()?;
    let tally = content::compared(stored, hash);
    if tally.unchanged > 0 {
        return Ok(tally);
    }
    tx.prepare_cached(
        "INSERT INTO tags (connector_id, tag_id, content_hash, name, parent_tag_id, color,
           rule_type, rule_text, criticality, asset_group_id, attributes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT DO UPDATE SET content_hash = excluded.content_hash, name = excluded.name,
           parent_tag_id = excluded.parent_tag_id, color = excluded.color,
           rule_type = excluded.rule_type, rule_text = excluded.rule_text,
           criticality = excluded.criticality, asset_group_id = excluded.asset_group_id,
           attributes = excluded.attributes",
    )?
    .execute((
        connector,
        id,
        hash,
        &tag.name,
        tag.parent_tag_id.map(u64::cast_signed),
        &tag.color,
        &tag.rule_type,
        &tag.rule_text,
        tag.criticality,
        tag.asset_group_id.map(u64::cast_signed),
        json::attributes(&tag.attributes),
    ))?;
    counters.add(Named::Tags, tally.new.cast_signed());
    Ok(tally)
}

pub(super) fn tags(conn: &Connection, query: &Query<'_, TagSort>) -> Result<Listing<TagRow>> {
    if !query.terms.is_empty() {
        return Err(StoreError::Filter("tags cannot be filtered".into()).into());
    }
    let (name, keys): (_, &[&str]) = match query.sort {
        TagSort::Name => ("tags/name", &["g.name"]),
        TagSort::Hosts => ("tags/hosts", &["g.hosts"]),
        TagSort::Criticality => ("tags/criticality", &["ifnull(g.criticality, 0)"]),
    };
    let order = Order {
        name,
        keys,
        id: "g.id",
        descending: query.descending,
    };
    let from = format!("(SELECT *, {HOSTS} AS hosts FROM tags o) g");
    let condition = Sql::new("1", vec![]);
    let (ids, next) = list::page(conn, &from, condition, &order, query.limit, query.after)?;
    let mut statement = conn.prepare_cached(&select("o.id = ?1"))?;
    let rows = ids.into_iter().map(|id| statement.query_row([id], tag));
    Ok(Listing {
        rows: rows.collect::<rusqlite::Result<_>>()?,
        next,
    })
}

pub(super) fn by_name(conn: &Connection, name: &str) -> Result<Vec<TagRow>> {
    let mut statement = conn.prepare_cached(&select("o.name = ?1 ORDER BY o.id LIMIT 100"))?;
    let rows = statement.query_map([name], tag)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn by_number(conn: &Connection, tag_id: u64) -> Result<Vec<TagRow>> {
    let mut statement = conn.prepare_cached(&select("o.tag_id = ?1 ORDER BY o.id"))?;
    let rows = statement.query_map([tag_id.cast_signed()], tag)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn tag(row: &Row<'_>) -> rusqlite::Result<TagRow> {
    Ok(TagRow {
        connector_id: row.get(0)?,
        tag_id: code::number(row, 1)?,
        name: row.get(2)?,
        parent_tag_id: code::maybe_number(row, 3)?,
        parent_name: row.get(4)?,
        color: row.get(5)?,
        rule_type: row.get(6)?,
        rule_text: row.get(7)?,
        criticality: row.get(8)?,
        hosts: code::number(row, 9)?,
        attributes: row.get(10)?,
        asset_group_id: code::maybe_number(row, 11)?,
        is_impact_set: row.get(12)?,
        impact: code::maybe_word(row, 13)?,
    })
}

fn select(condition: &str) -> String {
    format!(
        "SELECT o.connector_id, o.tag_id, o.name, o.parent_tag_id,
           (SELECT p.name FROM tags p
            WHERE p.connector_id = o.connector_id AND p.tag_id = o.parent_tag_id),
           o.color, o.rule_type, o.rule_text, o.criticality, {HOSTS},
           o.attributes, o.asset_group_id, i.tag_id IS NOT NULL,
           CASE WHEN i.tag_id IS NOT NULL THEN i.impact ELSE
             (SELECT g.impact FROM asset_groups g JOIN connectors c ON c.id = g.connector_id
              WHERE c.maps_impact = 1 AND g.connector_id = o.connector_id
                AND g.asset_group_id = o.asset_group_id) END
         FROM tags o
         LEFT JOIN tag_impacts i ON i.connector_id = o.connector_id AND i.tag_id = o.tag_id
         WHERE {condition}"
    )
}

/// Joined by number: names change.
const HOSTS: &str = "(SELECT count(*) FROM asset_tags t JOIN assets a ON a.id = t.asset_id
  WHERE t.tag_id = o.tag_id AND a.connector_id = o.connector_id AND a.kind = 0)";
