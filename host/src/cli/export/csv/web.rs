//! Cells that only web applications have.

use super::join;
use crate::store::{AssetDetail, FindingDetail, Weakness, WebAppRow, WebFindingRow};

/// Of a web application; nothing for a host.
pub(super) fn app(row: &AssetDetail, cell: fn(&WebAppRow) -> String) -> String {
    row.asset.web.as_ref().map(cell).unwrap_or_default()
}

/// Of a finding of a web application; nothing for one of a host.
pub(super) fn web(row: &FindingDetail, cell: fn(&WebFindingRow) -> String) -> String {
    row.finding.web.as_ref().map(cell).unwrap_or_default()
}

pub(super) fn weaknesses(list: &[Weakness]) -> String {
    join(list.iter().map(|one| match &one.code {
        Some(code) => format!("{code} {}", one.name),
        None => one.name.clone(),
    }))
}
