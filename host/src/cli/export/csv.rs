//! Rows as CSV. The header names the columns as the JSON names its keys.

mod web;

use self::web::{app, weaknesses, web};
use super::{Row, What, software::SOFTWARE};
use crate::{
    cli::{failure::Result, time::Rfc3339},
    guest::types::Timestamp,
    store::{AssetDetail, Cvss, Exploit, FindingDetail, VulnerabilityDetail, Word},
};

/// Turns cells into a line, as RFC 4180 wants it.
#[derive(Debug)]
pub(super) struct Sheet {
    safe_cells: bool,
    line: Vec<u8>,
}

impl Sheet {
    pub(super) fn new(safe_cells: bool) -> Self {
        Self {
            safe_cells,
            line: Vec::new(),
        }
    }

    pub(super) fn line(&mut self, cells: &[impl AsRef<str>]) -> Result<&[u8]> {
        self.line.clear();
        let mut writer = ::csv::WriterBuilder::new()
            .buffer_capacity(1_024)
            .terminator(::csv::Terminator::CRLF)
            .from_writer(&mut self.line);
        for cell in cells {
            let cell = cell.as_ref();
            let written = if self.safe_cells && is_formula(cell) {
                writer.write_field(format!("'{cell}"))
            } else {
                writer.write_field(cell)
            };
            written.map_err(std::io::Error::from)?;
        }
        writer
            .write_record(None::<&[u8]>)
            .map_err(std::io::Error::from)?;
        writer.flush()?;
        drop(writer);
        Ok(&self.line)
    }
}

/// What spreadsheets run, or pass over on the way to what they run.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

pub(super) fn header(what: What) -> Vec<&'static str> {
    match what {
        What::Assets => ASSET.iter().map(|(name, _)| *name).collect(),
        What::Findings => FINDING.iter().map(|(name, _)| *name).collect(),
        What::Vulnerabilities => VULNERABILITY.iter().map(|(name, _)| *name).collect(),
        What::Software => SOFTWARE.iter().map(|(name, _)| *name).collect(),
    }
}

pub(super) fn cells(row: &Row) -> Vec<String> {
    match row {
        Row::Asset(row) => ASSET.iter().map(|(_, cell)| cell(row)).collect(),
        Row::Finding(row) => FINDING.iter().map(|(_, cell)| cell(row)).collect(),
        Row::Vulnerability(row) => VULNERABILITY.iter().map(|(_, cell)| cell(row)).collect(),
        Row::Software(row) => SOFTWARE.iter().map(|(_, cell)| cell(row)).collect(),
    }
}

