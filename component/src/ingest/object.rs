//! Splits a JSON document into the tokens of an XML one, as its bytes arrive.
//!
//! The portal serves both, with the same names: a member of an object is an element, and what a
//! list holds stands in the element of the list. The gateway gives no names to its document and to
//! the rows of a list: there the caller names the document, and each row has the name of its list.
//! `null` is no element at all. What cannot be JSON is an error here; whether it is the list that
//! was asked for is for `document` to say.

use memchr::memchr2;

use super::raw::MAX_TEXT;
use crate::contract::ingest::Error;
use crate::xml::Sink;

#[derive(Debug)]
pub(super) struct Tokenizer {
    place: Place,
    levels: Vec<Level>,
    /// The name of the member whose value comes.
    key: Option<Vec<u8>>,
    /// The string or literal that is being read.
    text: Vec<u8>,
    is_key: bool,
    unicode: Unicode,
    /// Whether rows have the name of their list.
    names_rows: bool,
}

/// What the next byte may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Value,
    FirstElement,
    FirstMember,
    Member,
    Colon,
    AfterValue,
    Text,
    Escape,
    Hex,
    Literal,
    End,
}

/// An object or a list whose end has not come.
#[derive(Debug)]
struct Level {
    is_object: bool,
    /// The element that ends with it.
    name: Option<Vec<u8>>,
    /// The name of each of its rows.
    row: Option<Vec<u8>>,
    has_text: bool,
}

#[derive(Debug, Default)]
struct Unicode {
    n_digits: u8,
    code: u32,
    /// The first half of a pair.
    high: Option<u32>,
}

