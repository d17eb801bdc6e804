//! Random records with all that expressions can ask for, stored through the store's own doors.

mod web;

use self::web::{web_app, web_finding};
use super::super::{LEASE, NOW, entry, finding, host, page, scores::score};
use crate::{
    guest::{
        ingest::{HostFindings, Page},
        types::{
            AssetGroup, Cloud, Cvss, Dataset, Exploit, Finding, HostInventory, Malware, OpenPort,
            QualysHost, Severity, Software, SoftwareSource, Status, Tag, Vulnerability,
        },
    },
    store::{
        AssetKind, Commit, Import, ImportedRecord, Query, RunId, SourceKind, Store, Word,
        load::Random,
    },
};

pub(super) fn text(random: &mut Random) -> &'static str {
    TEXTS[random.below(TEXTS.len() as u64) as usize]
}

fn maybe_text(random: &mut Random) -> Option<String> {
    (random.below(3) > 0).then(|| text(random).to_owned())
}

fn maybe<T>(random: &mut Random, value: impl FnOnce(&mut Random) -> T) -> Option<T> {
    if random.below(3) > 0 {
        Some(value(random))
    } else {
        None
    }
}

/// At the same second as the times in expressions, or beside it.
fn time(random: &mut Random) -> Option<i64> {
    maybe(random, |random| {
        NOW - random.below(5).cast_signed() * 86_400 + random.below(3).cast_signed() - 1
    })
}

fn flag(random: &mut Random) -> bool {
    random.below(2) == 0
}

fn number(random: &mut Random) -> u32 {
    random.below(6) as u32
}

fn attributes(random: &mut Random) -> String {
    let mut object = serde_json::Map::new();
    for name in ["os_cpe", "Mixed.Case"] {
        if flag(random) {
            object.insert(name.to_owned(), text(random).into());
        }
    }
    serde_json::Value::Object(object).to_string()
}

pub(super) fn fill(store: &mut dyn Store, run: RunId, random: &mut Random) {
    let hosts: Vec<_> = (1..=12).map(|id| host_with_findings(random, id)).collect();
    let inventories = (1..=12).flat_map(|id| inventories(random, id)).collect();
    let groups = (1..=3).map(|id| AssetGroup {
        id,
        title: text(random).to_owned(),
        business_impact: None,
        impact: None,
        host_ids: (1..=12).filter(|host| host % (id + 1) == 0).collect(),
        attributes: "{}".to_owned(),
    });
    let groups = groups.collect();
    let entries = (0..8).map(|qid| vulnerability(random, qid)).collect();
    let pages = [
        (
            Dataset::Hosts,
            Page {
                hosts: hosts.clone(),
                ..page()
            },
        ),
        (Dataset::Detections, Page { hosts, ..page() }),
        (
            Dataset::HostAssets,
            Page {
                inventories,
                ..page()
            },
        ),
        (
            Dataset::AssetGroups,
            Page {
                asset_groups: groups,
                ..page()
            },
        ),
        (
            Dataset::KnowledgeBase,
            Page {
                vulnerabilities: entries,
                ..page()
            },
        ),
        (
            Dataset::WebApps,
            Page {
                web_apps: vec![web_app(random)],
                ..page()
            },
        ),
        (
            Dataset::CveScores,
            Page {
                cve_scores: (0..2)
                    .map(|n| score(&format!("cve-2026-{n}"), number(random) as u8, None))
                    .collect(),
                ..page()
            },
        ),
        (
            Dataset::WebAppFindings,
            Page {
                web_app_findings: (0..8).map(|id| web_finding(random, id)).collect(),
                ..page()
            },
        ),
    ];
    for (dataset, page) in &pages {
        let page = Some(page);
        let step = Commit::new(run, LEASE, *dataset);
        store.commit(&Commit { page, ..step }).unwrap();
    }
}

/// What another tool saw of three of the hosts, which are one asset with it, and of another one.
pub(super) fn merge(store: &mut dyn Store, mut random: Random) {
    let random = &mut random;
    let mut records = Vec::new();
    for id in 1..=4 {
        records.push(Ok(ImportedRecord {
            key: format!("record {id}"),
            name: text(random).to_owned(),
            os: maybe_text(random),
            dns: maybe_text(random),
            last_seen: time(random),
            tags: vec![text(random).to_owned()],
            attributes: [("os_cpe".to_owned(), text(random).to_owned())].into(),
            ..ImportedRecord::default()
        }));
    }
    let import = Import {
        source: "nmap",
        kind: SourceKind::Nmap,
        site: None,
        file: "scan.xml",
        at: NOW,
        is_complete: false,
    };
    store.import(&import, &mut records.into_iter()).unwrap();
    let reader = store.reader().unwrap();
    let mut all = reader.assets(&Query::default()).unwrap().rows;
    all.retain(|row| row.kind == AssetKind::Host);
    let (imported, known): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|row| row.sources == ["nmap"]);
    for (one, other) in imported.iter().zip(&known).take(3) {
        store.join(one.asset_id, other.asset_id).unwrap().unwrap();
    }
    // Two hosts of Qualys may be one machine, too.
    store
        .join(known[4].asset_id, known[5].asset_id)
        .unwrap()
        .unwrap();
    assert_eq!(store.recount().unwrap(), [""; 0]);
}

