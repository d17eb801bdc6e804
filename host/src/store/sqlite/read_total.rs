//! The whole inventory in numbers, from the counters.

use rusqlite::Connection;

use super::{code, counter::Named, fail::Result};
use crate::{
    guest::types::{Severity, Status},
    store::{Totals, word::Word},
};

pub(super) fn totals(conn: &Connection) -> Result<Totals> {
    let mut totals = Totals::default();
    let mut findings =
        conn.prepare_cached("SELECT severity, status, is_open, n FROM finding_counts")?;
    let mut rows = findings.query([])?;
    while let Some(row) = rows.next()? {
        let severity: Severity = code::word(row, 0)?;
        let status = u8::try_from(row.get::<_, i8>(1)?)
            .ok()
            .and_then(Status::at_place);
        let n = code::number(row, 3)?;
        totals.findings += n;
        *match status {
            Some(Status::New) => &mut totals.new,
            Some(Status::Active) => &mut totals.active,
            Some(Status::Fixed) => &mut totals.fixed,
            Some(Status::Reopened) => &mut totals.reopened,
            None => &mut totals.without_status,
        } += n;
        if row.get(2)? {
            totals.open_findings += n;
            *totals.open_by_severity.of(severity) += n;
        }
    }
    let mut named = conn.prepare_cached("SELECT n FROM counts WHERE name = ?1")?;
    for name in Named::ALL {
        let n = named.query_row([name.name()], |row| code::number(row, 0))?;
        *match name {
            Named::Assets => &mut totals.assets,
            Named::Vulnerabilities => &mut totals.vulnerabilities,
            Named::UnknownQids => &mut totals.unknown_qids,
            Named::AssetGroups => &mut totals.asset_groups,
            Named::Tags => &mut totals.tags,
            Named::WebApplications => &mut totals.web_applications,
        } = n;
    }
    Ok(totals)
}
