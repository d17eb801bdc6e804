//! Writes into a built component what it is: its name, its version and what is in it.
//!
//! Nothing but bytes that follow from the sources: no time, no path, no name of a machine, so that
//! the same sources give the same file everywhere.

use anyhow::ensure;
use wasm_metadata::{AddMetadata, AddMetadataField};

/// What a component is.
#[derive(Debug)]
pub struct Identity<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub description: &'a str,
    pub licence: &'a str,
    /// CycloneDX, in JSON.
    pub sbom: &'a str,
}

/// The component with its identity. It was not stamped before.
pub fn stamp(component: &[u8], identity: &Identity<'_>) -> anyhow::Result<Vec<u8>> {
    let mut add = AddMetadata::default();
    add.name = AddMetadataField::Set(identity.name.to_owned());
    let mut stamped = add.to_wasm(component)?;
    ensure!(
        stamped.starts_with(b"\0asm"),
        "the component lost its beginning"
    );
    for (name, content) in [
        ("version", identity.version),
        ("description", identity.description),
        ("licenses", identity.licence),
        (SBOM, identity.sbom),
    ] {
        section(&mut stamped, name, content.as_bytes());
    }
    Ok(stamped)
}

/// The name of the section with the bill of materials.
pub const SBOM: &str = "cyclonedx";

/// A section that runtimes pass over, behind all others.
fn section(component: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut body = Vec::with_capacity(content.len() + name.len() + 5);
    number(&mut body, name.len());
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(content);
    component.push(0);
    number(component, body.len());
    component.extend_from_slice(&body);
}

/// LEB128, as WebAssembly writes sizes.
fn number(out: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}
