//! What the settings want kept of what Qualys sent, and a count of what they left out.
//!
//! Qualys is asked only for what is wanted; these rules hold for answers that say more, such as a
//! saved one. Every rule counts under the key that switched it on.

use std::collections::BTreeMap;

use crate::contract::ingest::SkipCount;
use crate::contract::types::{Certainty, Finding, Status};
use crate::settings::{self, Settings};

#[derive(Debug)]
pub(crate) struct Rules {
    settings: Settings,
    skipped: BTreeMap<&'static str, u64>,
}

impl Rules {
    pub(crate) fn from_settings(text: &str) -> Self {
        Self {
            settings: settings::parse(text).unwrap_or_default(),
            skipped: BTreeMap::new(),
        }
    }

    /// Whether the finding is kept; takes from it what is not.
    pub(crate) fn keep(&mut self, finding: &mut Finding) -> bool {
        let rule =
            if !self.settings.information_gathered && finding.certainty == Certainty::Information {
                Some("information_gathered")
            } else if !self.settings.fixed && finding.status == Some(Status::Fixed) {
                Some("fixed")
            } else if !self.settings.ignored && finding.is_ignored {
                Some("ignored")
            } else if !self.settings.disabled && finding.is_disabled {
                Some("disabled")
            } else {
                None
            };
        if let Some(rule) = rule {
            *self.skipped.entry(rule).or_default() += 1;
            return false;
        }
        if !self.settings.results {
            finding.results = None;
        }
        true
    }

    /// Whether tables in results are read.
    pub(crate) fn wants_software(&self) -> bool {
        self.settings.software
    }

    /// Counts records that are left out whatever the settings are.
    pub(crate) fn leave_out(&mut self, rule: &'static str, n: u64) {
        if n > 0 {
            *self.skipped.entry(rule).or_default() += n;
        }
    }

    pub(crate) fn skipped(&self) -> Vec<SkipCount> {
        self.skipped
            .iter()
            .map(|(&rule, &n)| SkipCount {
                rule: rule.into(),
                n,
            })
            .collect()
    }
}
