//! The lines of JSON that `reader.pushText` writes, as types of TypeScript.
//!
//! All else that TypeScript has to know of the contract is made by jco when the package is built.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use wit_parser::{Type, TypeDefKind, TypeId};

use crate::contract::{Contract, LINES};
use crate::python::{find, pascal, snake};

/// `lines.d.ts`.
pub fn lines(contract: &Contract) -> String {
    let mut text = BEGINNING.to_owned();
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
        "\n/** Any line. Pass over a `record` that is not known: later versions may have more. */\n\
         export type Line =\n  | {};\n",
        names.join("\n  | ")
    )
    .expect("memory");
    text += "\n/** The keys that tell one line of a kind from another, in every run. Warnings have none. */\n\
             export const KEYS: Record<string, string[]>;\n";
    text
}

/// `lines.js`: what of it is there at run time.
pub fn keys() -> String {
    let mut text = "// Made from `wit/`; `make accept` writes it.\n\nexport const KEYS = {\n  \"host-id\": [\"host_id\"],\n".to_owned();
    for line in LINES.iter().filter(|line| !line.keys.is_empty()) {
        writeln!(text, "  \"{}\": {:?},", line.word, line.keys).expect("memory");
    }
    text + "};\n"
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
    let parts: Vec<Type> = match &ty.kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|it| it.ty).collect(),
        TypeDefKind::Option(ty) | TypeDefKind::List(ty) => vec![*ty],
        TypeDefKind::Enum(_) => Vec::new(),
        _ => return,
    };
    if ty.name.is_some() && line.is_none() && !written.insert(id) {
        return;
    }
    for part in parts {
        if let Type::Id(part) = part {
            define(contract, text, part, written, None);
        }
    }
    let Some(name) = &ty.name else { return };
    let name = line.map_or_else(|| pascal(name), |(class, _)| class.to_owned());
    text.push('\n');
    comment(text, "", ty.docs.contents.as_deref());
    match &ty.kind {
        TypeDefKind::Record(record) => {
            writeln!(text, "export interface {name} {{").expect("memory");
            if let Some((_, word)) = line {
                writeln!(text, "  record: \"{word}\";").expect("memory");
            }
            for field in &record.fields {
                comment(text, "  ", field.docs.contents.as_deref());
                let of = json(contract, &field.ty);
                writeln!(text, "  {}: {of};", snake(&field.name)).expect("memory");
            }
            text.push_str("}\n");
        }
        TypeDefKind::Enum(of) => {
            let cases: Vec<_> = of
                .cases
                .iter()
                .map(|it| format!("\"{}\"", it.name))
                .collect();
            writeln!(text, "export type {name} = {};", cases.join(" | ")).expect("memory");
        }
        _ => {}
    }
}

fn json(contract: &Contract, ty: &Type) -> String {
    let Type::Id(id) = ty else {
        return match ty {
            Type::Bool => "boolean",
            Type::String | Type::Char => "string",
            _ => "number",
        }
        .to_owned();
    };
    let id = contract.behind(*id);
    let of = &contract.resolve.types[id];
    match (of.name.as_deref(), &of.kind) {
        (Some("timestamp"), _) => "string".to_owned(),
        (Some("attributes"), _) => "Record<string, string>".to_owned(),
        (_, TypeDefKind::Type(ty)) => json(contract, ty),
        (Some(name), _) => pascal(name),
        (None, TypeDefKind::Option(ty)) => format!("{} | null", json(contract, ty)),
        (None, TypeDefKind::List(ty)) => format!("{}[]", json(contract, ty)),
        (None, other) => unreachable!("no line holds a {}", other.as_str()),
    }
}

fn comment(text: &mut String, indent: &str, docs: Option<&str>) {
    let docs = docs.unwrap_or_default().trim();
    let lines: Vec<_> = docs.lines().collect();
    match lines.as_slice() {
        [] => {}
        [one] => writeln!(text, "{indent}/** {one} */").expect("memory"),
        lines => {
            writeln!(text, "{indent}/**").expect("memory");
            for line in lines {
                writeln!(text, "{}", format!("{indent} * {line}").trim_end()).expect("memory");
            }
            writeln!(text, "{indent} */").expect("memory");
        }
    }
}

const BEGINNING: &str = "\
// The lines that a reader writes, by their key `record`. Made from `wit/`; `make accept` writes it.
// Times are RFC 3339 in UTC.

/** The number of a host, and nothing else of it. */
export interface HostIdLine {
  record: \"host-id\";
  host_id: number;
}
";
