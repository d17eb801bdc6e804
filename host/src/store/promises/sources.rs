//! Records of several sources, and which of them are one asset.

use super::{LEASE, NOW, all, begun, closing::list, finding, host, page};
use crate::{
    guest::{
        ingest::{HostFindings, Page},
        types::{
            Dataset, HostInventory, OpenPort, QualysHost, Software, SoftwareSource, Timestamp,
        },
    },
    store::{
        AssetDetail, AssetSort, Commit, Criterion, Identifiers, Import, Imported, ImportedRecord,
        Query, RunEnding, RunId, SourceKind, Store, StoreError, load::Random,
    },
};

const FILE: Import<'_> = Import {
    source: "nmap",
    kind: SourceKind::Nmap,
    site: None,
    file: "scan.xml",
    at: NOW,
    is_complete: false,
};

/// A machine that a scan of the network saw under a name and an address.
fn seen(name: &str, address: &str) -> ImportedRecord {
    ImportedRecord {
        key: address.to_owned(),
        name: name.to_owned(),
        ip: Some(address.to_owned()),
        dns: Some(name.to_owned()),
        os: Some("Linux 6".to_owned()),
        last_seen: Some(NOW),
        ports: vec![OpenPort {
            port: 22,
            protocol: Some("tcp".to_owned()),
            service: Some("ssh".to_owned()),
        }],
        identifiers: Identifiers {
            dns_names: vec![name.to_owned()],
            addresses: vec![address.to_owned()],
            ..Identifiers::default()
        },
        ..ImportedRecord::default()
    }
}

fn import(store: &mut dyn Store, import: &Import<'_>, records: &[ImportedRecord]) -> Imported {
    store
        .import(import, &mut records.iter().cloned().map(Ok))
        .unwrap()
}

fn named(id: u64, name: &str, address: &str) -> QualysHost {
    QualysHost {
        host_id: id,
        name: name.to_owned(),
        dns: Some(name.to_owned()),
        ip: Some(address.to_owned()),
        last_seen: Some(NOW - 1_000),
        ..host()
    }
}

/// Each host with as many findings.
fn deliver(store: &mut dyn Store, run: RunId, hosts: &[(QualysHost, u64)]) {
    let found = |(host, n): &(QualysHost, u64)| HostFindings {
        host: host.clone(),
        findings: (0..*n).map(|key| finding(&key.to_string())).collect(),
    };
    let hosts = hosts.iter().map(found).collect();
    let page = Page { hosts, ..page() };
    let step = Commit::new(run, LEASE, Dataset::Hosts);
    let page = Some(&page);
    store.commit(&Commit { page, ..step }).unwrap();
}

fn assets(store: &dyn Store) -> Vec<AssetDetail> {
    let reader = store.reader().unwrap();
    let sort = AssetSort::Name;
    let rows = reader
        .assets(&Query {
            sort,
            descending: false,
            ..Query::default()
        })
        .unwrap()
        .rows;
    rows.iter()
        .map(|row| reader.asset(row.asset_id).unwrap().unwrap())
        .collect()
}

/// Name, number of open findings, and sources.
fn told(store: &dyn Store) -> Vec<(String, u64, String)> {
    let told = |it: AssetDetail| {
        (
            it.asset.name,
            it.asset.open_findings,
            it.asset.sources.join(" "),
        )
    };
    assert_eq!(store.recount().unwrap(), [""; 0]);
    let rows: Vec<_> = assets(store).into_iter().map(told).collect();
    assert_eq!(
        store.reader().unwrap().totals().unwrap().assets,
        rows.len() as u64
    );
    rows
}

fn row(name: &str, open: u64, sources: &str) -> (String, u64, String) {
    (name.to_owned(), open, sources.to_owned())
}

