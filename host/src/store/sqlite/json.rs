//! Lists that are kept as JSON in one column.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use serde::de::DeserializeOwned;

use crate::{guest::types, store::Attribute};

/// Pairs of name and value; nothing for an empty list.
pub(super) fn attributes(attributes: &[types::Attribute]) -> Option<String> {
    let pairs: Vec<_> = attributes
        .iter()
        .map(|pair| (&pair.name, &pair.value))
        .collect();
    list(&pairs)
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
pub(super) struct Attributes(pub(super) Vec<Attribute>);

impl FromSql for Attributes {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let List(pairs) = List::<(String, String)>::column_result(value)?;
        let attribute = |(name, value)| Attribute { name, value };
        Ok(Attributes(pairs.into_iter().map(attribute).collect()))
    }
}