impl Tokenizer {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Value,
            levels: Vec::new(),
            key: None,
            text: Vec::new(),
            is_key: false,
            unicode: Unicode::default(),
            names_rows: false,
        }
    }

    /// For a document that is an element of this name, and whose rows have the names of their lists.
    pub(super) fn named(document: &[u8]) -> Self {
        Self {
            key: Some(document.to_owned()),
            names_rows: true,
            ..Self::new()
        }
    }

    pub(super) fn push<S: Sink<Error = Error>>(
        &mut self,
        chunk: &[u8],
        sink: &mut S,
    ) -> Result<(), Error> {
        let mut rest = chunk;
        while let Some((&byte, others)) = rest.split_first() {
            if self.place == Place::Text {
                let n = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                if n > 0 {
                    self.add(&rest[..n]);
                    rest = &rest[n..];
                    continue;
                }
            }
            self.byte(byte, sink)?;
            rest = others;
        }
        Ok(())
    }

    fn byte<S: Sink<Error = Error>>(&mut self, byte: u8, sink: &mut S) -> Result<(), Error> {
        match self.place {
            Place::Text => return self.end_of_text(byte, sink),
            Place::Escape => return self.escape(byte),
            Place::Hex => return self.hex(byte),
            Place::Literal if !is_end_of_literal(byte) => {
                self.add(&[byte]);
                return Ok(());
            }
            Place::Literal => self.end_of_literal(sink)?,
            _ => {}
        }
        if byte.is_ascii_whitespace() {
            return Ok(());
        }
        let is_object = self.levels.last().is_some_and(|level| level.is_object);
        match (self.place, byte) {
            (Place::Value | Place::FirstElement, b'{') => self.begin(true, sink),
            (Place::Value | Place::FirstElement, b'[') => self.begin(false, sink),
            (Place::Value | Place::FirstElement, b'"') => self.begin_text(false),
            (Place::Value | Place::FirstElement, b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                self.text.clear();
                self.text.push(byte);
                self.place = Place::Literal;
                Ok(())
            }
            (Place::FirstMember | Place::Member, b'"') => self.begin_text(true),
            (Place::FirstMember, b'}') | (Place::FirstElement, b']') => self.end(sink),
            (Place::AfterValue, b'}') if is_object => self.end(sink),
            (Place::AfterValue, b']') if !is_object => self.end(sink),
            (Place::AfterValue, b',') => {
                self.place = if is_object {
                    Place::Member
                } else {
                    Place::Value
                };
                Ok(())
            }
            (Place::Colon, b':') => {
                self.place = Place::Value;
                Ok(())
            }
            _ => Err(malformed("a character stands where JSON has none")),
        }
    }

    fn begin<S: Sink<Error = Error>>(
        &mut self,
        is_object: bool,
        sink: &mut S,
    ) -> Result<(), Error> {
        if self.levels.len() == MAX_LEVELS {
            let message = format!("values are nested more than {MAX_LEVELS} deep");
            return Err(Error::TooLarge(message));
        }
        let name = self.name();
        let (name, row) = if self.names_rows && !is_object {
            (None, name)
        } else {
            (name, None)
        };
        if let Some(name) = &name {
            sink.open(name, b"")?;
        }
        self.levels.push(Level {
            is_object,
            name,
            row,
            has_text: false,
        });
        self.place = if is_object {
            Place::FirstMember
        } else {
            Place::FirstElement
        };
        Ok(())
    }

    fn end<S: Sink<Error = Error>>(&mut self, sink: &mut S) -> Result<(), Error> {
        if let Some(name) = self.levels.pop().and_then(|level| level.name) {
            sink.close(&name)?;
        }
        self.after_value();
        Ok(())
    }

    fn begin_text(&mut self, is_key: bool) -> Result<(), Error> {
        self.text.clear();
        self.is_key = is_key;
        self.place = Place::Text;
        Ok(())
    }

    fn end_of_text<S: Sink<Error = Error>>(&mut self, byte: u8, sink: &mut S) -> Result<(), Error> {
        if byte == b'\\' {
            self.place = Place::Escape;
            return Ok(());
        }
        self.end_of_pair();
        if self.is_key {
            self.key = Some(std::mem::take(&mut self.text));
            self.place = Place::Colon;
            return Ok(());
        }
        self.scalar(sink)
    }

    fn escape(&mut self, byte: u8) -> Result<(), Error> {
        let letter = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                self.unicode.n_digits = 0;
                self.unicode.code = 0;
                self.place = Place::Hex;
                return Ok(());
            }
            _ => return Err(malformed("an escape in a text is none of JSON")),
        };
        self.add(&[letter]);
        self.place = Place::Text;
        Ok(())
    }

    fn hex(&mut self, byte: u8) -> Result<(), Error> {
        let digit = char::from(byte)
            .to_digit(16)
            .ok_or_else(|| malformed("an escape in a text is none of JSON"))?;
        self.unicode.code = self.unicode.code << 4 | digit;
        self.unicode.n_digits += 1;
        if self.unicode.n_digits < 4 {
            return Ok(());
        }
        self.place = Place::Text;
        let code = self.unicode.code;
        match (self.unicode.high.take(), code) {
            (Some(high), 0xdc00..=0xdfff) => {
                self.letter(0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00));
            }
            (high, _) => {
                if high.is_some() {
                    self.letter(LOST);
                }
                match code {
                    0xd800..=0xdbff => self.unicode.high = Some(code),
                    0xdc00..=0xdfff => self.letter(LOST),
                    _ => self.letter(code),
                }
            }
        }
        Ok(())
    }

    fn end_of_literal<S: Sink<Error = Error>>(&mut self, sink: &mut S) -> Result<(), Error> {
        let is_number = || {
            let number = std::str::from_utf8(&self.text).ok();
            number.is_some_and(|text| text.parse::<f64>().is_ok_and(f64::is_finite))
        };
        match self.text.as_slice() {
            b"null" => {
                self.key = None;
                self.after_value();
                Ok(())
            }
            b"true" | b"false" => self.scalar(sink),
            _ if is_number() => self.scalar(sink),
            _ => Err(malformed("a value is none of JSON")),
        }
    }

    /// A whole text, number or flag.
    fn scalar<S: Sink<Error = Error>>(&mut self, sink: &mut S) -> Result<(), Error> {
        match (self.name(), self.levels.last_mut()) {
            (Some(name), _) => sink.leaf(&name, b"", &self.text)?,
            (None, Some(level)) => {
                if std::mem::replace(&mut level.has_text, true) {
                    sink.cdata(b", ");
                }
                sink.cdata(&self.text);
            }
            (None, None) => return Err(malformed("the document is no object")),
        }
        self.after_value();
        Ok(())
    }

    /// Of the value that begins: that of its member, or of the list it is a row of.
    fn name(&mut self) -> Option<Vec<u8>> {
        let of_list = |level: &Level| level.row.clone();
        self.key
            .take()
            .or_else(|| self.levels.last().and_then(of_list))
    }

    fn after_value(&mut self) {
        self.place = if self.levels.is_empty() {
            Place::End
        } else {
            Place::AfterValue
        };
    }

    fn letter(&mut self, code: u32) {
        let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut bytes = [0; 4];
        let bytes = letter.encode_utf8(&mut bytes).as_bytes();
        self.extend(bytes);
    }

    fn end_of_pair(&mut self) {
        if self.unicode.high.take().is_some() {
            self.letter(LOST);
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.end_of_pair();
        self.extend(bytes);
    }

    /// One byte more than is kept tells the document that it was too long.
    fn extend(&mut self, bytes: &[u8]) {
        let room = (MAX_TEXT + 1).saturating_sub(self.text.len());
        self.text.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

fn is_end_of_literal(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']')
}

fn malformed(message: &str) -> Error {
    Error::Malformed(message.to_owned())
}

const MAX_LEVELS: usize = 64;
/// Half of a pair stands for no letter.
const LOST: u32 = 0xfffd;

#[cfg(test)]
mod tests;
