//! Whether the contract still serves the callers of the version that was released last.
//!
//! `wit/released/VERSION.wit` is the contract as it was. Callers agree with the component on how
//! every type lies in memory, so whatever is there has to stay as it is; only what is new may come.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use wit_component::{OutputToString, WitPrinter};
use wit_parser::{Type, TypeDefKind};

use crate::contract::{Contract, short_name};

/// Everything that a caller can name, and what it is. Fields and cases are told with their type, as
/// one more of them is another type.
pub fn items(contract: &Contract) -> BTreeMap<String, String> {
    let mut items = BTreeMap::new();
    for (_, interface) in contract.interfaces() {
        let of = interface.name.as_deref().unwrap_or_default();
        for (name, &id) in &interface.types {
            items.insert(format!("{of}.{name}"), shape(contract, id));
        }
        for function in interface.functions.values() {
            let (resource, signature) = contract.signature(function);
            let resource = resource.map_or(String::new(), |id| contract.text(&Type::Id(id)) + ".");
            let name = short_name(function);
            items.insert(format!("{of}.{resource}{name}"), signature);
        }
    }
    items
}

fn shape(contract: &Contract, id: wit_parser::TypeId) -> String {
    let text = |ty: &Type| contract.text(ty);
    match &contract.resolve.types[id].kind {
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter();
            let fields: Vec<_> = fields
                .map(|it| format!("{}: {}", it.name, text(&it.ty)))
                .collect();
            format!("record {{ {} }}", fields.join(", "))
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().map(|it| match &it.ty {
                Some(ty) => format!("{}({})", it.name, text(ty)),
                None => it.name.clone(),
            });
            format!("variant {{ {} }}", cases.collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Enum(of) => {
            let cases: Vec<_> = of.cases.iter().map(|it| it.name.as_str()).collect();
            format!("enum {{ {} }}", cases.join(", "))
        }
        TypeDefKind::Type(Type::Id(other)) => {
            let owner = contract.owner(*other);
            let owner = owner.and_then(|it| it.name.clone()).unwrap_or_default();
            format!("{owner}.{}", text(&Type::Id(*other)))
        }
        TypeDefKind::Type(ty) => text(ty),
        other => other.as_str().to_owned(),
    }
}

/// What callers of the old contract miss in the new one, a sentence each.
pub fn broken(old: &Contract, new: &Contract) -> Vec<String> {
    let now = items(new);
    let of_old = items(old).into_iter();
    of_old
        .filter_map(|(name, was)| match now.get(&name) {
            None => Some(format!("`{name}` is gone")),
            Some(is) if *is != was => Some(format!("`{name}` was `{was}` and is `{is}`")),
            Some(_) => None,
        })
        .collect()
}

/// What callers of the old contract do not know.
pub fn added(old: &Contract, new: &Contract) -> Vec<String> {
    let was = items(old);
    let now = items(new).into_keys();
    now.filter(|name| !was.contains_key(name)).collect()
}

/// Whether the new version tells by itself that callers of the old one have to change.
pub fn has_moved(old: &str, new: &str) -> anyhow::Result<bool> {
    let ([old_first, old_second, _], [first, second, _]) = (numbers(old)?, numbers(new)?);
    Ok(if old_first == 0 && first == 0 {
        second > old_second
    } else {
        first > old_first
    })
}

fn numbers(version: &str) -> anyhow::Result<[u64; 3]> {
    let numbers: Result<Vec<u64>, _> = version.split('.').map(str::parse).collect();
    let numbers = numbers.with_context(|| format!("`{version}` is no version"))?;
    numbers
        .try_into()
        .map_err(|_| anyhow::anyhow!("`{version}` is no version of three numbers"))
}

/// The contract that was released last, with its file.
pub fn last(folder: &Path) -> anyhow::Result<(PathBuf, Contract)> {
    let read = fs::read_dir(folder).with_context(|| format!("`{}`", folder.display()))?;
    let mut newest: Option<([u64; 3], PathBuf)> = None;
    for file in read {
        let file = file?.path();
        let version = file.file_stem().and_then(|it| it.to_str());
        let version = numbers(version.unwrap_or_default())?;
        if newest.as_ref().is_none_or(|(other, _)| version > *other) {
            newest = Some((version, file));
        }
    }
    let (_, file) = newest.context("no contract was released yet")?;
    let contract = Contract::parse("released.wit", &fs::read_to_string(&file)?)?;
    let of_file = file.file_stem().unwrap_or_default().to_string_lossy();
    ensure!(
        of_file == contract.version(),
        "`{}` holds version {}",
        file.display(),
        contract.version()
    );
    Ok((file, contract))
}

/// The whole package as one file, without its comments: these may change.
pub fn text(contract: &Contract) -> anyhow::Result<String> {
    let mut printer = WitPrinter::new(OutputToString::default());
    printer.emit_docs(false);
    printer.print(&contract.resolve, contract.package, &[])?;
    Ok(printer.output.to_string())
}
