//! Which findings are closed, why, and what brings them back.

use std::slice::from_ref;

use super::{LEASE, NOW, all, asset, begun, finding, host, page};
use crate::{
    guest::{
        ingest::{HostFindings, Page},
        plan::{Batch, Fate, Window},
        types::{Dataset, Finding, QualysHost, Status, Timestamp},
    },
    store::{BatchEnd, ClosedReason, Commit, Lease, RunEnding, RunId, Seen, Store, Tally},
};

/// An answer in two pages: these findings of host 1 in the first, these in the second.
pub(super) fn answer(
    store: &mut dyn Store,
    run: RunId,
    pages: [&[Finding]; 2],
    fate: &Fate,
    asked: &[u64],
) -> Tally {
    answer_if(true, store, run, pages, fate, asked)
}

/// One in which something could not be told, unless it `is_sure`.
fn answer_if(
    is_sure: bool,
    store: &mut dyn Store,
    run: RunId,
    pages: [&[Finding]; 2],
    fate: &Fate,
    asked: &[u64],
) -> Tally {
    let batch = Batch {
        dataset: Dataset::Detections,
        scope: "1".into(),
        page_size: 1,
        attempts: 0,
    };
    store
        .begin_stage(run, &LEASE, Dataset::Detections, &[])
        .unwrap();
    let again = [batch];
    let added = store
        .commit(&Commit {
            end: Some(BatchEnd {
                batch: 0,
                fate: &Fate::Split,
                follow: &again,
                hosts: &[],
                seen: &[],
                is_sure: true,
                drift: &[],
            }),
            ..Commit::new(run, LEASE, Dataset::Detections)
        })
        .unwrap();
    let _ = added;
    let mut seen: Vec<Seen> = Vec::new();
    let mut tally = Tally::default();
    for (number, findings) in pages.into_iter().enumerate() {
        let hosts = if findings.is_empty() {
            Vec::new()
        } else {
            vec![HostFindings {
                host: host(),
                findings: findings.to_vec(),
            }]
        };
        let page = Page { hosts, ..page() };
        let end = (number == 1).then_some(BatchEnd {
            batch: 0,
            fate,
            follow: &[],
            hosts: asked,
            seen: &seen,
            is_sure,
            drift: &[],
        });
        let committed = store
            .commit(&Commit {
                page: Some(&page),
                end,
                as_of: Some(NOW + 7),
                ..Commit::new(run, LEASE, Dataset::Detections)
            })
            .unwrap();
        tally += committed.tally;
        seen.extend(committed.seen);
    }
    tally
}

/// Keys of all findings with why they are closed.
pub(super) fn closed(store: &dyn Store) -> Vec<(String, Option<ClosedReason>)> {
    let mut rows: Vec<_> = all(store)
        .into_iter()
        .map(|row| (row.finding.finding_key, row.finding.closed_reason))
        .collect();
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows
}

pub(super) fn open(key: &str) -> (String, Option<ClosedReason>) {
    (key.into(), None)
}

pub(super) fn shut(key: &str, reason: ClosedReason) -> (String, Option<ClosedReason>) {
    (key.into(), Some(reason))
}

