//! The batches of one stage, what can be done about them next, and how long nothing could.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{SyncError, fetch::Fetched};
use crate::{guest::types::Timestamp, store::PendingBatch};

/// The batches of one stage.
pub(super) struct Work {
    pub(super) waiting: Vec<PendingBatch>,
    pub(super) running: JoinSet<Ran>,
    pub(super) n_done: u64,
}

impl Work {
    pub(super) fn new(waiting: Vec<PendingBatch>) -> Self {
        Self {
            waiting,
            running: JoinSet::new(),
            n_done: 0,
        }
    }
}

/// A call that has ended.
pub(super) struct Ran {
    pub(super) pending: PendingBatch,
    pub(super) begun: Timestamp,
    pub(super) fetched: Result<Fetched, SyncError>,
}

/// What there is to do next.
pub(super) enum Next {
    Start(usize),
    /// Nothing can start before this time.
    Wait(Timestamp, &'static str),
    /// Until a call has ended.
    WaitForOne,
    Nothing,
}

/// How long nothing at all could be done.
#[derive(Default)]
pub(super) struct Waited {
    since: Option<Instant>,
    total: Duration,
    told: Option<(Timestamp, &'static str)>,
}

impl Waited {
    pub(super) fn begin(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    pub(super) fn end(&mut self) {
        if let Some(since) = self.since.take() {
            self.total += since.elapsed();
        }
    }

    /// Whether this wait has not been told of yet.
    pub(super) fn is_news(&mut self, until: Timestamp, why: &'static str) -> bool {
        self.told.replace((until, why)) != Some((until, why))
    }

    /// Whole seconds since the last call; the rest is kept for the next one.
    pub(super) fn take(&mut self) -> u64 {
        let secs = self.total.as_secs();
        self.total -= Duration::from_secs(secs);
        secs
    }
}
