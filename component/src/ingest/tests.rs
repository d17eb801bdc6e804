//! Whole answers through the reader: what does not fit a pair of fixtures.

use proptest::prelude::*;

use super::*;
use crate::contract::plan::Refusal;

const DETECTIONS: &str = "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>2026-11-20T08:00:00Z</DATETIME><HOST_LIST>\
    <HOST><ID>7</ID><IP>10.0.0.7</IP><DETECTION_LIST><DETECTION><UNIQUE_VULN_ID>41</UNIQUE_VULN_ID><QID>38170</QID>\
    <TYPE>Confirmed</TYPE><SEVERITY>2</SEVERITY><RESULTS><![CDATA[a &lt; b]]></RESULTS><STATUS>Active</STATUS>\
    </DETECTION></DETECTION_LIST></HOST></HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>";

fn read(dataset: Dataset, body: &[u8], chunk: usize) -> (Vec<String>, Result<End, Error>) {
    let mut reader = Reader::new(dataset, "{}");
    let mut records = Vec::new();
    for piece in body.chunks(chunk) {
        match reader.push(piece) {
            Ok(page) => records.extend(json::lines(&page).lines().map(str::to_owned)),
            Err(_) => break,
        }
    }
    (records, reader.finish())
}

#[track_caller]
fn check_error(dataset: Dataset, body: &str, expected: Error) {
    for chunk in [1, 7, body.len().max(1)] {
        assert_eq!(
            read(dataset, body.as_bytes(), chunk).1,
            Err(expected.clone()),
            "in chunks of {chunk}"
        );
    }
}

#[test]
fn a_body_cut_anywhere_is_known_from_a_whole_one() {
    for length in 0..DETECTIONS.len() {
        let (_, end) = read(Dataset::Detections, &DETECTIONS.as_bytes()[..length], 64);
        assert_eq!(end, Err(Error::CutOff(length as u64)));
    }
    let (records, end) = read(Dataset::Detections, DETECTIONS.as_bytes(), 64);
    assert_eq!(records.len(), 2);
    assert_eq!(end.expect("a whole answer").as_of, Some(1_795_161_600));
}

#[test]
fn results_escaped_inside_cdata_are_decoded_once_more() {
    let (records, _) = read(Dataset::Detections, DETECTIONS.as_bytes(), 1);
    assert!(
        records[1].contains(r#""results":"a < b""#),
        "{}",
        records[1]
    );
}

#[test]
fn an_error_document_is_a_refusal_with_its_code_and_wait() {
    let body = "<!DOCTYPE SIMPLE_RETURN SYSTEM \"https://x/simple_return.dtd\">\n<SIMPLE_RETURN><RESPONSE>\
        <DATETIME>2017-04-12T14:52:39Z </DATETIME><CODE>1965</CODE><TEXT>Wait.</TEXT><ITEM_LIST><ITEM>\
        <KEY>SECONDS_TO_WAIT</KEY><VALUE>181</VALUE></ITEM></ITEM_LIST></RESPONSE></SIMPLE_RETURN>";
    let refusal = Refusal {
        code: Some(1965),
        text: "Wait.".into(),
        wait_secs: Some(181),
    };
    check_error(Dataset::Hosts, body, Error::Refused(refusal));
}

#[test]
fn an_internal_error_carries_its_code_in_an_attribute() {
    let body = "<GENERIC_RETURN><API name=\"x\"/><RETURN status=\"FAILED\" number=\"999\">Internal error</RETURN></GENERIC_RETURN>";
    let refusal = Refusal {
        code: Some(999),
        text: "Internal error".into(),
        wait_secs: None,
    };
    check_error(Dataset::Detections, body, Error::Refused(refusal));
}

#[test]
fn a_page_for_people_is_no_answer() {
    let html = "<!DOCTYPE html><html><head><meta charset=utf-8><title>Login</title><br></html>";
    check_error(Dataset::Hosts, html, Error::UnexpectedRoot("html".into()));
    check_error(
        Dataset::Hosts,
        "<HTML><BODY><P>414<P></BODY></HTML>",
        Error::UnexpectedRoot("html".into()),
    );
}

#[test]
fn another_list_than_the_one_asked_for_is_named() {
    check_error(
        Dataset::KnowledgeBase,
        DETECTIONS,
        Error::UnexpectedRoot("HOST_LIST_VM_DETECTION_OUTPUT".into()),
    );
}

#[test]
fn nothing_at_all_is_a_cut_body() {
    check_error(Dataset::Hosts, "", Error::CutOff(0));
    check_error(Dataset::Hosts, "<!-- only a comment -->", Error::CutOff(23));
}

#[test]
fn plain_text_and_entity_bombs_are_refused() {
    check_error(
        Dataset::Hosts,
        "Service Unavailable",
        Error::Malformed("text comes before the root element".into()),
    );
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\">]><HOST_LIST_OUTPUT>&b;</HOST_LIST_OUTPUT>";
    check_error(
        Dataset::Hosts,
        bomb,
        Error::TooLarge("the document declares entities".into()),
    );
}

#[test]
fn tags_that_cross_are_malformed() {
    let body = "<HOST_LIST_OUTPUT><RESPONSE></HOST_LIST_OUTPUT>";
    check_error(
        Dataset::Hosts,
        body,
        Error::Malformed("`</HOST_LIST_OUTPUT>` closes `<RESPONSE>`".into()),
    );
}

#[test]
fn of_a_next_page_only_the_query_is_taken() {
    let body = "<HOST_LIST_OUTPUT><RESPONSE><WARNING><CODE>1980</CODE><TEXT>more</TEXT><URL>\n<![CDATA[https://evil.example/api/?action=list&id_min=9]]>\n\
        </URL></WARNING></RESPONSE></HOST_LIST_OUTPUT>";
    let end = read(Dataset::Hosts, body.as_bytes(), 5)
        .1
        .expect("a whole answer");
    assert_eq!(end.next.as_deref(), Some("action=list&id_min=9"));
}

#[test]
fn what_the_settings_leave_out_is_counted() {
    let body = DETECTIONS.replace("Confirmed", "Info");
    let mut reader = Reader::new(Dataset::Detections, r#"{"information_gathered": false}"#);
    let page = reader.push(body.as_bytes()).expect("sound");
    assert!(page.hosts[0].findings.is_empty());
    let skipped = reader.finish().expect("whole").skipped;
    assert_eq!(
        (skipped[0].rule.as_str(), skipped[0].n),
        ("information_gathered", 1)
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_alike_in_any_chunks(
        cuts in prop::collection::vec((0usize..600, any::<u8>()), 0..6), chunk in 1usize..50)
    {
        let mut body = DETECTIONS.as_bytes().to_vec();
        for (at, byte) in cuts {
            let at = at % body.len();
            body[at] = byte;
        }
        // A page puts its warnings last, so only their place among the records depends on the chunks.
        let sorted = |chunk| {
            let (mut records, end) = read(Dataset::Detections, &body, chunk);
            records.sort_by_key(|record| record.starts_with(r#"{"record":"warning""#));
            (records, end)
        };
        prop_assert_eq!(sorted(chunk), sorted(usize::MAX));
    }
}
