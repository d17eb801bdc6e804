//! What the user chose, read once from JSON; the rest of the component trusts it.
//!
//! Every key has a default that suits a first full run, so `{}` is enough. A key that does not
//! exist is a mistake rather than something to pass over: it is mostly a misspelt one that does.
//! Credentials and the address of Qualys are no settings; the component never sees them.

use serde::{Deserialize, Serialize};

mod check;
mod rules;
mod version;

pub use rules::ImportRules;
pub use version::Version;

/// What to ask Qualys for, and how patiently.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Which version of each API is called.
    pub api: Api,
    /// Hosts whose detections are asked for at once, 1 to 5000. Below 100 the load on Qualys
    /// grows, far above 500 answers tend to time out.
    pub batch_hosts: u32,
    /// Hosts whose details are asked for at once, 1 to 5000.
    pub host_page: u32,
    /// Host numbers a page, 100 to 1000000. They are short: 100000 are a few megabytes.
    pub host_ids_page: u32,
    /// Asset groups a page, 100 to 10000.
    pub group_page: u32,
    /// Tags a page, 1 to 1000.
    pub tag_page: u32,
    /// Host assets a page, 1 to 1000. Each comes with all of its software and detections, so they
    /// are long.
    pub host_asset_page: u32,
    /// Web applications a page, 1 to 1000.
    pub web_app_page: u32,
    /// Findings of web applications a page, 1 to 1000. Each may be large, as Qualys sends more of
    /// it than is kept.
    pub web_app_finding_page: u32,
    /// Knowledge base entries asked for at once, 1 to 1000.
    pub batch_qids: u32,
    /// CVEs whose scores are asked for at once, 1 to 1000.
    pub batch_cves: u32,
    /// All of the knowledge base, rather than the entries that findings name: hundreds of thousands,
    /// and most of a gigabyte in the first run.
    pub whole_knowledge_base: bool,
    /// Assets of Global AssetView a page, 1 to 300. Each comes with all that is installed on it.
    pub asset_view_page: u32,
    /// Gathered information (`TYPE` Info) besides vulnerabilities. It is most of the volume.
    pub information_gathered: bool,
    /// Fixed detections too. Without them a run cannot tell fixed from vanished.
    pub fixed: bool,
    /// Detections that were ignored in Qualys; they are marked as such.
    pub ignored: bool,
    /// Detections of disabled QIDs; they are marked as such.
    pub disabled: bool,
    /// What the scan saw (`RESULTS`). It may be long, and may hold what people would rather not
    /// show around.
    pub results: bool,
    /// Scores of TruRisk: TruRisk of hosts, QDS of detections. Off for editions without TruRisk
    /// (Consulting), which refuse a request that asks for them.
    pub trurisk: bool,
    /// Tags, and which of them each host has.
    pub tags: bool,
    /// Software and open ports: those that the portal knows of each host, and those that tables in
    /// the results of detections name.
    pub software: bool,
    /// Web applications and what was found in them (Qualys WAS). Left out with a note where the
    /// module is not granted.
    pub web_apps: bool,
    /// What cloud providers tell of their machines, and the tags that they have there.
    pub cloud_metadata: bool,
    /// Asset groups, and which of them each host is in.
    pub asset_groups: bool,
    /// Software and open ports as Global AssetView knows them, with publishers and ends of life. It
    /// is served by the gateway, and part of a licence of its own.
    pub asset_view: bool,
    /// Qualys vulnerability scores (QVS) of the CVEs that findings name, and what they are made of:
    /// one call for every 300 CVEs in a run over all hosts. Left out with a note where the account
    /// lacks them.
    pub qvs: bool,
    /// Days after which a run asks for all hosts again rather than for those that changed, 0 to
    /// 365; with 0 every run does.
    pub full_every_days: u32,
    /// Only hosts that were scanned in as many days, 0 to 365; 0 for no such limit. Takes the
    /// place of runs for what changed.
    pub detection_window_days: u32,
    /// Seconds by which a run for what changed reaches back behind the last one, 0 to 604800.
    pub overlap_secs: u32,
    /// Days without a scan or a sign of life after which the findings of a host are closed as
    /// inactive, 0 to 3650; 0 for never.
    pub inactive_after_days: u32,
    /// Of a hundred hosts, how many may be gone from Qualys' list before a person is asked, 1 to
    /// 100.
    pub most_vanished_percent: u32,
    /// Vulnerabilities of Linux kernels, by whether the kernel runs, as `arf_kernel_filter` of
    /// Qualys' API 2.0 has it. 0 shows all; 1 leaves out those of kernels that do not run; 2 shows
    /// only these; 3 only those of running kernels; 4 only those of kernels at all. This filter
    /// and the next two work on what is stored, and never on fixed findings.
    pub kernel_filter: u32,
    /// Vulnerabilities of services, by whether the service runs, as `arf_service_filter` has it.
    /// Mind that its 1 is the opposite: 0 shows all; 1 leaves out those of services that run; 2
    /// shows only these; 3 only those of services that do not run; 4 only those of services at all.
    pub service_filter: u32,
    /// Vulnerabilities that depend on a configuration, by whether that is exploitable, as
    /// `arf_config_filter` has it: 0 shows all; 1 leaves out those that are exploitable; 2 shows
    /// only these; 3 only those that are not; 4 only those that depend on a configuration at all.
    pub config_filter: u32,
    /// Whether the business impact of an asset group is the impact of its tag. What a person says
    /// of a tag comes first.
    pub business_impact: bool,
    /// Name of the site of assets that no other source knows; none when empty.
    pub site: String,
    /// What of all that was fetched belongs to the inventory.
    pub rules: ImportRules,
    /// How long to wait when Qualys cannot or will not answer.
    pub waits: Waits,
    /// Failures in a row after which a batch is given up, 1 to 20. Every time-out, broken or
    /// unreadable answer, server error, busy subscription, maintenance and lost connection
    /// counts. A rate limit does not: Qualys says when it is over. Halves of a split batch
    /// count from zero again.
    pub max_attempts: u32,
}