pub(in crate::store) fn a_machine_that_two_sources_know_is_one_asset(store: &mut dyn Store) {
    let run = begun(store);
    deliver(store, run, &[(named(1, "web.example", "192.0.2.1"), 2)]);
    let records = [
        seen("WEB.example", "192.0.2.1"),
        seen("printer.example", "192.0.2.9"),
    ];
    let imported = import(store, &FILE, &records);
    assert_eq!(
        imported,
        Imported {
            new: 2,
            merged: 1,
            ..Imported::default()
        }
    );
    assert_eq!(
        told(store),
        [
            row("printer.example", 0, "nmap"),
            row("web.example", 2, "nmap qualys")
        ]
    );
    let web = assets(store).remove(1);
    // Qualys knows no operating system of it.
    assert_eq!(web.asset.os.as_deref(), Some("Linux 6"));
    let reader = store.reader().unwrap();
    let records = reader.records(web.asset.asset_id).unwrap();
    let by = |at: usize| {
        records[at]
            .matched_by
            .iter()
            .map(crate::store::Key::text)
            .collect()
    };
    let by: [Vec<String>; 2] = [by(0), by(1)];
    let expected = "DNS name and address web.example 192.0.2.1".to_owned();
    assert_eq!(by, [vec![expected.clone()], vec![expected]]);
    assert_eq!(
        (records[0].source.as_str(), records[1].source.as_str()),
        ("qualys", "nmap")
    );
    let ports = reader.inventory(web.asset.asset_id).unwrap().ports;
    assert_eq!((ports[0].port, ports[0].source.as_str()), (22, "nmap"));
}

pub(in crate::store) fn the_order_of_sources_makes_no_difference(store: &mut dyn Store) {
    import(store, &FILE, &[seen("web.example", "192.0.2.1")]);
    let run = begun(store);
    deliver(store, run, &[(named(1, "web.example", "192.0.2.1"), 2)]);
    assert_eq!(told(store), [row("web.example", 2, "nmap qualys")]);
    let asset = assets(store).remove(0).asset;
    assert_eq!((asset.asset_id, asset.host_id), (1, Some(1)));
    let findings = all(store);
    assert!(
        findings.iter().all(|row| row.finding.asset_id == 1),
        "of the asset that lists show"
    );
    let reader = store.reader().unwrap();
    assert_eq!(reader.assets_by_host(1).unwrap()[0].asset.asset_id, 1);
    let sources = reader.sources().unwrap();
    let told = |at: usize| {
        (
            sources[at].name.as_str(),
            sources[at].records,
            sources[at].merged,
        )
    };
    assert_eq!([told(0), told(1)], [("nmap", 1, 1), ("qualys", 1, 1)]);
}

pub(in crate::store) fn what_a_person_splits_stays_split(store: &mut dyn Store) {
    let run = begun(store);
    let web = named(1, "web.example", "192.0.2.1");
    deliver(store, run, &[(web.clone(), 2)]);
    import(store, &FILE, &[seen("web.example", "192.0.2.1")]);
    assert_eq!(store.split(2).unwrap(), Some((2, 1)));
    let two = [
        row("web.example", 2, "qualys"),
        row("web.example", 0, "nmap"),
    ];
    assert_eq!(told(store), two);
    assert_eq!(store.split(2).unwrap(), None, "it is alone");
    let os = Some("Other".to_owned());
    deliver(
        store,
        run,
        &[(
            QualysHost {
                os: os.clone(),
                ..web
            },
            2,
        )],
    );
    import(
        store,
        &FILE,
        &[ImportedRecord {
            os,
            ..seen("web.example", "192.0.2.1")
        }],
    );
    assert_eq!(told(store), two);
    assert_eq!(store.join(2, 1).unwrap(), Some(1));
    assert_eq!(told(store), [row("web.example", 2, "nmap qualys")]);
    assert_eq!(store.join(1, 77).unwrap(), None);
}

pub(in crate::store) fn two_hosts_of_qualys_may_be_one_machine(store: &mut dyn Store) {
    let run = begun(store);
    let agent = |id, name: &str| QualysHost {
        qg_hostid: Some("a1b2c3d4-0000".to_owned()),
        qualys_asset_id: Some(id + 70),
        ..named(id, name, "192.0.2.1")
    };
    deliver(store, run, &[(agent(1, "one"), 3), (agent(2, "two"), 2)]);
    deliver(store, run, &[(named(3, "one", "192.0.2.1"), 1)]);
    assert_eq!(told(store), [row("one", 6, "qualys")]);
    assert_eq!(all(store).len(), 6);
    // Its own installation now.
    let moved = QualysHost {
        qg_hostid: Some("ffff0000-1111".to_owned()),
        ..agent(2, "two")
    };
    deliver(store, run, &[(moved, 2)]);
    assert_eq!(
        told(store),
        [row("one", 4, "qualys"), row("two", 2, "qualys")]
    );
}

