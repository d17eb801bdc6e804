//! The query language, as the component evaluates and describes it. Names no engine.

use super::{Instance, Result, Timestamp, filter, trapped};

impl Instance {
    /// The outer error is ours, the inner one tells what is wrong with the terms.
    pub fn judge(
        &mut self,
        terms: &[filter::Term],
        fields: &[filter::FieldValues],
    ) -> Result<std::result::Result<filter::Verdict, String>> {
        let filter = self.exports.qonduit_connector_filter();
        filter
            .call_judge(&mut self.store, terms, fields)
            .map_err(trapped("filter.judge"))
    }

    pub fn selects(
        &mut self,
        terms: &[filter::Term],
        records: &[Vec<filter::FieldValues>],
    ) -> Result<std::result::Result<Vec<bool>, String>> {
        let filter = self.exports.qonduit_connector_filter();
        filter
            .call_selects(&mut self.store, terms, records)
            .map_err(trapped("filter.selects"))
    }

    /// Every field that expressions may name.
    pub fn fields(&mut self) -> Result<Vec<filter::FieldInfo>> {
        let filter = self.exports.qonduit_connector_filter();
        filter
            .call_fields(&mut self.store)
            .map_err(trapped("filter.fields"))
    }

    /// The first second of a time as people write it.
    pub fn moment(&mut self, text: &str, now: Timestamp) -> Result<Option<Timestamp>> {
        let filter = self.exports.qonduit_connector_filter();
        filter
            .call_moment(&mut self.store, text, now)
            .map_err(trapped("filter.moment"))
    }
}
