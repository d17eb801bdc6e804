//! What the rules put aside, and what takes it back.

use super::{LEASE, NOW, all, asset, begun, detections, finding};
use crate::{
    guest::{
        filter::{Comparison, Operator, Term},
        rules::{Properties, Rule},
        types::{Finding, Status, Timestamp},
    },
    store::{Applied, FindingQuery, Store, Verdicts},
};

/// As `kernel_filter` 1: kernels that do not run are put aside.
pub(super) fn idle_kernels_aside() -> Verdicts {
    Verdicts::ask(|properties: Properties| {
        let is_idle = properties.affects_running_kernel == Some(false);
        Ok::<_, ()>((is_idle && !properties.is_fixed).then_some(Rule::KernelFilter))
    })
    .unwrap()
}

fn kernel(key: &str, is_running: bool, status: Status, last_test: Timestamp) -> Finding {
    Finding {
        affects_running_kernel: Some(is_running),
        status: Some(status),
        last_test: Some(last_test),
        ..finding(key)
    }
}

/// Keys of the findings that are put aside.
fn aside(store: &dyn Store) -> Vec<String> {
    let aside = all(store)
        .into_iter()
        .filter(|row| row.finding.put_aside_by == Some(Rule::KernelFilter));
    aside.map(|row| row.finding.finding_key).collect()
}

pub(in crate::store) fn rules_work_on_what_is_stored_and_on_what_comes(store: &mut dyn Store) {
    let run = begun(store);
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
    let at = LEASE.now;
    let first = [
        finding("other"),
        kernel("idle", false, Status::Active, at),
        kernel("runs", true, Status::Active, at),
        kernel("mended", false, Status::Fixed, at),
    ];
    detections(store, run, &first);
    assert_eq!(
        (aside(store), asset(store).asset.open_findings),
        (vec![], 3)
    );

    let told = |put_aside, taken_back| Applied {
        put_aside,
        taken_back,
        ..Applied::default()
    };
    let rules = idle_kernels_aside();
    assert_eq!(
        store.apply_rules(connector, &(&rules).into(), NOW).unwrap(),
        told(1, 0)
    );
    assert_eq!(
        store.apply_rules(connector, &(&rules).into(), NOW).unwrap(),
        told(0, 0)
    );
    assert_eq!(
        (aside(store), asset(store).asset.open_findings),
        (vec!["idle".into()], 2)
    );
    let aside_terms = [Term::Compare(Comparison {
        field: "put_aside".into(),
        operator: Operator::Exists,
        value: String::new(),
    })];
    let query = FindingQuery {
        terms: &aside_terms,
        only_open: false,
        ..FindingQuery::default()
    };
    let rows = store.reader().unwrap().findings(&query).unwrap().rows;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].is_open, rows[0].closed), (false, None));
    assert_eq!(store.recount().unwrap(), [""; 0]);

    // What comes later is judged as it comes: fixed, running after all, and one that is new.
    let later = [
        finding("other"),
        kernel("idle", false, Status::Fixed, at + 1),
        kernel("runs", false, Status::Active, at + 1),
        kernel("mended", false, Status::Reopened, at + 1),
        kernel("new", false, Status::New, at + 1),
    ];
    detections(store, run, &later);
    assert_eq!(aside(store), ["runs", "mended", "new"]);
    assert_eq!(asset(store).asset.open_findings, 1);
    assert_eq!(store.recount().unwrap(), [""; 0]);

    // Another account has rules of its own.
    let other = store.connector("https://elsewhere", "user").unwrap();
    let none = Verdicts::default();
    assert_eq!(
        store.apply_rules(other, &(&rules).into(), NOW).unwrap(),
        told(0, 0)
    );
    assert_eq!(aside(store).len(), 3);
    assert_eq!(
        store.apply_rules(connector, &(&none).into(), NOW).unwrap(),
        told(0, 3)
    );
    assert_eq!(
        (aside(store), asset(store).asset.open_findings),
        (vec![], 4)
    );
    assert_eq!(store.recount().unwrap(), [""; 0]);
}
