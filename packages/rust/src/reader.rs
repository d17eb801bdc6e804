//! Reads one answer in an instance of its own.

use super::{Dataset, Guest, Instance, ResourceAny, Result, ingest, plan, trapped};

impl Guest {
    /// A reader for one answer, in an instance of its own.
    pub fn reader(&self, dataset: Dataset, settings: &plan::Settings) -> Result<Reader> {
        let mut instance = self.instantiate()?;
        let handle = instance
            .exports
            .qonduit_connector_ingest()
            .reader()
            .call_constructor(&mut instance.store, dataset, settings)
            .map_err(trapped("ingest.reader"))?;
        Ok(Reader { instance, handle })
    }
}

/// Reads one answer; dropped with its instance.
#[derive(Debug)]
pub struct Reader {
    instance: Instance,
    handle: ResourceAny,
}

impl Reader {
    /// The outer error is ours, the inner one tells what is wrong with the answer.
    pub fn push(
        &mut self,
        chunk: &[u8],
    ) -> Result<std::result::Result<ingest::Page, ingest::Error>> {
        let Instance { store, exports } = &mut self.instance;
        let reader = exports.qonduit_connector_ingest().reader();
        reader
            .call_push(store, self.handle, chunk)
            .map_err(trapped("ingest.push"))
    }

    pub fn push_text(&mut self, chunk: &str) -> Result<std::result::Result<String, ingest::Error>> {
        let Instance { store, exports } = &mut self.instance;
        let reader = exports.qonduit_connector_ingest().reader();
        reader
            .call_push_text(store, self.handle, chunk)
            .map_err(trapped("ingest.push-text"))
    }

    /// Bytes in, one JSON object a line out.
    pub fn push_lines(
        &mut self,
        chunk: &[u8],
    ) -> Result<std::result::Result<String, ingest::Error>> {
        let Instance { store, exports } = &mut self.instance;
        let reader = exports.qonduit_connector_ingest().reader();
        reader
            .call_push_lines(store, self.handle, chunk)
            .map_err(trapped("ingest.push-lines"))
    }

    pub fn finish(&mut self) -> Result<std::result::Result<ingest::End, ingest::Error>> {
        let Instance { store, exports } = &mut self.instance;
        let reader = exports.qonduit_connector_ingest().reader();
        reader
            .call_finish(store, self.handle)
            .map_err(trapped("ingest.finish"))
    }

    /// What planning needs to know of the answer, with this HTTP status and these headers.
    pub fn answer(&mut self, status: u16, headers: &[(String, String)]) -> Result<plan::Answer> {
        let Instance { store, exports } = &mut self.instance;
        let reader = exports.qonduit_connector_ingest().reader();
        reader
            .call_answer(store, self.handle, status, headers)
            .map_err(trapped("ingest.answer"))
    }
}
