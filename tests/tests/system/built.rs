//! The built components: named, with their version and what is in them, without what was only there to
//! debug them, and without a path of the machine that built them.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;
use wasmparser::{Parser, Payload};

use crate::place::{component, root};

/// All custom sections of the component itself and of what is inside, by name; those inside as well.
fn sections(file: &[u8]) -> (BTreeMap<String, Vec<u8>>, Vec<String>) {
    let (mut own, mut inner, mut depth) = (BTreeMap::new(), Vec::new(), 0);
    for payload in Parser::new(0).parse_all(file) {
        match payload.expect("a sound component") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::CustomSection(section) => {
                if depth <= 0 {
                    own.insert(section.name().to_owned(), section.data().to_vec());
                }
                inner.push(section.name().to_owned());
            }
            _ => {}
        }
    }
    (own, inner)
}

fn built() -> Vec<PathBuf> {
    let folder = component().parent().expect("a folder");
    let all = fs::read_dir(folder).expect("the folder can be read");
    let all = all.map(|file| file.expect("a file").path());
    let is_component = |file: &PathBuf| file.extension().is_some_and(|it| it == "wasm");
    all.filter(is_component).collect()
}

#[test]
fn components_are_named_and_say_what_is_in_them() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("the lock file");
    for file in built() {
        let (own, all) = sections(&fs::read(&file).expect("a component"));
        let name = file.display();
        let text = |section: &str| {
            let held = own.get(section);
            let held = held.unwrap_or_else(|| panic!("{name} has no section `{section}`"));
            String::from_utf8_lossy(held).into_owned()
        };
        assert!(text("component-name").contains("qonduit-"), "{name}");
        assert_eq!(text("version"), env!("CARGO_PKG_VERSION"), "{name}");
        assert_eq!(text("licenses"), "Apache-2.0", "{name}");
        assert!(!all.iter().any(|it| it.starts_with(".debug")), "{name}");

        let beside = fs::read_to_string(file.with_extension("cdx.json")).expect("a bill beside");
        assert_eq!(text("cyclonedx"), beside, "{name}");
        let bill: Value = serde_json::from_str(&beside).expect("JSON");
        assert_eq!(bill["specVersion"], "1.6");
        assert_eq!(bill["metadata"]["timestamp"], Value::Null, "{name}");
        let crates = bill["components"].as_array().expect("components");
        assert!(crates.iter().any(|it| it["name"] == "serde_json"), "{name}");
        for one in crates {
            let hash = one["hashes"][0]["content"].as_str();
            let of = &one["name"];
            // A package of this workspace was published nowhere.
            let is_ours = of.as_str().is_some_and(|it| it.starts_with("qonduit"));
            assert!(is_ours || hash.is_some_and(|it| lock.contains(it)), "{of}");
            assert!(one["licenses"][0]["expression"].is_string(), "{of}");
            // What only builds it, or tests it, is not in it.
            for absent in ["serde_derive", "syn", "quick-xml", "proptest"] {
                assert_ne!(of, absent);
            }
        }
    }
}

#[test]
fn components_hold_no_path_of_the_machine() {
    let home = std::env::var("HOME").unwrap_or_default();
    let here = root().display().to_string();
    for file in built() {
        let bytes = fs::read(&file).expect("a component");
        let text = String::from_utf8_lossy(&bytes);
        for path in [home.as_str(), here.as_str(), "registry/src", ".cargo/"] {
            assert!(
                path.len() < 3 || !text.contains(path),
                "{} holds `{path}`",
                file.display()
            );
        }
    }
}

#[test]
fn the_component_is_small() {
    let size = fs::metadata(component()).expect("a component").len();
    assert!(size <= 1_500_000, "{size} bytes");
}
