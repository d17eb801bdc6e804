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
        word: None,
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
        word: None,
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

#[test]
fn what_could_not_be_told_is_not_taken_for_gone() {
    #[track_caller]
    fn check(dataset: Dataset, body: &str, unsure_hosts: &[u64], is_sure: bool) {
        let (_, end) = read(dataset, body.as_bytes(), 7);
        let end = end.expect("a whole answer");
        assert_eq!((&*end.unsure_hosts, end.is_sure), (unsure_hosts, is_sure));
    }
    let host = |id: &str, detection: &str| {
        format!(
            "<HOST><ID>{id}</ID><DETECTION_LIST><DETECTION>{detection}<TYPE>Info</TYPE>\
             <SEVERITY>1</SEVERITY></DETECTION></DETECTION_LIST></HOST>"
        )
    };
    let list = |hosts: &[String]| {
        format!(
            "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><HOST_LIST>{}</HOST_LIST></RESPONSE>\
             </HOST_LIST_VM_DETECTION_OUTPUT>",
            hosts.concat()
        )
    };
    let good = host("1", "<UNIQUE_VULN_ID>7</UNIQUE_VULN_ID><QID>5</QID>");
    let nameless = host("2", "<QID>x</QID>");
    let keyless = host("3", "<UNIQUE_VULN_ID>7x</UNIQUE_VULN_ID><QID>5</QID>");
    let without_key = host("4", "<UNIQUE_VULN_ID></UNIQUE_VULN_ID><QID>5</QID>");
    let hosts = [good.clone(), nameless, keyless, without_key];
    check(Dataset::Detections, &list(&hosts), &[2, 3], true);
    let numberless = [good, host("", "<QID>5</QID>")];
    check(Dataset::Detections, &list(&numberless), &[], false);
    let ids = "<HOST_LIST_OUTPUT><RESPONSE><ID_SET><ID>1</ID><ID>2b</ID></ID_SET></RESPONSE></HOST_LIST_OUTPUT>";
    check(Dataset::HostIds, ids, &[], false);
    let portal = |list: &str| {
        format!(
            "<ServiceResponse><responseCode>SUCCESS</responseCode><data>{list}</data>\
             </ServiceResponse>"
        )
    };
    let numberless = "<WebApp><name>a</name></WebApp>";
    check(Dataset::WebApps, &portal(numberless), &[], false);
    let numbered = "<WebApp><id>7</id><name>a</name></WebApp>";
    check(Dataset::WebApps, &portal(numbered), &[], true);
    let numberless = "<Finding><name>a</name><qid>150001</qid></Finding>";
    check(Dataset::WebAppFindings, &portal(numberless), &[], false);
}

#[test]
fn what_is_not_known_is_counted() {
    let body = DETECTIONS
        .replace("<QID>", "<FUTURE>1</FUTURE><FUTURE/><QID>")
        .replace("Active", "Thawed");
    let (_, end) = read(Dataset::Detections, body.as_bytes(), 3);
    let drift: Vec<_> = end
        .expect("a whole answer")
        .drift
        .into_iter()
        .map(|it| (it.name, it.n))
        .collect();
    let expected = [("DETECTION/FUTURE", 2), ("STATUS=Thawed", 1)];
    assert_eq!(drift, expected.map(|(name, n)| (name.to_owned(), n)));
}

