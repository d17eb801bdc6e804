//! Expressions mean the same to the store, in its own query language, and to the component, which
//! judges records: random ones, on random records that came through the store's own doors.

use super::{LEASE, NOW, begun, entry, finding, host, page, scores::score};
use crate::{
    guest::{
        Guest, Instance,
        filter::{FieldInfo, FieldValues, Term},
        ingest::{HostFindings, Page},
        types::{
            AssetGroup, Cloud, Cvss, Dataset, Exploit, Finding, HostInventory, Malware, OpenPort,
            QualysHost, Severity, Software, SoftwareSource, Status, Tag, Vulnerability, Weakness,
            WebApp, WebAppFinding,
        },
    },
    store::{
        AssetKind, AssetSort, Commit, FactsOf, FindingQuery, FindingSort, Import, ImportedRecord,
        Query, Reader, RunId, SourceKind, Store, VulnerabilitySort, Word, load::Random,
    },
};

pub(in crate::store) fn expressions_mean_the_same_to_the_store_and_to_the_component(
    store: &mut dyn Store,
) {
    let mut guest = Guest::embedded().unwrap().instantiate().unwrap();
    let fields = guest.fields().unwrap();
    let mut random = Random(20_261_122);
    let run = begun(store);
    store.set_target(Severity::Critical, Some(2)).unwrap();
    store.set_target(Severity::High, Some(30)).unwrap();
    fill(store, run, &mut random);
    merge(store, random.clone());
    let reader = store.reader().unwrap();
    let lists = [
        findings(&*reader),
        assets(&*reader),
        vulnerabilities(&*reader),
    ];
    for list in lists {
        assert!(list.records.len() > 5, "{}", list.subject);
        // What a list has no facts of is another one's to prove.
        let own = |field: &&FieldInfo| {
            list.subject == "finding" || field.subjects.iter().any(|it| it == list.subject)
        };
        let own: Vec<_> = fields.iter().filter(own).collect();
        let (mut compiled, mut told_apart) = (0, 0);
        let mut different = Vec::new();
        for _ in 0..EXPRESSIONS {
            let written = expression(&mut random, &own, 3);
            let Ok(terms) = guest.compile(&written, NOW).unwrap() else {
                continue;
            };
            let judged = judged(&mut guest, &list, &terms);
            let found = (list.select)(&*reader, &terms);
            if found != judged {
                different.push(format!("`{written}`: stored {found:?}, judged {judged:?}"));
            }
            compiled += 1;
            told_apart += usize::from(!found.is_empty() && found.len() < list.records.len());
        }
        let subject = list.subject;
        assert!(different.is_empty(), "{subject}: {}", different.join("\n"));
        // A test of expressions that select all or nothing would prove little.
        assert!(compiled > EXPRESSIONS / 2, "{compiled} compiled");
        assert!(
            told_apart > EXPRESSIONS / 5,
            "{told_apart} tell records apart"
        );
    }
}

type Select = fn(&dyn Reader, &[Term]) -> Vec<i64>;

/// One kind of list: its records by number, in ascending order, and how it is asked.
struct List {
    subject: &'static str,
    records: Vec<(i64, Vec<FieldValues>)>,
    select: Select,
}

fn judged(guest: &mut Instance, list: &List, terms: &[Term]) -> Vec<i64> {
    let records: Vec<_> = list
        .records
        .iter()
        .map(|(_, facts)| facts.clone())
        .collect();
    let selected = guest.selects(terms, &records).unwrap().unwrap();
    let of = list.records.iter().zip(selected);
    of.filter_map(|((id, _), is_selected)| is_selected.then_some(*id))
        .collect()
}

fn findings(reader: &dyn Reader) -> List {
    let select: Select = |reader, terms| {
        let query = FindingQuery {
            terms,
            only_open: false,
            sort: FindingSort::Asset,
            descending: false,
            limit: 10_000,
            ..FindingQuery::default()
        };
        let rows = reader.findings(&query).unwrap().rows.into_iter();
        rows.map(|row| row.finding_id).collect()
    };
    let facts = |id: &i64| (*id, reader.facts(FactsOf::Finding(*id)).unwrap().unwrap());
    List {
        subject: "finding",
        records: select(reader, &[]).iter().map(facts).collect(),
        select,
    }
}

fn assets(reader: &dyn Reader) -> List {
    let select: Select = |reader, terms| {
        let query = Query {
            terms,
            sort: AssetSort::HostId,
            limit: 10_000,
            ..Query::default()
        };
        let rows = reader.assets(&query).unwrap().rows.into_iter();
        let mut ids: Vec<_> = rows.map(|row| row.asset_id).collect();
        ids.sort_unstable();
        ids
    };
    let facts = |id: &i64| (*id, reader.facts(FactsOf::Asset(*id)).unwrap().unwrap());
    List {
        subject: "asset",
        records: select(reader, &[]).iter().map(facts).collect(),
        select,
    }
}

