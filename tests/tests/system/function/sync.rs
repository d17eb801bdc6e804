//! What every host answers to: runs against the simulator, whole, in slices and with an outage.

use std::collections::{BTreeMap, BTreeSet};

use qonduit_tests::sim::Sim;
use serde_json::{Value, json};

use super::{
    client::{Answer, Request},
    server::Server,
};
use crate::sim::client;

/// A subscription, and a caller who keeps what is complete.
struct Caller<'a> {
    server: &'a Server,
    sim: Sim,
    findings: BTreeSet<String>,
    hosts: BTreeSet<u64>,
    entries: BTreeSet<u64>,
}

impl<'a> Caller<'a> {
    fn new(server: &'a Server) -> Self {
        let hosts = ["--hosts", "60", "--web-apps", "0", "--password-file"];
        let secret = tempfile::NamedTempFile::new().expect("a file can be made");
        std::fs::write(secret.path(), PASSWORD).expect("a file can be written");
        let file = secret.path().to_str().expect("a path of text");
        Self {
            server,
            sim: client::start(&[&hosts[..], &[file]].concat()),
            findings: BTreeSet::new(),
            hosts: BTreeSet::new(),
            entries: BTreeSet::new(),
        }
    }

    /// One request; returns its last line.
    fn ask(&mut self, more: &Value) -> Value {
        let answer = self.send(&client::basic(&self.sim), more);
        assert_eq!(
            (answer.status, answer.is_complete),
            (200, true),
            "{}",
            answer.text()
        );
        let mut lines = answer.lines();
        let end = lines.pop().expect("a last line");
        assert_eq!(end["record"], "work");
        let mut batch = Vec::new();
        for line in lines {
            match line["record"].as_str().expect("a record") {
                "batch" => batch.clear(),
                "batch-end" if line["complete"] == true => {
                    batch.drain(..).for_each(|record| self.keep(&record));
                }
                "batch-end" => {}
                _ => batch.push(line),
            }
        }
        end
    }

    fn send(&self, credentials: &str, more: &Value) -> Answer {
        let mut body = json!({
            "api": self.sim.url(),
            "allow_http": true,
            "settings": {"batch_hosts": 20, "waits": short_waits()},
        });
        let more = more.as_object().expect("an object").clone();
        body.as_object_mut().expect("an object").extend(more);
        let request = Request::post("/v1/sync", body.to_string()).header(credentials);
        let answer = self.server.ask(&request);
        let text = answer.text();
        assert!(!text.contains(PASSWORD), "the password is in an answer");
        assert!(!text.contains("c2ltLX"), "the account is in an answer");
        answer
    }

    fn keep(&mut self, record: &Value) {
        match record["record"].as_str().expect("a record") {
            "host" => {
                self.hosts
                    .insert(record["host_id"].as_u64().expect("a number"));
            }
            "finding" => {
                let key = record["finding_key"].as_str().expect("a key");
                self.findings.insert(key.to_owned());
            }
            "vulnerability" => {
                self.entries
                    .insert(record["qid"].as_u64().expect("a number"));
            }
            _ => {}
        }
    }

    /// What was kept is what Qualys has.
    #[track_caller]
    fn expect_truth(&self) {
        self.sim.clear_faults();
        let hosts = BTreeSet::from_iter(self.sim.host_ids());
        assert_eq!(self.hosts, hosts);
        let truth = client::detections(&self.sim, ALL);
        let keys = BTreeSet::from_iter(truth.elements("UNIQUE_VULN_ID"));
        assert!(keys.len() > 1_000);
        assert!(
            self.findings == keys,
            "{} of {}",
            self.findings.len(),
            keys.len()
        );
        let qids = truth.elements("QID");
        let qids = BTreeSet::from_iter(qids.iter().filter_map(|qid| qid.parse::<u64>().ok()));
        let missing = qids.difference(&self.entries).count();
        // The simulator has a few QIDs that its knowledge base does not tell of.
        assert!(missing * 50 < qids.len(), "{missing} of {}", qids.len());
    }
}

pub(crate) fn whole(server: &Server) {
    let mut caller = Caller::new(server);
    let end = caller.ask(&json!({}));
    assert_eq!(
        (&end["status"], &end["work"]),
        (&json!("complete"), &Value::Null),
        "{end}"
    );
    assert_eq!(end["history"]["watermark"], "2026-11-01T12:00:00Z");
    caller.expect_truth();
    // The next run asks for what changed since: on the same day, nothing.
    let calls = end["calls"].as_u64();
    let end = caller.ask(&json!({"history": end["history"]}));
    assert_eq!(end["status"], "complete");
    assert!(end["calls"].as_u64() < calls, "{end}");
}

