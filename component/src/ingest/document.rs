//! Follows the tokens of one answer and collects what they complete.
//!
//! Keeps track of where in the document it is, and calls the record readers when a record ends.
//! What a text means is theirs to say; whether the document is whole, and whether it is the list
//! that was asked for, is decided here.

use super::element::Element;
use super::field::Warnings;
use super::finding::{self, Pending};
use super::raw::{Arena, Mark, Opening};
use super::{asset_group, host, refusal, vulnerability};
use crate::contract::ingest::{End, Error, HostFindings, Page};
use crate::contract::types::{Dataset, Finding, QualysHost};
use crate::xml::{Fault, Sink};
use crate::{rules::Rules, time};

#[derive(Debug)]
pub(super) struct Document {
    dataset: Dataset,
    rules: Rules,
    stack: Vec<Open>,
    /// The names of the open elements, one after the other, as written.
    names: Vec<u8>,
    arena: Arena,
    /// Findings of the host that is open.
    findings: Vec<Pending>,
    host_id: Option<String>,
    page: Page,
    warnings: Warnings,
    end: End,
    refusal: Option<refusal::Parts>,
    is_whole: bool,
}

/// An element whose end has not come.
#[derive(Debug)]
struct Open {
    element: Element,
    name_start: usize,
    mark: Mark,
    leaf: Opening,
}

impl Document {
    pub(super) fn new(dataset: Dataset, rules: Rules) -> Self {
        Self {
            dataset,
            rules,
            stack: Vec::new(),
            names: Vec::new(),
            arena: Arena::default(),
            findings: Vec::new(),
            host_id: None,
            page: empty_page(),
            warnings: Warnings::default(),
            end: End {
                next: None,
                as_of: None,
                elements: 0,
                skipped: Vec::new(),
            },
            refusal: None,
            is_whole: false,
        }
    }

    /// What has been completed since the last call.
    pub(super) fn take_page(&mut self) -> Page {
        self.page.warnings = self.warnings.take();
        std::mem::replace(&mut self.page, empty_page())
    }

    /// After the last byte, `n_bytes` in all.
    pub(super) fn finish(&mut self, n_bytes: u64) -> Result<End, Error> {
        if !self.is_whole {
            return Err(Error::CutOff(n_bytes));
        }
        match self.refusal.take() {
            Some(parts) => Err(Error::Refused(parts.settle())),
            None => Ok(End {
                skipped: self.rules.skipped(),
                ..self.end.clone()
            }),
        }
    }

    fn open_root(&mut self, name: &[u8]) -> Result<Element, Error> {
        if self.is_whole {
            return Err(Error::Malformed(
                "a second root element follows the first".into(),
            ));
        }
        match name {
            b"SIMPLE_RETURN" | b"GENERIC_RETURN" => {
                self.refusal = Some(refusal::Parts::default());
                Ok(Element::Refusal)
            }
            _ if name == root_of(self.dataset) => Ok(Element::Frame),
            _ => Err(unexpected(name)),
        }
    }

    /// What the end of an element completes.
    fn complete(&mut self, open: &Open) {
        let record = self.arena.record(open.mark);
        match open.element {
            Element::Detection => {
                self.end.elements += 1;
                self.findings.extend(finding::read(
                    record,
                    self.host_id.as_deref(),
                    &mut self.warnings,
                ));
            }
            Element::Host => {
                let host = host::read(record, &mut self.warnings);
                let findings = std::mem::take(&mut self.findings);
                self.host_id = None;
                self.end.elements += 1;
                if let Some(host) = host {
                    self.keep_host(host, findings);
                }
            }
            Element::Vulnerability => {
                self.end.elements += 1;
                self.page
                    .vulnerabilities
                    .extend(vulnerability::read(record, &mut self.warnings));
            }
            Element::AssetGroup => {
                self.end.elements += 1;
                self.page
                    .asset_groups
                    .extend(asset_group::read(record, &mut self.warnings));
            }
            Element::HostId => {
                self.host_id = record
                    .leaves()
                    .last()
                    .and_then(|leaf| record.text(leaf))
                    .map(|id| id.into_owned());
                return;
            }
            Element::Datetime | Element::WarningUrl | Element::SetId | Element::SetIdRange => {
                let text = record
                    .leaves()
                    .last()
                    .and_then(|leaf| record.text(leaf))
                    .map(|text| text.into_owned());
                if let Some(text) = text {
                    self.frame_text(open.element, &text);
                }
            }
            element if self.refusal.is_some() => {
                let text = record
                    .leaves()
                    .last()
                    .and_then(|leaf| record.text(leaf))
                    .unwrap_or_default();
                if let Some(parts) = &mut self.refusal {
                    parts.take(element, &text);
                }
            }
            // The leaves of a record stay in the arena until the record itself ends.
            _ => return,
        }
        self.arena.truncate(open.mark);
    }

