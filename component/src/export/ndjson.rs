//! One JSON object a line, with every key: the keys of `qonduit findings --json` and its like.
//!
//! Keys are the words of the contract, and stay what they are: programs of users read them.

use super::{
    Form,
    row::{AssetRow, EntryRow, FindingRow, Parts, SoftwareRow},
    value::{Field, Shape, Value, field, of_json, push_json, time},
    word::{self, CERTAINTIES, KINDS, RISK_SOURCES, RISKS, SEVERITIES, SOURCES, STATUSES},
};
use crate::contract::export::{Asset, Entry, Found};
use crate::contract::types::{Finding, Software, Vulnerability};

pub(super) struct Ndjson {
    asset: Shape<AssetRow>,
    entry: Shape<EntryRow>,
    finding: Shape<FindingRow>,
    software: Shape<SoftwareRow>,
}

impl Ndjson {
    pub(super) fn new() -> Self {
        Self {
            asset: Shape::with_nulls(ASSET),
            entry: Shape::with_nulls(VULNERABILITY),
            finding: Shape::with_nulls(FINDING),
            software: Shape::with_nulls(SOFTWARE),
        }
    }
}

impl Form for Ndjson {
    fn parts_of_entry(&self, entry: &Entry) -> Parts {
        let mut cves = Vec::new();
        push_json(&mut cves, &entry.vulnerability.cves);
        let mut cvss = Vec::new();
        push_json(&mut cvss, &entry.vulnerability.cvss);
        Parts::default().with("cves", cves).with("cvss", cvss)
    }

    fn asset(&mut self, row: &AssetRow, out: &mut Vec<u8>) -> bool {
        write(&self.asset, row, out)
    }

    fn entry(&mut self, row: &EntryRow, out: &mut Vec<u8>) -> bool {
        write(&self.entry, row, out)
    }

    fn finding(&mut self, row: &FindingRow, out: &mut Vec<u8>) -> bool {
        write(&self.finding, row, out)
    }

    fn software(&mut self, row: &SoftwareRow, out: &mut Vec<u8>) -> bool {
        write(&self.software, row, out)
    }
}

fn write<R>(shape: &Shape<R>, row: &R, out: &mut Vec<u8>) -> bool {
    shape.render(row, out);
    out.push(b'\n');
    true
}

fn asset(row: &AssetRow) -> &Asset {
    &row.asset
}

fn found(row: &FindingRow) -> &Found {
    &row.found
}

fn finding(row: &FindingRow) -> &Finding {
    &row.found.finding
}

fn vulnerability(row: &EntryRow) -> &Vulnerability {
    &row.entry.vulnerability
}

fn software(row: &SoftwareRow) -> &Software {
    &row.installed.software
}

/// An empty list while there is no entry.
fn list_of_entry<'a>(row: &'a FindingRow, part: &str) -> Value<'a> {
    match row.of_entry(part) {
        Value::Absent => Value::Json(b"[]"),
        list => list,
    }
}

pub(super) const ASSET: &[Field<AssetRow>] = &[
    field("asset_id", "asset_id", |row| asset(row).asset_id.into()),
    field("connector_id", "connector_id", |row| {
        asset(row).connector_id.into()
    }),
    field("sources", "sources", |row| {
        Value::Texts(&asset(row).sources)
    }),
    field("site", "site", |row| (&asset(row).site).into()),
    field("kind", "kind", |row| {
        word::of(KINDS, asset(row).kind).into()
    }),
    field("host_id", "host_id", |row| asset(row).host_id.into()),
    field("web_app_id", "web_app_id", |row| {
        asset(row).web_app_id.into()
    }),
    field("qualys_asset_id", "qualys_asset_id", |row| {
        asset(row).qualys_asset_id.into()
    }),
    field("name", "name", |row| (&asset(row).name).into()),
    field("ip", "ip", |row| (&asset(row).ip).into()),
    field("ipv6", "ipv6", |row| (&asset(row).ipv6).into()),
    field("dns", "dns", |row| (&asset(row).dns).into()),
    field("netbios", "netbios", |row| (&asset(row).netbios).into()),
    field("os", "os", |row| (&asset(row).os).into()),
    field("tracking_method", "tracking_method", |row| {
        (&asset(row).tracking_method).into()
    }),
    field("network_id", "network_id", |row| {
        asset(row).network_id.into()
    }),
    field("qg_hostid", "qg_hostid", |row| {
        (&asset(row).qg_hostid).into()
    }),
    field("cloud", "cloud", |row| of_json(&asset(row).cloud)),
    field("tags", "tags", |row| of_json(&asset(row).tags)),
    field("asset_group_ids", "asset_group_ids", |row| {
        of_json(&asset(row).asset_group_ids)
    }),
    field("trurisk", "trurisk", |row| asset(row).trurisk.into()),
    field("criticality", "criticality", |row| {
        asset(row).criticality.into()
    }),
    field("first_found", "first_found", |row| {
        time(asset(row).first_found)
    }),
    field("last_vm_scan", "last_vm_scan", |row| {
        time(asset(row).last_vm_scan)
    }),
    field("last_check_in", "last_check_in", |row| {
        time(asset(row).last_check_in)
    }),
    field("last_seen", "last_seen", |row| time(asset(row).last_seen)),
    field("gone", "gone", |row| time(asset(row).gone)),
    field("open_findings", "open_findings", |row| {
        asset(row).open_findings.into()
    }),
    field("open_by_severity", "open_by_severity", |row| {
        of_json(&asset(row).open_by_severity)
    }),
    field("web", "web", |row| of_json(&asset(row).web)),
    field("is_partial", "is_partial", |row| {
        asset(row).is_partial.into()
    }),
    field("attributes", "attributes", |row| {
        Value::Json(asset(row).attributes.as_bytes())
    }),
];

