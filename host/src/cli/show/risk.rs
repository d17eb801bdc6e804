//! The risk of an asset: the score, and the terms that it is made of. The weights are the
//! component's.

use serde::Serialize;

use crate::{
    cli::{block::Block, failure::Result},
    guest::{
        Instance,
        rules::{AssetFacts, AssetRisk},
    },
    store::{AssetDetail, AssetImpact, Reader},
};

/// As JSON and as text.
#[derive(Debug, Serialize)]
pub(super) struct Risk {
    /// 0 to 100.
    score: f32,
    impact: Option<AssetImpact>,
    terms: Vec<Term>,
}

#[derive(Debug, Serialize)]
struct Term {
    name: String,
    /// Points, or the factor of `impact`.
    value: f32,
    why: String,
}

impl Risk {
    pub(super) fn of(
        reader: &dyn Reader,
        rules: &mut Instance,
        detail: &AssetDetail,
    ) -> Result<Self> {
        let impact = reader.impact(detail.asset.asset_id)?;
        let open = &detail.asset.open_by_severity;
        let AssetRisk { score, terms } = rules.risk_of(AssetFacts {
            open_low: open.low,
            open_medium: open.medium,
            open_high: open.high,
            open_critical: open.critical,
            criticality: detail.asset.criticality,
            impact: impact.as_ref().map(|it| it.impact),
        })?;
        let terms = terms.into_iter().map(|it| Term {
            name: it.name,
            value: it.value,
            why: it.why,
        });
        Ok(Risk {
            score,
            impact,
            terms: terms.collect(),
        })
    }

    pub(super) fn text(&self, width: usize) -> String {
        let mut block = Block::new(&format!("risk {} of 100", self.score), width);
        for term in &self.terms {
            let Term { name, value, why } = term;
            let value = if name == "impact" {
                format!("times {value}")
            } else {
                format!("{value:+}")
            };
            let of = match &self.impact {
                Some(impact) if name == "impact" => format!(" (`{}`)", impact.of),
                _ => String::new(),
            };
            block.field(name, format!("{value}: {why}{of}"));
        }
        block.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::types::Impact;

    #[test]
    fn every_term_is_told_with_its_reason() {
        let term = |name: &str, value, why: &str| Term {
            name: name.to_owned(),
            value,
            why: why.to_owned(),
        };
        let risk = Risk {
            score: 49.5,
            impact: Some(AssetImpact {
                impact: Impact::Low,
                of: "lab".to_owned(),
            }),
            terms: vec![
                term("worst", 40.0, "the worst open finding is high"),
                term("criticality", -5.0, "Qualys rates the asset 1 of 5"),
                term("impact", 0.75, "the highest impact of its tags is low"),
            ],
        };
        assert_eq!(
            risk.text(80),
            "risk 49.5 of 100\n  \
             worst           +40: the worst open finding is high\n  \
             criticality     -5: Qualys rates the asset 1 of 5\n  \
             impact          times 0.75: the highest impact of its tags is low (`lab`)\n"
        );
    }
}
