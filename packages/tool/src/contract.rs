//! The contract as it is parsed, and words for its parts. Writes nothing.

use std::path::Path;

use anyhow::Context;
use wit_parser::{
    FunctionKind, Handle, Interface, InterfaceId, PackageId, Resolve, Type, TypeDef, TypeDefKind,
    TypeId, TypeOwner,
};

/// The package `qonduit:connector`.
#[derive(Debug)]
pub struct Contract {
    pub resolve: Resolve,
    pub package: PackageId,
}

impl Contract {
    /// Reads a folder of WIT.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut resolve = Resolve::default();
        let pushed = resolve.push_dir(folder);
        let (package, _) = pushed.with_context(|| format!("`{}`", folder.display()))?;
        Ok(Self { resolve, package })
    }

    /// Reads one file of WIT that holds the whole package.
    pub fn parse(name: &str, text: &str) -> anyhow::Result<Self> {
        let mut resolve = Resolve::default();
        let package = resolve.push_source(name, text)?;
        Ok(Self { resolve, package })
    }

    /// The three numbers of its version.
    pub fn version(&self) -> String {
        let name = &self.resolve.packages[self.package].name;
        name.version
            .as_ref()
            .map_or_else(String::new, ToString::to_string)
    }

    /// What it exports, in the order of the world.
    pub fn interfaces(&self) -> Vec<(InterfaceId, &Interface)> {
        let package = &self.resolve.packages[self.package];
        let world = package.worlds.values().next();
        let exports = world.into_iter().flat_map(|&world| {
            let items = self.resolve.worlds[world].exports.values();
            items.filter_map(|item| match item {
                wit_parser::WorldItem::Interface { id, .. } => Some(*id),
                _ => None,
            })
        });
        exports
            .map(|id| (id, &self.resolve.interfaces[id]))
            .collect()
    }

    /// The type behind names that stand for another one, of whatever interface.
    pub fn behind(&self, id: TypeId) -> TypeId {
        match self.resolve.types[id].kind {
            TypeDefKind::Type(Type::Id(other)) => self.behind(other),
            _ => id,
        }
    }

    /// Whether this name was taken from another interface by `use`.
    pub fn is_used(&self, owner: InterfaceId, ty: &TypeDef) -> bool {
        match ty.kind {
            TypeDefKind::Type(Type::Id(other)) => {
                let other = &self.resolve.types[other];
                other.owner != TypeOwner::Interface(owner)
            }
            _ => false,
        }
    }

    /// The interface in which a type is defined.
    pub fn owner(&self, id: TypeId) -> Option<&Interface> {
        match self.resolve.types[id].owner {
            TypeOwner::Interface(owner) => Some(&self.resolve.interfaces[owner]),
            _ => None,
        }
    }

    /// A type as WIT writes it, by names.
    pub fn text(&self, ty: &Type) -> String {
        let Type::Id(id) = ty else {
            return match ty {
                Type::Bool => "bool",
                Type::U8 => "u8",
                Type::U16 => "u16",
                Type::U32 => "u32",
                Type::U64 => "u64",
                Type::S8 => "s8",
                Type::S16 => "s16",
                Type::S32 => "s32",
                Type::S64 => "s64",
                Type::F32 => "f32",
                Type::F64 => "f64",
                Type::Char => "char",
                Type::String => "string",
                Type::ErrorContext => "error-context",
                Type::Id(_) => "",
            }
            .to_owned();
        };
        let of = &self.resolve.types[*id];
        if let Some(name) = &of.name {
            return name.clone();
        }
        let or_nothing = |ty: &Option<Type>| ty.map_or("_".to_owned(), |ty| self.text(&ty));
        match &of.kind {
            TypeDefKind::Option(ty) => format!("option<{}>", self.text(ty)),
            TypeDefKind::List(ty) => format!("list<{}>", self.text(ty)),
            TypeDefKind::Result(it) => match (&it.ok, &it.err) {
                (ok, Some(err)) => format!("result<{}, {}>", or_nothing(ok), self.text(err)),
                (ok, None) => format!("result<{}>", or_nothing(ok)),
            },
            TypeDefKind::Tuple(it) => {
                let types: Vec<_> = it.types.iter().map(|ty| self.text(ty)).collect();
                format!("tuple<{}>", types.join(", "))
            }
            TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => self.text(&Type::Id(*id)),
            other => other.as_str().to_owned(),
        }
    }

    /// What a function takes and gives, as WIT writes it; its resource, if it belongs to one.
    pub fn signature(&self, function: &wit_parser::Function) -> (Option<TypeId>, String) {
        let of = resource(&function.kind);
        // The resource itself goes before the parameters of a method, unwritten.
        let unwritten = usize::from(matches!(function.kind, FunctionKind::Method(_)));
        let params = function.params.iter().skip(unwritten);
        let params: Vec<_> = params
            .map(|it| format!("{}: {}", it.name, self.text(&it.ty)))
            .collect();
        let result = match (&function.kind, &function.result) {
            (FunctionKind::Constructor(_), _) | (_, None) => String::new(),
            (_, Some(ty)) => format!(" -> {}", self.text(ty)),
        };
        (of, format!("({}){result}", params.join(", ")))
    }
}

/// The resource that a function belongs to.
pub fn resource(kind: &FunctionKind) -> Option<TypeId> {
    match kind {
        FunctionKind::Method(id) | FunctionKind::Static(id) | FunctionKind::Constructor(id) => {
            Some(*id)
        }
        _ => None,
    }
}

/// `[method]reader.push-text` is called `push-text`, and a constructor `constructor`.
pub fn short_name(function: &wit_parser::Function) -> &str {
    match function.kind {
        FunctionKind::Constructor(_) => "constructor",
        _ => {
            let name = &function.name;
            name.rsplit_once('.')
                .map_or(name.as_str(), |(_, name)| name)
        }
    }
}

/// A line of JSON: the word of its key `record`, the record of the contract with the other keys, and
/// the keys that tell one from another, none where nothing does. (`component/src/json.rs` writes them.)
#[derive(Debug)]
pub struct Line {
    pub word: &'static str,
    pub interface: &'static str,
    pub record: &'static str,
    pub keys: &'static [&'static str],
}

const fn line(word: &'static str, record: &'static str, keys: &'static [&'static str]) -> Line {
    Line {
        word,
        interface: "types",
        record,
        keys,
    }
}

/// Every kind of line but that of a host's number alone.
pub const LINES: [Line; 10] = [
    line("host", "qualys-host", &["host_id"]),
    line("finding", "finding", &["host_id", "finding_key"]),
    line("inventory", "host-inventory", &["host_id", "source"]),
    line("vulnerability", "vulnerability", &["qid"]),
    line("asset-group", "asset-group", &["id"]),
    line("tag", "qualys-tag", &["tag_id"]),
    line("web-app", "web-app", &["web_app_id"]),
    line("web-app-finding", "web-app-finding", &["finding_key"]),
    line("cve-score", "cve-score", &["cve"]),
    Line {
        word: "warning",
        interface: "ingest",
        record: "warning",
        keys: &[],
    },
];
