//! One element's text, before anything is made of it.
//!
//! Most texts stand in a chunk as they are and are read from there. Only those that come in pieces
//! (cut by a chunk, or with entities to decode) are gathered here first, so memory depends on the
//! longest text. Nothing is interpreted.

use std::borrow::Cow;

use super::element::Element;
use crate::xml;

/// The text of one element, decoded, with the tag it came in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf<'a> {
    pub(super) element: Element,
    /// Name and XML attributes, as written.
    pub(super) name: &'a [u8],
    pub(super) attributes: &'a [u8],
    pub(super) text: &'a [u8],
}

impl<'a> Leaf<'a> {
    /// Stands for the end of an element that groups the leaves before it.
    pub(super) fn end_of(element: Element) -> Self {
        Self {
            element,
            name: b"",
            attributes: b"",
            text: b"",
        }
    }

    /// The name in the manner of Qualys, for messages.
    pub(super) fn shown_name(&self) -> String {
        readable(self.name).to_ascii_uppercase()
    }

    /// The text without the white space around it; `None` when nothing is left.
    pub(super) fn text(&self) -> Option<Cow<'a, str>> {
        let text = match readable(self.text.trim_ascii()) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        (!text.is_empty()).then_some(text)
    }

    /// The text with its inner layout, such as a table that begins with a tab, and with the
    /// entities decoded that were escaped before the text was put into the document.
    pub(super) fn layout(&self) -> Option<String> {
        let text = readable(self.text);
        let text = text.trim_start_matches(['\r', '\n']).trim_end();
        if text.trim_start().is_empty() {
            return None;
        }
        Some(xml::decode_html(text))
    }
}

/// The bytes as text without what XML forbids.
pub(super) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    let is_short = bytes.len() < LONG;
    let text = if is_short && xml::is_printable(bytes) {
        str::from_utf8(bytes).ok()
    } else {
        xml::clean(bytes)
    };
    match text {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(xml::tidy(bytes.to_vec())),
    }
}

/// The texts of the elements that are open, each behind that of its parent.
#[derive(Debug, Default)]
pub(super) struct Pieces(Vec<u8>);

/// A text that is still being gathered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    start: usize,
    /// Where the CDATA sections begin and end: white space around them is layout.
    cdata: Option<(usize, usize)>,
    pub(super) is_overlong: bool,
}

impl Pieces {
    pub(super) fn open(&self) -> Opening {
        Opening {
            start: self.0.len(),
            cdata: None,
            is_overlong: false,
        }
    }

    pub(super) fn text(&mut self, opening: &mut Opening, piece: &[u8]) {
        if !opening.is_overlong {
            xml::append_decoded(&mut self.0, piece);
            self.limit(opening);
        }
    }

    pub(super) fn cdata(&mut self, opening: &mut Opening, piece: &[u8]) {
        if !opening.is_overlong {
            let start = opening.cdata.map_or(self.0.len(), |(start, _)| start);
            self.0.extend_from_slice(piece);
            self.limit(opening);
            opening.cdata = Some((start, self.0.len()));
        }
    }

    pub(super) fn gathered(&self, opening: &Opening) -> &[u8] {
        let all = &self.0[opening.start..];
        let Some((start, end)) = opening.cdata else {
            return all;
        };
        let around = [&self.0[opening.start..start], &self.0[end..]];
        if around.iter().all(|text| text.trim_ascii().is_empty()) {
            &self.0[start..end]
        } else {
            all
        }
    }

    pub(super) fn close(&mut self, opening: &Opening) {
        self.0.truncate(opening.start);
    }

    fn limit(&mut self, opening: &mut Opening) {
        let longest = opening.start + MAX_TEXT;
        opening.is_overlong = self.0.len() > longest;
        self.0.truncate(longest);
    }
}

/// Longest text of one element. Scans report megabytes; what is longer is cut and reported.
pub(super) const MAX_TEXT: usize = 8 * 1024 * 1024;
/// From here on one look at all bytes for every purpose is cheaper than a quick one before it.
const LONG: usize = 64;
