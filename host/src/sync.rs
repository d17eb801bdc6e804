//! One run: from the first question to the last batch.

use crate::guest::types::{Dataset, Timestamp};

/// What a run tells of itself while it works.
#[derive(Clone, Debug)]
pub enum Event {
    /// A stage begins, with the batches that are known of it.
    Stage {
        dataset: Dataset,
        batches: u64,
    },
    /// Of the stage.
    Batches {
        done: u64,
        pending: u64,
    },
    /// Stored by this process since the run began or was taken over.
    Records {
        hosts: u64,
        findings: u64,
        vulnerabilities: u64,
    },
    Waiting {
        until: Timestamp,
        why: String,
    },
    /// An unfinished run was taken over.
    Resumed,
    Retry {
        what: String,
        wait_secs: u64,
    },
    Skipped {
        subject: String,
        why: String,
    },
    Notice(String),
}

/// Whoever shows how a run goes.
pub trait Progress: Send {
    fn event(&mut self, event: &Event);
}
