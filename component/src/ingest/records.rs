//! Collects what the leaves of one answer amount to: records, warnings, and what is known at its end.
//!
//! Knows which record is open and hands it its leaves; what a text means is for the record to say.
//! Knows nothing of tags and how they nest.

use super::element::Element;
use super::field::{Field, Subject, Warnings};
use super::portal::Envelope;
use super::raw::Leaf;
use super::{
    asset, asset_group, asset_view, cve_score, finding, host, refusal, table, tag, vulnerability,
    web_app, web_finding,
};
use crate::contract::ingest::{End, HostFindings, Page};
use crate::contract::plan::Refusal;
use crate::contract::types::{Dataset, Finding, QualysHost};
use crate::rules::Rules;

#[derive(Debug)]
pub(super) struct Records {
    dataset: Dataset,
    rules: Rules,
    open: Open,
    host: host::Draft,
    finding: finding::Draft,
    vulnerability: vulnerability::Draft,
    group: asset_group::Draft,
    tag: tag::Draft,
    asset: asset::Draft,
    viewed: asset_view::Draft,
    web_app: web_app::Draft,
    web_finding: web_finding::Draft,
    cve_score: cve_score::Draft,
    refusal: refusal::Parts,
    envelope: Envelope,
    /// Findings of the host that is open.
    findings: Vec<Finding>,
    /// How many more hosts ranges may name.
    host_ids_left: u64,
    page: Page,
    warnings: Warnings,
    end: End,
    /// Whether a finding of the host that is open could not be told.
    is_host_unsure: bool,
}

/// What the next leaf belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Open {
    Frame,
    Refusal,
    Host,
    Detection,
    Vulnerability,
    AssetGroup,
    Tag,
    Asset,
    Viewed,
    WebApp,
    WebFinding,
    CveScore,
}

impl Records {
    pub(super) fn new(dataset: Dataset, rules: Rules) -> Self {
        Self {
            dataset,
            rules,
            open: Open::Frame,
            host: host::Draft::default(),
            finding: finding::Draft::default(),
            vulnerability: vulnerability::Draft::default(),
            group: asset_group::Draft::default(),
            tag: tag::Draft::default(),
            asset: asset::Draft::default(),
            viewed: asset_view::Draft::default(),
            web_app: web_app::Draft::default(),
            web_finding: web_finding::Draft::default(),
            cve_score: cve_score::Draft::default(),
            refusal: refusal::Parts::default(),
            envelope: Envelope::default(),
            findings: Vec::new(),
            host_ids_left: MAX_IN_RANGES,
            page: empty_page(),
            warnings: Warnings::default(),
            end: End {
                next: None,
                as_of: None,
                elements: 0,
                skipped: Vec::new(),
                drift: Vec::new(),
                unsure_hosts: Vec::new(),
                is_sure: true,
            },
            is_host_unsure: false,
        }
    }

    /// What has been completed since the last call.
    pub(super) fn take_page(&mut self) -> Page {
        self.page.warnings = self.warnings.take();
        std::mem::replace(&mut self.page, empty_page())
    }

    /// What is known at the end, or the refusal that came in place of a list.
    pub(super) fn end(&self) -> Result<End, Refusal> {
        if self.open == Open::Refusal {
            return Err(self.refusal.clone().settle());
        }
        let (refusal, next) = if self.dataset == Dataset::AssetView {
            (
                self.envelope.refusal_of_gateway(),
                self.envelope.next_of_gateway(),
            )
        } else {
            (self.envelope.refusal(), self.envelope.next())
        };
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        Ok(End {
            next: self.end.next.clone().or(next),
            skipped: self.rules.skipped(),
            drift: self.warnings.all_drift(),
            ..self.end.clone()
        })
    }

    /// An element begins that is no leaf.
    pub(super) fn open(&mut self, element: Element, name: &[u8]) {
        self.open = match element {
            Element::Refusal => Open::Refusal,
            Element::Host => Open::Host,
            Element::Detection => Open::Detection,
            Element::Vulnerability => Open::Vulnerability,
            Element::AssetGroup => Open::AssetGroup,
            Element::PortalTag => Open::Tag,
            Element::PortalAsset => Open::Asset,
            Element::ViewAsset => Open::Viewed,
            Element::WebApp => Open::WebApp,
            Element::WebFinding => Open::WebFinding,
            Element::CveScore => {
                self.cve_score = cve_score::Draft::named(name);
                Open::CveScore
            }
            _ => return,
        };
    }

