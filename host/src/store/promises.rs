//! What every store promises, whatever database it is made of. Written against the traits; each
//! implementation runs all of it from its own tests.

mod closing;
mod connectors;
mod counters;
mod expressions;
mod filters;
mod history;
mod impact;
mod import_rules;
mod lists;
mod records;
mod rules;
mod runs;
mod scores;
mod software;
mod sources;
mod web;

use crate::{
    guest::{
        filter::{Comparison, Operator, Term},
        ingest::{HostFindings, Page},
        plan::{Batch, Window},
        types::{
            Certainty, Dataset, Finding, QualysHost, Risk, RiskSource, Severity, Status, Timestamp,
            Vulnerability,
        },
    },
    store::{
        AssetDetail, Commit, FindingDetail, FindingQuery, FindingSort, Lease, RunId, Store, Tally,
        Verdicts, load::Random,
    },
};

pub(super) use closing::*;
pub(super) use connectors::*;
pub(super) use counters::*;
pub(super) use expressions::*;
pub(super) use filters::*;
pub(super) use history::*;
pub(super) use impact::*;
pub(super) use import_rules::*;
pub(super) use lists::*;
pub(super) use records::*;
pub(super) use rules::*;
pub(super) use runs::*;
pub(super) use scores::*;
pub(super) use software::*;
pub(super) use sources::*;
pub(super) use web::*;

/// Runs every promise as a test, with stores that the given function makes.
macro_rules! keep_promises {
    ($new:expr; $($promise:ident),+ $(,)?) => {
        $(#[test] fn $promise() { $crate::store::promises::$promise(&mut *$new); })+
    };
}
pub(super) use keep_promises;

/// New, changed, older, fixed, reopened, ignored, and entries that come and change.
fn random_steps(store: &mut dyn Store, run: RunId, seed: u64, steps: u64) {
    let mut random = Random(seed);
    let statuses = [Status::New, Status::Active, Status::Fixed, Status::Reopened];
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
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
                affects_running_kernel: [None, Some(false), Some(true)][random.below(3) as usize],
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
        if random.below(4) == 0 {
            let verdicts = [Verdicts::default(), idle_kernels_aside()];
            let verdicts = &verdicts[random.below(2) as usize];
            store.apply_rules(connector, &verdicts.into(), NOW).unwrap();
        }
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
    store
        .begin_run(connector, "{}", Window::Full, &LEASE)
        .unwrap()
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
    let reader = store.reader().unwrap();
    let query = FindingQuery {
        only_open: false,
        sort: FindingSort::Asset,
        descending: false,
        limit: 100_000,
        ..FindingQuery::default()
    };
    let listing = reader.findings(&query).unwrap();
    assert_eq!(listing.next, None, "all are on one page");
    let ids = listing.rows.iter().map(|row| row.finding_id);
    let detail = |id| {
        let detail = reader.finding(id).unwrap().unwrap();
        // Rows are compared; what became of them is told by others.
        FindingDetail {
            history: Vec::new(),
            ..detail
        }
    };
    ids.map(detail).collect()
}

fn risks(store: &dyn Store) -> Vec<Risk> {
    all(store).iter().map(|row| row.finding.risk).collect()
}

fn asset(store: &dyn Store) -> AssetDetail {
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
    Page::default()
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
        exploits: Vec::new(),
        malware: Vec::new(),
        compliance: Vec::new(),
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
