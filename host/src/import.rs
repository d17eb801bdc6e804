//! Reads what other tools saw of machines: files in, records out, one at a time. Knows no store and
//! no command line.
//!
//! What a field cannot hold is kept as an attribute and counted; what would mix up machines, such
//! as two lines with one name, is an error, and then nothing is stored.

use std::{
    collections::HashMap,
    io::{BufRead, Read},
};

use crate::store::{ImportedRecord, SourceKind};

mod column;
mod csv;
mod discovery;
mod json;
mod nmap;
mod row;

pub use column::{COLUMNS, Column, Mapping};

/// Why a file cannot be imported: one sentence, with the place in the file.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ImportError(pub String);

pub type Result<T> = std::result::Result<T, ImportError>;

/// What was left out of a field, as its value is none.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Oddities {
    pub n: u64,
    /// The first few, as sentences.
    pub first: Vec<String>,
}

/// A file that is being read.
#[derive(Debug)]
pub struct Reader<R> {
    format: Format<R>,
    /// The lines on which each name was.
    seen: HashMap<String, u64>,
    n: u64,
    is_over: bool,
}

#[derive(Debug)]
enum Format<R> {
    Nmap(Box<nmap::Reader<R>>),
    Csv(Box<csv::Reader<R>>),
    Json(json::Reader<R>),
}

impl<R: BufRead> Reader<R> {
    /// Reads as far as is needed to know that the mapping fits. A mapping serves CSV and NDJSON.
    pub fn new(kind: SourceKind, mapping: &Mapping, input: R) -> Result<Self> {
        let format = match kind {
            SourceKind::Nmap => Format::Nmap(Box::new(nmap::Reader::new(input))),
            SourceKind::Csv => Format::Csv(Box::new(csv::Reader::new(mapping, input)?)),
            SourceKind::Ndjson => Format::Json(json::Reader::mapped(mapping, input)),
            SourceKind::Discovery => Format::Json(json::Reader::of_discovery(input)),
            SourceKind::Qualys => {
                return Err(ImportError("Qualys is synced, not imported".to_owned()));
            }
        };
        Ok(Self {
            format,
            seen: HashMap::new(),
            n: 0,
            is_over: false,
        })
    }

    /// What no field could hold so far.
    pub fn oddities(&self) -> &Oddities {
        match &self.format {
            Format::Nmap(reader) => reader.oddities(),
            Format::Csv(reader) => reader.oddities(),
            Format::Json(reader) => reader.oddities(),
        }
    }

    fn next_record(&mut self) -> Result<Option<ImportedRecord>> {
        let next = match &mut self.format {
            Format::Nmap(reader) => reader.next_record()?,
            Format::Csv(reader) => reader.next_record()?,
            Format::Json(reader) => reader.next_record()?,
        };
        let Some((place, record)) = next else {
            if self.n == 0 {
                return Err(ImportError("it names no machine".to_owned()));
            }
            return Ok(None);
        };
        self.n += 1;
        // A scan may come upon an address twice; what it saw last is true.
        let is_scan = matches!(self.format, Format::Nmap(_));
        if let Some(first) = self.seen.insert(record.key.clone(), place)
            && !is_scan
        {
            return Err(ImportError(format!(
                "lines {first} and {place} are both `{}`; one line a machine, or name a column \
                 that tells them apart with --map key=COLUMN",
                record.key
            )));
        }
        Ok(Some(record))
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<ImportedRecord>;

    /// Ends after the first error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.next_record().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

impl Oddities {
    pub(crate) fn add(&mut self, sentence: impl FnOnce() -> String) {
        self.n += 1;
        if self.first.len() < MOST_TOLD {
            self.first.push(sentence());
        }
    }
}

const MOST_TOLD: usize = 5;

/// What a file seems to be, from its name and how it begins.
pub fn guess(file_name: &str, beginning: &[u8]) -> Option<SourceKind> {
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        return text.contains("<nmaprun").then_some(SourceKind::Nmap);
    }
    if text.starts_with('{') {
        let line = text.lines().next().unwrap_or_default();
        let is_discovery = ["\"addresses\"", "\"macs\"", "\"names\""]
            .iter()
            .all(|key| line.contains(key));
        return Some(if is_discovery {
            SourceKind::Discovery
        } else {
            SourceKind::Ndjson
        });
    }
    file_name
        .to_lowercase()
        .ends_with(".csv")
        .then_some(SourceKind::Csv)
}

/// Reads a line and no more than fits. `None` at the end.
fn line(input: &mut impl BufRead, place: u64, into: &mut Vec<u8>) -> Result<bool> {
    into.clear();
    let limit = MOST_BYTES + 1;
    let mut input = input.take(limit);
    let n = input
        .read_until(b'\n', into)
        .map_err(|error| ImportError(format!("line {place} cannot be read: {error}")))?;
    if n as u64 == limit {
        return Err(ImportError(format!(
            "line {place} is longer than {MOST_BYTES} bytes"
        )));
    }
    Ok(n > 0)
}

/// Of a line, which is one machine.
const MOST_BYTES: u64 = 16 << 20;

#[cfg(test)]
mod tests;
