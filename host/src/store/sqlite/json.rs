//! Lists that are kept as JSON in one column.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use serde::de::DeserializeOwned;

use crate::store::Attributes;

/// The object as it came; nothing for an empty one.
pub(super) fn attributes(object: &str) -> Option<&str> {
    (object != EMPTY).then_some(object)
}

/// What [`attributes`] made of the object.
pub(super) fn attributes_or_none(object: Option<String>) -> Attributes {
    Attributes(object.unwrap_or_else(|| EMPTY.to_owned()))
}

/// Nothing for an empty list.
pub(super) fn list<T: serde::Serialize>(list: &[T]) -> Option<String> {
    let text = || serde_json::to_string(list).expect("lists of texts and numbers are JSON");
    (!list.is_empty()).then(text)
}

/// Reads what [`list`] wrote.
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T: DeserializeOwned> FromSql for List<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        if value == ValueRef::Null {
            return Ok(List(Vec::new()));
        }
        serde_json::from_str(value.as_str()?)
            .map(List)
            .map_err(FromSqlError::other)
    }
}

/// Reads what [`attributes`] wrote.
impl FromSql for Attributes {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Option::<String>::column_result(value).map(attributes_or_none)
    }
}

const EMPTY: &str = "{}";