/// Versions of the Qualys APIs. Older ones are asked only for what they know.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// Host list: `2.0` to `5.0`.
    pub host_list: Version,
    /// Host list detection: `2.0` to `5.0`.
    pub detections: Version,
    /// Knowledge base: `2.0` to `4.0`.
    pub knowledge_base: Version,
    /// Asset groups: `2.0`.
    pub asset_groups: Version,
    /// Qualys vulnerability scores: `3.0`.
    pub qvs: Version,
}

/// Waits in seconds, each 1 to 86400. One that Qualys names itself goes before these.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Waits {
    /// First wait when too many calls run at once, or one was given up and may still run at
    /// Qualys; doubled with every failure in a row.
    pub busy_secs: u32,
    /// First wait without a connection, and after an answer that was broken or a server error;
    /// doubled with every failure in a row.
    pub unreachable_secs: u32,
    /// First wait during maintenance; doubled with every failure in a row.
    pub maintenance_secs: u32,
    /// Where doubling ends, and how long to wait at a rate limit without a time.
    pub longest_secs: u32,
    /// How long a call that was given up is taken to keep its slot at Qualys.
    pub held_slot_secs: u32,
}

/// Reads the settings, or names all mistakes in them, each as a sentence with the key.
pub fn parse(text: &str) -> Result<Settings, Vec<String>> {
    let written: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| vec![format!("the settings are not sound JSON: {error}")])?;
    let mistakes = check::shape(&written);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    // From the text again, as a key that is there twice is no longer seen in the value.
    let settings: Settings = serde_json::from_str(text).map_err(|error| vec![error.to_string()])?;
    let mistakes = check::values(&settings);
    if mistakes.is_empty() {
        Ok(settings)
    } else {
        Err(mistakes)
    }
}

impl Settings {
    /// Versions that Qualys has announced to end in June 2026. They may still answer.
    pub(crate) fn advise(&self) -> Vec<String> {
        let newest = Api::default();
        [
            ("host_list", self.api.host_list, newest.host_list),
            ("detections", self.api.detections, newest.detections),
            (
                "knowledge_base",
                self.api.knowledge_base,
                newest.knowledge_base,
            ),
        ]
        .into_iter()
        .filter(|(_, version, newest)| version < newest)
        .map(|(key, version, newest)| {
            format!(
                "Qualys retired version {} of `api.{key}` in June 2026 and may switch it off; set \
                 it to `{}`",
                version.text(),
                newest.text()
            )
        })
        .collect()
    }

    /// Only what decides about what is fetched; all else is at its default.
    pub(crate) fn fetched_by(&self) -> Self {
        let others = Self::default();
        Self {
            batch_hosts: others.batch_hosts,
            host_page: others.host_page,
            host_ids_page: others.host_ids_page,
            group_page: others.group_page,
            tag_page: others.tag_page,
            host_asset_page: others.host_asset_page,
            asset_view_page: others.asset_view_page,
            web_app_page: others.web_app_page,
            web_app_finding_page: others.web_app_finding_page,
            batch_qids: others.batch_qids,
            batch_cves: others.batch_cves,
            full_every_days: others.full_every_days,
            overlap_secs: others.overlap_secs,
            inactive_after_days: others.inactive_after_days,
            most_vanished_percent: others.most_vanished_percent,
            kernel_filter: others.kernel_filter,
            service_filter: others.service_filter,
            config_filter: others.config_filter,
            business_impact: others.business_impact,
            site: others.site,
            rules: ImportRules {
                fingerprint_only: self.rules.fingerprint_only,
                ..others.rules
            },
            waits: others.waits,
            max_attempts: others.max_attempts,
            ..self.clone()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api: Api::default(),
            batch_hosts: 500,
            host_page: 1000,
            host_ids_page: 100_000,
            group_page: 1000,
            tag_page: 1000,
            host_asset_page: 300,
            web_app_page: 100,
            web_app_finding_page: 100,
            batch_qids: 300,
            batch_cves: 300,
            whole_knowledge_base: false,
            asset_view_page: 300,
            information_gathered: true,
            fixed: true,
            ignored: true,
            disabled: true,
            results: true,
            trurisk: true,
            tags: true,
            software: true,
            web_apps: true,
            cloud_metadata: true,
            asset_groups: true,
            asset_view: false,
            qvs: false,
            full_every_days: 7,
            detection_window_days: 0,
            overlap_secs: 3600,
            inactive_after_days: 0,
            most_vanished_percent: 30,
            kernel_filter: 0,
            service_filter: 0,
            config_filter: 0,
            business_impact: false,
            site: String::new(),
            rules: ImportRules::default(),
            waits: Waits::default(),
            max_attempts: 6,
        }
    }
}

impl Default for Api {
    fn default() -> Self {
        Self {
            host_list: Version::V5,
            detections: Version::V5,
            knowledge_base: Version::V4,
            asset_groups: Version::V2,
            qvs: Version::V3,
        }
    }
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            busy_secs: 60,
            unreachable_secs: 5,
            maintenance_secs: 300,
            longest_secs: 900,
            held_slot_secs: 60,
        }
    }
}

#[cfg(test)]
mod tests;
