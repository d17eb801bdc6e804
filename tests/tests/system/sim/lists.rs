//! The lists: pages, filters, and what they leave out.

use std::collections::BTreeSet;

use qonduit_tests::sim::Sim;

use super::client::{Answer, basic, detections, hosts, list, send, start};

const ALL: &str =
    "status=New,Active,Re-Opened,Fixed&show_igs=1&include_ignored=1&include_disabled=1";

fn truth(sim: &Sim, of: &str) -> Vec<serde_json::Value> {
    let answer = send(sim, "GET", &format!("/_sim/truth/{of}"), &[], "");
    answer
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

/// Query of the next page, if there is one.
fn next(answer: &Answer) -> Option<String> {
    let text = answer.text();
    let link = text
        .split_once("<URL>\n<![CDATA[")?
        .1
        .split_once("]]>\n")?
        .0;
    assert!(link.starts_with("https://qualysapi.p01.eng.sim.invalid/api/5.0/"));
    Some(link.split_once('?')?.1.to_owned())
}

#[test]
fn the_pages_of_all_detections_hold_what_the_truth_says() {
    let sim = start(&["--hosts", "120", "--day", "3"]);
    let mut query = format!("{ALL}&truncation_limit=25");
    let (mut ids, mut statuses, mut pages) = (Vec::new(), Vec::new(), 0);
    loop {
        let page = detections(&sim, &query);
        assert!(page.is_complete);
        ids.extend(page.elements("UNIQUE_VULN_ID"));
        statuses.extend(page.elements("STATUS"));
        pages += 1;
        let Some(next) = next(&page) else { break };
        query = next;
    }
    let truth = truth(&sim, "findings");
    let expected: Vec<_> = truth
        .iter()
        .map(|line| line["finding_key"].as_str().unwrap())
        .collect();
    assert_eq!(ids, expected);
    assert_eq!(pages, 5);
    let n_with_status = truth
        .iter()
        .filter(|line| !line["status"].is_null())
        .count();
    assert_eq!(statuses.len(), n_with_status);
}

#[test]
fn the_next_page_repeats_every_parameter_and_adds_one() {
    let sim = start(&["--hosts", "5"]);
    let ids = sim.host_ids();
    let page = hosts(&sim, "truncation_limit=2&show_tags=1");
    assert_eq!(
        page.elements("ID"),
        [ids[0].to_string(), ids[1].to_string()]
    );
    let expected = format!(
        "action=list&truncation_limit=2&show_tags=1&details=Basic&cloud_agent_activationkey=0&id_min={}",
        ids[2]
    );
    assert_eq!(next(&page), Some(expected));
    assert!(page.text().contains("<CODE>1980</CODE>"));
}

#[test]
fn ids_come_as_ranges_and_all_at_once() {
    let sim = start(&["--hosts", "3000"]);
    let page = hosts(&sim, "details=None&truncation_limit=0");
    let ranges = page.elements("ID_RANGE").into_iter().map(|range| {
        let (low, high) = range.split_once('-').unwrap();
        (low.parse::<u64>().unwrap(), high.parse::<u64>().unwrap())
    });
    let singles = page
        .elements("ID")
        .into_iter()
        .map(|id| id.parse().unwrap());
    let mut ids: Vec<u64> = ranges
        .flat_map(|(low, high)| low..=high)
        .chain(singles)
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, sim.host_ids());
    assert!(next(&page).is_none());
}

#[test]
fn hosts_without_detections_are_in_one_list_and_not_in_the_other() {
    let sim = start(&["--hosts", "300"]);
    let in_hosts: BTreeSet<_> = hosts(&sim, "truncation_limit=0")
        .elements("ID")
        .into_iter()
        .collect();
    let page = detections(&sim, &format!("{ALL}&truncation_limit=0&show_results=0"));
    let in_detections: BTreeSet<_> = page.elements("ID").into_iter().collect();
    assert_eq!(in_hosts.len(), 300);
    assert!(in_detections.is_subset(&in_hosts) && in_detections.len() < 300);
}

#[test]
fn an_empty_result_holds_nothing_but_its_time() {
    let sim = start(&["--hosts", "10"]);
    for page in [
        hosts(&sim, "ids=1"),
        detections(&sim, "ids=1&truncation_limit=0"),
    ] {
        assert_eq!(page.status, 200);
        let response = page.elements("RESPONSE").remove(0);
        assert_eq!(response.trim(), "<DATETIME>2026-11-01T12:00:00Z</DATETIME>");
    }
}

