//! The simulator over HTTP: it behaves as the manual says, and misbehaves as asked.

mod accounts;
pub(crate) mod client;
mod days;
mod faults;
mod limits;
mod lists;
mod versions;
