//! One comparison: what a value means to a field of some kind.

use super::closest::closest;
use super::field::{Kind, Words};
use super::time::{self, DAY_SECS, Time};
use crate::contract::filter::{Comparison, Operator, Term};
use crate::contract::types::Timestamp;

/// What is compared: a field, or an attribute of a source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    /// As it is written.
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    /// What the terms name: another field, where this one is derived.
    pub(super) of: &'a str,
}

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
    field: Named<'_>,
    operator: Operator,
    value: &Value,
    now: Timestamp,
) -> Result<Vec<Term>, Mistake> {
    if value.plain.len() > MOST_BYTES {
        return Err((format!("the value is longer than {MOST_BYTES} bytes"), None));
    }
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
            whole(without_prefix(field, plain)).ok_or_else(|| number(field, "a whole"))?,
        ),
        Kind::Decimal => one(
            field,
            equal,
            decimal(plain).ok_or_else(|| number(field, "a"))?,
        ),
        Kind::Word(words) => one(field, equal, word(field, words, equal, plain)?),
        Kind::Flag(is_so) => one(field, equal, flag(field, equal, is_so, plain)?.to_string()),
        Kind::Time => times(field, equal, plain, now),
        Kind::DaysSince(_) => days(field, equal, plain, now),
        Kind::IsPast(_) => {
            let operator = match flag(field, equal, None, plain)? {
                true => Operator::Less,
                false => Operator::GreaterOrEqual,
            };
            one(field, operator, now.max(0).to_string())
        }
    }
}

fn text(field: Named<'_>, operator: Operator, value: &Value) -> Result<Vec<Term>, Mistake> {
    match operator {
        Operator::Contains if value.pattern.is_empty() => Err((
            format!("every `{}` contains an empty text", field.name),
            Some(format!("has:{}", field.name)),
        )),
        Operator::Contains if wildcards(&value.pattern) > MOST_WILDCARDS => Err((
            format!("more than {MOST_WILDCARDS} times `%` in one value"),
            None,
        )),
        Operator::Contains => one(field, operator, value.pattern.clone()),
        Operator::Equal => one(field, operator, value.plain.clone()),
        _ => Err(without_order(field)),
    }
}

fn wildcards(pattern: &str) -> usize {
    let mut signs = pattern.chars();
    let mut n = 0;
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => drop(signs.next()),
            '%' => n += 1,
            _ => {}
        }
    }
    n
}

/// Numbers are also known as `CWE-79` and `QID-38173`.
fn without_prefix<'a>(field: Named<'_>, text: &'a str) -> &'a str {
    match text.split_once('-') {
        Some((prefix, number)) if prefix.eq_ignore_ascii_case(field.name) => number,
        _ => text,
    }
}

/// Without leading zeros. Databases keep no higher ones.
fn whole(text: &str) -> Option<String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse::<i64>()
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

fn word(field: Named<'_>, words: Words, operator: Operator, text: &str) -> Result<String, Mistake> {
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
    if field.name == "status" && written == "open" {
        return Err((message, Some("open:true".to_owned())));
    }
    Err((
        message,
        closest(text, words.words.iter().copied()).map(str::to_owned),
    ))
}

fn flag(
    field: Named<'_>,
    operator: Operator,
    is_so: Option<&str>,
    text: &str,
) -> Result<bool, Mistake> {
    if operator != Operator::Equal {
        return Err(without_order(field));
    }
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        word if Some(word) == is_so => Ok(true),
        other => {
            let (also, more) = match is_so {
                Some(word) => (format!("`{word}`, "), Some(word)),
                None => (String::new(), None),
            };
            let words = ["true", "false"].into_iter().chain(more);
            Err((
                format!("`{}` is {also}`true` or `false`", field.name),
                closest(other, words).map(str::to_owned),
            ))
        }
    }
}

/// So many whole days have passed: the more, the earlier.
fn days(
    field: Named<'_>,
    operator: Operator,
    text: &str,
    now: Timestamp,
) -> Result<Vec<Term>, Mistake> {
    use Operator::{Contains, Equal, Exists, Greater, GreaterOrEqual, Less, LessOrEqual};

    let days = text.strip_suffix("days").unwrap_or(text);
    let days = days.parse::<u32>().ok().map(i64::from);
    let Some(days) = days.filter(|_| text.starts_with(|c: char| c.is_ascii_digit())) else {
        return Err((format!("`{}` is a number of days", field.name), None));
    };
    // The last second at which so many days had passed already.
    let since = |days: i64| now.saturating_sub(days * DAY_SECS);
    let step = |operator, at: Timestamp| compared(field, operator, at.max(0).to_string());
    Ok(match operator {
        Greater => vec![step(LessOrEqual, since(days + 1))],
        GreaterOrEqual => vec![step(LessOrEqual, since(days))],
        Less => vec![step(Operator::Greater, since(days))],
        LessOrEqual => vec![step(Operator::Greater, since(days + 1))],
        Equal | Contains | Exists => vec![
            step(LessOrEqual, since(days)),
            step(Operator::Greater, since(days + 1)),
            Term::AllOf,
        ],
    })
}

fn times(
    field: Named<'_>,
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

fn one(field: Named<'_>, operator: Operator, value: String) -> Result<Vec<Term>, Mistake> {
    Ok(vec![compared(field, operator, value)])
}

fn compared(field: Named<'_>, operator: Operator, value: String) -> Term {
    Term::Compare(Comparison {
        field: field.of.to_owned(),
        operator,
        value,
    })
}

fn number(field: Named<'_>, article: &str) -> Mistake {
    (format!("`{}` is {article} number", field.name), None)
}

fn without_order(field: Named<'_>) -> Mistake {
    let message = format!(
        "`{}` has no order, so nothing is more or less than it",
        field.name
    );
    (message, Some(format!("{}:", field.name)))
}

/// Longer ones are compared with nothing that is stored.
const MOST_BYTES: usize = 1024;
/// Each lets a database look at a text once more.
const MOST_WILDCARDS: usize = 8;
