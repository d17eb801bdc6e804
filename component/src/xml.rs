//! Splits an XML document into tokens as its bytes arrive.
//!
//! Knows markup and nothing of Qualys. It holds back only what a chunk cut in two (the start of a
//! tag, half an entity), so its memory does not depend on the document, however the chunks are cut.
//! It resolves no entity, fetches no DTD and refuses a document that declares entities. A
//! differential test in `xml/tests.rs` holds it together with quick-xml.

use memchr::memchr;

mod scan;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use scan::{find, is_bare_cell, is_literal, is_printable, push_literal, same};
pub(crate) use text::{append_decoded, clean, decode_html, decoded, tidy};

/// What the tokenizer found, in document order. Names and XML attributes are as written.
pub(crate) trait Sink {
    type Error: From<Fault>;

    fn doctype(&mut self, name: &[u8]) -> Result<(), Self::Error>;
    fn open(&mut self, name: &[u8], attributes: &[u8]) -> Result<(), Self::Error>;
    /// A piece of character data, its entities still encoded. One text may come in several pieces,
    /// but an entity is never cut.
    fn text(&mut self, piece: &[u8]) -> Result<(), Self::Error>;
    /// A piece of a CDATA section.
    fn cdata(&mut self, piece: &[u8]);
    fn close(&mut self, name: &[u8]) -> Result<(), Self::Error>;

    /// An element that holds nothing but one text, without entities or in CDATA. Most elements of
    /// an answer do; it means the same as the calls it stands for.
    fn leaf(&mut self, name: &[u8], attributes: &[u8], text: &[u8]) -> Result<(), Self::Error> {
        self.open(name, attributes)?;
        self.cdata(text);
        self.close(name)
    }
}

/// Why the bytes are no XML document that this tokenizer reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("`<!` begins neither a comment nor a CDATA section nor a DOCTYPE")]
    UnknownMarkup,
    #[error("a tag has no name")]
    NamelessTag,
    #[error("a tag is longer than {MAX_TAG} bytes")]
    OverlongTag,
    #[error("the document declares entities")]
    EntityDeclaration,
}

/// Where in the document the next byte stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    /// Before the first byte, where a byte order mark may stand.
    Start,
    Content,
    Cdata,
    Comment,
    Instruction,
}

/// How far a step came.
enum Step {
    /// This many bytes are dealt with.
    Used(usize),
    /// The rest is the beginning of something: more bytes are needed.
    Wait,
}

#[derive(Debug)]
pub(crate) struct Tokenizer {
    mode: Mode,
    /// What the last chunk left unfinished; bounded by [`MAX_TAG`].
    tail: Vec<u8>,
}

impl Tokenizer {
    pub(crate) fn new() -> Self {
        Self {
            mode: Mode::Start,
            tail: Vec::new(),
        }
    }

    pub(crate) fn push<S: Sink>(&mut self, chunk: &[u8], sink: &mut S) -> Result<(), S::Error> {
        let mut rest = chunk;
        if !self.tail.is_empty() {
            // What was cut mostly ends at the next tag end: then the chunk itself is not copied.
            let near = memchr(b'>', rest).map_or(rest.len(), |found| found + 1);
            rest = self.push_tail(rest, near, sink)?;
            if !self.tail.is_empty() {
                rest = self.push_tail(rest, rest.len(), sink)?;
            }
        }
        let used = self.scan(rest, sink)?;
        self.tail.extend_from_slice(&rest[used..]);
        Ok(())
    }