    /// A leaf, whole.
    pub(super) fn leaf(&mut self, leaf: &Leaf<'_>) {
        let subject = self.subject();
        let mut field = Field {
            leaf,
            subject,
            warnings: &mut self.warnings,
        };
        match self.open {
            Open::Detection => self.finding.take(field),
            Open::Host => self.host.take(field),
            Open::Vulnerability => self.vulnerability.take(field),
            Open::AssetGroup => self.group.take(field),
            Open::Tag => self.tag.take(field),
            Open::Asset => self.asset.take(field),
            Open::Viewed => self.viewed.take(field),
            Open::WebApp => self.web_app.take(field),
            Open::WebFinding => self.web_finding.take(field),
            Open::CveScore => self.cve_score.take(field),
            Open::Refusal => self.refusal.take(leaf),
            Open::Frame if leaf.element == Element::Datetime => self.end.as_of = field.time(),
            Open::Frame => self.frame(leaf),
        }
    }

    /// An element ends that is no leaf.
    pub(super) fn close(&mut self, element: Element) {
        match element {
            Element::Detection => {
                self.open = Open::Host;
                let subject = self.host.subject();
                let finding = self.finding.finish(subject, &mut self.warnings);
                self.is_host_unsure |= finding.is_none() || self.finding.take_is_unsure();
                self.findings.extend(finding);
            }
            Element::Host => {
                let host = std::mem::take(&mut self.host).finish(&mut self.warnings);
                match host {
                    Some(host) => self.keep_host(host),
                    None => self.end.is_sure = false,
                }
                self.is_host_unsure = false;
                self.findings.clear();
            }
            Element::Vulnerability => {
                let entry = std::mem::take(&mut self.vulnerability).finish(&mut self.warnings);
                self.page.vulnerabilities.extend(entry);
            }
            Element::AssetGroup => {
                let group = std::mem::take(&mut self.group).finish(&mut self.warnings);
                self.page.asset_groups.extend(group);
            }
            Element::PortalTag => {
                let tag = std::mem::take(&mut self.tag).finish(&mut self.warnings);
                self.envelope.saw(tag.as_ref().map_or(0, |tag| tag.tag_id));
                self.page.tags.extend(tag);
            }
            Element::PortalAsset => {
                let asset = std::mem::take(&mut self.asset).finish(&mut self.warnings);
                self.envelope.saw(asset.id);
                if asset.inventory.is_none() {
                    self.rules.leave_out(NO_HOST, 1);
                }
                self.page.inventories.extend(asset.inventory);
            }
            Element::ViewAsset => {
                let asset = std::mem::take(&mut self.viewed);
                let inventory = asset.finish(&mut self.rules, &mut self.warnings);
                self.envelope.count();
                self.page.inventories.extend(inventory);
            }
            Element::WebApp => {
                let app = std::mem::take(&mut self.web_app).finish(&mut self.warnings);
                self.envelope
                    .saw(app.as_ref().map_or(0, |app| app.web_app_id));
                self.end.is_sure &= app.is_some();
                self.page.web_apps.extend(app);
            }
            Element::WebFinding => self.web_finding(),
            Element::CveScore => {
                let score = std::mem::take(&mut self.cve_score).finish(&mut self.warnings);
                self.end.is_sure &= score.is_some();
                self.page.cve_scores.extend(score);
            }
            // It groups the leaves before it.
            _ => return self.leaf(&Leaf::end_of(element)),
        }
        self.end.elements += 1;
        if element != Element::Detection {
            self.open = Open::Frame;
        }
    }

    /// An element came that is not known below this one.
    pub(super) fn drift(&mut self, below: &[u8], name: &[u8]) {
        let shown = |name: &[u8]| String::from_utf8_lossy(&name[..name.len().min(64)]).into_owned();
        self.warnings
            .drift(format!("{}/{}", shown(below), shown(name)));
    }

