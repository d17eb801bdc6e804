//! The reference page `docs/contract.md`: the contract with its comments, and the rules of its
//! versions.

use std::fmt::Write as _;

use wit_parser::{Function, InterfaceId, Type, TypeDef, TypeDefKind, TypeId};

use crate::contract::{Contract, resource, short_name};

/// The whole page.
pub fn page(contract: &Contract) -> String {
    let mut page = BEGINNING.replace("{version}", &contract.version());
    for (id, interface) in contract.interfaces() {
        let name = interface.name.as_deref().unwrap_or_default();
        write!(page, "\n## {name}\n\n").expect("memory");
        paragraphs(&mut page, interface.docs.contents.as_deref());
        let own = interface.types.iter().filter(|(_, ty)| {
            let ty = &contract.resolve.types[**ty];
            !contract.is_used(id, ty)
        });
        for (name, &ty) in own {
            define(&mut page, contract, id, name, ty);
        }
        let free = interface.functions.values();
        let free: Vec<_> = free.filter(|it| resource(&it.kind).is_none()).collect();
        if !free.is_empty() {
            page += "\n### Functions\n\n";
            functions(&mut page, contract, &free);
        }
    }
    page
}

fn define(page: &mut String, contract: &Contract, owner: InterfaceId, name: &str, id: TypeId) {
    let ty: &TypeDef = &contract.resolve.types[id];
    write!(page, "\n### {} `{name}`\n\n", ty.kind.as_str()).expect("memory");
    paragraphs(page, ty.docs.contents.as_deref());
    let mut rows = Rows::default();
    match &ty.kind {
        TypeDefKind::Record(record) => {
            for field in &record.fields {
                rows.add(&field.name, &contract.text(&field.ty), &field.docs.contents);
            }
        }
        TypeDefKind::Variant(variant) => {
            for case in &variant.cases {
                let of = case.ty.map_or(String::new(), |ty| contract.text(&ty));
                rows.add(&case.name, &of, &case.docs.contents);
            }
        }
        TypeDefKind::Enum(of) => {
            for case in &of.cases {
                rows.add(&case.name, "", &case.docs.contents);
            }
        }
        TypeDefKind::Type(Type::Id(other)) => {
            let other = contract.text(&Type::Id(*other));
            writeln!(page, "The same as `{other}`.").expect("memory");
        }
        TypeDefKind::Type(other) => {
            writeln!(page, "A `{}`.", contract.text(other)).expect("memory");
        }
        TypeDefKind::Resource => {
            let all = contract.resolve.interfaces[owner].functions.values();
            let own: Vec<_> = all.filter(|it| resource(&it.kind) == Some(id)).collect();
            functions(page, contract, &own);
        }
        other => unreachable!("the page has no words for a {}", other.as_str()),
    }
    rows.write(page);
}

fn functions(page: &mut String, contract: &Contract, functions: &[&Function]) {
    for function in functions {
        let (_, signature) = contract.signature(function);
        let name = short_name(function);
        write!(page, "- `{name}{signature}`").expect("memory");
        match joined(function.docs.contents.as_deref()) {
            Some(docs) => writeln!(page, "  \n  {docs}"),
            None => writeln!(page),
        }
        .expect("memory");
    }
}

/// A table that leaves out the columns in which nothing stands.
#[derive(Default)]
struct Rows(Vec<[String; 3]>);

impl Rows {
    fn add(&mut self, name: &str, ty: &str, docs: &Option<String>) {
        let ty = match ty {
            "" => String::new(),
            ty => format!("`{ty}`"),
        };
        let docs = joined(docs.as_deref()).unwrap_or_default();
        let docs = docs.replace('|', "\\|");
        self.0.push([format!("`{name}`"), ty, docs]);
    }

    fn write(&self, page: &mut String) {
        if self.0.is_empty() {
            return;
        }
        if self
            .0
            .iter()
            .all(|[_, ty, docs]| ty.is_empty() && docs.is_empty())
        {
            let names: Vec<_> = self.0.iter().map(|[name, ..]| name.as_str()).collect();
            writeln!(page, "{}", names.join(", ")).expect("memory");
            return;
        }
        let has_types = self.0.iter().any(|[_, ty, _]| !ty.is_empty());
        *page += if has_types {
            "| name | type | meaning |\n|---|---|---|\n"
        } else {
            "| case | meaning |\n|---|---|\n"
        };
        for [name, ty, docs] in &self.0 {
            let ty = if has_types {
                format!(" {ty} |")
            } else {
                String::new()
            };
            let row = format!("| {name} |{ty} {docs} |");
            *page += &row.replace("  |", " |");
            page.push('\n');
        }
    }
}

/// Comments are broken into lines; a page is not.
fn joined(docs: Option<&str>) -> Option<String> {
    let docs = docs?.trim();
    (!docs.is_empty()).then(|| docs.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn paragraphs(page: &mut String, docs: Option<&str>) {
    if let Some(docs) = docs {
        write!(page, "{}\n\n", docs.trim()).expect("memory");
    }
}

const BEGINNING: &str = "\
# The contract

The component `qonduit.wasm` speaks the package `qonduit:connector`, version {version}. This page is
printed from the comments in [wit/](../wit), and `make accept` writes it. It exports the interfaces
below and imports nothing: no clock, no file, no socket, no random number. The time is an argument.

How the functions make up a run is told in
[ARCHITECTURE.md](../ARCHITECTURE.md#a-run-as-a-work-list); [packages/](../packages) has this contract
for [JavaScript](../packages/js/README.md), [Python](../packages/python/README.md) and
[Rust](../packages/rust/README.md), each with an example of the whole loop.

## Versions

The contract has a version of its own, which is part of the name of every interface
(`qonduit:connector/plan@{version}`). It follows semantic versioning, and moves only for what callers
can see:

| what changes | until 1.0 | from 1.0 on |
|---|---|---|
| a comment, or what the same call is worth (a better plan, a new element of Qualys read) | nothing | nothing |
| a function, a type, an interface or a method is added | third number | second number |
| anything is taken away or renamed; a field or a case is added to, taken from or moved in a type that is there; parameters or results are others | second number | first number |

A field more in a record breaks callers as well, since both sides of a call agree on how a record
lies in memory. So what is new comes as a function or a type beside what is there.

A host that was made for a version takes components of the same or a later one in which nothing was
broken, and refuses all others with a sentence; each of the packages does so before it calls anything.
`wit/released/` keeps the contract as it was released last, and a test compares: a change that breaks
a caller fails until the version moves. Keys of the JSON that the text doors write are the names of
the contract and follow the same rules, but for one: a line may get more keys and a caller passes over
what it does not know.

## In JSON

`reader.push-text` writes one object a line. Its key `record` says what it is, the other keys are the
fields of the record in snake_case, with `null` for what is absent. Enum cases are texts with hyphens,
times RFC 3339 in UTC, and `attributes` an object. `exporter.push-text` reads the same.

| `record` | holds |
|---|---|
| `host-id` | `host_id` alone |
| `host` | `qualys-host` |
| `finding` | `finding`, behind its host |
| `inventory` | `host-inventory` |
| `vulnerability` | `vulnerability` |
| `asset-group` | `asset-group` |
| `tag` | `qualys-tag` |
| `web-app` | `web-app` |
| `web-app-finding` | `web-app-finding` |
| `cve-score` | `cve-score` |
| `warning` | `warning` of `ingest` |
";
