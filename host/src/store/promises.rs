//! What every store promises, whatever database it is made of. Written against the traits; each
//! implementation runs all of it from its own tests.

use std::collections::BTreeSet;

use super::{
    AssetSort, BatchEnd, Commit, FindingDetail, FindingQuery, FindingSort, Lease, Query, RunEnding,
    RunId, Store, StoreError, Tally, VulnerabilitySort, load::Random,
};
use crate::guest::{
    filter::{Comparison, Operator, Term},
    ingest::{HostFindings, Page, Warning},
    pace::{Limits, RecentCall},
    plan::{Batch, Fate, Setback},
    types::{
        AssetGroup, Certainty, Dataset, Finding, QualysHost, Risk, RiskSource, Severity, Status,
        Tag, Timestamp, Vulnerability,
    },
};

/// Runs every promise as a test, with stores that the given function makes.
macro_rules! keep_promises {
    ($new:expr; $($promise:ident),+ $(,)?) => {
        $(#[test] fn $promise() { $crate::store::promises::$promise(&mut *$new); })+
    };
}
pub(super) use keep_promises;

pub(super) fn a_finding_is_known_by_its_key(store: &mut dyn Store) {
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

pub(super) fn a_key_that_comes_twice_is_one_finding(store: &mut dyn Store) {
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

pub(super) fn an_older_record_never_wins(store: &mut dyn Store) {
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

pub(super) fn a_finding_that_comes_back_is_reopened(store: &mut dyn Store) {
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

pub(super) fn detections_never_overwrite_the_host_list(store: &mut dyn Store) {
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

pub(super) fn a_qid_is_unknown_until_its_entry_comes(store: &mut dyn Store) {
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

pub(super) fn a_score_of_zero_takes_the_risk_off(store: &mut dyn Store) {
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

pub(super) fn texts_come_back_as_they_were(store: &mut dyn Store) {
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

pub(super) fn one_process_carries_out_a_run(store: &mut dyn Store) {
    let connector = store.connector("https://a", "user").unwrap();
    let run = store.begin_run(connector, "{}", &LEASE).unwrap();
    let other = Lease {
        holder: "other",
        ..LEASE
    };
    let refused = store.begin_run(connector, "{}", &other);
    assert!(
        matches!(refused, Err(StoreError::RunInProgress { .. })),
        "{refused:?}"
    );
    let refused = store.resume_run(connector, &other).map(|_| ());
    assert!(
        matches!(refused, Err(StoreError::RunInProgress { .. })),
        "{refused:?}"
    );
    let elsewhere = store.connector("https://a", "second").unwrap();
    store.begin_run(elsewhere, "{}", &other).unwrap();
    let later = Lease {
        now: LEASE.until,
        until: LEASE.until + 60,
        ..other
    };
    let resumed = store.resume_run(connector, &later).unwrap().unwrap();
    assert_eq!((resumed.run.run_id, resumed.settings.as_str()), (run, "{}"));
    let lost = store.commit(&Commit::new(run, LEASE, Dataset::Hosts));
    assert!(
        matches!(lost, Err(StoreError::LeaseLost { .. })),
        "{lost:?}"
    );
}

pub(super) fn a_released_run_is_resumed_at_once(store: &mut dyn Store) {
    let connector = store.connector("https://a", "user").unwrap();
    let run = store.begin_run(connector, "{}", &LEASE).unwrap();
    store.release(run, &LEASE, "stopped").unwrap();
    let other = Lease {
        holder: "other",
        ..LEASE
    };
    assert_eq!(
        store
            .resume_run(connector, &other)
            .unwrap()
            .unwrap()
            .run
            .run_id,
        run
    );
}

pub(super) fn a_stage_begins_once_and_its_batches_follow_each_other(store: &mut dyn Store) {
    let connector = store.connector("https://a", "user").unwrap();
    let run = store.begin_run(connector, "{}", &LEASE).unwrap();
    let batches = [batch("1-10"), batch("11-20")];
    let added = store
        .begin_stage(run, &LEASE, Dataset::Detections, &batches)
        .unwrap()
        .unwrap();
    assert_eq!(
        store
            .begin_stage(run, &LEASE, Dataset::Detections, &batches)
            .unwrap(),
        None
    );
    let step = Commit::new(run, LEASE, Dataset::Detections);
    let half = [batch("1-5"), batch("6-10")];
    let split = BatchEnd {
        batch: added[0],
        fate: &Fate::Split,
        follow: &half,
        hosts: &[],
    };
    let followers = store
        .commit(&Commit {
            end: Some(split),
            ..step
        })
        .unwrap()
        .followers;
    assert_eq!(followers.len(), 2);
    assert_eq!(
        store
            .commit(&Commit {
                end: Some(split),
                ..step
            })
            .unwrap()
            .followers,
        [0; 0]
    );
    let again = [Batch {
        attempts: 1,
        ..batch("11-20")
    }];
    let fate = Fate::AgainAt(NOW + 300);
    let end = BatchEnd {
        batch: added[1],
        fate: &fate,
        follow: &again,
        hosts: &[],
    };
    let api = Limits {
        calls_left: Some(7),
        calls_allowed: None,
        window_secs: None,
        concurrent: None,
        not_before: Some(NOW + 300),
        held_until: vec![NOW + 9],
        recent: vec![RecentCall {
            begun: NOW - 9,
            ended: NOW,
            calls_left: Some(7),
            calls: 2,
        }],
    };
    let limits = Some(("detection", &api));
    store
        .commit(&Commit {
            end: Some(end),
            limits,
            calls: 2,
            ..step
        })
        .unwrap();
    let fate = Fate::Skipped(Setback::TimedOut);
    let end = BatchEnd {
        batch: followers[0],
        fate: &fate,
        follow: &[],
        hosts: &[4, 5],
    };
    store
        .commit(&Commit {
            end: Some(end),
            ..step
        })
        .unwrap();

    let resumed = store.resume_run(connector, &LEASE).unwrap().unwrap();
    let pending: Vec<_> = resumed
        .pending
        .iter()
        .map(|one| (one.batch.scope.as_str(), one.not_before))
        .collect();
    assert_eq!(pending, [("6-10", None), ("11-20", Some(NOW + 300))]);
    assert_eq!(resumed.stages, [Dataset::Detections]);
    assert_eq!(resumed.limits, [("detection".to_owned(), api)]);
    assert_eq!((resumed.run.skipped, resumed.run.calls), (1, 2));
    assert_eq!(resumed.run.notes[0].host_ids, [4, 5]);
    assert_eq!(resumed.run.notes[0].message, "timed-out");
}

pub(super) fn only_a_complete_run_moves_the_watermark(store: &mut dyn Store) {
    let connector = store.connector("https://a", "user").unwrap();
    assert_eq!(store.watermark(connector).unwrap(), None);
    let ends = [
        RunEnding::Complete {
            watermark: Some(NOW),
        },
        RunEnding::Failed("no space".into()),
        RunEnding::Stopped,
        RunEnding::Complete { watermark: None },
    ];
    for end in &ends {
        let run = store.begin_run(connector, "{}", &LEASE).unwrap();
        let step = Commit::new(run, LEASE, Dataset::HostIds);
        let listed = Page {
            host_ids: vec![9, 4, 9],
            ..page()
        };
        store
            .commit(&Commit {
                page: Some(&listed),
                as_of: Some(NOW),
                ..step
            })
            .unwrap();
        assert_eq!(store.run_hosts(run).unwrap(), [4, 9]);
        let row = store.finish_run(run, &LEASE, end).unwrap();
        assert_eq!((row.as_of, row.ended), (Some(NOW), Some(NOW)));
        assert_eq!(store.watermark(connector).unwrap(), Some(NOW));
    }
    let reader = store.reader().unwrap();
    let first = reader.runs(3, None).unwrap();
    assert_eq!(first.rows[2].reason.as_deref(), Some("no space"));
    let rest = reader.runs(3, first.next.as_deref()).unwrap();
    assert_eq!((rest.rows.len(), rest.next), (1, None));
}

pub(super) fn warnings_are_counted_and_the_first_are_kept(store: &mut dyn Store) {
    let run = begun(store);
    let warning = Warning {
        subject: Some("77".into()),
        message: "odd".into(),
    };
    let odd = Page {
        warnings: vec![warning; 1_500],
        ..page()
    };
    let step = Commit::new(run, LEASE, Dataset::Detections);
    store
        .commit(&Commit {
            page: Some(&odd),
            ..step
        })
        .unwrap();
    let row = store.reader().unwrap().run(run).unwrap().unwrap();
    assert_eq!(
        (row.warnings, row.notes[0].subject.as_deref()),
        (1_500, Some("77"))
    );
    assert!(row.notes.len() < 1_500);
}

pub(super) fn groups_and_hosts_each_tell_their_own_side(store: &mut dyn Store) {
    let run = begun(store);
    let member = QualysHost {
        asset_group_ids: vec![8],
        ..host()
    };
    let hosts = vec![HostFindings {
        host: member,
        findings: vec![],
    }];
    let step = Commit::new(run, LEASE, Dataset::Hosts);
    store
        .commit(&Commit {
            page: Some(&Page { hosts, ..page() }),
            ..step
        })
        .unwrap();
    let group = |host_ids: &[u64]| AssetGroup {
        id: 8,
        title: "Servers".into(),
        business_impact: Some("High".into()),
        host_ids: host_ids.to_vec(),
        attributes: "{}".to_owned(),
    };
    let step = Commit {
        dataset: Dataset::AssetGroups,
        ..step
    };
    for (ids, expected) in [(&[1, 2, 3][..], 3), (&[][..], 1)] {
        let groups = Page {
            asset_groups: vec![group(ids)],
            ..page()
        };
        store
            .commit(&Commit {
                page: Some(&groups),
                ..step
            })
            .unwrap();
        let listed = store
            .reader()
            .unwrap()
            .asset_groups(&Query::default())
            .unwrap();
        assert_eq!((listed.rows.len(), listed.rows[0].hosts), (1, expected));
    }
    let terms = [is("asset_group", Operator::Contains, "serv")];
    let found = store.reader().unwrap().assets(&Query {
        terms: &terms,
        ..Query::default()
    });
    assert_eq!(found.unwrap().rows[0].asset_group_ids, [8]);
}

pub(super) fn pages_go_on_where_they_ended_while_rows_change(store: &mut dyn Store) {
    let run = begun(store);
    let many: Vec<_> = (0..50)
        .map(|n| Finding {
            last_found: Some(NOW - n / 7),
            ..finding(&format!("k{n:02}"))
        })
        .collect();
    detections(store, run, &many);
    let reader = store.reader().unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    for round in 0.. {
        let query = FindingQuery {
            limit: 8,
            after: after.as_deref(),
            ..FindingQuery::default()
        };
        let listed = reader.findings(&query).unwrap();
        seen.extend(listed.rows.into_iter().map(|row| row.finding_key));
        after = listed.next;
        if after.is_none() {
            break;
        }
        // Newer ones come in at the front, which has been passed.
        let newer = Finding {
            last_found: Some(NOW + 100 + round),
            ..finding(&format!("n{round}"))
        };
        detections(store, run, &[newer]);
    }
    let expected: BTreeSet<_> = many
        .iter()
        .map(|finding| finding.finding_key.clone())
        .collect();
    assert_eq!(seen.len(), 50);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
}

pub(super) fn every_order_goes_through_every_row_once(store: &mut dyn Store) {
    let run = begun(store);
    random_steps(store, run, 11, 40);
    let reader = store.reader().unwrap();
    let n = reader.totals().unwrap();
    use FindingSort as F;
    for sort in [
        F::LastFound,
        F::FirstFound,
        F::Severity,
        F::Qds,
        F::Qid,
        F::Asset,
    ] {
        for descending in [false, true] {
            let (mut ids, mut after) = (BTreeSet::new(), None);
            loop {
                let query = FindingQuery {
                    sort,
                    descending,
                    only_open: false,
                    limit: 7,
                    after: after.as_deref(),
                    ..FindingQuery::default()
                };
                let listed = reader.findings(&query).unwrap();
                for row in listed.rows {
                    assert!(ids.insert(row.finding_id), "{sort:?} shows a row twice");
                }
                after = listed.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(ids.len() as u64, n.findings, "{sort:?} {descending}");
        }
    }
    use AssetSort as A;
    let sorts = [
        A::OpenFindings,
        A::OpenCritical,
        A::Name,
        A::LastSeen,
        A::Trurisk,
        A::Criticality,
        A::HostId,
    ];
    for sort in sorts {
        let first = reader
            .assets(&Query {
                sort,
                limit: 3,
                ..Query::default()
            })
            .unwrap();
        let next = first.next.as_deref();
        let query = Query {
            sort,
            limit: 100,
            after: next,
            ..Query::default()
        };
        let rest = reader.assets(&query).unwrap();
        assert_eq!(
            (first.rows.len() + rest.rows.len()) as u64,
            n.assets,
            "{sort:?}"
        );
    }
    use VulnerabilitySort as V;
    entries(store, run, (0..9).map(entry).collect());
    for sort in [
        V::OpenFindings,
        V::Severity,
        V::Title,
        V::Published,
        V::Modified,
        V::Qid,
    ] {
        let first = reader
            .vulnerabilities(&Query {
                sort,
                limit: 4,
                ..Query::default()
            })
            .unwrap();
        let next = first.next.as_deref();
        let query = Query {
            sort,
            limit: 100,
            after: next,
            ..Query::default()
        };
        let rest = reader.vulnerabilities(&query).unwrap();
        assert_eq!(first.rows.len() + rest.rows.len(), 9, "{sort:?}");
    }
}

pub(super) fn a_token_of_another_list_is_refused(store: &mut dyn Store) {
    let run = begun(store);
    detections(store, run, &[finding("a"), finding("b")]);
    let reader = store.reader().unwrap();
    let first = reader
        .findings(&FindingQuery {
            limit: 1,
            ..FindingQuery::default()
        })
        .unwrap();
    for token in [first.next.as_deref().unwrap(), "", "zz", "é", "7b7d"] {
        let query = Query {
            after: Some(token),
            ..Query::default()
        };
        let refused = reader.assets(&query);
        assert!(matches!(refused, Err(StoreError::Token(_))), "{refused:?}");
    }
}

pub(super) fn filters_select_what_they_say(store: &mut dyn Store) {
    let run = begun(store);
    let fixed = Finding {
        status: Some(Status::Fixed),
        qid: 2,
        ..finding("fixed")
    };
    let low = Finding {
        severity: Severity::Low,
        risk: Risk::Low,
        port: Some(80),
        ..finding("low")
    };
    detections(store, run, &[finding("high"), fixed, low]);
    let cves = vec!["CVE-2026-1".into()];
    entries(
        store,
        run,
        vec![
            Vulnerability {
                cves,
                title: "50%_off".into(),
                ..entry(1)
            },
            entry(2),
        ],
    );
    let reader = store.reader().unwrap();
    let keys = |terms: &[Term]| {
        let query = FindingQuery {
            terms,
            only_open: false,
            sort: FindingSort::Asset,
            descending: false,
            ..FindingQuery::default()
        };
        let rows = reader.findings(&query).unwrap().rows.into_iter();
        rows.map(|row| row.finding_key)
            .collect::<Vec<_>>()
            .join(" ")
    };
    use Operator as O;
    assert_eq!(
        keys(&[is("severity", O::GreaterOrEqual, "high")]),
        "high fixed"
    );
    assert_eq!(keys(&[is("severity", O::Less, "High")]), "low");
    assert_eq!(keys(&[is("status", O::Equal, "fixed")]), "fixed");
    assert_eq!(keys(&[is("status", O::Equal, "open")]), "high low");
    assert_eq!(keys(&[is("port", O::Equal, "80")]), "low");
    assert_eq!(
        keys(&[is("port", O::Equal, "80"), Term::Negate]),
        "high fixed"
    );
    assert_eq!(keys(&[is("port", O::Exists, "")]), "low");
    assert_eq!(keys(&[is("cve", O::Contains, "cve-2026-%")]), "high low");
    assert_eq!(keys(&[is("cve", O::Exists, ""), Term::Negate]), "fixed");
    assert_eq!(keys(&[is("title", O::Contains, "%_OFF")]), "high low");
    assert_eq!(keys(&[is("title", O::Contains, "5_%")]), "");
    assert_eq!(keys(&[is("name", O::Equal, "WEB-1")]), "high fixed low");
    assert_eq!(keys(&[is("name", O::Contains, "w%1' OR 1=1")]), "");
    assert_eq!(
        keys(&[is("last_found", O::GreaterOrEqual, "2026-11-20")]),
        "high fixed low"
    );
    assert_eq!(keys(&[is("last_found", O::Equal, "2026-11-19")]), "");
    let either = [
        is("qid", O::Equal, "2"),
        is("risk", O::Equal, "low"),
        Term::AnyOf,
    ];
    assert_eq!(keys(&either), "fixed low");
    let both = [
        is("qid", O::Equal, "1"),
        is("source", O::Equal, "qualys"),
        Term::AllOf,
    ];
    assert_eq!(keys(&both), "high low");
    let assets = |terms: &[Term]| {
        reader
            .assets(&Query {
                terms,
                ..Query::default()
            })
            .unwrap()
            .rows
            .len()
    };
    assert_eq!(assets(&[is("qid", O::Equal, "1")]), 1);
    // What is fixed does not count, unless a status is asked for.
    assert_eq!(assets(&[is("qid", O::Equal, "2")]), 0);
    let fixed = [
        is("qid", O::Equal, "2"),
        is("status", O::Equal, "fixed"),
        Term::AllOf,
    ];
    assert_eq!(assets(&fixed), 1);
    assert_eq!(assets(&[is("port", O::Equal, "81")]), 0);
}

pub(super) fn a_filter_that_makes_no_sense_is_an_error(store: &mut dyn Store) {
    let reader = store.reader().unwrap();
    use Operator as O;
    let too_many = [
        vec![is("qid", O::Equal, "1"); 5_000],
        vec![Term::AllOf; 4_999],
    ]
    .concat();
    let cases = [
        vec![is("colour", O::Equal, "red")],
        vec![is("port", O::Equal, "http")],
        vec![is("severity", O::Equal, "urgent")],
        vec![is("status", O::Less, "fixed")],
        vec![is("last_found", O::Less, "soon")],
        vec![is("patchable", O::Equal, "perhaps")],
        vec![Term::AllOf],
        vec![Term::Negate],
        vec![is("port", O::Equal, "1"), is("port", O::Equal, "2")],
        too_many,
    ];
    for terms in &cases {
        let findings = reader.findings(&FindingQuery {
            terms,
            ..FindingQuery::default()
        });
        assert!(
            matches!(findings, Err(StoreError::Filter(_))),
            "{findings:?}"
        );
        let assets = reader.assets(&Query {
            terms,
            ..Query::default()
        });
        assert!(matches!(assets, Err(StoreError::Filter(_))), "{assets:?}");
    }
}

pub(super) fn every_field_can_be_asked_for_in_every_list(store: &mut dyn Store) {
    let run = begun(store);
    detections(store, run, &[finding("a")]);
    entries(store, run, vec![entry(1)]);
    let reader = store.reader().unwrap();
    for (field, value) in FIELDS {
        for operator in [Operator::Contains, Operator::Equal, Operator::Exists] {
            let terms = [is(field, operator, value), Term::Negate];
            for terms in [&terms[..1], &terms[..]] {
                let query = FindingQuery {
                    terms,
                    ..FindingQuery::default()
                };
                reader.findings(&query).unwrap();
                reader
                    .assets(&Query {
                        terms,
                        ..Query::default()
                    })
                    .unwrap();
                reader
                    .vulnerabilities(&Query {
                        terms,
                        ..Query::default()
                    })
                    .unwrap();
            }
        }
    }
}

pub(super) fn counters_equal_a_recount_after_any_history(store: &mut dyn Store) {
    for seed in 0..12 {
        let run = begun(store);
        random_steps(store, run, seed, 25);
        assert_eq!(store.recount().unwrap(), [""; 0], "seed {seed}");
        store.finish_run(run, &LEASE, &RunEnding::Stopped).unwrap();
    }
}

pub(super) fn an_export_hands_over_every_row_until_it_is_stopped(store: &mut dyn Store) {
    let run = begun(store);
    detections(store, run, &[finding("a"), finding("b"), finding("c")]);
    let reader = store.reader().unwrap();
    let mut n = 0;
    let mut take = |_| {
        n += 1;
        if n == 2 {
            std::ops::ControlFlow::Break(())
        } else {
            std::ops::ControlFlow::Continue(())
        }
    };
    reader.each_finding(&[], true, &mut take).unwrap();
    assert_eq!((n, all(store).len()), (2, 3));
}

pub(super) fn rows_are_written_with_the_words_of_the_contract(store: &mut dyn Store) {
    let run = begun(store);
    detections(store, run, &[finding("a")]);
    let row = serde_json::to_value(&all(store)[0]).unwrap();
    assert_eq!(row["severity"], "high");
    assert_eq!(row["status"], "active");
    assert_eq!(row["last_found"], "2026-11-20T08:00:00Z");
    assert_eq!(row["title"], serde_json::Value::Null);
    assert_eq!(row["host_id"], 1);
    let asset = serde_json::to_value(asset(store)).unwrap();
    assert_eq!(asset["open_by_severity"]["high"], 1);
    assert_eq!(asset["last_seen"], serde_json::Value::Null);
}

/// New, changed, older, fixed, reopened, ignored, and entries that come and change.
fn random_steps(store: &mut dyn Store, run: RunId, seed: u64, steps: u64) {
    let mut random = Random(seed);
    let statuses = [Status::New, Status::Active, Status::Fixed, Status::Reopened];
    for step in 0..steps {
        if random.below(4) == 0 {
            let qid = random.below(9) as u32;
            let score = [None, Some(0.0), Some(7.5)][random.below(3) as usize];
            entries(
                store,
                run,
                vec![Vulnerability {
                    risk_score: score,
                    ..entry(qid)
                }],
            );
            continue;
        }
        let host_id = 1 + random.below(6);
        let findings = (0..random.below(12)).map(|_| {
            let severity = [Severity::Info, Severity::High, Severity::Critical];
            Finding {
                host_id,
                qid: random.below(9) as u32,
                severity: severity[random.below(3) as usize],
                status: statuses.get(random.below(5) as usize).copied(),
                is_ignored: random.below(8) == 0,
                last_test: Some(NOW + (step + random.below(5)).cast_signed()),
                last_found: random
                    .below(3)
                    .checked_sub(1)
                    .map(|n| NOW - n.cast_signed()),
                results: random
                    .below(3)
                    .checked_sub(1)
                    .map(|n| "x".repeat(n as usize * 3_000)),
                ..finding(&random.below(15).to_string())
            }
        });
        let findings = findings.collect();
        let host = QualysHost { host_id, ..host() };
        let hosts = vec![HostFindings { host, findings }];
        let commit = Commit::new(run, LEASE, Dataset::Detections);
        store
            .commit(&Commit {
                page: Some(&Page { hosts, ..page() }),
                ..commit
            })
            .unwrap();
    }
}

fn begun(store: &mut dyn Store) -> RunId {
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
    store.begin_run(connector, "{}", &LEASE).unwrap()
}

fn detections(store: &mut dyn Store, run: RunId, findings: &[Finding]) -> Tally {
    let hosts = vec![HostFindings {
        host: host(),
        findings: findings.to_vec(),
    }];
    let commit = Commit::new(run, LEASE, Dataset::Detections);
    store
        .commit(&Commit {
            page: Some(&Page { hosts, ..page() }),
            ..commit
        })
        .unwrap()
        .tally
}

fn entries(store: &mut dyn Store, run: RunId, vulnerabilities: Vec<Vulnerability>) {
    let commit = Commit::new(run, LEASE, Dataset::KnowledgeBase);
    let page = Page {
        vulnerabilities,
        ..page()
    };
    store
        .commit(&Commit {
            page: Some(&page),
            ..commit
        })
        .unwrap();
}

fn all(store: &dyn Store) -> Vec<FindingDetail> {
    let mut rows = Vec::new();
    let mut take = |row| {
        rows.push(row);
        std::ops::ControlFlow::Continue(())
    };
    store
        .reader()
        .unwrap()
        .each_finding(&[], false, &mut take)
        .unwrap();
    rows
}

fn risks(store: &dyn Store) -> Vec<Risk> {
    all(store).iter().map(|row| row.finding.risk).collect()
}

fn asset(store: &dyn Store) -> super::AssetDetail {
    store.reader().unwrap().assets_by_host(1).unwrap().remove(0)
}

fn is(field: &str, operator: Operator, value: &str) -> Term {
    Term::Compare(Comparison {
        field: field.into(),
        operator,
        value: value.into(),
    })
}

fn batch(scope: &str) -> Batch {
    Batch {
        dataset: Dataset::Detections,
        scope: scope.into(),
        page_size: 10,
        attempts: 0,
    }
}

pub(super) fn page() -> Page {
    Page {
        host_ids: vec![],
        hosts: vec![],
        vulnerabilities: vec![],
        asset_groups: vec![],
        warnings: vec![],
    }
}

pub(super) fn host() -> QualysHost {
    QualysHost {
        host_id: 1,
        qualys_asset_id: None,
        name: "web-1".into(),
        ip: None,
        ipv6: None,
        dns: None,
        netbios: None,
        os: None,
        tracking_method: None,
        network_id: None,
        qg_hostid: None,
        cloud: None,
        tags: vec![],
        asset_group_ids: vec![],
        trurisk: None,
        criticality: None,
        first_found: None,
        last_vm_scan: None,
        last_check_in: None,
        last_seen: None,
        attributes: "{}".to_owned(),
    }
}

/// Open, of QID 1, of high severity, without a score.
pub(super) fn finding(key: &str) -> Finding {
    Finding {
        finding_key: key.into(),
        host_id: 1,
        qid: 1,
        certainty: Certainty::Confirmed,
        severity: Severity::High,
        qualys_severity: 4,
        risk: Risk::High,
        risk_score: None,
        risk_source: None,
        status: Some(Status::Active),
        port: None,
        protocol: None,
        fqdn: None,
        ssl: false,
        instance: None,
        results: None,
        first_found: None,
        last_found: Some(NOW),
        last_test: None,
        last_update: None,
        last_fixed: None,
        times_found: None,
        qds: None,
        is_ignored: false,
        is_disabled: false,
        affects_running_kernel: None,
        affects_running_service: None,
        affects_exploitable_config: None,
        attributes: "{}".to_owned(),
    }
}

fn entry(qid: u32) -> Vulnerability {
    Vulnerability {
        qid,
        title: format!("entry {qid}"),
        vuln_type: None,
        severity: Severity::High,
        qualys_severity: 4,
        category: None,
        cves: vec![],
        cvss: vec![],
        risk_score: None,
        risk_source: Some(RiskSource::CvssV3),
        is_patchable: false,
        is_disabled: false,
        published: None,
        modified: None,
        patch_published: None,
        diagnosis: None,
        consequence: None,
        solution: Some("update".into()),
        threats: vec![],
        vendor_references: vec![],
        software: vec![],
        attributes: "{}".to_owned(),
    }
}

/// 2026-11-20T08:00:00Z.
const NOW: Timestamp = 1_795_161_600;
pub(super) const LEASE: Lease<'_> = Lease {
    holder: "this",
    now: NOW,
    until: NOW + 60,
};
const FIELDS: &[(&str, &str)] = &[
    ("severity", "high"),
    ("risk", "none"),
    ("status", "new"),
    ("certainty", "confirmed"),
    ("qid", "1"),
    ("title", "x"),
    ("cve", "x"),
    ("cvss", "7.5"),
    ("qds", "90"),
    ("port", "443"),
    ("protocol", "tcp"),
    ("category", "x"),
    ("patchable", "true"),
    ("ignored", "no"),
    ("disabled", "false"),
    ("last_found", "2026-11-20"),
    ("first_found", "0"),
    ("last_fixed", "2026-11-20T08:00:00Z"),
    ("threat", "x"),
    ("name", "x"),
    ("ip", "10."),
    ("dns", "x"),
    ("netbios", "x"),
    ("os", "x"),
    ("tag", "x"),
    ("asset_group", "x"),
    ("tracking_method", "AGENT"),
    ("host_id", "1"),
    ("trurisk", "500"),
    ("criticality", "5"),
    ("open_findings", "1"),
    ("last_seen", "2026-11-20"),
    ("last_vm_scan", "2026-11-20"),
    ("source", "qualys"),
];
