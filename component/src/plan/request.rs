//! What is asked of Qualys: a table of parameters for each dataset.
//!
//! Each line says from which version on, or up to which, Qualys knows the parameter, as one that
//! it does not know costs the whole answer (code 1901). A new version of an API is a line here
//! and one in `settings::Version`. Everything is a POST, since a GET with many ids is refused as
//! too long, and `list` is the only action in this file: nothing here can change a subscription.

use super::scope::Scope;
use crate::contract::plan::Request;
use crate::contract::types::Dataset;
use crate::settings::{Settings, Version};

/// The request for the rows in `scope`, or one that selects nothing when there is no scope.
pub(crate) fn request(
    settings: &Settings,
    dataset: Dataset,
    scope: Option<&Scope>,
    page_size: u32,
) -> Request {
    let api = api(dataset);
    let version = (api.version)(settings);
    let mut form = vec![("action", "list".to_owned())];
    match scope {
        Some(scope) => {
            let known = api
                .parameters
                .iter()
                .filter(|p| p.is_wanted(version, settings));
            form.extend(known.map(|p| (p.name, p.value.to_owned())));
            form.extend(rows(scope, page_size, api.has_pages));
        }
        None => form.extend(no_rows(api.has_pages)),
    }
    Request {
        path: format!("/api/{}/fo/{}/", version.text(), api.path),
        form: form
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        accept: "application/xml".to_owned(),
    }
}

fn rows(scope: &Scope, page_size: u32, has_pages: bool) -> Vec<(&'static str, String)> {
    let page_size = page_size.clamp(1, LARGEST_PAGE).to_string();
    match scope {
        Scope::All => vec![("truncation_limit", page_size)],
        Scope::From(id) => vec![("truncation_limit", page_size), ("id_min", id.to_string())],
        // The ids bound the answer; a limit besides would only cut it into more requests.
        Scope::Ids(ids) if has_pages => {
            vec![
                ("truncation_limit", "0".to_owned()),
                ("ids", ids.to_string()),
            ]
        }
        Scope::Ids(ids) => vec![("ids", ids.to_string())],
    }
}

/// No host, QID or group has the number 0: Qualys delivers nothing, or refuses the number. And
/// should it pass over the number instead, it delivers a page of one row.
fn no_rows(has_pages: bool) -> Vec<(&'static str, String)> {
    let limit = has_pages.then(|| ("truncation_limit", "1".to_owned()));
    limit.into_iter().chain([("ids", "0".to_owned())]).collect()
}

fn api(dataset: Dataset) -> &'static Api {
    match dataset {
        Dataset::AssetGroups => &ASSET_GROUPS,
        Dataset::HostIds => &HOST_IDS,
        Dataset::Hosts => &HOSTS,
        Dataset::Detections => &DETECTIONS,
        Dataset::KnowledgeBase => &KNOWLEDGE_BASE,
    }
}

struct Api {
    /// Between the version and the last slash.
    path: &'static str,
    version: fn(&Settings) -> Version,
    /// Whether it knows `truncation_limit`.
    has_pages: bool,
    parameters: &'static [Parameter],
}

static ASSET_GROUPS: Api = Api {
    path: "asset/group",
    version: |settings| settings.api.asset_groups,
    has_pages: true,
    // Only these: the addresses of a group can be megabytes.
    parameters: &[Parameter::new(
        "show_attributes",
        "ID,TITLE,BUSINESS_IMPACT,HOST_IDS",
    )],
};

static HOST_IDS: Api = Api {
    path: "asset/host",
    version: |settings| settings.api.host_list,
    has_pages: true,
    parameters: &[Parameter::new("details", "None")],
};

static HOSTS: Api = Api {
    path: "asset/host",
    version: |settings| settings.api.host_list,
    has_pages: true,
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
};

static DETECTIONS: Api = Api {
    path: "asset/host/vm/detection",
    version: |settings| settings.api.detections,
    has_pages: true,
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
};

