//! Import rules: what they keep out of what is stored, and that it comes back.

use super::{LEASE, NOW, all, begun, finding, host, page};
use crate::{
    guest::{
        Guest,
        ingest::{HostFindings, Page},
        rules::{ImportRule, Rule},
        types::{Dataset, Finding, QualysHost, Severity, Tag},
    },
    store::{
        Applied, Commit, ConnectorId, Identifiers, Import, ImportedRecord, Query, RuleSet,
        RunEnding, RunId, SourceKind, Store, load::Random,
    },
};

/// One rule; the component says what its expression means.
fn rule(rule: Rule, is_of_asset: bool, expression: &str) -> ImportRule {
    let mut guest = Guest::embedded().unwrap().instantiate().unwrap();
    let terms = guest.compile(expression, NOW).unwrap().expect("is sound");
    ImportRule {
        rule,
        setting: format!("rules.{expression}"),
        is_of_asset,
        expression: expression.to_owned(),
        terms,
    }
}

fn set(import: &[ImportRule]) -> RuleSet {
    RuleSet {
        import: import.to_vec(),
        ..RuleSet::default()
    }
}

fn connector(store: &mut dyn Store) -> ConnectorId {
    store
        .connector("https://qualysapi.example", "user")
        .unwrap()
}

/// Two hosts, a high and a low finding on each; the second has the tag `lab`.
fn two_hosts(store: &mut dyn Store) -> RunId {
    let run = begun(store);
    let lab = || Tag {
        id: None,
        name: "lab".to_owned(),
    };
    let hosts = [1, 2].map(|host_id| HostFindings {
        host: QualysHost {
            host_id,
            name: format!("host-{host_id}"),
            dns: Some(format!("host-{host_id}")),
            ip: Some(format!("192.0.2.{host_id}")),
            last_seen: Some(NOW),
            tags: (host_id == 2).then(lab).into_iter().collect(),
            ..host()
        },
        findings: vec![
            finding("high"),
            Finding {
                severity: Severity::Low,
                ..finding("low")
            },
        ],
    });
    let page = Page {
        hosts: hosts.into(),
        ..page()
    };
    let step = Commit::new(run, LEASE, Dataset::Hosts);
    let page = Some(&page);
    store.commit(&Commit { page, ..step }).unwrap();
    run
}

/// Names of the assets that lists show, with their open findings.
fn listed(store: &dyn Store) -> Vec<(String, u64)> {
    assert_eq!(store.recount().unwrap(), [""; 0]);
    let reader = store.reader().unwrap();
    let rows = reader.assets(&Query::default()).unwrap().rows.into_iter();
    let mut rows: Vec<_> = rows.map(|row| (row.name, row.open_findings)).collect();
    rows.sort();
    assert_eq!(reader.totals().unwrap().assets, rows.len() as u64);
    rows
}

fn row(name: &str, open: u64) -> (String, u64) {
    (name.to_owned(), open)
}

fn kept_out(store: &dyn Store) -> Vec<(Rule, u64, u64)> {
    let rows = store.reader().unwrap().rules().unwrap().into_iter();
    rows.map(|row| (row.rule, row.assets, row.findings))
        .collect()
}

pub(in crate::store) fn an_import_rule_keeps_out_what_it_does_not_select(store: &mut dyn Store) {
    two_hosts(store);
    let connector = connector(store);
    let rules = set(&[
        rule(Rule::Tag, true, "not tag:=lab"),
        rule(Rule::Severity, false, "severity:>=medium"),
    ]);
    let (tried, then) = store.try_rules(connector, &rules, NOW).unwrap();
    assert_eq!(
        listed(store),
        [row("host-1", 2), row("host-2", 2)],
        "a trial changes nothing"
    );
    let applied = store.apply_rules(connector, &rules, NOW).unwrap();
    let expected = Applied {
        put_aside: 3,
        assets_left_out: 1,
        ..Applied::default()
    };
    assert_eq!((tried, applied), (expected, expected));
    assert_eq!(listed(store), [row("host-1", 1)]);
    assert_eq!(kept_out(store), [(Rule::Severity, 0, 1), (Rule::Tag, 1, 2)]);
    assert_eq!(then, store.reader().unwrap().rules().unwrap());
    let none = store.apply_rules(connector, &rules, NOW).unwrap();
    assert_eq!(none, Applied::default());
    let back = store.apply_rules(connector, &set(&[]), NOW).unwrap();
    let expected = Applied {
        taken_back: 3,
        assets_taken_back: 1,
        ..Applied::default()
    };
    assert_eq!(back, expected);
    assert_eq!(listed(store), [row("host-1", 2), row("host-2", 2)]);
}

pub(in crate::store) fn what_a_rule_put_aside_stays_so_when_it_is_delivered_again(
    store: &mut dyn Store,
) {
    let run = two_hosts(store);
    let connector = connector(store);
    let rules = set(&[rule(Rule::Severity, false, "severity:>=medium")]);
    store.apply_rules(connector, &rules, NOW).unwrap();
    let changed = Finding {
        severity: Severity::Low,
        times_found: Some(7),
        ..finding("low")
    };
    super::detections(store, run, &[finding("high"), changed]);
    assert_eq!(listed(store)[0], row("host-1", 1));
    let aside = all(store)
        .into_iter()
        .filter(|it| it.finding.put_aside_by.is_some());
    assert_eq!(aside.count(), 2);
}

pub(in crate::store) fn an_asset_that_another_source_knows_is_not_unknown(store: &mut dyn Store) {
    two_hosts(store);
    let connector = connector(store);
    let rules = set(&[rule(Rule::Unknown, true, "sources:>1")]);
    store.apply_rules(connector, &rules, NOW).unwrap();
    assert_eq!(listed(store), []);
    let seen = ImportedRecord {
        key: "scan".to_owned(),
        name: "host-1".to_owned(),
        identifiers: Identifiers {
            dns_names: vec!["host-1".to_owned()],
            addresses: vec!["192.0.2.1".to_owned()],
            ..Identifiers::default()
        },
        ..ImportedRecord::default()
    };
    let import = Import {
        source: "nmap",
        kind: SourceKind::Nmap,
        site: None,
        file: "scan.xml",
        at: NOW,
        is_complete: false,
    };
    store
        .import(&import, &mut std::iter::once(Ok(seen)))
        .unwrap();
    assert_eq!(
        listed(store),
        [row("host-1", 0)],
        "as its other record tells"
    );
    store.apply_rules(connector, &rules, NOW).unwrap();
    assert_eq!(listed(store), [row("host-1", 2)]);
}

pub(in crate::store) fn counters_hold_after_any_change_of_rules(store: &mut dyn Store) {
    let all_rules = [
        rule(Rule::Tag, true, "not tag:=lab"),
        rule(Rule::Os, true, "not name:host-1"),
        rule(Rule::Severity, false, "severity:>=medium"),
        rule(Rule::Expression, false, "not status:active"),
    ];
    for seed in 0..6 {
        let mut random = Random(seed);
        let run = two_hosts(store);
        let connector = connector(store);
        for step in 0..12 {
            let rules: Vec<_> = all_rules
                .iter()
                .filter(|_| random.below(2) == 0)
                .cloned()
                .collect();
            store
                .apply_rules(connector, &set(&rules), NOW + step)
                .unwrap();
            super::random_steps(store, run, seed * 100 + step.cast_unsigned(), 3);
            assert_eq!(
                store.recount().unwrap(),
                [""; 0],
                "seed {seed}, step {step}"
            );
        }
        let ending = RunEnding::Stopped;
        store.finish_run(run, &LEASE, &ending).unwrap();
    }
}
