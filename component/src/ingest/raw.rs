//! The records being read, as text: one arena of bytes, and the leaves that point into it.
//!
//! A record lies at the end of the arena while it is open; one record may be open inside another
//! (a detection in its host), and is taken off the end again when it closes. So the arena is as
//! long as the longest host without its findings, and no leaf costs an allocation of its own.
//! Nothing is interpreted here.

use std::borrow::Cow;

use super::element::Element;
use crate::xml;

/// The text of one element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) element: Element,
    /// Where the name of a note stands; empty for a leaf with a field of its own.
    name: Span,
    text: Span,
}

/// From and to, in bytes of the arena.
#[derive(Clone, Copy, Debug, Default)]
struct Span(usize, usize);

/// Where a record begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    bytes: usize,
    leaves: usize,
}

/// A leaf that is still open.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Opening {
    name_start: usize,
    text_start: usize,
    /// Where CDATA sections of this leaf begin and end: what stands around them is layout.
    cdata: Option<Span>,
    is_overlong: bool,
}

#[derive(Debug, Default)]
pub(super) struct Arena {
    bytes: Vec<u8>,
    leaves: Vec<Leaf>,
}

impl Arena {
    pub(super) fn mark(&self) -> Mark {
        Mark {
            bytes: self.bytes.len(),
            leaves: self.leaves.len(),
        }
    }

    pub(super) fn truncate(&mut self, mark: Mark) {
        self.bytes.truncate(mark.bytes);
        self.leaves.truncate(mark.leaves);
    }

    /// Begins a leaf, with the parts of its name if it is a note.
    pub(super) fn open(&mut self, name: Option<(&str, &[u8])>) -> Opening {
        let name_start = self.bytes.len();
        if let Some((prefix, own)) = name {
            self.bytes.extend_from_slice(prefix.as_bytes());
            if prefix.is_empty() {
                self.bytes.extend(own.iter().map(u8::to_ascii_lowercase));
            } else {
                xml::append_decoded(&mut self.bytes, own);
            }
        }
        Opening {
            name_start,
            text_start: self.bytes.len(),
            cdata: None,
            is_overlong: false,
        }
    }

    pub(super) fn text(&mut self, leaf: &mut Opening, piece: &[u8]) {
        if self.has_room(leaf, piece) {
            xml::append_decoded(&mut self.bytes, piece);
        }
    }

    pub(super) fn cdata(&mut self, leaf: &mut Opening, piece: &[u8]) {
        if self.has_room(leaf, piece) {
            let start = leaf.cdata.map_or(self.bytes.len(), |span| span.0);
            self.bytes.extend_from_slice(piece);
            leaf.cdata = Some(Span(start, self.bytes.len()));
        }
    }

    /// Ends a leaf; returns whether its text had to be cut.
    pub(super) fn close(&mut self, leaf: &Opening, element: Element) -> bool {
        let text = leaf
            .cdata
            .unwrap_or(Span(leaf.text_start, self.bytes.len()));
        self.leaves.push(Leaf {
            element,
            name: Span(leaf.name_start, leaf.text_start),
            text,
        });
        leaf.is_overlong
    }

    /// Notes that an element which groups the leaves before it has ended.
    pub(super) fn group(&mut self, element: Element) {
        self.leaves.push(Leaf {
            element,
            name: Span::default(),
            text: Span::default(),
        });
    }

    /// What has been read since the mark.
    pub(super) fn record(&self, mark: Mark) -> Record<'_> {
        let bytes = &self.bytes[mark.bytes..];
        // One check for the whole record, instead of one for each of its texts.
        let clean = xml::clean(bytes);
        Record {
            bytes,
            clean,
            offset: mark.bytes,
            leaves: &self.leaves[mark.leaves..],
        }
    }

    fn has_room(&self, leaf: &mut Opening, piece: &[u8]) -> bool {
        let fits = self.bytes.len() - leaf.text_start + piece.len() <= MAX_TEXT;
        leaf.is_overlong |= !fits;
        fits
    }
}

/// The leaves of one record, in document order.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    clean: Option<&'a str>,
    offset: usize,
    leaves: &'a [Leaf],
}

impl<'a> Record<'a> {
    pub(super) fn leaves(&self) -> &'a [Leaf] {
        self.leaves
    }

    /// The text without the white space around it; `None` when nothing is left.
    pub(super) fn text(&self, leaf: &Leaf) -> Option<Cow<'a, str>> {
        match self.slice(leaf.text) {
            Cow::Borrowed(text) => Some(text.trim())
                .filter(|text| !text.is_empty())
                .map(Cow::Borrowed),
            Cow::Owned(text) => Some(text.trim())
                .filter(|text| !text.is_empty())
                .map(|text| Cow::Owned(text.to_owned())),
        }
    }

    /// The text with its inner layout, such as a table that begins with a tab, and with the
    /// entities decoded that were escaped before the text was put into the document.
    pub(super) fn layout(&self, leaf: &Leaf) -> Option<String> {
        let text = self.slice(leaf.text);
        let text = text.trim_matches(['\r', '\n']).trim_end();
        if text.trim_start().is_empty() {
            return None;
        }
        if !text.contains('&') {
            return Some(text.to_owned());
        }
        Some(xml::decode_html(text))
    }

    /// The name of a note.
    pub(super) fn name(&self, leaf: &Leaf) -> Cow<'a, str> {
        self.slice(leaf.name)
    }

    fn slice(&self, span: Span) -> Cow<'a, str> {
        let (from, to) = match span {
            Span(0, 0) => (0, 0),
            Span(from, to) => (from - self.offset, to - self.offset),
        };
        match self.clean.and_then(|clean| clean.get(from..to)) {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(xml::tidy(self.bytes[from..to].to_vec())),
        }
    }
}

/// Longest text of one element. Scans report megabytes; what is longer is left out piece by piece
/// and reported.
const MAX_TEXT: usize = 8 * 1024 * 1024;
