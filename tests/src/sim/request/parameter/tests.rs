use super::*;

#[track_caller]
fn code(api: Api, version: u8, query: &str) -> u32 {
    let mut form = Form::default();
    form.add(query.as_bytes());
    check(api, version, &form)
        .err()
        .map_or(0, |refusal| refusal.code)
}

#[test]
fn a_parameter_of_another_version_is_unrecognized() {
    assert_eq!(
        code(Api::Detections, 5, "action=list&vuln_detection_source=1"),
        0
    );
    assert_eq!(
        code(Api::Detections, 4, "action=list&vuln_detection_source=1"),
        1901
    );
    assert_eq!(
        code(Api::Detections, 3, "action=list&arf_kernel_filter=1"),
        1901
    );
    assert_eq!(
        code(Api::Detections, 2, "action=list&arf_kernel_filter=1"),
        0
    );
    assert_eq!(
        code(Api::Hosts, 3, "action=list&cloud_agent_activationkey=1"),
        1901
    );
    assert_eq!(
        code(Api::KnowledgeBase, 4, "action=list&truncation_limit=1"),
        1901
    );
}

#[test]
fn names_and_values_are_case_sensitive() {
    assert_eq!(code(Api::Hosts, 5, "Action=list"), 1901);
    assert_eq!(code(Api::Hosts, 5, "action=list&details=all"), 1905);
    assert_eq!(code(Api::Detections, 5, "action=list&status=New,Fixed"), 0);
    assert_eq!(code(Api::Detections, 5, "action=list&status=fixed"), 1905);
}

#[test]
fn missing_invalid_and_conflicting_parameters_have_their_codes() {
    assert_eq!(code(Api::Hosts, 5, "details=None"), 1903);
    assert_eq!(code(Api::Hosts, 5, "action=list&ids=abc123"), 1905);
    assert_eq!(
        code(Api::Hosts, 5, "action=list&ag_ids=1&ag_titles=x"),
        1904
    );
    assert_eq!(code(Api::Detections, 5, "action=list&qds_min=50"), 1907);
    assert_eq!(code(Api::Qvs, 3, "action=list&details=All"), 0);
    assert_eq!(code(Api::Qvs, 3, "action=list"), 1903);
    assert_eq!(code(Api::Qvs, 2, "action=list&details=All"), 1903);
    assert_eq!(code(Api::Qvs, 3, "action=list&details=All&ids=1"), 1901);
}
