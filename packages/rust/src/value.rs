//! Values of the contract in hand: empty ones, and one behind another. Knows no engine.

use super::{export::Batch, ingest::Page, pace::Limits, plan::History, rules::Rule};

impl Default for Page {
    /// Nothing was completed.
    fn default() -> Self {
        Self {
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
}

impl Page {
    /// Puts the records of a later page behind those of this one.
    pub fn append(&mut self, page: Self) {
        let Self {
            host_ids,
            hosts,
            vulnerabilities,
            asset_groups,
            tags,
            inventories,
            web_apps,
            web_app_findings,
            cve_scores,
            warnings,
        } = page;
        self.host_ids.extend(host_ids);
        self.hosts.extend(hosts);
        self.vulnerabilities.extend(vulnerabilities);
        self.asset_groups.extend(asset_groups);
        self.tags.extend(tags);
        self.inventories.extend(inventories);
        self.web_apps.extend(web_apps);
        self.web_app_findings.extend(web_app_findings);
        self.cve_scores.extend(cve_scores);
        self.warnings.extend(warnings);
    }
}

impl Batch {
    /// Whether there is nothing in it, and nothing to forget.
    pub fn is_empty(&self) -> bool {
        let Self {
            forget,
            assets,
            entries,
            findings,
            software,
        } = self;
        !forget
            && assets.is_empty()
            && entries.is_empty()
            && findings.is_empty()
            && software.is_empty()
    }
}

impl Default for Limits {
    /// Nothing is known.
    fn default() -> Self {
        Self {
            calls_left: None,
            calls_allowed: None,
            window_secs: None,
            concurrent: None,
            not_before: None,
            held_until: Vec::new(),
            recent: Vec::new(),
        }
    }
}

impl Rule {
    /// Whether it is one of those that are expressions.
    pub fn is_of_import(self) -> bool {
        !matches!(
            self,
            Rule::KernelFilter | Rule::ServiceFilter | Rule::ConfigFilter
        )
    }
}

impl Default for History {
    /// There was no run.
    fn default() -> Self {
        Self {
            watermark: None,
            last_full: None,
        }
    }
}
