//! A whole run, in an instance of its own: see `run` in the contract.

use std::io::Read;

use super::{
    Guest, Instance, ResourceAny, Result, Timestamp,
    ingest::Page,
    plan::{Ending, History},
    run::Step,
    trapped,
};

/// One call after the other, its work list kept in memory; dropped with its instance.
#[derive(Debug)]
pub struct Run {
    instance: Instance,
    handle: ResourceAny,
}

impl Guest {
    /// A run that begins. Mistaken settings are told by its first step.
    pub fn run(&self, settings: &str, history: &History, now: Timestamp) -> Result<Run> {
        let mut instance = self.instantiate()?;
        let handle = instance
            .exports
            .qonduit_connector_run()
            .run()
            .call_constructor(&mut instance.store, &settings.to_owned(), *history, now)
            .map_err(trapped("run.run"))?;
        Ok(Run { instance, handle })
    }
}

impl Run {
    /// What is to be done now.
    pub fn next(&mut self, now: Timestamp) -> Result<Step> {
        let Instance { store, exports } = &mut self.instance;
        let run = exports.qonduit_connector_run().run();
        run.call_next(store, self.handle, now)
            .map_err(trapped("run.next"))
    }

    /// An answer begins, with this HTTP status and these headers, as HTTP clients have them.
    pub fn answered<N: AsRef<str>, V: AsRef<[u8]>>(
        &mut self,
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<()> {
        let text = |value: V| String::from_utf8_lossy(value.as_ref()).into_owned();
        let headers = headers.into_iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| (name.as_ref().to_owned(), text(value)))
            .collect();
        let Instance { store, exports } = &mut self.instance;
        let run = exports.qonduit_connector_run().run();
        run.call_answered(store, self.handle, status, &headers)
            .map_err(trapped("run.answered"))
    }

    /// The records that this chunk completed; none of an answer whose status is none of success.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Page> {
        let Instance { store, exports } = &mut self.instance;
        let run = exports.qonduit_connector_run().run();
        run.call_push(store, self.handle, chunk)
            .map_err(trapped("run.push"))
    }

    /// The same as lines of JSON.
    pub fn push_lines(&mut self, chunk: &[u8]) -> Result<String> {
        let Instance { store, exports } = &mut self.instance;
        let run = exports.qonduit_connector_run().run();
        run.call_push_lines(store, self.handle, chunk)
            .map_err(trapped("run.push-lines"))
    }

    /// Hands over the records of a body, as far as it comes and can be read.
    pub fn read(&mut self, mut body: impl Read, mut keep: impl FnMut(Page)) -> Result<()> {
        let mut chunk = vec![0; CHUNK];
        while let Ok(n @ 1..) = body.read(&mut chunk) {
            keep(self.push(&chunk[..n])?);
        }
        Ok(())
    }

    /// The body came to its end, or broke off: what went wrong, in words for people.
    pub fn ended(&mut self, now: Timestamp) -> Result<Option<String>> {
        let Instance { store, exports } = &mut self.instance;
        let run = exports.qonduit_connector_run().run();
        run.call_ended(store, self.handle, now)
            .map_err(trapped("run.ended"))
    }

    /// No answer came.
    pub fn unanswered(&mut self, ending: Ending, now: Timestamp) -> Result<()> {
        let Instance { store, exports } = &mut self.instance;
        let run = exports.qonduit_connector_run().run();
        run.call_unanswered(store, self.handle, ending, now)
            .map_err(trapped("run.unanswered"))
    }
}

/// Larger pieces are no faster.
const CHUNK: usize = 256 << 10;