pub(in crate::store) fn network_cards_of_host_assets_identify_a_host(store: &mut dyn Store) {
    let run = begun(store);
    deliver(store, run, &[(named(1, "web.example", "192.0.2.1"), 1)]);
    tell_software(store, run, 1, 1);
    let other_name = ImportedRecord {
        identifiers: Identifiers {
            mac_addresses: vec!["00-11-22-33-44-01".to_owned()],
            ..Identifiers::default()
        },
        ..seen("other.example", "192.0.2.77")
    };
    import(store, &FILE, &[other_name]);
    assert_eq!(told(store), [row("web.example", 1, "nmap qualys")]);
    // Another card now.
    tell_software(store, run, 1, 2);
    assert_eq!(
        told(store),
        [
            row("other.example", 0, "nmap"),
            row("web.example", 1, "qualys")
        ]
    );
}

pub(in crate::store) fn an_import_is_whole_or_not_at_all(store: &mut dyn Store) {
    let broken = StoreError::Import("line 2 cannot be read".to_owned());
    let records = [Ok(seen("web.example", "192.0.2.1")), Err(broken)];
    let error = store.import(&FILE, &mut records.into_iter()).unwrap_err();
    assert_eq!(error.to_string(), "line 2 cannot be read");
    assert_eq!(told(store), []);
    import(store, &FILE, &[]);
    let other = Import {
        kind: SourceKind::Csv,
        ..FILE
    };
    let error = store.import(&other, &mut std::iter::empty()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the source `nmap` is one of nmap, not of csv; give this one another name with --source"
    );
}

pub(in crate::store) fn an_equal_record_is_not_written_and_a_missing_one_may_go(
    store: &mut dyn Store,
) {
    let both = [
        seen("a.example", "192.0.2.1"),
        seen("b.example", "192.0.2.2"),
    ];
    import(store, &FILE, &both);
    let again = import(store, &FILE, &both);
    assert_eq!(
        again,
        Imported {
            unchanged: 2,
            ..Imported::default()
        }
    );
    let whole = Import {
        is_complete: true,
        ..FILE
    };
    let gone = import(store, &whole, &both[..1]);
    assert_eq!(
        gone,
        Imported {
            unchanged: 1,
            gone: 1,
            ..Imported::default()
        }
    );
    assert_eq!(told(store), [row("a.example", 0, "nmap")]);
    let back = import(store, &whole, &both);
    assert_eq!(
        back,
        Imported {
            unchanged: 1,
            changed: 1,
            ..Imported::default()
        }
    );
    assert_eq!(told(store).len(), 2);
}

pub(in crate::store) fn an_asset_is_there_as_long_as_one_source_knows_it(store: &mut dyn Store) {
    let run = begun(store);
    deliver(store, run, &[(named(1, "web.example", "192.0.2.1"), 2)]);
    import(store, &FILE, &[seen("web.example", "192.0.2.1")]);
    store.finish_run(run, &LEASE, &RunEnding::Stopped).unwrap();
    // A run that lists another host.
    assert_eq!(list(store, &[2], None).closed, 2);
    assert_eq!(told(store), [row("web.example", 0, "nmap qualys")]);
    let asset = assets(store).remove(0);
    assert_eq!(
        (asset.asset.gone, asset.asset.host_id),
        (None, None),
        "the other record stands for it"
    );
    let run = begun(store);
    deliver(store, run, &[(named(1, "web.example", "192.0.2.1"), 2)]);
    assert_eq!(assets(store)[0].asset.host_id, Some(1));
    assert_eq!(told(store), [row("web.example", 2, "nmap qualys")]);
}

