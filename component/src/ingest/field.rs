//! One leaf to one typed value. What cannot be read costs the value, not the record: it becomes a
//! warning that names the element's owner.

use std::str::FromStr;

use super::raw::{Leaf, Record};
use crate::contract::ingest::Warning;
use crate::contract::types::Timestamp;
use crate::time;

/// Warnings of one answer. Bounded, because an answer may be odd from end to end.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    pending: Vec<Warning>,
    n_given: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, subject: Option<String>, message: impl Into<String>) {
        self.n_given += 1;
        if self.n_given < MAX_WARNINGS {
            self.pending.push(Warning {
                subject,
                message: message.into(),
            });
        } else if self.n_given == MAX_WARNINGS {
            self.pending.push(Warning {
                subject: None,
                message: "there are more warnings, which are left out".into(),
            });
        }
    }

    pub(super) fn take(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.pending)
    }
}

/// Reads the leaves of one record.
pub(super) struct Fields<'a, 'w> {
    pub(super) record: Record<'a>,
    pub(super) warnings: &'w mut Warnings,
    /// What the record is, for warnings, such as `host 7`.
    pub(super) subject: Option<String>,
}

impl<'a> Fields<'a, '_> {
    pub(super) fn text(&self, leaf: &Leaf) -> Option<String> {
        self.record.text(leaf).map(|text| text.into_owned())
    }

    pub(super) fn number<T: FromStr>(&mut self, leaf: &Leaf) -> Option<T> {
        let text = self.record.text(leaf)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.odd(leaf, "is no number that fits", &text);
        }
        number
    }

    pub(super) fn time(&mut self, leaf: &Leaf) -> Option<Timestamp> {
        let text = self.record.text(leaf)?;
        let time = time::parse(&text);
        if time.is_none() {
            self.odd(leaf, "is no time", &text);
        }
        time
    }

    /// `0` or `1`.
    pub(super) fn flag(&mut self, leaf: &Leaf) -> Option<bool> {
        let text = self.record.text(leaf)?;
        match &*text {
            "0" => Some(false),
            "1" => Some(true),
            _ => {
                self.odd(leaf, "is neither 0 nor 1", &text);
                None
            }
        }
    }

    pub(super) fn word<T>(
        &mut self,
        leaf: &Leaf,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.record.text(leaf)?;
        let word = read(&text);
        if word.is_none() {
            self.odd(leaf, "is no word that is known", &text);
        }
        word
    }

    /// Numbers set off by commas, with or without blanks.
    pub(super) fn numbers(&mut self, leaf: &Leaf) -> Vec<u64> {
        let Some(text) = self.record.text(leaf) else {
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
                Err(_) => self.odd(leaf, "holds what is no number", part),
            }
        }
        numbers
    }

    pub(super) fn warn(&mut self, message: impl Into<String>) {
        self.warnings.add(self.subject.clone(), message);
    }

    fn odd(&mut self, leaf: &Leaf, what: &str, text: &str) {
        let shown: String = text.chars().take(MAX_QUOTED).collect();
        self.warn(format!("`{}` {what}: `{shown}`", leaf.element.shown()));
    }
}

const MAX_WARNINGS: usize = 1_000;
const MAX_QUOTED: usize = 40;
