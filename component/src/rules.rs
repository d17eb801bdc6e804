//! What the settings want kept of what Qualys sent, and a count of what they left out; and what
//! they put aside of what was kept.
//!
//! Qualys is asked only for what is wanted; the first hold for answers that say more, such as a
//! saved one. Every rule counts under the key that switched it on.

use std::collections::BTreeMap;

use crate::contract::ingest::SkipCount;
use crate::contract::rules::{Properties, Rule};
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
        let rule = if self.settings.rules.fingerprint_only {
            Some("rules.fingerprint_only")
        } else if !self.settings.information_gathered && certainty == Certainty::Information {
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

    /// Whether no finding is kept.
    pub(crate) fn is_fingerprint_only(&self) -> bool {
        self.settings.rules.fingerprint_only
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

/// The first rule that puts aside a finding with these properties, with the values of `arf_*` of
/// Qualys' API 2.0. Fixed findings are never put aside, which Qualys' own filter does.
pub fn put_aside_by(settings: &Settings, properties: &Properties) -> Option<Rule> {
    if properties.is_fixed {
        return None;
    }
    let kernel = is_hidden(
        settings.kernel_filter,
        properties.affects_running_kernel,
        false,
    );
    let service = is_hidden(
        settings.service_filter,
        properties.affects_running_service,
        true,
    );
    let config = is_hidden(
        settings.config_filter,
        properties.affects_exploitable_config,
        true,
    );
    [
        (kernel, Rule::KernelFilter),
        (service, Rule::ServiceFilter),
        (config, Rule::ConfigFilter),
    ]
    .into_iter()
    .find_map(|(is_hidden, rule)| is_hidden.then_some(rule))
}

/// The filters are alike but for what 1 and 2 are about: `first` is the answer of those that 1
/// leaves out and 2 shows alone, and 3 shows the others alone.
fn is_hidden(filter: u32, is_exploitable: Option<bool>, first: bool) -> bool {
    match filter {
        1 => is_exploitable == Some(first),
        2 => is_exploitable != Some(first),
        3 => is_exploitable != Some(!first),
        4 => is_exploitable.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which findings are shown: those that are not exploitable, those that are, and those that
    /// the filter is not about.
    #[track_caller]
    fn check(settings: Settings, rule: Rule, shown: [bool; 3]) {
        let answers = [Some(false), Some(true), None];
        for (is_exploitable, is_shown) in answers.into_iter().zip(shown) {
            let of = |one: Rule| is_exploitable.filter(|_| one == rule);
            let properties = Properties {
                is_fixed: false,
                affects_running_kernel: of(Rule::KernelFilter),
                affects_running_service: of(Rule::ServiceFilter),
                affects_exploitable_config: of(Rule::ConfigFilter),
            };
            let expected = (!is_shown).then_some(rule);
            assert_eq!(
                put_aside_by(&settings, &properties),
                expected,
                "{is_exploitable:?}"
            );
            let fixed = Properties {
                is_fixed: true,
                ..properties
            };
            assert_eq!(put_aside_by(&settings, &fixed), None);
        }
    }

    #[test]
    fn kernel_filter_means_what_it_means_to_qualys() {
        let shown = [
            [true, true, true],
            [false, true, true],
            [true, false, false],
            [false, true, false],
            [true, true, false],
        ];
        for (kernel_filter, shown) in (0..).zip(shown) {
            let settings = Settings {
                kernel_filter,
                ..Settings::default()
            };
            check(settings, Rule::KernelFilter, shown);
        }
    }

    #[test]
    fn one_means_the_opposite_for_services_and_configurations() {
        let shown = [
            [true, true, true],
            [true, false, true],
            [false, true, false],
            [true, false, false],
            [true, true, false],
        ];
        for (filter, shown) in (0..).zip(shown) {
            let services = Settings {
                service_filter: filter,
                ..Settings::default()
            };
            check(services, Rule::ServiceFilter, shown);
            let configurations = Settings {
                config_filter: filter,
                ..Settings::default()
            };
            check(configurations, Rule::ConfigFilter, shown);
        }
    }
}