pub(super) const FINDING: &[Field<FindingRow>] = &[
    field("finding_id", "finding_id", |row| {
        found(row).finding_id.into()
    }),
    field("asset_id", "asset_id", |row| found(row).asset_id.into()),
    field("asset_name", "asset_name", |row| {
        (&row.asset.asset.name).into()
    }),
    field("asset_kind", "asset_kind", |row| {
        word::of(KINDS, row.asset.asset.kind).into()
    }),
    field("host_id", "host_id", |row| row.asset.asset.host_id.into()),
    field("web_app_id", "web_app_id", |row| {
        row.asset.asset.web_app_id.into()
    }),
    field("ip", "ip", |row| (&row.asset.asset.ip).into()),
    field("finding_key", "finding_key", |row| {
        (&finding(row).finding_key).into()
    }),
    field("qid", "qid", |row| finding(row).qid.into()),
    field("title", "title", |row| row.title().into()),
    field("certainty", "certainty", |row| {
        word::of(CERTAINTIES, finding(row).certainty).into()
    }),
    field("severity", "severity", |row| {
        word::of(SEVERITIES, finding(row).severity).into()
    }),
    field("qualys_severity", "qualys_severity", |row| {
        finding(row).qualys_severity.into()
    }),
    field("risk", "risk", |row| {
        word::of(RISKS, finding(row).risk).into()
    }),
    field("risk_score", "risk_score", |row| row.risk_score().into()),
    field("risk_source", "risk_source", |row| row.risk_source().into()),
    field("status", "status", |row| {
        finding(row).status.map(|it| word::of(STATUSES, it)).into()
    }),
    field("is_open", "is_open", |row| found(row).is_open.into()),
    field("cves", "cves", |row| list_of_entry(row, "cves")),
    field("cvss", "cvss", |row| list_of_entry(row, "cvss")),
    field("category", "category", |row| {
        row.vulnerability()
            .and_then(|it| it.category.as_deref())
            .into()
    }),
    field("is_patchable", "is_patchable", |row| {
        row.vulnerability().map(|it| it.is_patchable).into()
    }),
    field("port", "port", |row| finding(row).port.into()),
    field("protocol", "protocol", |row| {
        (&finding(row).protocol).into()
    }),
    field("fqdn", "fqdn", |row| (&finding(row).fqdn).into()),
    field("ssl", "ssl", |row| finding(row).ssl.into()),
    field("instance", "instance", |row| {
        (&finding(row).instance).into()
    }),
    field("first_found", "first_found", |row| {
        time(finding(row).first_found)
    }),
    field("last_found", "last_found", |row| {
        time(finding(row).last_found)
    }),
    field("last_test", "last_test", |row| time(finding(row).last_test)),
    field("last_update", "last_update", |row| {
        time(finding(row).last_update)
    }),
    field("last_fixed", "last_fixed", |row| {
        time(finding(row).last_fixed)
    }),
    field("times_found", "times_found", |row| {
        finding(row).times_found.into()
    }),
    field("qds", "qds", |row| finding(row).qds.into()),
    field("is_ignored", "is_ignored", |row| {
        finding(row).is_ignored.into()
    }),
    field("is_disabled", "is_disabled", |row| {
        finding(row).is_disabled.into()
    }),
    field("affects_running_kernel", "affects_running_kernel", |row| {
        finding(row).affects_running_kernel.into()
    }),
    field(
        "affects_running_service",
        "affects_running_service",
        |row| finding(row).affects_running_service.into(),
    ),
    field(
        "affects_exploitable_config",
        "affects_exploitable_config",
        |row| finding(row).affects_exploitable_config.into(),
    ),
    field("closed", "closed", |row| time(found(row).closed)),
    field("closed_reason", "closed_reason", |row| {
        (&found(row).closed_reason).into()
    }),
    field("put_aside_by", "put_aside_by", |row| {
        (&found(row).put_aside_by).into()
    }),
    field("first_seen", "first_seen", |row| {
        time(found(row).first_seen)
    }),
    field("due", "due", |row| time(found(row).due)),
    field("web", "web", |row| of_json(&found(row).web)),
    field("results", "results", |row| (&finding(row).results).into()),
    field("solution", "never in an export: see the entry", |_| {
        Value::Absent
    }),
    field("attributes", "attributes", |row| {
        Value::Json(finding(row).attributes.as_bytes())
    }),
    field("history", "never in an export", |_| Value::Json(b"[]")),
];

