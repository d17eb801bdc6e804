//! Software and ports: whose word counts, what is written, and what is counted.

use super::{LEASE, NOW, begun, finding, host, page};
use crate::{
    guest::{
        ingest::{HostFindings, Page},
        plan::Fate,
        types::{Dataset, HostInventory, OpenPort, QualysHost, Software, SoftwareSource},
    },
    store::{
        AssetInventory, BatchEnd, Commit, RunEnding, RunId, SoftwareQuery, SoftwareSort, Store,
        Tally, load::Random,
    },
};

const PORTAL: SoftwareSource = SoftwareSource::HostAssets;
const VIEW: SoftwareSource = SoftwareSource::AssetView;
const RESULTS: SoftwareSource = SoftwareSource::DetectionResults;

fn named(name: &str, version: &str) -> Software {
    Software {
        name: name.into(),
        version: Some(version.into()).filter(|text: &String| !text.is_empty()),
        required_version: None,
        publisher: None,
        category: None,
        is_package: false,
        end_of_life: None,
        installed: None,
    }
}

fn tells(
    host_id: u64,
    source: SoftwareSource,
    software: Vec<Software>,
    ports: &[(u16, &str)],
) -> HostInventory {
    let port = |&(port, service): &(u16, &str)| OpenPort {
        port,
        protocol: Some("tcp".into()),
        service: Some(service.into()),
    };
    HostInventory {
        host_id,
        source,
        software,
        ports: ports.iter().map(port).collect(),
        mac_addresses: vec![],
        hardware_ids: vec![],
    }
}

/// Through a page of the dataset that the list belongs to.
fn save(store: &mut dyn Store, run: RunId, inventories: Vec<HostInventory>) -> Tally {
    let page = Page {
        inventories,
        ..page()
    };
    let step = Commit::new(run, LEASE, Dataset::HostAssets);
    let commit = Commit {
        page: Some(&page),
        ..step
    };
    store.commit(&commit).unwrap().tally
}

fn hosts(store: &mut dyn Store, run: RunId, dataset: Dataset, ids: &[u64]) {
    with_tables(store, run, dataset, ids, vec![]);
}

fn with_tables(
    store: &mut dyn Store,
    run: RunId,
    dataset: Dataset,
    ids: &[u64],
    inventories: Vec<HostInventory>,
) {
    let hosts = ids.iter().map(|&host_id| HostFindings {
        host: QualysHost { host_id, ..host() },
        findings: vec![],
    });
    let page = Page {
        hosts: hosts.collect(),
        inventories,
        ..page()
    };
    let step = Commit::new(run, LEASE, dataset);
    store
        .commit(&Commit {
            page: Some(&page),
            ..step
        })
        .unwrap();
}

fn of(store: &dyn Store, host: u64) -> AssetInventory {
    let reader = store.reader().unwrap();
    let asset = reader.assets_by_host(host).unwrap().remove(0);
    reader.inventory(asset.asset.asset_id).unwrap()
}

/// `name version`, with the list that told of it.
fn names(store: &dyn Store, host: u64) -> Vec<(String, SoftwareSource)> {
    let rows = of(store, host).software.into_iter();
    rows.map(|row| {
        let version = row.software.version.unwrap_or_default();
        (format!("{} {version}", row.software.name), row.source)
    })
    .collect()
}

fn ports(store: &dyn Store, host: u64) -> Vec<(u16, SoftwareSource)> {
    let rows = of(store, host).ports.into_iter();
    let source = |word: String| {
        <SoftwareSource as crate::store::Word>::from_word(&word).expect("a list of Qualys'")
    };
    rows.map(|row| (row.port, source(row.source))).collect()
}

/// Names with the number of assets, those on most first.
fn counts(store: &dyn Store) -> Vec<(String, u64)> {
    let reader = store.reader().unwrap();
    let listing = reader.software(&SoftwareQuery::default()).unwrap();
    let rows = listing.rows.into_iter();
    let mut rows: Vec<_> = rows.map(|row| (row.software.name, row.assets)).collect();
    rows.sort_by(|one, other| (other.1, &one.0).cmp(&(one.1, &other.0)));
    rows
}

#[track_caller]
fn expect_counts(store: &dyn Store, expected: &[(&str, u64)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|&(name, n)| (name.to_owned(), n))
        .collect();
    assert_eq!(counts(store), expected);
    assert_eq!(store.recount().unwrap(), Vec::<String>::new());
}

