//! Records as values of the fields of the query language, for `filter.judge`. Written beside the
//! SQL of the same fields, and in another way: a property test holds the two together.

use std::collections::BTreeSet;

use super::{
    AssetDetail, AssetInventory, AssetRow, Attributes, FindingDetail, VulnerabilityDetail,
    Weakness, Word,
};
use crate::guest::{
    filter::FieldValues,
    types::{Severity, Timestamp},
};

/// All that the fields say something of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// What each source knows of the asset, with the name of the source.
    pub records: &'a [(String, AssetDetail)],
    pub inventory: Option<&'a AssetInventory>,
    /// Titles of its asset groups.
    pub groups: &'a [String],
    /// Without one, the facts are those of the asset, or of the entry if there is none either.
    pub finding: Option<&'a FindingDetail>,
    pub entry: Option<&'a VulnerabilityDetail>,
    /// In how many days a severity has to be fixed.
    pub targets: &'a [(Severity, u32)],
}

impl Facts<'_> {
    /// A field without a value is left out.
    pub fn values(&self) -> Vec<FieldValues> {
        let mut values = Values::default();
        for (source, record) in self.records {
            self.record(source, record, &mut values);
        }
        if !self.records.is_empty() {
            let there = self
                .records
                .iter()
                .filter(|(_, it)| it.asset.gone.is_none());
            let sources: BTreeSet<_> = there.map(|(source, _)| source).collect();
            values.number("sources", Some(sources.len()));
        }
        if let Some(inventory) = self.inventory {
            self::inventory(inventory, &mut values);
        }
        if let Some(entry) = self.entry {
            self::entry(entry, &mut values);
        }
        match (self.finding, self.records, self.entry) {
            (Some(finding), ..) => self.finding(finding, &mut values),
            (None, [], Some(entry)) => entry_alone(entry, &mut values),
            (None, records, _) => records
                .iter()
                .for_each(|(_, record)| asset_alone(&record.asset, &mut values)),
        }
        values.0
    }

    fn record(&self, source: &str, detail: &AssetDetail, to: &mut Values) {
        let row = &detail.asset;
        to.text("source", Some(source));
        to.text("site", row.site.as_ref());
        to.text("kind", Some(row.kind.word()));
        to.text("name", Some(&row.name));
        to.text("ip", row.ip.as_ref());
        to.text("ip", row.ipv6.as_ref());
        to.text("dns", row.dns.as_ref());
        to.text("netbios", row.netbios.as_ref());
        to.text("os", row.os.as_ref());
        for tag in &row.tags {
            to.text("tag", Some(&tag.name));
            to.number("tag_id", tag.id);
        }
        for title in self.groups {
            to.text("asset_group", Some(title));
        }
        to.text("tracking_method", row.tracking_method.as_ref());
        to.number("host_id", row.host_id);
        to.number("web_app_id", row.web_app_id);
        to.number("qualys_asset_id", row.qualys_asset_id);
        to.number("network_id", row.network_id);
        if let Some(cloud) = &row.cloud {
            to.text("cloud_provider", Some(&cloud.provider));
            to.text("cloud_service", cloud.service.as_ref());
            to.text("cloud_instance", cloud.instance.as_ref());
        }
        to.number("trurisk", row.trurisk);
        to.number("criticality", row.criticality);
        if detail.is_primary {
            to.number("open_findings", Some(row.open_findings));
            to.number("open_critical", Some(row.open_by_severity.critical));
            to.number("open_high", Some(row.open_by_severity.high));
        }
        to.number("last_seen", row.last_seen);
        to.number("last_vm_scan", row.last_vm_scan);
        to.number("last_check_in", row.last_check_in);
        if let Some(web) = &row.web {
            to.text("owner", web.owner.as_ref());
        }
        to.attributes(source, &detail.attributes);
    }

    fn finding(&self, detail: &FindingDetail, to: &mut Values) {
        let row = &detail.finding;
        to.number("first_found", row.first_found);
        to.number("last_found", row.last_found);
        to.number("last_fixed", row.last_fixed);
        to.number("first_seen", Some(row.first_seen));
        let since = row.first_found.filter(|_| row.is_open);
        to.number("open_since", since);
        let target = self
            .targets
            .iter()
            .find(|(severity, _)| *severity == row.severity);
        let due = since
            .zip(target)
            .map(|(since, (_, days))| due(since, *days));
        to.number("due", due);
        to.text("severity", Some(row.severity.word()));
        to.text("risk", Some(row.risk.word()));
        to.text("status", row.status.map(Word::word));
        to.flag("open", Some(row.is_open));
        to.text("certainty", Some(row.certainty.word()));
        to.number("qds", row.qds);
        to.number("port", row.port);
        to.text("protocol", row.protocol.as_ref());
        to.text("fqdn", row.fqdn.as_ref());
        to.flag("ssl", Some(row.ssl));
        to.text("instance", row.instance.as_ref());
        to.number("times_found", row.times_found);
        to.flag("ignored", Some(row.is_ignored));
        to.flag("disabled", Some(row.is_disabled));
        to.text("closed", row.closed_reason.map(Word::word));
        to.text("put_aside", row.put_aside_by.map(Word::word));
        to.flag("running_kernel", row.affects_running_kernel);
        to.flag("running_service", row.affects_running_service);
        to.flag("exploitable_config", row.affects_exploitable_config);
        to.text("results", detail.results.as_ref());
        if let Some(web) = &row.web {
            to.text("url", web.url.as_ref());
            to.text("param", web.param.as_ref());
            to.text("group", web.group.as_ref());
            to.flag("protected", Some(web.is_protected));
            for cwe in &web.cwe {
                to.number("cwe", Some(*cwe));
            }
            for (field, list) in [("owasp", &web.owasp), ("wasc", &web.wasc)] {
                for Weakness { code, name } in list {
                    let code = code
                        .as_ref()
                        .map(|code| format!("{code} "))
                        .unwrap_or_default();
                    to.text(field, Some(&format!("{code}{name}")));
                }
            }
        }
        to.number("qid", Some(row.qid));
        to.attributes("qualys", &detail.attributes);
    }
}