#[test]
fn an_overlong_text_is_cut_at_the_same_place_in_any_chunks() {
    let results = "é".repeat(raw::MAX_TEXT / 2) + "tail";
    let body = DETECTIONS.replace("a &lt; b", &results);
    let (whole, _) = read(Dataset::Detections, body.as_bytes(), usize::MAX);
    assert!(whole[1].contains("éé\",\"first_found\""));
    assert!(
        whole[2].contains(r#""subject":"host 7","message":"`RESULTS` is too long and was cut""#)
    );
    let (pieces, _) = read(Dataset::Detections, body.as_bytes(), 1_000_001);
    assert!(pieces == whole, "cut elsewhere");
}

#[test]
fn what_comes_again_in_a_record_is_told_in_order() {
    let factor = |name, value| format!(r#"<QDS_FACTOR name="{name}">{value}</QDS_FACTOR>"#);
    let factors = [
        factor("a", "1"),
        factor("b\"", "2"),
        factor("a", "3"),
        factor("b\"", "4"),
    ]
    .concat();
    let body = DETECTIONS.replace(
        "<STATUS>",
        &format!("<QDS_FACTORS>{factors}</QDS_FACTORS><STATUS>"),
    );
    let (records, _) = read(
        Dataset::Detections,
        body.replace("b\"", "b&quot;").as_bytes(),
        9,
    );
    let expected = r#""attributes":{"qds_factor/a":"1, 3","qds_factor/b\"":"2, 4"}"#;
    assert!(records[1].contains(expected), "{}", records[1]);
}

#[test]
fn a_record_with_any_number_of_names_is_bounded() {
    let factors: String = (0..2_000)
        .map(|n| format!(r#"<QDS_FACTOR name="{n}">1</QDS_FACTOR>"#))
        .collect();
    let body = DETECTIONS.replace(
        "<STATUS>",
        &format!("<QDS_FACTORS>{factors}</QDS_FACTORS><STATUS>"),
    );
    let (records, _) = read(Dataset::Detections, body.as_bytes(), 4_096);
    assert!(records[1].contains(r#""qds_factor/999":"1"}"#));
    assert!(records[2].contains("attributes of more than 1000 names are left out"));
}

#[test]
fn ranges_name_only_as_many_hosts_as_fit() {
    let range = "<ID_RANGE>1-19000000</ID_RANGE>";
    let body = format!(
        "<HOST_LIST_OUTPUT><RESPONSE><ID_SET>{}</ID_SET></RESPONSE></HOST_LIST_OUTPUT>",
        range.repeat(50)
    );
    let mut reader = Reader::new(Dataset::HostIds, "{}");
    let page = reader.push(body.as_bytes()).expect("sound");
    assert_eq!(page.host_ids.len(), 19_000_000);
    assert_eq!(page.warnings.len(), 49);
}

/// Answers with all that their markup may hold. Where a text may be interrupted, it holds a [`GAP`].
fn answer() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[a-zA-Z0-9 é>;'\"\t\n]{0,12}",
        "[0-9]{1,20}",
        "(2026|20x6)-1[0-9]-2[0-9]T0[0-9]:00:00Z",
        "0|1|Active|Fixed|Info|Confirmed|tcp|null",
        "&(amp|lt|quot|#65|#x20AC|bogus|amp;lt);",
        "[a-z \n<>&\\]]{0,10}"
            .prop_map(|inner| format!("<![CDATA[{}]]>", inner.replace("]]>", ""))),
    ];
    let names = prop::sample::select(
        "ID IP DNS OS COMMENTS QID TYPE SEVERITY PORT PROTOCOL RESULTS STATUS SOURCE UNIQUE_VULN_ID \
         VULNERABILITY_DETECTION_SOURCES MITRE_TACTIC_NAME LAST_FOUND_DATETIME LAST_ACTIVITY QDS \
         QDS_FACTOR NAME TAG_ID FUTURE qid os SSL IS_IGNORED"
            .split(' ').filter(|name| !name.is_empty()).collect::<Vec<_>>(),
    );
    let leaf = (
        names,
        "( name=\"[a-z>&]{0,3}\")?",
        prop::collection::vec(text, 0..3),
    )
        .prop_map(|(name, attributes, pieces)| {
            format!(
                "<{name}{attributes}>{GAP}{}{GAP}</{name}>",
                pieces.join(GAP)
            )
        });
    let places = prop::sample::select(
        "HOST DETECTION_LIST DETECTION TAGS TAG QDS_FACTORS FUTURE host Detection"
            .split(' ')
            .collect::<Vec<_>>(),
    );
    let layout = prop::sample::select(vec!["", "\n  ", " <!-- <ID>9</ID> -->"]);
    let element = leaf.prop_recursive(5, 120, 12, move |inner| {
        (
            places.clone(),
            layout.clone(),
            prop::collection::vec(inner, 0..12),
        )
            .prop_map(|(name, layout, children)| {
                format!("<{name}>{layout}{}{layout}</{name}>", children.join(layout))
            })
    });
    let detection = "<DETECTION><QID>5</QID><TYPE>Info</TYPE><SEVERITY>1</SEVERITY>";
    prop::collection::vec((any::<bool>(), element), 0..6).prop_map(move |elements| {
        let hosts = elements.into_iter().map(|(is_detection, element)| {
            if is_detection {
                format!("<HOST><ID>3</ID><DETECTION_LIST>{detection}{element}</DETECTION></DETECTION_LIST></HOST>")
            } else {
                format!("<HOST><ID>4</ID>{element}</HOST>")
            }
        });
        let hosts: String = hosts.collect();
        format!("<?xml version=\"1.0\"?><HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><HOST_LIST>{hosts}</HOST_LIST>\
            </RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>")
    })
}

const GAP: &str = "\u{1}";

/// A page puts its warnings last, so only their place among the records depends on the chunks.
fn read_sorted(body: &[u8], chunk: usize) -> (Vec<String>, Result<End, Error>) {
    let (mut records, end) = read(Dataset::Detections, body, chunk);
    records.sort_by_key(|record| record.starts_with(r#"{"record":"warning""#));
    (records, end)
}

proptest! {
    #[test]
    fn an_answer_reads_alike_in_any_chunks(answer in answer(), chunk in 1usize..60) {
        let body = answer.replace(GAP, "");
        prop_assert_eq!(read_sorted(body.as_bytes(), chunk), read_sorted(body.as_bytes(), usize::MAX));
    }

    /// A text that a comment interrupts is gathered piece by piece; any other is read where it stands.
    #[test]
    fn a_comment_in_a_text_changes_nothing(answer in answer()) {
        let (plain, interrupted) = (answer.replace(GAP, ""), answer.replace(GAP, "<!-- -->"));
        prop_assert_eq!(read_sorted(interrupted.as_bytes(), usize::MAX), read_sorted(plain.as_bytes(), usize::MAX));
    }

    #[test]
    fn any_bytes_are_read_without_panic_and_alike_in_any_chunks(
        cuts in prop::collection::vec((0usize..600, any::<u8>()), 0..6), chunk in 1usize..50)
    {
        let mut body = DETECTIONS.as_bytes().to_vec();
        for (at, byte) in cuts {
            let at = at % body.len();
            body[at] = byte;
        }
        prop_assert_eq!(read_sorted(&body, chunk), read_sorted(&body, usize::MAX));
    }
}
