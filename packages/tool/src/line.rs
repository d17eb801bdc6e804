//! What the lines of JSON that `reader.push-text` writes are made of, whatever the language.

use std::collections::BTreeSet;

use wit_parser::{Type, TypeDefKind, TypeId};

use crate::contract::{Contract, LINES};

/// A named part of a line, or a line itself.
pub(crate) struct Shape<'a> {
    /// In words that start with a capital.
    pub(crate) name: String,
    /// The value of the key `record`, of a line.
    pub(crate) word: Option<&'static str>,
    pub(crate) docs: Option<&'a str>,
    pub(crate) kind: Kind<'a>,
}

pub(crate) enum Kind<'a> {
    Record(Vec<Field<'a>>),
    Enum(Vec<&'a str>),
}

pub(crate) struct Field<'a> {
    /// As JSON has it.
    pub(crate) key: String,
    pub(crate) docs: Option<&'a str>,
    pub(crate) value: Json,
}

/// What stands behind a key.
pub(crate) enum Json {
    Bool,
    Int,
    Float,
    Text,
    /// Names and texts.
    Attributes,
    Named(String),
    /// Or null.
    Maybe(Box<Json>),
    List(Box<Json>),
}

/// Every shape, behind those that it is made of. The lines among them have a word.
pub(crate) fn shapes(contract: &Contract) -> Vec<Shape<'_>> {
    let mut walk = Walk {
        contract,
        seen: BTreeSet::new(),
        shapes: Vec::new(),
    };
    for line in LINES {
        let id = find(contract, line.interface, line.record);
        walk.visit(id, Some(line.word));
    }
    walk.shapes
}

/// `qualys-host` as `QualysHost`.
pub(crate) fn pascal(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_uppercase() + rest
    });
    words.collect()
}

/// `qualys-host` as `qualys_host`.
pub(crate) fn snake(name: &str) -> String {
    name.replace('-', "_")
}

struct Walk<'a> {
    contract: &'a Contract,
    seen: BTreeSet<TypeId>,
    shapes: Vec<Shape<'a>>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, id: TypeId, word: Option<&'static str>) {
        let contract = self.contract;
        let id = contract.behind(id);
        let ty = &contract.resolve.types[id];
        if ty.name.is_some() && word.is_none() && !self.seen.insert(id) {
            return;
        }
        let mut visit = |ty: &Type| {
            if let Type::Id(id) = ty {
                self.visit(*id, None);
            }
        };
        let kind = match &ty.kind {
            TypeDefKind::Option(of) | TypeDefKind::List(of) => return visit(of),
            TypeDefKind::Record(record) => {
                record.fields.iter().for_each(|field| visit(&field.ty));
                let fields = record.fields.iter().map(|field| Field {
                    key: snake(&field.name),
                    docs: field.docs.contents.as_deref(),
                    value: json(contract, &field.ty),
                });
                Kind::Record(fields.collect())
            }
            TypeDefKind::Enum(of) => Kind::Enum(of.cases.iter().map(|it| &*it.name).collect()),
            _ => return,
        };
        let Some(name) = &ty.name else { return };
        self.shapes.push(Shape {
            name: word.map_or_else(|| pascal(name), |word| pascal(word) + "Line"),
            word,
            docs: ty.docs.contents.as_deref(),
            kind,
        });
    }
}

fn find(contract: &Contract, interface: &str, name: &str) -> TypeId {
    let interfaces = contract.interfaces();
    let of = interfaces
        .iter()
        .find(|(_, it)| it.name.as_deref() == Some(interface));
    of.expect("an interface of the contract").1.types[name]
}

fn json(contract: &Contract, ty: &Type) -> Json {
    let Type::Id(id) = ty else {
        return match ty {
            Type::Bool => Json::Bool,
            Type::F32 | Type::F64 => Json::Float,
            Type::String | Type::Char => Json::Text,
            _ => Json::Int,
        };
    };
    let of = &contract.resolve.types[contract.behind(*id)];
    match (of.name.as_deref(), &of.kind) {
        (Some("timestamp"), _) => Json::Text,
        (Some("attributes"), _) => Json::Attributes,
        (_, TypeDefKind::Type(ty)) => json(contract, ty),
        (Some(name), _) => Json::Named(pascal(name)),
        (None, TypeDefKind::Option(ty)) => Json::Maybe(Box::new(json(contract, ty))),
        (None, TypeDefKind::List(ty)) => Json::List(Box::new(json(contract, ty))),
        (None, other) => unreachable!("no line holds a {}", other.as_str()),
    }
}
