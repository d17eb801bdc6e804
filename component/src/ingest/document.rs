//! Follows the tokens of one answer: where in the document each of them stands.
//!
//! Decides whether the document is the list that was asked for, whether its tags fit together and
//! whether it is whole. What its texts amount to is for `records`.

use super::element::Element;
use super::raw::{Leaf, MAX_TEXT, Opening, Pieces};
use super::records::Records;
use crate::contract::ingest::{End, Error, Page};
use crate::contract::types::Dataset;
use crate::rules::Rules;
use crate::xml::{Fault, Sink, Text};

#[derive(Debug)]
pub(super) struct Document {
    dataset: Dataset,
    stack: Vec<Open>,
    /// The tags of the open elements, one after the other, as written.
    tags: Vec<u8>,
    /// The texts of the open elements.
    pieces: Pieces,
    records: Records,
    is_whole: bool,
}

/// An element whose end has not come.
#[derive(Debug)]
struct Open {
    element: Element,
    /// Where its name and its XML attributes begin in `tags`.
    name_start: usize,
    name_end: usize,
    text: Opening,
    /// Which child is likely to come next, see [`Element::child`].
    next: usize,
}

impl Document {
    pub(super) fn new(dataset: Dataset, rules: Rules) -> Self {
        Self {
            dataset,
            stack: Vec::new(),
            tags: Vec::new(),
            pieces: Pieces::default(),
            records: Records::new(dataset, rules),
            is_whole: false,
        }
    }

    /// What has been completed since the last call.
    pub(super) fn take_page(&mut self) -> Page {
        self.records.take_page()
    }

    /// After the last byte, `n_bytes` in all.
    pub(super) fn finish(&self, n_bytes: u64) -> Result<End, Error> {
        if !self.is_whole {
            return Err(Error::CutOff(n_bytes));
        }
        self.records.end().map_err(Error::Refused)
    }

    /// The place of an element that begins here.
    fn place(&mut self, name: &[u8]) -> Result<Element, Error> {
        if self.stack.len() == MAX_DEPTH {
            return Err(Error::TooLarge(format!(
                "elements are nested more than {MAX_DEPTH} deep"
            )));
        }
        let Some(parent) = self.stack.last_mut() else {
            return self.root(name);
        };
        let child = parent.element.child(self.dataset, name, &mut parent.next);
        Ok(child.unwrap_or_else(|| {
            // Names come in upper case, but for one sample in Qualys' own manual.
            let upper = name.to_ascii_uppercase();
            parent
                .element
                .child(self.dataset, &upper, &mut parent.next)
                .unwrap_or(parent.element.child_without_name())
        }))
    }

    fn root(&self, name: &[u8]) -> Result<Element, Error> {
        if self.is_whole {
            return Err(Error::Malformed(
                "a second root element follows the first".into(),
            ));
        }
        match name.to_ascii_uppercase().as_slice() {
            b"SIMPLE_RETURN" | b"GENERIC_RETURN" => Ok(Element::Refusal),
            upper if upper == root_of(self.dataset) => Ok(Element::Frame),
            _ => Err(unexpected(name)),
        }
    }
}

impl Sink for Document {
    type Error = Error;

    fn doctype(&mut self, name: &[u8]) -> Result<(), Error> {
        // Pages for people come in place of answers, and are no XML from here on.
        if name.eq_ignore_ascii_case(b"html") {
            Err(unexpected(name))
        } else {
            Ok(())
        }
    }

    fn open(&mut self, name: &[u8], attributes: &[u8]) -> Result<(), Error> {
        let element = self.place(name)?;
        self.records.open(element);
        let name_start = self.tags.len();
        self.tags.extend_from_slice(name);
        let name_end = self.tags.len();
        self.tags.extend_from_slice(attributes);
        self.stack.push(Open {
            element,
            name_start,
            name_end,
            text: self.pieces.open(),
            next: 0,
        });
        Ok(())
    }

    fn text(&mut self, piece: &[u8]) -> Result<(), Error> {
        match self.stack.last_mut() {
            Some(open) if open.element.keeps_text() => self.pieces.text(&mut open.text, piece),
            Some(_) => {}
            None if self.is_whole || piece.trim_ascii().is_empty() => {}
            None => {
                return Err(Error::Malformed(
                    "text comes before the root element".into(),
                ));
            }
        }
        Ok(())
    }

    fn cdata(&mut self, piece: &[u8]) {
        if let Some(open) = self.stack.last_mut()
            && open.element.keeps_text()
        {
            self.pieces.cdata(&mut open.text, piece);
        }
    }

    fn close(&mut self, name: &[u8]) -> Result<(), Error> {
        let Some(open) = self.stack.pop() else {
            return Err(Error::Malformed(format!(
                "`</{}>` closes nothing",
                shown(name)
            )));
        };
        let (opened, attributes) =
            self.tags[open.name_start..].split_at(open.name_end - open.name_start);
        if opened != name {
            let message = format!("`</{}>` closes `<{}>`", shown(name), shown(opened));
            return Err(Error::Malformed(message));
        }
        if open.element.keeps_text() {
            self.records.leaf(Leaf {
                element: open.element,
                name,
                attributes,
                text: self.pieces.gathered(&open.text),
            });
            if open.text.is_overlong {
                self.records
                    .warn(format!("`{}` is too long and was cut", shown(name)));
            }
            self.pieces.close(&open.text);
        } else {
            self.records.close(open.element);
        }
        self.tags.truncate(open.name_start);
        self.is_whole = self.stack.is_empty();
        Ok(())
    }

    fn leaf(&mut self, name: &[u8], attributes: &[u8], text: Text<'_>) -> Result<(), Error> {
        let plain = match text {
            Text::Encoded(text) => Some(text).filter(|text| memchr::memchr(b'&', text).is_none()),
            Text::Cdata(text) => Some(text),
        };
        if let Some(text) = plain.filter(|text| text.len() <= MAX_TEXT && !self.stack.is_empty()) {
            let element = self.place(name)?;
            if element.keeps_text() {
                self.records.leaf(Leaf {
                    element,
                    name,
                    attributes,
                    text,
                });
                return Ok(());
            }
        }
        self.open(name, attributes)?;
        match text {
            Text::Encoded(text) => self.text(text)?,
            Text::Cdata(text) => self.cdata(text),
        }
        self.close(name)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::UnknownMarkup | Fault::NamelessTag => Self::Malformed(fault.to_string()),
            Fault::OverlongTag | Fault::EntityDeclaration => Self::TooLarge(fault.to_string()),
        }
    }
}

fn root_of(dataset: Dataset) -> &'static [u8] {
    match dataset {
        Dataset::HostIds | Dataset::Hosts => b"HOST_LIST_OUTPUT",
        Dataset::Detections => b"HOST_LIST_VM_DETECTION_OUTPUT",
        Dataset::KnowledgeBase => b"KNOWLEDGE_BASE_VULN_LIST_OUTPUT",
        Dataset::AssetGroups => b"ASSET_GROUP_LIST_OUTPUT",
    }
}

fn unexpected(name: &[u8]) -> Error {
    Error::UnexpectedRoot(if name.eq_ignore_ascii_case(b"html") {
        "html".into()
    } else {
        shown(name)
    })
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(&name[..name.len().min(MAX_NAME)]).into_owned()
}

const MAX_DEPTH: usize = 64;
const MAX_NAME: usize = 64;
