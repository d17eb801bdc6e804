//! Finds the built function, which is part of the binary. (The connector is part of its crate.)

use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=QONDUIT_FUNCTION");
    let built = "../target/component/qonduit-function.wasm";
    let function = std::env::var_os("QONDUIT_FUNCTION").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(built),
        PathBuf::from,
    );
    assert!(
        function.is_file(),
        "there is no function at `{}`: run `make function` first",
        function.display()
    );
    println!("cargo:rerun-if-changed={}", function.display());
    println!("cargo:rustc-env=QONDUIT_FUNCTION={}", function.display());
}
