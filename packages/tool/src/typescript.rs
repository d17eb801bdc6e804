//! The lines of JSON that `reader.pushText` writes, as types of TypeScript.
//!
//! All else that TypeScript has to know of the contract is made by jco when the package is built.

use std::fmt::Write as _;

use crate::contract::{Contract, LINES};
use crate::line::{Json, Kind, Shape, shapes};

/// `lines.d.ts`.
pub fn lines(contract: &Contract) -> String {
    let mut text = BEGINNING.to_owned();
    let mut names = vec!["HostIdLine".to_owned()];
    for shape in shapes(contract) {
        define(&mut text, &shape);
        names.extend(shape.word.map(|_| shape.name));
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

fn define(text: &mut String, shape: &Shape<'_>) {
    let name = &shape.name;
    text.push('\n');
    comment(text, "", shape.docs);
    match &shape.kind {
        Kind::Record(fields) => {
            writeln!(text, "export interface {name} {{").expect("memory");
            if let Some(word) = shape.word {
                writeln!(text, "  record: \"{word}\";").expect("memory");
            }
            for field in fields {
                comment(text, "  ", field.docs);
                writeln!(text, "  {}: {};", field.key, typescript(&field.value)).expect("memory");
            }
            text.push_str("}\n");
        }
        Kind::Enum(cases) => {
            let cases: Vec<_> = cases.iter().map(|case| format!("\"{case}\"")).collect();
            writeln!(text, "export type {name} = {};", cases.join(" | ")).expect("memory");
        }
    }
}

fn typescript(value: &Json) -> String {
    match value {
        Json::Bool => "boolean".to_owned(),
        Json::Int | Json::Float => "number".to_owned(),
        Json::Text => "string".to_owned(),
        Json::Attributes => "Record<string, string>".to_owned(),
        Json::Named(name) => name.clone(),
        Json::Maybe(of) => format!("{} | null", typescript(of)),
        Json::List(of) => format!("{}[]", typescript(of)),
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
