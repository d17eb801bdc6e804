//! Writes software and ports. What one list told of an asset is replaced as a whole by what the
//! same list tells next; a record that is equal writes nothing.
//!
//! What results of detections name is stored beside the rest and shown only while no other list
//! tells of any, for software and for ports each: so it is there again when a module goes. Host
//! assets and asset view tell of the same things in other words: whichever told last counts. The
//! count of assets follows what is shown.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension};

use super::{
    counter::Counters,
    fail::Result,
    merge::{self, Before},
};
use crate::{
    guest::types::{HostInventory, OpenPort, Software, SoftwareSource, Timestamp},
    store::{AssetId, ConnectorId, Criterion, Identifiers, RecordId, Tally, content, word::Word},
};

/// Numbers of the software that a page named before, within its transaction.
#[derive(Debug, Default)]
pub(super) struct Known(HashMap<content::TextDigest, i64>);

/// What these lists tell of the identity of a host, and nothing else does.
const TOLD: &[Criterion] = &[Criterion::HardwareId, Criterion::MacAddress];

type Details = (Option<String>, Option<Timestamp>);

/// Nothing is counted for a host that is no asset, or is gone.
pub(super) fn write(
    tx: &Connection,
    counters: &mut Counters,
    known: &mut Known,
    connector: ConnectorId,
    inventory: &HostInventory,
) -> Result<Tally> {
    let asset: Option<AssetId> = tx
        .prepare_cached(
            "SELECT id FROM assets
             WHERE connector_id = ?1 AND host_id = ?2 AND gone_at IS NULL",
        )?
        .query_row((connector, inventory.host_id.cast_signed()), |row| {
            row.get(0)
        })
        .optional()?;
    let Some(asset) = asset else {
        return Ok(Tally::default());
    };
    let source = inventory.source.place();
    let hash = content::of_inventory(inventory);
    let stored = stored(tx, asset, inventory.source)?;
    if stored == Some(hash) {
        return Ok(Tally {
            unchanged: 1,
            ..Tally::default()
        });
    }
    match inventory.source {
        SoftwareSource::AssetView => forget(tx, counters, asset, SoftwareSource::HostAssets)?,
        SoftwareSource::HostAssets => forget(tx, counters, asset, SoftwareSource::AssetView)?,
        SoftwareSource::DetectionResults => {}
    }
    let before = shown(tx, asset)?;
    tx.prepare_cached(
        "INSERT INTO asset_inventories (asset_id, source, content_hash) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET content_hash = excluded.content_hash",
    )?
    .execute((asset, source, hash))?;
    write_software(tx, known, asset, source, &inventory.software)?;
    write_ports(tx, asset, source, &inventory.ports)?;
    count(counters, &before, &shown(tx, asset)?);
    if inventory.source != SoftwareSource::DetectionResults {
        let identifiers = Identifiers {
            mac_addresses: inventory.mac_addresses.clone(),
            hardware_ids: inventory.hardware_ids.clone(),
            ..Identifiers::default()
        };
        let told: (&[_], &[_]) = (TOLD, &identifiers.keys());
        let presence = merge::before(tx, asset)?;
        merge::settle(tx, counters, asset, presence, Some(told))?;
    }
    let is_new = stored.is_none();
    Ok(Tally {
        new: u64::from(is_new),
        changed: u64::from(!is_new),
        ..Tally::default()
    })
}

/// What a list told of an asset counts no longer.
pub(super) fn forget(
    tx: &Connection,
    counters: &mut Counters,
    asset: AssetId,
    source: SoftwareSource,
) -> Result<()> {
    if stored(tx, asset, source)?.is_none() {
        return Ok(());
    }
    let before = shown(tx, asset)?;
    for table in ["asset_inventories", "asset_software", "asset_ports"] {
        tx.prepare_cached(&format!(
            "DELETE FROM {table} WHERE asset_id = ?1 AND source = ?2"
        ))?
        .execute((asset, source.place()))?;
    }
    count(counters, &before, &shown(tx, asset)?);
    Ok(())
}

/// A record is gone, or is back, and its asset shows no more or again what it alone tells of.
pub(super) fn recounted(
    tx: &Connection,
    counters: &mut Counters,
    record: RecordId,
    is_gone: bool,
) -> Result<()> {
    let own = shown_of_record(tx, record)?;
    let others = shown_beside(tx, record)?;
    let all = own.union(&others).copied().collect();
    if is_gone {
        count(counters, &all, &others);
    } else {
        count(counters, &others, &all);
    }
    Ok(())
}

fn stored(tx: &Connection, asset: AssetId, source: SoftwareSource) -> Result<Option<i64>> {
    let hash = tx
        .prepare_cached(
            "SELECT content_hash FROM asset_inventories WHERE asset_id = ?1 AND source = ?2",
        )?
        .query_row((asset, source.place()), |row| row.get(0))
        .optional()?;
    Ok(hash)
}

