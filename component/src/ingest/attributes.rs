//! Elements without a field of their own, collected into one JSON object.
//!
//! Nothing is interpreted: names and texts as Qualys sent them, in the order in which they came.

use std::borrow::Cow;

use super::raw::{Leaf, Record};
use crate::contract;

#[derive(Debug, Default)]
pub(super) struct Attributes<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Attributes<'a> {
    /// A leaf under the name that it carries.
    pub(super) fn note(&mut self, record: Record<'a>, leaf: &Leaf) {
        if let Some(value) = record.text(leaf) {
            self.add(record.name(leaf), value);
        }
    }

    /// A leaf under another name.
    pub(super) fn note_as(&mut self, name: &'static str, record: Record<'a>, leaf: &Leaf) {
        if let Some(value) = record.text(leaf) {
            self.add(Cow::Borrowed(name), value);
        }
    }

    /// A name that comes again adds to the text that is there.
    pub(super) fn add(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, text)) => {
                let text = text.to_mut();
                text.push_str(", ");
                text.push_str(&value);
            }
            None => self.0.push((name, value)),
        }
    }

    pub(super) fn into_json(self) -> contract::types::Attributes {
        let mut out = Vec::with_capacity(
            self.0
                .iter()
                .map(|(name, value)| name.len() + value.len() + 6)
                .sum::<usize>()
                + 2,
        );
        out.push(b'{');
        for (at, (name, value)) in self.0.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            text(&mut out, name);
            out.push(b':');
            text(&mut out, value);
        }
        out.push(b'}');
        String::from_utf8(out).expect("JSON is UTF-8")
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a text has a JSON form");
}
