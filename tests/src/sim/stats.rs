//! What the simulator has seen: the counters behind `/_sim/stats` and `Sim::stats`.

use std::collections::{BTreeMap, BTreeSet};

use super::request::Api;

/// Counted since the start. Keys of maps are API words such as `detections`, or codes.
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
pub struct Stats {
    /// Calls per API, refused ones included.
    pub calls: BTreeMap<String, u64>,
    /// Calls of probes, sessions and unknown paths, by path.
    pub other_calls: BTreeMap<String, u64>,
    /// Bytes of bodies per API, as sent.
    pub bytes_sent: BTreeMap<String, u64>,
    /// Answers per HTTP status.
    pub statuses: BTreeMap<u16, u64>,
    /// Refusals per Qualys code.
    pub refused: BTreeMap<u32, u64>,
    /// Calls that came while a limit was exceeded.
    pub calls_over_limit: u64,
    /// Calls that came before a wait that the client was told had passed.
    pub calls_before_wait_ended: u64,
    /// Most calls at once, per API.
    pub max_concurrency: BTreeMap<String, u64>,
    /// Calls with any action but `list`. Nothing but 0 is right for a reading client.
    pub forbidden_actions: u64,
    pub wrong_passwords: u64,
    /// Tokens that the gateway gave.
    pub tokens: u64,
    pub missing_requested_with: u64,
    /// Parameters that were taken without effect.
    pub ignored_parameters: BTreeSet<String>,
    /// Calls whose client went away before the end of the answer.
    pub abandoned: u64,
    /// How often each fault struck.
    pub faults: BTreeMap<String, u64>,
    /// Most hosts that one call named by id.
    pub max_hosts_asked: u64,
}

impl Stats {
    pub(crate) fn call(&mut self, api: Option<Api>, path: &str) {
        match api {
            Some(api) => *self.calls.entry(api.word().into()).or_default() += 1,
            None => *self.other_calls.entry(path.into()).or_default() += 1,
        }
    }

    pub(crate) fn sent(&mut self, api: Option<Api>, bytes: u64) {
        if let Some(api) = api {
            *self.bytes_sent.entry(api.word().into()).or_default() += bytes;
        }
    }

    pub(crate) fn running(&mut self, api: Api, running: usize) {
        let most = self.max_concurrency.entry(api.word().into()).or_default();
        *most = (*most).max(running as u64);
    }

    pub(crate) fn refuse(&mut self, code: u32) {
        *self.refused.entry(code).or_default() += 1;
    }
}
