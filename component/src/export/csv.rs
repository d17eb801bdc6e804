//! RFC 4180: a header line that names the columns as the JSON names its keys, and a cell for each.
//!
//! Columns keep their order; new ones are added at the end, since people read sheets by place.

use super::{
    Form,
    ndjson::{ASSET, FINDING, SOFTWARE, VULNERABILITY},
    row::{AssetRow, EntryRow, FindingRow, SoftwareRow},
    value::{Field, Value, cell, field, time, value},
};
use crate::contract::export::{Subject, WebAppPart, WebFindingPart};
use crate::contract::types::{Cloud, Cvss, Weakness};
use crate::xml;

pub(super) struct Csv {
    subject: Subject,
    safe_cells: bool,
    asset: Vec<&'static Field<AssetRow>>,
    entry: Vec<&'static Field<EntryRow>>,
    finding: Vec<&'static Field<FindingRow>>,
    software: Vec<&'static Field<SoftwareRow>>,
    cell: String,
}

impl Csv {
    pub(super) fn new(subject: Subject, safe_cells: bool) -> Self {
        Self {
            subject,
            safe_cells,
            asset: assets(),
            entry: vulnerabilities(),
            finding: findings(),
            software: software(),
            cell: String::new(),
        }
    }

    fn line<R>(&mut self, columns: &[&Field<R>], row: &R, out: &mut Vec<u8>) -> bool {
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            self.cell.clear();
            cell(&value(column, row), &mut self.cell);
            push_cell(&self.cell, self.safe_cells, out);
        }
        out.extend_from_slice(b"\r\n");
        true
    }
}

/// The columns of an export of assets.
pub(super) fn assets() -> Vec<&'static Field<AssetRow>> {
    columns(ASSET_COLUMNS, ASSET_CELLS, ASSET)
}

/// The columns of an export of findings.
pub(super) fn findings() -> Vec<&'static Field<FindingRow>> {
    columns(FINDING_COLUMNS, FINDING_CELLS, FINDING)
}

/// The columns of an export of the knowledge base.
pub(super) fn vulnerabilities() -> Vec<&'static Field<EntryRow>> {
    columns(VULNERABILITY_COLUMNS, VULNERABILITY_CELLS, VULNERABILITY)
}

/// The columns of an export of software.
pub(super) fn software() -> Vec<&'static Field<SoftwareRow>> {
    columns(SOFTWARE_COLUMNS, &[], SOFTWARE)
}

impl Form for Csv {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let header = match self.subject {
            Subject::Assets => ASSET_COLUMNS,
            Subject::Findings => FINDING_COLUMNS,
            Subject::Vulnerabilities => VULNERABILITY_COLUMNS,
            Subject::Software => SOFTWARE_COLUMNS,
        };
        let names: Vec<_> = header.split_whitespace().collect();
        out.extend_from_slice(names.join(",").as_bytes());
        out.extend_from_slice(b"\r\n");
    }

    fn asset(&mut self, row: &AssetRow, out: &mut Vec<u8>) -> bool {
        let columns = std::mem::take(&mut self.asset);
        let is_taken = self.line(&columns, row, out);
        self.asset = columns;
        is_taken
    }

    fn entry(&mut self, row: &EntryRow, out: &mut Vec<u8>) -> bool {
        let columns = std::mem::take(&mut self.entry);
        let is_taken = self.line(&columns, row, out);
        self.entry = columns;
        is_taken
    }

    fn finding(&mut self, row: &FindingRow, out: &mut Vec<u8>) -> bool {
        let columns = std::mem::take(&mut self.finding);
        let is_taken = self.line(&columns, row, out);
        self.finding = columns;
        is_taken
    }

    fn software(&mut self, row: &SoftwareRow, out: &mut Vec<u8>) -> bool {
        let columns = std::mem::take(&mut self.software);
        let is_taken = self.line(&columns, row, out);
        self.software = columns;
        is_taken
    }
}

/// Cells that are other than in JSON come first, and stand for those of the same name.
fn columns<R: 'static>(
    names: &str,
    cells: &'static [Field<R>],
    json: &'static [Field<R>],
) -> Vec<&'static Field<R>> {
    let named = |name| {
        let mut all = cells.iter().chain(json);
        all.find(|field| field.path == name)
            .expect("every column has its cells")
    };
    names.split_whitespace().map(named).collect()
}