pub(in crate::store) fn a_list_replaces_what_it_told_before(store: &mut dyn Store) {
    let run = begun(store);
    hosts(store, run, Dataset::Hosts, &[1, 2]);
    let first = tells(
        1,
        PORTAL,
        vec![named("bash", "5.1"), named("zlib", "1.2")],
        &[(22, "ssh"), (80, "http")],
    );
    let other = tells(2, PORTAL, vec![named("bash", "5.1")], &[]);
    let tally = save(store, run, vec![first.clone(), other]);
    assert_eq!((tally.new, tally.changed, tally.unchanged), (2, 0, 0));
    expect_counts(store, &[("bash", 2), ("zlib", 1)]);

    let mut turned = first.clone();
    turned.software.reverse();
    turned.software.push(named("bash", "5.1"));
    turned.ports.reverse();
    let tally = save(store, run, vec![turned]);
    assert_eq!((tally.new, tally.changed, tally.unchanged), (0, 0, 1));

    let second = tells(1, PORTAL, vec![named("bash", "5.2")], &[(22, "ssh")]);
    let tally = save(store, run, vec![second]);
    assert_eq!((tally.new, tally.changed, tally.unchanged), (0, 1, 0));
    assert_eq!(names(store, 1), [("bash 5.2".to_owned(), PORTAL)]);
    assert_eq!(ports(store, 1), [(22, PORTAL)]);
    expect_counts(store, &[("bash", 1), ("bash", 1)]);

    save(store, run, vec![tells(1, PORTAL, vec![], &[])]);
    assert_eq!(of(store, 1), AssetInventory::default());
    expect_counts(store, &[("bash", 1)]);
}

pub(in crate::store) fn results_tell_of_software_where_no_other_list_does(store: &mut dyn Store) {
    let run = begun(store);
    let table = |host| {
        let bash = Software {
            required_version: Some("5.3".into()),
            is_package: true,
            ..named("bash", "5.1")
        };
        tells(host, RESULTS, vec![bash], &[(22, "ssh")])
    };
    with_tables(
        store,
        run,
        Dataset::Detections,
        &[1, 2],
        vec![table(1), table(2)],
    );
    assert_eq!(names(store, 1), [("bash 5.1".to_owned(), RESULTS)]);
    let required = of(store, 1).software.remove(0).required_version;
    assert_eq!(required.as_deref(), Some("5.3"));
    expect_counts(store, &[("bash", 2)]);

    // Of software alone; ports are still those of the results.
    save(
        store,
        run,
        vec![tells(1, PORTAL, vec![named("zlib", "1")], &[])],
    );
    assert_eq!(names(store, 1), [("zlib 1".to_owned(), PORTAL)]);
    assert_eq!(ports(store, 1), [(22, RESULTS)]);
    expect_counts(store, &[("bash", 1), ("zlib", 1)]);

    // Of the two other lists, the one that told last counts.
    let view = tells(
        1,
        VIEW,
        vec![named("zlib", "1"), named("curl", "8")],
        &[(443, "https")],
    );
    save(store, run, vec![view]);
    assert_eq!(
        names(store, 1),
        [("curl 8".to_owned(), VIEW), ("zlib 1".to_owned(), VIEW),]
    );
    assert_eq!(ports(store, 1), [(443, VIEW)]);
    expect_counts(store, &[("bash", 1), ("curl", 1), ("zlib", 1)]);

    for source in [PORTAL, VIEW] {
        save(store, run, vec![tells(1, source, vec![], &[])]);
    }
    assert_eq!(names(store, 1), [("bash 5.1".to_owned(), RESULTS)]);
    assert_eq!(ports(store, 1), [(22, RESULTS)]);
    expect_counts(store, &[("bash", 2)]);
}

