//! The lines of JSON that `reader.push-text` writes, as types of Python.

use std::fmt::Write as _;

use super::MADE;
use super::words::{choice, comment, docstring};
use crate::contract::{Contract, LINES};
use crate::line::{Json, Kind, Shape, shapes};

pub(super) fn module(contract: &Contract) -> String {
    let mut text = format!(
        "\"\"\"The lines that a reader writes, by their key `record`. {MADE}\n\n\
         Absent values are None. Times are RFC 3339 in UTC.\n\"\"\"\n\n\
         # ruff: noqa: E501\nfrom __future__ import annotations\n\n\
         from typing import Literal, TypeAlias, TypedDict\n\n\n\
         class HostIdLine(TypedDict):\n    \
         \"\"\"The number of a host, and nothing else of it.\"\"\"\n\n    \
         record: Literal[\"host-id\"]\n    host_id: int\n"
    );
    let mut names = vec!["HostIdLine".to_owned()];
    for shape in shapes(contract) {
        define(&mut text, &shape);
        names.extend(shape.word.map(|_| shape.name));
    }
    write!(
        text,
        "\n\n#: Any line. Pass over a `record` that is not known: later versions may have more.\n\
         Line: TypeAlias = {}\n",
        names.join(" | ")
    )
    .expect("memory");
    text.push_str(KEYS);
    for line in LINES.iter().filter(|line| !line.keys.is_empty()) {
        let keys: Vec<_> = line.keys.iter().map(|key| format!("\"{key}\",")).collect();
        writeln!(text, "    \"{}\": ({}),", line.word, keys.join(" ")).expect("memory");
    }
    text.push_str("}\n");
    text
}

const KEYS: &str = "
#: The keys that tell one line of a kind from another, in every run. Warnings have none.
KEYS: dict[str, tuple[str, ...]] = {
    \"host-id\": (\"host_id\",),
";

fn define(text: &mut String, shape: &Shape<'_>) {
    match &shape.kind {
        Kind::Record(fields) => {
            write!(text, "\n\nclass {}(TypedDict):\n", shape.name).expect("memory");
            docstring(
                text,
                "    ",
                shape.docs.unwrap_or("A record of the contract."),
            );
            text.push('\n');
            if let Some(word) = shape.word {
                writeln!(text, "    record: Literal[\"{word}\"]").expect("memory");
            }
            for field in fields {
                comment(text, "    ", field.docs);
                writeln!(text, "    {}: {}", field.key, python(&field.value)).expect("memory");
            }
        }
        Kind::Enum(cases) => choice(text, &shape.name, shape.docs, cases),
    }
}

fn python(value: &Json) -> String {
    match value {
        Json::Bool => "bool".to_owned(),
        Json::Int => "int".to_owned(),
        Json::Float => "float".to_owned(),
        Json::Text => "str".to_owned(),
        Json::Attributes => "dict[str, str]".to_owned(),
        Json::Named(name) => name.clone(),
        Json::Maybe(of) => format!("{} | None", python(of)),
        Json::List(of) => format!("list[{}]", python(of)),
    }
}
