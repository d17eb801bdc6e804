//! Answers that Qualys really gave, where they are at hand: they are not ours to ship.

use std::{fs, path::PathBuf};

use qonduit_host::guest::{
    Guest,
    ingest::{End, Error, Page},
    types::Dataset,
};
use quick_xml::{Reader, events::Event};

use crate::place::{files, root, say};

#[test]
fn recorded_answers_read_as_an_independent_reader_reads_them() {
    let Some(folder) = folder() else { return };
    let guest = Guest::embedded().expect("the component can be loaded");
    let (mut n_lists, mut n_refusals, mut n_others) = (0, 0, 0);
    for file in files(&folder)
        .iter()
        .filter(|it| it.extension().is_some_and(|it| it == "xml"))
    {
        let name = file.display();
        let text = fs::read_to_string(file).expect("a sample can be read");
        let seen = Seen::of(&text);
        let dataset = match seen.root.as_str() {
            "HOST_LIST_OUTPUT" => Dataset::Hosts,
            "KNOWLEDGE_BASE_VULN_LIST_OUTPUT" => Dataset::KnowledgeBase,
            _ => Dataset::Detections,
        };
        let (page, end) = read(&guest, dataset, text.as_bytes());
        match seen.root.as_str() {
            "HOST_LIST_OUTPUT"
            | "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"
            | "HOST_LIST_VM_DETECTION_OUTPUT" => {
                n_lists += 1;
                let end = end.unwrap_or_else(|error| panic!("{name}: {error:?}"));
                assert!(end.as_of.is_some(), "{name} tells its time");
                let qids = page.vulnerabilities.iter().map(|it| u64::from(it.qid));
                let findings = page.hosts.iter().flat_map(|it| &it.findings);
                let qids = qids.chain(findings.clone().map(|it| u64::from(it.qid)));
                assert_eq!(qids.collect::<Vec<_>>(), seen.qids, "{name}");
                assert_eq!(findings.count(), seen.n_detections, "{name}");
                let hosts: Vec<_> = page.hosts.iter().map(|it| it.host.host_id).collect();
                assert_eq!(hosts, seen.hosts, "{name}");
                assert_eq!(page.warnings, [], "{name}");
            }
            "SIMPLE_RETURN" => {
                n_refusals += 1;
                let Err(Error::Refused(refusal)) = end else {
                    panic!("{name}: {end:?}")
                };
                assert_eq!(refusal.code, seen.code, "{name}");
                assert!(!refusal.text.is_empty(), "{name}");
            }
            _ => {
                n_others += 1;
                assert!(
                    matches!(end, Err(Error::UnexpectedRoot(_) | Error::Refused(_))),
                    "{name}: {end:?}"
                );
            }
        }
    }
    // Counted by hand in the folder.
    assert_eq!(
        (n_lists >= 10, n_refusals >= 7, n_others >= 10),
        (true, true, true)
    );
}

#[test]
fn recorded_answers_hold_what_was_counted_by_hand() {
    let Some(folder) = folder() else { return };
    let guest = Guest::embedded().expect("the component can be loaded");
    let of = |dataset, name: &str| read(&guest, dataset, &fs::read(folder.join(name)).expect(name));
    let (page, end) = of(Dataset::KnowledgeBase, "recorded/steps_06_200.xml");
    assert_eq!(page.vulnerabilities.len(), 42);
    assert_eq!(end.map(|end| end.elements), Ok(42));
    for (name, code, wait_secs) in [
        ("errors/409_1960_concurrency.xml", 1960, None),
        ("errors/409_1965_rate.xml", 1965, Some(())),
        ("errors/409_2003_registration.xml", 2003, Some(())),
        ("errors/409_2011_secureid.xml", 2011, Some(())),
        (
            "recorded/verifyAuthenticationExpired_00_200.xml",
            2001,
            None,
        ),
        ("recorded/iterateHostDetectionsBadId_00_400.xml", 1905, None),
    ] {
        let (_, end) = of(Dataset::Detections, name);
        let Err(Error::Refused(refusal)) = end else {
            panic!("{name}: {end:?}")
        };
        assert_eq!(refusal.code, Some(code), "{name}");
        assert_eq!(refusal.wait_secs.map(drop), wait_secs, "{name}");
    }
}

