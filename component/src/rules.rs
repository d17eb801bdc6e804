//! What the settings want kept of what Qualys sent, and a count of what they left out.
//!
//! Qualys is asked only for what is wanted; these rules hold for answers that say more, such as a
//! saved one. Every rule counts under the key that switched it on.

use std::collections::BTreeMap;

use crate::contract::ingest::SkipCount;
use crate::contract::types::{Certainty, Finding, Status, WebAppFinding};
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
        let Finding {
            certainty,
            status,
            is_ignored,
            is_disabled,
            results,
            ..
        } = finding;
        self.judge(*certainty, *status, *is_ignored, *is_disabled, results)
    }

    /// The same of a finding of a web application.
    pub(crate) fn keep_web(&mut self, finding: &mut WebAppFinding) -> bool {
        let WebAppFinding {
            certainty,
            status,
            is_ignored,
            results,
            ..
        } = finding;
        self.judge(*certainty, *status, *is_ignored, false, results)
    }

    fn judge(
        &mut self,
        certainty: Certainty,
        status: Option<Status>,
        is_ignored: bool,
        is_disabled: bool,
        results: &mut Option<String>,
    ) -> bool {
        let rule = if !self.settings.information_gathered && certainty == Certainty::Information {
            Some("information_gathered")
        } else if !self.settings.fixed && status == Some(Status::Fixed) {
            Some("fixed")
        } else if !self.settings.ignored && is_ignored {
            Some("ignored")
        } else if !self.settings.disabled && is_disabled {
            Some("disabled")
        } else {
            None
        };
        if let Some(rule) = rule {
            *self.skipped.entry(rule).or_default() += 1;
            return false;
        }
        if !self.settings.results {
            *results = None;
        }
        true
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
