//! What each day changed, kept by delta as the other counters are.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{counter::Standing, fail::Result};
use crate::{guest::types::Timestamp, store::Change, time::DAY};

/// What one transaction adds to its days, by day and severity.
#[derive(Debug, Default)]
pub(super) struct Days(BTreeMap<(i64, u8), Delta>);

#[derive(Clone, Copy, Debug, Default)]
struct Delta {
    open: i64,
    new: i64,
    fixed: i64,
    closed: i64,
    reopened: i64,
}

impl Days {
    pub(super) fn came(&mut self, at: Timestamp, standing: Standing) {
        let delta = self.at(at, standing.severity);
        delta.new += 1;
        delta.open += i64::from(standing.is_open);
    }

    /// What happened counts for the severity that the finding has since.
    pub(super) fn changed(
        &mut self,
        at: Timestamp,
        change: Change,
        (before, after): (Standing, Standing),
    ) {
        self.at(at, before.severity).open -= i64::from(before.is_open);
        let delta = self.at(at, after.severity);
        delta.open += i64::from(after.is_open);
        match change {
            Change::Fixed => delta.fixed += 1,
            Change::Closed => delta.closed += 1,
            Change::Reopened => delta.reopened += 1,
            Change::New | Change::Changed => {}
        }
    }

    fn at(&mut self, at: Timestamp, severity: u8) -> &mut Delta {
        self.0.entry((at.div_euclid(DAY), severity)).or_default()
    }

    pub(super) fn flush(self, tx: &Connection) -> Result<()> {
        let mut add = tx.prepare_cached(
            "INSERT INTO finding_days (day, severity, open_delta, new, fixed, closed, reopened)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET open_delta = open_delta + excluded.open_delta,
               new = new + excluded.new, fixed = fixed + excluded.fixed,
               closed = closed + excluded.closed, reopened = reopened + excluded.reopened",
        )?;
        for ((day, severity), delta) in self.0 {
            let Delta {
                open,
                new,
                fixed,
                closed,
                reopened,
            } = delta;
            if [open, new, fixed, closed, reopened] != [0; 5] {
                add.execute((day, severity, open, new, fixed, closed, reopened))?;
            }
        }
        Ok(())
    }
}

/// What differs from a recount: days from the findings and their history, the history from the
/// findings, and the sum of all days from what is open now.
pub(super) const DIFFERENCES: [&str; 3] = [
    "WITH came AS (
       SELECT f.first_seen_at / 86400 AS day,
         ifnull((SELECT h.from_severity FROM finding_history h WHERE h.finding_id = f.id
           ORDER BY h.id LIMIT 1), f.severity) AS severity,
         ifnull((SELECT h.was_open FROM finding_history h WHERE h.finding_id = f.id
           ORDER BY h.id LIMIT 1), f.is_open) AS is_open
       FROM findings f
     ), told (day, severity, open, new, fixed, closed, reopened) AS (
       SELECT day, severity, is_open, 1, 0, 0, 0 FROM came
       UNION ALL
       SELECT at / 86400, to_severity, is_open, 0, change = 1, change = 2, change = 3
       FROM finding_history
       UNION ALL
       SELECT at / 86400, from_severity, -was_open, 0, 0, 0, 0 FROM finding_history
       UNION ALL
       SELECT day, severity, -open_delta, -new, -fixed, -closed, -reopened FROM finding_days
     )
     SELECT 'day ' || day || ', severity ' || severity || ': counted less kept is '
       || sum(open) || ' ' || sum(new) || ' ' || sum(fixed) || ' ' || sum(closed) || ' '
       || sum(reopened)
     FROM told GROUP BY day, severity
     HAVING sum(open) <> 0 OR sum(new) <> 0 OR sum(fixed) <> 0 OR sum(closed) <> 0
       OR sum(reopened) <> 0",
    "SELECT 'history of finding ' || f.id || ': ends elsewhere'
     FROM findings f JOIN finding_history h ON h.id = (
       SELECT max(o.id) FROM finding_history o WHERE o.finding_id = f.id)
     WHERE h.to_severity <> f.severity OR h.is_open <> f.is_open
       OR h.to_status IS NOT f.status OR h.closed_reason IS NOT f.closed_reason",
    "SELECT 'open of severity ' || severity || ': ' || sum(kept) || ' kept, ' || sum(counted)
       || ' by days'
     FROM (
       SELECT severity, n AS kept, 0 AS counted FROM finding_counts WHERE is_open = 1
       UNION ALL
       SELECT severity, 0, open_delta FROM finding_days
     ) GROUP BY severity HAVING sum(kept) <> sum(counted)",
];
