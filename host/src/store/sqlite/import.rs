//! Writes what files of other sources tell of machines. An import is one transaction.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::{
    counter::Counters,
    fail::Result,
    json,
    merge::{self, Before},
    software,
};
use crate::{
    guest::types::Timestamp,
    store::{
        AssetId, Criterion, Import, Imported, ImportedRecord, Key, RecordId, SourceKind,
        StoreError, content, word::Word,
    },
};

pub(super) fn write(
    tx: &Connection,
    counters: &mut Counters,
    import: &Import<'_>,
    records: &mut dyn Iterator<Item = std::result::Result<ImportedRecord, StoreError>>,
) -> Result<Imported> {
    let source = source(tx, import)?;
    let site = import.site.map(|name| site(tx, name)).transpose()?;
    let id = tx
        .prepare_cached(
            "INSERT INTO imports (source_id, at, file, new, changed, unchanged, gone)
             VALUES (?1, ?2, ?3, 0, 0, 0, 0)",
        )?
        .insert((source, import.at, import.file))?;
    let mut imported = Imported::default();
    let place = Place {
        source,
        site,
        import: id,
        at: import.at,
    };
    for record in records {
        let (record, outcome) = write_record(tx, counters, &place, &record?)?;
        match outcome {
            Outcome::New => imported.new += 1,
            Outcome::Changed => imported.changed += 1,
            Outcome::Unchanged => imported.unchanged += 1,
        }
        imported.merged += u64::from(is_merged(tx, record)?);
    }
    if import.is_complete {
        imported.gone = close_missing(tx, counters, &place)?;
    }
    let Imported {
        new,
        changed,
        unchanged,
        gone,
        ..
    } = imported;
    let n = [new, changed, unchanged, gone].map(u64::cast_signed);
    tx.prepare_cached(
        "UPDATE imports SET new = ?2, changed = ?3, unchanged = ?4, gone = ?5 WHERE id = ?1",
    )?
    .execute((id, n[0], n[1], n[2], n[3]))?;
    Ok(imported)
}

/// What all records of an import have in common.
struct Place {
    source: i64,
    site: Option<i64>,
    import: i64,
    at: Timestamp,
}

enum Outcome {
    New,
    Changed,
    Unchanged,
}