fn host_with_findings(random: &mut Random, host_id: u64) -> HostFindings {
    let tags = (0..random.below(3)).map(|id| Tag {
        id: (id > 0).then_some(id),
        name: text(random).to_owned(),
    });
    let host = QualysHost {
        host_id,
        tags: tags.collect(),
        qualys_asset_id: maybe(random, |it| it.below(6)),
        name: text(random).to_owned(),
        ip: maybe_text(random),
        ipv6: maybe_text(random),
        dns: maybe_text(random),
        netbios: maybe_text(random),
        os: maybe_text(random),
        tracking_method: maybe_text(random),
        network_id: maybe(random, |it| it.below(6)),
        cloud: maybe(random, |random| Cloud {
            provider: text(random).to_owned(),
            service: maybe_text(random),
            instance: maybe_text(random),
        }),
        trurisk: maybe(random, |it| it.below(6) as u16),
        criticality: maybe(random, |it| it.below(6) as u8),
        first_found: time(random),
        last_vm_scan: time(random),
        last_check_in: time(random),
        last_seen: time(random),
        attributes: attributes(random),
        ..host()
    };
    let findings = (0..random.below(8)).map(|n| host_finding(random, host_id, n));
    HostFindings {
        findings: findings.collect(),
        host,
    }
}

fn host_finding(random: &mut Random, host_id: u64, n: u64) -> Finding {
    let (_, severity) = Severity::ALL[random.below(5) as usize];
    let severity = Severity::from_word(severity).unwrap();
    Finding {
        host_id,
        qid: random.below(10) as u32,
        severity,
        risk: Word::at_place(random.below(6) as u8).unwrap(),
        certainty: Word::at_place(random.below(3) as u8).unwrap(),
        status: maybe(random, |it| Status::at_place(it.below(4) as u8).unwrap()),
        port: maybe(random, |it| it.below(6) as u16),
        protocol: maybe_text(random),
        fqdn: maybe_text(random),
        ssl: flag(random),
        instance: maybe_text(random),
        results: maybe_text(random).map(|text| text.repeat(1 + 3_000 * random.below(2) as usize)),
        first_found: time(random),
        last_found: time(random),
        last_fixed: time(random),
        times_found: maybe(random, number),
        qds: maybe(random, |it| it.below(6) as u8),
        is_ignored: random.below(5) == 0,
        is_disabled: random.below(5) == 0,
        affects_running_kernel: maybe(random, flag),
        affects_running_service: maybe(random, flag),
        affects_exploitable_config: maybe(random, flag),
        attributes: attributes(random),
        ..finding(&n.to_string())
    }
}

fn inventories(random: &mut Random, host_id: u64) -> Vec<HostInventory> {
    let sources = [SoftwareSource::HostAssets, SoftwareSource::DetectionResults];
    let told = sources.into_iter().filter_map(|source| {
        maybe(random, |random| HostInventory {
            host_id,
            source,
            software: (0..random.below(3))
                .map(|_| Software {
                    name: text(random).to_owned(),
                    version: maybe_text(random),
                    required_version: None,
                    publisher: None,
                    category: None,
                    is_package: false,
                    end_of_life: time(random),
                    installed: None,
                })
                .collect(),
            ports: (0..random.below(3))
                .map(|port| OpenPort {
                    port: port as u16,
                    protocol: None,
                    service: maybe_text(random),
                })
                .collect(),
            mac_addresses: vec![],
            hardware_ids: vec![],
        })
    });
    told.collect()
}

fn vulnerability(random: &mut Random, qid: u32) -> Vulnerability {
    let threats = [
        "Cisa_Known_Exploited_Vulns",
        "Ransomware",
        "Exploit_Public",
        "Malware",
        "ä_%",
    ];
    let nothing = |_: &str| Exploit {
        source: None,
        reference: None,
        description: None,
        link: None,
    };
    Vulnerability {
        title: text(random).to_owned(),
        severity: Severity::at_place(random.below(5) as u8).unwrap(),
        vuln_type: maybe_text(random),
        category: maybe_text(random),
        cves: (0..random.below(3))
            .map(|n| format!("CVE-2026-{n}"))
            .collect(),
        cvss: maybe(random, |random| Cvss {
            version: "3.1".to_owned(),
            base: [0.0, 5.5, 9.8][random.below(3) as usize],
            temporal: None,
            vector: None,
        })
        .into_iter()
        .collect(),
        is_patchable: flag(random),
        is_disabled: flag(random),
        published: time(random),
        modified: time(random),
        patch_published: time(random),
        threats: threats
            .into_iter()
            .filter(|_| random.below(3) == 0)
            .map(str::to_owned)
            .collect(),
        vendor_references: maybe_text(random).into_iter().collect(),
        exploits: maybe(random, |_| nothing("")).into_iter().collect(),
        malware: maybe(random, |random| Malware {
            source: maybe_text(random),
            name: None,
            kind: None,
            platform: None,
            rating: None,
            link: None,
        })
        .into_iter()
        .collect(),
        attributes: attributes(random),
        ..entry(qid)
    }
}

/// What databases and patterns take for something else, and letters beyond ASCII in either case.
const TEXTS: [&str; 16] = [
    "",
    "a",
    "A",
    "ab",
    "b a",
    "ä",
    "Ä",
    "50%",
    "%",
    "a_b",
    "_",
    r"a\b",
    r"\",
    "it's",
    "say \"a\"",
    "1; DROP TABLE findings --",
];
