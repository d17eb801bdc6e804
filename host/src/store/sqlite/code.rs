//! Enums of the contract in columns: each is kept as its place.

use rusqlite::{
    Row,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};

use crate::store::word::Word;

/// Reads an enum from a column.
pub(super) struct Code<W>(pub(super) W);

impl<W: Word> FromSql for Code<W> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let place = u8::column_result(value)?;
        W::at_place(place)
            .map(Code)
            .ok_or(FromSqlError::OutOfRange(i64::from(place)))
    }
}

pub(super) fn word<W: Word>(row: &Row<'_>, column: usize) -> rusqlite::Result<W> {
    row.get::<_, Code<W>>(column).map(|Code(word)| word)
}

pub(super) fn maybe_word<W: Word>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<W>> {
    Ok(row
        .get::<_, Option<Code<W>>>(column)?
        .map(|Code(word)| word))
}

/// Numbers of Qualys' above 2^63 keep their bits, if not their order.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

pub(super) fn maybe_number(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(i64::cast_unsigned))
}