    pub(super) fn warn(&mut self, message: String) {
        self.warnings.add(self.subject(), message);
    }

    fn subject(&self) -> Subject {
        match self.open {
            Open::Host | Open::Detection => self.host.subject(),
            Open::Vulnerability => self.vulnerability.subject(),
            Open::AssetGroup => self.group.subject(),
            Open::Tag => self.tag.subject(),
            Open::Asset => self.asset.subject(),
            Open::Viewed => self.viewed.subject(),
            Open::WebApp => self.web_app.subject(),
            Open::WebFinding => self.web_finding.subject(),
            Open::CveScore => self.cve_score.subject(),
            Open::Frame | Open::Refusal => Subject::Unknown,
        }
    }

    fn keep_host(&mut self, host: QualysHost) {
        if matches!(self.dataset, Dataset::HostIds | Dataset::ChangedHostIds) {
            self.page.host_ids.push(host.host_id);
            return;
        }
        if self.is_host_unsure && self.end.unsure_hosts.len() < MAX_UNSURE {
            self.end.unsure_hosts.push(host.host_id);
        } else if self.is_host_unsure {
            self.end.is_sure = false;
        }
        for finding in &mut self.findings {
            finding::settle(finding, host.host_id);
        }
        if self.rules.is_fingerprint_only() {
            self.take_fingerprint(&host);
        }
        let mut findings = Vec::with_capacity(self.findings.len());
        for mut finding in self.findings.drain(..) {
            if self.rules.keep(&mut finding) {
                findings.push(finding);
            }
        }
        if self.rules.wants_software() {
            let inventory = table::inventory(host.host_id, &findings);
            self.page.inventories.extend(inventory);
        }
        self.page.hosts.push(HostFindings { host, findings });
    }

    /// What the findings tell before all of them are left out, which is not to say that they
    /// vanished.
    fn take_fingerprint(&mut self, host: &QualysHost) {
        self.end.is_sure &= self.findings.is_empty();
        if self.rules.wants_software() {
            let inventory = table::inventory(host.host_id, &self.findings);
            self.page.inventories.extend(inventory);
        }
    }

    fn web_finding(&mut self) {
        let finding = std::mem::take(&mut self.web_finding).finish(&mut self.warnings);
        let Some(mut finding) = finding else {
            self.end.is_sure = false;
            return;
        };
        self.envelope.saw(finding.web_finding_id);
        self.end.is_sure &= !self.rules.is_fingerprint_only();
        if self.rules.keep_web(&mut finding) {
            self.page.web_app_findings.push(finding);
        }
    }

    /// A leaf outside of records.
    fn frame(&mut self, leaf: &Leaf<'_>) {
        let Some(text) = leaf.text() else {
            return;
        };
        match leaf.element {
            Element::WarningUrl => {
                self.end.next = text.split_once('?').map(|(_, query)| query.to_owned());
            }
            Element::SetId | Element::SetIdRange => self.host_numbers(&text),
            _ => self.envelope.take(leaf),
        }
    }

    /// `7`, or `7-9` for a range.
    fn host_numbers(&mut self, text: &str) {
        self.end.elements += 1;
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last && last - first < self.host_ids_left => {
                self.host_ids_left -= last - first;
                self.page.host_ids.extend(first..=last);
            }
            _ => {
                let message = format!("`{text:.40}` is no host number or range of them");
                self.warnings.add(Subject::Unknown, message);
                self.end.is_sure = false;
            }
        }
    }
}

pub(crate) fn empty_page() -> Page {
    Page {
        host_ids: Vec::new(),
        hosts: Vec::new(),
        vulnerabilities: Vec::new(),
        asset_groups: Vec::new(),
        tags: Vec::new(),
        inventories: Vec::new(),
        web_apps: Vec::new(),
        web_app_findings: Vec::new(),
        cve_scores: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Under which host assets are counted that no host of the inventory goes with.
const NO_HOST: &str = "no_qweb_host_id";
/// Hosts that ranges may name: more than any subscription has would only fill the memory.
const MAX_IN_RANGES: u64 = 20_000_000;
/// Unsure hosts that are told one by one; an answer with more of them is unsure as a whole.
const MAX_UNSURE: usize = 1_000;
