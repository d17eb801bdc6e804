//! Reads what an export hands over, as of one moment.
//!
//! Findings are read one after the other from their own table; what belongs to an asset or to a QID
//! is read once, when the first finding names it, not joined to every row.

use std::{collections::HashSet, ops::ControlFlow};

use rusqlite::{CachedStatement, Connection, Row, params_from_iter, types::Value};

use super::{
    block::{self, Kind},
    code,
    fail::Result,
    field::DUE,
    filter::{self, Subject},
    list::Sql,
    read_asset, read_finding, read_software, read_vulnerability,
    results::Reading,
    web_finding,
};
use crate::{
    guest::{
        export::{Asset, AssetSoftware, Found},
        rules::Rule,
        types::{Finding, Qid},
    },
    store::{
        AssetId, ClosedReason, ExportOf, ExportQuery, Exported,
        export::{asset, entry, installed, web_part},
        word::Word,
    },
};

type Take<'a> = &'a mut dyn FnMut(Exported) -> ControlFlow<()>;

/// Hands over what the query asks for, until all is or it is stopped.
pub(super) fn run(conn: &Connection, query: &ExportQuery<'_>, take: Take<'_>) -> Result<()> {
    match query.of {
        ExportOf::Assets => {
            let condition = selected(conn, query, Subject::Asset, ASSET_CHANGED)?;
            // One that is gone has changed, too.
            let with_gone = query.changed_since.is_some();
            read_asset::each(conn, condition, with_gone, &mut |row| {
                take(Exported::Asset(Box::new(asset(row, Vec::new()))))
            })
        }
        ExportOf::Vulnerabilities => {
            let condition = selected(conn, query, Subject::Vulnerability, "v.changed_at >= ?")?;
            read_vulnerability::each(conn, condition, &mut |row| {
                take(Exported::Entry(Box::new(entry(row))))
            })
        }
        ExportOf::Software => software(conn, query, take),
        ExportOf::Findings => {
            let condition = selected(conn, query, Subject::Finding, "f.changed_at >= ?")?;
            let mut naming = Naming::new(conn, false)?;
            findings(conn, open(query).and(condition), &mut naming, take).map(drop)
        }
        ExportOf::BillOfMaterials => bill(conn, query, take),
    }
}

/// What the terms select, of what changed since the moment that is asked for.
fn selected(
    conn: &Connection,
    query: &ExportQuery<'_>,
    subject: Subject,
    changed: &str,
) -> Result<Option<Sql>> {
    let terms = filter::condition(conn, query.terms, subject)?;
    let Some(at) = query.changed_since else {
        return Ok(terms);
    };
    let values = changed.matches('?').map(|_| Value::from(at));
    Ok(Some(Sql::new(changed, values.collect()).and(terms)))
}

fn open(query: &ExportQuery<'_>) -> Sql {
    let condition = if query.only_open {
        "f.is_open = 1"
    } else {
        "1"
    };
    Sql::new(condition, vec![])
}

/// Every program, with its asset before the first of it.
fn software(conn: &Connection, query: &ExportQuery<'_>, take: Take<'_>) -> Result<()> {
    let mut naming = Naming::new(conn, false)?;
    let mut outcome = Ok(());
    let condition = selected(conn, query, Subject::Asset, SOFTWARE_CHANGED)?;
    read_software::each(conn, condition, &mut |record, row| {
        let named = naming.asset(record, take);
        let host = match named {
            Ok((ControlFlow::Continue(()), host)) => host,
            Ok((ControlFlow::Break(()), _)) => return ControlFlow::Break(()),
            Err(error) => {
                outcome = Err(error);
                return ControlFlow::Break(());
            }
        };
        take(Exported::Software(Box::new(AssetSoftware {
            asset_id: host.asset_id,
            host_id: host.host_id,
            installed: installed(row),
        })))
    })?;
    outcome
}