#[test]
fn the_knowledge_base_is_silent_about_what_it_does_not_know() {
    let sim = start(&[]);
    let path = "/api/4.0/fo/knowledge_base/vuln/";
    let page = list(&sim, path, "ids=38000-38010,999999&details=All");
    let known = page.elements("QID").len();
    assert!((9..=11).contains(&known), "{known}");
    assert!(page.text().contains("<CVSS_V3>"));
    let unknown = list(&sim, path, "ids=999999");
    assert_eq!(unknown.status, 200);
    assert!(
        unknown
            .text()
            .contains("</KNOWLEDGE_BASE_VULN_LIST_OUTPUT>\n<!-- keep-alive")
    );
    let sim = start(&["--no-cvss"]);
    assert!(
        !list(&sim, path, "ids=38000-38010&details=All")
            .text()
            .contains("CVSS")
    );
}

#[test]
fn the_whole_knowledge_base_has_four_thousand_entries() {
    let sim = start(&[]);
    let page = list(&sim, "/api/4.0/fo/knowledge_base/vuln/", "details=None");
    let n_entries = page.elements("ID").len();
    assert!((4_800..=4_902).contains(&n_entries), "{n_entries}");
}

#[test]
fn asset_groups_have_pages_too() {
    let sim = start(&["--hosts", "500"]);
    let path = "/api/2.0/fo/asset/group/";
    let page = list(
        &sim,
        path,
        "truncation_limit=6&show_attributes=TITLE,BUSINESS_IMPACT,HOST_IDS",
    );
    assert_eq!(page.elements("TITLE").len(), 6);
    assert_eq!(page.elements("OWNER_ID").len(), 0);
    let last = list(&sim, path, "id_min=385018");
    assert_eq!(last.elements("TITLE"), ["<![CDATA[Decommissioned]]>"]);
    assert_eq!(last.elements("HOST_IDS").len(), 0);
}

#[test]
fn a_long_query_is_too_long_and_a_long_form_is_not() {
    let sim = start(&["--hosts", "2000"]);
    let ids = sim
        .host_ids()
        .iter()
        .map(u64::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let path = format!("/api/5.0/fo/asset/host/?action=list&ids={ids}");
    let get = send(
        &sim,
        "GET",
        &path,
        &[&basic(&sim), "X-Requested-With: test"],
        "",
    );
    assert_eq!(get.status, 414);
    assert!(get.text().starts_with("<!DOCTYPE HTML"));
    let post = hosts(&sim, &format!("truncation_limit=0&ids={ids}"));
    assert_eq!(post.elements("ID").len(), 2_000);
    assert_eq!(sim.stats().max_hosts_asked, 2_000);
}

#[test]
fn an_evaluation_subscription_comments_on_everything() {
    let sim = start(&[
        "--trial",
        "--split-host-lists",
        "--notice",
        "--hosts",
        "120",
    ]);
    let page = hosts(&sim, "truncation_limit=0");
    let comment = "<!-- This report was generated with an evaluation version of Qualys //-->";
    assert_eq!(page.text().matches(comment).count(), 4);
    assert!(page.text().matches("<HOST_LIST>").count() > 10);
    assert!(page.text().trim_end().ends_with("//-->"));
    assert!(page.text().contains("<WARNING>") && next(&page).is_none());
}

#[test]
fn gzip_is_spoken_with_those_who_accept_it() {
    let sim = start(&["--hosts", "50"]);
    let headers = [
        &*basic(&sim),
        "X-Requested-With: test",
        "Accept-Encoding: gzip, deflate",
    ];
    let path = "/api/5.0/fo/asset/host/?action=list";
    let packed = send(&sim, "GET", path, &headers, "");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut unpacked = String::new();
    let mut decoder = flate2::read::GzDecoder::new(packed.bytes.as_slice());
    std::io::Read::read_to_string(&mut decoder, &mut unpacked).unwrap();
    assert_eq!(unpacked, hosts(&sim, "").text());
    let sim = start(&["--no-gzip"]);
    let headers = [&*basic(&sim), headers[1], headers[2]];
    assert_eq!(
        send(&sim, "GET", path, &headers, "").header("content-encoding"),
        None
    );
}
