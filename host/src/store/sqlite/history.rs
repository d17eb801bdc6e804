//! Writes what becomes of findings: a row for each change of standing, and the counts of its day.

use rusqlite::{CachedStatement, Connection};

use super::{
    counter::{Counters, Standing},
    fail::Result,
};
use crate::{
    guest::types::{Status, Timestamp},
    store::{Change, FindingId, word::Word},
};

/// The statement of one transaction.
pub(super) struct History<'tx>(CachedStatement<'tx>);

impl<'tx> History<'tx> {
    pub(super) fn new(tx: &'tx Connection) -> Result<Self> {
        Ok(History(tx.prepare_cached(
            "INSERT INTO finding_history (finding_id, at, change, from_status, to_status,
               closed_reason, from_severity, to_severity, was_open, is_open)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?))
    }

    /// A finding moved from one standing to another, or is closed for another reason.
    pub(super) fn tell(
        &mut self,
        counters: &mut Counters,
        finding: FindingId,
        at: Timestamp,
        (before, after): (Standing, Standing),
        closed_reason: Option<u8>,
    ) -> Result<Change> {
        let change = change(before, after);
        self.0.execute((
            finding,
            at,
            change.place(),
            before.status,
            after.status,
            closed_reason,
            before.severity,
            after.severity,
            before.is_open,
            after.is_open,
        ))?;
        counters.changed(at, change, (before, after));
        Ok(change)
    }
}

fn change(before: Standing, after: Standing) -> Change {
    let becomes = |status: Status| {
        let status = Some(status.place());
        after.status == status && before.status != status
    };
    let (was_open, is_open) = (before.is_open, after.is_open);
    if becomes(Status::Fixed) {
        Change::Fixed
    } else if becomes(Status::Reopened) || (is_open && !was_open) {
        Change::Reopened
    } else if was_open && !is_open {
        Change::Closed
    } else {
        Change::Changed
    }
}
