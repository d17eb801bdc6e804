//! What has become of findings: changes in order, days, targets.

use super::{LEASE, NOW, begun, finding, host, idle_kernels_aside, page};
use crate::{
    guest::{
        ingest::{HostFindings, Page},
        types::{Dataset, Finding, Severity, Status, Timestamp},
    },
    store::{
        BySeverity, Change, ChangeQuery, ClosedReason, Commit, FindingQuery, Lease, RunId, Store,
        TrendDay,
    },
};

const DAY: i64 = 86_400;

/// What host 1 has, stored at a time.
fn stored(store: &mut dyn Store, run: RunId, now: Timestamp, findings: Vec<Finding>) {
    let lease = Lease {
        now,
        until: now + 60,
        ..LEASE
    };
    let hosts = vec![HostFindings {
        host: host(),
        findings,
    }];
    let page = Page { hosts, ..page() };
    let step = Commit::new(run, lease, Dataset::Detections);
    let page = Some(&page);
    store.commit(&Commit { page, ..step }).unwrap();
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

/// Four days: `a` comes, is fixed and comes back; `b` comes and is put aside; `c` comes fixed.
fn four_days(store: &mut dyn Store) {
    let run = begun(store);
    let at = |key: &str, status, day: i64| Finding {
        status: Some(status),
        last_test: Some(NOW + day * DAY),
        first_found: Some(NOW - 10 * DAY),
        last_fixed: (status == Status::Fixed).then_some(NOW + day * DAY),
        affects_running_kernel: Some(key != "b"),
        ..finding(key)
    };
    let c = Finding {
        severity: Severity::Critical,
        ..at("c", Status::Fixed, 0)
    };
    let first = vec![at("a", Status::New, 0), at("b", Status::Active, 0), c];
    stored(store, run, NOW, first);
    stored(store, run, NOW + DAY, vec![at("a", Status::Fixed, 1)]);
    let back = Finding {
        severity: Severity::Critical,
        ..at("a", Status::Reopened, 3)
    };
    stored(store, run, NOW + 3 * DAY, vec![back]);
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
    let aside = idle_kernels_aside();
    store
        .apply_rules(connector, &(&aside).into(), NOW + 3 * DAY)
        .unwrap();
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

pub(in crate::store) fn the_history_of_a_finding_is_told_in_order(store: &mut dyn Store) {
    four_days(store);
    let reader = store.reader().unwrap();
    let told = |query: &ChangeQuery<'_>| {
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let listing = reader
                .changes(&ChangeQuery {
                    after: after.as_deref(),
                    ..*query
                })
                .unwrap();
            rows.extend(listing.rows);
            after = listing.next;
            if after.is_none() {
                break;
            }
        }
        let told = rows.iter().map(|row| {
            let day = (row.at - NOW) / DAY;
            let change = crate::store::Word::word(row.change);
            format!("{day} {change} {}", row.finding.finding_key)
        });
        told.collect::<Vec<_>>()
    };
    let oldest_first = [
        "0 new a",
        "0 new b",
        "0 new c",
        "1 fixed a",
        "3 reopened a",
        "3 closed b",
    ];
    let mut newest_first = oldest_first;
    newest_first.reverse();
    for limit in [1, 2, 5, 50] {
        let query = ChangeQuery {
            terms: &[],
            since: NOW,
            changes: &[],
            descending: true,
            limit,
            after: None,
        };
        assert_eq!(told(&query), newest_first, "{limit} a page");
        let query = ChangeQuery {
            descending: false,
            ..query
        };
        assert_eq!(told(&query), oldest_first, "{limit} a page");
        let later = ChangeQuery {
            since: NOW + 1,
            ..query
        };
        assert_eq!(told(&later), oldest_first[3..], "{limit} a page");
        let some = ChangeQuery {
            changes: &[Change::New, Change::Fixed],
            ..query
        };
        assert_eq!(told(&some), oldest_first[..4], "{limit} a page");
        let terms = [super::is("certainty", super::Operator::Equal, "potential")];
        let none = ChangeQuery {
            terms: &terms,
            ..query
        };
        assert_eq!(told(&none), [""; 0]);
    }
    let all = FindingQuery {
        only_open: false,
        ..FindingQuery::default()
    };
    let rows = reader.findings(&all).unwrap().rows;
    let a = rows.iter().find(|row| row.finding_key == "a").unwrap();
    assert_eq!(a.first_seen, NOW);
    let history = reader.finding(a.finding_id).unwrap().unwrap().history;
    let told: Vec<_> = history
        .iter()
        .map(|it| (it.at - NOW, it.change, it.closed_reason))
        .collect();
    assert_eq!(
        told,
        [
            (DAY, Change::Fixed, Some(ClosedReason::Fixed)),
            (3 * DAY, Change::Reopened, None)
        ]
    );
}