pub(crate) fn in_slices(server: &Server) {
    let mut caller = Caller::new(server);
    let mut work = Value::Null;
    for n in 1.. {
        let end = caller.ask(&json!({"work": work, "budget": {"calls": 3, "seconds": 30}}));
        work = end["work"].clone();
        if end["status"] == "complete" {
            assert!(n > 3, "{n} requests");
            break;
        }
        assert_eq!(end["calls"], 3, "{end}");
        assert!(n < 50, "it does not come to an end: {end}");
    }
    caller.expect_truth();
}

/// The lists of the gateway, for a token that is in no answer.
pub(crate) fn gateway(server: &Server) {
    let caller = Caller::new(server);
    let of_gateway = |gateway: &str| {
        let settings = json!({"asset_view": true, "asset_view_page": 20, "waits": short_waits()});
        let budget = json!({"seconds": 10});
        let request = json!({"gateway": gateway, "settings": settings, "budget": budget});
        let answer = caller.send(&client::basic(&caller.sim), &request);
        assert!(!answer.text().contains("eyJ"), "a token is in an answer");
        answer.lines()
    };
    let lines = of_gateway(&caller.sim.url());
    let end = lines.last().expect("a last line");
    assert_eq!(end["status"], "complete", "{end}");
    let mut installed: BTreeMap<u64, usize> = BTreeMap::new();
    for line in &lines {
        if line["record"] == "inventory" && line["source"] == "asset-view" {
            let host = line["host_id"].as_u64().expect("a number");
            let n = line["software"].as_array().expect("a list").len();
            assert_eq!(installed.insert(host, n), None, "host {host} comes twice");
        }
    }
    let truth = client::send(&caller.sim, "GET", "/_sim/truth/asset_view", &[], "").text();
    let mut truth = BTreeMap::from_iter(truth.lines().map(|line| {
        let row: Value = serde_json::from_str(line).expect("JSON");
        let n = row["software"].as_array().expect("a list").len();
        (row["host_id"].as_u64().expect("a number"), n)
    }));
    for views in [&mut installed, &mut truth] {
        views.retain(|_, n| *n > 0);
    }
    assert!(truth.len() > 20, "a truth without hosts proves nothing");
    assert_eq!(installed, truth);

    // Nobody is there: the rest is complete, and what is left is told.
    let lines = of_gateway("http://127.0.0.1:9");
    let end = lines.last().expect("a last line");
    assert_eq!(end["status"], "unfinished", "{end}");
    assert!(end["work"].is_object(), "{end}");
}

/// Nothing is lost when Qualys breaks off in the middle of an answer and is then not there.
pub(crate) fn outage(server: &Server) {
    let mut caller = Caller::new(server);
    caller
        .sim
        .inject("reset:at=300000,on=detections,after=1,first=1");
    caller.sim.inject("maintenance:on=detections,after=2");
    let budget = json!({"seconds": 4});
    let end = caller.ask(&json!({"budget": budget}));
    assert!(
        end["status"] != "complete" && end["work"].is_object(),
        "{end}"
    );
    caller.sim.clear_faults();
    let end = caller.ask(&json!({"work": end["work"]}));
    assert_eq!(end["status"], "complete", "{end}");
    caller.expect_truth();
}

pub(crate) fn credentials(server: &Server) {
    let caller = Caller::new(server);
    let none = caller.send("x-nothing: x", &json!({}));
    assert_eq!((none.status, none.kind().as_str()), (401, "no-credentials"));
    assert!(none.text().contains("x-qualys-authorization"));
    let token = caller.send("authorization: Bearer of-the-platform", &json!({}));
    assert_eq!(token.status, 401);
    // `sim-user:wrong`
    let wrong = caller.send(
        "x-qualys-authorization: Basic c2ltLXVzZXI6d3Jvbmc=",
        &json!({}),
    );
    let end = wrong.lines().pop().expect("a last line");
    assert_eq!(
        (&end["status"], &end["failure"]),
        (&json!("failed"), &json!("unauthorized"))
    );
    let plain = caller.send(&client::basic(&caller.sim), &json!({"allow_http": false}));
    assert_eq!((plain.status, plain.kind().as_str()), (400, "mistakes"));
    let nobody = json!({"api": "http://127.0.0.1:9", "budget": {"seconds": 2}});
    let end = caller
        .send(&client::basic(&caller.sim), &nobody)
        .lines()
        .pop()
        .expect("a line");
    assert_eq!(
        (&end["status"], &end["calls"]),
        (&json!("unfinished"), &json!(1)),
        "{end}"
    );
}

fn short_waits() -> Value {
    json!({"unreachable_secs": 1, "busy_secs": 1, "maintenance_secs": 1, "longest_secs": 1,
           "held_slot_secs": 1})
}

/// Fixed and gathered ones, too.
const ALL: &str = "truncation_limit=0&show_igs=1&include_ignored=1&include_disabled=1\
                   &status=New,Active,Re-Opened,Fixed";
const PASSWORD: &str = "marked-3f9d-password";
