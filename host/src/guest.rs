//! The component, as the rest of the host sees it: the crate that calls it for any host.
//!
//! What runs it, wasmtime, is named there and below this file alone.

pub use qonduit_connector::{
    Exporter, Guest, GuestError, Instance, Reader, export, filter, ingest, pace, plan, rules, types,
};
