//! Pages of records as they are collected: an empty one, and one behind another. Knows no engine.

use super::ingest::Page;

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