pub(in crate::store) fn days_are_told_from_the_first_to_the_last(store: &mut dyn Store) {
    assert_eq!(store.reader().unwrap().trends(0, NOW).unwrap(), []);
    four_days(store);
    let reader = store.reader().unwrap();
    let of = |high, critical| BySeverity {
        high,
        critical,
        ..BySeverity::default()
    };
    let midnight = NOW - NOW % DAY;
    let quiet = TrendDay {
        day: midnight,
        open: of(2, 0),
        new: of(0, 0),
        fixed: of(0, 0),
        closed: of(0, 0),
        reopened: of(0, 0),
    };
    let expected = [
        TrendDay {
            new: of(2, 1),
            ..quiet
        },
        TrendDay {
            day: midnight + DAY,
            open: of(1, 0),
            fixed: of(1, 0),
            ..quiet
        },
        TrendDay {
            day: midnight + 2 * DAY,
            open: of(1, 0),
            ..quiet
        },
        TrendDay {
            day: midnight + 3 * DAY,
            open: of(0, 1),
            closed: of(1, 0),
            reopened: of(0, 1),
            ..quiet
        },
    ];
    assert_eq!(reader.trends(0, NOW + 3 * DAY).unwrap(), expected);
    let last = reader.trends(NOW + 2 * DAY, NOW + 3 * DAY).unwrap();
    assert_eq!(last, expected[2..]);
}

pub(in crate::store) fn targets_tell_what_is_past_them_and_how_long_fixing_takes(
    store: &mut dyn Store,
) {
    let run = begun(store);
    let found = |key: &str, severity, days: i64| Finding {
        severity,
        first_found: Some(NOW - days * DAY),
        ..finding(key)
    };
    let fixed = |key: &str, days: i64, ago: i64| Finding {
        status: Some(Status::Fixed),
        last_fixed: Some(NOW - ago * DAY),
        ..found(key, Severity::High, days + ago)
    };
    let unknown = Finding {
        first_found: None,
        ..found("unknown", Severity::High, 0)
    };
    let findings = vec![
        found("late", Severity::Critical, 16),
        found("on time", Severity::Critical, 15),
        found("without", Severity::Low, 400),
        fixed("quick", 2, 5),
        fixed("slow", 30, 5),
        fixed("long ago", 1, 100),
        unknown,
    ];
    stored(store, run, NOW, findings);
    store.set_target(Severity::Critical, Some(7)).unwrap();
    store.set_target(Severity::Critical, Some(15)).unwrap();
    store.set_target(Severity::High, Some(1)).unwrap();
    store.set_target(Severity::Medium, Some(1)).unwrap();
    store.set_target(Severity::Medium, None).unwrap();
    let reader = store.reader().unwrap();
    let rows = reader.targets(NOW, NOW - 90 * DAY).unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let times = (row.mean_days_to_fix, row.median_days_to_fix);
            (row.target_days, row.open, row.breached, row.fixed, times)
        })
        .collect();
    let none = (None, None);
    assert_eq!(
        told,
        [
            (Some(15), 2, 1, 0, none),
            (Some(1), 1, 0, 2, (Some(16.0), Some(16.0))),
            (None, 0, 0, 0, none),
            (None, 1, 0, 0, none),
            (None, 0, 0, 0, none),
        ]
    );
    let rows = reader.findings(&FindingQuery::default()).unwrap().rows;
    let due = |key: &str| {
        let row = rows.iter().find(|row| row.finding_key == key).unwrap();
        row.due.map(|at| (at - NOW) / DAY)
    };
    assert_eq!(due("late"), Some(-1));
    assert_eq!(due("on time"), Some(0));
    assert_eq!((due("without"), due("unknown")), (None, None));
    let past = [super::is("due", super::Operator::Less, &NOW.to_string())];
    let query = FindingQuery {
        terms: &past,
        ..FindingQuery::default()
    };
    let rows = reader.findings(&query).unwrap().rows;
    let keys: Vec<_> = rows.iter().map(|row| row.finding_key.as_str()).collect();
    assert_eq!(keys, ["late"]);
}
