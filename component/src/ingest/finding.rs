//! `DETECTION`: leaves to a finding.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Field, Subject, Warnings};
use crate::contract::types::{Certainty, Finding, RiskSource, Severity};
use crate::normalize::{self, Identity};

/// A finding in the making.
#[derive(Debug)]
pub(super) struct Draft {
    finding: Finding,
    certainty: Option<Certainty>,
    attributes: Attributes,
    is_unsure: bool,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            finding: empty(),
            certainty: None,
            attributes: Attributes::default(),
            is_unsure: false,
        }
    }
}

impl Draft {
    pub(super) fn take(&mut self, mut field: Field<'_, '_>) {
        let finding = &mut self.finding;
        match field.leaf.element {
            Element::UniqueVulnId => {
                let id: Option<u64> = field.number();
                // Under another key it would look like another finding, and the known one gone.
                self.is_unsure = id.is_none() && field.text().is_some();
                finding.finding_key = id.map(|id| id.to_string()).unwrap_or_default();
            }
            Element::Qid => finding.qid = field.number().unwrap_or_default(),
            Element::Type => self.certainty = field.word(normalize::certainty),
            Element::Severity => finding.qualys_severity = field.number().unwrap_or_default(),
            Element::Port => finding.port = field.number().filter(|&port: &u16| port != 0),
            Element::Protocol => finding.protocol = field.text().map(in_lower_case),
            Element::Fqdn => finding.fqdn = field.text(),
            Element::Ssl => finding.ssl = field.flag().unwrap_or_default(),
            Element::Instance => finding.instance = field.text(),
            Element::Results => finding.results = field.leaf.layout(),
            Element::Status => finding.status = field.word(normalize::status),
            Element::FirstFound => finding.first_found = field.time(),
            Element::LastFound => finding.last_found = field.time(),
            Element::LastTest => finding.last_test = field.time(),
            Element::LastUpdate => finding.last_update = field.time(),
            Element::LastFixed => finding.last_fixed = field.time(),
            Element::TimesFound => finding.times_found = field.number(),
            Element::Qds => finding.qds = field.number(),
            Element::IsIgnored => finding.is_ignored = field.flag().unwrap_or_default(),
            Element::IsDisabled => finding.is_disabled = field.flag().unwrap_or_default(),
            Element::AffectsKernel => finding.affects_running_kernel = field.flag(),
            Element::AffectsService => finding.affects_running_service = field.flag(),
            Element::AffectsConfig => finding.affects_exploitable_config = field.flag(),
            Element::DetectionSources => {
                let name = "vulnerability_detection_sources";
                self.attributes.note_as(name, field.leaf);
            }
            Element::DetectionNote | Element::QdsFactor => self.attributes.note(field.leaf),
            _ => {}
        }
    }

    /// Whether the finding that was finished last may be one that is known under another key.
    pub(super) fn take_is_unsure(&mut self) -> bool {
        std::mem::take(&mut self.is_unsure)
    }

    /// `None` for a detection that does not say what was found. The host it belongs to is not
    /// known yet, because its number may follow: [`settle`] adds it.
    pub(super) fn finish(&mut self, subject: Subject, warnings: &mut Warnings) -> Option<Finding> {
        let mut finding = std::mem::replace(&mut self.finding, empty());
        finding.attributes = self.attributes.take(subject, warnings);
        let certainty = self.certainty.take();
        if finding.qid == 0 {
            warnings.add(subject, "a detection without a QID is left out");
            return None;
        }
        finding.certainty = certainty.unwrap_or_else(|| {
            warnings.add(subject, format!("QID {} comes without a type", finding.qid));
            // Gathered information has no status, and nothing else lacks one.
            if finding.status.is_none() {
                Certainty::Information
            } else {
                Certainty::Potential
            }
        });
        finding.severity = normalize::severity(finding.qualys_severity).unwrap_or_else(|| {
            let message = match finding.qualys_severity {
                0 => format!("QID {} comes without a severity, taken as 1", finding.qid),
                other => format!("QID {} has the severity {other}, taken as 1", finding.qid),
            };
            warnings.add(subject, message);
            finding.qualys_severity = 1;
            Severity::Info
        });
        finding.risk_score = finding.qds.map(f32::from);
        finding.risk_source = finding.qds.map(|_| RiskSource::Qds);
        finding.risk = normalize::risk(finding.severity, finding.risk_score);
        Some(finding)
    }
}

/// Gives a finding its host, and a key where Qualys sent none.
pub(super) fn settle(finding: &mut Finding, host_id: u64) {
    finding.host_id = host_id;
    if finding.finding_key.is_empty() {
        finding.finding_key = normalize::finding_key(Identity {
            unique_vuln_id: None,
            host_id,
            qid: finding.qid,
            port: finding.port,
            protocol: finding.protocol.as_deref(),
            ssl: finding.ssl,
            fqdn: finding.fqdn.as_deref(),
            instance: finding.instance.as_deref(),
        });
    }
}

fn in_lower_case(mut text: String) -> String {
    text.make_ascii_lowercase();
    text
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
