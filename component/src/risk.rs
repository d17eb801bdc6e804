//! The risk of an asset, as a sum that people can follow. The weights are a convention of ours; the
//! contract documents them.

use crate::contract::rules::{AssetFacts, AssetRisk, RiskTerm};
use crate::contract::types::Impact;

/// The score, and the terms that it is made of.
pub fn of(facts: &AssetFacts) -> AssetRisk {
    let Some(worst) = worst(facts) else {
        return AssetRisk {
            score: 0.0,
            terms: Vec::new(),
        };
    };
    let terms = vec![worst, volume(facts), criticality(facts), impact(facts)];
    let points: f32 = terms[..3].iter().map(|term| term.value).sum();
    AssetRisk {
        score: one_decimal((points * terms[3].value).clamp(0.0, 100.0)),
        terms,
    }
}

fn worst(facts: &AssetFacts) -> Option<RiskTerm> {
    let severities = [
        (facts.open_critical, 60.0, "critical"),
        (facts.open_high, 40.0, "high"),
        (facts.open_medium, 20.0, "medium"),
        (facts.open_low, 10.0, "low"),
    ];
    let (_, points, word) = severities.into_iter().find(|(n, ..)| *n > 0)?;
    Some(term(
        "worst",
        points,
        format!("the worst open finding is {word}"),
    ))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no host has millions of findings"
)]
fn volume(facts: &AssetFacts) -> RiskTerm {
    let weighed = facts
        .open_critical
        .saturating_mul(8)
        .saturating_add(facts.open_high.saturating_mul(4))
        .saturating_add(facts.open_medium.saturating_mul(2))
        .saturating_add(facts.open_low);
    let points = one_decimal((4.0 * (1.0 + weighed as f32).log2()).min(20.0));
    let AssetFacts {
        open_low,
        open_medium,
        open_high,
        open_critical,
        ..
    } = facts;
    let why = format!(
        "{open_critical} critical, {open_high} high, {open_medium} medium and {open_low} low are open"
    );
    term("volume", points, why)
}

fn criticality(facts: &AssetFacts) -> RiskTerm {
    let points = match facts.criticality {
        Some(1) => -5.0,
        Some(3) => 5.0,
        Some(4) => 10.0,
        Some(5..) => 20.0,
        Some(_) | None => 0.0,
    };
    let why = match facts.criticality {
        Some(score) => format!("Qualys rates the asset {score} of 5"),
        None => "Qualys does not rate the asset, which counts as 2 of 5".to_owned(),
    };
    term("criticality", points, why)
}

fn impact(facts: &AssetFacts) -> RiskTerm {
    let (factor, why) = match facts.impact {
        Some(Impact::High) => (1.25, "the highest impact of its tags is high"),
        Some(Impact::Medium) => (1.0, "the highest impact of its tags is medium"),
        Some(Impact::Low) => (0.75, "the highest impact of its tags is low"),
        None => (1.0, "none of its tags has an impact"),
    };
    term("impact", factor, why.to_owned())
}

fn term(name: &str, value: f32, why: String) -> RiskTerm {
    RiskTerm {
        name: name.to_owned(),
        value,
        why,
    }
}

fn one_decimal(value: f32) -> f32 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: AssetFacts = AssetFacts {
        open_low: 0,
        open_medium: 0,
        open_high: 0,
        open_critical: 0,
        criticality: None,
        impact: None,
    };

    #[track_caller]
    fn check(facts: AssetFacts, score: f32, values: &[f32]) {
        let risk = of(&facts);
        let found: Vec<f32> = risk.terms.iter().map(|term| term.value).collect();
        assert_eq!((risk.score, &*found), (score, values));
    }

    #[test]
    fn without_open_findings_there_is_no_risk() {
        check(NOTHING, 0.0, &[]);
        let critical = AssetFacts {
            criticality: Some(5),
            impact: Some(Impact::High),
            ..NOTHING
        };
        check(critical, 0.0, &[]);
    }

    #[test]
    fn the_terms_add_up_to_the_score() {
        // One low finding: 10 + 4 * log2(2) = 14.
        let low = AssetFacts {
            open_low: 1,
            ..NOTHING
        };
        check(low, 14.0, &[10.0, 4.0, 0.0, 1.0]);
        // 40 + 4 * log2(1 + 4 * 3 + 2 + 1) = 40 + 16, + 10, * 0.75 = 49.5.
        let high = AssetFacts {
            open_low: 1,
            open_medium: 1,
            open_high: 3,
            criticality: Some(4),
            impact: Some(Impact::Low),
            ..NOTHING
        };
        check(high, 49.5, &[40.0, 16.0, 10.0, 0.75]);
        // More than a hundred is a hundred.
        let worst = AssetFacts {
            open_critical: 1_000,
            criticality: Some(5),
            impact: Some(Impact::High),
            ..NOTHING
        };
        check(worst, 100.0, &[60.0, 20.0, 20.0, 1.25]);
    }

    #[test]
    fn more_of_anything_is_never_less() {
        let base = AssetFacts {
            open_medium: 2,
            criticality: Some(2),
            ..NOTHING
        };
        let score = of(&base).score;
        for more in [
            AssetFacts {
                open_low: 1,
                ..base
            },
            AssetFacts {
                open_critical: 1,
                ..base
            },
            AssetFacts {
                criticality: Some(3),
                ..base
            },
            AssetFacts {
                impact: Some(Impact::High),
                ..base
            },
        ] {
            assert!(of(&more).score > score, "{more:?}");
        }
    }
}