    /// Reads the tail together with the first bytes of the chunk; returns the other bytes.
    fn push_tail<'a, S: Sink>(
        &mut self,
        chunk: &'a [u8],
        n: usize,
        sink: &mut S,
    ) -> Result<&'a [u8], S::Error> {
        let (first, others) = chunk.split_at(n);
        let mut joined = std::mem::take(&mut self.tail);
        joined.extend_from_slice(first);
        let used = self.scan(&joined, sink)?;
        joined.drain(..used);
        self.tail = joined;
        Ok(others)
    }

    /// Hands on all complete tokens and returns how many bytes they took.
    fn scan<S: Sink>(&mut self, input: &[u8], sink: &mut S) -> Result<usize, S::Error> {
        let mut at = 0;
        while at < input.len() {
            let rest = &input[at..];
            let step = match self.mode {
                Mode::Start => self.start(rest),
                Mode::Content => self.content(rest, sink)?,
                Mode::Cdata => self.cdata(rest, sink),
                Mode::Comment => self.skip_to(b"-->", rest),
                Mode::Instruction => self.skip_to(b"?>", rest),
            };
            match step {
                Step::Used(n) => at += n,
                Step::Wait => break,
            }
        }
        Ok(at)
    }

    fn start(&mut self, rest: &[u8]) -> Step {
        if BYTE_ORDER_MARK.starts_with(rest) && rest.len() < BYTE_ORDER_MARK.len() {
            return Step::Wait;
        }
        self.mode = Mode::Content;
        Step::Used(if rest.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        })
    }

    fn content<S: Sink>(&mut self, rest: &[u8], sink: &mut S) -> Result<Step, S::Error> {
        let Some(n) = scan::find(b'<', rest) else {
            let whole = text::whole_entities(rest);
            if whole == 0 {
                return Ok(Step::Wait);
            }
            sink.text(&rest[..whole])?;
            return Ok(Step::Used(whole));
        };
        if n > 0 {
            sink.text(&rest[..n])?;
        }
        match self.markup(&rest[n..], sink)? {
            Step::Used(length) => Ok(Step::Used(n + length)),
            Step::Wait if n > 0 => Ok(Step::Used(n)),
            Step::Wait => Ok(Step::Wait),
        }
    }

    fn markup<S: Sink>(&mut self, rest: &[u8], sink: &mut S) -> Result<Step, S::Error> {
        match rest.get(1) {
            None => Ok(Step::Wait),
            Some(b'/') => {
                let name_end = 2 + scan::name_length(&rest[2..]);
                let Some(end) = tag_end(rest, name_end)? else {
                    return Ok(Step::Wait);
                };
                sink.close(&rest[2..name_end])?;
                Ok(Step::Used(end + 1))
            }
            Some(b'?') => Ok(self.enter(Mode::Instruction, 2)),
            Some(b'!') => self.declaration(rest, sink),
            Some(_) => {
                let name_length = scan::name_length(&rest[1..]);
                let Some(end) = tag_end(rest, 1 + name_length)? else {
                    return Ok(Step::Wait);
                };
                let (name, attributes) = rest[1..end].split_at(name_length);
                let length = match leaf(name, attributes, &rest[end + 1..]) {
                    Some((text, length)) => {
                        sink.leaf(name, attributes, text)?;
                        length
                    }
                    None => {
                        open_tag(name, attributes, sink)?;
                        0
                    }
                };
                Ok(Step::Used(end + 1 + length))
            }
        }
    }

    fn declaration<S: Sink>(&mut self, rest: &[u8], sink: &mut S) -> Result<Step, S::Error> {
        const COMMENT: &[u8] = b"<!--";
        const DOCTYPE: &[u8] = b"<!DOCTYPE";
        if rest.starts_with(COMMENT) {
            Ok(self.enter(Mode::Comment, COMMENT.len()))
        } else if rest.starts_with(CDATA) {
            Ok(self.enter(Mode::Cdata, CDATA.len()))
        } else if starts_with_ignoring_case(rest, DOCTYPE) {
            match doctype_end(rest)? {
                None => Ok(Step::Wait),
                Some(end) => {
                    let inner = rest[DOCTYPE.len()..end].trim_ascii_start();
                    let name = inner.split(|byte| byte.is_ascii_whitespace()).next();
                    sink.doctype(name.unwrap_or_default())?;
                    Ok(Step::Used(end + 1))
                }
            }
        } else if [COMMENT, CDATA, DOCTYPE]
            .iter()
            .any(|whole| starts_with_ignoring_case(whole, rest))
        {
            Ok(Step::Wait)
        } else {
            Err(Fault::UnknownMarkup.into())
        }
    }

    fn cdata<S: Sink>(&mut self, rest: &[u8], sink: &mut S) -> Step {
        let mut from = 0;
        while let Some(found) = memchr(b']', &rest[from..]) {
            let end = from + found;
            match &rest[end..] {
                [b']', b']', b'>', ..] => {
                    sink.cdata(&rest[..end]);
                    self.mode = Mode::Content;
                    return Step::Used(end + 3);
                }
                // These may be the first bytes of the end that the next chunk completes.
                [b']'] | [b']', b']'] => {
                    if end == 0 {
                        return Step::Wait;
                    }
                    sink.cdata(&rest[..end]);
                    return Step::Used(end);
                }
                _ => from = end + 1,
            }
        }
        sink.cdata(rest);
        Step::Used(rest.len())
    }

    fn skip_to(&mut self, end: &[u8], rest: &[u8]) -> Step {
        match memchr::memmem::find(rest, end) {
            Some(found) => {
                self.mode = Mode::Content;
                Step::Used(found + end.len())
            }
            None if rest.len() < end.len() => Step::Wait,
            None => Step::Used(rest.len() + 1 - end.len()),
        }
    }

    fn enter(&mut self, mode: Mode, n: usize) -> Step {
        self.mode = mode;
        Step::Used(n)
    }
}

