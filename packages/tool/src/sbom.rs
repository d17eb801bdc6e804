//! The bill of materials of a component, as CycloneDX: the crates that are linked into it, from
//! what cargo resolved for it and from `Cargo.lock`.
//!
//! Crates that only run while it is built (macros, build scripts) and what they need are not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

/// What cargo knows of a package of this workspace.
#[derive(Debug)]
pub struct Made {
    pub version: String,
    pub description: String,
    pub licence: String,
    /// CycloneDX 1.6, in JSON.
    pub sbom: String,
}

/// Asks cargo what the package is made of when it is built for the target.
pub fn of(root: &Path, package: &str, target: &str, features: &[String]) -> anyhow::Result<Made> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(root);
    cargo.args(["metadata", "--locked", "--format-version", "1"]);
    cargo.args(["--filter-platform", target]);
    if !features.is_empty() {
        cargo.args(["--features", &features.join(",")]);
    }
    let output = cargo.output().context("cargo cannot be started")?;
    ensure!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let lock = std::fs::read_to_string(root.join("Cargo.lock"))?;
    from(&metadata, &lock, package)
}

fn from(metadata: &Value, lock: &str, package: &str) -> anyhow::Result<Made> {
    let packages = index(&metadata["packages"]);
    let nodes = index(&metadata["resolve"]["nodes"]);
    let (&root, main) = packages
        .iter()
        .find(|(_, it)| it["name"] == package)
        .with_context(|| format!("the workspace has no package `{package}`"))?;
    let mut linked = BTreeMap::new();
    link(root, &packages, &nodes, &mut linked)?;
    let reference = |id: &str| reference(packages[id]);
    let others = linked.keys().filter(|id| **id != root);
    let components: Vec<_> = others.map(|id| component(packages[id], lock)).collect();
    let dependencies = linked.iter().map(|(id, on)| {
        let on: BTreeSet<_> = on.iter().map(|id| reference(id)).collect();
        json!({ "ref": reference(id), "dependsOn": on })
    });
    let mut dependencies: Vec<_> = dependencies.collect();
    dependencies.sort_by_key(|it| it["ref"].to_string());
    let mut described = component(main, lock);
    described["type"] = json!("library");
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": described },
        "components": components,
        "dependencies": dependencies,
    });
    Ok(Made {
        version: text(&main["version"]),
        description: text(&main["description"]),
        licence: text(&main["license"]),
        sbom: document.to_string(),
    })
}

fn index(list: &Value) -> BTreeMap<&str, &Value> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|it| Some((it["id"].as_str()?, it)))
        .collect()
}

/// Collects a package and, below it, what it is linked with.
fn link<'a>(
    id: &'a str,
    packages: &BTreeMap<&str, &Value>,
    nodes: &BTreeMap<&str, &'a Value>,
    linked: &mut BTreeMap<&'a str, Vec<&'a str>>,
) -> anyhow::Result<()> {
    if linked.contains_key(id) {
        return Ok(());
    }
    let node = nodes.get(id).context("cargo resolved less than it names")?;
    let all = node["deps"].as_array().into_iter().flatten();
    let needed = all.filter(|it| {
        let kinds = it["dep_kinds"].as_array().into_iter().flatten();
        kinds.into_iter().any(|kind| kind["kind"].is_null())
    });
    let needed = needed.filter_map(|it| it["pkg"].as_str());
    let needed: Vec<_> = needed.filter(|id| !is_macro(packages[id])).collect();
    linked.insert(id, needed.clone());
    for id in needed {
        link(id, packages, nodes, linked)?;
    }
    Ok(())
}

fn is_macro(package: &Value) -> bool {
    let targets = package["targets"].as_array().into_iter().flatten();
    let mut kinds = targets.flat_map(|it| it["kind"].as_array().into_iter().flatten());
    kinds.any(|kind| kind == "proc-macro")
}

fn component(package: &Value, lock: &str) -> Value {
    let (name, version) = (text(&package["name"]), text(&package["version"]));
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(package),
        "name": name,
        "version": version,
        "purl": reference(package),
    });
    if let Some(licence) = package["license"].as_str() {
        // The older way to write a choice is no expression of SPDX.
        let expression = licence.replace('/', " OR ");
        component["licenses"] = json!([{ "expression": expression }]);
    }
    if let Some(checksum) = checksum(lock, &name, &version) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

fn reference(package: &Value) -> String {
    let (name, version) = (text(&package["name"]), text(&package["version"]));
    format!("pkg:cargo/{name}@{version}")
}

/// Of the crate as it was published. Packages of this workspace have none.
fn checksum(lock: &str, name: &str, version: &str) -> Option<String> {
    let wanted = format!("name = \"{name}\"\nversion = \"{version}\"\n");
    let (_, rest) = lock.split_once(&wanted)?;
    let entry = rest.split("\n[[package]]").next()?;
    let (_, checksum) = entry.split_once("checksum = \"")?;
    Some(checksum.split('"').next()?.to_owned())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_builds_it_is_not_in_it() {
        let package = |name: &str, kind: &str| {
            json!({ "id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0",
                    "targets": [{ "kind": [kind] }] })
        };
        let on = |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [package("main", "lib"), package("a", "lib"), package("b", "lib"),
                         package("macro", "proc-macro"), package("of-macro", "lib"),
                         package("tested", "lib")],
            "resolve": { "nodes": [
                { "id": "main", "deps": [on("a", Value::Null), on("macro", Value::Null),
                                         on("tested", json!("dev"))] },
                { "id": "a", "deps": [on("b", Value::Null), on("of-macro", json!("build"))] },
                { "id": "b", "deps": [] },
                { "id": "macro", "deps": [on("of-macro", Value::Null)] },
            ]},
        });
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"x\"\nchecksum = \"ab12\"\n\
                    \n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n";
        let made = from(&metadata, lock, "main").expect("a bill");
        let bill: Value = serde_json::from_str(&made.sbom).expect("JSON");
        let components = bill["components"].as_array().into_iter().flatten();
        let names: Vec<_> = components.map(|it| it["name"].clone()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(bill["components"][0]["hashes"][0]["content"], "ab12");
        assert_eq!(bill["components"][1]["hashes"], Value::Null);
        assert_eq!(
            bill["components"][0]["licenses"][0]["expression"],
            "MIT OR Apache-2.0"
        );
        assert_eq!(
            bill["dependencies"][2]["dependsOn"],
            json!(["pkg:cargo/a@1.0.0"])
        );
    }
}
