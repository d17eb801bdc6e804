//! Fields: where a value stands in an object, and how it is written as JSON or as a cell.
//!
//! A table of fields is the one description of a format: it is what is rendered, and what the
//! reference page prints. Knows no format and no record.

use std::fmt::Write as _;

use serde::Serialize;

use super::line::{make_safe, push_text};
use crate::contract::types::Timestamp;

/// What stands in a field.
pub(super) enum Value<'a> {
    Absent,
    Text(&'a str),
    Made(String),
    Number(i64),
    /// Numbers without a sign, which may be above what [`Value::Number`] holds.
    Count(u64),
    Score(f32),
    Flag(bool),
    /// RFC 3339.
    Time(Timestamp),
    /// Milliseconds since 1970.
    Millis(Timestamp),
    Texts(&'a [String]),
    /// JSON already.
    Json(&'a [u8]),
    /// JSON that a terminal may be shown.
    SafeJson(&'a [u8]),
    MadeJson(Vec<u8>),
}

/// Where a value of a row stands, and what it is made from.
pub(super) struct Field<R> {
    /// Names of the objects around it, and its own, joined by dots.
    pub(super) path: &'static str,
    /// For people: the field of the record that it is made from, and how.
    pub(super) from: &'static str,
    value: for<'a> fn(&'a R) -> Value<'a>,
}

/// A line of a table.
pub(super) const fn field<R>(
    path: &'static str,
    from: &'static str,
    value: for<'a> fn(&'a R) -> Value<'a>,
) -> Field<R> {
    Field { path, from, value }
}

/// A table, made ready to be rendered many times.
pub(super) struct Shape<R: 'static> {
    places: Vec<Place<R>>,
    /// Absent values are written as `null`; else they are left out, and objects without any value too.
    has_nulls: bool,
}

struct Place<R: 'static> {
    /// The objects around it.
    around: Vec<&'static str>,
    /// `,"name":`.
    key: String,
    value: for<'a> fn(&'a R) -> Value<'a>,
}

impl<R: 'static> Shape<R> {
    /// Every key is there, `null` where nothing is known.
    pub(super) fn with_nulls(table: &[Field<R>]) -> Self {
        Self {
            has_nulls: true,
            ..Self::new(table)
        }
    }

    /// Keys without a value are not there.
    pub(super) fn new(table: &[Field<R>]) -> Self {
        let place = |field: &Field<R>| {
            let mut around: Vec<_> = field.path.split('.').collect();
            let name = around.pop().unwrap_or_default();
            Place {
                around,
                key: format!(",\"{name}\":"),
                value: field.value,
            }
        };
        Self {
            places: table.iter().map(place).collect(),
            has_nulls: false,
        }
    }

    /// Appends one object.
    pub(super) fn render(&self, row: &R, out: &mut Vec<u8>) {
        let mut open: &[&str] = &[];
        let mut is_first = true;
        out.push(b'{');
        for place in &self.places {
            let value = (place.value)(row);
            if matches!(value, Value::Absent) && !self.has_nulls {
                continue;
            }
            let around = &place.around[..];
            let common = open
                .iter()
                .zip(around)
                .take_while(|(one, other)| one == other)
                .count();
            for _ in common..open.len() {
                out.push(b'}');
                is_first = false;
            }
            for name in &around[common..] {
                if !is_first {
                    out.push(b',');
                }
                out.push(b'"');
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b"\":{");
                is_first = true;
            }
            out.extend_from_slice(&place.key.as_bytes()[usize::from(is_first)..]);
            json(&value, out);
            is_first = false;
            open = around;
        }
        out.resize(out.len() + open.len() + 1, b'}');
    }
}

