//! `Finding` of Qualys WAS: leaves to a finding of a web application.
//!
//! Of a payload the method, the address and the payload itself are kept, never what the application
//! answered: that is large, and may hold anything.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Field, Subject, Warnings};
use crate::contract::types::{
    Certainty, Cvss, RiskSource, Severity, Status, Weakness, WebAppFinding, WebFindingKind,
};
use crate::normalize;

mod results;

use results::Results;

/// A finding in the making.
#[derive(Debug)]
pub(super) struct Draft {
    finding: WebAppFinding,
    kind: Option<WebFindingKind>,
    status: Option<(Status, bool)>,
    has_status: bool,
    is_potential: bool,
    /// By Qualys itself, where other tools bring findings too.
    is_own: bool,
    weakness: (Option<String>, Option<String>),
    cvss_base: Option<f32>,
    cvss_temporal: Option<f32>,
    cvss_vector: Option<String>,
    results: Results,
    attributes: Attributes,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            finding: empty(),
            kind: None,
            status: None,
            has_status: false,
            is_potential: false,
            is_own: true,
            weakness: (None, None),
            cvss_base: None,
            cvss_temporal: None,
            cvss_vector: None,
            results: Results::default(),
            attributes: Attributes::default(),
        }
    }
}

impl Draft {
    pub(super) fn subject(&self) -> Subject {
        match self.finding.web_finding_id {
            0 => Subject::Unknown,
            id => Subject::WebFinding(id),
        }
    }

    pub(super) fn take(&mut self, mut field: Field<'_, '_>) {
        let finding = &mut self.finding;
        match field.leaf.element {
            // What an application says may well be the word that stands for nothing.
            Element::WebFindingContent => self.results.content = field.text(),
            Element::WebFindingPayloadText => self.results.payload = field.text(),
            Element::WebFindingPayload => self.results.end_of_payload(),
            Element::WebFindingOwaspEntry => {
                finding.owasp.extend(take_weakness(&mut self.weakness))
            }
            Element::WebFindingWascEntry => finding.wasc.extend(take_weakness(&mut self.weakness)),
            _ if field.is_null() => {}
            Element::WebFindingId => finding.web_finding_id = field.number().unwrap_or_default(),
            Element::WebFindingKey => finding.finding_key = field.text().unwrap_or_default(),
            Element::WebFindingQid => finding.qid = field.number().unwrap_or_default(),
            Element::WebFindingName => finding.name = field.text().unwrap_or_default(),
            Element::WebFindingKind => {
                self.kind = field.word(normalize::web_finding_kind);
                if self.kind.is_none() {
                    self.attributes.note_snake(field.leaf);
                }
            }
            Element::WebFindingPotential => self.is_potential = field.truth().unwrap_or_default(),
            Element::WebFindingSource => {
                let own = field.leaf.text.trim_ascii();
                self.is_own = own.eq_ignore_ascii_case(b"QUALYS");
                self.attributes.note_snake(field.leaf);
            }
            Element::WebFindingSeverity => {
                finding.qualys_severity = field.number().unwrap_or_default();
            }
            Element::WebFindingOriginalSeverity => finding.original_severity = field.number(),
            Element::WebFindingStatus => {
                self.has_status = field.text().is_some();
                self.status = field.word(normalize::web_status);
                if self.status.is_none() {
                    self.attributes.note_snake(field.leaf);
                }
            }
            Element::WebFindingUrl => finding.url = field.text(),
            Element::WebFindingParam => finding.param = field.text(),
            Element::WebFindingGroup => finding.group = field.text(),
            Element::WebFindingCweList => {
                let numbers = field.numbers().into_iter();
                finding
                    .cwe
                    .extend(numbers.filter_map(|n| u32::try_from(n).ok()));
            }
            Element::WebFindingWeaknessCode => self.weakness.0 = field.text(),
            Element::WebFindingWeaknessName => self.weakness.1 = field.text(),
            Element::WebFindingAppId => finding.web_app_id = field.number().unwrap_or_default(),
            Element::WebFindingAppName => finding.web_app_name = field.text(),
            Element::WebFindingAppUrl => finding.web_app_url = field.text(),
            Element::WebFindingFunction => self.results.function = field.text(),
            Element::WebFindingPayloadMethod => self.results.method = field.text(),
            Element::WebFindingPayloadLink => self.results.link = field.text(),
            Element::WebFindingFirst => finding.first_detected = field.time(),
            Element::WebFindingLast => finding.last_detected = field.time(),
            Element::WebFindingTested => finding.last_tested = field.time(),
            Element::WebFindingFixed => finding.fixed = field.time(),
            Element::WebFindingTimes => finding.times_detected = field.number(),
            Element::WebFindingIsIgnored => finding.is_ignored = field.truth().unwrap_or_default(),
            Element::WebFindingIgnoredReason => finding.ignored_reason = field.text(),
            Element::WebFindingIgnoredComment => finding.ignored_comment = field.text(),
            Element::WebFindingCvssBase => self.cvss_base = field.decimal(),
            Element::WebFindingCvssTemporal => self.cvss_temporal = field.decimal(),
            Element::WebFindingCvssVector => {
                self.cvss_vector = field.text().filter(|text| text.contains(':'));
                if self.cvss_vector.is_none() {
                    self.attributes.note_as("cvss_attack_vector", field.leaf);
                }
            }
            Element::WebFindingQds => finding.qds = field.number(),
            Element::WebFindingNote => self.attributes.note_snake(field.leaf),
            _ => {}
        }
    }

