//! What is made from the contract in `wit/`, and what is written into built components.
//!
//! A tool of the build: nothing of it is part of a product. It reads the contract with the parser
//! that the binding generators use, so that no second understanding of it can arise.

pub mod contract;
mod line;
pub mod page;
pub mod python;
pub mod release;
pub mod sbom;
pub mod stamp;
pub mod typescript;

use std::path::{Path, PathBuf};

/// The files in the repository that are made from the contract, with what they have to hold.
pub fn made() -> anyhow::Result<Vec<(PathBuf, String)>> {
    let contract = contract::Contract::read(&root().join("wit"))?;
    let mut made = vec![
        (root().join("docs/contract.md"), page::page(&contract)),
        (
            root().join("packages/js/src/lines.d.ts"),
            typescript::lines(&contract),
        ),
        (root().join("packages/js/src/lines.js"), typescript::keys()),
    ];
    let python = root().join("packages/python/src/qonduit_connector");
    for (name, text) in python::modules(&contract) {
        made.push((python.join(name), text));
    }
    Ok(made)
}

/// The root of the repository.
pub fn root() -> &'static Path {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR"));
    tool.ancestors().nth(2).unwrap_or(tool)
}
