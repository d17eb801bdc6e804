//! Reads assets and asset groups.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    code,
    fail::Result,
    filter::{self, Subject},
    json::List,
    list::{self, Order, Sql},
    web_app,
};
use crate::store::{
    AssetDetail, AssetGroupRow, AssetGroupSort, AssetId, AssetRow, AssetSort, BySeverity, Cloud,
    Listing, Query, RecordId, StoreError, Tag,
};

pub(super) fn assets(conn: &Connection, query: &Query<'_, AssetSort>) -> Result<Listing<AssetRow>> {
    let (name, keys): (_, &[&str]) = match query.sort {
        AssetSort::OpenFindings => ("assets/open_findings", &["a.open_findings"]),
        AssetSort::OpenCritical => (
            "assets/open_critical",
            &["a.open_critical", "a.open_high", "a.open_findings"],
        ),
        AssetSort::Name => ("assets/name", &["a.name"]),
        AssetSort::LastSeen => ("assets/last_seen", &["ifnull(a.last_seen_at, 0)"]),
        AssetSort::Trurisk => ("assets/trurisk", &["ifnull(a.trurisk, -1)"]),
        AssetSort::Criticality => ("assets/criticality", &["ifnull(a.criticality, 0)"]),
        AssetSort::HostId => ("assets/host_id", &["ifnull(a.host_id, a.web_app_id)"]),
    };
    let order = Order {
        name,
        keys,
        id: "a.id",
        descending: query.descending,
    };
    let condition =
        Sql::new(LISTED, vec![]).and(filter::condition(conn, query.terms, Subject::Asset)?);
    let (ids, next) = list::page(
        conn,
        "assets a",
        condition,
        &order,
        query.limit,
        query.after,
    )?;
    let mut statement = conn.prepare_cached(&format!("{COLUMNS} WHERE a.id = ?1"))?;
    let rows = ids
        .into_iter()
        .map(|id| statement.query_row([id], |row| Ok(detail(row)?.asset)));
    Ok(Listing {
        rows: rows.collect::<rusqlite::Result<_>>()?,
        next,
    })
}

pub(super) fn asset(conn: &Connection, asset: AssetId) -> Result<Option<AssetDetail>> {
    let mut statement = conn.prepare_cached(&format!(
        "{COLUMNS} WHERE a.is_primary = 1
           AND a.asset_id = (SELECT asset_id FROM assets WHERE id = ?1)"
    ))?;
    Ok(statement.query_row([asset], detail).optional()?)
}

/// What one source knows of an asset.
pub(super) fn record(conn: &Connection, record: RecordId) -> Result<AssetDetail> {
    let mut statement = conn.prepare_cached(&format!("{COLUMNS} WHERE a.id = ?1"))?;
    Ok(statement.query_row([record], detail)?)
}

