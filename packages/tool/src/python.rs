//! The contract in Python: a module for each interface, and one for the lines of JSON.
//!
//! Functions that have a door for text beside them are left out: the bindings of Python are slow
//! with records and with lists of bytes. What only those need is left out as well.

mod lines;
mod reached;
mod words;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use wit_parser::{Function, FunctionKind, Interface, InterfaceId, Type, TypeDefKind, TypeId};

use crate::contract::{Contract, resource, short_name};
use crate::line::{pascal, snake};

use reached::{parts, reached, wanted};
use words::{CLOSE, IMPORTS, choice, comment, constant, docstring, is_option};

/// Paths inside the package, and texts.
pub fn modules(contract: &Contract) -> Vec<(String, String)> {
    let reached = reached(contract);
    let mut modules = vec![
        ("lines.py".to_owned(), lines::module(contract)),
        (
            "contract/__init__.py".to_owned(),
            format!(
                "\"\"\"The contract, an interface a module. {MADE}\"\"\"\n\nVERSION = \"{}\"\n",
                contract.version()
            ),
        ),
    ];
    for (id, interface) in contract.interfaces() {
        let name = interface.name.as_deref().unwrap_or_default();
        let module = Module {
            contract,
            id,
            interface,
            reached: &reached,
        };
        modules.push((format!("contract/{name}.py"), module.text(name)));
    }
    modules
}

/// Said at the top of every module.
const MADE: &str = "Made from `wit/`; `make accept` writes it.";

struct Module<'a> {
    contract: &'a Contract,
    id: InterfaceId,
    interface: &'a Interface,
    reached: &'a BTreeSet<TypeId>,
}

