//! What is asked of Qualys: a table of parameters for each dataset.
//!
//! Each line says from which version on, or up to which, Qualys knows the parameter, as one that
//! it does not know costs the whole answer (code 1901). A new version of an API is a line here
//! and one in `settings::Version`. Everything is a POST, since a GET with many ids is refused as
//! too long, and `list` is the only action in this file: nothing here can change a subscription.

use super::scope::{Lately, Scope};
use super::{gateway, portal};
use crate::contract::plan::{Body, Request, Service};
use crate::contract::types::Dataset;
use crate::settings::{Settings, Version};
use crate::time;

/// The request for the rows in `scope`, or one that selects nothing when there is no scope.
pub(crate) fn request(
    settings: &Settings,
    dataset: Dataset,
    scope: Option<&Scope>,
    page_size: u32,
) -> Request {
    let api = match asked(dataset) {
        Asked::Vmdr(api) => api,
        Asked::Portal => return portal::request(dataset, scope, page_size),
        Asked::Gateway => return gateway::request(scope, page_size),
    };
    let version = (api.version)(settings);
    let mut form = vec![("action", "list".to_owned())];
    match scope {
        Some(scope) => {
            let known = api
                .parameters
                .iter()
                .filter(|p| p.is_wanted(version, settings));
            form.extend(known.map(|p| (p.name, p.value.to_owned())));
            form.extend(rows(scope, page_size, api));
        }
        None => form.extend(no_rows(api)),
    }
    Request {
        service: Service::Api,
        query: Vec::new(),
        path: format!("/api/{}/fo/{}/", version.text(), api.path),
        body: Body::Form(
            form.into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        ),
        accept: api.accept.to_owned(),
    }
}

fn rows(scope: &Scope, page_size: u32, api: &Api) -> Vec<(&'static str, String)> {
    let page_size = page_size.clamp(1, LARGEST_PAGE).to_string();
    match scope {
        Scope::All => vec![("truncation_limit", page_size)],
        Scope::From(id) => vec![("truncation_limit", page_size), ("id_min", id.to_string())],
        // The ids bound the answer; a limit besides would only cut it into more requests.
        Scope::Ids(ids) if api.has_pages => {
            vec![
                ("truncation_limit", "0".to_owned()),
                ("ids", ids.to_string()),
            ]
        }
        Scope::Ids(_) | Scope::Cves(_) => vec![(api.names_rows, scope.to_string())],
        Scope::Lately { what, since, from } => {
            let when = match what {
                Lately::Processed => "vm_processed_after",
                Lately::Scanned => "vm_scan_since",
                // No list of VMDR has such a scope: it selects nothing.
                Lately::Updated | Lately::Tested | Lately::Ignored => return no_rows(api),
            };
            let mut rows = vec![
                ("truncation_limit", page_size),
                (when, time::format(*since)),
            ];
            rows.extend(from.map(|id| ("id_min", id.to_string())));
            rows
        }
        Scope::ModifiedSince(since) => vec![(api.modified_since, time::format(*since))],
    }
}

/// No host, QID, group or CVE has the number 0: Qualys delivers nothing, or refuses the number. And
/// should it pass over the number instead, it delivers a page of one row.
fn no_rows(api: &Api) -> Vec<(&'static str, String)> {
    let limit = api.has_pages.then(|| ("truncation_limit", "1".to_owned()));
    let nothing = (api.names_rows, api.nothing.to_owned());
    limit.into_iter().chain([nothing]).collect()
}