pub(in crate::store) fn what_a_complete_answer_lacks_is_closed(store: &mut dyn Store) {
    let run = begun(store);
    let (a, b, c) = (finding("a"), finding("b"), finding("c"));
    let whole = [a.clone(), b.clone(), c];
    answer(store, run, [&whole, &[]], &Fate::Done, &[1]);
    assert_eq!(closed(store), [open("a"), open("b"), open("c")]);

    // Cut off, or given up: what is missing may be in the part that is missing.
    let unfinished = [Fate::Split, Fate::AgainAt(NOW)];
    for fate in &unfinished {
        answer(store, run, [from_ref(&a), &[]], fate, &[1]);
        assert_eq!(closed(store), [open("a"), open("b"), open("c")], "{fate:?}");
    }
    // A host comes in two parts, which together are all that it has.
    let tally = answer(store, run, [from_ref(&a), from_ref(&b)], &Fate::Done, &[1]);
    assert_eq!((tally.unchanged, tally.closed), (2, 1));
    let vanished = shut("c", ClosedReason::Vanished);
    assert_eq!(closed(store), [open("a"), open("b"), vanished.clone()]);
    assert_eq!(asset(store).asset.open_findings, 2);
    // Something was left out that may have been any host's.
    answer_if(false, store, run, [&[], &[]], &Fate::Done, &[1]);
    assert_eq!(closed(store), [open("a"), open("b"), vanished.clone()]);
    // Another host was asked for.
    answer(store, run, [&[], &[]], &Fate::Done, &[2]);
    assert_eq!(closed(store), [open("a"), open("b"), vanished.clone()]);
    // Hosts without detections are not delivered at all.
    answer(store, run, [&[], &[]], &Fate::Done, &[1]);
    let reasons: Vec<_> = closed(store).into_iter().map(|row| row.1).collect();
    assert_eq!(reasons, [Some(ClosedReason::Vanished); 3]);
    assert_eq!(asset(store).asset.open_findings, 0);
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

pub(in crate::store) fn a_closed_finding_that_comes_back_keeps_its_past(store: &mut dyn Store) {
    let run = begun(store);
    answer(store, run, [&[finding("a")], &[]], &Fate::Done, &[1]);
    answer(store, run, [&[], &[]], &Fate::Done, &[1]);
    let tally = answer(store, run, [&[finding("a")], &[]], &Fate::Done, &[1]);
    assert_eq!((tally.changed, tally.reopened, tally.new), (1, 1, 0));
    let id = all(store)[0].finding.finding_id;
    let row = store.reader().unwrap().finding(id).unwrap().unwrap();
    let history: Vec<_> = row.history.iter().map(|it| it.closed_reason).collect();
    assert_eq!(history, [Some(ClosedReason::Vanished), None]);

    // Fixed, ignored and disabled ones say so themselves; the first time of each stays.
    let fixed = |last_test: Timestamp| Finding {
        status: Some(Status::Fixed),
        last_fixed: Some(NOW - 50),
        last_test: Some(last_test),
        ..finding("a")
    };
    answer(store, run, [&[fixed(NOW + 1)], &[]], &Fate::Done, &[1]);
    answer(store, run, [&[fixed(NOW + 2)], &[]], &Fate::Done, &[1]);
    let row = &all(store)[0].finding;
    let known = (row.closed, row.closed_reason);
    assert_eq!(known, (Some(NOW - 50), Some(ClosedReason::Fixed)));
    let ignored = Finding {
        is_ignored: true,
        last_test: Some(NOW + 3),
        ..finding("a")
    };
    answer(store, run, [&[ignored], &[]], &Fate::Done, &[1]);
    let row = &all(store)[0].finding;
    let known = (row.closed, row.closed_reason);
    assert_eq!(known, (Some(NOW + 3), Some(ClosedReason::Ignored)));
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

/// Lists these hosts in a run of its own, and ends it.
pub(super) fn list(
    store: &mut dyn Store,
    hosts: &[u64],
    inactive_before: Option<Timestamp>,
) -> Tally {
    let run = begun(store);
    list_in(store, run, Dataset::HostIds, hosts);
    let ending = RunEnding::Complete {
        watermark: Some(NOW),
        inactive_before,
        most_vanished_percent: 30,
    };
    store.finish_run(run, &LEASE, &ending).unwrap().findings
}

fn list_in(store: &mut dyn Store, run: RunId, dataset: Dataset, hosts: &[u64]) {
    list_if(true, store, run, dataset, hosts);
}

/// A list in which a number could not be read, unless it `is_sure`.
fn list_if(is_sure: bool, store: &mut dyn Store, run: RunId, dataset: Dataset, hosts: &[u64]) {
    store.begin_stage(run, &LEASE, dataset, &[]).unwrap();
    let listed = Page {
        host_ids: hosts.to_vec(),
        ..page()
    };
    store
        .commit(&Commit {
            page: Some(&listed),
            end: Some(BatchEnd {
                batch: 0,
                fate: &Fate::Done,
                follow: &[],
                hosts: &[],
                seen: &[],
                is_sure,
                drift: &[],
            }),
            ..Commit::new(run, LEASE, dataset)
        })
        .unwrap();
}

pub(in crate::store) fn hosts_that_are_listed_no_more_are_gone_until_they_return(
    store: &mut dyn Store,
) {
    let run = begun(store);
    answer(store, run, [&[finding("a")], &[]], &Fate::Done, &[1]);
    // It listed no hosts, so it says nothing of those that are missing.
    let ending = RunEnding::Complete {
        watermark: None,
        inactive_before: None,
        most_vanished_percent: 30,
    };
    assert_eq!(store.vanished(run).unwrap(), (1, 0));
    store.finish_run(run, &LEASE, &ending).unwrap();
    // A number in the list could not be read; it may have been that of the host.
    let run = begun(store);
    list_if(false, store, run, Dataset::HostIds, &[2]);
    assert_eq!(store.vanished(run).unwrap(), (1, 0));
    store.finish_run(run, &LEASE, &ending).unwrap();
    assert_eq!(closed(store), [open("a")]);

    let failed = begun(store);
    list_in(store, failed, Dataset::HostIds, &[2]);
    assert_eq!(store.vanished(failed).unwrap(), (1, 1));
    let why = RunEnding::Failed("no network".into());
    store.finish_run(failed, &LEASE, &why).unwrap();
    assert_eq!(closed(store), [open("a")]);

    assert_eq!(list(store, &[2], None).closed, 1);
    assert_eq!(closed(store), [shut("a", ClosedReason::HostPurged)]);
    let totals = store.reader().unwrap().totals().unwrap();
    assert_eq!((totals.assets, totals.open_findings), (0, 0));
    assert_eq!(asset(store).asset.gone, Some(NOW));
    assert_eq!(store.recount().unwrap(), [""; 0]);

    let run = begun(store);
    let tally = answer(store, run, [&[finding("a")], &[]], &Fate::Done, &[1]);
    assert_eq!(tally.reopened, 1);
    assert_eq!(
        (closed(store), asset(store).asset.gone),
        (vec![open("a")], None)
    );
    assert_eq!(store.reader().unwrap().totals().unwrap().assets, 1);
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

pub(in crate::store) fn silent_hosts_are_inactive_until_they_speak(store: &mut dyn Store) {
    let run = begun(store);
    let seen = |last_seen| HostFindings {
        host: QualysHost {
            last_seen: Some(last_seen),
            ..host()
        },
        findings: vec![finding("a")],
    };
    let tell = |store: &mut dyn Store, run, last_seen| {
        let page = Page {
            hosts: vec![seen(last_seen)],
            ..page()
        };
        store
            .commit(&Commit {
                page: Some(&page),
                ..Commit::new(run, LEASE, Dataset::Detections)
            })
            .unwrap()
            .tally
    };
    tell(store, run, NOW - 100);
    assert_eq!(list(store, &[1], Some(NOW - 100)).closed, 0);
    assert_eq!(list(store, &[1], Some(NOW - 99)).closed, 1);
    assert_eq!(closed(store), [shut("a", ClosedReason::Inactive)]);
    // The same record again is no sign of life.
    let run = begun(store);
    assert_eq!(tell(store, run, NOW - 100).unchanged, 1);
    assert_eq!(closed(store), [shut("a", ClosedReason::Inactive)]);
    assert_eq!(store.recount().unwrap(), [""; 0]);
    tell(store, run, NOW - 5);
    list(store, &[1], Some(NOW - 99));
    assert_eq!(closed(store), [open("a")]);
    // And without the rule nothing is inactive.
    list(store, &[1], Some(NOW));
    assert_eq!(closed(store), [shut("a", ClosedReason::Inactive)]);
    list(store, &[1], None);
    assert_eq!(closed(store), [open("a")]);
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

pub(in crate::store) fn an_incremental_run_is_about_what_changed_and_what_is_new(
    store: &mut dyn Store,
) {
    let run = begun(store);
    let hosts = [1, 2, 3].map(|host_id| HostFindings {
        host: QualysHost { host_id, ..host() },
        findings: vec![],
    });
    let page = Page {
        hosts: hosts.to_vec(),
        ..page()
    };
    store
        .commit(&Commit {
            page: Some(&page),
            ..Commit::new(run, LEASE, Dataset::Hosts)
        })
        .unwrap();
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
    let mut about = |window| {
        let later = Lease {
            holder: LEASE.holder,
            ..LEASE
        };
        let run = store.begin_run(connector, "{}", window, &later).unwrap();
        list_in(store, run, Dataset::HostIds, &[1, 2, 3, 4]);
        list_in(store, run, Dataset::ChangedHostIds, &[2]);
        let resumed = store.resume_run(connector, &LEASE).unwrap().unwrap();
        assert_eq!(resumed.window, window);
        store.run_hosts(run).unwrap()
    };
    assert_eq!(about(Window::Full), [1, 2, 3, 4]);
    assert_eq!(about(Window::ProcessedSince(NOW)), [2, 4]);
    assert_eq!(about(Window::ScannedSince(NOW)), [2]);
}

pub(in crate::store) fn runs_with_other_settings_have_another_history(store: &mut dyn Store) {
    list(store, &[1], None);
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
    let history = store.history(connector, "{}").unwrap();
    assert_eq!(
        (history.watermark, history.last_full),
        (Some(NOW), Some(LEASE.now))
    );
    let other = store.history(connector, "{\"fixed\":false}").unwrap();
    assert_eq!((other.watermark, other.last_full), (None, None));
}