pub(in crate::store) fn tables_that_are_gone_tell_nothing(store: &mut dyn Store) {
    let run = begun(store);
    let table = |host| tells(host, RESULTS, vec![named("bash", "5.1")], &[]);
    let tables = vec![table(1), table(2), table(3)];
    with_tables(store, run, Dataset::Detections, &[1, 2, 3], tables);
    expect_counts(store, &[("bash", 3)]);
    // The host list tells nothing of it.
    hosts(store, run, Dataset::Hosts, &[1]);
    expect_counts(store, &[("bash", 3)]);
    // Delivered without a table.
    with_tables(store, run, Dataset::Detections, &[1, 2], vec![table(2)]);
    expect_counts(store, &[("bash", 2)]);
    // Not delivered at all, though asked for.
    let step = Commit::new(run, LEASE, Dataset::Detections);
    let batch = store
        .begin_stage(run, &LEASE, Dataset::Detections, &[super::batch("3")])
        .unwrap()
        .unwrap()[0];
    let end = BatchEnd {
        batch,
        fate: &Fate::Done,
        follow: &[],
        hosts: &[3],
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
    expect_counts(store, &[("bash", 1)]);
}

pub(in crate::store) fn software_of_hosts_that_are_gone_is_not_counted(store: &mut dyn Store) {
    let run = begun(store);
    hosts(store, run, Dataset::Hosts, &[1, 2]);
    let bash = |host| tells(host, PORTAL, vec![named("bash", "5.1")], &[]);
    save(store, run, vec![bash(1), bash(2), bash(3)]);
    expect_counts(store, &[("bash", 2)]);
    let list = |store: &mut dyn Store, run| {
        store
            .begin_stage(run, &LEASE, Dataset::HostIds, &[])
            .unwrap();
        let page = Page {
            host_ids: vec![1],
            ..page()
        };
        let step = Commit::new(run, LEASE, Dataset::HostIds);
        store
            .commit(&Commit {
                page: Some(&page),
                ..step
            })
            .unwrap();
    };
    list(store, run);
    let ending = RunEnding::Complete {
        watermark: None,
        inactive_before: None,
        most_vanished_percent: 30,
    };
    store.finish_run(run, &LEASE, &ending).unwrap();
    expect_counts(store, &[("bash", 1)]);
    let run = begun(store);
    assert_eq!(save(store, run, vec![bash(2)]), Tally::default());
    hosts(store, run, Dataset::Hosts, &[2]);
    expect_counts(store, &[("bash", 2)]);
}

pub(in crate::store) fn software_is_found_by_parts_and_in_pages(store: &mut dyn Store) {
    let run = begun(store);
    hosts(store, run, Dataset::Hosts, &[1]);
    let dated = Software {
        end_of_life: Some(NOW),
        publisher: Some("Example".into()),
        ..named("Old_Editor", "1.0")
    };
    let all = vec![
        named("openssl", "3.0"),
        named("OpenSSL", "3.10"),
        named("openssl-libs", ""),
        named("50% more", "1"),
        dated,
    ];
    save(store, run, vec![tells(1, PORTAL, all, &[])]);
    let reader = store.reader().unwrap();
    let find = |query: SoftwareQuery<'_>| {
        let rows = reader.software(&query).unwrap().rows.into_iter();
        rows.map(|row| row.software.name).collect::<Vec<_>>()
    };
    let by_name = SoftwareQuery {
        sort: SoftwareSort::Name,
        descending: false,
        ..SoftwareQuery::default()
    };
    let ssl = SoftwareQuery {
        name: Some("ssl"),
        ..by_name
    };
    assert_eq!(find(ssl), ["openssl", "OpenSSL", "openssl-libs"]);
    let version = SoftwareQuery {
        version: Some("3.1"),
        ..ssl
    };
    assert_eq!(find(version), ["OpenSSL"]);
    for (text, expected) in [("%", "50% more"), ("_", "Old_Editor")] {
        let query = SoftwareQuery {
            name: Some(text),
            ..by_name
        };
        assert_eq!(find(query), [expected]);
    }
    let dated = SoftwareQuery {
        sort: SoftwareSort::EndOfLife,
        ..SoftwareQuery::default()
    };
    assert_eq!(find(dated), ["Old_Editor"]);
    for sort in [SoftwareSort::Name, SoftwareSort::Assets] {
        let whole = SoftwareQuery {
            sort,
            ..SoftwareQuery::default()
        };
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let query = SoftwareQuery {
                limit: 2,
                after: after.as_deref(),
                ..whole
            };
            let listing = reader.software(&query).unwrap();
            found.extend(listing.rows.into_iter().map(|row| row.software.name));
            after = listing.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, find(whole), "{sort:?}");
        assert_eq!(found.len(), 5);
    }
}

pub(in crate::store) fn software_is_counted_right_after_any_history(store: &mut dyn Store) {
    let run = begun(store);
    hosts(store, run, Dataset::Hosts, &[1, 2, 3, 4]);
    let mut random = Random(11);
    for step in 0..150_i64 {
        let host = 1 + random.below(4);
        let source = [PORTAL, VIEW, RESULTS][random.below(3) as usize];
        let software = (0..random.below(4)).map(|_| Software {
            installed: random.below(2).checked_sub(1).map(|_| NOW + step),
            end_of_life: (random.below(4) == 0).then_some(0),
            ..named(&random.below(5).to_string(), "1")
        });
        let told = tells(host, source, software.collect(), &[]);
        if source == RESULTS {
            with_tables(store, run, Dataset::Detections, &[host], vec![told]);
        } else {
            save(store, run, vec![told]);
        }
        if random.below(5) == 0 {
            // With a finding and without a table.
            super::detections(store, run, &[finding("1")]);
        }
        assert_eq!(
            store.recount().unwrap(),
            Vec::<String>::new(),
            "step {step}"
        );
    }
}
