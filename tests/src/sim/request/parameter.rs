//! Which parameters each API and version takes, and what their values look like.
//!
//! Tables first, so that they can be compared with the manual; the check below follows them and
//! knows no parameter by name but `action`.

use super::form::Form;
use super::id_set::IdSet;
use super::{Api, Refusal};
use crate::sim::world::time::Timestamp;

pub(crate) struct Parameter {
    name: &'static str,
    kind: Kind,
    versions: (u8, u8),
    /// Whether the simulator acts on it. One that it takes and ignores shows in the counters.
    has_effect: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Any of the words, or several of them with commas.
    Choices(&'static [&'static str]),
    Choice(&'static [&'static str]),
    Date,
    Flag,
    Ids,
    Number(u64),
    Text,
}

const ACTION: &[Parameter] = &[
    takes("action", Kind::Text),
    takes("echo_request", Kind::Flag),
    ignores("output_format", Kind::Choice(&["XML", "xml"])),
];

/// Host list and detections choose hosts in the same way.
const HOST_FILTERS: &[Parameter] = &[
    takes("ids", Kind::Ids),
    takes("id_min", Kind::Number(u64::MAX)),
    takes("id_max", Kind::Number(u64::MAX)),
    takes("ips", Kind::Text),
    takes("ag_ids", Kind::Ids),
    takes("ag_titles", Kind::Text),
    takes("vm_scan_since", Kind::Date),
    takes("no_vm_scan_since", Kind::Date),
    takes("max_days_since_last_vm_scan", Kind::Number(10_000)),
    takes("vm_processed_after", Kind::Date),
    takes("vm_processed_before", Kind::Date),
    takes("vm_scan_date_after", Kind::Date),
    takes("vm_scan_date_before", Kind::Date),
    takes("use_tags", Kind::Flag),
    takes("tag_set_by", Kind::Choice(&["id", "name"])),
    takes("tag_set_include", Kind::Text),
    takes("tag_set_exclude", Kind::Text),
    takes("tag_include_selector", Kind::Choice(&["any", "all"])),
    takes("tag_exclude_selector", Kind::Choice(&["any", "all"])),
    takes("truncation_limit", Kind::Number(1_000_000)),
    takes("show_asset_id", Kind::Flag),
    takes("show_tags", Kind::Flag),
    takes(
        "host_metadata",
        Kind::Choices(&["all", "ec2", "azure", "google"]),
    ),
    ignores("host_metadata_fields", Kind::Text),
    takes("show_cloud_tags", Kind::Flag),
    ignores("cloud_tag_fields", Kind::Text),
    ignores("ipv6", Kind::Text),
    ignores("network_ids", Kind::Ids),
    ignores("network_name", Kind::Text),
    ignores("os_pattern", Kind::Text),
    ignores("compliance_enabled", Kind::Flag),
    ignores("vm_auth_scan_date_after", Kind::Date),
    ignores("vm_auth_scan_date_before", Kind::Date),
];

const HOSTS: &[Parameter] = &[
    takes(
        "details",
        Kind::Choice(&["None", "Basic", "Basic/AGs", "All", "All/AGs"]),
    ),
    takes("show_trurisk", Kind::Flag),
    takes("show_trurisk_factors", Kind::Flag),
    takes("show_ars", Kind::Flag),
    takes("show_ars_factors", Kind::Flag),
    ignores("trurisk_min", Kind::Number(1_000)),
    ignores("trurisk_max", Kind::Number(1_000)),
    ignores("ars_min", Kind::Number(1_000)),
    ignores("ars_max", Kind::Number(1_000)),
    ignores("compliance_scan_since", Kind::Date),
    ignores("no_compliance_scan_since", Kind::Date),
    ignores("scap_scan_since", Kind::Date),
    ignores("no_scap_scan_since", Kind::Date),
    between("cloud_agent_activationkey", Kind::Flag, (4, 5)),
];

