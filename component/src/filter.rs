//! The language that selects assets and findings, such as `severity:>=high and os:windows`.
//!
//! Read here once, into postfix order and normalized values, so that whoever evaluates it (a
//! store, in its own query language, or `judge`) needs neither grammar nor clock. This module
//! knows no record: what is judged comes as fields and their values.
//!
//! - `field:value` contains the value, with `%` for any text; `field:=value` equals it; `:<`,
//!   `:<=`, `:>`, `:>=` compare. Numbers, words, flags and days have nothing to contain: for
//!   them `:` equals.
//! - `has:field` asks whether there is a value at all.
//! - `not` binds closest, then `and`, which may be left out, then `or`. Parentheses group.
//! - `"…"` holds spaces and parentheses; within, `\"`, `\\` and `\%` are the signs themselves.
//! - `@qualys.name` is what Qualys sent under this name and no field holds.
//! - A time is a day (`2026-11-01`, all of it, in UTC), a moment (`2026-11-01T10:00:00Z`) or an
//!   age. Ages compare as people say them: `last_seen:<30days` was seen less than 30 days ago.

use crate::contract::filter::{Problem, Term};
use crate::contract::types::Timestamp;

pub mod attribute;
pub(crate) mod closest;
pub mod field;
mod judge;
mod parser;
pub mod question;
mod text;
mod time;
mod value;

pub use judge::{judge, selects};

/// The expression in postfix order, or its first mistake.
pub fn compile(expression: &str, now: Timestamp) -> Result<Vec<Term>, Problem> {
    parser::parse(expression, now)
}

/// The first second of a time as people write it in an expression; that of an age is so long ago.
pub fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    Some(match time::parse(text.trim())? {
        time::Time::Day(at) | time::Time::Moment(at) => at,
        time::Time::Age(secs) => now.saturating_sub(secs),
    })
}

/// Whether the field says something of assets alone.
pub(crate) fn is_of_asset(name: &str) -> bool {
    let is_asset = |field: &field::Field| field.subjects == [field::Subject::Asset];
    field::find(name).is_some_and(is_asset)
}

#[cfg(test)]
mod tests;
