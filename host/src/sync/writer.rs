//! The one thread that writes: takes jobs in order and hands back what came of each.
//!
//! Knows nothing of what a job does. Few jobs may wait, so that answers are read no faster than
//! they can be stored. Jobs that come faster than the disk acknowledges are kept together, and
//! nobody hears of a job before it is kept.

use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::SyncError;
use crate::store::{self, Store};

/// Writes, and returns who is to be told once that is kept.
type Job = Box<dyn FnOnce(&mut dyn Store) -> Tell + Send>;
type Tell = Box<dyn FnOnce(store::Result<()>)>;

/// A job that was handed over.
pub(super) type Receipt<T> = oneshot::Receiver<store::Result<T>>;

#[derive(Clone, Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// The thread ends when the last handle is dropped and the last job is done.
    pub(super) fn start(mut store: Box<dyn Store>) -> Self {
        let (jobs, mut waiting) = mpsc::channel::<Job>(MOST_WAITING);
        thread::spawn(move || {
            while let Some(job) = waiting.blocking_recv() {
                store.gather();
                let mut to_tell = vec![job(&mut *store)];
                while to_tell.len() < MOST_TOGETHER
                    && let Ok(job) = waiting.try_recv()
                {
                    to_tell.push(job(&mut *store));
                }
                let kept = store.acknowledge();
                for tell in to_tell {
                    tell(kept.clone());
                }
            }
        });
        Self { jobs }
    }

    /// Hands a job over and goes on.
    pub(super) async fn hand_over<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> store::Result<T> + Send + 'static,
    ) -> Result<Receipt<T>, SyncError> {
        let (done, receipt) = oneshot::channel();
        let job = Box::new(move |store: &mut dyn Store| {
            let written = job(store);
            Box::new(move |kept: store::Result<()>| {
                // Nobody waits any more when the run was interrupted.
                let _ = done.send(written.and_then(|value| kept.map(|()| value)));
            }) as Tell
        });
        self.jobs
            .send(job)
            .await
            .map_err(|_| SyncError::WriterGone)?;
        Ok(receipt)
    }

    /// Hands a job over and waits until it is done.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Store) -> store::Result<T> + Send + 'static,
    ) -> Result<T, SyncError> {
        settle(self.hand_over(job).await?).await
    }
}

pub(super) async fn settle<T>(receipt: Receipt<T>) -> Result<T, SyncError> {
    Ok(receipt.await.map_err(|_| SyncError::WriterGone)??)
}

const MOST_WAITING: usize = 1;
/// Bounds what a kill costs, and what a transaction holds.
const MOST_TOGETHER: usize = 16;
