//! Whether a component speaks the contract that this crate was built from.
//!
//! Interfaces carry the version of their package in their name. Up to 1.0 the second number tells
//! what goes together, then the first one; within these a newer component only has more.

use wasmtime::{Engine, component::Component};

/// The version of the contract.
pub const CONTRACT: &str = "0.1.0";

/// The error is a sentence for people.
pub(crate) fn check(engine: &Engine, component: &Component) -> Result<(), String> {
    let of_type = component.component_type();
    let names: Vec<_> = of_type.exports(engine).map(|(name, _)| name).collect();
    judge(&names)
}

fn judge(exports: &[&str]) -> Result<(), String> {
    let ours = |name: &&str| name.starts_with(PACKAGE);
    let Some(name) = exports.iter().copied().find(ours) else {
        return Err(format!(
            "the component is no connector, as it exports nothing of `{PACKAGE}`; use `qonduit.wasm`"
        ));
    };
    let found = name.rsplit_once('@').map_or("", |(_, version)| version);
    let goes = match (numbers(found), numbers(CONTRACT)) {
        (Some([0, minor, patch]), Some([0, our_minor, our_patch])) => {
            minor == our_minor && patch >= our_patch
        }
        (Some([major, minor, patch]), Some([our_major, our_minor, our_patch])) => {
            major == our_major && (minor, patch) >= (our_minor, our_patch)
        }
        _ => false,
    };
    if goes {
        return Ok(());
    }
    Err(format!(
        "the component speaks version `{found}` of the contract, and this crate version \
         `{CONTRACT}`; use a component and a crate of the same release"
    ))
}

fn numbers(version: &str) -> Option<[u64; 3]> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

const PACKAGE: &str = "qonduit:connector/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_contract() {
        let world = include_str!("../../../wit/world.wit");
        assert!(world.starts_with(&format!("package qonduit:connector@{CONTRACT};")));
    }

    #[test]
    fn newer_patches_go_and_other_versions_are_refused_with_a_sentence() {
        assert_eq!(judge(&["qonduit:connector/plan@0.1.0"]), Ok(()));
        assert_eq!(judge(&["qonduit:connector/plan@0.1.9"]), Ok(()));
        for other in ["0.2.0", "0.0.9", "1.1.0", "", "0.1"] {
            let refused = judge(&[&format!("qonduit:connector/plan@{other}")]);
            let sentence = refused.expect_err("another version");
            assert!(
                sentence.contains(&format!("version `{other}`")),
                "{sentence}"
            );
        }
    }

    #[test]
    fn what_is_no_connector_is_told_so() {
        let refused = judge(&["wasi:http/incoming-handler@0.2.3"]);
        assert!(refused.expect_err("no connector").contains("no connector"));
    }
}
