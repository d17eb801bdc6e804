//! What a client asked for: API, version and parameters, checked as Qualys checks them.

pub(crate) mod form;
pub(crate) mod host_filter;
pub(crate) mod id_set;
pub(crate) mod parameter;
pub(crate) mod row_filter;
pub(crate) mod search;

use form::Form;

/// A list that the simulator serves, as the unit that limits and counters are kept by.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Api {
    ActivityLog,
    AssetGroups,
    Detections,
    Hosts,
    KnowledgeBase,
    Tags,
    HostAssets,
    AssetView,
    WebApps,
    WebFindings,
    Qvs,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) api: Api,
    pub(crate) version: u8,
    pub(crate) path: String,
    pub(crate) form: Form,
    /// Of the portal alone.
    pub(crate) search: Option<search::Search>,
}

/// Qualys' own refusal: a `SIMPLE_RETURN` with a code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) text: String,
    pub(crate) item: Option<(&'static str, u64)>,
}

impl Api {
    pub(crate) const ALL: [Api; 11] = [
        Api::ActivityLog,
        Api::AssetGroups,
        Api::Detections,
        Api::Hosts,
        Api::KnowledgeBase,
        Api::Tags,
        Api::HostAssets,
        Api::AssetView,
        Api::WebApps,
        Api::WebFindings,
        Api::Qvs,
    ];

    /// The word for it in faults, counters and help.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Api::ActivityLog => "activity_log",
            Api::AssetGroups => "asset_groups",
            Api::Detections => "detections",
            Api::Hosts => "hosts",
            Api::KnowledgeBase => "knowledge_base",
            Api::Tags => "tags",
            Api::HostAssets => "host_assets",
            Api::AssetView => "asset_view",
            Api::WebApps => "web_apps",
            Api::WebFindings => "web_findings",
            Api::Qvs => "qvs",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Api> {
        Api::ALL.into_iter().find(|api| api.word() == word)
    }

    /// API and version of `/api/VERSION/fo/...`, if Qualys has that version of it.
    pub(crate) fn at(path: &str) -> Option<(Api, u8)> {
        let (version, rest) = path.strip_prefix("/api/")?.split_once("/fo/")?;
        let (api, newest) = match rest.trim_end_matches('/') {
            "activity_log" => (Api::ActivityLog, 2),
            "asset/group" => (Api::AssetGroups, 2),
            "asset/host" => (Api::Hosts, 5),
            "asset/host/vm/detection" => (Api::Detections, 5),
            "knowledge_base/vuln" => (Api::KnowledgeBase, 4),
            "knowledge_base/qvs" => (Api::Qvs, 3),
            _ => return None,
        };
        let version: u8 = version.strip_suffix(".0")?.parse().ok()?;
        (2..=newest).contains(&version).then_some((api, version))
    }

    /// The list behind `/qps/rest/VERSION/search/...`.
    pub(crate) fn searched(path: &str) -> Option<(Api, u8)> {
        match path.trim_end_matches('/') {
            "/qps/rest/2.0/search/am/tag" => Some((Api::Tags, 2)),
            "/qps/rest/2.0/search/am/hostasset" => Some((Api::HostAssets, 2)),
            "/qps/rest/3.0/search/was/webapp" => Some((Api::WebApps, 3)),
            "/qps/rest/3.0/search/was/finding" => Some((Api::WebFindings, 3)),
            _ => None,
        }
    }

    /// Whether Qualys' announced end of life of that version has passed.
    pub(crate) fn is_retired(self, version: u8) -> bool {
        match self {
            Api::Detections | Api::Hosts => version < 5,
            Api::KnowledgeBase => version < 4,
            Api::ActivityLog
            | Api::AssetGroups
            | Api::Tags
            | Api::HostAssets
            | Api::AssetView
            | Api::WebApps
            | Api::WebFindings
            | Api::Qvs => false,
        }
    }
}

impl Refusal {
    pub(crate) fn new(code: u32, text: impl Into<String>) -> Refusal {
        Refusal {
            status: 400,
            code,
            text: text.into(),
            item: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_api_has_the_versions_that_qualys_has() {
        assert_eq!(Api::at("/api/5.0/fo/asset/host/"), Some((Api::Hosts, 5)));
        assert_eq!(
            Api::at("/api/2.0/fo/asset/host/vm/detection"),
            Some((Api::Detections, 2))
        );
        assert_eq!(
            Api::at("/api/4.0/fo/knowledge_base/vuln/"),
            Some((Api::KnowledgeBase, 4))
        );
        assert_eq!(
            Api::at("/api/3.0/fo/knowledge_base/qvs/"),
            Some((Api::Qvs, 3))
        );
        for path in [
            "/api/5.0/fo/knowledge_base/vuln/",
            "/api/6.0/fo/asset/host/",
            "/api/2.0/fo/x/",
        ] {
            assert_eq!(Api::at(path), None, "{path}");
        }
    }
}
