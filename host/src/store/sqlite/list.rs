//! Pages of a list: a page begins behind the last row of the one before, found by its sort key and
//! its number, so that nothing is shown twice or left out because of what was written in between.

use rusqlite::{Connection, params_from_iter, types::Value};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::fail::{Fail, Result};
use crate::store::StoreError;

/// A piece of SQL and the values of its `?`, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Sql {
    pub(super) fn new(text: impl Into<String>, values: Vec<Value>) -> Self {
        Sql {
            text: text.into(),
            values,
        }
    }

    /// Joins with a condition that must hold too.
    pub(super) fn and(mut self, more: Option<Sql>) -> Self {
        if let Some(more) = more {
            self.text = format!("{} AND {}", self.text, more.text);
            self.values.extend(more.values);
        }
        self
    }
}

/// An order that is total.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order<'a> {
    /// Name of the list and the sort key, so that a token is not used for another one.
    pub(super) name: &'a str,
    /// Expressions that are never null.
    pub(super) keys: &'a [&'a str],
    /// Tells rows with equal keys apart.
    pub(super) id: &'a str,
    pub(super) descending: bool,
}

/// The numbers of the rows on a page, and the token of the next one.
pub(super) fn page(
    conn: &Connection,
    from: &str,
    condition: Sql,
    order: &Order<'_>,
    limit: u32,
    after: Option<&str>,
) -> Result<(Vec<i64>, Option<String>)> {
    let mut condition = condition;
    if let Some(token) = after {
        condition = condition.and(Some(behind(order, token)?));
    }
    let direction = if order.descending { "DESC" } else { "ASC" };
    let columns = order.keys.iter().chain([&order.id]);
    let sort: Vec<_> = columns
        .clone()
        .map(|column| format!("{column} {direction}"))
        .collect();
    let columns: Vec<_> = columns.copied().collect();
    let sql = format!(
        "SELECT {} FROM {from} WHERE {} ORDER BY {} LIMIT {}",
        columns.join(", "),
        condition.text,
        sort.join(", "),
        u64::from(limit) + 1
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(condition.values))?;
    let (mut ids, mut last) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        if ids.len() == limit as usize {
            return Ok((ids, Some(token(order, last))));
        }
        last.clear();
        for column in 0..columns.len() {
            last.push(row.get::<_, Value>(column)?);
        }
        ids.push(row.get(order.keys.len())?);
    }
    Ok((ids, None))
}

/// What a token holds.
#[derive(Deserialize, Serialize)]
struct Place(String, bool, Vec<Key>);

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Key {
    Integer(i64),
    Real(f64),
    Text(String),
}

fn behind(order: &Order<'_>, token: &str) -> Result<Sql> {
    let refused = || refused(token);
    let Place(name, descending, keys) = decoded(token)?;
    if (name.as_str(), descending) != (order.name, order.descending)
        || keys.len() != order.keys.len() + 1
    {
        return Err(refused());
    }
    let values: Vec<Value> = keys
        .into_iter()
        .map(|key| match key {
            Key::Integer(number) => number.into(),
            Key::Real(number) => number.into(),
            Key::Text(text) => text.into(),
        })
        .collect();
    let columns: Vec<_> = order.keys.iter().chain([&order.id]).copied().collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let sign = if order.descending { "<" } else { ">" };
    if let [column] = columns[..] {
        return Ok(Sql::new(format!("{column} {sign} ?"), values));
    }
    Ok(Sql::new(
        format!("({}) {sign} ({marks})", columns.join(", ")),
        values,
    ))
}

fn token(order: &Order<'_>, keys: Vec<Value>) -> String {
    let keys = keys.into_iter().map(|key| match key {
        Value::Integer(number) => Key::Integer(number),
        Value::Real(number) => Key::Real(number),
        Value::Text(text) => Key::Text(text),
        Value::Null | Value::Blob(_) => unreachable!("sort keys are numbers or texts"),
    });
    encoded(&Place(
        order.name.to_owned(),
        order.descending,
        keys.collect(),
    ))
}

/// A place in a list, as a token.
pub(super) fn encoded(place: &impl Serialize) -> String {
    let text = serde_json::to_string(place).expect("numbers and texts are JSON");
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// What [`encoded`] made a token of.
pub(super) fn decoded<T: DeserializeOwned>(token: &str) -> Result<T> {
    let text = unhex(token).ok_or_else(|| refused(token))?;
    serde_json::from_slice(&text).map_err(|_| refused(token))
}

/// A token that is not one of this list.
pub(super) fn refused(token: &str) -> Fail {
    StoreError::Token(token.chars().take(200).collect()).into()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let is_even = text.len().is_multiple_of(2);
    is_even.then(|| text.as_bytes().chunks(2).map(byte).collect())?
}
