//! About how many rows a condition selects. SQLite does not know, and the ways of finding them differ
//! a thousandfold: few are listed and sorted, among many the list is read in its order until the
//! page is full. A wrong answer costs time, never rows.

use rusqlite::{Connection, params_from_iter, types::Value};

use super::{FINDINGS_OF_AN_ASSET, Of, Result};

/// Of the findings that a condition selects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Size {
    /// So many that a page is full soon, whatever the order.
    Many,
    /// Too many to be looked up one by one.
    Some,
    Few,
    /// So few that all else is asked of them alone.
    Handful,
}

/// Whether many records meet a condition on `r`, judged by some that are spread over all.
pub(super) fn are_many_records(
    conn: &Connection,
    of: Of,
    condition: &str,
    values: &[Value],
) -> Result<bool> {
    // To ask one for its software is to look at hundreds of rows.
    let sample = match of {
        Of::Assets(side) if side.is_wide => SAMPLE / 4,
        Of::Asset | Of::Assets(_) | Of::Finding | Of::Findings(_) | Of::Qids(_) => SAMPLE,
    };
    is_met_often(conn, sample, "assets r ON r.id = ids.id", condition, values)
}

/// Of findings that meet a condition on `f`, which is that of the QIDs that a query lists. Few are
/// counted, from the counters.
pub(super) fn of_findings(
    conn: &Connection,
    condition: &str,
    qids: &str,
    values: &[Value],
) -> Result<Size> {
    // One finding of each record, not always the first.
    let some = format!(
        "findings f ON f.id = (SELECT min(o.id) FROM findings o
           WHERE o.id BETWEEN ids.id * {FINDINGS_OF_AN_ASSET} + ids.id % 16
             AND (ids.id + 1) * {FINDINGS_OF_AN_ASSET} - 1)"
    );
    if is_met_often(conn, SAMPLE, &some, condition, values)? {
        return Ok(Size::Many);
    }
    let sql = format!("SELECT total(c.findings) FROM qids c WHERE c.qid IN ({qids})");
    let n: f64 = conn
        .prepare_cached(&sql)?
        .query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(if n > MOST_LOOKED_UP {
        Size::Some
    } else if n > MOST_OF_A_HANDFUL {
        Size::Few
    } else {
        Size::Handful
    })
}

fn is_met_often(
    conn: &Connection,
    sample: u32,
    rows: &str,
    condition: &str,
    values: &[Value],
) -> Result<bool> {
    let sql = format!(
        "WITH RECURSIVE ids(id, step) AS (
           SELECT 1, 1 + (SELECT ifnull(max(id), 0) FROM assets) / {sample}
           UNION ALL SELECT id + step, step FROM ids
             WHERE id + step <= (SELECT max(id) FROM assets)
         )
         SELECT count(*), total({condition}) FROM ids CROSS JOIN {rows}"
    );
    let count = |row: &rusqlite::Row<'_>| Ok((row.get::<_, f64>(0)?, row.get::<_, f64>(1)?));
    let (asked, hits) = conn
        .prepare_cached(&sql)?
        .query_row(params_from_iter(values), count)?;
    Ok(hits * MANY_OF > asked)
}

const SAMPLE: u32 = 100;
/// One of so many is enough to fill a page soon.
const MANY_OF: f64 = 60.0;
/// So many findings are looked up and sorted in some ten milliseconds.
const MOST_LOOKED_UP: f64 = 5_000.0;
const MOST_OF_A_HANDFUL: f64 = 200.0;
