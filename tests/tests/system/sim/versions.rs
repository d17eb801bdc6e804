//! What each version takes, and every action but listing.

use super::client::{basic, detections, hosts, list, send, start};

#[test]
fn a_parameter_of_a_later_version_is_unrecognized() {
    let sim = start(&[]);
    let path = |version| format!("/api/{version}.0/fo/asset/host/vm/detection/");
    let query = "mitre_attack_details=1&truncation_limit=1";
    assert_eq!(list(&sim, &path(4), query).status, 200);
    let refused = list(&sim, &path(3), query);
    assert_eq!((refused.status, refused.code()), (400, Some(1901)));
    assert!(refused.text().starts_with("<!DOCTYPE SIMPLE_RETURN"));
    assert_eq!(sim.stats().refused[&1901], 1);
}

#[test]
fn a_bad_id_is_named() {
    let refused = detections(&start(&[]), "ids=abc123");
    assert_eq!((refused.status, refused.code()), (400, Some(1905)));
    let text =
        "parameter ids has invalid value: abc123 (neither a positive integer nor a range: abc123)";
    assert_eq!(refused.elements("TEXT"), [text]);
}

#[test]
fn retired_versions_answer_until_they_are_gone() {
    let old = "/api/2.0/fo/asset/host/";
    assert_eq!(list(&start(&[]), old, "details=None").status, 200);
    let sim = start(&["--retired-versions-gone"]);
    assert_eq!(list(&sim, old, "details=None").status, 404);
    assert_eq!(
        list(&sim, "/api/3.0/fo/knowledge_base/vuln/", "ids=1").status,
        404
    );
    assert_eq!(list(&sim, "/api/2.0/fo/asset/group/", "").status, 200);
    assert_eq!(hosts(&sim, "details=None").status, 200);
}

#[test]
fn every_action_but_list_is_refused_and_counted() {
    let sim = start(&["--hosts", "10"]);
    let headers = [&*basic(&sim), "X-Requested-With: test"];
    let path = "/api/5.0/fo/asset/host/";
    let answer = send(&sim, "POST", path, &headers, "action=purge&ids=1-99999999");
    assert_eq!(answer.status, 400);
    assert_eq!(sim.stats().forbidden_actions, 1);
    assert_eq!(hosts(&sim, "").elements("ID").len(), 10);
}

#[test]
fn an_unknown_path_is_an_html_page() {
    let sim = start(&[]);
    let answer = send(&sim, "GET", "/am/v1/assets", &[&basic(&sim)], "");
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("<title>404 Not Found</title>"));
}
