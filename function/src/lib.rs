//! The connector as an HTTP function: answers of Qualys in, records out, on any host of
//! `wasi:http`.
//!
//! Everything that decides is in `qonduit-component`, linked as a library; here are the doors. They
//! know the outside through the traits in [`world`] alone, so that they are tested without
//! WebAssembly; `door` puts `wasi:http` behind these traits and exists only in the build for
//! WebAssembly. Nothing here keeps anything from one request to the next.

pub mod check;
pub mod health;
pub mod input;
pub mod problem;
pub mod query;
pub mod read;
pub mod render;
pub mod route;
pub mod sync;
pub mod word;
pub mod world;

#[cfg(target_arch = "wasm32")]
mod door;
#[cfg(target_arch = "wasm32")]
mod heap;
