//! Expressions mean the same to the store, in its own query language, and to the component, which
//! judges records: random ones, on random records that came through the store's own doors.

mod sample;

use self::sample::{fill, merge, text};
use super::{NOW, begun};
use crate::{
    guest::{
        Guest, Instance,
        filter::{FieldInfo, FieldValues, Term},
        types::Severity,
    },
    store::{
        AssetSort, FactsOf, FindingQuery, FindingSort, Query, Reader, Store, VulnerabilitySort,
        load::Random,
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

const EXPRESSIONS: usize = 600;
