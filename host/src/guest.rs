//! The components, as the rest of the host sees them: the connector through the crate that calls it
//! for any host, and the function. Only this file and its folder name wasmtime.

mod function;

pub use function::{Body, Function, NoReply, Outside, Sending, Unanswered};
pub use qonduit_connector::{
    Cause, Exporter, Guest, GuestError, Instance, Reader, export, filter, ingest, pace, plan,
    rules, types,
};

type Result<T> = std::result::Result<T, GuestError>;

fn load(error: wasmtime::Error) -> GuestError {
    GuestError::Load(error.into())
}
