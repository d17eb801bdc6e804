//! What identifies a record, as it is stored.

use rusqlite::{Connection, Row};

use super::super::{code, fail::Result};
use crate::store::{
    RecordId,
    identity::{Criterion, Key, MOST_SHARED},
    word::Word,
};

/// What identifies the record. What too many share is left out, here as where it is stored.
pub(super) fn of(tx: &Connection, record: RecordId) -> Result<Vec<Key>> {
    let mut statement = tx.prepare_cached(
        "SELECT i.criterion, i.value FROM identities i WHERE i.record_id = ?1
           AND (SELECT count(*) FROM (SELECT 1 FROM identities o
             WHERE o.criterion = i.criterion AND o.value = i.value LIMIT ?2)) < ?2
         ORDER BY 1, 2",
    )?;
    let keys = statement.query_map((record, (MOST_SHARED + 1) as i64), key)?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

fn key(row: &Row<'_>) -> rusqlite::Result<Key> {
    Ok(Key {
        criterion: code::word(row, 0)?,
        value: row.get(1)?,
    })
}

/// Keys of criteria that are not told stay.
pub(super) fn write(
    tx: &Connection,
    record: RecordId,
    criteria: &[Criterion],
    keys: &[Key],
) -> Result<()> {
    let stored = self::stored(tx, record)?;
    let mut delete = tx.prepare_cached(
        "DELETE FROM identities WHERE criterion = ?1 AND value = ?2 AND record_id = ?3",
    )?;
    let is_told = |key: &&Key| criteria.contains(&key.criterion);
    for old in stored
        .iter()
        .filter(is_told)
        .filter(|old| !keys.contains(old))
    {
        delete.execute((old.criterion.place(), &old.value, record))?;
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO identities (criterion, value, record_id) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?;
    for new in keys.iter().filter(|new| !stored.contains(new)) {
        insert.execute((new.criterion.place(), &new.value, record))?;
    }
    Ok(())
}

/// All that is told of the record, common or not.
fn stored(tx: &Connection, record: RecordId) -> Result<Vec<Key>> {
    let mut statement = tx.prepare_cached(
        "SELECT criterion, value FROM identities WHERE record_id = ?1 ORDER BY 1, 2",
    )?;
    let keys = statement.query_map([record], key)?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}
