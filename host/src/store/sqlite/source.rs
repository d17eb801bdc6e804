//! The sources beside Qualys: imports, and which records are one asset.

use rusqlite::{Connection, Row};

use super::{SqliteReader, SqliteStore, code, fail, import, json};
use crate::store::{
    AssetId, ConnectorId, Import, Imported, ImportedRecord, RecordId, RecordRow, Result,
    SourceReader, SourceRow, Sources, StoreError,
};

impl Sources for SqliteStore {
    fn import(
        &mut self,
        import: &Import<'_>,
        records: &mut dyn Iterator<Item = std::result::Result<ImportedRecord, StoreError>>,
    ) -> Result<Imported> {
        self.write("import", |tx, tools| {
            import::write(tx, &mut tools.counters, import, records)
        })
    }

    fn split(&mut self, record: RecordId) -> Result<Option<(AssetId, AssetId)>> {
        self.write("split", |tx, tools| {
            import::split(tx, &mut tools.counters, record)
        })
    }

    fn join(&mut self, one: AssetId, other: AssetId) -> Result<Option<AssetId>> {
        self.write("join", |tx, tools| {
            import::join(tx, &mut tools.counters, one, other)
        })
    }

    fn set_site(&mut self, connector: ConnectorId, site: Option<&str>) -> Result<()> {
        self.write("set site", |tx, _| {
            let site = site.map(|name| import::site(tx, name)).transpose()?;
            tx.execute(
                "UPDATE connectors SET site_id = ?2 WHERE id = ?1 AND site_id IS NOT ?2",
                (connector, site),
            )?;
            Ok(())
        })
    }
}

impl SourceReader for SqliteReader {
    fn sources(&self) -> Result<Vec<SourceRow>> {
        self.read("sources", sources)
    }

    fn records(&self, asset: AssetId) -> Result<Vec<RecordRow>> {
        self.read("records", |conn| records(conn, asset))
    }
}

fn sources(conn: &Connection) -> fail::Result<Vec<SourceRow>> {
    let mut statement = conn.prepare_cached(
        "SELECT s.name, s.kind, count(a.id), ifnull(sum(a.records > 1), 0), i.at, i.file
         FROM sources s LEFT JOIN assets a ON a.source_id = s.id AND a.gone_at IS NULL
         LEFT JOIN imports i ON i.id = (SELECT max(id) FROM imports WHERE source_id = s.id)
         GROUP BY s.id ORDER BY s.name",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(SourceRow {
            name: row.get(0)?,
            kind: code::word(row, 1)?,
            records: code::number(row, 2)?,
            merged: code::number(row, 3)?,
            last_import: row.get(4)?,
            last_file: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn records(conn: &Connection, asset: AssetId) -> fail::Result<Vec<RecordRow>> {
    let mut statement = conn.prepare_cached(
        "SELECT r.id, s.name, r.record_key, r.host_id, r.is_primary, r.name, r.ip, r.ipv6, r.dns,
           r.netbios, r.os, r.first_found_at, r.last_seen_at, r.gone_at, r.matched_by, r.attributes,
           r.left_out_by
         FROM assets r JOIN sources s ON s.id = r.source_id
         WHERE r.asset_id = (SELECT asset_id FROM assets WHERE id = ?1)
         ORDER BY r.is_primary DESC, r.id",
    )?;
    let rows = statement.query_map([asset], record)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn record(row: &Row<'_>) -> rusqlite::Result<RecordRow> {
    Ok(RecordRow {
        record_id: row.get(0)?,
        source: row.get(1)?,
        record_key: row.get(2)?,
        host_id: code::maybe_number(row, 3)?,
        is_primary: row.get(4)?,
        name: row.get(5)?,
        ip: row.get(6)?,
        ipv6: row.get(7)?,
        dns: row.get(8)?,
        netbios: row.get(9)?,
        os: row.get(10)?,
        first_found: row.get(11)?,
        last_seen: row.get(12)?,
        gone: row.get(13)?,
        left_out_by: code::maybe_word(row, 16)?,
        matched_by: row.get::<_, json::List<_>>(14)?.0,
        attributes: json::attributes_or_none(row.get(15)?),
    })
}
