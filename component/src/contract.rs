//! The contract in `wit/`, as Rust types and traits.
//!
//! Generated, so that records, their documentation and their JSON have one definition. What is
//! added by hand is how a type is written in JSON, and nothing else.

#![allow(missing_debug_implementations, clippy::all)]

wit_bindgen::generate!({
    path: "../wit",
    world: "connector",
    additional_derives: [PartialEq],
    generate_unused_types: true,
    pub_export_macro: true,
});

pub use exports::qonduit::connector::{filter, ingest, pace, plan, types};
