//! What the rules of a connector say of each kind of finding, asked of the component once and kept
//! with the connector. Decides nothing itself.

use serde::{Deserialize, Serialize};

use super::{ConnectorId, json, word::Word};
use crate::guest::rules::{ImportRule, Properties, Rule};

/// One verdict for each way in which the properties of a finding can be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdicts([Option<Rule>; N]);

/// All that the settings say of what is stored of a connector.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub verdicts: Verdicts,
    pub import: Vec<ImportRule>,
}

impl From<&Verdicts> for RuleSet {
    fn from(verdicts: &Verdicts) -> Self {
        RuleSet {
            verdicts: verdicts.clone(),
            import: Vec::new(),
        }
    }
}

/// What a change of the rules did to what is stored.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Applied {
    /// Findings that a rule puts aside, and none did before.
    pub put_aside: u64,
    /// Findings that no rule puts aside any more.
    pub taken_back: u64,
    /// Records of assets that a rule leaves out, and none did before.
    pub assets_left_out: u64,
    /// Records of assets that no rule leaves out any more.
    pub assets_taken_back: u64,
}

/// A rule of a connector that is in force, and what it keeps out of the inventory.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RuleRow {
    pub connector_id: ConnectorId,
    #[serde(serialize_with = "json::word")]
    pub rule: Rule,
    /// The keys that set it.
    pub settings: Vec<String>,
    /// What has to hold; of rules that are no expression, nothing.
    pub expressions: Vec<String>,
    /// Records of assets that it leaves out.
    pub assets: u64,
    /// Findings that it puts aside.
    pub findings: u64,
}

/// As it is kept with the connector.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptRule {
    /// Its word.
    pub rule: String,
    pub setting: String,
    pub is_of_asset: bool,
    pub expression: String,
}

/// The rules of a connector as they were applied last.
#[derive(Clone, Debug)]
pub struct KeptRules {
    pub connector_id: ConnectorId,
    pub verdicts: Verdicts,
    pub import: Vec<KeptRule>,
}

impl Verdicts {
    /// Asks for each kind of finding which rule puts it aside.
    pub fn ask<E>(mut judge: impl FnMut(Properties) -> Result<Option<Rule>, E>) -> Result<Self, E> {
        let mut verdicts = [None; N];
        for (place, verdict) in verdicts.iter_mut().enumerate() {
            let answer = |unit: usize| match place / unit % 3 {
                0 => None,
                one => Some(one == 2),
            };
            *verdict = judge(Properties {
                is_fixed: place / 27 == 1,
                affects_running_kernel: answer(9),
                affects_running_service: answer(3),
                affects_exploitable_config: answer(1),
            })?;
        }
        Ok(Self(verdicts))
    }

    /// The rule that puts aside a finding with these properties.
    pub fn on(&self, properties: &Properties) -> Option<Rule> {
        let digit = |answer: Option<bool>| answer.map_or(0, |answer| 1 + usize::from(answer));
        let place = usize::from(properties.is_fixed) * 27
            + digit(properties.affects_running_kernel) * 9
            + digit(properties.affects_running_service) * 3
            + digit(properties.affects_exploitable_config);
        self.0[place]
    }

    /// One letter for each verdict.
    pub(super) fn text(&self) -> String {
        let letter = |verdict: &Option<Rule>| match verdict {
            None => '-',
            Some(rule) => char::from(b'a' + rule.place()),
        };
        self.0.iter().map(letter).collect()
    }

    /// `None` for a text that is not one of ours.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let verdicts: Option<Vec<_>> = text
            .bytes()
            .map(|letter| match letter {
                b'-' => Some(None),
                _ => Rule::at_place(letter.checked_sub(b'a')?).map(Some),
            })
            .collect();
        Some(Self(verdicts?.try_into().ok()?))
    }
}

/// Nothing is put aside.
impl Default for Verdicts {
    fn default() -> Self {
        Self([None; N])
    }
}

/// Fixed or not, and three questions with three answers each.
const N: usize = 2 * 27;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_finding_has_the_verdict_that_was_asked_for_it() {
        let judge = |properties: Properties| {
            Ok::<_, ()>(match properties.affects_running_kernel {
                Some(false) if !properties.is_fixed => Some(Rule::KernelFilter),
                _ if properties.affects_exploitable_config == Some(true) => {
                    Some(Rule::ConfigFilter)
                }
                _ => None,
            })
        };
        let verdicts = Verdicts::ask(judge).unwrap();
        let answers = [None, Some(false), Some(true)];
        for is_fixed in [false, true] {
            for affects_running_kernel in answers {
                for affects_running_service in answers {
                    for affects_exploitable_config in answers {
                        let properties = Properties {
                            is_fixed,
                            affects_running_kernel,
                            affects_running_service,
                            affects_exploitable_config,
                        };
                        assert_eq!(Ok(verdicts.on(&properties)), judge(properties));
                    }
                }
            }
        }
        assert_eq!(Verdicts::from_text(&verdicts.text()), Some(verdicts));
        assert_eq!(Verdicts::from_text("-"), None);
        assert_eq!(Verdicts::from_text(&"z".repeat(N)), None);
    }
}
