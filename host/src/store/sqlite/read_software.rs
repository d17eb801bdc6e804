//! Reads software and ports. What is shown of an asset, and why, is told in `software`.

use std::ops::ControlFlow;

use rusqlite::{Connection, Row, params_from_iter};

use super::{
    code,
    fail::Result,
    filter::{self, Subject},
    import::IMPORTED,
    list::{self, Order, Sql},
    software::SHOWN,
};
use crate::{
    guest::types::SoftwareSource,
    store::{
        AssetId, AssetInventory, AssetPort, AssetSoftware, Listing, SoftwareName, SoftwareQuery,
        SoftwareRow, SoftwareSort, word::Word,
    },
};

pub(super) fn software(
    conn: &Connection,
    query: &SoftwareQuery<'_>,
) -> Result<Listing<SoftwareRow>> {
    let (name, keys): (_, &[&str]) = match query.sort {
        SoftwareSort::Assets => ("software/assets", &["s.assets"]),
        SoftwareSort::Name => ("software/name", &["s.name", "ifnull(s.version, '')"]),
        SoftwareSort::EndOfLife => ("software/end-of-life", &["ifnull(s.end_of_life_at, 0)"]),
    };
    let order = Order {
        name,
        keys,
        id: "s.id",
        descending: query.descending,
    };
    let like = |column: &str, pattern: String| {
        let text = format!("{column} LIKE ? ESCAPE '\\'");
        Sql::new(text, vec![pattern.into()])
    };
    let dated = (query.sort == SoftwareSort::EndOfLife)
        .then(|| Sql::new("s.end_of_life_at IS NOT NULL", vec![]));
    let named = query
        .name
        .map(|text| like("s.name", format!("%{}%", literal(text))));
    let version = query.version;
    let version = version.map(|text| like("s.version", format!("{}%", literal(text))));
    let condition = Sql::new("s.assets > 0", vec![])
        .and(dated)
        .and(named)
        .and(version)
        .and(on_assets(conn, query)?);
    let (ids, next) = list::page(
        conn,
        "software s",
        condition,
        &order,
        query.limit,
        query.after,
    )?;
    let sql = format!("SELECT {NAME}, s.assets FROM software s WHERE s.id = ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let row = |row: &Row<'_>| {
        Ok(SoftwareRow {
            software: name_of(row, 0)?,
            assets: code::number(row, 6)?,
        })
    };
    let rows = ids.into_iter().map(|id| statement.query_row([id], row));
    Ok(Listing {
        rows: rows.collect::<rusqlite::Result<_>>()?,
        next,
    })
}

/// That an asset has it which the terms select.
fn on_assets(conn: &Connection, query: &SoftwareQuery<'_>) -> Result<Option<Sql>> {
    let condition = filter::condition(conn, query.terms, Subject::Asset)?;
    Ok(condition.map(|condition| {
        let text = format!(
            "s.id IN (SELECT i.software_id FROM assets a
             CROSS JOIN asset_software i ON i.asset_id = a.id
             WHERE a.gone_at IS NULL AND {} AND {SHOWN})",
            condition.text
        );
        Sql::new(text, condition.values)
    }))
}

pub(super) fn of_asset(conn: &Connection, asset: AssetId) -> Result<AssetInventory> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {INSTALLED} FROM asset_software i JOIN software s ON s.id = i.software_id
         WHERE i.asset_id IN ({RECORDS}) AND {SHOWN}
         ORDER BY s.name, s.version, s.id, i.source"
    ))?;
    let software = statement.query_map([asset], |row| installed(row, 0))?;
    let software = software.collect::<rusqlite::Result<_>>()?;
    let mut statement = conn.prepare_cached(&format!(
        "SELECT port, nullif(protocol, ''), service, source,
           (SELECT s.name FROM assets r JOIN sources s ON s.id = r.source_id WHERE r.id = p.asset_id)
         FROM asset_ports p
         WHERE asset_id IN ({RECORDS}) AND (source <> 2 OR NOT EXISTS (SELECT 1 FROM asset_ports o
           WHERE o.asset_id = p.asset_id AND o.source IN (0, 1)))
         ORDER BY port, protocol, source"
    ))?;
    let ports = statement.query_map([asset], |row| {
        Ok(AssetPort {
            port: row.get(0)?,
            protocol: row.get(1)?,
            service: row.get(2)?,
            source: match row.get(3)? {
                IMPORTED => row.get(4)?,
                _ => code::word::<SoftwareSource>(row, 3)?.word().to_owned(),
            },
        })
    })?;
    Ok(AssetInventory {
        software,
        ports: ports.collect::<rusqlite::Result<_>>()?,
    })
}

/// Everything that assets have which are not gone, one record of an asset after the other.
pub(super) fn each(
    conn: &Connection,
    condition: Option<Sql>,
    take: &mut dyn FnMut(AssetId, AssetSoftware) -> ControlFlow<()>,
) -> Result<()> {
    let condition = Sql::new("a.gone_at IS NULL AND a.left_out_by IS NULL", vec![]).and(condition);
    let mut statement = conn.prepare(&format!(
        "SELECT a.id, {INSTALLED}
         FROM assets a CROSS JOIN asset_software i ON i.asset_id = a.id
         JOIN software s ON s.id = i.software_id
         WHERE {} AND {SHOWN} ORDER BY a.id, i.source, i.software_id",
        condition.text
    ))?;
    let mut rows = statement.query(params_from_iter(condition.values))?;
    while let Some(row) = rows.next()? {
        if take(row.get(0)?, installed(row, 1)?).is_break() {
            break;
        }
    }
    Ok(())
}

fn installed(row: &Row<'_>, at: usize) -> rusqlite::Result<AssetSoftware> {
    Ok(AssetSoftware {
        software: name_of(row, at)?,
        required_version: row.get(at + 6)?,
        installed: row.get(at + 7)?,
        source: code::word(row, at + 8)?,
    })
}

fn name_of(row: &Row<'_>, at: usize) -> rusqlite::Result<SoftwareName> {
    Ok(SoftwareName {
        name: row.get(at)?,
        version: row.get(at + 1)?,
        publisher: row.get(at + 2)?,
        category: row.get(at + 3)?,
        is_package: row.get(at + 4)?,
        end_of_life: row.get(at + 5)?,
    })
}

/// A text that stands for itself in a pattern.
fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

/// Those of the asset `?1` that are not gone, or all when it is.
const RECORDS: &str = "SELECT r.id FROM assets s
    JOIN assets a ON a.asset_id = s.asset_id AND a.is_primary = 1
    JOIN assets r ON r.asset_id = s.asset_id
    WHERE s.id = ?1 AND (r.gone_at IS NULL OR a.gone_at IS NOT NULL)";
const NAME: &str = "s.name, s.version, s.publisher, s.category, s.is_package, s.end_of_life_at";
const INSTALLED: &str = "s.name, s.version, s.publisher, s.category, s.is_package,
    s.end_of_life_at, i.required_version, i.installed_at, i.source";
