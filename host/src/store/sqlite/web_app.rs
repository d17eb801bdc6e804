//! Writes and reads web applications, which are assets of a kind of their own.
//!
//! A finding names its web application too, in less words: what the list brought is never
//! overwritten by that.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    counter::{Counters, Named},
    fail::Result,
    json, merge,
};
use crate::{
    guest::types::WebApp,
    store::{AssetId, AssetKind, ConnectorId, RunId, Tally, WebAppRow, content, word::Word},
};

/// One that the list brought.
pub(super) fn write(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    run: RunId,
    app: &WebApp,
) -> Result<Tally> {
    let id = app.web_app_id.cast_signed();
    tx.prepare_cached(
        "INSERT INTO run_web_apps (run_id, web_app_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?
    .execute((run, id))?;
    let hash = content::of_web_app(app);
    let stored = stored(tx, counters, connector, id)?;
    if let Some((_, known, false)) = stored
        && known == hash
    {
        return Ok(Tally {
            unchanged: 1,
            ..Tally::default()
        });
    }
    let attributes = json::attributes(&app.attributes);
    let asset = match stored {
        Some((asset, ..)) => {
            tx.prepare_cached(
                "UPDATE assets SET content_hash = ?2, is_partial = 0, name = ?3, last_seen_at = ?4,
                   attributes = ?5 WHERE id = ?1",
            )?
            .execute((asset, hash, &app.name, app.last_scan, attributes))?;
            asset
        }
        None => {
            let asset = insert(tx, counters, connector, id, hash, false, &app.name)?;
            tx.prepare_cached(
                "UPDATE assets SET last_seen_at = ?2, attributes = ?3 WHERE id = ?1",
            )?
            .execute((asset, app.last_scan, attributes))?;
            asset
        }
    };
    tx.prepare_cached(
        "INSERT INTO web_apps (asset_id, url, owner, scope, risk_score, last_scan_status,
           created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET url = excluded.url, owner = excluded.owner,
           scope = excluded.scope, risk_score = excluded.risk_score,
           last_scan_status = excluded.last_scan_status, created_at = excluded.created_at,
           updated_at = excluded.updated_at",
    )?
    .execute((
        asset,
        &app.url,
        &app.owner,
        &app.scope,
        app.risk_score,
        &app.last_scan_status,
        app.created,
        app.updated,
    ))?;
    write_tags(tx, asset, app)?;
    let is_new = stored.is_none();
    Ok(Tally {
        new: u64::from(is_new),
        changed: u64::from(!is_new),
        ..Tally::default()
    })
}

/// The asset that findings belong to, known from them alone where the list did not bring it. Tells
/// whether it is new.
pub(super) fn of_findings(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    web_app_id: u64,
    name: &str,
    url: Option<&str>,
) -> Result<(AssetId, bool)> {
    let id = web_app_id.cast_signed();
    if let Some((asset, ..)) = stored(tx, counters, connector, id)? {
        return Ok((asset, false));
    }
    let asset = insert(tx, counters, connector, id, 0, true, name)?;
    tx.prepare_cached("INSERT INTO web_apps (asset_id, url) VALUES (?1, ?2)")?
        .execute((asset, url))?;
    Ok((asset, true))
}

/// Its number, its hash, and whether it is known from findings alone. One that was gone is back.
fn stored(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    web_app_id: i64,
) -> Result<Option<(AssetId, i64, bool)>> {
    let stored: Option<(AssetId, i64, bool, bool)> = tx
        .prepare_cached(
            "SELECT id, content_hash, is_partial, gone_at IS NOT NULL FROM assets
             WHERE connector_id = ?1 AND web_app_id = ?2",
        )?
        .query_row((connector, web_app_id), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    if let Some((asset, .., true)) = stored {
        tx.prepare_cached("UPDATE assets SET gone_at = NULL WHERE id = ?1")?
            .execute([asset])?;
        count(counters, 1);
    }
    Ok(stored.map(|(asset, hash, is_partial, _)| (asset, hash, is_partial)))
}

fn insert(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    web_app_id: i64,
    hash: i64,
    is_partial: bool,
    name: &str,
) -> Result<AssetId> {
    let asset = merge::next_id(tx)?;
    tx.prepare_cached(
        "INSERT INTO assets (id, asset_id, connector_id, kind, web_app_id, content_hash,
           is_partial, name) VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((
        asset,
        connector,
        AssetKind::WebApplication.place(),
        web_app_id,
        hash,
        is_partial,
        name,
    ))?;
    count(counters, 1);
    Ok(asset)
}

pub(super) fn count(counters: &mut Counters, delta: i64) {
    counters.add(Named::Assets, delta);
    counters.add(Named::WebApplications, delta);
}

fn write_tags(tx: &Connection, asset: AssetId, app: &WebApp) -> Result<()> {
    tx.prepare_cached("DELETE FROM asset_tags WHERE asset_id = ?1")?
        .execute([asset])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO asset_tags (asset_id, name, tag_id) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?;
    for tag in &app.tags {
        insert.execute((asset, &tag.name, tag.id.map(u64::cast_signed)))?;
    }
    Ok(())
}

/// From the column of its number on; nothing for a host.
pub(super) fn row(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<WebAppRow>> {
    if row.get::<_, Option<i64>>(at)?.is_none() {
        return Ok(None);
    }
    Ok(Some(WebAppRow {
        url: row.get(at + 1)?,
        owner: row.get(at + 2)?,
        scope: row.get(at + 3)?,
        risk_score: row.get(at + 4)?,
        last_scan_status: row.get(at + 5)?,
        created: row.get(at + 6)?,
        updated: row.get(at + 7)?,
    }))
}
