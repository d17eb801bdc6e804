//! Nothing is sent to an address that was not configured, and one that is wrong is named.

use std::{
    net::TcpListener,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use super::WORLD;
use crate::{outcome::Outcome, place::Place};

#[test]
fn links_lend_nothing_but_their_query() {
    // 250 hosts in pages of 100 have links.
    let pages = ["settings.host_ids_page=100", "settings.batch_qids=1000"];
    for fault in ["link-elsewhere", "link-purge"] {
        let place = Place::new(&["--hosts", "250", "--detections", "0-5"]);
        let elsewhere = Elsewhere::new();
        place.sim.inject(fault);
        let mut command = place.sync_command(&pages);
        elsewhere.watch(&mut command);
        let outcome = Outcome::of(command);
        let stats = place.sim.stats();
        assert!(stats.faults[fault] > 0);
        assert_eq!(stats.forbidden_actions, 0, "{fault}");
        assert!(
            stats.other_calls.is_empty(),
            "{fault}: {:?}",
            stats.other_calls
        );
        assert_eq!(elsewhere.n_calls(), 0, "{fault}");
        match outcome.code {
            Some(0) => place.expect_truth(),
            _ => drop(outcome.expect_error(4, &["start the sync again"])),
        }
    }
}

#[test]
fn a_link_that_leads_back_is_a_failure_with_a_name() {
    let place = Place::new(&["--hosts", "250", "--detections", "0-5"]);
    place.sim.inject("link-loop");
    let pages = ["settings.host_ids_page=100", "settings.batch_qids=1000"];
    place
        .sync(&pages)
        .expect_error(4, &["same page again and again"]);
    assert!(place.calls("hosts") <= 3);
    place.sim.clear_faults();
    place.sync(&pages).expect_exit(0);
    place.expect_truth();
}

#[test]
fn a_redirect_is_not_followed() {
    let place = Place::new(&WORLD);
    let elsewhere = Elsewhere::new();
    place.sim.inject("redirect");
    let mut command = place.sync_command(&[]);
    elsewhere.watch(&mut command);
    Outcome::of(command).expect_error(2, &["not Qualys' API", "302"]);
    assert_eq!((place.all_calls(), elsewhere.n_calls()), (1, 0));
}

#[test]
fn the_watch_for_calls_elsewhere_sees_them() {
    let place = Place::new(&WORLD);
    let elsewhere = Elsewhere::new();
    let mut command = place.sync_command(&["settings.max_attempts=1"]);
    command.args(["--api-url", "https://collector.attacker.invalid"]);
    elsewhere.watch(&mut command);
    Outcome::of(command).expect_error(4, &["cannot be reached"]);
    assert!(elsewhere.n_calls() > 0);
}

#[test]
fn the_portal_is_not_the_api() {
    let place = Place::new(&["--portal"]);
    place
        .sync(&[])
        .expect_error(2, &["not Qualys' API", "qonduit doctor"]);
    let stats = place.sim.stats();
    assert_eq!(stats.statuses.values().sum::<u64>(), 1);
}

#[test]
fn an_address_where_nobody_answers_is_named() {
    let place = Place::new(&WORLD);
    let free = TcpListener::bind("127.0.0.1:0")
        .and_then(|it| it.local_addr())
        .expect("a port");
    let nobody = format!("http://{free}");
    let at = |address: &str| {
        let mut command = place.sync_command(&["settings.max_attempts=2"]);
        command.args(["--api-url", address]);
        Outcome::of(command)
    };
    at(&nobody).expect_error(4, &[&nobody, "check the address"]);
    at("http://qualysapi.qualys.com").expect_error(2, &["password unencrypted"]);
    at("ftp://127.0.0.1").expect_error(2, &["write the address as"]);
    at("http://me:secret@127.0.0.1").expect_error(2, &["holds a user name or password"]);
    // TLS spoken to a port without it.
    let plain = place.sim.url().replace("http://", "https://");
    at(&plain).expect_error(4, &["cannot be reached"]);
    assert_eq!(place.all_calls(), 0);
}

/// A proxy that would see every call that does not go to this machine.
struct Elsewhere {
    address: String,
    n_calls: Arc<AtomicU32>,
}

impl Elsewhere {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let n_calls = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&n_calls);
        thread::spawn(move || {
            for _ in listener.incoming() {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { address, n_calls }
    }

    fn watch(&self, command: &mut Command) {
        for name in [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
        ] {
            command.env(name, &self.address);
        }
        command.env("NO_PROXY", "127.0.0.1");
    }

    fn n_calls(&self) -> u32 {
        self.n_calls.load(Ordering::Relaxed)
    }
}