const DETECTIONS: &[Parameter] = &[
    takes(
        "status",
        Kind::Choices(&["New", "Active", "Re-Opened", "Fixed"]),
    ),
    takes("qids", Kind::Ids),
    takes("severities", Kind::Ids),
    takes("show_igs", Kind::Flag),
    takes("include_ignored", Kind::Flag),
    takes("include_disabled", Kind::Flag),
    takes(
        "include_vuln_type",
        Kind::Choice(&["confirmed", "potential"]),
    ),
    takes("show_results", Kind::Flag),
    takes("show_reopened_info", Kind::Flag),
    takes("show_qds", Kind::Flag),
    takes("show_qds_factors", Kind::Flag),
    takes("qds_min", Kind::Number(100)),
    takes("qds_max", Kind::Number(100)),
    takes("detection_updated_since", Kind::Date),
    takes("detection_updated_before", Kind::Date),
    takes("detection_processed_after", Kind::Date),
    takes("detection_processed_before", Kind::Date),
    takes("detection_last_tested_since", Kind::Date),
    takes("detection_last_tested_before", Kind::Date),
    takes("max_days_since_detection_updated", Kind::Number(10_000)),
    ignores("detection_last_tested_since_days", Kind::Number(10_000)),
    ignores("detection_last_tested_before_days", Kind::Number(10_000)),
    ignores("filter_superseded_qids", Kind::Flag),
    ignores("include_search_list_ids", Kind::Ids),
    ignores("include_search_list_titles", Kind::Text),
    ignores("exclude_search_list_ids", Kind::Ids),
    ignores("exclude_search_list_titles", Kind::Text),
    ignores("suppress_duplicated_data_from_csv", Kind::Flag),
    between("arf_kernel_filter", Kind::Number(4), (2, 2)),
    between("arf_service_filter", Kind::Number(4), (2, 2)),
    between("arf_config_filter", Kind::Number(4), (2, 2)),
    between("active_kernels_only", Kind::Number(3), (2, 2)),
    between("show_arf_data", Kind::Flag, (3, 5)),
    between("arf_filter_keys", Kind::Choices(ARF_KEYS), (3, 5)),
    between("mitre_attack_details", Kind::Flag, (4, 5)),
    between("vuln_detection_source", Kind::Flag, (5, 5)),
];

const ARF_KEYS: &[&str] = &[
    "non-running-kernel",
    "non-running-service",
    "config-not-exploitable",
];

const KNOWLEDGE_BASE: &[Parameter] = &[
    takes("details", Kind::Choice(&["Basic", "All", "None"])),
    takes("ids", Kind::Ids),
    takes("id_min", Kind::Number(u64::MAX)),
    takes("id_max", Kind::Number(u64::MAX)),
    takes("last_modified_after", Kind::Date),
    takes("last_modified_before", Kind::Date),
    takes("last_modified_by_service_after", Kind::Date),
    takes("last_modified_by_service_before", Kind::Date),
    takes("published_after", Kind::Date),
    takes("published_before", Kind::Date),
    takes("is_patchable", Kind::Flag),
    takes("show_pci_reasons", Kind::Flag),
    takes("show_supported_modules_info", Kind::Flag),
    takes("show_disabled_flag", Kind::Flag),
    takes("show_qid_change_log", Kind::Flag),
    ignores("last_modified_by_user_after", Kind::Date),
    ignores("last_modified_by_user_before", Kind::Date),
    ignores("code_modified_after", Kind::Date),
    ignores("code_modified_before", Kind::Date),
    ignores("discovery_method", Kind::Text),
    ignores("discovery_auth_types", Kind::Text),
    ignores("cve", Kind::Text),
];

const QVS: &[Parameter] = &[
    takes("details", Kind::Choice(&["Basic", "All"])),
    takes("cve", Kind::Text),
    takes("qvs_min", Kind::Number(100)),
    takes("qvs_max", Kind::Number(100)),
    takes("qvs_last_modified_after", Kind::Date),
    takes("qvs_last_modified_before", Kind::Date),
    ignores("nvd_published_after", Kind::Date),
    ignores("nvd_published_before", Kind::Date),
];

const ASSET_GROUPS: &[Parameter] = &[
    takes("ids", Kind::Ids),
    takes("id_min", Kind::Number(u64::MAX)),
    takes("id_max", Kind::Number(u64::MAX)),
    takes("title", Kind::Text),
    takes("truncation_limit", Kind::Number(1_000_000)),
    takes("show_attributes", Kind::Text),
    ignores("unit_id", Kind::Number(u64::MAX)),
    ignores("user_id", Kind::Number(u64::MAX)),
    ignores("network_ids", Kind::Ids),
];

const ACTIVITY_LOG: &[Parameter] = &[
    takes("truncation_limit", Kind::Number(1_000_000)),
    ignores("username", Kind::Text),
    ignores("since_datetime", Kind::Date),
    ignores("until_datetime", Kind::Date),
    ignores("id_max", Kind::Number(u64::MAX)),
];

const EXCLUSIVE: &[(&str, &str)] = &[
    ("ag_ids", "ag_titles"),
    (
        "detection_updated_since",
        "max_days_since_detection_updated",
    ),
    (
        "detection_last_tested_since",
        "detection_last_tested_since_days",
    ),
    (
        "detection_last_tested_before",
        "detection_last_tested_before_days",
    ),
    ("vm_scan_since", "max_days_since_last_vm_scan"),
    ("no_vm_scan_since", "max_days_since_last_vm_scan"),
    ("arf_filter_keys", "arf_kernel_filter"),
    ("include_search_list_ids", "include_search_list_titles"),
    ("exclude_search_list_ids", "exclude_search_list_titles"),
    ("include_search_list_ids", "qids"),
];

