//! Records from lines of JSON: the text door of exports.
//!
//! Takes what `reader.push_text` writes as it is, so that a caller without an inventory of its own
//! can go from an answer of Qualys to an export.

use serde::Deserialize;

use crate::contract::export::{
    Asset, AssetKind, AssetSoftware, Batch, Entry, Found, Installed, WebFindingPart,
};
use crate::contract::ingest::Page;
use crate::contract::types::{Finding, HostId, QualysHost, Status, Timestamp, Vulnerability};

/// The records of some lines; empty lines are passed over.
pub(super) fn read(lines: &str) -> Result<Batch, String> {
    let mut batch = Batch {
        forget: false,
        assets: Vec::new(),
        entries: Vec::new(),
        findings: Vec::new(),
        software: Vec::new(),
    };
    for (place, line) in lines.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |error| format!("line {} is no record: {error}", place + 1);
        match serde_json::from_str(line).map_err(wrong)? {
            Line::Asset(asset) => batch.assets.push(*asset),
            Line::Host(host) => batch.assets.push(asset(*host)),
            Line::Vulnerability(line) => batch.entries.push(Entry {
                vulnerability: line.vulnerability,
                findings: line.findings,
                open_findings: line.open_findings,
                cve_scores: Vec::new(),
            }),
            Line::Finding(line) => batch.findings.push(found(*line)),
            Line::Software(line) => batch.software.push(AssetSoftware {
                asset_id: line.asset_id,
                host_id: line.host_id,
                installed: line.installed,
            }),
            Line::Other => {}
        }
    }
    Ok(batch)
}

#[derive(Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
enum Line {
    Asset(Box<Asset>),
    Host(Box<QualysHost>),
    Vulnerability(Box<EntryLine>),
    Finding(Box<FoundLine>),
    Software(Box<SoftwareLine>),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct EntryLine {
    #[serde(flatten)]
    vulnerability: Vulnerability,
    #[serde(default)]
    findings: u64,
    #[serde(default)]
    open_findings: u64,
}

#[derive(Deserialize)]
struct SoftwareLine {
    asset_id: i64,
    host_id: Option<HostId>,
    #[serde(flatten)]
    installed: Installed,
}

#[derive(Deserialize)]
struct FoundLine {
    #[serde(default)]
    finding_id: i64,
    asset_id: Option<i64>,
    #[serde(flatten)]
    finding: Finding,
    is_open: Option<bool>,
    #[serde(default, deserialize_with = "crate::json::at::deserialize")]
    closed: Option<Timestamp>,
    closed_reason: Option<String>,
    put_aside_by: Option<String>,
    #[serde(default, deserialize_with = "crate::json::at::deserialize")]
    first_seen: Option<Timestamp>,
    #[serde(default, deserialize_with = "crate::json::at::deserialize")]
    due: Option<Timestamp>,
    web: Option<WebFindingPart>,
}

/// The records of a page of an answer, each host as an asset of its own number.
pub(super) fn of_page(page: Page) -> Batch {
    let Page {
        hosts,
        vulnerabilities,
        ..
    } = page;
    let mut batch = Batch {
        // A page has whole hosts, so nothing later names what it told.
        forget: true,
        assets: Vec::with_capacity(hosts.len()),
        entries: Vec::with_capacity(vulnerabilities.len()),
        findings: Vec::new(),
        software: Vec::new(),
    };
    for host in hosts {
        batch.assets.push(asset(host.host));
        let lines = host.findings.into_iter().map(FoundLine::from);
        batch.findings.extend(lines.map(found));
    }
    batch
        .entries
        .extend(vulnerabilities.into_iter().map(|vulnerability| Entry {
            vulnerability,
            findings: 0,
            open_findings: 0,
            cve_scores: Vec::new(),
        }));
    batch
}

impl From<Finding> for FoundLine {
    /// Of which nothing is known but what Qualys sent.
    fn from(finding: Finding) -> Self {
        Self {
            finding_id: 0,
            asset_id: None,
            finding,
            is_open: None,
            closed: None,
            closed_reason: None,
            put_aside_by: None,
            first_seen: None,
            due: None,
            web: None,
        }
    }
}

/// What the inventory would conclude is concluded here where the line does not say it.
fn found(line: FoundLine) -> Found {
    let finding = line.finding;
    let is_alive = match finding.status {
        Some(Status::New | Status::Active | Status::Reopened) => true,
        Some(Status::Fixed) | None => false,
    };
    let is_open = is_alive
        && !finding.is_ignored
        && !finding.is_disabled
        && line.closed.is_none()
        && line.put_aside_by.is_none();
    Found {
        finding_id: line.finding_id,
        asset_id: line.asset_id.unwrap_or(finding.host_id.cast_signed()),
        is_open: line.is_open.unwrap_or(is_open),
        closed: line.closed,
        closed_reason: line.closed_reason,
        put_aside_by: line.put_aside_by,
        first_seen: line.first_seen,
        due: line.due,
        web: line.web,
        finding,
    }
}

/// A host of an answer, by its own number.
fn asset(host: QualysHost) -> Asset {
    Asset {
        asset_id: host.host_id.cast_signed(),
        connector_id: None,
        sources: vec!["qualys".to_owned()],
        site: None,
        kind: AssetKind::Host,
        host_id: Some(host.host_id),
        web_app_id: None,
        qualys_asset_id: host.qualys_asset_id,
        name: host.name,
        ip: host.ip,
        ipv6: host.ipv6,
        dns: host.dns,
        netbios: host.netbios,
        os: host.os,
        tracking_method: host.tracking_method,
        network_id: host.network_id,
        qg_hostid: host.qg_hostid,
        cloud: host.cloud,
        tags: host.tags,
        asset_group_ids: host.asset_group_ids,
        trurisk: host.trurisk,
        criticality: host.criticality,
        first_found: host.first_found,
        last_vm_scan: host.last_vm_scan,
        last_check_in: host.last_check_in,
        last_seen: host.last_seen,
        gone: None,
        open_findings: 0,
        open_by_severity: crate::json::no_findings(),
        web: None,
        is_partial: false,
        attributes: host.attributes,
        software: Vec::new(),
    }
}
