//! How names and comments of the contract are written in Python.

use std::fmt::Write as _;

use wit_parser::{Function, FunctionKind, Type, TypeDefKind};

use crate::contract::Contract;

pub(super) fn constant(function: &Function) -> String {
    let name = function.name.rsplit(']').next().unwrap_or_default();
    let suffix = match function.kind {
        FunctionKind::Constructor(_) => "_NEW",
        _ => "",
    };
    name.replace(['-', '.'], "_").to_uppercase() + suffix
}

pub(super) fn is_option(contract: &Contract, ty: &Type) -> bool {
    match ty {
        Type::Id(id) => matches!(contract.resolve.types[*id].kind, TypeDefKind::Option(_)),
        _ => false,
    }
}

pub(super) fn docstring(text: &mut String, indent: &str, docs: &str) {
    let docs = docs.trim().replace('\\', "\\\\");
    let mut lines = docs.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<_> = lines.collect();
    if rest.is_empty() {
        writeln!(text, "{indent}\"\"\"{first}\"\"\"").expect("memory");
        return;
    }
    writeln!(text, "{indent}\"\"\"{first}").expect("memory");
    for line in rest {
        writeln!(text, "{}", format!("{indent}{line}").trim_end()).expect("memory");
    }
    writeln!(text, "{indent}\"\"\"").expect("memory");
}

pub(super) fn comment(text: &mut String, indent: &str, docs: Option<&str>) {
    for line in docs.unwrap_or_default().trim().lines() {
        writeln!(text, "{}", format!("{indent}#: {line}").trim_end()).expect("memory");
    }
}

/// One of several words.
pub(super) fn choice(text: &mut String, class: &str, docs: Option<&str>, cases: &[&str]) {
    text.push_str("\n\n");
    comment(text, "", docs);
    let cases: Vec<_> = cases.iter().map(|case| format!("\"{case}\"")).collect();
    writeln!(text, "{class}: TypeAlias = Literal[{}]", cases.join(", ")).expect("memory");
}

pub(super) const IMPORTS: &str = "\
# ruff: noqa: E501, F401
from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict, cast

from .. import _values as v
";

pub(super) const CLOSE: &str = "
    def close(self) -> None:
        \"\"\"Gives back what it holds of the component's memory; it is of no use afterwards.\"\"\"
        self._door.drop(self._handle)
";
