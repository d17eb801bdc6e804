//! What the read side hands out. The JSON keys are the words of the contract; a key is always
//! there, and null where nothing is known.

use serde::{Deserialize, Serialize};

pub use super::web::{Weakness, WebAppRow, WebFindingRow};
use super::{AssetId, Change, ConnectorId, CveScoreRow, FindingId, json};
use crate::guest::{rules::Rule, types};
use types::{Certainty, HostId, Impact, Qid, Risk, RiskSource, Severity, Status, Timestamp};

/// A label on a host.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Tag {
    pub id: Option<u64>,
    pub name: String,
}

/// Elements of Qualys' that have no field of their own: one JSON object of texts, as the contract
/// has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attributes(pub(crate) String);

impl Attributes {
    /// Names and texts, in the order of the names.
    pub fn pairs(&self) -> std::collections::BTreeMap<String, String> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// The object itself.
    pub fn json(&self) -> &str {
        &self.0
    }
}

impl Serialize for Attributes {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let object: &serde_json::value::RawValue =
            serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        object.serialize(to)
    }
}

/// What an asset is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AssetKind {
    /// A machine.
    Host,
    /// A web application that Qualys WAS scans.
    WebApplication,
}

/// Why a finding is no longer worked on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClosedReason {
    /// Qualys says that it is fixed.
    Fixed,
    /// Qualys delivers the host, and the finding no more.
    Vanished,
    /// Qualys lists the host no more, or the web application.
    HostPurged,
    /// Somebody ignores it in Qualys.
    Ignored,
    /// Somebody disabled its QID in Qualys.
    Disabled,
    /// Its host was not seen for longer than the settings allow.
    Inactive,
}

/// Where a machine in a cloud runs.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Cloud {
    pub provider: String,
    pub service: Option<String>,
    pub instance: Option<String>,
}

/// One score, the version of CVSS it follows, and its parts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Cvss {
    pub version: String,
    pub base: f32,
    pub temporal: Option<f32>,
    pub vector: Option<String>,
}

/// A way to exploit a vulnerability that is known in public.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Exploit {
    pub source: Option<String>,
    pub reference: Option<String>,
    pub description: Option<String>,
    pub link: Option<String>,
}

/// Malware that makes use of a vulnerability.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Malware {
    pub source: Option<String>,
    pub name: Option<String>,
    pub kind: Option<String>,
    pub platform: Option<String>,
    pub rating: Option<String>,
    pub link: Option<String>,
}

/// What a vulnerability means for a set of rules.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Compliance {
    pub kind: String,
    pub section: Option<String>,
    pub description: Option<String>,
}

/// One number for each severity.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct BySeverity {
    pub info: u64,
    pub low: u64,
    pub medium: u64,
    pub high: u64,
    pub critical: u64,
}