fn source(tx: &Connection, import: &Import<'_>) -> Result<i64> {
    let known: Option<(i64, u8)> = tx
        .prepare_cached("SELECT id, kind FROM sources WHERE name = ?1")?
        .query_row([import.source], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match known {
        Some((id, kind)) if kind == import.kind.place() => Ok(id),
        Some((_, kind)) => {
            let told = SourceKind::at_place(kind).map_or("another", Word::word);
            let (name, kind) = (import.source, import.kind.word());
            let message = format!(
                "the source `{name}` is one of {told}, not of {kind}; give this one another name \
                 with --source"
            );
            Err(StoreError::Import(message).into())
        }
        None => Ok(tx
            .prepare_cached("INSERT INTO sources (name, kind) VALUES (?1, ?2)")?
            .insert((import.source, import.kind.place()))?),
    }
}

pub(super) fn site(tx: &Connection, name: &str) -> Result<i64> {
    tx.prepare_cached("INSERT INTO sites (name) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([name])?;
    let known = "SELECT id FROM sites WHERE name = ?1";
    Ok(tx
        .prepare_cached(known)?
        .query_row([name], |row| row.get(0))?)
}

fn write_record(
    tx: &Connection,
    counters: &mut Counters,
    place: &Place,
    record: &ImportedRecord,
) -> Result<(RecordId, Outcome)> {
    let hash = content::of_import(record);
    let stored: Option<(RecordId, i64, bool)> = tx
        .prepare_cached(
            "SELECT id, content_hash, gone_at IS NOT NULL FROM assets
             WHERE source_id = ?1 AND record_key = ?2",
        )?
        .query_row((place.source, &record.key), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    if let Some((id, known, false)) = stored
        && known == hash
    {
        tx.prepare_cached("UPDATE assets SET import_id = ?2 WHERE id = ?1")?
            .execute((id, place.import))?;
        return Ok((id, Outcome::Unchanged));
    }
    let (id, before, outcome) = match stored {
        None => (merge::next_id(tx)?, Before::Absent, Outcome::New),
        Some((id, ..)) => (id, merge::before(tx, id)?, Outcome::Changed),
    };
    let attributes = serde_json::to_string(&record.attributes).expect("texts are JSON");
    tx.prepare_cached(UPSERT)?.execute(named_params! {
        ":id": id,
        ":source_id": place.source,
        ":record_key": record.key,
        ":import_id": place.import,
        ":site_id": place.site,
        ":content_hash": hash,
        ":name": record.name,
        ":ip": record.ip,
        ":ipv6": record.ipv6,
        ":dns": record.dns,
        ":netbios": record.netbios,
        ":os": record.os,
        ":first_found_at": record.first_found.or(Some(place.at)),
        ":last_seen_at": record.last_seen,
        ":attributes": json::attributes(&attributes),
    })?;
    write_tags(tx, id, record)?;
    software::write_ports(tx, id, IMPORTED, &record.ports)?;
    let keys = record.identifiers.keys();
    merge::settle(tx, counters, id, before, Some((TOLD, &keys)))?;
    Ok((id, outcome))
}

/// A record keeps when it was found first, and an asset its site.
const UPSERT: &str = "INSERT INTO assets (id, asset_id, source_id, record_key, import_id, site_id,
    content_hash, is_partial, name, ip, ipv6, dns, netbios, os, first_found_at, last_seen_at,
    attributes)
  VALUES (:id, :id, :source_id, :record_key, :import_id, :site_id, :content_hash, 0, :name, :ip,
    :ipv6, :dns, :netbios, :os, :first_found_at, :last_seen_at, :attributes)
  ON CONFLICT (id) DO UPDATE SET import_id = excluded.import_id,
    content_hash = excluded.content_hash, name = excluded.name, ip = excluded.ip,
    ipv6 = excluded.ipv6, dns = excluded.dns, netbios = excluded.netbios, os = excluded.os,
    first_found_at = min(first_found_at, excluded.first_found_at),
    last_seen_at = excluded.last_seen_at, gone_at = NULL, attributes = excluded.attributes";

/// All but what a person says.
const TOLD: &[Criterion] = &[
    Criterion::QgHostid,
    Criterion::QualysAssetId,
    Criterion::CloudInstance,
    Criterion::HardwareId,
    Criterion::MacAddress,
    Criterion::DnsAndAddress,
];

/// The place after those of Qualys' lists in `asset_ports`.
pub(super) const IMPORTED: u8 = 3;

fn write_tags(tx: &Connection, id: RecordId, record: &ImportedRecord) -> Result<()> {
    tx.prepare_cached("DELETE FROM asset_tags WHERE asset_id = ?1")?
        .execute([id])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO asset_tags (asset_id, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    for tag in &record.tags {
        insert.execute((id, tag))?;
    }
    Ok(())
}

fn is_merged(tx: &Connection, record: RecordId) -> Result<bool> {
    let merged = "SELECT records > 1 FROM assets WHERE id = ?1";
    Ok(tx
        .prepare_cached(merged)?
        .query_row([record], |row| row.get(0))?)
}

fn close_missing(tx: &Connection, counters: &mut Counters, place: &Place) -> Result<u64> {
    let mut missing = tx.prepare_cached(
        "SELECT id FROM assets WHERE source_id = ?1 AND import_id <> ?2 AND gone_at IS NULL",
    )?;
    let missing = missing.query_map((place.source, place.import), |row| row.get(0))?;
    let missing: Vec<RecordId> = missing.collect::<rusqlite::Result<_>>()?;
    let mut mark = tx.prepare_cached("UPDATE assets SET gone_at = ?2 WHERE id = ?1")?;
    for record in &missing {
        let before = merge::before(tx, *record)?;
        mark.execute((record, place.at))?;
        merge::settle(tx, counters, *record, before, None)?;
    }
    Ok(missing.len() as u64)
}

/// Takes a record out of its asset.
pub(super) fn split(
    tx: &Connection,
    counters: &mut Counters,
    record: RecordId,
) -> Result<Option<(AssetId, AssetId)>> {
    let others = records_beside(tx, record)?;
    let Some(other) = others.first().copied() else {
        return Ok(None);
    };
    let mut apart = tx.prepare_cached(
        "INSERT INTO kept_apart (record_id, other_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    for other in others {
        apart.execute((record.min(other), record.max(other)))?;
    }
    // What a person said before holds no longer.
    let before = merge::before(tx, record)?;
    merge::settle(
        tx,
        counters,
        record,
        before,
        Some((&[Criterion::Person], &[])),
    )?;
    Ok(Some((asset_of(tx, record)?, asset_of(tx, other)?)))
}

/// Makes one asset of two.
pub(super) fn join(
    tx: &Connection,
    counters: &mut Counters,
    one: AssetId,
    other: AssetId,
) -> Result<Option<AssetId>> {
    let known = "SELECT count(*) FROM assets WHERE id IN (?1, ?2) AND kind = 0";
    let known: i64 = tx
        .prepare_cached(known)?
        .query_row((one, other), |row| row.get(0))?;
    if known != 2 {
        return Ok(None);
    }
    tx.prepare_cached(
        "DELETE FROM kept_apart WHERE EXISTS (SELECT 1 FROM assets a, assets b, assets o, assets p
           WHERE a.id = record_id AND b.id = other_id AND o.id = ?1 AND p.id = ?2
             AND ((a.asset_id = o.asset_id AND b.asset_id = p.asset_id)
               OR (a.asset_id = p.asset_id AND b.asset_id = o.asset_id)))",
    )?
    .execute((one, other))?;
    let key = Key {
        criterion: Criterion::Person,
        value: format!("{} {}", one.min(other), one.max(other)),
    };
    tx.prepare_cached(
        "INSERT INTO identities (criterion, value, record_id) VALUES (?1, ?2, ?3), (?1, ?2, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute((key.criterion.place(), &key.value, one, other))?;
    let before = merge::before(tx, one)?;
    merge::settle(tx, counters, one, before, None)?;
    Ok(Some(asset_of(tx, one)?))
}

fn records_beside(tx: &Connection, record: RecordId) -> Result<Vec<RecordId>> {
    let mut others = tx.prepare_cached(
        "SELECT r.id FROM assets a JOIN assets r ON r.asset_id = a.asset_id
         WHERE a.id = ?1 AND r.id <> ?1 ORDER BY r.id",
    )?;
    let others = others.query_map([record], |row| row.get(0))?;
    Ok(others.collect::<rusqlite::Result<_>>()?)
}

fn asset_of(tx: &Connection, record: RecordId) -> Result<AssetId> {
    let asset = "SELECT asset_id FROM assets WHERE id = ?1";
    Ok(tx
        .prepare_cached(asset)?
        .query_row([record], |row| row.get(0))?)
}
