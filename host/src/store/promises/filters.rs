//! What an expression selects.

use super::{begun, detections, entries, entry, finding, is};
use crate::{
    guest::{
        Guest,
        filter::{FieldInfo, Operator, Term},
        types::{Finding, Risk, Severity, Status, Vulnerability},
    },
    store::{FindingQuery, FindingSort, Query, Store, StoreError},
};

pub(in crate::store) fn filters_select_what_they_say(store: &mut dyn Store) {
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
    assert_eq!(keys(&[is("open", O::Equal, "true")]), "high low");
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

pub(in crate::store) fn a_filter_that_makes_no_sense_is_an_error(store: &mut dyn Store) {
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

pub(in crate::store) fn every_field_can_be_asked_for_in_every_list(store: &mut dyn Store) {
    let run = begun(store);
    detections(store, run, &[finding("a")]);
    entries(store, run, vec![entry(1)]);
    let reader = store.reader().unwrap();
    for field in fields() {
        let value = match field.kind.as_str() {
            "text" => "x",
            "word" => &field.words[0],
            "flag" => "true",
            _ => "1",
        };
        for operator in [Operator::Contains, Operator::Equal, Operator::Exists] {
            let terms = [is(&field.name, operator, value), Term::Negate];
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

/// Those that terms name.
pub(in crate::store) fn fields() -> Vec<FieldInfo> {
    let mut instance = Guest::embedded().unwrap().instantiate().unwrap();
    let mut fields = instance.fields().unwrap();
    fields.retain(|field| field.derived_from.is_none());
    assert!(fields.len() > 50);
    fields
}
