//! How values of the contract look in JSON: enums as words, times as RFC 3339 in UTC.

use serde::Serializer;

use super::{time, word::Word};
use crate::guest::types::Timestamp;

pub(super) fn word<W: Word, S: Serializer>(value: &W, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(value.word())
}

pub(super) fn maybe_word<W: Word, S: Serializer>(
    value: &Option<W>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.serialize_str(value.word()),
        None => to.serialize_none(),
    }
}

pub(super) fn time<S: Serializer>(value: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&time::Rfc3339(*value))
}

/// The day alone.
pub(super) fn day<S: Serializer>(value: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&time::Date(*value))
}

pub(super) fn maybe_time<S: Serializer>(
    value: &Option<Timestamp>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.collect_str(&time::Rfc3339(*value)),
        None => to.serialize_none(),
    }
}
