use super::*;

fn form_of(request: &Request) -> &[(String, String)] {
    match &request.body {
        Body::Form(form) => form,
        Body::Document(document) => panic!("{document:?} is no form"),
    }
}

/// The form as Qualys' manual writes it.
#[track_caller]
fn check(settings: &str, dataset: Dataset, scope: &str, path: &str, form: &str) {
    let settings = crate::settings::parse(settings).unwrap();
    let scope = Scope::parse(dataset, scope);
    let request = request(&settings, dataset, scope.as_ref(), 1000);
    let written: Vec<String> = form_of(&request)
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
        let request = request(&settings, Dataset::Detections, scope.as_ref(), 1);
        let form = form_of(&request);
        form.iter()
            .map(|(name, _)| name.as_str())
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

#[test]
fn scores_are_asked_for_by_the_names_of_cves() {
    let path = "/api/3.0/fo/knowledge_base/qvs/";
    let named = "CVE-2019-0708,CVE-2021-44228";
    let form = format!("action=list&details=All&cve={named}");
    check("{}", Dataset::CveScores, named, path, &form);
    let form = "action=list&details=All&qvs_last_modified_after=2026-09-21T14:13:20Z";
    let scope = "modified:1790000000";
    check("{}", Dataset::CveScores, scope, path, form);
    let form = "action=list&cve=CVE-1900-0000";
    check("{}", Dataset::CveScores, "1-5", path, form);
}
