//! Elements without a field of their own, collected into one JSON object.
//!
//! Nothing is interpreted: names and texts as Qualys sent them, in the order in which they came.
//! The object is written as they come, because it is the longest part of most records.

use std::ops::Range;

use super::field::{Subject, Warnings};
use super::raw::{self, Leaf};
use crate::contract;
use crate::json;
use crate::xml;

#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// The object without its braces.
    json: Vec<u8>,
    entries: Vec<Entry>,
    is_full: bool,
}

#[derive(Debug)]
struct Entry {
    /// Where its name stands in the object, with its quotes.
    name: Range<usize>,
    end: usize,
    /// What came under the same name after the next entry had begun.
    more: Vec<u8>,
}

impl Attributes {
    /// A leaf under the name that it carries.
    pub(super) fn note(&mut self, leaf: &Leaf<'_>) {
        let Some((prefix, source)) = leaf.element.note() else {
            return;
        };
        match source {
            None => self.add(prefix, &leaf.name.to_ascii_lowercase(), leaf.text),
            Some(attribute) => {
                let written = xml::attribute(leaf.attributes, attribute).unwrap_or_default();
                self.add(prefix, &xml::decoded(written), leaf.text);
            }
        }
    }

    /// A leaf under its name of several words (`srcAssetGroupId`), written as all others are.
    pub(super) fn note_snake(&mut self, leaf: &Leaf<'_>) {
        let mut name = Vec::with_capacity(leaf.name.len() + 4);
        for &letter in leaf.name {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push(b'_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        self.add("", &name, leaf.text);
    }

    /// A leaf under another name.
    pub(super) fn note_as(&mut self, name: &str, leaf: &Leaf<'_>) {
        self.add("", name.as_bytes(), leaf.text);
    }

    /// A name that comes again adds to the text that is there.
    pub(super) fn add(&mut self, prefix: &str, name: &[u8], value: &[u8]) {
        let start = self.json.len();
        if start > 0 {
            self.json.push(b',');
        }
        let name_start = self.json.len();
        self.json.push(b'"');
        self.json.extend_from_slice(prefix.as_bytes());
        push(&mut self.json, name);
        self.json.push(b'"');
        let name = name_start..self.json.len();
        self.json.extend_from_slice(b":\"");
        let value_start = self.json.len();
        push(&mut self.json, value);
        if self.json.len() == value_start {
            self.json.truncate(start);
            return;
        }
        let is_known =
            |entry: &Entry| xml::same(&self.json[entry.name.clone()], &self.json[name.clone()]);
        match self.entries.iter().position(is_known) {
            None if self.entries.len() == MAX_NAMES => {
                self.is_full = true;
                self.json.truncate(start);
            }
            None => {
                self.entries.push(Entry {
                    name,
                    end: self.json.len(),
                    more: Vec::new(),
                });
                self.json.push(b'"');
            }
            Some(at) => {
                let more = &mut self.entries[at].more;
                more.extend_from_slice(b", ");
                more.extend_from_slice(&self.json[value_start..]);
                self.json.truncate(start);
            }
        }
    }

    /// The object, and an empty one in its place.
    pub(super) fn take(
        &mut self,
        subject: Subject,
        warnings: &mut Warnings,
    ) -> contract::types::Attributes {
        if std::mem::take(&mut self.is_full) {
            let message = format!("attributes of more than {MAX_NAMES} names are left out");
            warnings.add(subject, message);
        }
        let more: usize = self.entries.iter().map(|entry| entry.more.len()).sum();
        let mut object = Vec::with_capacity(self.json.len() + more + 2);
        object.push(b'{');
        let mut from = 0;
        for entry in self
            .entries
            .drain(..)
            .filter(|entry| !entry.more.is_empty())
        {
            object.extend_from_slice(&self.json[from..entry.end]);
            object.extend_from_slice(&entry.more);
            from = entry.end;
        }
        object.extend_from_slice(&self.json[from..]);
        object.push(b'}');
        self.json.clear();
        String::from_utf8(object).expect("texts that are readable, and ASCII around them")
    }
}

/// Appends a text as it stands in a JSON string, without the white space around it.
fn push(out: &mut Vec<u8>, text: &[u8]) {
    let text = text.trim_ascii();
    // Nearly all stand there as they are.
    if xml::is_printable(text) && xml::is_literal(text) {
        out.extend_from_slice(text);
    } else {
        json::push_escaped(out, raw::readable(text).trim());
    }
}

/// No record comes near it; each name is compared with those before it.
const MAX_NAMES: usize = 1_000;
