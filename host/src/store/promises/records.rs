//! What becomes of records that come: kept by key, never by an older one, never half.

use super::{
    LEASE, NOW, all, asset, begun, detections, entries, entry, finding, host, page, risks,
};
use crate::{
    guest::{
        ingest::{HostFindings, Page},
        types::{
            Dataset, Finding, QualysHost, Risk, RiskSource, Severity, Status, Tag, Vulnerability,
        },
    },
    store::{Commit, Store, Tally},
};

pub(in crate::store) fn a_finding_is_known_by_its_key(store: &mut dyn Store) {
    let run = begun(store);
    let both = [finding("a"), finding("b")];
    let first = detections(store, run, &both);
    assert_eq!(
        first,
        Tally {
            new: 2,
            ..Tally::default()
        }
    );
    let mut changed = finding("b");
    changed.severity = Severity::Critical;
    changed.qualys_severity = 5;
    let second = detections(store, run, &[finding("a"), changed]);
    assert_eq!(
        second,
        Tally {
            changed: 1,
            unchanged: 1,
            ..Tally::default()
        }
    );
    let totals = store.reader().unwrap().totals().unwrap();
    assert_eq!(
        (totals.assets, totals.findings, totals.open_findings),
        (1, 2, 2)
    );
    assert_eq!(
        (
            totals.open_by_severity.high,
            totals.open_by_severity.critical
        ),
        (1, 1)
    );
}

pub(in crate::store) fn a_key_that_comes_twice_is_one_finding(store: &mut dyn Store) {
    let run = begun(store);
    let tally = detections(store, run, &[finding("a"), finding("a")]);
    assert_eq!(
        tally,
        Tally {
            new: 1,
            unchanged: 1,
            ..Tally::default()
        }
    );
    assert_eq!(all(store).len(), 1);
}

pub(in crate::store) fn an_older_record_never_wins(store: &mut dyn Store) {
    let run = begun(store);
    let later = Finding {
        last_test: Some(NOW),
        times_found: Some(8),
        ..finding("a")
    };
    let earlier = Finding {
        last_test: Some(NOW - 60),
        last_found: Some(NOW - 60),
        times_found: Some(7),
        ..finding("a")
    };
    detections(store, run, &[later]);
    assert_eq!(
        detections(store, run, &[earlier]),
        Tally {
            older: 1,
            ..Tally::default()
        }
    );
    assert_eq!(all(store)[0].finding.times_found, Some(8));
}

pub(in crate::store) fn a_finding_that_comes_back_is_reopened(store: &mut dyn Store) {
    let run = begun(store);
    let with = |status, minutes: i64| Finding {
        status: Some(status),
        last_test: Some(NOW + minutes * 60),
        ..finding("a")
    };
    detections(store, run, &[with(Status::Active, 0)]);
    let fixed = detections(store, run, &[with(Status::Fixed, 1)]);
    assert_eq!(
        fixed,
        Tally {
            changed: 1,
            fixed: 1,
            ..Tally::default()
        }
    );
    assert_eq!(store.reader().unwrap().totals().unwrap().open_findings, 0);
    let still = detections(store, run, &[with(Status::Fixed, 2)]);
    assert_eq!(
        still,
        Tally {
            changed: 1,
            ..Tally::default()
        }
    );
    let back = detections(store, run, &[with(Status::Reopened, 3)]);
    assert_eq!(
        back,
        Tally {
            changed: 1,
            reopened: 1,
            ..Tally::default()
        }
    );
    let id = all(store)[0].finding.finding_id;
    let found = store.reader().unwrap().finding(id).unwrap().unwrap();
    let moves: Vec<_> = found
        .history
        .iter()
        .map(|change| (change.from, change.to))
        .collect();
    assert_eq!(
        moves,
        [
            (Some(Status::Active), Some(Status::Fixed)),
            (Some(Status::Fixed), Some(Status::Reopened)),
        ]
    );
}