impl BySeverity {
    /// That of one.
    pub fn of(&mut self, severity: Severity) -> &mut u64 {
        match severity {
            Severity::Info => &mut self.info,
            Severity::Low => &mut self.low,
            Severity::Medium => &mut self.medium,
            Severity::High => &mut self.high,
            Severity::Critical => &mut self.critical,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetRow {
    pub asset_id: AssetId,
    /// The one that brought the record which stands for the asset; none for an imported one.
    pub connector_id: Option<ConnectorId>,
    /// Names of those that know it.
    pub sources: Vec<String>,
    pub site: Option<String>,
    #[serde(serialize_with = "json::word")]
    pub kind: AssetKind,
    /// Of a host alone.
    pub host_id: Option<HostId>,
    /// Of a web application alone.
    pub web_app_id: Option<u64>,
    pub qualys_asset_id: Option<u64>,
    pub name: String,
    pub ip: Option<String>,
    pub ipv6: Option<String>,
    pub dns: Option<String>,
    pub netbios: Option<String>,
    pub os: Option<String>,
    pub tracking_method: Option<String>,
    pub network_id: Option<u64>,
    pub qg_hostid: Option<String>,
    pub cloud: Option<Cloud>,
    pub tags: Vec<Tag>,
    pub asset_group_ids: Vec<u64>,
    pub trurisk: Option<u16>,
    pub criticality: Option<u8>,
    #[serde(serialize_with = "json::maybe_time")]
    pub first_found: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub last_vm_scan: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub last_check_in: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub last_seen: Option<Timestamp>,
    /// Since when Qualys lists it no more.
    #[serde(serialize_with = "json::maybe_time")]
    pub gone: Option<Timestamp>,
    pub open_findings: u64,
    pub open_by_severity: BySeverity,
    /// What only a web application has.
    pub web: Option<WebAppRow>,
}

/// An asset with what only its own page shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetDetail {
    #[serde(flatten)]
    pub asset: AssetRow,
    /// Known from detections alone: the host list did not bring it.
    pub is_partial: bool,
    /// It stands for its asset, and its counts are those of the asset.
    #[serde(skip)]
    pub is_primary: bool,
    pub attributes: Attributes,
}

/// A finding with what the knowledge base says of its QID.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingRow {
    pub finding_id: FindingId,
    pub asset_id: AssetId,
    pub asset_name: String,
    #[serde(serialize_with = "json::word")]
    pub asset_kind: AssetKind,
    /// Of a host alone.
    pub host_id: Option<HostId>,
    /// Of a web application alone.
    pub web_app_id: Option<u64>,
    pub ip: Option<String>,
    pub finding_key: String,
    pub qid: Qid,
    /// Absent, like all that comes from the knowledge base, until its entry is synced; that of a
    /// web application then has the name that came with it.
    pub title: Option<String>,
    #[serde(serialize_with = "json::word")]
    pub certainty: Certainty,
    #[serde(serialize_with = "json::word")]
    pub severity: Severity,
    pub qualys_severity: u8,
    #[serde(serialize_with = "json::word")]
    pub risk: Risk,
    /// The QDS, else the score of the knowledge base.
    pub risk_score: Option<f32>,
    #[serde(serialize_with = "json::maybe_word")]
    pub risk_source: Option<RiskSource>,
    #[serde(serialize_with = "json::maybe_word")]
    pub status: Option<Status>,
    pub is_open: bool,
    pub cves: Vec<String>,
    pub cvss: Vec<Cvss>,
    pub category: Option<String>,
    pub is_patchable: Option<bool>,
    pub port: Option<u16>,
    pub protocol: Option<String>,
    pub fqdn: Option<String>,
    pub ssl: bool,
    pub instance: Option<String>,
    #[serde(serialize_with = "json::maybe_time")]
    pub first_found: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub last_found: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub last_test: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub last_update: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub last_fixed: Option<Timestamp>,
    pub times_found: Option<u32>,
    pub qds: Option<u8>,
    pub is_ignored: bool,
    pub is_disabled: bool,
    pub affects_running_kernel: Option<bool>,
    pub affects_running_service: Option<bool>,
    pub affects_exploitable_config: Option<bool>,
    #[serde(serialize_with = "json::maybe_time")]
    pub closed: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_word")]
    pub closed_reason: Option<ClosedReason>,
    /// The setting that puts it aside. Such a finding is not open.
    #[serde(serialize_with = "json::maybe_word")]
    pub put_aside_by: Option<Rule>,
    /// When it came into this inventory.
    #[serde(serialize_with = "json::time")]
    pub first_seen: Timestamp,
    /// When it has to be fixed, while it is open and there is a target for its severity.
    #[serde(serialize_with = "json::maybe_time")]
    pub due: Option<Timestamp>,
    /// What only a finding of a web application has.
    pub web: Option<WebFindingRow>,
}

/// A finding with its long texts and its history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingDetail {
    #[serde(flatten)]
    pub finding: FindingRow,
    /// What the scan saw.
    pub results: Option<String>,
    /// HTML as Qualys sent it; sanitize before showing.
    pub solution: Option<String>,
    pub attributes: Attributes,
    /// Oldest first. Empty in exports.
    pub history: Vec<StatusChange>,
}