/// The one text between a tag and its end tag, and how far the end tag reaches; `None` when
/// there is more between them, or not all of it is there yet.
fn leaf<'a>(name: &[u8], attributes: &[u8], after: &'a [u8]) -> Option<(&'a [u8], usize)> {
    if name.is_empty() || attributes.ends_with(b"/") {
        return None;
    }
    let (text, end) = match after.strip_prefix(CDATA) {
        Some(section) => {
            let length = cdata_end(section)?;
            let end = CDATA.len() + length + CDATA_END.len();
            (&section[..length], end)
        }
        None => {
            let length = scan::find_markup(after)?;
            (&after[..length], length)
        }
    };
    let end_tag = after[end..].strip_prefix(b"</")?;
    let is_end = end_tag.get(name.len()) == Some(&b'>') && same(&end_tag[..name.len()], name);
    is_end.then_some((text, end + name.len() + 3))
}

/// Offset of the `]]>` that ends a CDATA section.
fn cdata_end(section: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let end = from + scan::find(b']', &section[from..])?;
        if section[end..].starts_with(CDATA_END) {
            return Some(end);
        }
        from = end + 1;
    }
}

fn open_tag<S: Sink>(name: &[u8], attributes: &[u8], sink: &mut S) -> Result<(), S::Error> {
    if name.is_empty() {
        return Err(Fault::NamelessTag.into());
    }
    sink.open(name, attributes)?;
    if attributes.ends_with(b"/") {
        sink.close(name)
    } else {
        Ok(())
    }
}

/// Offset of the `>` that ends the tag, from the end of its name; one inside a quoted attribute
/// value does not end it.
#[inline(always)]
fn tag_end(rest: &[u8], from: usize) -> Result<Option<usize>, Fault> {
    match rest.get(from) {
        Some(b'>') => Ok(Some(from)),
        _ => tag_end_behind_attributes(rest, from),
    }
}

fn tag_end_behind_attributes(rest: &[u8], from: usize) -> Result<Option<usize>, Fault> {
    let mut at = from;
    while let Some(found) = scan::find_tag_mark(&rest[at..]) {
        let mark = at + found;
        if rest[mark] == b'>' {
            return Ok(Some(mark));
        }
        match scan::find(rest[mark], &rest[mark + 1..]) {
            Some(length) => at = mark + length + 2,
            None => break,
        }
    }
    if rest.len() >= MAX_TAG {
        Err(Fault::OverlongTag)
    } else {
        Ok(None)
    }
}

/// The value of one of a tag's XML attributes, as written.
pub(crate) fn attribute<'a>(attributes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = attributes;
    loop {
        let equals = scan::find(b'=', rest)?;
        let found = rest[..equals].trim_ascii();
        let after = rest[equals + 1..].trim_ascii_start();
        let quote = *after.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let length = scan::find(quote, &after[1..])?;
        if found.eq_ignore_ascii_case(name) {
            return Some(&after[1..=length]);
        }
        rest = &after[length + 2..];
    }
}

/// Offset of the `>` that ends a DOCTYPE. An internal subset can only be there to declare things
/// that no answer of Qualys needs.
fn doctype_end(rest: &[u8]) -> Result<Option<usize>, Fault> {
    let mut quote = None;
    for (at, &byte) in rest.iter().enumerate().take(MAX_TAG) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[') => return Err(Fault::EntityDeclaration),
            (None, b'>') => return Ok(Some(at)),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    if rest.len() >= MAX_TAG {
        Err(Fault::OverlongTag)
    } else {
        Ok(None)
    }
}

fn starts_with_ignoring_case(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start))
}

const CDATA: &[u8] = b"<![CDATA[";
const CDATA_END: &[u8] = b"]]>";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// No honest tag comes near it; a longer one would only fill the memory.
const MAX_TAG: usize = 64 * 1024;