pub(super) const VULNERABILITY: &[Field<EntryRow>] = &[
    field("qid", "qid", |row| vulnerability(row).qid.into()),
    field("title", "title", |row| (&vulnerability(row).title).into()),
    field("vuln_type", "vuln_type", |row| {
        (&vulnerability(row).vuln_type).into()
    }),
    field("severity", "severity", |row| {
        word::of(SEVERITIES, vulnerability(row).severity).into()
    }),
    field("qualys_severity", "qualys_severity", |row| {
        vulnerability(row).qualys_severity.into()
    }),
    field("category", "category", |row| {
        (&vulnerability(row).category).into()
    }),
    field("cves", "cves", |row| Value::Texts(&vulnerability(row).cves)),
    field("cvss", "cvss", |row| of_json(&vulnerability(row).cvss)),
    field("risk_score", "risk_score", |row| {
        vulnerability(row).risk_score.into()
    }),
    field("risk_source", "risk_source", |row| {
        vulnerability(row)
            .risk_source
            .map(|it| word::of(RISK_SOURCES, it))
            .into()
    }),
    field("is_patchable", "is_patchable", |row| {
        vulnerability(row).is_patchable.into()
    }),
    field("is_disabled", "is_disabled", |row| {
        vulnerability(row).is_disabled.into()
    }),
    field("published", "published", |row| {
        time(vulnerability(row).published)
    }),
    field("modified", "modified", |row| {
        time(vulnerability(row).modified)
    }),
    field("patch_published", "patch_published", |row| {
        time(vulnerability(row).patch_published)
    }),
    field("findings", "findings", |row| row.entry.findings.into()),
    field("open_findings", "open_findings", |row| {
        row.entry.open_findings.into()
    }),
    field("diagnosis", "diagnosis", |row| {
        (&vulnerability(row).diagnosis).into()
    }),
    field("consequence", "consequence", |row| {
        (&vulnerability(row).consequence).into()
    }),
    field("solution", "solution", |row| {
        (&vulnerability(row).solution).into()
    }),
    field("threats", "threats", |row| {
        Value::Texts(&vulnerability(row).threats)
    }),
    field("vendor_references", "vendor_references", |row| {
        Value::Texts(&vulnerability(row).vendor_references)
    }),
    field("software", "software", |row| {
        Value::Texts(&vulnerability(row).software)
    }),
    field("exploits", "exploits", |row| {
        of_json(&vulnerability(row).exploits)
    }),
    field("malware", "malware", |row| {
        of_json(&vulnerability(row).malware)
    }),
    field("compliance", "compliance", |row| {
        of_json(&vulnerability(row).compliance)
    }),
    field("attributes", "attributes", |row| {
        Value::Json(vulnerability(row).attributes.as_bytes())
    }),
    field("cve_scores", "cve_scores", |row| {
        of_json(&row.entry.cve_scores)
    }),
];

pub(super) const SOFTWARE: &[Field<SoftwareRow>] = &[
    field("host_id", "host_id", |row| row.asset.asset.host_id.into()),
    field("asset_name", "asset_name", |row| {
        (&row.asset.asset.name).into()
    }),
    field("name", "name", |row| (&software(row).name).into()),
    field("version", "version", |row| (&software(row).version).into()),
    field("publisher", "publisher", |row| {
        (&software(row).publisher).into()
    }),
    field("category", "category", |row| {
        (&software(row).category).into()
    }),
    field("is_package", "is_package", |row| {
        software(row).is_package.into()
    }),
    field("end_of_life", "end_of_life", |row| {
        time(software(row).end_of_life)
    }),
    field("required_version", "required_version", |row| {
        (&software(row).required_version).into()
    }),
    field("installed", "installed", |row| {
        time(software(row).installed)
    }),
    field("source", "source", |row| {
        word::of(SOURCES, row.installed.source).into()
    }),
];
