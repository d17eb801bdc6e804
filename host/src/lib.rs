//! The host of the connector component: gives it HTTP, storage and a command line.
//!
//! Modules look only down: `cli` → `doctor`, `schedule` → `sync`, `import`, `function` → `http`, `store` → `guest` →
//! `config`, `secrets`, `telemetry`. A test in `tests/` holds this.

pub mod cli;
pub mod config;
pub mod doctor;
pub mod function;
pub mod guest;
pub mod html;
pub mod http;
pub mod import;
pub mod platform;
pub mod schedule;
pub mod secrets;
pub mod store;
pub mod sync;
pub mod telemetry;
mod time;