impl Module<'_> {
    fn text(&self, name: &str) -> String {
        let docs = self.interface.docs.contents.as_deref();
        let docs = docs.unwrap_or_default().trim();
        let mut text = format!("\"\"\"`{name}`: {docs}\n\n{MADE}\n\"\"\"\n\n{IMPORTS}");
        let types = self.interface.types.values().copied();
        let (used, own): (Vec<_>, Vec<_>) =
            types
                .filter(|id| self.reached.contains(id))
                .partition(|id| {
                    let ty = &self.contract.resolve.types[*id];
                    self.contract.is_used(self.id, ty)
                });
        for id in used {
            self.import(&mut text, id);
        }
        let mut written = BTreeSet::new();
        for id in own {
            self.define(&mut text, id, &mut written);
        }
        let all: Vec<_> = wanted(self.interface).collect();
        for function in &all {
            self.declare(&mut text, name, function);
        }
        let resources = self.interface.types.values().copied();
        let resources = resources
            .filter(|id| matches!(self.contract.resolve.types[*id].kind, TypeDefKind::Resource));
        for of in resources {
            self.class(&mut text, Some(of), &all);
        }
        if all.iter().any(|it| resource(&it.kind).is_none()) {
            self.class(&mut text, None, &all);
        }
        text
    }

    fn import(&self, text: &mut String, id: TypeId) {
        let name = self.name(id);
        let TypeDefKind::Type(Type::Id(other)) = self.contract.resolve.types[id].kind else {
            return;
        };
        let owner = self.contract.owner(other);
        let owner = owner.and_then(|it| it.name.clone()).unwrap_or_default();
        let (class, kind) = (pascal(&name), snake(&name));
        writeln!(text, "from .{owner} import {class}, kind_{kind}").expect("memory");
    }

    /// Writes a type behind those that it is made of.
    fn define(&self, text: &mut String, id: TypeId, written: &mut BTreeSet<TypeId>) {
        let ty = &self.contract.resolve.types[id];
        let Some(name) = &ty.name else {
            for part in parts(self.contract, id) {
                if let Type::Id(part) = part {
                    self.define(text, part, written);
                }
            }
            return;
        };
        let is_own = self
            .contract
            .owner(id)
            .is_some_and(|it| it.name == self.interface.name);
        if !is_own || self.contract.is_used(self.id, ty) || !written.insert(id) {
            return;
        }
        for part in parts(self.contract, id) {
            if let Type::Id(part) = part {
                self.define(text, part, written);
            }
        }
        let class = pascal(name);
        let docs = ty.docs.contents.as_deref();
        match &ty.kind {
            TypeDefKind::Record(record) => {
                write!(text, "\n\nclass {class}(TypedDict):\n").expect("memory");
                docstring(text, "    ", docs.unwrap_or("A record of the contract."));
                text.push('\n');
                for field in &record.fields {
                    comment(text, "    ", field.docs.contents.as_deref());
                    let of = self.python(&field.ty);
                    let of = match is_option(self.contract, &field.ty) {
                        true => format!("NotRequired[{of}]"),
                        false => of,
                    };
                    writeln!(text, "    {}: {of}", snake(&field.name)).expect("memory");
                }
            }
            TypeDefKind::Variant(variant) => {
                let mut cases = Vec::new();
                for case in &variant.cases {
                    let of = format!("{class}{}", pascal(&case.name));
                    write!(text, "\n\nclass {of}(TypedDict):\n").expect("memory");
                    let said = case.docs.contents.as_deref();
                    docstring(text, "    ", said.unwrap_or("A case of a variant."));
                    text.push('\n');
                    writeln!(text, "    tag: Literal[\"{}\"]", case.name).expect("memory");
                    if let Some(ty) = &case.ty {
                        writeln!(text, "    val: {}", self.python(ty)).expect("memory");
                    }
                    cases.push(of);
                }
                text.push_str("\n\n");
                comment(text, "", docs);
                writeln!(text, "{class}: TypeAlias = {}", cases.join(" | ")).expect("memory");
            }
            TypeDefKind::Enum(of) => {
                let cases: Vec<_> = of.cases.iter().map(|it| &*it.name).collect();
                choice(text, &class, docs, &cases);
            }
            TypeDefKind::Type(of) => {
                text.push_str("\n\n");
                comment(text, "", docs);
                writeln!(text, "{class}: TypeAlias = {}", self.python(of)).expect("memory");
            }
            // Its class comes behind the types.
            _ => return,
        }
        let gap = match ty.kind {
            TypeDefKind::Record(_) => "\n\n",
            _ => "",
        };
        writeln!(text, "{gap}kind_{} = {}", snake(name), self.made_of(id)).expect("memory");
    }

    /// How a named type is handed over.
    fn made_of(&self, id: TypeId) -> String {
        match &self.contract.resolve.types[id].kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter();
                let fields = fields.map(|it| format!("\"{}\": {}", it.name, self.kind(&it.ty)));
                format!("v.Record({{{}}})", fields.collect::<Vec<_>>().join(", "))
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|it| {
                    let of = it.ty.map_or("None".to_owned(), |ty| self.kind(&ty));
                    format!("\"{}\": {of}", it.name)
                });
                format!("v.Variant({{{}}})", cases.collect::<Vec<_>>().join(", "))
            }
            TypeDefKind::Type(ty) => self.kind(ty),
            _ => "v.STR".to_owned(),
        }
    }

    /// The expression for how a type is handed over.
    fn kind(&self, ty: &Type) -> String {
        let Type::Id(id) = ty else {
            return match ty {
                Type::Bool => "v.BOOL",
                Type::F32 | Type::F64 => "v.FLOAT",
                Type::String | Type::Char => "v.STR",
                _ => "v.INT",
            }
            .to_owned();
        };
        let of = &self.contract.resolve.types[*id];
        let maybe = |ty: &Option<Type>| ty.map_or("None".to_owned(), |ty| self.kind(&ty));
        match (&of.name, &of.kind) {
            (Some(name), _) => format!("kind_{}", snake(name)),
            (_, TypeDefKind::Option(ty)) => format!("v.Option({})", self.kind(ty)),
            (_, TypeDefKind::List(ty)) => format!("v.List({})", self.kind(ty)),
            (_, TypeDefKind::Tuple(it)) => {
                let all: Vec<_> = it.types.iter().map(|ty| self.kind(ty)).collect();
                format!("v.Tuple(({},))", all.join(", "))
            }
            (_, TypeDefKind::Result(it)) => {
                format!("v.Result({}, {})", maybe(&it.ok), maybe(&it.err))
            }
            _ => "v.HANDLE".to_owned(),
        }
    }

    /// The type as Python writes it.
    fn python(&self, ty: &Type) -> String {
        let Type::Id(id) = ty else {
            return match ty {
                Type::Bool => "bool",
                Type::F32 | Type::F64 => "float",
                Type::String | Type::Char => "str",
                _ => "int",
            }
            .to_owned();
        };
        let of = &self.contract.resolve.types[*id];
        match (&of.name, &of.kind) {
            (Some(name), _) => pascal(name),
            (_, TypeDefKind::Option(ty)) => format!("{} | None", self.python(ty)),
            (_, TypeDefKind::List(ty)) => format!("list[{}]", self.python(ty)),
            (_, TypeDefKind::Tuple(it)) => {
                let all: Vec<_> = it.types.iter().map(|ty| self.python(ty)).collect();
                format!("tuple[{}]", all.join(", "))
            }
            // What a function gives when all is well; else it raises.
            (_, TypeDefKind::Result(it)) => it.ok.map_or("None".to_owned(), |ty| self.python(&ty)),
            _ => "v.Handle".to_owned(),
        }
    }

    fn declare(&self, text: &mut String, interface: &str, function: &Function) {
        let params: Vec<_> = function.params.iter().map(|it| self.kind(&it.ty)).collect();
        let params = match params.is_empty() {
            true => "()".to_owned(),
            false => format!("({},)", params.join(", ")),
        };
        let result = function
            .result
            .map_or("None".to_owned(), |ty| self.kind(&ty));
        let gap = if text.ends_with(")\n") && text.contains("_FUNCTION") {
            ""
        } else {
            "\n\n"
        };
        writeln!(
            text,
            "{gap}_FUNCTION_{} = v.Function(\"{interface}\", \"{}\", {params}, {result})",
            constant(function),
            function.name
        )
        .expect("memory");
    }

    /// A resource, or the functions of the interface itself.
    fn class(&self, text: &mut String, of: Option<TypeId>, all: &[&Function]) {
        let (name, docs) = match of {
            Some(id) => (self.name(id), &self.contract.resolve.types[id].docs),
            None => {
                let name = self.interface.name.clone().unwrap_or_default();
                (name, &self.interface.docs)
            }
        };
        write!(text, "\n\nclass {}:\n", pascal(&name)).expect("memory");
        let docs = docs.contents.as_deref();
        docstring(
            text,
            "    ",
            docs.unwrap_or("An interface of the contract."),
        );
        if of.is_none() {
            text.push_str(
                "\n    def __init__(self, door: v.Door) -> None:\n        self._door = door\n",
            );
        }
        let own = all.iter().filter(|it| resource(&it.kind) == of);
        for function in own {
            self.function(text, function);
        }
        if of.is_some() {
            text.push_str(CLOSE);
        }
    }

    fn function(&self, text: &mut String, function: &Function) {
        let is_method = matches!(function.kind, FunctionKind::Method(_));
        let params = function.params.iter().skip(usize::from(is_method));
        let (mut written, mut given) = (String::new(), String::new());
        for param in params {
            let name = snake(&param.name);
            write!(written, ", {name}: {}", self.python(&param.ty)).expect("memory");
            write!(given, ", {name}").expect("memory");
        }
        let constant = constant(function);
        let docs = function.docs.contents.as_deref();
        if let FunctionKind::Constructor(_) = function.kind {
            write!(
                text,
                "\n    def __init__(self, door: v.Door{written}) -> None:\n"
            )
            .expect("memory");
            docstring(text, "        ", docs.unwrap_or("Makes one."));
            write!(
                text,
                "        self._door = door\n        \
                 self._handle = door.call(_FUNCTION_{constant}{given})\n"
            )
            .expect("memory");
            return;
        }
        let result = function
            .result
            .map_or("None".to_owned(), |ty| self.python(&ty));
        let name = snake(short_name(function));
        write!(text, "\n    def {name}(self{written}) -> {result}:\n").expect("memory");
        if let Some(docs) = docs {
            docstring(text, "        ", docs);
        }
        let handle = if is_method { ", self._handle" } else { "" };
        let call = format!("self._door.call(_FUNCTION_{constant}{handle}{given})");
        match result.as_str() {
            "None" => writeln!(text, "        {call}"),
            _ => writeln!(text, "        return cast(\"{result}\", {call})"),
        }
        .expect("memory");
    }

    fn name(&self, id: TypeId) -> String {
        self.contract.resolve.types[id]
            .name
            .clone()
            .unwrap_or_default()
    }
}
