//! The lines of JSON that `reader.push-text` writes, as types of Python.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use wit_parser::{Type, TypeDefKind, TypeId};

use super::MADE;
use super::words::{comment, docstring, pascal, snake};
use crate::contract::{Contract, LINES};

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
    let mut written = BTreeSet::new();
    let mut names = vec!["HostIdLine".to_owned()];
    for line in LINES {
        let id = find(contract, line.interface, line.record);
        let name = pascal(line.word) + "Line";
        define(
            contract,
            &mut text,
            id,
            &mut written,
            Some((&name, line.word)),
        );
        names.push(name);
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

pub(crate) fn find(contract: &Contract, interface: &str, name: &str) -> TypeId {
    let interfaces = contract.interfaces();
    let of = interfaces
        .iter()
        .find(|(_, it)| it.name.as_deref() == Some(interface));
    of.expect("an interface of the contract").1.types[name]
}

fn define(
    contract: &Contract,
    text: &mut String,
    id: TypeId,
    written: &mut BTreeSet<TypeId>,
    line: Option<(&str, &str)>,
) {
    let id = contract.behind(id);
    let ty = &contract.resolve.types[id];
    let of_types: Vec<Type> = match &ty.kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|it| it.ty).collect(),
        TypeDefKind::Option(ty) | TypeDefKind::List(ty) => vec![*ty],
        TypeDefKind::Enum(_) => Vec::new(),
        _ => return,
    };
    if ty.name.is_some() && line.is_none() && !written.insert(id) {
        return;
    }
    for of in of_types {
        if let Type::Id(of) = of {
            define(contract, text, of, written, None);
        }
    }
    let Some(name) = &ty.name else { return };
    let class = line.map_or_else(|| pascal(name), |(class, _)| class.to_owned());
    let docs = ty.docs.contents.as_deref();
    match &ty.kind {
        TypeDefKind::Record(record) => {
            write!(text, "\n\nclass {class}(TypedDict):\n").expect("memory");
            docstring(text, "    ", docs.unwrap_or("A record of the contract."));
            text.push('\n');
            if let Some((_, word)) = line {
                writeln!(text, "    record: Literal[\"{word}\"]").expect("memory");
            }
            for field in &record.fields {
                comment(text, "    ", field.docs.contents.as_deref());
                let of = json(contract, &field.ty);
                writeln!(text, "    {}: {of}", snake(&field.name)).expect("memory");
            }
        }
        TypeDefKind::Enum(of) => {
            text.push_str("\n\n");
            comment(text, "", docs);
            let cases: Vec<_> = of
                .cases
                .iter()
                .map(|it| format!("\"{}\"", it.name))
                .collect();
            writeln!(text, "{class}: TypeAlias = Literal[{}]", cases.join(", ")).expect("memory");
        }
        _ => {}
    }
}

fn json(contract: &Contract, ty: &Type) -> String {
    let Type::Id(id) = ty else {
        return match ty {
            Type::Bool => "bool",
            Type::F32 | Type::F64 => "float",
            Type::String | Type::Char => "str",
            _ => "int",
        }
        .to_owned();
    };
    let id = contract.behind(*id);
    let of = &contract.resolve.types[id];
    match (of.name.as_deref(), &of.kind) {
        (Some("timestamp"), _) => "str".to_owned(),
        (Some("attributes"), _) => "dict[str, str]".to_owned(),
        (_, TypeDefKind::Type(ty)) => json(contract, ty),
        (Some(name), _) => pascal(name),
        (None, TypeDefKind::Option(ty)) => format!("{} | None", json(contract, ty)),
        (None, TypeDefKind::List(ty)) => format!("list[{}]", json(contract, ty)),
        (None, other) => unreachable!("no line holds a {}", other.as_str()),
    }
}
