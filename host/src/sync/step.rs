//! What one step of a run stores, as the store takes it. Each is one transaction.

use super::{clock, fetch::Fetched};
use crate::{
    guest::{
        ingest::Page,
        pace::Limits,
        plan::Outcome,
        types::{Dataset, HostId, Timestamp},
    },
    store::{BatchEnd, BatchId, Commit, Committed, Digests, Lease, Result, RunId, Store},
};

/// The run that a step belongs to, and who carries it out.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) run: RunId,
    pub(super) holder: String,
    pub(super) dataset: Dataset,
}

/// Everything that is known once a batch has come to its end.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) batch: BatchId,
    pub(super) fetched: Fetched,
    pub(super) outcome: Outcome,
    pub(super) hosts: Vec<HostId>,
    pub(super) api: String,
    pub(super) limits: Limits,
    pub(super) waited_secs: u64,
}

impl Step {
    /// Stores records of an answer that has not come to its end.
    pub(super) fn save(
        &self,
        store: &mut dyn Store,
        page: &Page,
        digests: &Digests,
    ) -> Result<Committed> {
        store.commit(&Commit {
            page: Some(page),
            digests: Some(digests),
            ..Commit::new(self.run, self.lease(), self.dataset)
        })
    }

    /// Stores the last records of an answer with the fate of its batch.
    pub(super) fn end(&self, store: &mut dyn Store, ended: &Ended) -> Result<Committed> {
        store.commit(&Commit {
            page: Some(&ended.fetched.page),
            end: Some(BatchEnd {
                batch: ended.batch,
                fate: &ended.outcome.fate,
                follow: &ended.outcome.follow,
                hosts: &ended.hosts,
                seen: &ended.fetched.seen,
                is_sure: ended.fetched.is_sure,
                drift: &ended.fetched.drift,
            }),
            limits: Some((&ended.api, &ended.limits)),
            as_of: ended.fetched.as_of,
            calls: 1,
            waited_secs: ended.waited_secs,
            bytes: ended.fetched.n_bytes,
            ..Commit::new(self.run, self.lease(), self.dataset)
        })
    }

    /// Stores what is known of the limits of an API, and nothing else.
    pub(super) fn limits(&self, store: &mut dyn Store, api: &str, limits: &Limits) -> Result<()> {
        let commit = Commit {
            limits: Some((api, limits)),
            ..Commit::new(self.run, self.lease(), self.dataset)
        };
        store.commit(&commit).map(drop)
    }

    pub(super) fn lease(&self) -> Lease<'_> {
        lease(&self.holder, clock::now())
    }
}

pub(super) fn lease(holder: &str, now: Timestamp) -> Lease<'_> {
    Lease {
        holder,
        now,
        until: now + LEASE_SECS,
    }
}

/// Until others may take the run for abandoned; prolonged by every step and while waiting.
pub(super) const LEASE_SECS: i64 = 120;