/// When something has to be fixed that was found first at a time.
pub fn due(first_found: Timestamp, days: u32) -> Timestamp {
    first_found.saturating_add(i64::from(days) * 86_400)
}

/// What a finding has under the same name.
fn asset_alone(row: &AssetRow, to: &mut Values) {
    to.number("first_found", row.first_found);
    if let Some(web) = &row.web {
        to.text("url", web.url.as_ref());
    }
}

/// What a finding or an asset has under the same name.
fn entry_alone(entry: &VulnerabilityDetail, to: &mut Values) {
    let row = &entry.vulnerability;
    to.number("qid", Some(row.qid));
    to.text("severity", Some(row.severity.word()));
    to.flag("disabled", Some(row.is_disabled));
    to.number("open_findings", Some(row.open_findings));
}

fn inventory(inventory: &AssetInventory, to: &mut Values) {
    for row in &inventory.software {
        let software = &row.software;
        to.text("software", Some(&software.name));
        if let Some(version) = &software.version {
            to.text("software", Some(&format!("{} {version}", software.name)));
            to.text("software_version", Some(version));
        }
        to.number("software_end_of_life", software.end_of_life);
    }
    for row in &inventory.ports {
        to.number("open_port", Some(row.port));
        to.text("service", row.service.as_ref());
    }
}

fn entry(entry: &VulnerabilityDetail, to: &mut Values) {
    let row = &entry.vulnerability;
    to.text("title", Some(&row.title));
    row.cves.iter().for_each(|cve| to.text("cve", Some(cve)));
    to.number("cvss", row.cvss.first().map(|score| score.base));
    to.text("category", row.category.as_ref());
    to.text("vuln_type", row.vuln_type.as_ref());
    for reference in &entry.vendor_references {
        to.text("vendor_reference", Some(reference));
    }
    to.flag("patchable", Some(row.is_patchable));
    entry
        .threats
        .iter()
        .for_each(|threat| to.text("threat", Some(threat)));
    let is_told = |part: &str| {
        let mut threats = entry.threats.iter();
        threats.any(|threat| threat.to_ascii_lowercase().contains(part))
    };
    to.flag("kev", Some(is_told("cisa_known_exploited")));
    to.flag("ransomware", Some(is_told("ransomware")));
    let is_exploited = is_told("exploit_public") || !entry.exploits.is_empty();
    to.flag("exploit", Some(is_exploited));
    to.flag(
        "malware",
        Some(is_told("malware") || !entry.malware.is_empty()),
    );
    for score in &entry.cve_scores {
        to.number("qvs", score.score);
        to.number("epss", score.epss);
    }
    to.number("published", row.published);
    to.number("modified", row.modified);
    to.number("patch_published", row.patch_published);
    to.attributes("qualys", &entry.attributes);
}

/// Values by field, in the one way of writing of the contract.
#[derive(Default)]
struct Values(Vec<FieldValues>);

impl Values {
    fn text(&mut self, field: &str, value: Option<impl AsRef<str>>) {
        let Some(value) = value else { return };
        let value = value.as_ref().to_owned();
        match self.0.iter_mut().find(|own| own.field == field) {
            Some(own) => own.values.push(value),
            None => self.0.push(FieldValues {
                field: field.to_owned(),
                values: vec![value],
            }),
        }
    }

    fn number(&mut self, field: &str, value: Option<impl ToString>) {
        self.text(field, value.map(|value| value.to_string()));
    }

    fn flag(&mut self, field: &str, value: Option<bool>) {
        self.number(field, value);
    }

    fn attributes(&mut self, source: &str, attributes: &Attributes) {
        for (name, value) in attributes.pairs() {
            let field = format!("@{source}.{name}").to_ascii_lowercase();
            self.text(&field, Some(value));
        }
    }
}
