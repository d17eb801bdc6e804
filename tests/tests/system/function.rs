//! The function on hosts of others and on our own: the same requests, and the same answers.

mod client;
mod requests;
mod server;
mod sync;

use server::{Host, Server};

fn everything(host: Host) {
    let Some(server) = Server::start(host) else {
        return;
    };
    requests::health(&server);
    requests::fixtures(&server);
    requests::mistakes(&server);
    requests::long_answers(&server);
    requests::formats(&server);
    requests::checks(&server);
    sync::whole(&server);
    sync::in_slices(&server);
    sync::outage(&server);
    sync::credentials(&server);
    sync::gateway(&server);
    requests::broken_off(&server);
}

#[test]
fn wasmtime_serves_it_without_any_flag() {
    everything(Host::Wasmtime);
}

#[test]
fn wasmcloud_serves_it() {
    everything(Host::WasmCloud);
}

#[test]
fn node_serves_it() {
    everything(Host::Node);
}

#[test]
fn qonduit_serves_it() {
    everything(Host::Own);
}

mod own;