pub(in crate::store) fn detections_never_overwrite_the_host_list(store: &mut dyn Store) {
    let run = begun(store);
    let full = QualysHost {
        os: Some("Ubuntu".into()),
        tags: vec![Tag {
            id: Some(1),
            name: "lab".into(),
        }],
        last_seen: Some(NOW),
        ..host()
    };
    let hosts = |host| Page {
        hosts: vec![HostFindings {
            host,
            findings: vec![],
        }],
        ..page()
    };
    let step = Commit::new(run, LEASE, Dataset::Detections);
    store
        .commit(&Commit {
            page: Some(&hosts(host())),
            ..step
        })
        .unwrap();
    assert!(asset(store).is_partial);
    let list = Commit {
        dataset: Dataset::Hosts,
        ..step
    };
    let tally = store
        .commit(&Commit {
            page: Some(&hosts(full.clone())),
            ..list
        })
        .unwrap()
        .tally;
    assert_eq!(
        tally,
        Tally {
            changed: 1,
            ..Tally::default()
        }
    );
    let partial = QualysHost {
        last_seen: Some(NOW + 5),
        name: "other".into(),
        ..host()
    };
    store
        .commit(&Commit {
            page: Some(&hosts(partial)),
            ..step
        })
        .unwrap();
    let kept = asset(store);
    assert_eq!(
        (kept.asset.os.as_deref(), kept.asset.name.as_str()),
        (Some("Ubuntu"), "web-1")
    );
    assert_eq!(
        (kept.asset.last_seen, kept.is_partial),
        (Some(NOW + 5), false)
    );
    assert_eq!(kept.asset.tags.len(), 1);
    let again = store
        .commit(&Commit {
            page: Some(&hosts(full)),
            ..list
        })
        .unwrap()
        .tally;
    assert_eq!(
        again,
        Tally {
            unchanged: 1,
            ..Tally::default()
        }
    );
    assert_eq!(asset(store).asset.last_seen, Some(NOW + 5));
}

pub(in crate::store) fn a_qid_is_unknown_until_its_entry_comes(store: &mut dyn Store) {
    let run = begun(store);
    let findings = [7, 3, 5].map(|qid| Finding {
        qid,
        ..finding(&qid.to_string())
    });
    detections(store, run, &findings);
    assert_eq!(store.unknown_qids(NOW).unwrap(), [3, 5, 7]);
    store.mark_asked(&[5], NOW).unwrap();
    assert_eq!(store.unknown_qids(NOW).unwrap(), [3, 7]);
    assert_eq!(store.unknown_qids(NOW + 1).unwrap(), [3, 5, 7]);
    entries(store, run, vec![entry(3)]);
    assert_eq!(store.unknown_qids(NOW).unwrap(), [7]);
    let totals = store.reader().unwrap().totals().unwrap();
    assert_eq!((totals.vulnerabilities, totals.unknown_qids), (1, 2));
    let reader = store.reader().unwrap();
    let known = reader.vulnerability(3).unwrap().unwrap();
    assert_eq!((known.affected_assets, known.entry.is_some()), (1, true));
    assert!(reader.vulnerability(7).unwrap().unwrap().entry.is_none());
    assert!(reader.vulnerability(8).unwrap().is_none());
}

pub(in crate::store) fn a_score_of_zero_takes_the_risk_off(store: &mut dyn Store) {
    let run = begun(store);
    let scored = Finding {
        risk_score: Some(42.0),
        risk_source: Some(RiskSource::Qds),
        ..finding("scored")
    };
    detections(store, run, &[finding("bare"), scored.clone()]);
    let harmless = Vulnerability {
        risk_score: Some(0.0),
        ..entry(1)
    };
    entries(store, run, vec![harmless]);
    assert_eq!(risks(store), [Risk::None, Risk::High]);
    detections(store, run, &[finding("bare"), scored, finding("later")]);
    assert_eq!(risks(store), [Risk::None, Risk::High, Risk::None]);
    entries(
        store,
        run,
        vec![Vulnerability {
            risk_score: Some(5.5),
            ..entry(1)
        }],
    );
    assert_eq!(risks(store), [Risk::High, Risk::High, Risk::High]);
    let rows = all(store);
    assert_eq!(rows[0].finding.risk_score, Some(5.5));
    assert_eq!(rows[0].finding.risk_source, Some(RiskSource::CvssV3));
    assert_eq!(rows[1].finding.risk_score, Some(42.0));
}

pub(in crate::store) fn texts_come_back_as_they_were(store: &mut dyn Store) {
    let run = begun(store);
    let long = "Größe ".repeat(2_000);
    let with = |key, results: &str| Finding {
        results: Some(results.into()),
        ..finding(key)
    };
    let none = Finding {
        results: None,
        ..finding("none")
    };
    detections(
        store,
        run,
        &[with("a", "short"), with("b", &long), with("c", &long), none],
    );
    let texts = |store: &dyn Store| {
        let rows = all(store).into_iter().map(|row| row.results);
        rows.collect::<Vec<_>>()
    };
    let long = Some(long);
    assert_eq!(
        texts(store),
        [Some("short".into()), long.clone(), long.clone(), None]
    );
    let cleared = Finding {
        results: None,
        ..finding("c")
    };
    detections(
        store,
        run,
        &[
            with("a", long.as_deref().unwrap()),
            with("b", "new"),
            cleared,
        ],
    );
    assert_eq!(texts(store), [long, Some("new".into()), None, None]);
    assert_eq!(store.recount().unwrap(), [""; 0]);
}
