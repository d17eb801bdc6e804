//! Web applications are assets of their own kind: what is promised of hosts does not touch them, and
//! what Qualys has no more of them is closed only after it has said all.

use super::{
    LEASE, NOW, all, answer, batch, begun,
    closing::{closed, open, shut},
    finding, is, page,
};
use crate::{
    guest::{
        filter::Operator,
        ingest::Page,
        plan::{Fate, Window},
        types::{
            Certainty, Dataset, Risk, Severity, Status, WebApp, WebAppFinding, WebFindingKind,
        },
    },
    store::{
        AssetKind, BatchEnd, ClosedReason, Commit, Query, RunEnding, RunId, RunRow, Store, Tally,
    },
};

fn app(web_app_id: u64) -> WebApp {
    WebApp {
        web_app_id,
        name: format!("app {web_app_id}"),
        url: Some("https://app.example".into()),
        owner: None,
        scope: None,
        tags: vec![],
        risk_score: Some(7),
        last_scan: Some(NOW - 1_000_000),
        last_scan_status: None,
        created: None,
        updated: None,
        attributes: "{}".into(),
    }
}

/// Active, of QID 150001, in web application 1.
fn found(key: &str) -> WebAppFinding {
    WebAppFinding {
        finding_key: key.into(),
        web_finding_id: 9,
        web_app_id: 1,
        web_app_name: Some("as the finding has it".into()),
        web_app_url: None,
        qid: 150_001,
        name: "XSS".into(),
        kind: WebFindingKind::Vulnerability,
        certainty: Certainty::Confirmed,
        severity: Severity::High,
        qualys_severity: 4,
        original_severity: None,
        risk: Risk::High,
        risk_score: None,
        risk_source: None,
        status: Some(Status::Active),
        is_protected: false,
        url: Some("https://app.example/a".into()),
        param: Some("q".into()),
        group: None,
        cwe: vec![79],
        owasp: vec![],
        wasc: vec![],
        results: Some("GET".into()),
        first_detected: None,
        last_detected: Some(NOW),
        last_tested: Some(NOW),
        fixed: None,
        times_detected: None,
        is_ignored: false,
        ignored_reason: None,
        ignored_comment: None,
        cvss: None,
        qds: None,
        attributes: "{}".into(),
    }
}

fn commit(store: &mut dyn Store, run: RunId, dataset: Dataset, page: &Page) -> Tally {
    store.begin_stage(run, &LEASE, dataset, &[]).unwrap();
    let commit = Commit::new(run, LEASE, dataset);
    store
        .commit(&Commit {
            page: Some(page),
            ..commit
        })
        .unwrap()
        .tally
}

fn apps(store: &mut dyn Store, run: RunId, ids: &[u64]) -> Tally {
    let page = Page {
        web_apps: ids.iter().copied().map(app).collect(),
        ..page()
    };
    commit(store, run, Dataset::WebApps, &page)
}

fn findings(store: &mut dyn Store, run: RunId, findings: &[WebAppFinding]) -> Tally {
    let page = Page {
        web_app_findings: findings.to_vec(),
        ..page()
    };
    commit(store, run, Dataset::WebAppFindings, &page)
}

fn finish(store: &mut dyn Store, run: RunId) -> RunRow {
    finish_at_most(store, run, 30)
}

fn finish_at_most(store: &mut dyn Store, run: RunId, most_vanished_percent: u32) -> RunRow {
    let ending = RunEnding::Complete {
        watermark: Some(NOW),
        inactive_before: Some(NOW),
        most_vanished_percent,
    };
    let row = store.finish_run(run, &LEASE, &ending).unwrap();
    assert_eq!(store.recount().unwrap(), [""; 0]);
    row
}

/// A run that lists these web applications and findings, in full.
fn whole(store: &mut dyn Store, ids: &[u64], keys: &[&str]) -> RunRow {
    let run = begun(store);
    apps(store, run, ids);
    let list: Vec<_> = keys.iter().map(|key| found(key)).collect();
    findings(store, run, &list);
    finish(store, run)
}

