//! The settings of the component, for people: the example shows them.
//!
//! The component judges what is written; nothing here is checked against. A test holds this table
//! to the component's own defaults.

/// One setting, by its path under `[settings]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) path: &'static str,
    /// In the notation of the file.
    pub(super) default: &'static str,
    pub(super) about: &'static str,
}

/// Whether a setting is a text, which the file has in quotes.
pub(super) fn is_text(path: &str) -> bool {
    let of_path = |one: &&Setting| one.path == path;
    SETTINGS
        .iter()
        .find(of_path)
        .is_some_and(|one| one.default.starts_with('"'))
}

/// Tables come last, as in the file.
pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "batch_hosts",
        "500",
        "Hosts whose detections are asked for at once, 1 to 5000. Far above 500 answers tend to \
         time out, below 100 the load on Qualys grows.",
    ),
    setting(
        "host_page",
        "1000",
        "Hosts whose details are asked for at once, 1 to 5000.",
    ),
    setting(
        "host_ids_page",
        "100000",
        "Host numbers a page, 100 to 1000000.",
    ),
    setting("group_page", "1000", "Asset groups a page, 100 to 10000."),
    setting("tag_page", "1000", "Tags a page, 1 to 1000."),
    setting("web_app_page", "100", "Web applications a page, 1 to 1000."),
    setting(
        "web_app_finding_page",
        "100",
        "Findings of web applications a page, 1 to 1000. Each may be large, as Qualys sends more \
         of it than is kept.",
    ),
    setting(
        "host_asset_page",
        "300",
        "Host assets a page, 1 to 1000. Each comes with all of its software and detections, so \
         they are long.",
    ),
    setting(
        "batch_qids",
        "300",
        "Knowledge base entries asked for at once, 1 to 1000.",
    ),
    setting(
        "batch_cves",
        "300",
        "CVEs whose scores are asked for at once, 1 to 1000.",
    ),
    setting(
        "qvs",
        "false",
        "Qualys vulnerability scores (QVS) of the CVEs that findings name, and what they are made \
         of: one call for every 300 CVEs in a run over all hosts. Left out with a note where the \
         account lacks them.",
    ),
    setting(
        "whole_knowledge_base",
        "false",
        "All of the knowledge base, rather than the entries that findings name: hundreds of \
         thousands, and most of a gigabyte in the first run.",
    ),
    setting(
        "information_gathered",
        "true",
        "Gathered information besides vulnerabilities. It is most of the volume.",
    ),
    setting(
        "fixed",
        "true",
        "Fixed detections too. Without them a run cannot tell fixed from vanished.",
    ),
    setting(
        "ignored",
        "true",
        "Detections that were ignored in Qualys; they are marked as such.",
    ),
    setting(
        "disabled",
        "true",
        "Detections of disabled QIDs; they are marked as such.",
    ),
    setting(
        "results",
        "true",
        "What the scan saw. It may be long, and may hold what people would rather not show around.",
    ),
    setting(
        "trurisk",
        "true",
        "Scores of TruRisk: TruRisk of hosts, QDS of detections. Switch it off for editions \
         without TruRisk, which refuse a request that asks for them.",
    ),
    setting(
        "full_every_days",
        "7",
        "Days after which a run asks for all hosts again rather than for those that changed, 0 to \
         365; with 0 every run does.",
    ),
    setting(
        "detection_window_days",
        "0",
        "Only hosts that were scanned in as many days, 0 to 365; 0 for no such limit. Takes the \
         place of runs for what changed.",
    ),
    setting(
        "overlap_secs",
        "3600",
        "Seconds by which a run for what changed reaches back behind the last one, 0 to 604800.",
    ),
    setting(
        "inactive_after_days",
        "0",
        "Days without a scan or a sign of life after which the findings of a host are closed as \
         inactive, 0 to 3650; 0 for never.",
    ),
    setting(
        "most_vanished_percent",
        "30",
        "Of a hundred hosts, how many may be gone from Qualys' list before a person is asked, 1 \
         to 100.",
    ),
    setting(
        "kernel_filter",
        "0",
        "Vulnerabilities of Linux kernels, with the meaning of Qualys' arf_kernel_filter: 0 shows \
         all; 1 leaves out those of kernels that do not run; 2 shows only these; 3 only those of \
         running kernels; 4 only those of kernels. Like the next two, it works on what is stored, \
         and never on fixed findings.",
    ),
    setting(
        "service_filter",
        "0",
        "Vulnerabilities of services, as Qualys' arf_service_filter, whose 1 is the opposite: 0 \
         shows all; 1 leaves out those of running services; 2 shows only these; 3 only those of \
         services that do not run; 4 only those of services.",
    ),
    setting(
        "config_filter",
        "0",
        "Vulnerabilities that depend on a configuration, as Qualys' arf_config_filter: 0 shows \
         all; 1 leaves out the exploitable ones; 2 shows only these; 3 only those that are not \
         exploitable; 4 only those that depend on a configuration.",
    ),
    setting(
        "site",
        "\"\"",
        "Name of the site of assets that no other source knows.",
    ),
    setting(
        "business_impact",
        "false",
        "The business impact of an asset group becomes the impact of its tag, and so takes part in \
         the risk of its hosts. What a person says of a tag comes first.",
    ),
    setting(
        "asset_view",
        "false",
        "Software and open ports as Global AssetView knows them, with publishers and ends of life. \
         It is served by the gateway, and part of a licence of its own.",
    ),
    setting(
        "asset_view_page",
        "300",
        "Assets of Global AssetView a page, 1 to 300.",
    ),
    setting("tags", "true", "Tags, and which of them each host has."),
    setting(
        "software",
        "true",
        "Software and open ports: those that the portal knows of each host, and those that tables \
         in the results of detections name.",
    ),
    setting(
        "web_apps",
        "true",
        "Web applications and what was found in them (Qualys WAS). Left out with a note where \
         the module is not granted.",
    ),
    setting(
        "cloud_metadata",
        "true",
        "What cloud providers tell of their machines, and the tags that they have there.",
    ),
    setting(
        "asset_groups",
        "true",
        "Asset groups, and which of them each host is in.",
    ),
    setting(
        "max_attempts",
        "6",
        "Failures in a row after which a batch is given up, 1 to 20. A rate limit does not count.",
    ),
    setting(
        "api.host_list",
        "\"5.0\"",
        "Version of the host list: 2.0 to 5.0.",
    ),
    setting(
        "api.detections",
        "\"5.0\"",
        "Version of the host list detection: 2.0 to 5.0.",
    ),
    setting(
        "api.knowledge_base",
        "\"4.0\"",
        "Version of the knowledge base: 2.0 to 4.0.",
    ),
    setting(
        "api.asset_groups",
        "\"2.0\"",
        "Version of the asset groups: 2.0.",
    ),
    setting(
        "api.qvs",
        "\"3.0\"",
        "Version of the Qualys vulnerability scores: 3.0.",
    ),
    setting(
        "waits.busy_secs",
        "60",
        "First wait when too many calls run at once; doubled with every failure in a row, as the \
         next two are.",
    ),
    setting(
        "waits.unreachable_secs",
        "5",
        "First wait without a connection.",
    ),
    setting(
        "waits.maintenance_secs",
        "300",
        "First wait during maintenance.",
    ),
    setting(
        "waits.longest_secs",
        "900",
        "Where doubling ends, and how long to wait at a rate limit without a time.",
    ),
    setting(
        "waits.held_slot_secs",
        "60",
        "How long a call that was given up is taken to keep its slot at Qualys.",
    ),
    setting(
        "rules.severities",
        "[]",
        "Only findings of these severities, such as [\"high\", \"critical\"].",
    ),
    setting(
        "rules.min_severity",
        "\"\"",
        "Only findings of this severity or a higher one: info, low, medium, high or critical.",
    ),
    setting("rules.risks", "[]", "Only findings of these risks."),
    setting(
        "rules.min_risk",
        "\"\"",
        "Only findings of this risk or a higher one: none, info, low, medium, high or critical.",
    ),
    setting(
        "rules.certainties",
        "[]",
        "Only findings that Qualys is so sure of: confirmed, potential, information.",
    ),
    setting(
        "rules.max_age_days",
        "0",
        "Only findings that a scan saw in the last days, 0 to 3650; 0 for all.",
    ),
    setting(
        "rules.tags",
        "[]",
        "Only assets that have one of these tags.",
    ),
    setting(
        "rules.not_tags",
        "[]",
        "No asset that has one of these tags.",
    ),
    setting(
        "rules.asset_groups",
        "[]",
        "Only assets of one of these asset groups.",
    ),
    setting(
        "rules.os",
        "\"\"",
        "Only assets whose operating system contains this; `%` stands for any text.",
    ),
    setting(
        "rules.include_unscanned",
        "false",
        "Hosts too that were never assessed.",
    ),
    setting(
        "rules.exclude_unknown",
        "false",
        "Only assets that another source has seen as well, such as a scan of nmap.",
    ),
    setting(
        "rules.fingerprint_only",
        "false",
        "Detections tell of software and ports, and no finding is stored.",
    ),
    setting(
        "rules.only",
        "\"\"",
        "Only what this expression of the query language selects: assets, when it names nothing but fields of assets, else findings.",
    ),
];

const fn setting(path: &'static str, default: &'static str, about: &'static str) -> Setting {
    Setting {
        path,
        default,
        about,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;
    use crate::config::file;

    #[test]
    fn the_table_holds_every_setting_with_its_default() {
        let defaults = serde_json::to_value(qonduit_component::settings::Settings::default());
        let mut expected = BTreeMap::new();
        flatten(&defaults.expect("settings are JSON"), "", &mut expected);
        let table = SETTINGS
            .iter()
            .map(|it| (it.path.to_owned(), file::value(it.default)));
        assert_eq!(table.collect::<BTreeMap<_, _>>(), expected);
    }

    fn flatten(value: &Value, path: &str, into: &mut BTreeMap<String, Value>) {
        let Value::Object(entries) = value else {
            into.insert(path.to_owned(), value.clone());
            return;
        };
        for (name, value) in entries {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            flatten(value, &path, into);
        }
    }
}