pub(super) type Column<T> = (&'static str, fn(&T) -> String);

const ASSET: &[Column<AssetDetail>] = &[
    ("asset_id", |row| row.asset.asset_id.to_string()),
    ("host_id", |row| maybe(row.asset.host_id)),
    ("qualys_asset_id", |row| maybe(row.asset.qualys_asset_id)),
    ("name", |row| row.asset.name.clone()),
    ("ip", |row| maybe(row.asset.ip.as_ref())),
    ("ipv6", |row| maybe(row.asset.ipv6.as_ref())),
    ("dns", |row| maybe(row.asset.dns.as_ref())),
    ("netbios", |row| maybe(row.asset.netbios.as_ref())),
    ("os", |row| maybe(row.asset.os.as_ref())),
    ("tracking_method", |row| {
        maybe(row.asset.tracking_method.as_ref())
    }),
    ("network_id", |row| maybe(row.asset.network_id)),
    ("qg_hostid", |row| maybe(row.asset.qg_hostid.as_ref())),
    ("cloud_provider", |row| {
        maybe(row.asset.cloud.as_ref().map(|cloud| &cloud.provider))
    }),
    ("cloud_service", |row| {
        maybe(
            row.asset
                .cloud
                .as_ref()
                .and_then(|cloud| cloud.service.as_ref()),
        )
    }),
    ("cloud_instance", |row| {
        maybe(
            row.asset
                .cloud
                .as_ref()
                .and_then(|cloud| cloud.instance.as_ref()),
        )
    }),
    ("tags", |row| {
        join(row.asset.tags.iter().map(|tag| tag.name.clone()))
    }),
    ("asset_group_ids", |row| {
        join(row.asset.asset_group_ids.iter().map(u64::to_string))
    }),
    ("trurisk", |row| maybe(row.asset.trurisk)),
    ("criticality", |row| maybe(row.asset.criticality)),
    ("first_found", |row| time(row.asset.first_found)),
    ("last_vm_scan", |row| time(row.asset.last_vm_scan)),
    ("last_check_in", |row| time(row.asset.last_check_in)),
    ("last_seen", |row| time(row.asset.last_seen)),
    ("gone", |row| time(row.asset.gone)),
    ("open_findings", |row| row.asset.open_findings.to_string()),
    ("open_critical", |row| {
        row.asset.open_by_severity.critical.to_string()
    }),
    ("open_high", |row| {
        row.asset.open_by_severity.high.to_string()
    }),
    ("open_medium", |row| {
        row.asset.open_by_severity.medium.to_string()
    }),
    ("open_low", |row| row.asset.open_by_severity.low.to_string()),
    ("open_info", |row| {
        row.asset.open_by_severity.info.to_string()
    }),
    ("is_partial", |row| row.is_partial.to_string()),
    ("attributes", |row| row.attributes.json().to_owned()),
    ("kind", |row| row.asset.kind.word().to_owned()),
    ("web_app_id", |row| maybe(row.asset.web_app_id)),
    ("url", |row| app(row, |web| maybe(web.url.as_ref()))),
    ("owner", |row| app(row, |web| maybe(web.owner.as_ref()))),
    ("scope", |row| app(row, |web| maybe(web.scope.as_ref()))),
    ("risk_score", |row| app(row, |web| maybe(web.risk_score))),
    ("last_scan_status", |row| {
        app(row, |web| maybe(web.last_scan_status.as_ref()))
    }),
    ("created", |row| app(row, |web| time(web.created))),
    ("updated", |row| app(row, |web| time(web.updated))),
    ("sources", |row| join(row.asset.sources.iter().cloned())),
    ("site", |row| maybe(row.asset.site.as_ref())),
];

const FINDING: &[Column<FindingDetail>] = &[
    ("finding_id", |row| row.finding.finding_id.to_string()),
    ("finding_key", |row| row.finding.finding_key.clone()),
    ("asset_id", |row| row.finding.asset_id.to_string()),
    ("asset_name", |row| row.finding.asset_name.clone()),
    ("host_id", |row| maybe(row.finding.host_id)),
    ("ip", |row| maybe(row.finding.ip.as_ref())),
    ("qid", |row| row.finding.qid.to_string()),
    ("title", |row| maybe(row.finding.title.as_ref())),
    ("certainty", |row| row.finding.certainty.word().to_owned()),
    ("severity", |row| row.finding.severity.word().to_owned()),
    ("qualys_severity", |row| {
        row.finding.qualys_severity.to_string()
    }),
    ("risk", |row| row.finding.risk.word().to_owned()),
    ("risk_score", |row| maybe(row.finding.risk_score)),
    ("risk_source", |row| {
        maybe(row.finding.risk_source.map(Word::word))
    }),
    ("qds", |row| maybe(row.finding.qds)),
    ("status", |row| maybe(row.finding.status.map(Word::word))),
    ("is_open", |row| row.finding.is_open.to_string()),
    ("cves", |row| join(row.finding.cves.iter().cloned())),
    ("cvss", |row| cvss(&row.finding.cvss)),
    ("category", |row| maybe(row.finding.category.as_ref())),
    ("is_patchable", |row| maybe(row.finding.is_patchable)),
    ("port", |row| maybe(row.finding.port)),
    ("protocol", |row| maybe(row.finding.protocol.as_ref())),
    ("fqdn", |row| maybe(row.finding.fqdn.as_ref())),
    ("ssl", |row| row.finding.ssl.to_string()),
    ("instance", |row| maybe(row.finding.instance.as_ref())),
    ("first_found", |row| time(row.finding.first_found)),
    ("last_found", |row| time(row.finding.last_found)),
    ("last_test", |row| time(row.finding.last_test)),
    ("last_update", |row| time(row.finding.last_update)),
    ("last_fixed", |row| time(row.finding.last_fixed)),
    ("times_found", |row| maybe(row.finding.times_found)),
    ("is_ignored", |row| row.finding.is_ignored.to_string()),
    ("is_disabled", |row| row.finding.is_disabled.to_string()),
    ("affects_running_kernel", |row| {
        maybe(row.finding.affects_running_kernel)
    }),
    ("affects_running_service", |row| {
        maybe(row.finding.affects_running_service)
    }),
    ("affects_exploitable_config", |row| {
        maybe(row.finding.affects_exploitable_config)
    }),
    ("closed", |row| time(row.finding.closed)),
    ("closed_reason", |row| {
        maybe(row.finding.closed_reason.map(Word::word))
    }),
    ("put_aside_by", |row| {
        maybe(row.finding.put_aside_by.map(Word::word))
    }),
    ("results", |row| maybe(row.results.as_ref())),
    ("solution", |row| maybe(row.solution.as_ref())),
    ("attributes", |row| row.attributes.json().to_owned()),
    ("asset_kind", |row| row.finding.asset_kind.word().to_owned()),
    ("web_app_id", |row| maybe(row.finding.web_app_id)),
    ("web_finding_id", |row| {
        web(row, |web| web.web_finding_id.to_string())
    }),
    ("web_kind", |row| web(row, |web| web.kind.word().to_owned())),
    ("url", |row| web(row, |web| maybe(web.url.as_ref()))),
    ("param", |row| web(row, |web| maybe(web.param.as_ref()))),
    ("group", |row| web(row, |web| maybe(web.group.as_ref()))),
    ("cwe", |row| {
        web(row, |web| join(web.cwe.iter().map(u32::to_string)))
    }),
    ("owasp", |row| web(row, |web| weaknesses(&web.owasp))),
    ("wasc", |row| web(row, |web| weaknesses(&web.wasc))),
    ("is_protected", |row| {
        web(row, |web| web.is_protected.to_string())
    }),
    ("original_severity", |row| {
        web(row, |web| maybe(web.original_severity))
    }),
    ("ignored_reason", |row| {
        web(row, |web| maybe(web.ignored_reason.as_ref()))
    }),
    ("ignored_comment", |row| {
        web(row, |web| maybe(web.ignored_comment.as_ref()))
    }),
];

const VULNERABILITY: &[Column<VulnerabilityDetail>] = &[
    ("qid", |row| row.vulnerability.qid.to_string()),
    ("title", |row| row.vulnerability.title.clone()),
    ("vuln_type", |row| {
        maybe(row.vulnerability.vuln_type.as_ref())
    }),
    ("severity", |row| {
        row.vulnerability.severity.word().to_owned()
    }),
    ("qualys_severity", |row| {
        row.vulnerability.qualys_severity.to_string()
    }),
    ("category", |row| maybe(row.vulnerability.category.as_ref())),
    ("cves", |row| join(row.vulnerability.cves.iter().cloned())),
    ("cvss", |row| cvss(&row.vulnerability.cvss)),
    ("risk_score", |row| maybe(row.vulnerability.risk_score)),
    ("risk_source", |row| {
        maybe(row.vulnerability.risk_source.map(Word::word))
    }),
    ("is_patchable", |row| {
        row.vulnerability.is_patchable.to_string()
    }),
    ("is_disabled", |row| {
        row.vulnerability.is_disabled.to_string()
    }),
    ("published", |row| time(row.vulnerability.published)),
    ("modified", |row| time(row.vulnerability.modified)),
    ("patch_published", |row| {
        time(row.vulnerability.patch_published)
    }),
    ("findings", |row| row.vulnerability.findings.to_string()),
    ("open_findings", |row| {
        row.vulnerability.open_findings.to_string()
    }),
    ("threats", |row| join(row.threats.iter().cloned())),
    ("vendor_references", |row| {
        join(row.vendor_references.iter().cloned())
    }),
    ("software", |row| join(row.software.iter().cloned())),
    ("exploits", |row| {
        let named = |it: &Exploit| it.reference.clone().or_else(|| it.source.clone());
        join(row.exploits.iter().filter_map(named))
    }),
    ("malware", |row| {
        join(row.malware.iter().filter_map(|it| it.name.clone()))
    }),
    ("compliance", |row| {
        join(row.compliance.iter().map(|it| it.kind.clone()))
    }),
    ("diagnosis", |row| maybe(row.diagnosis.as_ref())),
    ("consequence", |row| maybe(row.consequence.as_ref())),
    ("solution", |row| maybe(row.solution.as_ref())),
    ("attributes", |row| row.attributes.json().to_owned()),
];

pub(super) fn maybe(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

pub(super) fn time(at: Option<Timestamp>) -> String {
    at.map(|at| Rfc3339(at).to_string()).unwrap_or_default()
}

fn join(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join("; ")
}

fn cvss(scores: &[Cvss]) -> String {
    join(
        scores
            .iter()
            .map(|score| format!("{}: {:.1}", score.version, score.base)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::sample, store::Attributes};

    fn line(cells: &[&str], safe_cells: bool) -> String {
        let mut sheet = Sheet::new(safe_cells);
        let line = sheet.line(cells).expect("can be written").to_vec();
        String::from_utf8(line).expect("is text")
    }

    #[test]
    fn cells_that_a_spreadsheet_would_run_are_made_text() {
        let cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "a=b", "", "12"];
        assert_eq!(
            line(&cells, true),
            "'=1+1,'+1,'-1,'@SUM(A1),'\tx,a=b,,12\r\n"
        );
        assert_eq!(line(&["=1+1", "-1"], false), "=1+1,-1\r\n");
    }

    #[test]
    fn quotes_and_line_ends_stay_in_their_cell() {
        assert_eq!(
            line(&["a,b", "c \"d\"", "e\nf"], true),
            "\"a,b\",\"c \"\"d\"\"\",\"e\nf\"\r\n"
        );
    }

    #[test]
    fn a_finding_has_a_cell_for_each_column() {
        let row = Row::Finding(Box::new(FindingDetail {
            finding: sample::finding(),
            results: Some("=cmd".to_owned()),
            solution: None,
            attributes: Attributes(r#"{"a":"b"}"#.to_owned()),
            history: vec![],
        }));
        let header = header(What::Findings);
        let cells = cells(&row);
        let cell = |name| {
            &cells[header
                .iter()
                .position(|it| *it == name)
                .expect("is a column")]
        };
        assert_eq!(cell("finding_key"), "38173");
        assert_eq!(cell("severity"), "critical");
        assert_eq!(cell("cvss"), "3.1: 9.8");
        assert_eq!(cell("last_found"), "2026-11-20T05:00:00Z");
        assert_eq!(cell("results"), "=cmd");
        assert_eq!(cell("attributes"), r#"{"a":"b"}"#);
    }

    /// Parts of a JSON object that CSV spreads over columns, or has no place for.
    const APART: &[&str] = &[
        "connector_id",
        "cloud",
        "open_by_severity",
        "history",
        "web",
    ];

    #[test]
    fn every_key_of_the_json_has_its_column() {
        let asset = AssetDetail {
            asset: sample::asset(),
            is_partial: false,
            attributes: Attributes("{}".to_owned()),
        };
        let finding = FindingDetail {
            finding: sample::finding(),
            results: None,
            solution: None,
            attributes: Attributes("{}".to_owned()),
            history: vec![],
        };
        for (what, json) in [
            (What::Assets, serde_json::to_value(asset)),
            (What::Findings, serde_json::to_value(finding)),
        ] {
            let json = json.expect("is JSON");
            for key in json.as_object().expect("is an object").keys() {
                let has = header(what).contains(&key.as_str()) || APART.contains(&key.as_str());
                assert!(has, "{what:?} {key}");
            }
        }
    }
}
