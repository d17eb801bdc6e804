//! What lists, pages and exports hand over.

use std::collections::BTreeSet;

use super::{
    LEASE, NOW, all, asset, begun, detections, entries, entry, finding, host, is, page,
    random_steps,
};
use crate::{
    guest::{
        filter::Operator,
        ingest::{HostFindings, Page},
        types::{AssetGroup, Dataset, Finding, QualysHost, QualysTag, Tag},
    },
    store::{
        AssetSort, Commit, ExportOf, ExportQuery, Exported, FindingQuery, FindingSort, Query,
        Store, StoreError, TagSort, VulnerabilitySort,
    },
};

pub(in crate::store) fn groups_and_hosts_each_tell_their_own_side(store: &mut dyn Store) {
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
        impact: None,
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

pub(in crate::store) fn tags_are_counted_on_hosts_by_their_number(store: &mut dyn Store) {
    let run = begun(store);
    let step = Commit::new(run, LEASE, Dataset::Tags);
    let on_host = Tag {
        id: Some(8),
        name: "its older name".into(),
    };
    let host = QualysHost {
        tags: vec![on_host],
        ..host()
    };
    let hosts = vec![HostFindings {
        host,
        findings: vec![],
    }];
    let tag = |tag_id, name: &str, criticality| QualysTag {
        tag_id,
        name: name.into(),
        parent_tag_id: (tag_id == 9).then_some(8),
        color: None,
        rule_type: Some("GROOVY".into()),
        rule_text: Some("return true".into()),
        criticality,
        asset_group_id: None,
        attributes: "{}".to_owned(),
    };
    let page = |tags, hosts| Page {
        tags,
        hosts,
        ..page()
    };
    let mut save = |dataset, page| {
        let step = Commit { dataset, ..step };
        let commit = Commit {
            page: Some(&page),
            ..step
        };
        store.commit(&commit).unwrap().tally
    };
    let tags = vec![tag(8, "Prod", Some(4)), tag(9, "EU", None)];
    assert_eq!(save(Dataset::Tags, page(tags.clone(), vec![])).new, 2);
    assert_eq!(save(Dataset::Tags, page(tags, vec![])).unchanged, 2);
    let renamed = vec![tag(8, "Production", Some(4))];
    assert_eq!(save(Dataset::Tags, page(renamed, vec![])).changed, 1);
    save(Dataset::Hosts, page(vec![], hosts));
    let reader = store.reader().unwrap();
    let query = Query {
        sort: TagSort::Hosts,
        ..Query::default()
    };
    let rows = reader.tags(&query).unwrap().rows;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.name.as_str(), row.hosts, row.parent_name.as_deref()))
        .collect();
    assert_eq!(
        told,
        [("Production", 1, None), ("EU", 0, Some("Production"))]
    );
    assert_eq!(reader.totals().unwrap().tags, 2);
    assert_eq!(store.recount().unwrap(), Vec::<String>::new());
}

pub(in crate::store) fn pages_go_on_where_they_ended_while_rows_change(store: &mut dyn Store) {
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

pub(in crate::store) fn every_order_goes_through_every_row_once(store: &mut dyn Store) {
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

pub(in crate::store) fn a_token_of_another_list_is_refused(store: &mut dyn Store) {
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

pub(in crate::store) fn an_export_hands_over_every_row_until_it_is_stopped(store: &mut dyn Store) {
    let run = begun(store);
    detections(store, run, &[finding("a"), finding("b"), finding("c")]);
    let reader = store.reader().unwrap();
    let mut n = 0;
    let mut take = |record| {
        n += usize::from(matches!(record, Exported::Finding(_)));
        if n == 2 {
            std::ops::ControlFlow::Break(())
        } else {
            std::ops::ControlFlow::Continue(())
        }
    };
    let query = ExportQuery {
        of: ExportOf::Findings,
        terms: &[],
        only_open: true,
        changed_since: None,
    };
    reader.export(&query, &mut take).unwrap();
    assert_eq!((n, all(store).len()), (2, 3));
}

pub(in crate::store) fn rows_are_written_with_the_words_of_the_contract(store: &mut dyn Store) {
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
