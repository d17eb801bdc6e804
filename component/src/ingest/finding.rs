//! `DETECTION`: leaves to a finding. The host it belongs to is not known yet, because its number
//! may follow; [`Pending::settle`] adds it.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Fields, Warnings};
use super::raw::{Leaf, Record};
use crate::contract::types::{Certainty, Finding, RiskSource, Severity};
use crate::normalize::{self, Identity};

/// A finding without its host.
#[derive(Debug)]
pub(super) struct Pending {
    finding: Finding,
    unique_vuln_id: Option<u64>,
}

/// `None` for a detection that does not say what was found.
pub(super) fn read(
    record: Record<'_>,
    host: Option<&str>,
    warnings: &mut Warnings,
) -> Option<Pending> {
    let mut fields = Fields {
        record,
        warnings,
        subject: host.map(|id| format!("host {id}")),
    };
    let mut pending = Pending {
        finding: empty(),
        unique_vuln_id: None,
    };
    let mut attributes = Attributes::default();
    let mut certainty = None;
    for leaf in record.leaves() {
        if leaf.element == Element::Type {
            certainty = fields.word(leaf, normalize::certainty);
        } else {
            take(&mut fields, &mut pending, &mut attributes, leaf);
        }
    }
    let finding = &mut pending.finding;
    if finding.qid == 0 {
        fields.warn("a detection without a QID is left out");
        return None;
    }
    finding.certainty = certainty.unwrap_or_else(|| {
        fields.warn(format!("QID {} comes without a type", finding.qid));
        // Gathered information has no status, and nothing else lacks one.
        if finding.status.is_none() {
            Certainty::Information
        } else {
            Certainty::Potential
        }
    });
    finding.severity = normalize::severity(finding.qualys_severity).unwrap_or_else(|| {
        fields.warn(format!(
            "QID {} has the severity {}, taken as 1",
            finding.qid, finding.qualys_severity
        ));
        finding.qualys_severity = 1;
        Severity::Info
    });
    finding.risk_score = finding.qds.map(f32::from);
    finding.risk_source = finding.qds.map(|_| RiskSource::Qds);
    finding.risk = normalize::risk(finding.severity, finding.risk_score);
    finding.attributes = attributes.into_json();
    Some(pending)
}

impl Pending {
    pub(super) fn settle(self, host_id: u64) -> Finding {
        let mut finding = self.finding;
        finding.host_id = host_id;
        finding.finding_key = normalize::finding_key(Identity {
            unique_vuln_id: self.unique_vuln_id,
            host_id,
            qid: finding.qid,
            port: finding.port,
            protocol: finding.protocol.as_deref(),
            ssl: finding.ssl,
            fqdn: finding.fqdn.as_deref(),
            instance: finding.instance.as_deref(),
        });
        finding
    }
}

fn take<'a>(
    fields: &mut Fields<'a, '_>,
    pending: &mut Pending,
    attributes: &mut Attributes<'a>,
    leaf: &Leaf,
) {
    let finding = &mut pending.finding;
    match leaf.element {
        Element::UniqueVulnId => pending.unique_vuln_id = fields.number(leaf),
        Element::Qid => finding.qid = fields.number(leaf).unwrap_or_default(),
        Element::Severity => finding.qualys_severity = fields.number(leaf).unwrap_or_default(),
        Element::Port => finding.port = fields.number(leaf).filter(|&port: &u16| port != 0),
        Element::Protocol => {
            finding.protocol = fields.text(leaf).map(|text| text.to_ascii_lowercase())
        }
        Element::Fqdn => finding.fqdn = fields.text(leaf),
        Element::Ssl => finding.ssl = fields.flag(leaf).unwrap_or_default(),
        Element::Instance => finding.instance = fields.text(leaf),
        Element::Results => finding.results = fields.record.layout(leaf),
        Element::Status => finding.status = fields.word(leaf, normalize::status),
        Element::FirstFound => finding.first_found = fields.time(leaf),
        Element::LastFound => finding.last_found = fields.time(leaf),
        Element::LastTest => finding.last_test = fields.time(leaf),
        Element::LastUpdate => finding.last_update = fields.time(leaf),
        Element::LastFixed => finding.last_fixed = fields.time(leaf),
        Element::TimesFound => finding.times_found = fields.number(leaf),
        Element::Qds => finding.qds = fields.number(leaf),
        Element::IsIgnored => finding.is_ignored = fields.flag(leaf).unwrap_or_default(),
        Element::IsDisabled => finding.is_disabled = fields.flag(leaf).unwrap_or_default(),
        Element::AffectsKernel => finding.affects_running_kernel = fields.flag(leaf),
        Element::AffectsService => finding.affects_running_service = fields.flag(leaf),
        Element::AffectsConfig => finding.affects_exploitable_config = fields.flag(leaf),
        Element::DetectionSources => {
            attributes.note_as("vulnerability_detection_sources", fields.record, leaf);
        }
        Element::DetectionNote | Element::QdsFactor => attributes.note(fields.record, leaf),
        _ => {}
    }
}

fn empty() -> Finding {
    Finding {
        finding_key: String::new(),
        host_id: 0,
        qid: 0,
        certainty: Certainty::Potential,
        severity: Severity::Info,
        qualys_severity: 0,
        risk: normalize::risk(Severity::Info, None),
        risk_score: None,
        risk_source: None,
        status: None,
        port: None,
        protocol: None,
        fqdn: None,
        ssl: false,
        instance: None,
        results: None,
        first_found: None,
        last_found: None,
        last_test: None,
        last_update: None,
        last_fixed: None,
        times_found: None,
        qds: None,
        is_ignored: false,
        is_disabled: false,
        affects_running_kernel: None,
        affects_running_service: None,
        affects_exploitable_config: None,
        attributes: String::new(),
    }
}
