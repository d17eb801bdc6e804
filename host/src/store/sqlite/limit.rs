//! What is known of the limits of each API, kept across runs.

use rusqlite::{Connection, types::FromSqlError};
use serde::{Deserialize, Serialize};

use super::fail::Result;
use crate::{
    guest::{
        pace::{Limits, RecentCall},
        types::Timestamp,
    },
    store::ConnectorId,
};

pub(super) fn write(
    tx: &Connection,
    connector: ConnectorId,
    api: &str,
    limits: &Limits,
) -> Result<()> {
    let text = serde_json::to_string(&Kept::from(limits)).expect("numbers are JSON");
    tx.prepare_cached(
        "INSERT INTO limits (connector_id, api, limits) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET limits = excluded.limits",
    )?
    .execute((connector, api, text))?;
    Ok(())
}

pub(super) fn all(conn: &Connection, connector: ConnectorId) -> Result<Vec<(String, Limits)>> {
    let mut statement =
        conn.prepare_cached("SELECT api, limits FROM limits WHERE connector_id = ?1 ORDER BY api")?;
    let rows = statement.query_map([connector], |row| {
        let kept: Kept =
            serde_json::from_str(row.get_ref(1)?.as_str()?).map_err(FromSqlError::other)?;
        Ok((row.get(0)?, kept.into()))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The record of the contract, as JSON.
#[derive(Deserialize, Serialize)]
struct Kept {
    calls_left: Option<u32>,
    calls_allowed: Option<u32>,
    window_secs: Option<u32>,
    concurrent: Option<u32>,
    not_before: Option<Timestamp>,
    held_until: Vec<Timestamp>,
    #[serde(default)]
    recent: Vec<KeptCall>,
}

/// Begun, ended, calls left, calls. Many of them are kept, and names would be most of the text.
#[derive(Deserialize, Serialize)]
struct KeptCall(Timestamp, Timestamp, Option<u32>, u32);

impl From<&Limits> for Kept {
    fn from(limits: &Limits) -> Self {
        let Limits {
            calls_left,
            calls_allowed,
            window_secs,
            concurrent,
            not_before,
            held_until,
            recent,
        } = limits.clone();
        let keep = |call: RecentCall| KeptCall(call.begun, call.ended, call.calls_left, call.calls);
        Kept {
            calls_left,
            calls_allowed,
            window_secs,
            concurrent,
            not_before,
            held_until,
            recent: recent.into_iter().map(keep).collect(),
        }
    }
}

impl From<Kept> for Limits {
    fn from(kept: Kept) -> Self {
        let Kept {
            calls_left,
            calls_allowed,
            window_secs,
            concurrent,
            not_before,
            held_until,
            recent,
        } = kept;
        let call = |KeptCall(begun, ended, calls_left, calls)| RecentCall {
            begun,
            ended,
            calls_left,
            calls,
        };
        Limits {
            calls_left,
            calls_allowed,
            window_secs,
            concurrent,
            not_before,
            held_until,
            recent: recent.into_iter().map(call).collect(),
        }
    }
}
