//! Renders one export in an instance of its own.

use super::{Guest, Instance, ResourceAny, Result, export, trapped};

/// Turns records into the bytes of one export; dropped with its instance.
#[derive(Debug)]
pub struct Exporter {
    instance: Instance,
    handle: ResourceAny,
    version: Option<String>,
}

impl Guest {
    /// The outer error is ours, the inner one tells why there is no such export.
    pub fn exporter(
        &self,
        options: &export::Options,
    ) -> Result<std::result::Result<Exporter, String>> {
        let mut instance = self.instantiate()?;
        let door = instance.exports.qonduit_connector_export();
        let checked = door
            .call_check(&mut instance.store, options)
            .map_err(trapped("export.check"))?;
        if let Err(refused) = checked {
            return Ok(Err(refused));
        }
        let versions = door
            .call_versions(&mut instance.store, options.format)
            .map_err(trapped("export.versions"))?;
        let version = options.version.clone();
        let version = version.or_else(|| versions.into_iter().next());
        let handle = door
            .exporter()
            .call_constructor(&mut instance.store, options)
            .map_err(trapped("export.exporter"))?;
        Ok(Ok(Exporter {
            instance,
            handle,
            version,
        }))
    }
}

impl Exporter {
    /// The version of the format that is written; nothing where it has no versions.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The inner error tells what is wrong with the records.
    pub fn push(&mut self, batch: &export::Batch) -> Result<std::result::Result<Vec<u8>, String>> {
        let Instance { store, exports } = &mut self.instance;
        let exporter = exports.qonduit_connector_export().exporter();
        exporter
            .call_push(store, self.handle, batch)
            .map_err(trapped("export.push"))
    }

    /// The same with records as lines of JSON.
    pub fn push_text(&mut self, lines: &str) -> Result<std::result::Result<String, String>> {
        let Instance { store, exports } = &mut self.instance;
        let exporter = exports.qonduit_connector_export().exporter();
        exporter
            .call_push_text(store, self.handle, lines)
            .map_err(trapped("export.push-text"))
    }

    /// The last bytes, and what all of them hold.
    pub fn finish(&mut self) -> Result<std::result::Result<export::Ending, String>> {
        let Instance { store, exports } = &mut self.instance;
        let exporter = exports.qonduit_connector_export().exporter();
        exporter
            .call_finish(store, self.handle)
            .map_err(trapped("export.finish"))
    }

    /// The same as text.
    pub fn finish_text(&mut self) -> Result<std::result::Result<export::TextEnding, String>> {
        let Instance { store, exports } = &mut self.instance;
        let exporter = exports.qonduit_connector_export().exporter();
        exporter
            .call_finish_text(store, self.handle)
            .map_err(trapped("export.finish-text"))
    }
}
