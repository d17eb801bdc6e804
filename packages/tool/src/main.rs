//! `qonduit-packages`: what the build makes of the contract and of built components.
//!
//! `wit OUT`: checks `wit/` and writes the WIT package. `release`: keeps the contract as it is as
//! the one that was released. `stamp IN OUT --package NAME [--features A,B]`: names a component and
//! writes its bill of materials into it and beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use qonduit_packages::contract::Contract;
use qonduit_packages::{release, root, sbom, stamp};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["wit", folder] => wit(Path::new(folder)),
        ["release"] => keep(),
        ["stamp", from, to, "--package", package] => write(from, to, package, &[]),
        [
            "stamp",
            from,
            to,
            "--package",
            package,
            "--features",
            features,
        ] => {
            let features: Vec<_> = features.split(',').map(str::to_owned).collect();
            write(from, to, package, &features)
        }
        _ => bail!(
            "expected `wit FOLDER`, `release` or `stamp IN OUT --package NAME [--features A,B]`"
        ),
    }
}

fn wit(folder: &Path) -> anyhow::Result<()> {
    let contract = Contract::read(&root().join("wit"))?;
    let package = wit_component::encode(&contract.resolve, contract.package)?;
    let version = contract.version();
    // What was written must read as what it was written from.
    let decoded = wit_component::decode(&package)?;
    let again = Contract {
        package: decoded.package(),
        resolve: decoded.resolve().clone(),
    };
    if release::items(&again) != release::items(&contract) {
        bail!("the WIT package does not hold the contract: a mistake of this tool");
    }
    let (file, last) = release::last(&root().join("wit/released"))?;
    let broken = release::broken(&last, &contract);
    if !broken.is_empty() && !release::has_moved(&last.version(), &version)? {
        bail!(
            "callers of `{}` are broken; {RULE}\n{}",
            file.display(),
            broken.join("\n")
        );
    }
    fs::create_dir_all(folder)?;
    let out = folder.join(format!("qonduit-connector-{version}.wasm"));
    fs::write(&out, &package)?;
    println!("{} ({} bytes)", out.display(), package.len());
    Ok(())
}

fn keep() -> anyhow::Result<()> {
    let contract = Contract::read(&root().join("wit"))?;
    let folder = root().join("wit/released");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{}.wit", contract.version()));
    fs::write(&file, release::text(&contract)?)?;
    println!("{}", file.display());
    Ok(())
}

fn write(from: &str, to: &str, package: &str, features: &[String]) -> anyhow::Result<()> {
    let built = fs::read(from).with_context(|| format!("`{from}` cannot be read"))?;
    let made = sbom::of(root(), package, TARGET, features)?;
    let identity = stamp::Identity {
        name: package,
        version: &made.version,
        description: &made.description,
        licence: &made.licence,
        sbom: &made.sbom,
    };
    let stamped = stamp::stamp(&built, &identity)?;
    different(
        &PathBuf::from(to).with_extension("cdx.json"),
        made.sbom.as_bytes(),
    )?;
    different(Path::new(to), &stamped)
}

/// Leaves a file alone that holds these bytes, so that nothing is built anew for its time.
fn different(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    if fs::read(file).is_ok_and(|held| held == content) {
        return Ok(());
    }
    fs::write(file, content).with_context(|| format!("`{}` cannot be written", file.display()))
}

const TARGET: &str = "wasm32-unknown-unknown";
const RULE: &str =
    "either mend that or move the version in `wit/` (docs/contract.md has the rules)";
