//! One comparison: what a value means to a field of some kind.

use super::closest::closest;
use super::field::{Field, Kind, Words};
use super::time::{self, DAY_SECS, Time};
use crate::contract::filter::{Comparison, Operator, Term};
use crate::contract::types::Timestamp;

/// A value as it was written.
#[derive(Debug, Default)]
pub(super) struct Value {
    /// With escapes undone.
    pub(super) plain: String,
    /// For `contains`: `%` stands for any text, `\%` for itself, `\\` for a backslash.
    pub(super) pattern: String,
}

/// What is wrong with a value, and what may have been meant.
pub(super) type Mistake = (String, Option<String>);

/// The steps that compare the field with the value.
pub(super) fn compare(
    field: &Field,
    operator: Operator,
    value: &Value,
    now: Timestamp,
) -> Result<Vec<Term>, Mistake> {
    let plain = value.plain.as_str();
    let equal = match operator {
        Operator::Contains => Operator::Equal,
        other => other,
    };
    match field.kind {
        Kind::Text => text(field, operator, value),
        Kind::Number => one(
            field,
            equal,
            whole(plain).ok_or_else(|| number(field, "a whole"))?,
        ),
        Kind::Decimal => one(
            field,
            equal,
            decimal(plain).ok_or_else(|| number(field, "a"))?,
        ),
        Kind::Word(words) => one(field, equal, word(field, words, equal, plain)?),
        Kind::Flag => one(field, equal, flag(field, equal, plain)?),
        Kind::Time => times(field, equal, plain, now),
    }
}

fn text(field: &Field, operator: Operator, value: &Value) -> Result<Vec<Term>, Mistake> {
    match operator {
        Operator::Contains if value.pattern.is_empty() => Err((
            format!("every `{}` contains an empty text", field.name),
            Some(format!("has:{}", field.name)),
        )),
        Operator::Contains => one(field, operator, value.pattern.clone()),
        Operator::Equal => one(field, operator, value.plain.clone()),
        _ => Err(without_order(field)),
    }
}

/// Without leading zeros.
fn whole(text: &str) -> Option<String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<u64>()
        .ok()
        .filter(|_| is_number)
        .map(|number| number.to_string())
}

/// Without leading zeros, and without trailing ones after the point.
fn decimal(text: &str) -> Option<String> {
    let (units, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let units = whole(units)?;
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    match fraction.trim_end_matches('0') {
        _ if !is_fraction => None,
        "" => Some(units),
        fraction => Some(format!("{units}.{fraction}")),
    }
}

fn word(field: &Field, words: Words, operator: Operator, text: &str) -> Result<String, Mistake> {
    if !words.is_ordered && operator != Operator::Equal {
        return Err(without_order(field));
    }
    let written = text.to_ascii_lowercase();
    let alias = words.aliases.iter().find(|(alias, _)| *alias == written);
    let meant = alias.map_or(written.as_str(), |(_, word)| word);
    if words.words.contains(&meant) {
        return Ok(meant.to_owned());
    }
    let known: Vec<String> = words.words.iter().map(|word| format!("`{word}`")).collect();
    let message = format!("`{}` is one of {}", field.name, known.join(", "));
    Err((
        message,
        closest(text, words.words.iter().copied()).map(str::to_owned),
    ))
}

fn flag(field: &Field, operator: Operator, text: &str) -> Result<String, Mistake> {
    if operator != Operator::Equal {
        return Err(without_order(field));
    }
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok("true".to_owned()),
        "false" | "no" | "0" => Ok("false".to_owned()),
        other => Err((
            format!("`{}` is `true` or `false`", field.name),
            closest(other, ["true", "false"]).map(str::to_owned),
        )),
    }
}

fn times(
    field: &Field,
    operator: Operator,
    text: &str,
    now: Timestamp,
) -> Result<Vec<Term>, Mistake> {
    use Operator::{Contains, Equal, Exists, Greater, GreaterOrEqual, Less, LessOrEqual};

    let Some(time) = time::parse(text) else {
        let message = format!(
            "`{}` is a day such as `2026-11-01`, a moment such as `2026-11-01T10:00:00Z`, \
             or an age such as `30days`",
            field.name
        );
        let suggestion = whole(text).map(|count| format!("{count}days"));
        return Err((message, suggestion));
    };
    let step = |operator, at: Timestamp| compared(field, operator, at.max(0).to_string());
    Ok(match (time, operator) {
        (Time::Moment(at), operator) => vec![step(operator, at)],
        (Time::Day(day), Less | GreaterOrEqual) => vec![step(operator, day)],
        (Time::Day(day), LessOrEqual) => vec![step(Less, day + DAY_SECS)],
        (Time::Day(day), Greater) => vec![step(GreaterOrEqual, day + DAY_SECS)],
        (Time::Day(day), Equal | Contains | Exists) => {
            vec![
                step(GreaterOrEqual, day),
                step(Less, day + DAY_SECS),
                Term::AllOf,
            ]
        }
        // The smaller the age, the later the time.
        (Time::Age(secs), Less) => vec![step(Greater, now.saturating_sub(secs))],
        (Time::Age(secs), LessOrEqual) => vec![step(GreaterOrEqual, now.saturating_sub(secs))],
        (Time::Age(secs), Greater) => vec![step(Less, now.saturating_sub(secs))],
        (Time::Age(secs), GreaterOrEqual) => vec![step(LessOrEqual, now.saturating_sub(secs))],
        (Time::Age(_), Equal | Contains | Exists) => {
            let message = "an age is compared with `<` or `>`".to_owned();
            return Err((message, Some(format!("{}:<{text}", field.name))));
        }
    })
}

fn one(field: &Field, operator: Operator, value: String) -> Result<Vec<Term>, Mistake> {
    Ok(vec![compared(field, operator, value)])
}

fn compared(field: &Field, operator: Operator, value: String) -> Term {
    Term::Compare(Comparison {
        field: field.name.to_owned(),
        operator,
        value,
    })
}

fn number(field: &Field, article: &str) -> Mistake {
    (format!("`{}` is {article} number", field.name), None)
}

fn without_order(field: &Field) -> Mistake {
    let message = format!(
        "`{}` has no order, so nothing is more or less than it",
        field.name
    );
    (message, Some(format!("{}:", field.name)))
}
