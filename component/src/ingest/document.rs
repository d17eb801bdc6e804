//! Follows the tokens of one answer: where in the document each of them stands.
//!
//! Decides whether the document is the list that was asked for, whether its tags fit together and
//! whether it is whole. What its texts amount to is for `records`.

use super::element::{Children, Element};
use super::raw::{Leaf, MAX_TEXT, Opening, Pieces};
use super::records::Records;
use crate::contract::ingest::{End, Error, Page};
use crate::contract::types::Dataset;
use crate::rules::Rules;
use crate::xml::{Fault, Sink};

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
    /// Where its text is to be kept.
    text: Option<Opening>,
    children: Children,
    /// Which of them is likely to come next.
    next: usize,
}

impl Open {
    /// The place of a child, if its name is known.
    fn child(&mut self, name: &[u8]) -> Option<Element> {
        self.children.find(name, &mut self.next).or_else(|| {
            // Names come in upper case, but for one sample in Qualys' own manual.
            let upper = name.to_ascii_uppercase();
            self.children.find(&upper, &mut self.next)
        })
    }
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

    /// The lists of VMDR are XML alone.
    pub(super) fn may_be_json(&self) -> bool {
        root_of(self.dataset) == PORTAL || self.json_root().is_some()
    }

    /// The name of a document in JSON that has none of its own.
    pub(super) fn json_root(&self) -> Option<&'static [u8]> {
        match self.dataset {
            Dataset::AssetView => Some(ASSET_VIEW),
            Dataset::CveScores => Some(CVE_SCORES),
            _ => None,
        }
    }

    /// The place of a child whose name is not known.
    fn unknown(&mut self, name: &[u8]) -> Element {
        let Some(parent) = self.stack.last() else {
            return Element::Unknown;
        };
        if parent.element.is_listed_whole() {
            let below = &self.tags[parent.name_start..parent.name_end];
            self.records.drift(below, name);
        }
        parent.element.unknown_child()
    }

    fn root(&self, name: &[u8]) -> Result<Element, Error> {
        if self.is_whole {
            return Err(Error::Malformed(
                "a second root element follows the first".into(),
            ));
        }
        match name.to_ascii_uppercase().as_slice() {
            b"SIMPLE_RETURN" | b"GENERIC_RETURN" => Ok(Element::Refusal),
            upper if upper == PORTAL && root_of(self.dataset) == PORTAL => Ok(Element::Portal),
            upper if upper == ASSET_VIEW && root_of(self.dataset) == ASSET_VIEW => {
                Ok(Element::Portal)
            }
            upper if self.dataset == Dataset::CveScores && contains(upper, CVE_SCORES) => {
                Ok(Element::CveScores)
            }
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
        if self.stack.len() == MAX_DEPTH {
            return Err(Error::TooLarge(format!(
                "elements are nested more than {MAX_DEPTH} deep"
            )));
        }
        let element = match self.stack.last_mut() {
            Some(parent) => match parent.child(name) {
                Some(element) => element,
                None => self.unknown(name),
            },
            None => self.root(name)?,
        };
        self.records.open(element, name);
        let name_start = self.tags.len();
        self.tags.extend_from_slice(name);
        let name_end = self.tags.len();
        self.tags.extend_from_slice(attributes);
        self.stack.push(Open {
            element,
            name_start,
            name_end,
            text: element.keeps_text().then(|| self.pieces.open()),
            children: element.children(self.dataset),
            next: 0,
        });
        Ok(())
    }

    fn text(&mut self, piece: &[u8]) -> Result<(), Error> {
        match self.stack.last_mut() {
            Some(open) => {
                if let Some(text) = &mut open.text {
                    self.pieces.text(text, piece);
                }
            }
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
        if let Some(text) = self.stack.last_mut().and_then(|open| open.text.as_mut()) {
            self.pieces.cdata(text, piece);
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
        if let Some(text) = open.text {
            self.records.leaf(&Leaf {
                element: open.element,
                name,
                attributes,
                text: self.pieces.gathered(&text),
            });
            if text.is_overlong {
                self.records
                    .warn(format!("`{}` is too long and was cut", shown(name)));
            }
            self.pieces.close(&text);
        } else {
            self.records.close(open.element);
        }
        self.tags.truncate(open.name_start);
        self.is_whole = self.stack.is_empty();
        Ok(())
    }

    fn leaf(&mut self, name: &[u8], attributes: &[u8], text: &[u8]) -> Result<(), Error> {
        if self.stack.len() < MAX_DEPTH
            && text.len() <= MAX_TEXT
            && let Some(parent) = self.stack.last_mut()
            && let Some(element) = parent.child(name)
            && element.keeps_text()
        {
            self.records.leaf(&Leaf {
                element,
                name,
                attributes,
                text,
            });
            return Ok(());
        }
        self.open(name, attributes)?;
        self.cdata(text);
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
        Dataset::ChangedHostIds | Dataset::HostIds | Dataset::Hosts => b"HOST_LIST_OUTPUT",
        Dataset::Detections => b"HOST_LIST_VM_DETECTION_OUTPUT",
        Dataset::KnowledgeBase => b"KNOWLEDGE_BASE_VULN_LIST_OUTPUT",
        Dataset::AssetGroups => b"ASSET_GROUP_LIST_OUTPUT",
        Dataset::Tags | Dataset::HostAssets | Dataset::WebApps | Dataset::WebAppFindings => PORTAL,
        Dataset::AssetView => ASSET_VIEW,
        Dataset::CveScores => CVE_SCORES,
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
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

const PORTAL: &[u8] = b"SERVICERESPONSE";
/// No document is called so: it stands for one without a name.
const ASSET_VIEW: &[u8] = b"ASSETVIEW";
/// The document in JSON has no name, and one in XML would have this in its own.
const CVE_SCORES: &[u8] = b"QVS";
const MAX_DEPTH: usize = 64;
const MAX_NAME: usize = 64;
