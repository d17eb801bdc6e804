//! The import rules in the settings, as expressions of the query language: whoever stores records
//! asks of each rule what it does not select.

use crate::contract::filter::{Problem, Term};
use crate::contract::rules::{ImportRule, Rule};
use crate::contract::types::Timestamp;
use crate::filter;
use crate::settings::ImportRules;

/// A rule before its expression is read.
struct Written {
    rule: Rule,
    key: &'static str,
    expression: String,
}

/// The rules that are set, in the order in which they are asked. An expression that cannot be read
/// is left out; [`mistakes`] tells of it.
pub fn all(rules: &ImportRules, now: Timestamp) -> Vec<ImportRule> {
    let one = |written: Written| {
        let terms = filter::compile(&written.expression, now).ok()?;
        Some(ImportRule {
            rule: written.rule,
            setting: format!("rules.{}", written.key),
            is_of_asset: terms.iter().all(is_of_asset),
            expression: written.expression,
            terms,
        })
    };
    written(rules).into_iter().filter_map(one).collect()
}

/// Rules that nothing can follow, each as a sentence with the key.
pub(crate) fn mistakes(rules: &ImportRules) -> Vec<String> {
    let one = |written: Written| {
        let Problem {
            offset,
            message,
            suggestion,
        } = filter::compile(&written.expression, 0).err()?;
        let place = match written.rule {
            Rule::Expression => format!(" at byte {offset}"),
            _ => String::new(),
        };
        let hint = suggestion
            .map(|meant| format!("; did you mean `{meant}`?"))
            .unwrap_or_default();
        Some(format!("`rules.{}`{place}: {message}{hint}", written.key))
    };
    let mut mistakes: Vec<_> = written(rules).into_iter().filter_map(one).collect();
    if rules.max_age_days > 3650 {
        mistakes.push("`rules.max_age_days` must be from 0 to 3650".to_owned());
    }
    mistakes
}

fn is_of_asset(term: &Term) -> bool {
    match term {
        Term::Compare(comparison) => filter::is_of_asset(&comparison.field),
        Term::AllOf | Term::AnyOf | Term::Negate => true,
    }
}

/// What concerns assets comes first: of an asset that is left out, no finding is asked about.
fn written(rules: &ImportRules) -> Vec<Written> {
    let ImportRules {
        severities,
        min_severity,
        risks,
        min_risk,
        certainties,
        max_age_days,
        tags,
        not_tags,
        asset_groups,
        os,
        include_unscanned,
        exclude_unknown,
        fingerprint_only,
        only,
    } = rules;
    let mut written = Vec::new();
    let mut add = |is_set: bool, rule, key, expression: &dyn Fn() -> String| {
        if is_set {
            let expression = expression();
            written.push(Written {
                rule,
                key,
                expression,
            });
        }
    };
    // A web application has no scan of its own that would say so.
    add(
        !include_unscanned,
        Rule::Unscanned,
        "include_unscanned",
        &|| "has:last_seen or not kind:host".to_owned(),
    );
    add(*exclude_unknown, Rule::Unknown, "exclude_unknown", &|| {
        "sources:>1 or not kind:host".to_owned()
    });
    add(!tags.is_empty(), Rule::Tag, "tags", &|| any("tag", tags));
    add(!not_tags.is_empty(), Rule::Tag, "not_tags", &|| {
        format!("not ({})", any("tag", not_tags))
    });
    add(
        !asset_groups.is_empty(),
        Rule::AssetGroup,
        "asset_groups",
        &|| any("asset_group", asset_groups),
    );
    add(!os.is_empty(), Rule::Os, "os", &|| {
        format!("os:{}", quoted(os, false))
    });
    add(
        *fingerprint_only,
        Rule::FingerprintOnly,
        "fingerprint_only",
        &|| "not has:qid".to_owned(),
    );
    add(
        !severities.is_empty(),
        Rule::Severity,
        "severities",
        &|| any("severity", severities),
    );
    add(
        !min_severity.is_empty(),
        Rule::Severity,
        "min_severity",
        &|| format!("severity:>={}", quoted(min_severity, true)),
    );
    add(!risks.is_empty(), Rule::Risk, "risks", &|| {
        any("risk", risks)
    });
    add(!min_risk.is_empty(), Rule::Risk, "min_risk", &|| {
        format!("risk:>={}", quoted(min_risk, true))
    });
    add(
        !certainties.is_empty(),
        Rule::Certainty,
        "certainties",
        &|| any("certainty", certainties),
    );
    add(*max_age_days > 0, Rule::Age, "max_age_days", &|| {
        format!("last_found:<={max_age_days}days or not has:last_found")
    });
    add(!only.is_empty(), Rule::Expression, "only", &|| only.clone());
    written
}