fn push_cell(cell: &str, is_safe: bool, out: &mut Vec<u8>) {
    let escape = if is_safe && is_formula(cell) { "'" } else { "" };
    if xml::is_bare_cell(cell.as_bytes()) {
        out.extend_from_slice(escape.as_bytes());
        out.extend_from_slice(cell.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(escape.as_bytes());
    let mut rest = cell.as_bytes();
    while let Some(quote) = xml::find(b'"', rest) {
        out.extend_from_slice(&rest[..=quote]);
        out.push(b'"');
        rest = &rest[quote + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// What spreadsheets run, or pass over on the way to what they run.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

const ASSET_COLUMNS: &str = "asset_id host_id qualys_asset_id name ip ipv6 dns netbios os
    tracking_method network_id qg_hostid cloud_provider cloud_service cloud_instance tags
    asset_group_ids trurisk criticality first_found last_vm_scan last_check_in last_seen gone
    open_findings open_critical open_high open_medium open_low open_info is_partial attributes kind
    web_app_id url owner scope risk_score last_scan_status created updated sources site";
const FINDING_COLUMNS: &str = "finding_id finding_key asset_id asset_name host_id ip qid title
    certainty severity qualys_severity risk risk_score risk_source qds status is_open cves cvss
    category is_patchable port protocol fqdn ssl instance first_found last_found last_test
    last_update last_fixed times_found is_ignored is_disabled affects_running_kernel
    affects_running_service affects_exploitable_config closed closed_reason put_aside_by results
    solution attributes asset_kind web_app_id web_finding_id web_kind url param group cwe owasp wasc
    is_protected original_severity ignored_reason ignored_comment first_seen due";
const VULNERABILITY_COLUMNS: &str =
    "qid title vuln_type severity qualys_severity category cves cvss
    risk_score risk_source is_patchable is_disabled published modified patch_published findings
    open_findings threats vendor_references software exploits malware compliance diagnosis
    consequence solution attributes";
const SOFTWARE_COLUMNS: &str = "host_id asset_name name version required_version publisher category
    is_package end_of_life installed source";

const ASSET_CELLS: &[Field<AssetRow>] = &[
    field("cloud_provider", "cloud.provider", |row| {
        cloud(row, |it| (&it.provider).into())
    }),
    field("cloud_service", "cloud.service", |row| {
        cloud(row, |it| (&it.service).into())
    }),
    field("cloud_instance", "cloud.instance", |row| {
        cloud(row, |it| (&it.instance).into())
    }),
    field("tags", "names of tags", |row| {
        join(row.asset.tags.iter().map(|tag| tag.name.clone()))
    }),
    field("asset_group_ids", "asset_group_ids", |row| {
        join(row.asset.asset_group_ids.iter().map(u64::to_string))
    }),
    field("open_critical", "open_by_severity", |row| {
        row.asset.open_by_severity.critical.into()
    }),
    field("open_high", "open_by_severity", |row| {
        row.asset.open_by_severity.high.into()
    }),
    field("open_medium", "open_by_severity", |row| {
        row.asset.open_by_severity.medium.into()
    }),
    field("open_low", "open_by_severity", |row| {
        row.asset.open_by_severity.low.into()
    }),
    field("open_info", "open_by_severity", |row| {
        row.asset.open_by_severity.info.into()
    }),
    field("url", "web.url", |row| app(row, |it| (&it.url).into())),
    field("owner", "web.owner", |row| {
        app(row, |it| (&it.owner).into())
    }),
    field("scope", "web.scope", |row| {
        app(row, |it| (&it.scope).into())
    }),
    field("risk_score", "web.risk_score", |row| {
        app(row, |it| it.risk_score.into())
    }),
    field("last_scan_status", "web.last_scan_status", |row| {
        app(row, |it| (&it.last_scan_status).into())
    }),
    field("created", "web.created", |row| {
        app(row, |it| time(it.created))
    }),
    field("updated", "web.updated", |row| {
        app(row, |it| time(it.updated))
    }),
];

const FINDING_CELLS: &[Field<FindingRow>] = &[
    field("cves", "cves", |row| {
        row.vulnerability()
            .map(|it| Value::Texts(&it.cves))
            .unwrap_or(Value::Absent)
    }),
    field("cvss", "version and base of cvss", |row| {
        row.vulnerability()
            .map(|it| cvss(&it.cvss))
            .unwrap_or(Value::Absent)
    }),
    field("web_finding_id", "web.web_finding_id", |row| {
        web(row, |it| it.web_finding_id.into())
    }),
    field("web_kind", "web.kind", |row| {
        web(row, |it| {
            super::word::of(super::word::WEB_KINDS, it.kind).into()
        })
    }),
    field("url", "web.url", |row| web(row, |it| (&it.url).into())),
    field("param", "web.param", |row| {
        web(row, |it| (&it.param).into())
    }),
    field("group", "web.group", |row| {
        web(row, |it| (&it.group).into())
    }),
    field("cwe", "web.cwe", |row| {
        web(row, |it| join(it.cwe.iter().map(u32::to_string)))
    }),
    field("owasp", "web.owasp", |row| {
        web(row, |it| weaknesses(&it.owasp))
    }),
    field("wasc", "web.wasc", |row| {
        web(row, |it| weaknesses(&it.wasc))
    }),
    field("is_protected", "web.is_protected", |row| {
        web(row, |it| it.is_protected.into())
    }),
    field("original_severity", "web.original_severity", |row| {
        web(row, |it| it.original_severity.into())
    }),
    field("ignored_reason", "web.ignored_reason", |row| {
        web(row, |it| (&it.ignored_reason).into())
    }),
    field("ignored_comment", "web.ignored_comment", |row| {
        web(row, |it| (&it.ignored_comment).into())
    }),
];

const VULNERABILITY_CELLS: &[Field<EntryRow>] = &[
    field("cvss", "version and base of cvss", |row| {
        cvss(&row.entry.vulnerability.cvss)
    }),
    field("exploits", "reference, else source, of exploits", |row| {
        let all = row.entry.vulnerability.exploits.iter();
        join(all.filter_map(|it| it.reference.clone().or_else(|| it.source.clone())))
    }),
    field("malware", "names of malware", |row| {
        join(
            row.entry
                .vulnerability
                .malware
                .iter()
                .filter_map(|it| it.name.clone()),
        )
    }),
    field("compliance", "kinds of compliance", |row| {
        join(
            row.entry
                .vulnerability
                .compliance
                .iter()
                .map(|it| it.kind.clone()),
        )
    }),
];

fn cloud<'a>(row: &'a AssetRow, cell: fn(&'a Cloud) -> Value<'a>) -> Value<'a> {
    row.asset.cloud.as_ref().map_or(Value::Absent, cell)
}

/// Of a web application; nothing for a host.
fn app<'a>(row: &'a AssetRow, cell: fn(&'a WebAppPart) -> Value<'a>) -> Value<'a> {
    row.asset.web.as_ref().map_or(Value::Absent, cell)
}

/// Of a finding of a web application; nothing for one of a host.
fn web<'a>(row: &'a FindingRow, cell: fn(&'a WebFindingPart) -> Value<'a>) -> Value<'a> {
    row.web().map_or(Value::Absent, cell)
}

fn weaknesses(list: &[Weakness]) -> Value<'static> {
    join(list.iter().map(|one| match &one.code {
        Some(code) => format!("{code} {}", one.name),
        None => one.name.clone(),
    }))
}

fn cvss(scores: &[Cvss]) -> Value<'static> {
    join(
        scores
            .iter()
            .map(|score| format!("{}: {:.1}", score.version, score.base)),
    )
}

fn join(texts: impl Iterator<Item = String>) -> Value<'static> {
    Value::Made(texts.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::push_cell;

    fn line(cells: &[&str], is_safe: bool) -> String {
        let mut out = Vec::new();
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            push_cell(cell, is_safe, &mut out);
        }
        String::from_utf8(out).expect("is text")
    }

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_made_text() {
        let cells = [
            "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "a=b", "", "12", "=1,\"2\"",
        ];
        assert_eq!(
            line(&cells, true),
            "'=1+1,'+1,'-1,'@SUM(A1),'\tx,a=b,,12,\"'=1,\"\"2\"\"\""
        );
        assert_eq!(line(&["=1+1", "-1"], false), "=1+1,-1");
    }

    #[test]
    fn quotes_and_line_ends_stay_in_their_cell() {
        assert_eq!(
            line(&["a,b", "c \"d\"", "e\nf"], true),
            "\"a,b\",\"c \"\"d\"\"\",\"e\nf\""
        );
    }
}
