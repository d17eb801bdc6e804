//! CSV with a header line.

use std::io::BufRead;

use super::{ImportError, Mapping, Oddities, Result, column::Column, row::Row};
use crate::store::ImportedRecord;

#[derive(Debug)]
pub(super) struct Reader<R> {
    reader: ::csv::Reader<R>,
    columns: Vec<(String, Option<Column>)>,
    line: ::csv::StringRecord,
    /// The library counts the end of a line that has two signs with the line that follows.
    behind: u64,
    odd: Oddities,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(mapping: &Mapping, mut input: R) -> Result<Self> {
        let beginning = input
            .fill_buf()
            .map_err(|error| ImportError(format!("it cannot be read: {error}")))?;
        if beginning.trim_ascii().is_empty() {
            return Err(ImportError("it is empty".to_owned()));
        }
        // The line that spreadsheets of other countries write separates with semicolons.
        let first = beginning
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let behind = u64::from(first.ends_with(b"\r"));
        let n = |sign: u8| first.iter().filter(|byte| **byte == sign).count();
        let delimiter = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|sign| (n(*sign), *sign == b','));
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(delimiter.unwrap_or(b','))
            .from_reader(input);
        let headers = reader
            .headers()
            .map_err(|error| unreadable(&error, 0))?
            .clone();
        let plain = |header: &str| header.trim_start_matches('\u{feff}').trim().to_owned();
        let names: Vec<String> = headers.iter().map(plain).collect();
        mapping.check(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
        let columns = names.into_iter().map(|name| {
            let column = mapping.of(&name);
            (name, column)
        });
        Ok(Self {
            columns: columns.collect(),
            reader,
            line: ::csv::StringRecord::new(),
            behind,
            odd: Oddities::default(),
        })
    }

    pub(super) fn oddities(&self) -> &Oddities {
        &self.odd
    }

    pub(super) fn next_record(&mut self) -> Result<Option<(u64, ImportedRecord)>> {
        loop {
            let more = self.reader.read_record(&mut self.line);
            if !more.map_err(|error| unreadable(&error, self.behind))? {
                return Ok(None);
            }
            let place = self.line.position().map_or(0, ::csv::Position::line) + self.behind;
            let mut row = Row::new(place);
            for ((name, column), cell) in self.columns.iter().zip(&self.line) {
                match column {
                    Some(column) => row.take(*column, name, cell, &mut self.odd),
                    None => row.attribute(name, cell.trim()),
                }
            }
            if let Some(record) = row.finish() {
                return Ok(Some((place, record)));
            }
            self.odd
                .add(|| format!("line {place} names no machine and was left out"));
        }
    }
}

fn unreadable(error: &::csv::Error, behind: u64) -> ImportError {
    let line = error.position().map_or(1, ::csv::Position::line) + behind;
    ImportError(match error.kind() {
        ::csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("line {line} has {len} cells where the header has {expected_len}")
        }
        ::csv::ErrorKind::Utf8 { .. } => {
            format!("line {line} is not UTF-8; save the table as UTF-8")
        }
        _ => format!("line {line} cannot be read: {error}"),
    })
}
