//! One run: from the first question to the last batch.
//!
//! Carries out what the component plans: sends its requests, feeds it the answers, stores what it
//! reads. What to ask, how long to wait and when to give up is never decided here. A run that is
//! cut off at any point goes on where it was, because every step is one transaction of the store.

mod begin;
mod clock;
mod engine;
mod error;
mod facts;
mod fetch;
mod holder;
mod log;
mod pacing;
mod rules;
mod step;
mod work;
mod writer;

use std::sync::atomic::AtomicBool;

use crate::{
    config,
    guest::{
        Guest,
        types::{Dataset, Timestamp},
    },
    http::Client,
    store::{RunId, RunRow, Store},
};

pub use error::SyncError;
pub(crate) use holder::{has_ended, this_process};
pub(crate) use log::line;
pub use rules::{apply_kept_rules, apply_rules, told as rules_told, try_rules};

/// What a run tells of itself while it works.
#[derive(Clone, Debug)]
pub enum Event {
    /// The number of the run, once it is known, and who carries it out.
    Run {
        run: RunId,
        holder: String,
    },
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
    /// Told once for each time and reason.
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

/// Carries out one run, or goes on with an unfinished one. When `stop` becomes true, no new call
/// is made, what is underway is dropped, and the run is left to be resumed.
pub fn run(
    sync: &config::Sync,
    store: Box<dyn Store>,
    progress: &mut dyn Progress,
    stop: &AtomicBool,
) -> Result<RunRow, SyncError> {
    let guest = Guest::embedded()?;
    let client = Client::configured(sync)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(SyncError::Runtime)?;
    let ended = runtime.block_on(engine::run(sync, guest, client, store, progress, stop));
    // A call that is still underway would hold the process up for as long as Qualys likes.
    runtime.shutdown_background();
    ended
}

/// Calls mostly wait for Qualys; what is read at once is bounded by how fast it can be stored.
const WORKERS: usize = 2;