pub(in crate::store) fn an_asset_keeps_the_site_of_its_oldest_record(store: &mut dyn Store) {
    let lab = Import {
        site: Some("Lab"),
        ..FILE
    };
    import(store, &lab, &[seen("web.example", "192.0.2.1")]);
    let run = begun(store);
    let connector = store
        .connector("https://qualysapi.example", "user")
        .unwrap();
    store.set_site(connector, Some("Head office")).unwrap();
    deliver(
        store,
        run,
        &[
            (named(1, "web.example", "192.0.2.1"), 0),
            (named(2, "z.example", "192.0.2.2"), 0),
        ],
    );
    let sites: Vec<_> = assets(store).into_iter().map(|it| it.asset.site).collect();
    assert_eq!(
        sites,
        [Some("Lab".to_owned()), Some("Head office".to_owned())]
    );
}

pub(in crate::store) fn counters_hold_after_any_merges_and_splits(store: &mut dyn Store) {
    for seed in 0..10 {
        let mut random = Random(seed);
        let run = begun(store);
        for step in 0..40 {
            let id = 1 + random.below(8);
            let address = format!("192.0.2.{}", random.below(4));
            let name = format!("m{}", random.below(2));
            match random.below(8) {
                0 => {
                    let _ = store.split(1 + random.below(16).cast_signed()).unwrap();
                }
                1 => {
                    let (one, other) = (1 + random.below(16), 1 + random.below(16));
                    let _ = store.join(one.cast_signed(), other.cast_signed()).unwrap();
                }
                2 => tell_software(store, run, id, random.below(4)),
                3 | 4 => {
                    let is_complete = random.below(4) == 0;
                    let at: Timestamp = NOW + step;
                    let records = (0..random.below(4)).map(|at| ImportedRecord {
                        key: format!("{seed}-{}", random.below(4) * 10 + at),
                        identifiers: Identifiers {
                            mac_addresses: vec![format!("00112233440{}", random.below(4))],
                            dns_names: vec![name.clone()],
                            addresses: vec![format!("192.0.2.{}", random.below(4))],
                            ..Identifiers::default()
                        },
                        ..seen(&name, &address)
                    });
                    let records: Vec<_> = records.collect();
                    import(
                        store,
                        &Import {
                            is_complete,
                            at,
                            ..FILE
                        },
                        &records,
                    );
                }
                _ => {
                    let installation = random.below(4);
                    let host = QualysHost {
                        qg_hostid: (installation > 0).then(|| format!("a1b2c3{installation}")),
                        last_seen: Some(NOW + random.below(9).cast_signed()),
                        ..named(id, &name, &address)
                    };
                    deliver(store, run, &[(host, random.below(4))]);
                }
            }
            assert_eq!(
                store.recount().unwrap(),
                [""; 0],
                "seed {seed}, step {step}"
            );
        }
        store.finish_run(run, &LEASE, &RunEnding::Stopped).unwrap();
    }
    let sources = store.reader().unwrap().sources().unwrap();
    assert!(
        sources.iter().all(|row| row.merged > 0),
        "the histories prove something"
    );
    let by_person = |row: &crate::store::RecordRow| {
        row.matched_by
            .iter()
            .any(|key| key.criterion == Criterion::Person)
    };
    let reader = store.reader().unwrap();
    let records = (1..40).flat_map(|asset| reader.records(asset).unwrap());
    assert!(records.into_iter().any(|row| by_person(&row)));
}

fn tell_software(store: &mut dyn Store, run: RunId, host_id: u64, n: u64) {
    let named = |at: u64| Software {
        name: format!("program {at}"),
        version: None,
        required_version: None,
        publisher: None,
        category: None,
        is_package: false,
        end_of_life: None,
        installed: None,
    };
    let inventories = vec![HostInventory {
        host_id,
        source: SoftwareSource::HostAssets,
        software: (0..n).map(named).collect(),
        ports: vec![],
        mac_addresses: vec![format!("00:11:22:33:44:0{}", n % 3)],
        hardware_ids: vec![],
    }];
    let page = Page {
        inventories,
        ..page()
    };
    let step = Commit::new(run, LEASE, Dataset::HostAssets);
    let page = Some(&page);
    store.commit(&Commit { page, ..step }).unwrap();
}
