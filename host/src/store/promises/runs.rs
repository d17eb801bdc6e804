//! Who carries out a run, what is left of it, and what it ends with.

use super::{LEASE, NOW, batch, begun, page};
use crate::{
    guest::{
        ingest::{self, Page, Warning},
        pace::{Limits, RecentCall},
        plan::{Batch, Fate, Setback, Window},
        types::Dataset,
    },
    store::{BatchEnd, Commit, Lease, RunEnding, Store, StoreError},
};

pub(in crate::store) fn one_process_carries_out_a_run(store: &mut dyn Store) {
    let connector = store.connector("https://a", "user").unwrap();
    let run = store
        .begin_run(connector, "{}", Window::Full, &LEASE)
        .unwrap();
    let other = Lease {
        holder: "other",
        ..LEASE
    };
    let refused = store.begin_run(connector, "{}", Window::Full, &other);
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
    store
        .begin_run(elsewhere, "{}", Window::Full, &other)
        .unwrap();
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

pub(in crate::store) fn a_released_run_is_resumed_at_once(store: &mut dyn Store) {
    let connector = store.connector("https://a", "user").unwrap();
    let run = store
        .begin_run(connector, "{}", Window::Full, &LEASE)
        .unwrap();
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

pub(in crate::store) fn a_stage_begins_once_and_its_batches_follow_each_other(
    store: &mut dyn Store,
) {
    let connector = store.connector("https://a", "user").unwrap();
    let run = store
        .begin_run(connector, "{}", Window::Full, &LEASE)
        .unwrap();
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
        seen: &[],
        is_sure: true,
        drift: &[],
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
        seen: &[],
        is_sure: true,
        drift: &[],
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
        seen: &[],
        is_sure: true,
        drift: &[],
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

pub(in crate::store) fn only_a_complete_run_moves_the_watermark(store: &mut dyn Store) {
    let connector = store.connector("https://a", "user").unwrap();
    assert_eq!(store.history(connector, "{}").unwrap().watermark, None);
    let ends = [
        RunEnding::Complete {
            watermark: Some(NOW),
            inactive_before: None,
            most_vanished_percent: 30,
        },
        RunEnding::Failed("no space".into()),
        RunEnding::Stopped,
        RunEnding::Complete {
            watermark: None,
            inactive_before: None,
            most_vanished_percent: 30,
        },
    ];
    for end in &ends {
        let run = store
            .begin_run(connector, "{}", Window::Full, &LEASE)
            .unwrap();
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
        assert_eq!(store.history(connector, "{}").unwrap().watermark, Some(NOW));
    }
    let reader = store.reader().unwrap();
    let first = reader.runs(3, None).unwrap();
    assert_eq!(first.rows[2].reason.as_deref(), Some("no space"));
    let rest = reader.runs(3, first.next.as_deref()).unwrap();
    assert_eq!((rest.rows.len(), rest.next), (1, None));
}

pub(in crate::store) fn warnings_are_counted_and_the_first_are_kept(store: &mut dyn Store) {
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
    let drift = ["DETECTION/B", "DETECTION/A"].map(|name| ingest::Drift {
        name: name.into(),
        n: 1 + u64::from(name.ends_with('A')),
    });
    let end = BatchEnd {
        batch: 0,
        fate: &Fate::Done,
        follow: &[],
        hosts: &[],
        seen: &[],
        is_sure: true,
        drift: &drift,
    };
    for drift in [&drift[..], &drift[1..]] {
        let end = Some(BatchEnd { drift, ..end });
        store.commit(&Commit { end, ..step }).unwrap();
    }
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
    let drift: Vec<_> = row
        .drift
        .iter()
        .map(|it| (it.name.as_str(), it.n))
        .collect();
    assert_eq!(drift, [("DETECTION/A", 4), ("DETECTION/B", 1)]);
}
