//! Words for runs: who carries one out, what one step stores, what came of it.

use serde::Serialize;

use super::{AssetId, ConnectorId, Digests, FindingId, json};
use crate::guest::{ingest, pace, plan, types};
use types::{Dataset, HostId, Timestamp};

/// Number of one run.
pub type RunId = i64;
/// Number of one batch in a run's work list.
pub type BatchId = i64;

/// Who carries out a run, and until when the others wait for its next sign of life.
#[derive(Clone, Copy, Debug)]
pub struct Lease<'a> {
    /// Different for each process, and readable: it is shown to whoever is held off.
    pub holder: &'a str,
    pub now: Timestamp,
    pub until: Timestamp,
}

/// One step of a run, stored in one transaction. A step without page and end stores limits or
/// counts alone.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    pub run: RunId,
    pub lease: Lease<'a>,
    pub dataset: Dataset,
    pub page: Option<&'a ingest::Page>,
    /// Those of this very page, where they were made before.
    pub digests: Option<&'a Digests>,
    pub end: Option<BatchEnd<'a>>,
    /// Limits of an API, by the name that `pace.api` gives it.
    pub limits: Option<(&'a str, &'a pace::Limits)>,
    /// Qualys' own time of the answer; the run keeps the first.
    pub as_of: Option<Timestamp>,
    /// Calls made since the last commit, and what they cost.
    pub calls: u32,
    pub waited_secs: u64,
    pub bytes: u64,
}

impl<'a> Commit<'a> {
    /// A step that stores nothing yet but a sign of life.
    pub fn new(run: RunId, lease: Lease<'a>, dataset: Dataset) -> Self {
        Commit {
            run,
            lease,
            dataset,
            page: None,
            digests: None,
            end: None,
            limits: None,
            as_of: None,
            calls: 0,
            waited_secs: 0,
            bytes: 0,
        }
    }
}

/// What became of a batch.
#[derive(Clone, Copy, Debug)]
pub struct BatchEnd<'a> {
    pub batch: BatchId,
    pub fate: &'a plan::Fate,
    /// The batches that take its place or follow it.
    pub follow: &'a [plan::Batch],
    /// The hosts that it asked for: to report them when it was skipped, to know what is missing
    /// when it is done.
    pub hosts: &'a [HostId],
    /// What earlier steps brought of it.
    pub seen: &'a [Seen],
    /// False when the answer held something that may have been any host's. Then nothing that it
    /// lacks counts as gone.
    pub is_sure: bool,
    /// What the answer held that is not known.
    pub drift: &'a [ingest::Drift],
}

/// The findings of a host that an answer delivered. A host may come in several parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub asset: AssetId,
    pub findings: Vec<FindingId>,
}

/// What a commit did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Committed {
    /// Of the records of the commit's dataset.
    pub tally: Tally,
    /// The followers as they were added, in their order.
    pub followers: Vec<BatchId>,
    /// What the page brought of detections.
    pub seen: Vec<Seen>,
}

/// What became of the records of one dataset.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Tally {
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Of the changed ones, those that became fixed.
    pub fixed: u64,
    /// Of the changed ones, those that came back after they were fixed.
    pub reopened: u64,
    /// Left out because a later record is stored.
    pub older: u64,
    /// Closed because Qualys speaks of them no more.
    pub closed: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.new += more.new;
        self.changed += more.changed;
        self.unchanged += more.unchanged;
        self.fixed += more.fixed;
        self.reopened += more.reopened;
        self.older += more.older;
        self.closed += more.closed;
    }
}

/// A batch that is still to be carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingBatch {
    pub id: BatchId,
    pub batch: plan::Batch,
    pub not_before: Option<Timestamp>,
}

/// An unfinished run that was taken over.
#[derive(Clone, Debug)]
pub struct Resumed {
    pub run: RunRow,
    /// As given when it began.
    pub settings: String,
    pub window: plan::Window,
    /// The stages that were begun, in that order; the last one may have pending batches.
    pub stages: Vec<Dataset>,
    pub pending: Vec<PendingBatch>,
    pub limits: Vec<(String, pace::Limits)>,
}

/// How a run ends.
#[derive(Clone, Debug, PartialEq)]
pub enum RunEnding {
    /// Findings of hosts that the run did not list are closed with it.
    Complete {
        /// For the next run; `None` leaves the last one in force.
        watermark: Option<Timestamp>,
        /// Findings of hosts that were not seen since are closed as well.
        inactive_before: Option<Timestamp>,
        /// When more than this many of a hundred web applications are listed no more, none of them
        /// is taken for gone, and a note says so.
        most_vanished_percent: u32,
    },
    /// With a sentence that says why.
    Failed(String),
    /// By a person.
    Stopped,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RunState {
    Unfinished,
    Complete,
    Failed,
    Stopped,
}

/// One run, and what it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunRow {
    pub run_id: RunId,
    pub connector_id: ConnectorId,
    #[serde(serialize_with = "json::word")]
    pub state: RunState,
    /// Why it failed or was stopped.
    pub reason: Option<String>,
    #[serde(serialize_with = "json::time")]
    pub started: Timestamp,
    #[serde(serialize_with = "json::maybe_time")]
    pub ended: Option<Timestamp>,
    /// Qualys' own time of the first answer.
    #[serde(serialize_with = "json::maybe_time")]
    pub as_of: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub watermark: Option<Timestamp>,
    /// Whether it asked for all hosts, rather than for those that changed.
    pub is_full: bool,
    /// Of the findings.
    #[serde(flatten)]
    pub findings: Tally,
    pub calls: u64,
    pub waited_secs: u64,
    pub bytes: u64,
    /// Batches that were given up, and elements that could not be read.
    pub skipped: u64,
    pub warnings: u64,
    /// In the order in which they were begun.
    pub datasets: Vec<DatasetCounts>,
    /// What Qualys sent and this version does not know, most first.
    pub drift: Vec<Drift>,
    /// The first of the skips and warnings; the two numbers above count them all.
    pub notes: Vec<Note>,
}

/// What a run did for one dataset.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DatasetCounts {
    #[serde(serialize_with = "json::word")]
    pub dataset: Dataset,
    #[serde(flatten)]
    pub tally: Tally,
    pub calls: u64,
    pub waited_secs: u64,
    pub bytes: u64,
    /// Batches, to show how far the stage has come.
    pub batches_done: u64,
    pub batches_pending: u64,
}

/// An element or a value of Qualys' that is not known, and how often it came.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    #[serde(serialize_with = "json::word")]
    pub dataset: Dataset,
    /// `HOST/NEW_ELEMENT`, or `STATUS=new value`.
    pub name: String,
    pub n: u64,
}

/// Something that was left out, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Note {
    #[serde(serialize_with = "json::word")]
    pub kind: NoteKind,
    #[serde(serialize_with = "json::word")]
    pub dataset: Dataset,
    /// The host or QID of a warning, the scope of a skipped batch.
    pub subject: Option<String>,
    pub message: String,
    /// The hosts of a skipped batch.
    pub host_ids: Vec<HostId>,
}

/// What a note tells of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoteKind {
    /// A batch that was given up.
    Skip,
    /// An element that was left out or read only in part.
    Warning,
    /// A dataset that the subscription or the account does not have.
    LeftOut,
}
