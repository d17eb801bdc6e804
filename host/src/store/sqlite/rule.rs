//! Judges again what is stored of a connector, when its rules have changed. What the rules say is
//! the component's; here it is only looked up.

use rusqlite::{Connection, OptionalExtension};

use super::{
    FINDINGS_OF_AN_ASSET,
    closure::COUNT_IN_ASSET,
    code,
    counter::{Counters, Standing},
    fail::Result,
    history::History,
};
use crate::{
    guest::{
        rules::{Properties, Rule},
        types::{Qid, Status, Timestamp},
    },
    store::{Applied, AssetId, ConnectorId, FindingId, Verdicts, word::Word},
};

/// What the rules of the connector say.
pub(super) fn verdicts(tx: &Connection, connector: ConnectorId) -> Result<Verdicts> {
    let text: Option<Option<String>> = tx
        .prepare_cached("SELECT verdicts FROM connectors WHERE id = ?1")?
        .query_row([connector], |row| row.get(0))
        .optional()?;
    Ok(text
        .flatten()
        .and_then(|text| Verdicts::from_text(&text))
        .unwrap_or_default())
}

pub(super) fn apply(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    new: &Verdicts,
    now: Timestamp,
) -> Result<Applied> {
    let mut applied = Applied::default();
    if *new == verdicts(tx, connector)? {
        return Ok(applied);
    }
    tx.execute(
        "UPDATE connectors SET verdicts = ?2 WHERE id = ?1",
        (connector, new.text()),
    )?;
    let mut set = tx.prepare_cached(
        "UPDATE findings SET put_aside_by = ?2, changed_at = ?3 WHERE id = ?1
         RETURNING is_open",
    )?;
    let mut count = tx.prepare_cached(COUNT_IN_ASSET)?;
    let mut history = History::new(tx)?;
    for asset in assets(tx, connector)? {
        let mut open_by_severity = [0_i64; 5];
        for row in judged_otherwise(tx, asset, new)? {
            let is_open =
                set.query_row((row.id, row.after.map(Word::place), now), |row| row.get(0))?;
            let before = row.standing;
            let after = Standing { is_open, ..before };
            open_by_severity[usize::from(before.severity)] +=
                i64::from(is_open) - i64::from(before.is_open);
            counters.see_qid(tx, row.qid)?;
            counters.moved(row.qid, Some(before), Some(after));
            if before != after {
                history.tell(counters, row.id, now, (before, after), row.closed_reason)?;
            }
            applied.put_aside += u64::from(row.before.is_none());
            applied.taken_back += u64::from(row.after.is_none());
        }
        if open_by_severity != [0; 5] {
            let [info, low, medium, high, critical] = open_by_severity;
            count.execute((asset, info, low, medium, high, critical))?;
        }
    }
    Ok(applied)
}

struct Row {
    id: FindingId,
    qid: Qid,
    standing: Standing,
    before: Option<Rule>,
    after: Option<Rule>,
    closed_reason: Option<u8>,
}

/// The findings of one asset on which the rules say something else than before.
fn judged_otherwise(tx: &Connection, asset: AssetId, verdicts: &Verdicts) -> Result<Vec<Row>> {
    let mut statement = tx.prepare_cached(
        "SELECT id, qid, severity, status, is_open, put_aside_by, affects_running_kernel,
           affects_running_service, affects_exploitable_config, closed_reason
         FROM findings WHERE id BETWEEN ?1 AND ?2",
    )?;
    let first = asset * FINDINGS_OF_AN_ASSET;
    let fixed = Some(Status::Fixed.place());
    let rows = statement.query_map((first, first + FINDINGS_OF_AN_ASSET - 1), |row| {
        let status: Option<u8> = row.get(3)?;
        let properties = Properties {
            is_fixed: status == fixed,
            affects_running_kernel: row.get(6)?,
            affects_running_service: row.get(7)?,
            affects_exploitable_config: row.get(8)?,
        };
        Ok(Row {
            id: row.get(0)?,
            qid: row.get(1)?,
            standing: Standing {
                severity: row.get(2)?,
                status,
                is_open: row.get(4)?,
            },
            before: code::maybe_word(row, 5)?,
            after: verdicts.on(&properties),
            closed_reason: row.get(9)?,
        })
    })?;
    let mut judged: Vec<Row> = rows.collect::<rusqlite::Result<_>>()?;
    judged.retain(|row| row.before != row.after);
    Ok(judged)
}

fn assets(tx: &Connection, connector: ConnectorId) -> Result<Vec<AssetId>> {
    let mut statement =
        tx.prepare_cached("SELECT id FROM assets WHERE connector_id = ?1 AND kind = 0")?;
    let ids = statement.query_map([connector], |row| row.get(0))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}