fn vulnerabilities(reader: &dyn Reader) -> List {
    let select: Select = |reader, terms| {
        let query = Query {
            terms,
            sort: VulnerabilitySort::Qid,
            descending: false,
            limit: 10_000,
            ..Query::default()
        };
        let rows = reader.vulnerabilities(&query).unwrap().rows.into_iter();
        rows.map(|row| i64::from(row.qid)).collect()
    };
    let facts = |id: &i64| {
        let qid = u32::try_from(*id).unwrap();
        (*id, reader.facts(FactsOf::Entry(qid)).unwrap().unwrap())
    };
    List {
        subject: "vulnerability",
        records: select(reader, &[]).iter().map(facts).collect(),
        select,
    }
}

fn expression(random: &mut Random, fields: &[&FieldInfo], depth: u32) -> String {
    if depth == 0 {
        return comparison(random, fields);
    }
    match random.below(6) {
        0 | 1 => comparison(random, fields),
        2 => format!("not ({})", expression(random, fields, depth - 1)),
        3 => {
            let left = expression(random, fields, depth - 1);
            format!("({left}) or ({})", expression(random, fields, depth - 1))
        }
        _ => {
            let left = expression(random, fields, depth - 1);
            format!("({left}) and {}", comparison(random, fields))
        }
    }
}

fn comparison(random: &mut Random, fields: &[&FieldInfo]) -> String {
    if random.below(12) == 0 {
        let name = ["os_cpe", "Mixed.Case", "nobody_sends_it"][random.below(3) as usize];
        let source = ["qualys", "nmap", "nobody"][random.below(3) as usize];
        return match random.below(3) {
            0 => format!("has:@{source}.{name}"),
            1 => format!("@{source}.{name}:={}", quoted(text(random), false)),
            _ => format!("@{source}.{name}:{}", quoted(text(random), true)),
        };
    }
    let field = fields[random.below(fields.len() as u64) as usize];
    let name = &field.name;
    if random.below(8) == 0 {
        return format!("has:{name}");
    }
    let sign = ["", "=", "<", "<=", ">", ">="][random.below(6) as usize];
    let value = match field.kind.as_str() {
        "text" => {
            let value = quoted(text(random), random.below(2) == 0);
            return format!(
                "{name}:{}{value}",
                if random.below(2) == 0 { "=" } else { "" }
            );
        }
        "number" => random.below(6).to_string(),
        "decimal" => ["0", "5.5", "9.8"][random.below(3) as usize].to_owned(),
        "word" => field.words[random.below(field.words.len() as u64) as usize].clone(),
        "flag" => return format!("{name}:{}", random.below(2) == 0),
        "days" => random.below(5).to_string(),
        "time" => match random.below(3) {
            0 => format!("{}days", random.below(5)),
            1 => format!("2026-11-{}", 16 + random.below(5)),
            _ => format!("2026-11-{}T08:00:00Z", 16 + random.below(5)),
        },
        other => panic!("`{other}` is a new kind"),
    };
    format!("{name}:{sign}{value}")
}

/// As it is written in an expression; with wildcards where it has a percent sign, or without.
fn quoted(text: &str, with_wildcards: bool) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', "\\\"");
    let escaped = if with_wildcards {
        escaped
    } else {
        escaped.replace('%', r"\%")
    };
    format!("\"{escaped}\"")
}

fn text(random: &mut Random) -> &'static str {
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

fn fill(store: &mut dyn Store, run: RunId, random: &mut Random) {
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
fn merge(store: &mut dyn Store, mut random: Random) {
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

fn web_app(random: &mut Random) -> WebApp {
    WebApp {
        web_app_id: 3,
        name: text(random).to_owned(),
        url: maybe_text(random),
        owner: maybe_text(random),
        scope: None,
        tags: vec![],
        risk_score: None,
        last_scan: time(random),
        last_scan_status: None,
        created: None,
        updated: None,
        attributes: attributes(random),
    }
}

fn web_finding(random: &mut Random, id: u64) -> WebAppFinding {
    let like = host_finding(random, 0, id);
    let weaknesses = |random: &mut Random| -> Vec<Weakness> {
        let weakness = |random: &mut Random| Weakness {
            code: maybe_text(random),
            name: text(random).to_owned(),
        };
        (0..random.below(3)).map(|_| weakness(random)).collect()
    };
    WebAppFinding {
        finding_key: format!("web {id}"),
        web_finding_id: id,
        web_app_id: 3,
        web_app_name: None,
        web_app_url: None,
        qid: like.qid,
        name: text(random).to_owned(),
        kind: Word::at_place(0).unwrap(),
        certainty: like.certainty,
        severity: like.severity,
        qualys_severity: 3,
        original_severity: None,
        risk: like.risk,
        risk_score: None,
        risk_source: None,
        status: like.status,
        is_protected: flag(random),
        url: maybe_text(random),
        param: maybe_text(random),
        group: maybe_text(random),
        cwe: (0..random.below(3)).map(|_| number(random)).collect(),
        owasp: weaknesses(random),
        wasc: weaknesses(random),
        results: maybe_text(random),
        first_detected: time(random),
        last_detected: time(random),
        last_tested: None,
        fixed: time(random),
        times_detected: maybe(random, number),
        is_ignored: flag(random),
        ignored_reason: None,
        ignored_comment: None,
        cvss: None,
        qds: None,
        attributes: attributes(random),
    }
}

const EXPRESSIONS: usize = 600;
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