pub(in crate::store) fn web_applications_are_assets_beside_the_hosts(store: &mut dyn Store) {
    let run = begun(store);
    // A host and a web application of the same number are two assets.
    answer(store, run, [&[finding("h")], &[]], &Fate::Done, &[1]);
    assert_eq!(apps(store, run, &[1, 2]).new, 2);
    assert_eq!(findings(store, run, &[found("w")]).new, 1);
    let reader = store.reader().unwrap();
    let totals = reader.totals().unwrap();
    assert_eq!((totals.assets, totals.web_applications), (3, 2));
    assert_eq!((totals.open_findings, totals.unknown_qids), (2, 2));
    for (kind, names) in [
        ("host", &["web-1"][..]),
        ("web-application", &["app 1", "app 2"]),
    ] {
        let terms = [is("kind", Operator::Equal, kind)];
        let query = Query {
            terms: &terms,
            ..Query::default()
        };
        let mut rows = reader.assets(&query).unwrap().rows;
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        let found: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(found, names);
    }
    let of_app = reader.assets_by_web_app(1).unwrap().remove(0).asset;
    assert_eq!(of_app.kind, AssetKind::WebApplication);
    assert_eq!((of_app.host_id, of_app.web_app_id), (None, Some(1)));
    assert_eq!(of_app.open_findings, 1);
    assert_eq!(of_app.web.unwrap().risk_score, Some(7));
    assert_eq!(reader.assets_by_host(1).unwrap()[0].asset.web, None);
    let of_web = |row: &crate::store::FindingDetail| row.finding.finding_key == "w";
    let row = all(store).into_iter().find(of_web).unwrap();
    assert_eq!(row.finding.title.as_deref(), Some("XSS"));
    assert_eq!(row.results.as_deref(), Some("GET"));
    let web = row.finding.web.unwrap();
    assert_eq!((web.param.as_deref(), web.cwe), (Some("q"), vec![79]));
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

pub(in crate::store) fn equal_web_findings_are_not_written_and_older_ones_never_win(
    store: &mut dyn Store,
) {
    let run = begun(store);
    assert_eq!(apps(store, run, &[1]).new, 1);
    assert_eq!(apps(store, run, &[1]).unchanged, 1);
    assert_eq!(findings(store, run, &[found("a")]).new, 1);
    assert_eq!(findings(store, run, &[found("a")]).unchanged, 1);
    let moved = WebAppFinding {
        url: Some("https://app.example/b".into()),
        last_tested: Some(NOW + 5),
        ..found("a")
    };
    assert_eq!(findings(store, run, &[moved]).changed, 1);
    assert_eq!(findings(store, run, &[found("a")]).older, 1);
    let url = |store: &dyn Store| all(store).remove(0).finding.web.unwrap().url.unwrap();
    assert_eq!(url(store), "https://app.example/b");
    // Ignored without a new test.
    let ignored = WebAppFinding {
        is_ignored: true,
        ignored_reason: Some("RISK_ACCEPTED".into()),
        last_tested: Some(NOW + 5),
        ..found("a")
    };
    assert_eq!(findings(store, run, &[ignored]).changed, 1);
    let row = all(store).remove(0).finding;
    assert_eq!(row.closed_reason, Some(ClosedReason::Ignored));
    assert!(!row.is_open);
    let reason = row.web.unwrap().ignored_reason;
    assert_eq!(reason.as_deref(), Some("RISK_ACCEPTED"));
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

pub(in crate::store) fn a_finding_brings_a_web_application_that_the_list_did_not(
    store: &mut dyn Store,
) {
    let run = begun(store);
    findings(store, run, &[found("a")]);
    let partial = |store: &dyn Store| {
        let reader = store.reader().unwrap();
        let asset = reader.assets_by_web_app(1).unwrap().remove(0);
        (asset.asset.name, asset.is_partial)
    };
    assert_eq!(partial(store), ("as the finding has it".into(), true));
    assert_eq!(apps(store, run, &[1]).changed, 1);
    assert_eq!(partial(store), ("app 1".into(), false));
    // And is not overwritten by it.
    findings(store, run, &[found("b")]);
    assert_eq!(partial(store), ("app 1".into(), false));
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

pub(in crate::store) fn what_the_whole_list_of_web_findings_lacks_is_closed(store: &mut dyn Store) {
    whole(store, &[1], &["a", "b"]);
    // A run for what changed lists a part.
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
    let window = Window::ProcessedSince(NOW);
    let run = store.begin_run(connector, "{}", window, &LEASE).unwrap();
    apps(store, run, &[1]);
    findings(store, run, &[found("a")]);
    assert_eq!(finish(store, run).findings.closed, 0);
    assert_eq!(closed(store), [open("a"), open("b")]);
    // An element that could not be told from the others.
    let run = begun(store);
    apps(store, run, &[1]);
    findings(store, run, &[found("a")]);
    let odd = BatchEnd {
        batch: 0,
        fate: &Fate::Done,
        follow: &[],
        hosts: &[],
        seen: &[],
        is_sure: false,
        drift: &[],
    };
    store
        .commit(&Commit {
            end: Some(odd),
            ..Commit::new(run, LEASE, Dataset::WebAppFindings)
        })
        .unwrap();
    assert_eq!(finish(store, run).findings.closed, 0);
    assert_eq!(closed(store), [open("a"), open("b")]);
    // The module was not granted this time.
    let run = begun(store);
    for dataset in [Dataset::WebApps, Dataset::WebAppFindings] {
        let batches = [batch("")];
        let added = store.begin_stage(run, &LEASE, dataset, &batches).unwrap();
        let fate = Fate::LeftOut(crate::guest::plan::Failure::NotLicensed);
        let end = BatchEnd {
            batch: added.unwrap()[0],
            fate: &fate,
            follow: &[],
            hosts: &[],
            seen: &[],
            is_sure: true,
            drift: &[],
        };
        store
            .commit(&Commit {
                end: Some(end),
                ..Commit::new(run, LEASE, dataset)
            })
            .unwrap();
    }
    assert_eq!(finish(store, run).findings.closed, 0);
    // Nor were the stages there at all.
    let run = begun(store);
    assert_eq!(finish(store, run).findings.closed, 0);
    assert_eq!(closed(store), [open("a"), open("b")]);

    assert_eq!(whole(store, &[1], &["a"]).findings.closed, 1);
    let gone = shut("b", ClosedReason::Vanished);
    assert_eq!(closed(store), [open("a"), gone]);
    let back = whole(store, &[1], &["a", "b"]).findings;
    assert_eq!((back.reopened, back.unchanged), (1, 1));
    assert_eq!(closed(store), [open("a"), open("b")]);
}

pub(in crate::store) fn web_applications_that_are_listed_no_more_are_gone(store: &mut dyn Store) {
    let ids: Vec<u64> = (1..=20).collect();
    whole(store, &ids, &["a"]);
    // All but one at once, or all: a smaller scope looks the same.
    let row = whole(store, &[20], &["a"]);
    assert_eq!((row.findings.closed, row.warnings), (0, 1));
    assert!(
        row.notes[0]
            .message
            .starts_with("18 of 20 web applications")
    );
    assert_eq!(whole(store, &[], &["a"]).findings.closed, 0);
    let totals = store.reader().unwrap().totals().unwrap();
    assert_eq!(totals.web_applications, 20);

    let row = whole(store, &ids[1..], &[]);
    assert_eq!((row.findings.closed, row.warnings), (1, 0));
    assert_eq!(closed(store), [shut("a", ClosedReason::HostPurged)]);
    let totals = store.reader().unwrap().totals().unwrap();
    assert_eq!((totals.assets, totals.open_findings), (19, 0));
    // Accepted.
    let run = begun(store);
    apps(store, run, &[20]);
    finish_at_most(store, run, 100);
    let totals = store.reader().unwrap().totals().unwrap();
    assert_eq!(totals.web_applications, 1);
    let back = whole(store, &[1, 20], &["a"]).findings;
    assert_eq!((back.reopened, closed(store)), (1, vec![open("a")]));
}

pub(in crate::store) fn what_is_said_of_hosts_leaves_web_applications_alone(store: &mut dyn Store) {
    whole(store, &[1], &["a"]);
    // It lists other hosts than none, and asks for inactive ones: the web application was not
    // scanned for long.
    let run = begun(store);
    store
        .begin_stage(run, &LEASE, Dataset::HostIds, &[])
        .unwrap();
    assert_eq!(store.vanished(run).unwrap(), (0, 0));
    assert!(store.run_hosts(run).unwrap().is_empty());
    assert_eq!(finish(store, run).findings.closed, 0);
    assert_eq!(closed(store), [open("a")]);
}