#[test]
fn recorded_answers_about_web_applications_hold_what_was_counted_by_hand() {
    let Some(folder) = folder() else { return };
    let guest = Guest::embedded().expect("the component can be loaded");
    let of = |dataset, name: &str| {
        let body = fs::read(folder.join("recorded").join(name)).expect(name);
        let (page, end) = read(&guest, dataset, &body);
        assert_eq!(page.warnings, [], "{name}");
        (page, end)
    };
    for (name, n, next) in [
        ("iterateWebApps_00_200.xml", 7, None),
        (
            "iterateWebAppsPagination_00_200.xml",
            1,
            Some("id_min=238483925"),
        ),
        ("iterateWebAppsPagination_06_200.xml", 1, None),
        ("fetchScannedWebAppIdsNone_00_200.xml", 0, None),
    ] {
        let (page, end) = of(Dataset::WebApps, name);
        assert_eq!(page.web_apps.len(), n, "{name}");
        let end = end.expect(name);
        assert_eq!(end.next.as_deref(), next, "{name}");
    }
    let (page, _) = of(Dataset::WebAppFindings, "steps_04_200.xml");
    let findings = &page.web_app_findings;
    let n_gathered = findings.iter().filter(|it| it.status.is_none()).count();
    assert_eq!((findings.len(), n_gathered), (86, 46));
    let (_, end) = of(
        Dataset::WebAppFindings,
        "iterateWebAppFindingsBadId_00_200.xml",
    );
    let Err(Error::Refused(refusal)) = end else {
        panic!("{end:?}")
    };
    assert_eq!(refusal.word.as_deref(), Some("INVALID_REQUEST"));
}

/// Said in the output when it is absent.
#[test]
fn recorded_host_assets_are_read_without_a_warning() {
    let Some(folder) = folder() else { return };
    let guest = Guest::embedded().expect("the component can be loaded");
    let assets = files(&folder.join("host-assets"));
    for file in &assets {
        let name = file.display();
        let text = fs::read_to_string(file).expect("a sample can be read");
        let (page, end) = read(&guest, Dataset::HostAssets, text.as_bytes());
        let end = end.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let n_assets = text.matches("<HostAsset>").count();
        assert_eq!(page.inventories.len(), n_assets, "{name}");
        assert_eq!(page.warnings, [], "{name}");
        assert_eq!((end.next, end.skipped), (None, vec![]), "{name}");
    }
    assert!(!assets.is_empty());
}

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("QONDUIT_SAMPLES").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| root().join("../shared/samples"));
    if folder.is_dir() {
        return Some(folder);
    }
    say(&format!(
        "there is no folder `{}`, so no sample was read",
        folder.display()
    ));
    None
}

fn read(guest: &Guest, dataset: Dataset, body: &[u8]) -> (Page, Result<End, Error>) {
    let mut reader = guest.reader(dataset, &"{}".to_owned()).expect("a reader");
    let page = reader.push(body).expect("no trap");
    let end = reader.finish().expect("no trap");
    (page.unwrap_or_default(), end)
}

/// What another reader of XML sees.
#[derive(Debug, Default)]
struct Seen {
    root: String,
    hosts: Vec<u64>,
    n_detections: usize,
    qids: Vec<u64>,
    code: Option<u32>,
}

impl Seen {
    fn of(text: &str) -> Self {
        let mut seen = Self::default();
        let mut reader = Reader::from_str(text);
        let mut path: Vec<String> = Vec::new();
        loop {
            match reader.read_event().expect("sound XML") {
                Event::Start(element) => {
                    let name = element.name().as_ref().to_owned();
                    seen.n_detections += usize::from(name == "DETECTION");
                    path.push(name);
                }
                Event::End(_) => drop(path.pop()),
                Event::Text(text) => {
                    let text = text.trim().to_owned();
                    let place: Vec<_> = path.iter().map(String::as_str).collect();
                    match place.as_slice() {
                        [.., "HOST", "ID"] => seen.hosts.push(text.parse().expect("an id")),
                        [.., "VULN" | "DETECTION", "QID"] => {
                            seen.qids.push(text.parse().expect("a QID"))
                        }
                        [.., "RESPONSE", "CODE"] => seen.code = Some(text.parse().expect("a code")),
                        _ => {}
                    }
                }
                Event::Eof => return seen,
                _ => {}
            }
            if let ([first], true) = (path.as_slice(), seen.root.is_empty()) {
                seen.root.clone_from(first);
            }
        }
    }
}
