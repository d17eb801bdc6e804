//! Which functions Python has, and which types these need.

use std::collections::BTreeSet;

use wit_parser::{Function, Interface, Type, TypeDefKind, TypeId};

use crate::contract::Contract;

/// The functions that Python has: all but those with a door for text.
pub(super) fn wanted(interface: &Interface) -> impl Iterator<Item = &Function> {
    let functions = &interface.functions;
    let all = functions.values();
    all.filter(move |it| {
        let has_text = functions.contains_key(&format!("{}-text", it.name));
        !has_text && !it.name.ends_with("push-lines")
    })
}

/// The types that these functions need.
pub(super) fn reached(contract: &Contract) -> BTreeSet<TypeId> {
    let mut reached = BTreeSet::new();
    for (_, interface) in contract.interfaces() {
        for function in wanted(interface) {
            let params = function.params.iter().map(|it| &it.ty);
            for ty in params.chain(&function.result) {
                reach(contract, ty, &mut reached);
            }
        }
    }
    reached
}

fn reach(contract: &Contract, ty: &Type, reached: &mut BTreeSet<TypeId>) {
    let Type::Id(id) = ty else { return };
    if reached.insert(*id) {
        for part in parts(contract, *id) {
            reach(contract, &part, reached);
        }
    }
}

/// The types that a type is made of.
pub(super) fn parts(contract: &Contract, id: TypeId) -> Vec<Type> {
    match &contract.resolve.types[id].kind {
        TypeDefKind::Record(it) => it.fields.iter().map(|it| it.ty).collect(),
        TypeDefKind::Variant(it) => it.cases.iter().filter_map(|it| it.ty).collect(),
        TypeDefKind::Tuple(it) => it.types.clone(),
        TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => vec![*ty],
        TypeDefKind::Result(it) => it.ok.into_iter().chain(it.err).collect(),
        _ => Vec::new(),
    }
}
