//! The connector itself, as plain functions on values: plans requests to Qualys, reads the
//! answers as they stream in, normalizes and filters them.
//!
//! Nothing here does I/O or reads a clock: time is an argument, bytes are handed in. The records
//! are those of the contract in `wit/`, generated once in [`contract`]; built for WebAssembly
//! with the feature `component`, the same functions are the exports of a component that imports nothing.

pub mod contract;
mod cve;
pub mod export;
#[cfg(all(target_arch = "wasm32", feature = "component"))]
mod exports;
pub mod filter;
pub mod import_rules;
pub mod ingest;
mod json;
pub mod normalize;
pub mod pace;
pub mod plan;
pub mod risk;
pub mod rules;
pub mod run;
pub mod settings;
pub mod time;
mod xml;
