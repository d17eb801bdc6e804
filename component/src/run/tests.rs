//! A run against scripted answers: what it asks for, in which order, and how it ends.

use super::*;
use crate::contract::plan::Body;

const NOW: Timestamp = 1_795_219_200;
const SETTINGS: &str = r#"{"asset_groups":false,"tags":false,"web_apps":false,"software":false,"waits":{"busy_secs":7}}"#;
const IDS: &str = "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-20T08:00:00Z</DATETIME>\
    <ID_SET><ID>7</ID><ID>9</ID></ID_SET></RESPONSE></HOST_LIST_OUTPUT>";
const HOSTS: &str = "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-20T08:00:01Z</DATETIME><HOST_LIST>\
    <HOST><ID>7</ID></HOST><HOST><ID>9</ID></HOST></HOST_LIST></RESPONSE></HOST_LIST_OUTPUT>";
const DETECTIONS: &str = "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><HOST_LIST><HOST><ID>7</ID>\
    <DETECTION_LIST><DETECTION><UNIQUE_VULN_ID>41</UNIQUE_VULN_ID><QID>38170</QID>\
    <TYPE>Confirmed</TYPE><SEVERITY>2</SEVERITY><STATUS>Active</STATUS></DETECTION></DETECTION_LIST>\
    </HOST></HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>";
const ENTRIES: &str = "<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><VULN_LIST><VULN><QID>38170</QID>\
    <VULN_TYPE>Vulnerability</VULN_TYPE><SEVERITY_LEVEL>2</SEVERITY_LEVEL><TITLE>T</TITLE></VULN>\
    </VULN_LIST></RESPONSE></KNOWLEDGE_BASE_VULN_LIST_OUTPUT>";

fn begun() -> Run {
    let history = History {
        watermark: None,
        last_full: None,
    };
    Run::new(SETTINGS.to_owned(), history, NOW)
}

#[track_caller]
fn asks(run: &mut Run, now: Timestamp, expected: Dataset) -> Call {
    match run.next(now) {
        Step::Ask(call) => {
            assert_eq!(call.dataset, expected);
            call
        }
        other => panic!("{expected:?} was to be asked for, not {other:?}"),
    }
}

fn answer(run: &mut Run, status: u16, body: &str) -> (String, Option<String>) {
    run.answered(status, Vec::new());
    let lines = run.push_lines(body.as_bytes());
    (lines, run.ended(NOW))
}

#[test]
fn each_list_is_asked_for_what_those_before_it_named() {
    let mut run = begun();
    asks(&mut run, NOW, Dataset::HostIds);
    let (lines, trouble) = answer(&mut run, 200, IDS);
    assert_eq!((lines.lines().count(), trouble), (2, None));
    asks(&mut run, NOW, Dataset::Hosts);
    answer(&mut run, 200, HOSTS);
    let call = asks(&mut run, NOW, Dataset::Detections);
    let Body::Form(form) = call.request.body else {
        panic!("a form")
    };
    assert!(form.contains(&("ids".to_owned(), "7,9".to_owned())));
    let (lines, _) = answer(&mut run, 200, DETECTIONS);
    assert!(lines.contains(r#""qid":38170"#));
    let call = asks(&mut run, NOW, Dataset::KnowledgeBase);
    let Body::Form(form) = call.request.body else {
        panic!("a form")
    };
    assert!(form.contains(&("ids".to_owned(), "38170".to_owned())));
    answer(&mut run, 200, ENTRIES);
    let Step::Done(summary) = run.next(NOW) else {
        panic!("nothing is left")
    };
    // 2026-11-20T08:00:00Z, of the first answer.
    assert_eq!(summary.watermark, Some(1_795_161_600));
    assert_eq!((summary.calls, summary.is_full), (4, true));
}

#[test]
fn a_refusal_is_waited_for_and_its_body_gives_no_records() {
    let mut run = begun();
    asks(&mut run, NOW, Dataset::HostIds);
    run.answered(
        409,
        vec![("X-RateLimit-ToWait-Sec".to_owned(), "30".to_owned())],
    );
    assert_eq!(run.push_lines(IDS.as_bytes()), "");
    assert_eq!(run.ended(NOW).as_deref(), Some("HTTP status 409"));
    let Step::Wait(until) = run.next(NOW) else {
        panic!("a wait")
    };
    assert!(until >= NOW + 30);
    asks(&mut run, until + 1, Dataset::HostIds);
}

#[test]
fn a_body_that_breaks_off_is_told_and_asked_for_again() {
    let mut run = begun();
    asks(&mut run, NOW, Dataset::HostIds);
    let (_, trouble) = answer(&mut run, 200, &IDS[..90]);
    let said = "the answer was cut off after 90 bytes; ask for it again";
    assert_eq!(trouble.as_deref(), Some(said));
    asks(&mut run, NOW + 3_600, Dataset::HostIds);
    // Without a word of how it ended, no answer came, and it is asked for again after a pause.
    let Step::Wait(until) = run.next(NOW + 7_200) else {
        panic!("a wait")
    };
    assert!(until > NOW + 7_200);
    asks(&mut run, until, Dataset::HostIds);
}

#[test]
fn what_nobody_can_mend_by_asking_ends_the_run_with_a_sentence() {
    let mut run = begun();
    asks(&mut run, NOW, Dataset::HostIds);
    answer(&mut run, 401, "");
    for _ in 0..2 {
        let Step::Failed(stop) = run.next(NOW) else {
            panic!("an end")
        };
        assert_eq!(stop.failure, Failure::Unauthorized);
        assert_eq!(stop.dataset, Some(Dataset::HostIds));
        assert!(stop.message.starts_with("Qualys does not accept"));
    }
}

#[test]
fn mistaken_settings_are_the_first_step() {
    let history = History {
        watermark: None,
        last_full: None,
    };
    let mut run = Run::new(r#"{"nonsense":1}"#.to_owned(), history, NOW);
    let Step::Failed(stop) = run.next(NOW) else {
        panic!("an end")
    };
    assert!(stop.message.contains("nonsense"), "{}", stop.message);
}

#[test]
fn a_later_run_is_about_the_hosts_that_changed() {
    let history = History {
        watermark: Some(NOW - 86_400),
        last_full: Some(NOW - 86_400),
    };
    let mut run = Run::new(SETTINGS.to_owned(), history, NOW);
    asks(&mut run, NOW, Dataset::HostIds);
    answer(&mut run, 200, IDS);
    asks(&mut run, NOW, Dataset::ChangedHostIds);
    answer(&mut run, 200, &IDS.replace("<ID>7</ID>", ""));
    let call = asks(&mut run, NOW, Dataset::Hosts);
    let Body::Form(form) = call.request.body else {
        panic!("a form")
    };
    assert!(form.contains(&("ids".to_owned(), "9".to_owned())));
}
