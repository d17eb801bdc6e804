//! Turns the bytes of one answer into records, as they arrive.
//!
//! Bytes → tokens (`xml`, or `object` for JSON) → places in the document (`document`, `element`) → leaves of raw text
//! (`raw`) → records (`host`, `finding`, `vulnerability`, `asset_group`, `tag`, `asset`, `table`,
//! `asset_view`, `web_app`, `web_finding`, `cve_score`). Memory depends on the longest host, never on the
//! length of the answer. Nothing here decides whether to ask again: that is `plan`.

mod answer;
mod asset;
mod asset_group;
mod asset_view;
mod attributes;
mod cve_score;
mod document;
mod element;
mod field;
mod finding;
mod host;
mod object;
mod portal;
mod raw;
mod records;
mod refusal;
mod table;
mod tag;
mod vulnerability;
mod web_app;
mod web_finding;

#[cfg(test)]
mod tests;

use crate::contract::ingest::{End, Error, Page};
use crate::contract::plan::Answer;
use crate::contract::types::Dataset;
use crate::json;
use crate::rules::Rules;
use crate::xml::Tokenizer;
use document::Document;

pub use answer::{explain, wait_secs};
pub(crate) use records::empty_page as no_page;
/// The records of a page as text: one JSON object a line.
pub fn lines(page: &Page) -> String {
    json::lines(page)
}

/// Whether a page holds neither a record nor a warning.
pub fn is_empty(page: &Page) -> bool {
    json::is_empty(page)
}

/// Reads one answer; see `ingest.reader` in the contract.
#[derive(Debug)]
pub struct Reader {
    tokenizer: Tokenizer,
    document: Document,
    /// In place of the tokenizer, for a document in JSON.
    object: Option<object::Tokenizer>,
    is_begun: bool,
    n_bytes: u64,
    failed: Option<Error>,
}

impl Reader {
    /// Settings that cannot be read count as the defaults: `check-settings` is the place to refuse them.
    pub fn new(dataset: Dataset, settings: &str) -> Self {
        Self {
            tokenizer: Tokenizer::new(),
            document: Document::new(dataset, Rules::from_settings(settings)),
            object: None,
            is_begun: false,
            n_bytes: 0,
            failed: None,
        }
    }

    /// The records that this chunk completed. An error that comes after them in the same chunk is
    /// returned by the next call, so that how the chunks are cut makes no difference.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Page, Error> {
        self.check()?;
        self.n_bytes += chunk.len() as u64;
        self.begin(chunk);
        let read = match &mut self.object {
            Some(object) => object.push(chunk, &mut self.document),
            None => self.tokenizer.push(chunk, &mut self.document),
        };
        if let Err(error) = read {
            self.failed = Some(error);
        }
        let page = self.document.take_page();
        if json::is_empty(&page) {
            self.check()?;
        }
        Ok(page)
    }

    /// The same as text: one JSON object a line.
    pub fn push_text(&mut self, chunk: &str) -> Result<String, Error> {
        self.push_lines(chunk.as_bytes())
    }

    /// Bytes in, the same lines out.
    pub fn push_lines(&mut self, chunk: &[u8]) -> Result<String, Error> {
        Ok(lines(&self.push(chunk)?))
    }

    /// What is known at the end of the answer.
    pub fn finish(&mut self) -> Result<End, Error> {
        self.check()?;
        let end = self.document.finish(self.n_bytes);
        if let Err(error) = &end {
            self.failed = Some(error.clone());
        }
        end
    }

    /// What planning needs to know of the answer; ends the reader if that was not done.
    pub fn answer(&mut self, status: u16, headers: &[(String, String)]) -> Answer {
        let read = self.finish();
        answer::of(status, headers, read)
    }

    /// The portal answers in either notation; the first character tells which.
    fn begin(&mut self, chunk: &[u8]) {
        let first = chunk.iter().find(|byte| !byte.is_ascii_whitespace());
        if let (Some(first), false) = (first, self.is_begun) {
            self.is_begun = true;
            if *first == b'{' && self.document.may_be_json() {
                let root = self.document.json_root();
                let named = root.map(object::Tokenizer::named);
                self.object = Some(named.unwrap_or_else(object::Tokenizer::new));
            }
        }
    }

    fn check(&self) -> Result<(), Error> {
        self.failed.clone().map_or(Ok(()), Err)
    }
}