/// The assets first, as a bill names its components before what is wrong with them.
fn bill(conn: &Connection, query: &ExportQuery<'_>, take: Take<'_>) -> Result<()> {
    let mut chosen = Vec::new();
    let mut outcome = Ok(());
    let condition = selected(conn, query, Subject::Asset, ASSET_CHANGED)?;
    read_asset::each(conn, condition, false, &mut |row| {
        let id = row.asset.asset_id;
        chosen.push(id);
        match read_software::of_asset(conn, id) {
            Ok(inventory) => take(Exported::Asset(Box::new(asset(row, inventory.software)))),
            Err(error) => {
                outcome = Err(error);
                ControlFlow::Break(())
            }
        }
    })?;
    outcome?;
    let mut naming = Naming::new(conn, true)?;
    for id in chosen {
        let condition = read_finding::of_asset(conn, id)?.and(Some(open(query)));
        if findings(conn, condition, &mut naming, take)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Every finding that the condition selects, one statement in the order of the numbers.
fn findings(
    conn: &Connection,
    condition: Sql,
    naming: &mut Naming<'_>,
    take: Take<'_>,
) -> Result<ControlFlow<()>> {
    let mut statement = conn.prepare(&format!(
        "SELECT {COLUMNS}, {DUE} FROM findings f LEFT JOIN web_findings w ON w.finding_id = f.id
         WHERE {} ORDER BY f.id",
        condition.text
    ))?;
    let mut rows = statement.query(params_from_iter(condition.values))?;
    let mut results = Reading::new(conn)?;
    let mut attributes = block::Reading::new(conn, Kind::Attributes)?;
    while let Some(row) = rows.next()? {
        let (flow, host) = naming.asset(row.get(1)?, take)?;
        if flow.is_break() || naming.entry(row.get(3)?, take)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let mut found = found(row, &host)?;
        let id = found.finding_id;
        if row.get(HAS_RESULTS)? {
            found.finding.results = results.text(id, row.get(HAS_RESULTS + 1)?)?;
        }
        if let Some(text) = attributes.text(id)? {
            found.finding.attributes = text;
        }
        if take(Exported::Finding(Box::new(found))).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Hands over assets and entries before the first record that names them, and again when so many
/// have been named that whoever keeps them should drop them.
struct Naming<'conn> {
    conn: &'conn Connection,
    record: CachedStatement<'conn>,
    /// The record of the rows that come, and the numbers of its asset and host.
    current: Option<(AssetId, Host)>,
    entries: HashSet<Qid>,
    n_named: usize,
    with_software: bool,
}

#[derive(Clone, Copy)]
struct Host {
    asset_id: AssetId,
    host_id: Option<u64>,
}

impl<'conn> Naming<'conn> {
    fn new(conn: &'conn Connection, with_software: bool) -> Result<Self> {
        Ok(Naming {
            conn,
            record: conn
                .prepare_cached("SELECT host_id, ip, kind, web_app_id FROM assets WHERE id = ?1")?,
            current: None,
            entries: HashSet::new(),
            n_named: 0,
            with_software,
        })
    }

    fn asset(&mut self, record: AssetId, take: Take<'_>) -> Result<(ControlFlow<()>, Host)> {
        if let Some((known, host)) = self.current
            && known == record
        {
            return Ok((ControlFlow::Continue(()), host));
        }
        if self.n_named >= MOST_NAMED {
            self.n_named = 0;
            self.entries.clear();
            if take(Exported::Forget).is_break() {
                let host = Host {
                    asset_id: record,
                    host_id: None,
                };
                return Ok((ControlFlow::Break(()), host));
            }
        }
        let asset = self.read(record)?;
        let host = Host {
            asset_id: asset.asset_id,
            host_id: asset.host_id,
        };
        self.current = Some((record, host));
        self.n_named += 1;
        Ok((take(Exported::NamedAsset(Box::new(asset))), host))
    }

    /// The asset of a record, with what findings show of the record itself.
    fn read(&mut self, record: AssetId) -> Result<Asset> {
        let Some(mut row) = read_asset::asset(self.conn, record)? else {
            return Err(rusqlite::Error::QueryReturnedNoRows.into());
        };
        let asset_row = &mut row.asset;
        self.record.query_row([record], |of_record| {
            asset_row.host_id = code::maybe_number(of_record, 0)?;
            asset_row.ip = of_record.get(1)?;
            asset_row.kind = code::word(of_record, 2)?;
            asset_row.web_app_id = code::maybe_number(of_record, 3)?;
            Ok(())
        })?;
        let software = if self.with_software {
            read_software::of_asset(self.conn, row.asset.asset_id)?.software
        } else {
            Vec::new()
        };
        Ok(asset(row, software))
    }

    fn entry(&mut self, qid: Qid, take: Take<'_>) -> Result<ControlFlow<()>> {
        if !self.entries.insert(qid) {
            return Ok(ControlFlow::Continue(()));
        }
        self.n_named += 1;
        let known = read_vulnerability::entry(self.conn, qid)?;
        Ok(known.map_or(ControlFlow::Continue(()), |row| {
            take(Exported::NamedEntry(Box::new(entry(row))))
        }))
    }
}

fn found(row: &Row<'_>, host: &Host) -> rusqlite::Result<Found> {
    let finding = Finding {
        finding_key: row.get(2)?,
        host_id: host.host_id.unwrap_or_default(),
        qid: row.get(3)?,
        certainty: code::word(row, 4)?,
        severity: code::word(row, 5)?,
        qualys_severity: row.get(6)?,
        risk: code::word(row, 7)?,
        risk_score: row.get(8)?,
        risk_source: code::maybe_word(row, 9)?,
        status: code::maybe_word(row, 10)?,
        port: row.get(12)?,
        protocol: row.get(13)?,
        fqdn: row.get(14)?,
        ssl: row.get(15)?,
        instance: row.get(16)?,
        results: None,
        first_found: row.get(17)?,
        last_found: row.get(18)?,
        last_test: row.get(19)?,
        last_update: row.get(20)?,
        last_fixed: row.get(21)?,
        times_found: row.get(22)?,
        qds: row.get(23)?,
        is_ignored: row.get(24)?,
        is_disabled: row.get(25)?,
        affects_running_kernel: row.get(26)?,
        affects_running_service: row.get(27)?,
        affects_exploitable_config: row.get(28)?,
        attributes: "{}".to_owned(),
    };
    Ok(Found {
        finding_id: row.get(0)?,
        asset_id: host.asset_id,
        finding,
        is_open: row.get(11)?,
        closed: row.get(29)?,
        closed_reason: code::maybe_word::<ClosedReason>(row, 30)?.map(|it| it.word().to_owned()),
        put_aside_by: code::maybe_word::<Rule>(row, 31)?.map(|it| it.word().to_owned()),
        first_seen: row.get(48)?,
        due: row.get(49)?,
        web: web_finding::row(row, 34)?.map(web_part),
    })
}

/// The counts of its findings are part of an asset.
const ASSET_CHANGED: &str = "a.asset_id IN (
    SELECT r.asset_id FROM assets r WHERE r.changed_at >= ?
    UNION SELECT r.asset_id FROM findings f JOIN assets r ON r.id = f.asset_id
    WHERE f.changed_at >= ?)";
/// A list of software is a whole: what is on it no more shows by what still is.
const SOFTWARE_CHANGED: &str = "(a.changed_at >= ? OR a.id IN (
    SELECT i.asset_id FROM asset_inventories i WHERE i.changed_at >= ?))";
const COLUMNS: &str = "f.id, f.asset_id, f.finding_key, f.qid, f.certainty, f.severity,
    f.qualys_severity, f.risk, f.risk_score, f.risk_source, f.status, f.is_open, f.port, f.protocol,
    f.fqdn, f.ssl, f.instance, f.first_found_at, f.last_found_at, f.last_test_at, f.last_update_at,
    f.last_fixed_at, f.times_found, f.qds, f.is_ignored, f.is_disabled, f.affects_running_kernel,
    f.affects_running_service, f.affects_exploitable_config, f.closed_at, f.closed_reason,
    f.put_aside_by, f.results_hash IS NOT NULL, f.text_id, w.web_finding_id, w.kind, w.name, w.url,
    w.param, w.weakness_group, w.cwe, w.owasp, w.wasc, w.is_protected, w.original_severity,
    w.ignored_reason, w.ignored_comment, w.cvss, f.first_seen_at";
const HAS_RESULTS: usize = 32;
/// Assets and entries that are kept at a time: a few tens of MiB in the component.
const MOST_NAMED: usize = 8_192;
