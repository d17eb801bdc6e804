//! Splits an XML document into tokens as its bytes arrive.
//!
//! Knows markup and nothing of Qualys. It holds back only what a chunk cut in two (the start of a
//! tag, half an entity), so its memory does not depend on the document, however the chunks are cut.
//! It resolves no entity, fetches no DTD and refuses a document that declares entities. A
//! differential test in `xml/tests.rs` holds it together with quick-xml.

use memchr::memchr;

mod text;

#[cfg(test)]
mod tests;

pub(crate) use text::{append_decoded, clean, decode_html, tidy};

/// What the tokenizer found, in document order. Names and attributes are as written.
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
            mode: Mode::Content,
            tail: Vec::new(),
        }
    }

    pub(crate) fn push<S: Sink>(&mut self, chunk: &[u8], sink: &mut S) -> Result<(), S::Error> {
        if self.tail.is_empty() {
            let used = self.scan(chunk, sink)?;
            self.tail.extend_from_slice(&chunk[used..]);
        } else {
            let mut joined = std::mem::take(&mut self.tail);
            joined.extend_from_slice(chunk);
            let used = self.scan(&joined, sink)?;
            joined.drain(..used);
            self.tail = joined;
        }
        Ok(())
    }

    /// Hands on all complete tokens and returns how many bytes they took.
    fn scan<S: Sink>(&mut self, input: &[u8], sink: &mut S) -> Result<usize, S::Error> {
        let mut at = 0;
        while at < input.len() {
            let rest = &input[at..];
            let step = match self.mode {
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

    fn content<S: Sink>(&mut self, rest: &[u8], sink: &mut S) -> Result<Step, S::Error> {
        match memchr(b'<', rest) {
            Some(0) => self.markup(rest, sink),
            Some(n) => sink.text(&rest[..n]).map(|()| Step::Used(n)),
            None => {
                let whole = text::whole_entities(rest);
                if whole == 0 {
                    return Ok(Step::Wait);
                }
                sink.text(&rest[..whole]).map(|()| Step::Used(whole))
            }
        }
    }

    fn markup<S: Sink>(&mut self, rest: &[u8], sink: &mut S) -> Result<Step, S::Error> {
        match rest.get(1) {
            None => Ok(Step::Wait),
            Some(b'/') => {
                let name_end = 2 + name_length(&rest[2..]);
                let Some(end) = tag_end(rest, name_end)? else {
                    return Ok(Step::Wait);
                };
                sink.close(&rest[2..name_end])?;
                Ok(Step::Used(end + 1))
            }
            Some(b'?') => Ok(self.enter(Mode::Instruction, 2)),
            Some(b'!') => self.declaration(rest, sink),
            Some(_) => {
                let name_length = name_length(&rest[1..]);
                let Some(end) = tag_end(rest, 1 + name_length)? else {
                    return Ok(Step::Wait);
                };
                open_tag(&rest[1..end], name_length, sink)?;
                Ok(Step::Used(end + 1))
            }
        }
    }

    fn declaration<S: Sink>(&mut self, rest: &[u8], sink: &mut S) -> Result<Step, S::Error> {
        const COMMENT: &[u8] = b"<!--";
        const CDATA: &[u8] = b"<![CDATA[";
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

fn open_tag<S: Sink>(inner: &[u8], name_length: usize, sink: &mut S) -> Result<(), S::Error> {
    let (name, attributes) = inner.split_at(name_length);
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

/// How long the name is that begins here. Tags are short, so a plain loop is faster than a search
/// that has to be set up.
fn name_length(rest: &[u8]) -> usize {
    rest.iter()
        .position(|&byte| ENDS_NAME[usize::from(byte)])
        .unwrap_or(rest.len())
}

/// Offset of the `>` that ends the tag, from the end of its name; one inside a quoted attribute
/// value does not end it.
fn tag_end(rest: &[u8], from: usize) -> Result<Option<usize>, Fault> {
    let mut at = from;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'>' => return Ok(Some(at)),
            b'"' | b'\'' => match memchr(byte, &rest[at + 1..]) {
                Some(length) => at += length + 2,
                None => break,
            },
            _ => at += 1,
        }
    }
    if rest.len() >= MAX_TAG {
        Err(Fault::OverlongTag)
    } else {
        Ok(None)
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

/// The bytes after which a name has ended.
const ENDS_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &[u8] = b" \t\r\n\x0c>/\"'";
    while let [byte, others @ ..] = rest {
        table[*byte as usize] = true;
        rest = others;
    }
    table
};

/// No honest tag comes near it; a longer one would only fill the memory.
const MAX_TAG: usize = 64 * 1024;
