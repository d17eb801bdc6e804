//! Writes assets, from the host list and from the part of a host that comes with its detections.
//!
//! The host list is the fuller of the two: what it brought is never overwritten by the other,
//! which may only move the times of the last scan forward.

use rusqlite::{Connection, OptionalExtension, ToSql, named_params};

use super::{
    counter::Counters,
    fail::Result,
    json,
    merge::{self, Before},
};
use crate::{
    guest::types::QualysHost,
    store::{ConnectorId, Criterion, Identifiers, RecordId, content},
};

/// What became of a host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    New,
    Changed,
    Unchanged,
}

/// Where the record comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum From {
    HostList,
    Detections,
}

pub(super) fn write(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    host: &QualysHost,
    from: From,
) -> Result<(RecordId, Change)> {
    let hash = content::of_host(host);
    let is_partial = from == From::Detections;
    let stored: Option<(RecordId, i64, bool, bool)> = tx
        .prepare_cached(
            "SELECT id, content_hash, is_partial, gone_at IS NOT NULL FROM assets
             WHERE connector_id = ?1 AND host_id = ?2",
        )?
        .query_row((connector, host.host_id.cast_signed()), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let before = match stored {
        None => Before::Absent,
        Some((record, ..)) => merge::before(tx, record)?,
    };
    let is_back = matches!(stored, Some((.., true)));
    if let Some((record, .., true)) = stored {
        tx.prepare_cached("UPDATE assets SET gone_at = NULL WHERE id = ?1")?
            .execute([record])?;
    }
    let (record, change) = match stored {
        None => {
            let record = merge::next_id(tx)?;
            with_values(record, connector, host, hash, is_partial, |values| {
                tx.prepare_cached(INSERT)?.execute(values)
            })?;
            (record, Change::New)
        }
        Some((record, known, was_partial, _)) => {
            let change = if is_partial && !was_partial {
                move_forward(tx, record, host)?
            } else if known == hash && was_partial == is_partial {
                Change::Unchanged
            } else {
                with_values(record, connector, host, hash, is_partial, |values| {
                    tx.prepare_cached(UPDATE)?.execute(values)
                })?;
                Change::Changed
            };
            if (is_partial && !was_partial) || change == Change::Unchanged {
                // Whichever was seen last stands for the asset.
                if is_back || change == Change::Changed {
                    merge::settle(tx, counters, record, before, None)?;
                }
                return Ok((record, change));
            }
            (record, change)
        }
    };
    write_tags(tx, record, host, change)?;
    write_groups(tx, connector, host, change)?;
    let keys = identifiers(tx, connector, host)?.keys();
    merge::settle(tx, counters, record, before, Some((TOLD, &keys)))?;
    Ok((record, change))
}

/// What the host list tells of the identity of a host, and nothing else does.
const TOLD: &[Criterion] = &[
    Criterion::QgHostid,
    Criterion::QualysAssetId,
    Criterion::CloudInstance,
    Criterion::DnsAndAddress,
];

fn identifiers(tx: &Connection, connector: ConnectorId, host: &QualysHost) -> Result<Identifiers> {
    let origin: String = tx
        .prepare_cached("SELECT origin FROM connectors WHERE id = ?1")?
        .query_row([connector], |row| row.get(0))?;
    let cloud = host.cloud.as_ref();
    let instance = cloud.and_then(|cloud| Some((&cloud.provider, cloud.instance.as_ref()?)));
    Ok(Identifiers {
        qg_hostid: host.qg_hostid.clone(),
        qualys_asset: host.qualys_asset_id.map(|id| (origin, id)),
        cloud_instance: instance.map(|(provider, id)| (provider.clone(), id.clone())),
        dns_names: host.dns.iter().cloned().collect(),
        addresses: host.ip.iter().chain(&host.ipv6).cloned().collect(),
        ..Identifiers::default()
    })
}

/// A scan or a sign of life that the host list did not tell of yet.
fn move_forward(tx: &Connection, asset: RecordId, host: &QualysHost) -> Result<Change> {
    let moved = tx.prepare_cached(MOVE_FORWARD)?.execute((
        asset,
        host.last_vm_scan,
        host.last_check_in,
        host.last_seen,
    ))?;
    Ok(if moved == 0 {
        Change::Unchanged
    } else {
        Change::Changed
    })
}

fn write_tags(tx: &Connection, asset: RecordId, host: &QualysHost, change: Change) -> Result<()> {
    if change == Change::Changed {
        tx.prepare_cached("DELETE FROM asset_tags WHERE asset_id = ?1")?
            .execute([asset])?;
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO asset_tags (asset_id, name, tag_id) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?;
    for tag in &host.tags {
        insert.execute((asset, &tag.name, tag.id.map(u64::cast_signed)))?;
    }
    Ok(())
}

fn write_groups(
    tx: &Connection,
    connector: ConnectorId,
    host: &QualysHost,
    change: Change,
) -> Result<()> {
    let id = host.host_id.cast_signed();
    if change == Change::Changed {
        tx.prepare_cached(
            "DELETE FROM asset_group_hosts
             WHERE connector_id = ?1 AND host_id = ?2 AND told_by = 1",
        )?
        .execute((connector, id))?;
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO asset_group_hosts (connector_id, asset_group_id, host_id, told_by)
         VALUES (?1, ?2, ?3, 1) ON CONFLICT DO NOTHING",
    )?;
    for group in &host.asset_group_ids {
        insert.execute((connector, group.cast_signed(), id))?;
    }
    Ok(())
}

fn with_values<T>(
    record: RecordId,
    connector: ConnectorId,
    host: &QualysHost,
    hash: i64,
    is_partial: bool,
    run: impl FnOnce(&[(&str, &dyn ToSql)]) -> T,
) -> T {
    let cloud = host.cloud.as_ref();
    run(named_params! {
        ":id": record,
        ":connector_id": connector,
        ":host_id": host.host_id.cast_signed(),
        ":content_hash": hash,
        ":is_partial": is_partial,
        ":name": host.name,
        ":ip": host.ip,
        ":ipv6": host.ipv6,
        ":dns": host.dns,
        ":netbios": host.netbios,
        ":os": host.os,
        ":tracking_method": host.tracking_method,
        ":network_id": host.network_id.map(u64::cast_signed),
        ":qualys_asset_id": host.qualys_asset_id.map(u64::cast_signed),
        ":qg_hostid": host.qg_hostid,
        ":cloud_provider": cloud.map(|cloud| &cloud.provider),
        ":cloud_service": cloud.and_then(|cloud| cloud.service.as_ref()),
        ":cloud_instance": cloud.and_then(|cloud| cloud.instance.as_ref()),
        ":trurisk": host.trurisk,
        ":criticality": host.criticality,
        ":first_found_at": host.first_found,
        ":last_vm_scan_at": host.last_vm_scan,
        ":last_check_in_at": host.last_check_in,
        ":last_seen_at": host.last_seen,
        ":attributes": json::attributes(&host.attributes),
    })
}

const INSERT: &str = "INSERT INTO assets (id, asset_id, site_id, connector_id, host_id, content_hash, is_partial, name,
    ip, ipv6, dns, netbios, os, tracking_method, network_id, qualys_asset_id, qg_hostid,
    cloud_provider, cloud_service, cloud_instance, trurisk, criticality, first_found_at,
    last_vm_scan_at, last_check_in_at, last_seen_at, attributes)
  VALUES (:id, :id, (SELECT site_id FROM connectors WHERE id = :connector_id), :connector_id, :host_id, :content_hash, :is_partial, :name, :ip, :ipv6, :dns, :netbios,
    :os, :tracking_method, :network_id, :qualys_asset_id, :qg_hostid, :cloud_provider,
    :cloud_service, :cloud_instance, :trurisk, :criticality, :first_found_at, :last_vm_scan_at,
    :last_check_in_at, :last_seen_at, :attributes)";

// `max` of several values is null when one of them is.
const UPDATE: &str = "UPDATE assets SET content_hash = :content_hash, is_partial = :is_partial,
    name = :name, ip = :ip, ipv6 = :ipv6, dns = :dns, netbios = :netbios, os = :os,
    tracking_method = :tracking_method, network_id = :network_id,
    qualys_asset_id = :qualys_asset_id, qg_hostid = :qg_hostid, cloud_provider = :cloud_provider,
    cloud_service = :cloud_service, cloud_instance = :cloud_instance, trurisk = :trurisk,
    criticality = :criticality, first_found_at = :first_found_at,
    last_vm_scan_at = ifnull(max(last_vm_scan_at, :last_vm_scan_at),
      ifnull(:last_vm_scan_at, last_vm_scan_at)),
    last_check_in_at = ifnull(max(last_check_in_at, :last_check_in_at),
      ifnull(:last_check_in_at, last_check_in_at)),
    last_seen_at = ifnull(max(last_seen_at, :last_seen_at),
      ifnull(:last_seen_at, last_seen_at)),
    attributes = :attributes
  WHERE id = :id AND connector_id = :connector_id AND host_id = :host_id";

const MOVE_FORWARD: &str = "UPDATE assets SET
    last_vm_scan_at = max(ifnull(last_vm_scan_at, ?2), ifnull(?2, last_vm_scan_at)),
    last_check_in_at = max(ifnull(last_check_in_at, ?3), ifnull(?3, last_check_in_at)),
    last_seen_at = max(ifnull(last_seen_at, ?4), ifnull(?4, last_seen_at))
  WHERE id = ?1 AND (?2 > ifnull(last_vm_scan_at, ?2 - 1) OR ?3 > ifnull(last_check_in_at, ?3 - 1)
    OR ?4 > ifnull(last_seen_at, ?4 - 1))";