/// What is needed besides the action, up to which version.
const REQUIRED: &[(Api, u8, &str)] = &[(Api::Qvs, 3, "details"), (Api::Qvs, 2, "cve")];

/// The parameter on the left is refused without the one on the right.
const DEPENDENT: &[(&str, &str)] = &[
    ("qds_min", "show_qds"),
    ("qds_max", "show_qds"),
    ("trurisk_min", "show_trurisk"),
    ("trurisk_max", "show_trurisk"),
    ("tag_set_include", "use_tags"),
    ("tag_set_exclude", "use_tags"),
];

/// Refuses what Qualys refuses; otherwise names the parameters that will be ignored.
pub(crate) fn check(api: Api, version: u8, form: &Form) -> Result<Vec<&'static str>, Refusal> {
    let mut ignored = Vec::new();
    for (name, value) in form.iter() {
        let parameter = tables(api).into_iter().flatten().find(|known| {
            known.name == name && (known.versions.0..=known.versions.1).contains(&version)
        });
        let Some(parameter) = parameter else {
            return Err(Refusal::new(
                1901,
                format!("Unrecognized parameter(s): {name}"),
            ));
        };
        check_value(parameter.kind, value).map_err(|why| {
            Refusal::new(
                1905,
                format!("parameter {name} has invalid value: {value} ({why})"),
            )
        })?;
        if !parameter.has_effect {
            ignored.push(parameter.name);
        }
    }
    if form.value("action").is_none() {
        return Err(Refusal::new(1903, "Missing required parameter(s): action"));
    }
    let given = |name: &str| form.value(name).is_some();
    let is_missing = |row: &&(Api, u8, &str)| row.0 == api && version <= row.1 && !given(row.2);
    if let Some((_, _, needed)) = REQUIRED.iter().find(is_missing) {
        let text = format!("Missing required parameter(s): {needed}");
        return Err(Refusal::new(1903, text));
    }
    if let Some((one, other)) = EXCLUSIVE
        .iter()
        .find(|(one, other)| given(one) && given(other))
    {
        let text = format!("parameters {one} and {other} are mutually exclusive");
        return Err(Refusal::new(1904, text));
    }
    if let Some((one, needs)) = DEPENDENT
        .iter()
        .find(|(one, needs)| given(one) && !given(needs))
    {
        let text = format!("parameter {one} may only be used with {needs}");
        return Err(Refusal::new(1907, text));
    }
    Ok(ignored)
}

fn tables(api: Api) -> [&'static [Parameter]; 3] {
    match api {
        Api::ActivityLog => [ACTION, ACTIVITY_LOG, &[]],
        Api::AssetGroups => [ACTION, ASSET_GROUPS, &[]],
        Api::Detections => [ACTION, HOST_FILTERS, DETECTIONS],
        Api::Hosts => [ACTION, HOST_FILTERS, HOSTS],
        Api::KnowledgeBase => [ACTION, KNOWLEDGE_BASE, &[]],
        Api::Qvs => [ACTION, QVS, &[]],
        Api::Tags | Api::HostAssets | Api::AssetView | Api::WebApps | Api::WebFindings => {
            unreachable!("asked for by a document")
        }
    }
}

fn check_value(kind: Kind, value: &str) -> Result<(), String> {
    let is_valid = match kind {
        Kind::Choice(words) => words.contains(&value),
        Kind::Choices(words) => value.split(',').all(|word| words.contains(&word)),
        Kind::Date => Timestamp::parse(value).is_some(),
        Kind::Flag => matches!(value, "0" | "1"),
        Kind::Ids => return IdSet::parse(value).map(|_| ()),
        Kind::Number(most) => value.parse::<u64>().is_ok_and(|number| number <= most),
        Kind::Text => true,
    };
    match kind {
        _ if is_valid => Ok(()),
        Kind::Choice(words) | Kind::Choices(words) => {
            Err(format!("must be one of: {}", words.join(", ")))
        }
        Kind::Date => Err("must be YYYY-MM-DD[THH:MM:SSZ]".into()),
        Kind::Flag => Err("must be 0 or 1".into()),
        Kind::Number(u64::MAX) => Err("must be a whole number".into()),
        Kind::Number(most) => Err(format!("must be a whole number up to {most}")),
        Kind::Ids | Kind::Text => unreachable!("answered above"),
    }
}

const fn takes(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        kind,
        versions: (2, 5),
        has_effect: true,
    }
}

const fn ignores(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        kind,
        versions: (2, 5),
        has_effect: false,
    }
}

const fn between(name: &'static str, kind: Kind, versions: (u8, u8)) -> Parameter {
    Parameter {
        name,
        kind,
        versions,
        has_effect: true,
    }
}

#[cfg(test)]
mod tests;