static KNOWLEDGE_BASE: Api = Api {
    path: "knowledge_base/vuln",
    version: |settings| settings.api.knowledge_base,
    has_pages: false,
    parameters: &[
        Parameter::new("details", "All"),
        Parameter::new("show_disabled_flag", "1"),
        Parameter::new("show_supported_modules_info", "1"),
    ],
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
mod tests {
    use super::*;

    /// The form as Qualys' manual writes it.
    #[track_caller]
    fn check(settings: &str, dataset: Dataset, scope: &str, path: &str, form: &str) {
        let settings = crate::settings::parse(settings).unwrap();
        let scope = Scope::parse(dataset, scope);
        let request = request(&settings, dataset, scope.as_ref(), 1000);
        let written: Vec<String> = request
            .form
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            (request.path.as_str(), written.join("&").as_str()),
            (path, form)
        );
    }

    #[test]
    fn host_ids_are_walked_in_pages() {
        let path = "/api/5.0/fo/asset/host/";
        let form = "action=list&details=None&truncation_limit=1000";
        check("{}", Dataset::HostIds, "", path, form);
        let form = "action=list&details=None&truncation_limit=1000&id_min=4001";
        check("{}", Dataset::HostIds, "from:4001", path, form);
    }

    #[test]
    fn asset_groups_come_without_their_addresses() {
        let form = "action=list&show_attributes=ID,TITLE,BUSINESS_IMPACT,HOST_IDS\
            &truncation_limit=1000";
        check(
            "{}",
            Dataset::AssetGroups,
            "",
            "/api/2.0/fo/asset/group/",
            form,
        );
    }

    #[test]
    fn hosts_come_with_all_that_the_newest_version_knows() {
        let form = "action=list&details=All/AGs&show_asset_id=1&show_tags=1&show_trurisk=1\
            &host_metadata=all&show_cloud_tags=1&cloud_agent_activationkey=1\
            &truncation_limit=0&ids=1-100,105";
        check(
            "{}",
            Dataset::Hosts,
            "1-100,105",
            "/api/5.0/fo/asset/host/",
            form,
        );
    }

    #[test]
    fn hosts_of_an_old_version_are_asked_for_what_it_knows() {
        let settings = r#"{"api": {"host_list": "3.0"}, "tags": false, "trurisk": false,
            "cloud_metadata": false, "asset_groups": false}"#;
        let form = "action=list&details=All&show_asset_id=1&truncation_limit=0&ids=7";
        check(
            settings,
            Dataset::Hosts,
            "7",
            "/api/3.0/fo/asset/host/",
            form,
        );
    }

    #[test]
    fn detections_come_with_all_that_the_newest_version_knows() {
        let form = "action=list&status=New,Active,Re-Opened,Fixed&show_igs=1&include_ignored=1\
            &include_disabled=1&show_results=1&show_asset_id=1&show_reopened_info=1&show_qds=1\
            &show_qds_factors=1&show_arf_data=1&mitre_attack_details=1&vuln_detection_source=1\
            &truncation_limit=0&ids=1-2";
        check(
            "{}",
            Dataset::Detections,
            "1-2",
            "/api/5.0/fo/asset/host/vm/detection/",
            form,
        );
    }

    #[test]
    fn detections_of_the_oldest_version_have_their_own_kernel_parameters() {
        let settings = r#"{"api": {"detections": "2.0"}, "fixed": false, "ignored": false,
            "information_gathered": false, "disabled": false, "results": false, "trurisk": false}"#;
        let form = "action=list&status=New,Active,Re-Opened&show_results=0&show_asset_id=1\
            &show_reopened_info=1&arf_kernel_filter=0&arf_service_filter=0&arf_config_filter=0\
            &truncation_limit=0&ids=1";
        check(
            settings,
            Dataset::Detections,
            "1",
            "/api/2.0/fo/asset/host/vm/detection/",
            form,
        );
    }

    #[test]
    fn each_version_of_detections_adds_to_the_one_before() {
        let new = |version: &str| {
            let text = format!(r#"{{"api": {{"detections": "{version}"}}}}"#);
            let settings = crate::settings::parse(&text).unwrap();
            let scope = Scope::parse(Dataset::Detections, "1");
            let form = request(&settings, Dataset::Detections, scope.as_ref(), 1).form;
            form.into_iter()
                .map(|(name, _)| name)
                .skip(10)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let end = "truncation_limit ids";
        assert_eq!(new("3.0"), format!("show_arf_data {end}"));
        assert_eq!(
            new("4.0"),
            format!("show_arf_data mitre_attack_details {end}")
        );
    }

    #[test]
    fn knowledge_base_entries_have_no_pages() {
        let form = "action=list&details=All&show_disabled_flag=1&show_supported_modules_info=1\
            &ids=38170,90000-90002";
        let path = "/api/4.0/fo/knowledge_base/vuln/";
        check(
            "{}",
            Dataset::KnowledgeBase,
            "38170,90000-90002",
            path,
            form,
        );
    }

    #[test]
    fn a_scope_that_was_tampered_with_selects_nothing() {
        let path = "/api/5.0/fo/asset/host/vm/detection/";
        check(
            "{}",
            Dataset::Detections,
            "",
            path,
            "action=list&truncation_limit=1&ids=0",
        );
        let path = "/api/4.0/fo/knowledge_base/vuln/";
        check(
            "{}",
            Dataset::KnowledgeBase,
            "1-",
            path,
            "action=list&ids=0",
        );
    }
}