pub(super) fn by_host(conn: &Connection, host: u64) -> Result<Vec<AssetDetail>> {
    let mut statement = conn.prepare_cached(&format!(
        "{COLUMNS} WHERE a.is_primary = 1 AND a.asset_id IN (SELECT asset_id FROM assets
           WHERE connector_id IN (SELECT id FROM connectors) AND host_id = ?1)
         ORDER BY a.id"
    ))?;
    let rows = statement.query_map([host.cast_signed()], detail)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn by_web_app(conn: &Connection, web_app: u64) -> Result<Vec<AssetDetail>> {
    let mut statement = conn.prepare_cached(&format!(
        "{COLUMNS} WHERE a.connector_id IN (SELECT id FROM connectors) AND a.web_app_id = ?1
         ORDER BY a.id"
    ))?;
    let rows = statement.query_map([web_app.cast_signed()], detail)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn by_name(conn: &Connection, name: &str) -> Result<Vec<AssetDetail>> {
    let mut statement = conn.prepare_cached(&format!(
        "{COLUMNS} WHERE a.is_primary = 1
           AND a.asset_id IN (SELECT asset_id FROM assets WHERE name = ?1)
         ORDER BY a.id LIMIT {MOST_NAMED}"
    ))?;
    let rows = statement.query_map([name], detail)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every asset that the condition selects, one statement in the order of the numbers.
pub(super) fn each(
    conn: &Connection,
    condition: Option<Sql>,
    with_gone: bool,
    take: &mut dyn FnMut(AssetDetail) -> std::ops::ControlFlow<()>,
) -> Result<()> {
    let listed = if with_gone { KEPT } else { LISTED };
    let condition = Sql::new(listed, vec![]).and(condition);
    let mut statement =
        conn.prepare(&format!("{COLUMNS} WHERE {} ORDER BY a.id", condition.text))?;
    let mut rows = statement.query(rusqlite::params_from_iter(condition.values))?;
    while let Some(row) = rows.next()? {
        if take(detail(row)?).is_break() {
            break;
        }
    }
    Ok(())
}

pub(super) fn groups(
    conn: &Connection,
    query: &Query<'_, AssetGroupSort>,
) -> Result<Listing<AssetGroupRow>> {
    if !query.terms.is_empty() {
        return Err(StoreError::Filter("asset groups cannot be filtered".into()).into());
    }
    let (name, keys): (_, &[&str]) = match query.sort {
        AssetGroupSort::Title => ("asset_groups/title", &["g.title"]),
        AssetGroupSort::Hosts => ("asset_groups/hosts", &["g.hosts"]),
    };
    let order = Order {
        name,
        keys,
        id: "g.id",
        descending: query.descending,
    };
    let from = format!("(SELECT *, {HOSTS} AS hosts FROM asset_groups o) g");
    let condition = Sql::new("1", vec![]);
    let (ids, next) = list::page(conn, &from, condition, &order, query.limit, query.after)?;
    let mut statement = conn.prepare_cached(&format!(
        "SELECT connector_id, asset_group_id, title, business_impact, {HOSTS}, attributes
         FROM asset_groups o WHERE id = ?1"
    ))?;
    let mut rows = Vec::new();
    for id in ids {
        let group = |row: &Row<'_>| {
            Ok(AssetGroupRow {
                connector_id: row.get(0)?,
                asset_group_id: code::number(row, 1)?,
                title: row.get(2)?,
                business_impact: row.get(3)?,
                hosts: code::number(row, 4)?,
                attributes: row.get(5)?,
            })
        };
        rows.push(statement.query_row([id], group)?);
    }
    Ok(Listing { rows, next })
}

fn detail(row: &Row<'_>) -> rusqlite::Result<AssetDetail> {
    let cloud = match row.get::<_, Option<String>>(13)? {
        Some(provider) => Some(Cloud {
            provider,
            service: row.get(14)?,
            instance: row.get(15)?,
        }),
        None => None,
    };
    let tags = row.get::<_, List<(Option<i64>, String)>>(16)?.0.into_iter();
    let tags = tags.map(|(id, name)| Tag {
        id: id.map(i64::cast_unsigned),
        name,
    });
    let asset = AssetRow {
        asset_id: row.get(0)?,
        connector_id: row.get(1)?,
        sources: row.get::<_, List<String>>(42)?.0,
        site: row.get(43)?,
        kind: code::word(row, 33)?,
        host_id: code::maybe_number(row, 2)?,
        web_app_id: code::maybe_number(row, 34)?,
        qualys_asset_id: code::maybe_number(row, 3)?,
        name: row.get(4)?,
        ip: row.get(5)?,
        ipv6: row.get(6)?,
        dns: row.get(7)?,
        netbios: row.get(8)?,
        os: row.get(9)?,
        tracking_method: row.get(10)?,
        network_id: code::maybe_number(row, 11)?,
        qg_hostid: row.get(12)?,
        cloud,
        tags: tags.collect(),
        asset_group_ids: row.get::<_, List<u64>>(17)?.0,
        trurisk: row.get(18)?,
        criticality: row.get(19)?,
        first_found: row.get(20)?,
        last_vm_scan: row.get(21)?,
        last_check_in: row.get(22)?,
        last_seen: row.get(23)?,
        gone: row.get(32)?,
        open_findings: code::number(row, 24)?,
        open_by_severity: BySeverity {
            info: code::number(row, 25)?,
            low: code::number(row, 26)?,
            medium: code::number(row, 27)?,
            high: code::number(row, 28)?,
            critical: code::number(row, 29)?,
        },
        web: web_app::row(row, 34)?,
    };
    Ok(AssetDetail {
        asset,
        is_partial: row.get(30)?,
        is_primary: row.get(44)?,
        attributes: row.get(31)?,
    })
}

/// Lists leave out what Qualys has no more, and what a rule leaves out; whoever asks for it by name still finds it.
const KEPT: &str = "a.left_out_by IS NULL AND a.is_primary = 1";
const LISTED: &str = "a.gone_at IS NULL AND a.left_out_by IS NULL AND a.is_primary = 1";
// What the primary record of an asset lacks is filled in from the others.
const COLUMNS: &str = "SELECT a.asset_id, a.connector_id, a.host_id, a.qualys_asset_id, a.name,
    ifnull(a.ip, (SELECT max(r.ip) FROM assets r WHERE r.asset_id = a.asset_id)),
    ifnull(a.ipv6, (SELECT max(r.ipv6) FROM assets r WHERE r.asset_id = a.asset_id)),
    ifnull(a.dns, (SELECT max(r.dns) FROM assets r WHERE r.asset_id = a.asset_id)),
    ifnull(a.netbios, (SELECT max(r.netbios) FROM assets r WHERE r.asset_id = a.asset_id)),
    ifnull(a.os, (SELECT max(r.os) FROM assets r WHERE r.asset_id = a.asset_id)), a.tracking_method, a.network_id, a.qg_hostid,
    a.cloud_provider, a.cloud_service, a.cloud_instance,
    (SELECT json_group_array(DISTINCT json_array(t.tag_id, t.name)) FROM assets r
     JOIN asset_tags t ON t.asset_id = r.id WHERE r.asset_id = a.asset_id),
    (SELECT json_group_array(DISTINCT h.asset_group_id) FROM assets r JOIN asset_group_hosts h
       ON h.connector_id = r.connector_id AND h.host_id = r.host_id
     WHERE r.asset_id = a.asset_id),
    a.trurisk, a.criticality, a.first_found_at, a.last_vm_scan_at, a.last_check_in_at,
    a.last_seen_at, a.open_findings, a.open_info, a.open_low, a.open_medium, a.open_high,
    a.open_critical, a.is_partial, a.attributes, a.gone_at, a.kind, a.web_app_id, w.url, w.owner,
    w.scope, w.risk_score, w.last_scan_status, w.created_at, w.updated_at,
    (SELECT json_group_array(DISTINCT s.name) FROM assets r JOIN sources s ON s.id = r.source_id
     WHERE r.asset_id = a.asset_id),
    (SELECT s.name FROM assets o JOIN sites s ON s.id = o.site_id WHERE o.id = a.asset_id),
    a.is_primary
  FROM assets a LEFT JOIN web_apps w ON w.asset_id = a.id";
const HOSTS: &str = "(SELECT count(DISTINCT h.host_id) FROM asset_group_hosts h
  WHERE h.connector_id = o.connector_id AND h.asset_group_id = o.asset_group_id)";
/// Names that are not unique are few; thousands of hosts without one share the empty name.
const MOST_NAMED: u32 = 1_000;