/// Who serves a dataset.
enum Asked {
    Vmdr(&'static Api),
    Portal,
    Gateway,
}

fn asked(dataset: Dataset) -> Asked {
    Asked::Vmdr(match dataset {
        Dataset::AssetGroups => &ASSET_GROUPS,
        Dataset::HostIds | Dataset::ChangedHostIds => &HOST_IDS,
        Dataset::Hosts => &HOSTS,
        Dataset::Detections => &DETECTIONS,
        Dataset::KnowledgeBase => &KNOWLEDGE_BASE,
        Dataset::Tags | Dataset::HostAssets | Dataset::WebApps | Dataset::WebAppFindings => {
            return Asked::Portal;
        }
        Dataset::AssetView => return Asked::Gateway,
        Dataset::CveScores => &QVS,
    })
}

struct Api {
    /// Between the version and the last slash.
    path: &'static str,
    version: fn(&Settings) -> Version,
    /// Whether it knows `truncation_limit`.
    has_pages: bool,
    /// The parameter that names rows one by one, and a row that there is not.
    names_rows: &'static str,
    nothing: &'static str,
    /// The parameter for what changed lately, where there is one.
    modified_since: &'static str,
    accept: &'static str,
    parameters: &'static [Parameter],
}

impl Api {
    /// As most are.
    const fn new(path: &'static str, version: fn(&Settings) -> Version) -> Self {
        Self {
            path,
            version,
            has_pages: true,
            names_rows: "ids",
            nothing: "0",
            modified_since: "last_modified_after",
            accept: "application/xml",
            parameters: &[],
        }
    }
}

static ASSET_GROUPS: Api = Api {
    // Only these: the addresses of a group can be megabytes.
    parameters: &[Parameter::new(
        "show_attributes",
        "ID,TITLE,BUSINESS_IMPACT,HOST_IDS",
    )],
    ..Api::new("asset/group", |settings| settings.api.asset_groups)
};

static HOST_IDS: Api = Api {
    parameters: &[Parameter::new("details", "None")],
    ..Api::new("asset/host", |settings| settings.api.host_list)
};

static HOSTS: Api = Api {
    parameters: &[
        Parameter::new("details", "All/AGs").when(|settings| settings.asset_groups),
        Parameter::new("details", "All").when(|settings| !settings.asset_groups),
        Parameter::new("show_asset_id", "1"),
        Parameter::new("show_tags", "1").when(|settings| settings.tags),
        Parameter::new("show_trurisk", "1").when(|settings| settings.trurisk),
        Parameter::new("host_metadata", "all").when(|settings| settings.cloud_metadata),
        Parameter::new("show_cloud_tags", "1").when(|settings| settings.cloud_metadata),
        Parameter::new("cloud_agent_activationkey", "1").since(Version::V4),
    ],
    ..Api::new("asset/host", |settings| settings.api.host_list)
};

static DETECTIONS: Api = Api {
    parameters: &[
        Parameter::new("status", "New,Active,Re-Opened,Fixed").when(|settings| settings.fixed),
        Parameter::new("status", "New,Active,Re-Opened").when(|settings| !settings.fixed),
        Parameter::new("show_igs", "1").when(|settings| settings.information_gathered),
        Parameter::new("include_ignored", "1").when(|settings| settings.ignored),
        Parameter::new("include_disabled", "1").when(|settings| settings.disabled),
        Parameter::new("show_results", "1").when(|settings| settings.results),
        Parameter::new("show_results", "0").when(|settings| !settings.results),
        Parameter::new("show_asset_id", "1"),
        Parameter::new("show_reopened_info", "1"),
        Parameter::new("show_qds", "1").when(|settings| settings.trurisk),
        Parameter::new("show_qds_factors", "1").when(|settings| settings.trurisk),
        // Tell what affects a running kernel or service, and leave nothing out.
        Parameter::new("arf_kernel_filter", "0").until(Version::V2),
        Parameter::new("arf_service_filter", "0").until(Version::V2),
        Parameter::new("arf_config_filter", "0").until(Version::V2),
        Parameter::new("show_arf_data", "1").since(Version::V3),
        Parameter::new("mitre_attack_details", "1").since(Version::V4),
        Parameter::new("vuln_detection_source", "1").since(Version::V5),
    ],
    ..Api::new("asset/host/vm/detection", |settings| {
        settings.api.detections
    })
};

static KNOWLEDGE_BASE: Api = Api {
    has_pages: false,
    parameters: &[
        Parameter::new("details", "All"),
        Parameter::new("show_disabled_flag", "1"),
        Parameter::new("show_supported_modules_info", "1"),
    ],
    ..Api::new("knowledge_base/vuln", |settings| {
        settings.api.knowledge_base
    })
};

/// Its answers are JSON, whatever is asked for; its refusals are XML.
static QVS: Api = Api {
    has_pages: false,
    names_rows: "cve",
    nothing: "CVE-1900-0000",
    modified_since: "qvs_last_modified_after",
    accept: "application/json",
    parameters: &[Parameter::new("details", "All")],
    ..Api::new("knowledge_base/qvs", |settings| settings.api.qvs)
};

struct Parameter {
    name: &'static str,
    value: &'static str,
    since: Version,
    until: Version,
    when: fn(&Settings) -> bool,
}

impl Parameter {
    const fn new(name: &'static str, value: &'static str) -> Self {
        Self {
            name,
            value,
            since: Version::OLDEST,
            until: Version::NEWEST,
            when: |_| true,
        }
    }

    const fn since(self, since: Version) -> Self {
        Self { since, ..self }
    }

    const fn until(self, until: Version) -> Self {
        Self { until, ..self }
    }

    const fn when(self, when: fn(&Settings) -> bool) -> Self {
        Self { when, ..self }
    }

    fn is_wanted(&self, version: Version, settings: &Settings) -> bool {
        (self.since..=self.until).contains(&version) && (self.when)(settings)
    }
}

const LARGEST_PAGE: u32 = 1_000_000;

#[cfg(test)]
mod tests;
