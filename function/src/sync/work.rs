//! What is left of a run, as a document that the caller keeps from one request to the next.
//!
//! The caller may have changed it: texts that decide which rows are asked for are judged by the
//! component, everything else here.

use std::collections::{BTreeMap, BTreeSet};

use qonduit_component::contract::pace::{Limits, RecentCall};
use qonduit_component::contract::plan::{Batch, Facts, History, Window};
use qonduit_component::contract::types::{Dataset, Timestamp};
use qonduit_component::time;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ids;
use crate::word;

/// A run that is underway.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Work {
    version: u32,
    /// The address and the settings that it is of.
    pub(super) api: String,
    pub(super) fetched_by: String,
    /// By the clock of the function.
    pub(super) started: Timestamp,
    window: Span,
    /// Qualys' own time of the last complete run, and of this one.
    watermark: Option<Timestamp>,
    /// When the last complete run over all hosts began.
    last_full: Option<Timestamp>,
    pub(super) as_of: Option<Timestamp>,
    /// The stage that is underway.
    stage: Option<String>,
    pub(super) pending: Vec<Pending>,
    /// What the stages found out.
    #[serde(with = "as_text")]
    pub(super) hosts: BTreeSet<u64>,
    #[serde(with = "as_text")]
    pub(super) qids: BTreeSet<u64>,
    pub(super) cves: BTreeSet<String>,
    left_out: Vec<String>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) skipped_in_a_row: u32,
    limits: BTreeMap<String, Known>,
    /// Of all requests so far.
    pub(super) calls: u64,
}

/// A batch that waits.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pending {
    dataset: String,
    scope: String,
    page_size: u32,
    attempts: u32,
    pub(super) not_before: Option<Timestamp>,
}

/// What Qualys could not deliver.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skipped {
    pub(super) dataset: String,
    pub(super) scope: String,
    pub(super) why: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Span {
    Full,
    ProcessedSince(Timestamp),
    ScannedSince(Timestamp),
}

/// `pace.limits`, in its own words.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Known {
    calls_left: Option<u32>,
    calls_allowed: Option<u32>,
    window_secs: Option<u32>,
    concurrent: Option<u32>,
    not_before: Option<Timestamp>,
    held_until: Vec<Timestamp>,
    /// Begun, ended, calls left, calls.
    recent: Vec<(Timestamp, Timestamp, Option<u32>, u32)>,
}

impl Work {
    /// A run that begins.
    pub(super) fn new(
        api: &str,
        fetched_by: String,
        window: Window,
        history: &History,
        now: Timestamp,
    ) -> Self {
        Self {
            version: VERSION,
            api: api.trim_end_matches('/').to_owned(),
            fetched_by,
            started: now,
            window: match window {
                Window::Full => Span::Full,
                Window::ProcessedSince(time) => Span::ProcessedSince(time),
                Window::ScannedSince(time) => Span::ScannedSince(time),
            },
            watermark: history.watermark,
            last_full: history.last_full,
            as_of: None,
            stage: None,
            pending: Vec::new(),
            hosts: BTreeSet::new(),
            qids: BTreeSet::new(),
            cves: BTreeSet::new(),
            left_out: Vec::new(),
            skipped: Vec::new(),
            skipped_in_a_row: 0,
            limits: BTreeMap::new(),
            calls: 0,
        }
    }

    /// Whether every word in it is one of ours.
    pub(super) fn is_sound(&self) -> bool {
        let batches = self.pending.iter().map(|it| &it.dataset);
        let mut names = batches.chain(&self.left_out).chain(&self.stage);
        self.version == VERSION && names.all(|name| word::dataset(name).is_some())
    }

    pub(super) fn window(&self) -> Window {
        match self.window {
            Span::Full => Window::Full,
            Span::ProcessedSince(time) => Window::ProcessedSince(time),
            Span::ScannedSince(time) => Window::ScannedSince(time),
        }
    }

