//! Reads a record with all that the fields of the query language say of it.

use rusqlite::Connection;

use super::{
    fail::Result, read_asset, read_finding, read_software, read_vulnerability, source, target,
};
use crate::{
    guest::filter::FieldValues,
    store::{AssetDetail, AssetId, Facts, FactsOf},
};

pub(super) fn facts(conn: &Connection, of: FactsOf) -> Result<Option<Vec<FieldValues>>> {
    let finding = match of {
        FactsOf::Finding(id) => read_finding::finding(conn, id)?,
        FactsOf::Asset(_) | FactsOf::Entry(_) => None,
    };
    let row = finding.as_ref().map(|detail| &detail.finding);
    let (asset, qid) = match of {
        FactsOf::Finding(_) => (row.map(|row| row.asset_id), row.map(|row| row.qid)),
        FactsOf::Asset(asset) => (Some(asset), None),
        FactsOf::Entry(qid) => (None, Some(qid)),
    };
    let qid = qid
        .map(|qid| read_vulnerability::vulnerability(conn, qid))
        .transpose()?;
    let entry = qid.flatten().and_then(|qid| qid.entry);
    let records = asset
        .map(|asset| records(conn, asset))
        .transpose()?
        .unwrap_or_default();
    if finding.is_none() && entry.is_none() && records.is_empty() {
        return Ok(None);
    }
    let inventory = asset
        .map(|asset| read_software::of_asset(conn, asset))
        .transpose()?;
    let groups = asset
        .map(|asset| groups(conn, asset))
        .transpose()?
        .unwrap_or_default();
    let facts = Facts {
        records: &records,
        inventory: inventory.as_ref(),
        groups: &groups,
        finding: finding.as_ref(),
        entry: entry.as_ref(),
        targets: &target::all(conn)?,
    };
    Ok(Some(facts.values()))
}

/// What each source knows of it.
fn records(conn: &Connection, asset: AssetId) -> Result<Vec<(String, AssetDetail)>> {
    let mut records = Vec::new();
    for record in source::records(conn, asset)? {
        let detail = read_asset::record(conn, record.record_id)?;
        records.push((record.source, detail));
    }
    Ok(records)
}

/// The titles of its asset groups.
fn groups(conn: &Connection, asset: AssetId) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT g.title FROM assets a JOIN assets r ON r.asset_id = a.asset_id
         JOIN asset_group_hosts h ON h.connector_id = r.connector_id AND h.host_id = r.host_id
         JOIN asset_groups g
           ON g.connector_id = h.connector_id AND g.asset_group_id = h.asset_group_id
         WHERE a.id = ?1",
    )?;
    let titles = statement.query_map([asset], |row| row.get(0))?;
    Ok(titles.collect::<rusqlite::Result<_>>()?)
}
