//! Turns a filter into SQL. What people typed only ever becomes a bound value, never text of a
//! statement; what cannot be turned into SQL is an error with the words to mend it.
//!
//! Every comparison is true or false, never null, so that `not` means what it says.

use rusqlite::types::Value;

use super::{
    FINDINGS_OF_AN_ASSET,
    fail::Result,
    field::{self, Field, Kind, Of},
    list::Sql,
};
use crate::{
    guest::filter::{Comparison, Operator, Term},
    store::{StoreError, time},
};

/// What the rows of a list are: `f`, `a` or `v` in its statement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Subject {
    Finding,
    Asset,
    Vulnerability,
}

/// The condition that selects what the terms select; nothing when there are none.
pub(super) fn condition(terms: &[Term], subject: Subject) -> Result<Option<Sql>> {
    if terms.is_empty() {
        return Ok(None);
    }
    if terms.len() > MOST_TERMS {
        return Err(told(format!("the filter has more than {MOST_TERMS} terms")));
    }
    // Who asks for a status, or for what is ignored, wants more than what is open.
    let asks_standing = terms.iter().any(|term| {
        matches!(term, Term::Compare(Comparison { field, .. })
            if matches!(field.as_str(), "status" | "ignored" | "disabled" | "last_fixed"))
    });
    let mut stack: Vec<Sql> = Vec::new();
    for term in terms {
        let step = match term {
            Term::Compare(comparison) => compare(comparison, subject, !asks_standing)?,
            Term::AllOf => join(&mut stack, "AND")?,
            Term::AnyOf => join(&mut stack, "OR")?,
            Term::Negate => {
                let Sql { text, values } = stack.pop().ok_or_else(unsound)?;
                Sql::new(format!("NOT {text}"), values)
            }
        };
        stack.push(step);
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(condition), true) => Ok(Some(condition)),
        _ => Err(unsound()),
    }
}

fn join(stack: &mut Vec<Sql>, word: &str) -> Result<Sql> {
    let (right, left) = (stack.pop(), stack.pop());
    let (Some(right), Some(left)) = (right, left) else {
        return Err(unsound());
    };
    let text = format!("({} {word} {})", left.text, right.text);
    Ok(Sql::new(text, [left.values, right.values].concat()))
}

fn compare(comparison: &Comparison, subject: Subject, only_open: bool) -> Result<Sql> {
    let name = comparison.field.as_str();
    let field = match subject {
        Subject::Vulnerability => field::of_vulnerability(name),
        Subject::Finding | Subject::Asset => field::named(name),
    };
    let field = field.ok_or_else(|| told(format!("there is no field `{name}`")))?;
    let Sql { text, values } = test(field, comparison.operator, &comparison.value)?;
    let open = if only_open { "f.is_open = 1 AND " } else { "" };
    // A plus sign keeps SQLite from starting with what the condition selects.
    let plus = if field.is_selective { "" } else { "+" };
    let text = match (subject, field.of) {
        (Subject::Finding, Of::Finding) | (Subject::Asset, Of::Asset) => text,
        (Subject::Finding, Of::Asset) => {
            format!("{plus}f.asset_id IN (SELECT a.id FROM assets a WHERE {text})")
        }
        (Subject::Finding, Of::Assets(query)) => format!("{plus}f.asset_id IN ({query} {text})"),
        (Subject::Finding, Of::Qids(query)) => format!("{plus}f.qid IN ({query} {text})"),
        (Subject::Asset, Of::Assets(query)) => format!("a.id IN ({query} {text})"),
        (Subject::Asset, Of::Finding) => of_asset(&format!("{open}{text}")),
        (Subject::Asset, Of::Qids(query)) if field.is_selective => format!(
            "a.id IN (SELECT f.asset_id FROM findings f WHERE {open}f.qid IN ({query} {text}))"
        ),
        (Subject::Asset, Of::Qids(query)) => of_asset(&format!("{open}+f.qid IN ({query} {text})")),
        (Subject::Vulnerability, Of::Qids(query)) => format!("v.qid IN ({query} {text})"),
        (Subject::Vulnerability, Of::Finding) => {
            format!("v.qid IN (SELECT f.qid FROM findings f WHERE {open}{text})")
        }
        (Subject::Vulnerability, Of::Asset) => format!(
            "v.qid IN (SELECT f.qid FROM findings f WHERE {open}f.asset_id IN
             (SELECT a.id FROM assets a WHERE {text}))"
        ),
        (Subject::Vulnerability, Of::Assets(query)) => format!(
            "v.qid IN (SELECT f.qid FROM findings f WHERE {open}f.asset_id IN ({query} {text}))"
        ),
    };
    Ok(Sql::new(text, values))
}