    /// What the next run has to know of this one, once it is complete. After a skip it is what it
    /// was, so that what was skipped is asked for again.
    pub(super) fn history(&self) -> Value {
        let is_whole = self.skipped.is_empty();
        let is_full = matches!(self.window, Span::Full);
        let watermark = if is_whole { self.as_of } else { self.watermark };
        let last_full = if is_whole && is_full {
            Some(self.started)
        } else {
            self.last_full
        };
        json!({
            "watermark": watermark.map(time::format),
            "last_full": last_full.map(time::format),
        })
    }

    /// The stage that is underway.
    pub(super) fn stage(&self) -> Option<Dataset> {
        self.stage.as_deref().and_then(word::dataset)
    }

    /// A stage begins with these batches.
    pub(super) fn begin(&mut self, stage: Dataset, batches: Vec<Batch>) {
        self.stage = Some(word::name(stage).to_owned());
        let pending = batches.into_iter().map(|batch| Pending::new(batch, None));
        self.pending.extend(pending);
    }

    /// What the next stage needs to know.
    pub(super) fn facts(&self, known_qids: &BTreeSet<u64>) -> Facts {
        let unknown = self.qids.difference(known_qids);
        Facts {
            hosts: self.hosts.iter().copied().collect(),
            unknown_qids: unknown.filter_map(|qid| u32::try_from(*qid).ok()).collect(),
            window: self.window(),
            watermark: self.watermark,
            left_out: self
                .left_out
                .iter()
                .filter_map(|it| word::dataset(it))
                .collect(),
            unknown_cves: self.cves.iter().cloned().collect(),
            known_cves: Vec::new(),
        }
    }

    /// What the run has to do without.
    pub(super) fn leave_out(&mut self, dataset: Dataset) {
        self.left_out.push(word::name(dataset).to_owned());
    }

    pub(super) fn limits(&self, api: &str) -> Limits {
        let known = self.limits.get(api).cloned().unwrap_or_default();
        Limits {
            calls_left: known.calls_left,
            calls_allowed: known.calls_allowed,
            window_secs: known.window_secs,
            concurrent: known.concurrent,
            not_before: known.not_before,
            held_until: known.held_until,
            recent: known
                .recent
                .into_iter()
                .map(|(begun, ended, calls_left, calls)| RecentCall {
                    begun,
                    ended,
                    calls_left,
                    calls,
                })
                .collect(),
        }
    }

    pub(super) fn keep_limits(&mut self, api: &str, limits: Limits) {
        let recent = limits.recent.into_iter();
        let known = Known {
            calls_left: limits.calls_left,
            calls_allowed: limits.calls_allowed,
            window_secs: limits.window_secs,
            concurrent: limits.concurrent,
            not_before: limits.not_before,
            held_until: limits.held_until,
            recent: recent
                .map(|it| (it.begun, it.ended, it.calls_left, it.calls))
                .collect(),
        };
        self.limits.insert(api.to_owned(), known);
    }
}

impl Pending {
    pub(super) fn new(batch: Batch, not_before: Option<Timestamp>) -> Self {
        Self {
            dataset: word::name(batch.dataset).to_owned(),
            scope: batch.scope,
            page_size: batch.page_size,
            attempts: batch.attempts,
            not_before,
        }
    }

    pub(super) fn batch(&self) -> Batch {
        Batch {
            dataset: word::dataset(&self.dataset).expect("the work list is sound"),
            scope: self.scope.clone(),
            page_size: self.page_size,
            attempts: self.attempts,
        }
    }
}

/// Numbers as ranges.
mod as_text {
    use std::collections::BTreeSet;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::ids;

    pub(super) fn serialize<S: Serializer>(set: &BTreeSet<u64>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&ids::write(set))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeSet<u64>, D::Error> {
        let text = String::deserialize(from)?;
        ids::read(&text).ok_or_else(|| D::Error::custom("`work` has numbers that are no list"))
    }
}

/// Of the document; another version cannot be gone on with.
const VERSION: u32 = 1;
