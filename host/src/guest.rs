//! The component, as the rest of the host sees it. The only file that names wasmtime.

mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "connector",
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::qonduit::connector::{filter, ingest, pace, plan, types};