fn any(field: &str, values: &[String]) -> String {
    let each = values
        .iter()
        .map(|value| format!("{field}:={}", quoted(value, true)));
    each.collect::<Vec<_>>().join(" or ")
}

/// A value as it is: of an exact one no sign stands for another text, of a pattern `%` does.
fn quoted(value: &str, is_exact: bool) -> String {
    let mut text = value.replace('\\', "\\\\").replace('"', "\\\"");
    if is_exact {
        text = text.replace('%', "\\%");
    }
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rules: &ImportRules) -> Vec<(Rule, bool, String)> {
        let rules = all(rules, 1_795_161_600).into_iter();
        rules
            .map(|it| (it.rule, it.is_of_asset, it.expression))
            .collect()
    }

    #[test]
    fn a_host_that_was_never_assessed_is_left_out_unless_somebody_wants_it() {
        let unscanned = "has:last_seen or not kind:host".to_owned();
        assert_eq!(
            told(&ImportRules::default()),
            [(Rule::Unscanned, true, unscanned)]
        );
        let rules = ImportRules {
            include_unscanned: true,
            ..ImportRules::default()
        };
        assert_eq!(told(&rules), []);
    }

    #[test]
    fn each_rule_is_an_expression() {
        let rules = ImportRules {
            severities: vec!["high".into(), "critical".into()],
            min_risk: "medium".into(),
            certainties: vec!["confirmed".into()],
            max_age_days: 90,
            tags: vec!["50% \"x\"".into()],
            not_tags: vec!["lab".into()],
            asset_groups: vec!["A".into(), "B".into()],
            os: "win%2022".into(),
            include_unscanned: true,
            exclude_unknown: true,
            fingerprint_only: true,
            only: "os:windows and qid:>100".into(),
            ..ImportRules::default()
        };
        let expected = [
            (Rule::Unknown, true, "sources:>1 or not kind:host"),
            (Rule::Tag, true, r#"tag:="50\% \"x\"""#),
            (Rule::Tag, true, r#"not (tag:="lab")"#),
            (
                Rule::AssetGroup,
                true,
                r#"asset_group:="A" or asset_group:="B""#,
            ),
            (Rule::Os, true, r#"os:"win%2022""#),
            (Rule::FingerprintOnly, false, "not has:qid"),
            (
                Rule::Severity,
                false,
                r#"severity:="high" or severity:="critical""#,
            ),
            (Rule::Risk, false, r#"risk:>="medium""#),
            (Rule::Certainty, false, r#"certainty:="confirmed""#),
            (
                Rule::Age,
                false,
                "last_found:<=90days or not has:last_found",
            ),
            (Rule::Expression, false, "os:windows and qid:>100"),
        ];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(rule, of, text)| (rule, of, text.to_owned()))
            .collect();
        assert_eq!(told(&rules), expected);
    }

    #[test]
    fn a_word_or_a_field_that_does_not_exist_is_told_with_its_key() {
        let rules = ImportRules {
            severities: vec!["hihg".into()],
            min_risk: "x".into(),
            only: "os:windows and sevrity:high".into(),
            max_age_days: 4000,
            ..ImportRules::default()
        };
        let told = mistakes(&rules);
        let starts = [
            "`rules.severities`: ",
            "`rules.min_risk`: ",
            "`rules.only` at byte 15: ",
            "`rules.max_age_days` must be from 0 to 3650",
        ];
        assert_eq!(told.len(), starts.len(), "{told:?}");
        for (told, start) in told.iter().zip(starts) {
            assert!(told.starts_with(start), "{told}");
        }
        assert!(told[2].ends_with("did you mean `severity`?"), "{}", told[2]);
    }
}
