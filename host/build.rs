//! Finds the built component and the built function, which are part of the binary.

use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=../wit");
    find("QONDUIT_COMPONENT", "qonduit.wasm");
    find("QONDUIT_FUNCTION", "qonduit-function.wasm");
}

/// Hands a file over to the code: the one that the variable names, or else the one that was built.
fn find(variable: &str, name: &str) {
    println!("cargo:rerun-if-env-changed={variable}");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/component");
    let file = std::env::var_os(variable).map_or_else(|| folder.join(name), PathBuf::from);
    assert!(
        file.is_file(),
        "there is no component at `{}`: run `make component function` first",
        file.display()
    );
    println!("cargo:rerun-if-changed={}", file.display());
    println!("cargo:rustc-env={variable}={}", file.display());
}
