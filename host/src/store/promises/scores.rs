//! Scores of CVEs: whose are asked for, and which record wins.

use super::{LEASE, NOW, begun, detections, entries, entry, finding, page};
use crate::{
    guest::{
        ingest::Page,
        types::{CveScore, Dataset, Finding, Vulnerability},
    },
    store::{Commit, NamedCves, RunId, Store, Tally},
};

pub(super) fn score(cve: &str, score: u8, changed: Option<i64>) -> CveScore {
    CveScore {
        cve: cve.into(),
        score: Some(score),
        changed,
        published: Some(NOW - 900),
        epss: Some(0.25),
        exploit_maturity: vec!["poc".into(), "weaponized".into()],
        threat_actors: vec!["Hafnium".into()],
        malware: vec![],
        is_known_exploited: Some(true),
        attributes: r#"{"rti":"Wormable"}"#.into(),
    }
}

fn save(store: &mut dyn Store, run: RunId, cve_scores: Vec<CveScore>) -> Tally {
    let page = Page {
        cve_scores,
        ..page()
    };
    let commit = Commit {
        page: Some(&page),
        ..Commit::new(run, LEASE, Dataset::CveScores)
    };
    store.commit(&commit).unwrap().tally
}

/// QID 1 with two CVEs, found once, and QID 2 with another one, found nowhere.
fn named(store: &mut dyn Store) -> RunId {
    let run = begun(store);
    let cves = |cves: &[&str]| cves.iter().map(|&cve| cve.to_owned()).collect();
    detections(
        store,
        run,
        &[Finding {
            qid: 1,
            ..finding("a")
        }],
    );
    let with = |qid, cves| Vulnerability { cves, ..entry(qid) };
    let of_one = cves(&["CVE-2021-0002", "CVE-2021-0001"]);
    entries(
        store,
        run,
        vec![with(1, of_one), with(2, cves(&["CVE-2021-0003"]))],
    );
    run
}

fn lists(unknown: &[&str], known: &[&str]) -> NamedCves {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    NamedCves {
        unknown: owned(unknown),
        known: owned(known),
    }
}

pub(in crate::store) fn cves_are_asked_for_that_findings_name(store: &mut dyn Store) {
    let run = named(store);
    let (one, two) = ("CVE-2021-0001", "CVE-2021-0002");
    assert_eq!(store.named_cves(NOW).unwrap(), lists(&[one, two], &[]));
    save(
        store,
        run,
        vec![score(two, 70, None), score("CVE-2021-0009", 5, None)],
    );
    assert_eq!(store.named_cves(NOW).unwrap(), lists(&[one], &[two]));
    store.mark_cves_asked(&[one.to_owned()], NOW).unwrap();
    assert_eq!(store.named_cves(NOW).unwrap(), lists(&[], &[two]));
    assert_eq!(store.named_cves(NOW + 1).unwrap(), lists(&[one], &[two]));
    // It has a score by now.
    assert_eq!(save(store, run, vec![score(one, 12, None)]).new, 1);
    assert_eq!(store.named_cves(NOW + 1).unwrap(), lists(&[], &[one, two]));
}

pub(in crate::store) fn an_older_score_never_wins(store: &mut dyn Store) {
    let run = named(store);
    let cve = "CVE-2021-0001";
    let first = score(cve, 70, Some(NOW));
    assert_eq!(save(store, run, vec![first.clone()]).new, 1);
    let same = CveScore {
        exploit_maturity: vec!["weaponized".into(), "poc".into()],
        ..first
    };
    assert_eq!(save(store, run, vec![same]).unchanged, 1);
    assert_eq!(
        save(store, run, vec![score(cve, 95, Some(NOW - 1))]).older,
        1
    );
    assert_eq!(
        save(store, run, vec![score(cve, 80, Some(NOW + 1))]).changed,
        1
    );
    let reader = store.reader().unwrap();
    let entry = reader.vulnerability(1).unwrap().unwrap().entry.unwrap();
    // Of its two CVEs, nothing is known of the other one.
    let [told] = entry.cve_scores.as_slice() else {
        panic!("{:?}", entry.cve_scores);
    };
    assert_eq!((told.cve.as_str(), told.score), (cve, Some(80)));
    assert_eq!(
        (told.changed, told.published),
        (Some(NOW + 1), Some(NOW - 900))
    );
    assert_eq!(
        (told.epss, told.is_known_exploited),
        (Some(0.25), Some(true))
    );
    assert_eq!(told.exploit_maturity, ["poc", "weaponized"]);
    assert_eq!((told.threat_actors.len(), told.malware.len()), (1, 0));
    assert_eq!(told.attributes.json(), r#"{"rti":"Wormable"}"#);
}
