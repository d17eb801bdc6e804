//! The reference page of the query language, `docs/query-language.md`, is what the tables say.
//!
//! `QONDUIT_ACCEPT=1 cargo test -p qonduit-component --test reference` writes it.

// The component reads no files; the test that compares it with one does.
#![allow(clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use qonduit_component::filter::compile;
use qonduit_component::filter::field::{FIELDS, Field, Kind, Subject};
use qonduit_component::filter::question::{List, QUESTIONS};

#[test]
fn the_reference_page_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/query-language.md");
    let page = page();
    if env::var_os("QONDUIT_ACCEPT").is_some() {
        fs::write(&file, &page).expect("the folder can be written");
    }
    let stored = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        stored == page,
        "docs/query-language.md differs from the tables; `make accept` writes it"
    );
}

#[test]
fn every_expression_of_the_page_compiles() {
    let page = page();
    let marked = page.split('`').skip(1).step_by(2);
    // Values and operators are no expressions; whatever has a colon after a name is one.
    let is_expression = |text: &&str| {
        let name = text.split(':').next().unwrap_or_default();
        let name = name.rsplit(['(', ' ']).next().unwrap_or_default();
        let is_name = FIELDS.iter().any(|field| field.name == name);
        text.contains(':') && (is_name || name == "has" || name.starts_with('@'))
    };
    let mut n = 0;
    for expression in marked.filter(is_expression) {
        let expression = expression.replace("\\|", "|");
        let compiled = compile(&expression, 1_795_219_200);
        assert!(compiled.is_ok(), "{expression}: {compiled:?}");
        n += 1;
    }
    assert!(n > FIELDS.len(), "only {n} were found");
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (title, subject) in [
        ("Assets", Subject::Asset),
        ("Findings", Subject::Finding),
        ("Vulnerabilities", Subject::Vulnerability),
    ] {
        let own = FIELDS.iter().filter(|field| field.subjects[0] == subject);
        write!(page, "\n### {title}\n\n{HEADER}").expect("memory");
        for field in own {
            row(&mut page, field);
        }
    }
    page += BETWEEN;
    for question in QUESTIONS {
        let command = question.list.word();
        let default = match question.list {
            List::Findings => "last-found",
            List::Assets | List::Vulnerabilities => "open",
        };
        let sort = match question.sort {
            sort if sort == default => String::new(),
            sort => format!(" --sort {sort}"),
        };
        writeln!(
            page,
            "{}:\n\n```console\n$ qonduit {command}{sort} --where '{}'\n```\n",
            question.asks, question.expression
        )
        .expect("memory");
    }
    page += END;
    page
}

fn row(page: &mut String, field: &Field) {
    let kind = match field.kind {
        Kind::Text => "text".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Decimal => "decimal".to_owned(),
        Kind::Time => "time".to_owned(),
        Kind::Flag(None) | Kind::IsPast(_) => "flag".to_owned(),
        Kind::Flag(Some(word)) => format!("flag, or `{word}`"),
        Kind::DaysSince(_) => "days".to_owned(),
        Kind::Word(words) => {
            let joint = if words.is_ordered { " < " } else { ", " };
            let words: Vec<_> = words.words.iter().map(|word| format!("`{word}`")).collect();
            words.join(joint)
        }
    };
    let also = match field.subjects {
        [_] => "",
        [Subject::Asset, Subject::Finding] => " Findings have one, too.",
        [_, Subject::Vulnerability] => " Vulnerabilities have one, too.",
        others => panic!("{others:?} need a sentence"),
    };
    let Field {
        name, doc, example, ..
    } = field;
    writeln!(page, "| `{name}` | {kind} | {doc}{also} | `{example}` |").expect("memory");
}

const HEADER: &str = "| field | kind | meaning | example |\n|---|---|---|---|\n";

const INTRODUCTION: &str = "\
# The query language

One language selects assets, findings and vulnerabilities, wherever something can be selected:
`--where` of `qonduit findings`, `assets`, `vulnerabilities`, `software`, `changes` and `export`.
This page is made from the tables of the component, by `make accept`; `qonduit fields` prints them.

