//! Elements without a field of their own, collected into one JSON object.
//!
//! Nothing is interpreted: names and texts as Qualys sent them, in the order in which they came.
//! The object is written as they come, because it is the longest part of most records.

use std::ops::Range;

use super::raw::{self, Leaf};
use crate::contract;
use crate::json;
use crate::xml;

#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// The object without its braces.
    json: String,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Where its name stands in the object, with its quotes.
    name: Range<usize>,
    end: usize,
    /// What came under the same name after the next entry had begun.
    more: String,
}

impl Attributes {
    /// A leaf under the name that it carries.
    pub(super) fn note(&mut self, leaf: &Leaf<'_>) {
        let (Some(value), Some((prefix, source))) = (leaf.text(), leaf.element.note()) else {
            return;
        };
        match source {
            None => {
                let name = raw::readable(leaf.name).to_ascii_lowercase();
                self.add(prefix, &name, &value);
            }
            Some(attribute) => {
                let written = leaf.attribute(attribute).unwrap_or_default();
                let mut decoded = Vec::with_capacity(written.len());
                xml::append_decoded(&mut decoded, written);
                self.add(prefix, &raw::readable(&decoded), &value);
            }
        }
    }

    /// A leaf under another name.
    pub(super) fn note_as(&mut self, name: &str, leaf: &Leaf<'_>) {
        if let Some(value) = leaf.text() {
            self.add("", name, &value);
        }
    }

    /// A name that comes again adds to the text that is there.
    pub(super) fn add(&mut self, prefix: &str, name: &str, value: &str) {
        let start = self.json.len();
        if start > 0 {
            self.json.push(',');
        }
        let name_start = self.json.len();
        self.json.push('"');
        json::push_escaped(&mut self.json, prefix);
        json::push_escaped(&mut self.json, name);
        self.json.push('"');
        let written = name_start..self.json.len();
        let is_written =
            |entry: &Entry| self.json[entry.name.clone()] == self.json[written.clone()];
        match self.entries.iter().position(is_written) {
            None => {
                self.json.push_str(":\"");
                json::push_escaped(&mut self.json, value);
                self.json.push('"');
                self.entries.push(Entry {
                    name: written,
                    end: self.json.len() - 1,
                    more: String::new(),
                });
            }
            Some(at) if at + 1 == self.entries.len() => {
                self.json.truncate(start - 1);
                self.json.push_str(", ");
                json::push_escaped(&mut self.json, value);
                self.entries[at].end = self.json.len();
                self.json.push('"');
            }
            Some(at) => {
                self.json.truncate(start);
                let more = &mut self.entries[at].more;
                more.push_str(", ");
                json::push_escaped(more, value);
            }
        }
    }

    /// The object, and an empty one in its place.
    pub(super) fn take(&mut self) -> contract::types::Attributes {
        let length = self.json.len()
            + self
                .entries
                .iter()
                .map(|entry| entry.more.len())
                .sum::<usize>();
        let mut object = String::with_capacity(length + 2);
        object.push('{');
        let mut from = 0;
        for entry in self
            .entries
            .drain(..)
            .filter(|entry| !entry.more.is_empty())
        {
            object.push_str(&self.json[from..entry.end]);
            object.push_str(&entry.more);
            from = entry.end;
        }
        object.push_str(&self.json[from..]);
        object.push('}');
        self.json.clear();
        object
    }
}
