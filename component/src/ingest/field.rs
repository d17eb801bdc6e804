//! One leaf to one typed value. What cannot be read costs the value, not the record: it becomes a
//! warning that names the element's owner.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::raw::Leaf;
use crate::contract::ingest::{Drift, Warning};
use crate::contract::types::Timestamp;
use crate::cve;
use crate::time;

/// Warnings of one answer. Bounded, because an answer may be odd from end to end.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    pending: Vec<Warning>,
    n_given: usize,
    drift: BTreeMap<String, u64>,
}

impl Warnings {
    pub(super) fn add(&mut self, subject: Subject, message: impl Into<String>) {
        self.n_given += 1;
        if self.n_given < MAX_WARNINGS {
            self.pending.push(Warning {
                subject: (subject != Subject::Unknown).then(|| subject.to_string()),
                message: message.into(),
            });
        } else if self.n_given == MAX_WARNINGS {
            self.pending.push(Warning {
                subject: None,
                message: "there are more warnings, which are left out".into(),
            });
        }
    }

    /// Counts an element or a value that is not known.
    pub(super) fn drift(&mut self, name: String) {
        if self.drift.len() < MAX_DRIFT || self.drift.contains_key(&name) {
            *self.drift.entry(name).or_default() += 1;
        }
    }

    pub(super) fn all_drift(&self) -> Vec<Drift> {
        let drift = self.drift.iter();
        drift
            .map(|(name, &n)| Drift {
                name: name.clone(),
                n,
            })
            .collect()
    }

    pub(super) fn take(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.pending)
    }
}

/// What a warning is about, as far as it is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Subject {
    Unknown,
    Host(u64),
    Qid(u32),
    AssetGroup(u64),
    Tag(u64),
    Asset(u64),
    WebApp(u64),
    WebFinding(u64),
    /// By its number, see `cve`.
    Cve(u64),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Host(id) => write!(f, "host {id}"),
            Self::Qid(qid) => write!(f, "QID {qid}"),
            Self::AssetGroup(id) => write!(f, "asset group {id}"),
            Self::Tag(id) => write!(f, "tag {id}"),
            Self::Asset(id) => write!(f, "host asset {id}"),
            Self::WebApp(id) => write!(f, "web application {id}"),
            Self::WebFinding(id) => write!(f, "web finding {id}"),
            Self::Cve(number) => f.write_str(&cve::name(*number)),
        }
    }
}

/// A leaf that is to become a value. The common spelling of a value is read from the bytes as they
/// are; only another one is made readable first.
#[derive(Debug)]
pub(super) struct Field<'a, 'w> {
    pub(super) leaf: &'w Leaf<'a>,
    pub(super) subject: Subject,
    pub(super) warnings: &'w mut Warnings,
}

impl Field<'_, '_> {
    pub(super) fn text(&self) -> Option<String> {
        self.leaf.text().map(|text| text.into_owned())
    }

    /// A whole number without a sign.
    pub(super) fn number<T: FromStr + TryFrom<u64>>(&mut self) -> Option<T> {
        match digits(self.leaf.text.trim_ascii()).map(T::try_from) {
            Some(Ok(number)) => Some(number),
            _ => self.read("is no number that fits", |text| text.parse().ok()),
        }
    }

    pub(super) fn decimal(&mut self) -> Option<f32> {
        self.read("is no number that fits", |text| {
            text.parse().ok().filter(|number: &f32| number.is_finite())
        })
    }

    pub(super) fn time(&mut self) -> Option<Timestamp> {
        time::parse(self.leaf.text).or_else(|| self.read("is no time", |text| time::parse(text)))
    }

    /// `0` or `1`.
    pub(super) fn flag(&mut self) -> Option<bool> {
        let flag = |text: &[u8]| match text {
            b"0" => Some(false),
            b"1" => Some(true),
            _ => None,
        };
        flag(self.leaf.text)
            .or_else(|| self.read("is neither 0 nor 1", |text| flag(text.as_bytes())))
    }

    /// `true` or `false`, as the portal has them.
    pub(super) fn truth(&mut self) -> Option<bool> {
        self.read("is neither true nor false", |text| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// The portal writes out what is absent.
    pub(super) fn is_null(&self) -> bool {
        self.leaf.text.trim_ascii() == b"null"
    }

    pub(super) fn word<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.leaf.text()?;
        let word = read(&text);
        if word.is_none() {
            self.odd("is no word that is known", &text);
            let shown: String = text.chars().take(MAX_QUOTED).collect();
            let name = self.leaf.shown_name();
            self.warnings.drift(format!("{name}={shown}"));
        }
        word
    }

    /// Numbers set off by commas, with or without blanks.
    pub(super) fn numbers(&mut self) -> Vec<u64> {
        let Some(text) = self.leaf.text() else {
            return Vec::new();
        };
        let mut numbers = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match part.parse() {
                Ok(number) => numbers.push(number),
                Err(_) => self.odd("holds what is no number", part),
            }
        }
        numbers
    }

    pub(super) fn warn(&mut self, message: impl Into<String>) {
        self.warnings.add(self.subject, message);
    }

    /// Nothing for an empty text, a warning for one that cannot be read.
    fn read<T>(&mut self, complaint: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.leaf.text()?;
        let value = read(&text);
        if value.is_none() {
            self.odd(complaint, &text);
        }
        value
    }

    fn odd(&mut self, complaint: &str, text: &str) {
        let shown: String = text.chars().take(MAX_QUOTED).collect();
        let name = self.leaf.shown_name();
        self.warn(format!("`{name}` {complaint}: `{shown}`"));
    }
}

/// Digits alone, as many as are sure to fit.
fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > MAX_DIGITS {
        return None;
    }
    text.iter().try_fold(0, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| value * 10 + u64::from(digit))
    })
}

const MAX_WARNINGS: usize = 1_000;
const MAX_DRIFT: usize = 200;
const MAX_QUOTED: usize = 40;
const MAX_DIGITS: usize = 19;
