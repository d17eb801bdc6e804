//! Finds the built component, which is part of the crate.

use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=QONDUIT_COMPONENT");
    println!("cargo:rerun-if-changed=../../wit");
    let component = std::env::var_os("QONDUIT_COMPONENT").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/component/qonduit.wasm"),
        PathBuf::from,
    );
    assert!(
        component.is_file(),
        "there is no component at `{}`: run `make component` first",
        component.display()
    );
    println!("cargo:rerun-if-changed={}", component.display());
    println!("cargo:rustc-env=QONDUIT_COMPONENT={}", component.display());
}