## Expressions

| written | selects what |
|---|---|
| `os:windows` | contains the text, in any case of letters; `%` stands for any text: `dns:web%.example.net` |
| `name:=web01` | equals the value |
| `qds:>70`, `qds:>=70`, `qds:<70`, `qds:<=70` | is more or less than the value |
| `has:tag` | has a value at all |
| `not tag:lab` | does not meet the condition |
| `os:windows and qds:>70` | meets both; `and` may be left out |
| `os:windows or os:linux` | meets one of them |
| `(os:windows or os:linux) and qds:>70` | groups; `not` binds closest, then `and`, then `or` |
| `tag:\"Cloud Agent\"` | takes spaces and parentheses in a value; within, `\\\"`, `\\\\` and `\\%` are the signs themselves |

- **Text** knows no order. Letters beyond ASCII are told apart by case. Of a list, any element
  suffices; `not tag:lab` wants that none is like that.
- **Numbers, words, flags** have nothing to contain, so `:` means equal. Words have an order where
  the table shows it. `severity` also takes Qualys' numbers 1 to 5.
- **Times** are a day (`last_found:2026-11-20`, all of it, in UTC), a moment
  (`last_found:>=2026-11-20T08:00:00Z`) or an age, which compares as people say it:
  `last_seen:<30days` was seen less than 30 days ago. Units are `min`, `h`, `d`, `w`, `months` (30
  days), `years` (365 days), or in full.
- **What has no value** meets no comparison, and so meets every one with `not` before it:
  `not port:443` also selects findings without a port.
- **Numbers with a name** may be written as people know them: `cwe:CWE-79`, `qid:QID-38173`.

An expression is at most 4096 bytes long, with 256 comparisons, 64 levels of parentheses, 1024 bytes
and eight `%` in a value. One that finds no row for half a minute is ended. A mistake is shown where
it is, mostly with what may have been meant.

## What a field says something of

Fields of assets, findings and vulnerabilities can be mixed in every list. In a list of findings,
those of assets mean the asset of the finding, and those of vulnerabilities the entry of its QID. In
a list of assets, `severity:critical` selects assets with such a finding that is open, and so does
each comparison by itself: two of them may be met by two findings. In a list of vulnerabilities, the
same with the findings of the QID. An asset that several sources know meets what any of its records
does.

Lists of findings show open ones. Who asks for `closed`, `disabled`, `ignored`, `last_fixed`,
`open`, `put_aside` or `status:fixed` sees the others as well, in all lists; so does `--all`.

`software:\"openssl 1.1\"` looks at name and version as one text, so that both are of one program;
`software:openssl and software_version:1.1` may be met by two.

`@qualys.NAME` is an element that Qualys sent and no field holds, by its name in lower case, as
`qonduit show` lists it below *more that Qualys sent*: `has:@qualys.netbios_domain`. It is a text.
Of a finding, its own, its asset's and its QID's are looked at. Of what another source told,
`@nmap.NAME` with the name of the source. A name that nobody sends is no mistake; nothing has it.

## Fields
";

const BETWEEN: &str = "
Threats are what Qualys' knowledge base names as real-time threat indicators
(`THREAT_INTELLIGENCE`): `Active_Attacks`, `Cisa_Known_Exploited_Vulns`, `Denial_of_Service`,
`Easy_Exploit`, `Exploit_Kit`, `Exploit_Public`, `High_Data_Loss`, `High_Lateral_Movement`,
`Malware`, `No_Patch`, `Predicted_High_Risk`, `Privilege_Escalation`, `Ransomware`,
`Remote_Code_Execution`, `Unauthenticated_Exploitation`, `Wormable`, `Zero_Day`. Any of them is
found by `threat:wormable`.

## Questions

";

const END: &str = "\
## In the component

`filter.compile` gives the expression in postfix order, with values in one way of writing, for a
caller that turns it into its own query. `filter.judge` tells whether it selects a record, which
comes as fields and values, and which comparisons decide that; `filter.selects` does so for many
records, and `filter.fields` is the table above.
";
