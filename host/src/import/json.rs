//! JSON lines: one object a machine, its keys mapped as columns are. What is nested has the names
//! on its way with dots between them.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::{ImportError, Mapping, Oddities, Result, discovery, line, row::Row};
use crate::store::ImportedRecord;

#[derive(Debug)]
pub(super) struct Reader<R> {
    input: R,
    /// Without one, the lines are those of a discovery tool.
    mapping: Option<Mapping>,
    place: u64,
    buffer: Vec<u8>,
    odd: Oddities,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn mapped(mapping: &Mapping, input: R) -> Self {
        Self::new(Some(mapping.clone()), input)
    }

    pub(super) fn of_discovery(input: R) -> Self {
        Self::new(None, input)
    }

    fn new(mapping: Option<Mapping>, input: R) -> Self {
        Self {
            input,
            mapping,
            place: 0,
            buffer: Vec::new(),
            odd: Oddities::default(),
        }
    }

    pub(super) fn oddities(&self) -> &Oddities {
        &self.odd
    }

    pub(super) fn next_record(&mut self) -> Result<Option<(u64, ImportedRecord)>> {
        loop {
            let place = self.place + 1;
            if !line(&mut self.input, place, &mut self.buffer)? {
                if self.place == 0 {
                    return Err(ImportError("it is empty".to_owned()));
                }
                return Ok(None);
            }
            self.place = place;
            let text = self.buffer.trim_ascii();
            let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
            if text.is_empty() {
                continue;
            }
            let object: Map<String, Value> = serde_json::from_slice(text)
                .map_err(|error| ImportError(format!("line {place} is no JSON object: {error}")))?;
            let mut row = Row::new(place);
            match &self.mapping {
                None => discovery::take(&mut row, &object, &mut self.odd),
                Some(mapping) => {
                    for (name, value) in &object {
                        mapped(mapping, &mut row, name, value, &mut self.odd);
                    }
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

fn mapped(mapping: &Mapping, row: &mut Row, name: &str, value: &Value, odd: &mut Oddities) {
    let column = mapping.of(name);
    match (value, column) {
        (Value::Array(list), _) => {
            for value in list {
                mapped(mapping, row, name, value, odd);
            }
        }
        (Value::Object(object), _) => {
            for (key, value) in object {
                mapped(mapping, row, &format!("{name}.{key}"), value, odd);
            }
        }
        (value, Some(column)) => row.take(column, name, &text(value), odd),
        (value, None) => row.attribute(name, &text(value)),
    }
}

/// Nothing for null.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}
