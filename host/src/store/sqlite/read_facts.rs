//! Reads one finding with all that the fields of the query language say of it.

use rusqlite::Connection;

use super::{fail::Result, read_asset, read_finding, read_software, read_vulnerability, target};
use crate::{
    guest::filter::FieldValues,
    store::{AssetId, Facts, FindingId},
};

pub(super) fn of_finding(conn: &Connection, id: FindingId) -> Result<Option<Vec<FieldValues>>> {
    let Some(finding) = read_finding::finding(conn, id)? else {
        return Ok(None);
    };
    let row = &finding.finding;
    let asset = read_asset::asset(conn, row.asset_id)?.expect("a finding has its asset");
    let qid = read_vulnerability::vulnerability(conn, row.qid)?;
    let entry = qid.and_then(|qid| qid.entry);
    let facts = Facts {
        inventory: Some(&read_software::of_asset(conn, row.asset_id)?),
        groups: &groups(conn, row.asset_id)?,
        asset: Some(&asset),
        finding: Some(&finding),
        entry: entry.as_ref(),
        targets: &target::all(conn)?,
    };
    Ok(Some(facts.values()))
}

/// The titles of its asset groups.
fn groups(conn: &Connection, asset: AssetId) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT g.title FROM assets a
         JOIN asset_group_hosts h ON h.connector_id = a.connector_id AND h.host_id = a.host_id
         JOIN asset_groups g
           ON g.connector_id = h.connector_id AND g.asset_group_id = h.asset_group_id
         WHERE a.id = ?1",
    )?;
    let titles = statement.query_map([asset], |row| row.get(0))?;
    Ok(titles.collect::<rusqlite::Result<_>>()?)
}