/// The asset has a finding for which the condition holds.
fn of_asset(condition: &str) -> String {
    let last = FINDINGS_OF_AN_ASSET - 1;
    format!(
        "EXISTS (SELECT 1 FROM findings f WHERE f.id BETWEEN a.id * {FINDINGS_OF_AN_ASSET}
         AND a.id * {FINDINGS_OF_AN_ASSET} + {last} AND {condition})"
    )
}

fn test(field: &Field, operator: Operator, value: &str) -> Result<Sql> {
    let column = field.value;
    if operator == Operator::Exists {
        return Ok(match field.kind {
            Kind::Text => Sql::new(format!("ifnull({column} <> '', 0)"), vec![]),
            Kind::Integer | Kind::Score | Kind::Time | Kind::Flag | Kind::Words { .. } => {
                Sql::new(format!("{column} IS NOT NULL"), vec![])
            }
        });
    }
    let wants = |what: &str| told(format!("`{}` takes {what}, not `{value}`", field.name));
    let present = |sign: &str, value: Value, rest: &str| {
        Sql::new(
            format!("({column} IS NOT NULL AND {column} {sign} ?{rest})"),
            vec![value],
        )
    };
    match field.kind {
        Kind::Text => Ok(match sign(operator) {
            Some(sign) => present(sign, value.to_owned().into(), " COLLATE NOCASE"),
            None => present("LIKE", pattern(value).into(), " ESCAPE '\\'"),
        }),
        Kind::Integer => {
            let number: i64 = value.parse().map_err(|_| wants("a number"))?;
            Ok(present(sign(operator).unwrap_or("="), number.into(), ""))
        }
        Kind::Score => {
            let number: f32 = value.parse().map_err(|_| wants("a number"))?;
            Ok(present(
                sign(operator).unwrap_or("="),
                f64::from(number).into(),
                "",
            ))
        }
        Kind::Time => {
            let (from, to) = time::span(value).ok_or_else(|| wants("a date or a time"))?;
            Ok(match operator {
                Operator::Less => present("<", from.into(), ""),
                Operator::LessOrEqual => present("<", to.into(), ""),
                Operator::Greater => present(">=", to.into(), ""),
                Operator::GreaterOrEqual => present(">=", from.into(), ""),
                Operator::Equal | Operator::Contains | Operator::Exists => {
                    let Sql { text, mut values } = present(">=", from.into(), "");
                    values.push(to.into());
                    Sql::new(format!("({text} AND {column} < ?)"), values)
                }
            })
        }
        Kind::Flag => {
            let flag = match value.to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => true,
                "false" | "no" | "0" => false,
                _ => return Err(wants("`true` or `false`")),
            };
            match operator {
                Operator::Equal | Operator::Contains => Ok(present("=", flag.into(), "")),
                _ => Err(told(format!(
                    "`{}` is true or false and has no order",
                    field.name
                ))),
            }
        }
        // A word of the query language alone: it says more than one status.
        Kind::Words { .. } if field.name == "status" && value.eq_ignore_ascii_case("open") => {
            Ok(Sql::new("f.is_open = 1", vec![]))
        }
        Kind::Words {
            place,
            words,
            is_scale,
        } => {
            let place = place(value).ok_or_else(|| wants(&format!("one of {}", words())))?;
            match sign(operator) {
                None | Some("=") => Ok(present("=", i64::from(place).into(), "")),
                Some(sign) if is_scale => Ok(present(sign, i64::from(place).into(), "")),
                Some(_) => Err(told(format!("the words of `{}` have no order", field.name))),
            }
        }
    }
}

/// `None` for an operator that compares no order.
fn sign(operator: Operator) -> Option<&'static str> {
    match operator {
        Operator::Equal => Some("="),
        Operator::Less => Some("<"),
        Operator::LessOrEqual => Some("<="),
        Operator::Greater => Some(">"),
        Operator::GreaterOrEqual => Some(">="),
        Operator::Contains | Operator::Exists => None,
    }
}

/// `%` stands for any text, as it does in LIKE; every other character for itself.
fn pattern(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('_', "\\_");
    format!("%{escaped}%")
}

fn unsound() -> super::fail::Fail {
    told("the filter is not sound: a term lacks its operands".to_owned())
}

fn told(message: String) -> super::fail::Fail {
    StoreError::Filter(message).into()
}

/// SQLite's own limit on the depth of an expression is a thousand.
const MOST_TERMS: usize = 400;
