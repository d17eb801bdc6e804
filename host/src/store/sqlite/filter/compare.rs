//! One comparison of a field with a value, as SQL.

use super::{Operator, Result, Sql, Value, told};
use crate::store::{
    sqlite::field::{Field, Kind},
    time,
};

/// Whether any of the field's values compares so.
pub(super) fn test(field: &Field, operator: Operator, value: &str) -> Result<Sql> {
    let mut any = Vec::with_capacity(field.values.len());
    let mut values = Vec::new();
    for column in field.values {
        let one = test_one(field, column, operator, value)?;
        any.push(one.text);
        values.extend(one.values);
    }
    match any.as_slice() {
        [one] => Ok(Sql::new(one, values)),
        _ => Ok(Sql::new(format!("({})", any.join(" OR ")), values)),
    }
}

/// Of a text in any place.
pub(super) fn text(column: &str, operator: Operator, value: &str) -> Option<Sql> {
    Some(match operator {
        Operator::Exists => Sql::new(format!("ifnull({column} <> '', 0)"), vec![]),
        Operator::Equal => present(column, "=", value.to_owned().into(), " COLLATE NOCASE"),
        Operator::Contains => present(column, "LIKE", pattern(value).into(), " ESCAPE '\\'"),
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            return None;
        }
    })
}

/// An expression is worked out once; a column is left to be found by an index.
fn present(column: &str, sign: &str, value: Value, rest: &str) -> Sql {
    let text = if column.contains('(') {
        format!("ifnull({column} {sign} ?{rest}, 0)")
    } else {
        format!("({column} IS NOT NULL AND {column} {sign} ?{rest})")
    };
    Sql::new(text, vec![value])
}

fn test_one(field: &Field, column: &str, operator: Operator, value: &str) -> Result<Sql> {
    let wants = |what: &str| told(format!("`{}` takes {what}, not `{value}`", field.name));
    let no_order = || told(format!("`{}` has no order", field.name));
    if operator == Operator::Exists && !matches!(field.kind, Kind::Text) {
        return Ok(Sql::new(format!("({column}) IS NOT NULL"), vec![]));
    }
    let compared = |sign: &str, value: Value| present(column, sign, value, "");
    match field.kind {
        Kind::Text => text(column, operator, value).ok_or_else(no_order),
        Kind::Integer => {
            let number: i64 = value.parse().map_err(|_| wants("a number"))?;
            Ok(compared(sign(operator), number.into()))
        }
        Kind::Score => {
            let number: f32 = value.parse().map_err(|_| wants("a number"))?;
            Ok(compared(sign(operator), f64::from(number).into()))
        }
        Kind::Time => {
            let (from, to) = time::span(value).ok_or_else(|| wants("a date or a time"))?;
            Ok(match operator {
                Operator::Less => compared("<", from.into()),
                Operator::LessOrEqual => compared("<", to.into()),
                Operator::Greater => compared(">=", to.into()),
                Operator::GreaterOrEqual => compared(">=", from.into()),
                Operator::Equal | Operator::Contains | Operator::Exists => {
                    let first = compared(">=", from.into());
                    let last = compared("<", to.into());
                    let text = format!("({} AND {})", first.text, last.text);
                    Sql::new(text, [first.values, last.values].concat())
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
                Operator::Equal | Operator::Contains => Ok(compared("=", flag.into())),
                _ => Err(no_order()),
            }
        }
        Kind::Words {
            place,
            words,
            is_scale,
        } => {
            let place = place(value).ok_or_else(|| wants(&format!("one of {}", words())))?;
            match sign(operator) {
                "=" => Ok(compared("=", i64::from(place).into())),
                sign if is_scale => Ok(compared(sign, i64::from(place).into())),
                _ => Err(no_order()),
            }
        }
    }
}

/// Of what has nothing to contain; whether there is a value was asked before.
fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal | Operator::Contains | Operator::Exists => "=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
    }
}

/// The pattern of the contract is that of LIKE, but for a sign that stands there for itself. It
/// may be anywhere in the text.
fn pattern(value: &str) -> String {
    format!("%{}%", value.replace('_', "\\_"))
}