/// A finding moved from one status to another, was closed, or opened again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StatusChange {
    /// When it was stored; Qualys' own times are those of the finding.
    #[serde(serialize_with = "json::time")]
    pub at: Timestamp,
    #[serde(serialize_with = "json::maybe_word")]
    pub from: Option<Status>,
    #[serde(serialize_with = "json::maybe_word")]
    pub to: Option<Status>,
    /// Absent while it is open.
    #[serde(serialize_with = "json::maybe_word")]
    pub closed_reason: Option<ClosedReason>,
    #[serde(serialize_with = "json::word")]
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VulnerabilityRow {
    pub qid: Qid,
    pub title: String,
    pub vuln_type: Option<String>,
    #[serde(serialize_with = "json::word")]
    pub severity: Severity,
    pub qualys_severity: u8,
    pub category: Option<String>,
    pub cves: Vec<String>,
    pub cvss: Vec<Cvss>,
    pub risk_score: Option<f32>,
    #[serde(serialize_with = "json::maybe_word")]
    pub risk_source: Option<RiskSource>,
    pub is_patchable: bool,
    pub is_disabled: bool,
    #[serde(serialize_with = "json::maybe_time")]
    pub published: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub modified: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub patch_published: Option<Timestamp>,
    pub findings: u64,
    pub open_findings: u64,
}

/// An entry of the knowledge base with its long texts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VulnerabilityDetail {
    #[serde(flatten)]
    pub vulnerability: VulnerabilityRow,
    /// HTML as Qualys sent it, like the next two; sanitize before showing.
    pub diagnosis: Option<String>,
    pub consequence: Option<String>,
    pub solution: Option<String>,
    pub threats: Vec<String>,
    pub vendor_references: Vec<String>,
    pub software: Vec<String>,
    pub exploits: Vec<Exploit>,
    pub malware: Vec<Malware>,
    pub compliance: Vec<Compliance>,
    pub attributes: Attributes,
    /// Of its CVEs, as far as they were asked for and told.
    pub cve_scores: Vec<CveScoreRow>,
}

/// What the inventory holds of one QID.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QidRow {
    pub qid: Qid,
    pub findings: u64,
    pub open_findings: u64,
    /// Assets with an open finding of it.
    pub affected_assets: u64,
    pub entry: Option<VulnerabilityDetail>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetGroupRow {
    pub connector_id: ConnectorId,
    pub asset_group_id: u64,
    pub title: String,
    pub business_impact: Option<String>,
    pub hosts: u64,
    pub attributes: Attributes,
}

/// A tag itself; [`Tag`] is one on an asset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TagRow {
    pub connector_id: ConnectorId,
    pub tag_id: u64,
    pub name: String,
    pub parent_tag_id: Option<u64>,
    /// Absent for a parent that the account may not see.
    pub parent_name: Option<String>,
    pub color: Option<String>,
    /// Absent for a tag that people put on hosts themselves.
    pub rule_type: Option<String>,
    pub rule_text: Option<String>,
    pub criticality: Option<u8>,
    /// The asset group that this is the tag of.
    pub asset_group_id: Option<u64>,
    /// What a person says, else what follows from the asset group where the settings want that.
    #[serde(serialize_with = "json::maybe_word")]
    pub impact: Option<Impact>,
    /// Whether a person has said so, even if it is that there is none.
    pub is_impact_set: bool,
    pub hosts: u64,
    pub attributes: Attributes,
}

/// The impact of an asset, and the tag or asset group that gives it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetImpact {
    #[serde(serialize_with = "json::word")]
    pub impact: Impact,
    pub of: String,
}

/// The whole inventory in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    pub assets: u64,
    pub findings: u64,
    pub open_findings: u64,
    pub open_by_severity: BySeverity,
    /// All findings by status: new, active, fixed, reopened, and those that have none.
    pub new: u64,
    pub active: u64,
    pub fixed: u64,
    pub reopened: u64,
    pub without_status: u64,
    /// Entries of the knowledge base, and QIDs that still lack one.
    pub vulnerabilities: u64,
    pub unknown_qids: u64,
    pub asset_groups: u64,
    pub tags: u64,
    /// Of the assets.
    pub web_applications: u64,
}