/// Appends a value as JSON.
fn json(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Absent => out.extend_from_slice(b"null"),
        Value::Text(text) => push_text(out, text),
        Value::Made(text) => push_text(out, text),
        Value::Number(number) => push_json(out, number),
        Value::Count(number) => push_json(out, number),
        Value::Score(score) => push_json(out, score),
        Value::Flag(true) => out.extend_from_slice(b"true"),
        Value::Flag(false) => out.extend_from_slice(b"false"),
        Value::Time(time) => {
            let mut text = String::with_capacity(22);
            text.push('"');
            crate::time::push(&mut text, *time);
            text.push('"');
            out.extend_from_slice(text.as_bytes());
        }
        Value::Millis(time) => push_json(out, &time.saturating_mul(1_000)),
        Value::Texts(texts) => push_others(out, |out| push_json(out, texts)),
        Value::Json(bytes) => push_others(out, |out| out.extend_from_slice(bytes)),
        Value::MadeJson(bytes) => push_others(out, |out| out.extend_from_slice(bytes)),
        Value::SafeJson(bytes) => out.extend_from_slice(bytes),
    }
}

/// What is JSON, but was not written by [`push_text`].
fn push_others(out: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    push(out);
    make_safe(out, start);
}

/// Appends a value as a cell of a sheet; lists are joined with `; `.
pub(super) fn cell(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Absent => {}
        Value::Text(text) => out.push_str(text),
        Value::Made(text) => out.push_str(text),
        Value::Number(number) => write!(out, "{number}").expect("memory"),
        Value::Count(number) => write!(out, "{number}").expect("memory"),
        Value::Score(score) => write!(out, "{score}").expect("memory"),
        Value::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Time(time) => crate::time::push(out, *time),
        Value::Millis(time) => write!(out, "{}", time.saturating_mul(1_000)).expect("memory"),
        Value::Texts(texts) => out.push_str(&texts.join("; ")),
        Value::Json(bytes) | Value::SafeJson(bytes) => {
            out.push_str(std::str::from_utf8(bytes).expect("JSON is text"))
        }
        Value::MadeJson(bytes) => out.push_str(std::str::from_utf8(bytes).expect("JSON is text")),
    }
}

/// The value of one field, for a format that is no object.
pub(super) fn value<'a, R>(field: &Field<R>, row: &'a R) -> Value<'a> {
    (field.value)(row)
}

/// Appends whatever has a form in JSON.
pub(super) fn push_json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("records have text keys");
}

/// JSON of whatever has one.
pub(super) fn of_json<T: Serialize + ?Sized>(value: &T) -> Value<'static> {
    let mut out = Vec::new();
    push_json(&mut out, value);
    Value::MadeJson(out)
}

/// A list of objects; nothing when there are none.
pub(super) fn list<R: 'static>(
    rows: impl IntoIterator<Item = R>,
    shape: &Shape<R>,
) -> Value<'static> {
    let mut out = vec![b'['];
    for row in rows {
        if out.len() > 1 {
            out.push(b',');
        }
        shape.render(&row, &mut out);
    }
    out.push(b']');
    if out.len() == 2 {
        return Value::Absent;
    }
    Value::MadeJson(out)
}

/// A time that may be absent.
pub(super) fn time(at: Option<Timestamp>) -> Value<'static> {
    at.map_or(Value::Absent, Value::Time)
}

/// A time that may be absent, in milliseconds.
pub(super) fn millis(at: Option<Timestamp>) -> Value<'static> {
    at.map_or(Value::Absent, Value::Millis)
}

impl<'a> Value<'a> {
    /// Nothing for an empty text or list.
    pub(super) fn unless_empty(self) -> Self {
        let is_empty = match &self {
            Value::Text(text) => text.is_empty(),
            Value::Made(text) => text.is_empty(),
            Value::Texts(texts) => texts.is_empty(),
            _ => false,
        };
        if is_empty { Value::Absent } else { self }
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Absent, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().into()
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Value::Text(value)
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Value::Made(value)
    }
}

macro_rules! from {
    ($($kind:ty => $case:ident),+) => { $(
        impl From<$kind> for Value<'_> {
            fn from(value: $kind) -> Self {
                Value::$case(value.into())
            }
        }
    )+ };
}

from!(u8 => Count, u16 => Count, u32 => Count, u64 => Count, i64 => Number, f32 => Score, bool => Flag);