    fn keep_host(&mut self, host: QualysHost, pending: Vec<Pending>) {
        if self.dataset == Dataset::HostIds {
            self.page.host_ids.push(host.host_id);
            return;
        }
        let mut findings: Vec<Finding> = Vec::with_capacity(pending.len());
        for finding in pending {
            findings.extend(self.rules.keep(finding.settle(host.host_id)));
        }
        self.page.hosts.push(HostFindings { host, findings });
    }

    /// The leaves outside of records.
    fn frame_text(&mut self, element: Element, text: &str) {
        match element {
            Element::Datetime => self.end.as_of = time::parse(text),
            Element::WarningUrl => {
                self.end.next = text.split_once('?').map(|(_, query)| query.to_owned())
            }
            _ => {
                self.end.elements += 1;
                let (first, last) = text.split_once('-').unwrap_or((text, text));
                match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
                    (Ok(first), Ok(last)) if first <= last && last - first < MAX_RANGE => {
                        self.page.host_ids.extend(first..=last);
                    }
                    _ => self.warnings.add(
                        None,
                        format!("`{text:.40}` is no host number or range of them"),
                    ),
                }
            }
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

    fn open(&mut self, written: &[u8], attributes: &[u8]) -> Result<(), Error> {
        // Names come in upper case, but for one sample in Qualys' own manual.
        let upper;
        let name = if written.iter().any(u8::is_ascii_lowercase) {
            upper = written.to_ascii_uppercase();
            &upper
        } else {
            written
        };
        let element = match self.stack.last() {
            None => self.open_root(name)?,
            Some(parent) => parent.element.child(self.dataset, name),
        };
        if self.stack.len() == MAX_DEPTH {
            return Err(Error::TooLarge(format!(
                "elements are nested more than {MAX_DEPTH} deep"
            )));
        }
        let mark = self.arena.mark();
        let note = element.note().map(|(prefix, from)| match from {
            Some(attribute) => (
                prefix,
                attribute_value(attributes, attribute).unwrap_or_default(),
            ),
            None => (prefix, written),
        });
        let leaf = if element.keeps_text() {
            self.arena.open(note)
        } else {
            Opening::default()
        };
        if let (Element::GenericReturn, Some(parts)) = (element, &mut self.refusal) {
            parts.code_from(attribute_value(attributes, b"number"));
        }
        self.stack.push(Open {
            element,
            name_start: self.names.len(),
            mark,
            leaf,
        });
        self.names.extend_from_slice(written);
        Ok(())
    }

    fn text(&mut self, piece: &[u8]) -> Result<(), Error> {
        match self.stack.last_mut() {
            Some(open) if open.element.keeps_text() => self.arena.text(&mut open.leaf, piece),
            Some(_) => {}
            None if piece.iter().all(u8::is_ascii_whitespace) || self.is_whole => {}
            None if piece
                .strip_prefix(b"\xef\xbb\xbf")
                .is_some_and(|rest| rest.trim_ascii().is_empty()) => {}
            None => {
                return Err(Error::Malformed(
                    "text comes before the root element".into(),
                ));
            }
        }
        Ok(())
    }

    fn cdata(&mut self, piece: &[u8]) {
        if let Some(open) = self
            .stack
            .last_mut()
            .filter(|open| open.element.keeps_text())
        {
            self.arena.cdata(&mut open.leaf, piece);
        }
    }

    fn close(&mut self, name: &[u8]) -> Result<(), Error> {
        let Some(open) = self.stack.pop() else {
            return Err(Error::Malformed(format!(
                "`</{}>` closes nothing",
                shown(name)
            )));
        };
        let opened = &self.names[open.name_start..];
        if opened != name {
            let message = format!("`</{}>` closes `<{}>`", shown(name), shown(opened));
            return Err(Error::Malformed(message));
        }
        self.names.truncate(open.name_start);
        if open.element.keeps_text() {
            if self.arena.close(&open.leaf, open.element) {
                let subject = self.host_id.as_ref().map(|id| format!("host {id}"));
                self.warnings.add(
                    subject,
                    format!("`{}` is too long and was cut", shown(name)),
                );
            }
        } else if open.element.groups_leaves() {
            self.arena.group(open.element);
        }
        self.complete(&open);
        self.is_whole = self.stack.is_empty();
        Ok(())
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

/// The value of one XML attribute, as written.
fn attribute_value<'a>(attributes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = attributes;
    loop {
        let equals = rest.iter().position(|&byte| byte == b'=')?;
        let found = rest[..equals].trim_ascii();
        let after = rest[equals + 1..].trim_ascii_start();
        let quote = *after.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let length = after[1..].iter().position(|&byte| byte == quote)?;
        if found.eq_ignore_ascii_case(name) {
            return Some(&after[1..=length]);
        }
        rest = &after[length + 2..];
    }
}

fn empty_page() -> Page {
    Page {
        host_ids: Vec::new(),
        hosts: Vec::new(),
        vulnerabilities: Vec::new(),
        asset_groups: Vec::new(),
        warnings: Vec::new(),
    }
}

const MAX_DEPTH: usize = 64;
const MAX_NAME: usize = 64;
/// A range names more hosts than any subscription has: it would only fill the memory.
const MAX_RANGE: u64 = 5_000_000;
