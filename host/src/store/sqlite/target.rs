//! Targets: in how many days a severity has to be fixed, and how it stands to that.

use rusqlite::Connection;

use super::{code, fail::Result};
use crate::{
    guest::types::{Severity, Timestamp},
    store::{TargetRow, word::Word},
    time::DAY,
};

pub(super) fn set(tx: &Connection, severity: Severity, days: Option<u32>) -> Result<()> {
    let place = severity.place();
    match days {
        None => tx.execute("DELETE FROM targets WHERE severity = ?1", [place])?,
        Some(days) => tx.execute(
            "INSERT INTO targets (severity, days) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET days = excluded.days",
            (place, days),
        )?,
    };
    Ok(())
}

pub(super) fn all(conn: &Connection) -> Result<Vec<(Severity, u32)>> {
    let mut statement = conn.prepare_cached("SELECT severity, days FROM targets")?;
    let rows = statement.query_map([], |row| Ok((code::word(row, 0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn rows(
    conn: &Connection,
    now: Timestamp,
    fixed_since: Timestamp,
) -> Result<Vec<TargetRow>> {
    let targets = all(conn)?;
    let open = "SELECT total(n) FROM finding_counts WHERE is_open = 1 AND severity = ?1";
    let breached = "SELECT count(*) FROM findings
         WHERE is_open = 1 AND severity = ?1 AND first_found_at < ?2";
    let mut rows = Vec::with_capacity(Severity::ALL.len());
    for (severity, _) in Severity::ALL.iter().rev() {
        let place = severity.place();
        let target = targets.iter().find(|(of, _)| of == severity);
        let target_days = target.map(|(_, days)| *days);
        let mut took = fix_times(conn, *severity, fixed_since)?;
        took.sort_unstable();
        let open: f64 = conn
            .prepare_cached(open)?
            .query_row([place], |row| row.get(0))?;
        rows.push(TargetRow {
            severity: *severity,
            target_days,
            open: open as u64,
            breached: match target_days {
                Some(days) => conn
                    .prepare_cached(breached)?
                    .query_row((place, now - i64::from(days) * DAY), |row| {
                        code::number(row, 0)
                    })?,
                None => 0,
            },
            fixed: took.len() as u64,
            mean_days_to_fix: mean(&took),
            median_days_to_fix: median(&took),
        });
    }
    Ok(rows)
}

/// How many seconds fixing took, from the index alone.
fn fix_times(conn: &Connection, severity: Severity, since: Timestamp) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached(
        "SELECT max(last_fixed_at - first_found_at, 0) FROM findings
         WHERE status = 2 AND last_fixed_at >= ?1 AND severity = ?2
           AND first_found_at IS NOT NULL",
    )?;
    let rows = statement.query_map((since, severity.place()), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn mean(took: &[i64]) -> Option<f64> {
    let sum: i64 = took.iter().sum();
    (!took.is_empty()).then(|| days(sum as f64 / took.len() as f64))
}

/// Of the sorted times; the mean of the two in the middle where there is none.
fn median(took: &[i64]) -> Option<f64> {
    let (low, high) = (
        took.get(took.len().checked_sub(1)? / 2)?,
        took.get(took.len() / 2)?,
    );
    Some(days((low + high) as f64 / 2.0))
}

/// With one decimal.
fn days(secs: f64) -> f64 {
    (secs / DAY as f64 * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_to_fix_are_told_in_days() {
        assert_eq!((mean(&[]), median(&[])), (None, None));
        assert_eq!(median(&[DAY]), Some(1.0));
        assert_eq!(median(&[DAY, 2 * DAY, 30 * DAY]), Some(2.0));
        assert_eq!(median(&[DAY, 2 * DAY]), Some(1.5));
        assert_eq!(mean(&[DAY, 2 * DAY, 30 * DAY]), Some(11.0));
        assert_eq!(mean(&[0, DAY / 3]), Some(0.2));
    }
}
