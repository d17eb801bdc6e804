//! Tables as scans write them, and texts that are none.

use super::*;
use crate::contract::ingest::Page;
use crate::contract::types::Dataset;
use crate::ingest::Reader;

/// Reads results through the door: a host with one detection for each.
fn page(settings: &str, detections: &[(u32, &str, &str)]) -> Page {
    let rows: String = detections
        .iter()
        .map(|(qid, status, results)| {
            format!(
                "<DETECTION><QID>{qid}</QID><TYPE>Confirmed</TYPE><SEVERITY>3</SEVERITY>\
                 <STATUS>{status}</STATUS><RESULTS><![CDATA[{results}]]></RESULTS></DETECTION>"
            )
        })
        .collect();
    let document = format!(
        "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><HOST_LIST><HOST><ID>7</ID>\
         <DETECTION_LIST>{rows}</DETECTION_LIST></HOST></HOST_LIST></RESPONSE>\
         </HOST_LIST_VM_DETECTION_OUTPUT>"
    );
    let mut reader = Reader::new(Dataset::Detections, settings);
    let page = reader.push(document.as_bytes()).unwrap();
    reader.finish().unwrap();
    page
}

/// Names with installed and required versions, by name.
#[track_caller]
fn check(qid: u32, results: &str, expected: &[(&str, &str, &str)]) {
    let page = page("{}", &[(qid, "Active", results)]);
    let found: Vec<_> = page
        .inventories
        .iter()
        .flat_map(|it| &it.software)
        .collect();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let found: Vec<_> = found
        .iter()
        .map(|it| {
            (
                it.name.clone(),
                text(&it.version),
                text(&it.required_version),
            )
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, version, required)| {
            (
                (*name).to_owned(),
                (*version).to_owned(),
                (*required).to_owned(),
            )
        })
        .collect();
    assert_eq!(found, expected, "{results}");
}

#[test]
fn packages_stand_behind_their_header() {
    let table = "Package\tInstalled Version\tRequired Version\n\
                 bash\t4.2.46-30\t4.2.46-31\n\
                 kernel\t3.10.0-957\t3.10.0-1160";
    let expected = [
        ("bash", "4.2.46-30", "4.2.46-31"),
        ("kernel", "3.10.0-957", "3.10.0-1160"),
    ];
    check(105_001, table, &expected);
    check(105_001, &table.replace('\n', ";;"), &expected);
    check(105_001, &table.replace('\n', "\r\n"), &expected);
}

#[test]
fn a_line_with_the_shape_may_come_first() {
    let table = "#table cols=\"3\"\nPackage Installed_Version Required_Version\n\
                 lib_a 1.0 1.1\nThe server was not restarted.\n";
    check(105_001, table, &[("lib_a", "1.0", "1.1")]);
}

#[test]
fn text_among_the_rows_is_no_package() {
    let table = "Package\tInstalled Version\tRequired Version\n\
                 bash\t1\t2\n\
                 \n\
                 The server was not restarted since.\n\
                 \tno name\t1\n\
                 Package\tInstalled Version\tRequired Version\n\
                 zlib\tNot Found\t3";
    check(105_001, table, &[("bash", "1", "2"), ("zlib", "", "3")]);
}

#[test]
fn other_results_hold_no_software() {
    for results in [
        "Package",
        "Package\tInstalled Version",
        "Packages were found",
        "Description\tVersion\tTCP Ports\nService\t1.1\t80",
        "Name\tVersion\nbash\t1",
        "#table",
        "",
        "\t\t\t\n",
    ] {
        check(105_001, results, &[]);
    }
}

#[test]
fn windows_lists_what_was_installed() {
    let table = "Display Name\tDisplay Version\tInstall Date\tPublisher\tLanguage\n\
                 Editor\t7.8\t20260131\tNot Found\tNot Found\n\
                 Driver\tNot Found\tNot Found\tExample Corp\t1033";
    let page = page("{}", &[(90_235, "Active", table)]);
    let [driver, editor] = page.inventories[0].software.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!(driver.publisher.as_deref(), Some("Example Corp"));
    assert_eq!((driver.version.as_deref(), driver.installed), (None, None));
    assert_eq!(editor.publisher, None);
    // 2026-01-31 is day 20484.
    assert_eq!(editor.installed, Some(20_484 * 86_400));
    assert!(!editor.is_package);
}

#[test]
fn a_package_of_several_detections_needs_the_latest_version() {
    let table = |required: &str| {
        format!("Package\tInstalled Version\tRequired Version\nbash\t1.2\t{required}")
    };
    let (low, high) = (table("1.9"), table("1.10"));
    let page = page(
        "{}",
        &[(1, "Active", &low), (2, "New", &high), (3, "Active", &low)],
    );
    let [bash] = page.inventories[0].software.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!(bash.required_version.as_deref(), Some("1.10"));
    assert!(bash.is_package);
}

#[test]
fn what_is_fixed_or_not_wanted_tells_nothing() {
    let table = "Package\tInstalled Version\tRequired Version\nbash\t1\t2";
    assert!(page("{}", &[(1, "Fixed", table)]).inventories.is_empty());
    let without = r#"{"software": false}"#;
    assert!(
        page(without, &[(1, "Active", table)])
            .inventories
            .is_empty()
    );
    let without = r#"{"results": false}"#;
    assert!(
        page(without, &[(1, "Active", table)])
            .inventories
            .is_empty()
    );
}

#[test]
fn a_fingerprint_is_taken_of_findings_that_are_not_kept() {
    let table = "Package\tInstalled Version\tRequired Version\nbash\t1\t2";
    let page = page(
        r#"{"rules": {"fingerprint_only": true}}"#,
        &[(1, "Active", table)],
    );
    assert_eq!(page.inventories[0].software[0].name, "bash");
    assert!(page.hosts[0].findings.is_empty());
}

#[test]
fn ports_have_the_protocol_of_their_list() {
    let table = "Port\tIANA Assigned Ports/Services\tDescription\tService Detected\n\
                 22\tssh\tSSH Remote Login\tssh\n\
                 443\thttps\thttp over TLS\tunknown\n\
                 0\t-\t-\t-\n\
                 70000\t-\t-\t-\n\
                 more text";
    let udp = "Port\tService Detected\n53\tdns";
    let page = page("{}", &[(82_023, "", table), (82_004, "", udp)]);
    let ports: Vec<_> = page.inventories[0]
        .ports
        .iter()
        .map(|it| (it.port, it.protocol.as_deref(), it.service.as_deref()))
        .collect();
    assert_eq!(
        ports,
        [
            (22, Some("tcp"), Some("ssh")),
            (53, Some("udp"), Some("dns")),
            (443, Some("tcp"), None),
        ]
    );
}

#[test]
fn versions_are_compared_by_their_numbers() {
    for (less, more) in [
        ("1.9", "1.10"),
        ("1", "1.0"),
        ("1.0-a", "1.0-b"),
        ("a", "1"),
    ] {
        assert_eq!(by_version(less, more), Ordering::Less, "{less} {more}");
        assert_eq!(by_version(more, less), Ordering::Greater, "{less} {more}");
    }
    assert_eq!(by_version("1.2.3", "1.2.3"), Ordering::Equal);
}