    /// `None` for a finding that does not say what was found, or where. A warning without a
    /// subject tells that something may have been left out that was there before.
    pub(super) fn finish(mut self, warnings: &mut Warnings) -> Option<WebAppFinding> {
        let subject = self.subject();
        let mut finding = self.finding;
        let id = finding.web_finding_id;
        finding.attributes = self.attributes.take(subject, warnings);
        let lacking = match (id, finding.web_app_id, finding.qid) {
            (0, _, _) => Some("number"),
            (_, 0, _) => Some("web application"),
            (_, _, 0) => Some("QID"),
            _ => None,
        };
        if let Some(lacking) = lacking {
            let message = format!("web finding {id} comes without a {lacking} and is left out");
            // Other tools know no QIDs: what they bring never had one.
            let is_foreign = lacking == "QID" && !self.is_own;
            warnings.add(
                if is_foreign {
                    subject
                } else {
                    Subject::Unknown
                },
                message,
            );
            return None;
        }
        if finding.finding_key.is_empty() {
            finding.finding_key = format!("was/{id}");
        }
        finding.kind = self.kind.unwrap_or(if self.has_status {
            WebFindingKind::Vulnerability
        } else {
            WebFindingKind::InformationGathered
        });
        let is_gathered = finding.kind == WebFindingKind::InformationGathered;
        finding.certainty = match (is_gathered, self.is_potential) {
            (true, _) => Certainty::Information,
            (false, true) => Certainty::Potential,
            (false, false) => Certainty::Confirmed,
        };
        if !is_gathered {
            if !self.has_status {
                warnings.add(subject, "comes without a status, taken as active");
            }
            let (status, is_protected) = self.status.unwrap_or((Status::Active, false));
            finding.status = Some(status);
            finding.is_protected = is_protected;
        }
        finding.severity = normalize::severity(finding.qualys_severity).unwrap_or_else(|| {
            let message = match finding.qualys_severity {
                0 => "comes without a severity, taken as 1".to_owned(),
                other => format!("has the severity {other}, taken as 1"),
            };
            warnings.add(subject, message);
            finding.qualys_severity = 1;
            Severity::Info
        });
        finding.cvss = self.cvss_base.map(|base| Cvss {
            version: "3".to_owned(),
            base,
            temporal: self.cvss_temporal,
            vector: self.cvss_vector,
        });
        let qds = finding.qds.map(|qds| (f32::from(qds), RiskSource::Qds));
        let score = qds.or(self.cvss_base.map(|base| (base, RiskSource::CvssV3)));
        finding.risk_score = score.map(|(score, _)| score);
        finding.risk_source = score.map(|(_, source)| source);
        finding.risk = normalize::risk(finding.severity, finding.risk_score);
        finding.cwe.dedup();
        finding.results = self.results.text();
        Some(finding)
    }
}

fn take_weakness(parts: &mut (Option<String>, Option<String>)) -> Option<Weakness> {
    match std::mem::take(parts) {
        (None, None) => None,
        (code, name) => Some(Weakness {
            name: name.or_else(|| code.clone()).unwrap_or_default(),
            code,
        }),
    }
}

fn empty() -> WebAppFinding {
    WebAppFinding {
        finding_key: String::new(),
        web_finding_id: 0,
        web_app_id: 0,
        web_app_name: None,
        web_app_url: None,
        qid: 0,
        name: String::new(),
        kind: WebFindingKind::Vulnerability,
        certainty: Certainty::Potential,
        severity: Severity::Info,
        qualys_severity: 0,
        original_severity: None,
        risk: normalize::risk(Severity::Info, None),
        risk_score: None,
        risk_source: None,
        status: None,
        is_protected: false,
        url: None,
        param: None,
        group: None,
        cwe: Vec::new(),
        owasp: Vec::new(),
        wasc: Vec::new(),
        results: None,
        first_detected: None,
        last_detected: None,
        last_tested: None,
        fixed: None,
        times_detected: None,
        is_ignored: false,
        ignored_reason: None,
        ignored_comment: None,
        cvss: None,
        qds: None,
        attributes: String::new(),
    }
}