/// Each number once, whoever told of it and of whichever record of its asset.
fn shown(tx: &Connection, record: RecordId) -> Result<BTreeSet<i64>> {
    let mut shown = shown_beside(tx, record)?;
    if merge::before(tx, record)? == Before::Shown {
        shown.extend(shown_of_record(tx, record)?);
    }
    Ok(shown)
}

pub(super) fn shown_of_record(tx: &Connection, record: RecordId) -> Result<BTreeSet<i64>> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT i.software_id FROM asset_software i WHERE i.asset_id = ?1 AND {SHOWN}"
    ))?;
    let ids = statement.query_map([record], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// By the other records of its asset that are not gone.
fn shown_beside(tx: &Connection, record: RecordId) -> Result<BTreeSet<i64>> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT i.software_id FROM assets s JOIN assets r ON r.asset_id = s.asset_id
         JOIN asset_software i ON i.asset_id = r.id
         WHERE s.id = ?1 AND s.records > 1 AND r.id <> s.id AND r.gone_at IS NULL
           AND r.left_out_by IS NULL AND {SHOWN}"
    ))?;
    let ids = statement.query_map([record], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn has_any(tx: &Connection, record: RecordId) -> Result<bool> {
    let any = "SELECT EXISTS (SELECT 1 FROM asset_inventories WHERE asset_id = ?1)";
    Ok(tx
        .prepare_cached(any)?
        .query_row([record], |row| row.get(0))?)
}

fn count(counters: &mut Counters, before: &BTreeSet<i64>, after: &BTreeSet<i64>) {
    for id in before.difference(after) {
        counters.software(*id, -1);
    }
    for id in after.difference(before) {
        counters.software(*id, 1);
    }
}

/// Only what differs is written.
fn write_software(
    tx: &Connection,
    known: &mut Known,
    asset: AssetId,
    source: u8,
    software: &[Software],
) -> Result<()> {
    let mut rows: BTreeMap<i64, Details> = BTreeMap::new();
    for one in software {
        let id = number(tx, known, one)?;
        let details = (one.required_version.clone(), one.installed);
        rows.entry(id).or_insert(details);
    }
    let mut old: BTreeMap<i64, Details> = BTreeMap::new();
    {
        let mut statement = tx.prepare_cached(
            "SELECT software_id, required_version, installed_at FROM asset_software
             WHERE asset_id = ?1 AND source = ?2",
        )?;
        let mut found = statement.query((asset, source))?;
        while let Some(row) = found.next()? {
            old.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
        }
    }
    let mut delete = tx.prepare_cached(
        "DELETE FROM asset_software WHERE asset_id = ?1 AND source = ?2 AND software_id = ?3",
    )?;
    for id in old.keys().filter(|id| !rows.contains_key(id)) {
        delete.execute((asset, source, id))?;
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO asset_software (asset_id, source, software_id, required_version, installed_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET required_version = excluded.required_version,
           installed_at = excluded.installed_at",
    )?;
    for (id, details) in rows {
        if old.get(&id) != Some(&details) {
            let (required, installed) = details;
            insert.execute((asset, source, id, required, installed))?;
        }
    }
    Ok(())
}

/// Ports are few.
pub(super) fn write_ports(
    tx: &Connection,
    asset: RecordId,
    source: u8,
    ports: &[OpenPort],
) -> Result<()> {
    tx.prepare_cached("DELETE FROM asset_ports WHERE asset_id = ?1 AND source = ?2")?
        .execute((asset, source))?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO asset_ports (asset_id, source, port, protocol, service)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET service = ifnull(service, excluded.service)",
    )?;
    for one in ports {
        let protocol = one.protocol.as_deref().unwrap_or_default();
        insert.execute((asset, source, one.port, protocol, &one.service))?;
    }
    Ok(())
}

fn number(tx: &Connection, known: &mut Known, software: &Software) -> Result<i64> {
    let digest = content::of_software(software);
    if let Some(id) = known.0.get(&digest) {
        return Ok(*id);
    }
    let stored: Option<i64> = tx
        .prepare_cached("SELECT id FROM software WHERE digest = ?1")?
        .query_row([digest], |row| row.get(0))
        .optional()?;
    let id = match stored {
        Some(id) => id,
        None => tx
            .prepare_cached(
                "INSERT INTO software (digest, name, version, publisher, category, is_package,
                   end_of_life_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .insert((
                digest,
                &software.name,
                &software.version,
                &software.publisher,
                &software.category,
                software.is_package,
                software.end_of_life,
            ))?,
    };
    known.0.insert(digest, id);
    Ok(id)
}

/// Of `asset_software i`, by the places of the sources. A range of the primary key tells whether
/// another list tells of any.
macro_rules! shown_sql {
    () => {
        "(i.source <> 2 OR NOT EXISTS (SELECT 1 FROM asset_software o
    WHERE o.asset_id = i.asset_id AND o.source IN (0, 1)))"
    };
}
pub(super) use shown_sql;
pub(super) const SHOWN: &str = shown_sql!();
