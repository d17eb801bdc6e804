//! What scans saw, apart from the findings so that those stay small.
//!
//! The texts of neighbours are compressed together: they resemble each other, which makes them
//! half as large again and several times faster to write than one by one. A text that is long is
//! stored once for all findings that show it.

use std::collections::BTreeMap;

use rusqlite::{
    CachedStatement, Connection, OptionalExtension, Transaction,
    types::{FromSqlError, FromSqlResult},
};

use super::{fail::Result, text::Packer};
use crate::store::{FindingId, content::TextDigest};

/// The texts of one host that are new or have changed, until [`Results::flush`] writes them.
pub(super) struct Results<'tx, 'a> {
    statements: Statements<'tx>,
    waiting: Vec<(FindingId, Option<&'a str>)>,
}

struct Statements<'tx> {
    read: CachedStatement<'tx>,
    write: CachedStatement<'tx>,
    shared: CachedStatement<'tx>,
    share: CachedStatement<'tx>,
    share_body: CachedStatement<'tx>,
    uses: CachedStatement<'tx>,
    drop_body: CachedStatement<'tx>,
    drop_shared: CachedStatement<'tx>,
}

impl<'tx, 'a> Results<'tx, 'a> {
    pub(super) fn new(tx: &'tx Transaction<'_>) -> Result<Self> {
        let statements = Statements {
            read: tx.prepare_cached(READ)?,
            write: tx.prepare_cached(
                "INSERT INTO results (id, body) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
            )?,
            shared: tx.prepare_cached("SELECT id FROM texts WHERE digest = ?1")?,
            share: tx.prepare_cached("INSERT INTO texts (digest, n_uses) VALUES (?1, 0)")?,
            share_body: tx
                .prepare_cached("INSERT INTO text_bodies (text_id, body) VALUES (?1, ?2)")?,
            uses: tx.prepare_cached(
                "UPDATE texts SET n_uses = n_uses + ?2 WHERE id = ?1 RETURNING n_uses",
            )?,
            drop_body: tx.prepare_cached("DELETE FROM text_bodies WHERE text_id = ?1")?,
            drop_shared: tx.prepare_cached("DELETE FROM texts WHERE id = ?1")?,
        };
        Ok(Results {
            statements,
            waiting: Vec::new(),
        })
    }

    /// Number of the shared text, where the text is long enough to be shared.
    pub(super) fn share(
        &mut self,
        packer: &mut Packer,
        text: &str,
        digest: &TextDigest,
    ) -> Result<Option<i64>> {
        if text.len() < WORTH_SHARING {
            return Ok(None);
        }
        let statements = &mut self.statements;
        let known = statements
            .shared
            .query_row([digest], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                let id = statements.share.insert([digest])?;
                statements.share_body.execute((id, packer.pack(text)))?;
                id
            }
        };
        statements.uses.query_row((id, 1), |_| Ok(()))?;
        Ok(Some(id))
    }

    /// One finding shows the shared text no more.
    pub(super) fn unshare(&mut self, id: i64) -> Result<()> {
        let statements = &mut self.statements;
        let left: i64 = statements.uses.query_row((id, -1), |row| row.get(0))?;
        if left == 0 {
            statements.drop_body.execute([id])?;
            statements.drop_shared.execute([id])?;
        }
        Ok(())
    }

    /// Keeps a text among those of its neighbours, or takes away the one that is there.
    pub(super) fn put(&mut self, finding: FindingId, text: Option<&'a str>) {
        self.waiting.push((finding, text));
    }

    pub(super) fn flush(&mut self, packer: &mut Packer) -> Result<()> {
        // Stable, so that the last text of a finding is the one that stays.
        self.waiting.sort_by_key(|(finding, _)| *finding);
        let waiting = std::mem::take(&mut self.waiting);
        for group in waiting.chunk_by(|(one, _), (other, _)| one / TOGETHER == other / TOGETHER) {
            let id = group[0].0 / TOGETHER;
            let stored: Option<Vec<u8>> = self
                .statements
                .read
                .query_row([id], |row| unpack(row.get_ref(0)?))
                .optional()?;
            let mut texts: BTreeMap<u8, &[u8]> =
                stored.iter().flat_map(|body| split(body)).collect();
            for (finding, text) in group {
                match text {
                    Some(text) => texts.insert(place(*finding), text.as_bytes()),
                    None => texts.remove(&place(*finding)),
                };
            }
            self.statements
                .write
                .execute((id, packer.compress(&join(&texts))))?;
        }
        Ok(())
    }
}

/// Reads texts; in the order of the findings, neighbours are unpacked once.
pub(super) struct Reading<'conn> {
    read: CachedStatement<'conn>,
    shared: CachedStatement<'conn>,
    unpacked: Option<(i64, Vec<u8>)>,
}

impl<'conn> Reading<'conn> {
    pub(super) fn new(conn: &'conn Connection) -> Result<Self> {
        let shared = conn.prepare_cached("SELECT body FROM text_bodies WHERE text_id = ?1")?;
        Ok(Reading {
            read: conn.prepare_cached(READ)?,
            shared,
            unpacked: None,
        })
    }

    pub(super) fn text(
        &mut self,
        finding: FindingId,
        shared: Option<i64>,
    ) -> Result<Option<String>> {
        if let Some(id) = shared {
            let text = self.shared.query_row([id], |row| row.get(0)).optional()?;
            return Ok(text.map(|super::text::LongText(text)| text));
        }
        let id = finding / TOGETHER;
        if self.unpacked.as_ref().is_none_or(|(known, _)| *known != id) {
            let body = self
                .read
                .query_row([id], |row| unpack(row.get_ref(0)?))
                .optional()?;
            self.unpacked = Some((id, body.unwrap_or_default()));
        }
        let body = self.unpacked.as_ref().map_or(&[][..], |(_, body)| body);
        let found = split(body).find(|(known, _)| *known == place(finding));
        let text = found
            .map(|(_, text)| String::from_utf8(text.to_vec()))
            .transpose();
        Ok(text.map_err(|error| rusqlite::Error::from(FromSqlError::other(error)))?)
    }
}

fn unpack(body: rusqlite::types::ValueRef<'_>) -> rusqlite::Result<Vec<u8>> {
    let unpacked = || -> FromSqlResult<Vec<u8>> {
        zstd::stream::decode_all(body.as_blob()?).map_err(FromSqlError::other)
    };
    Ok(unpacked()?)
}

fn place(finding: FindingId) -> u8 {
    u8::try_from(finding % TOGETHER).expect("a remainder of 64 fits")
}

/// Each text is preceded by its place and its length.
fn join(texts: &BTreeMap<u8, &[u8]>) -> Vec<u8> {
    let mut body = Vec::with_capacity(texts.values().map(|text| text.len() + 5).sum());
    for (place, text) in texts {
        let length = u32::try_from(text.len()).expect("a text that is kept here is short");
        body.push(*place);
        body.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(text);
    }
    body
}

/// Ends early where the bytes are not what [`join`] makes.
fn split(mut body: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (place, rest) = body.split_first()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        body = rest;
        Some((*place, text))
    })
}

const READ: &str = "SELECT body FROM results WHERE id = ?1";
/// Findings whose texts are compressed together.
const TOGETHER: i64 = 64;
/// In bytes; below, looking the text up costs more than storing it again.
const WORTH_SHARING: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_texts_come_apart_again() {
        let texts = BTreeMap::from([(0, &b"one"[..]), (7, b""), (63, b"three")]);
        let body = join(&texts);
        assert_eq!(split(&body).collect::<BTreeMap<_, _>>(), texts);
    }

    #[test]
    fn a_body_that_was_cut_off_gives_what_is_whole() {
        let body = join(&BTreeMap::from([(1, &b"one"[..]), (2, b"two")]));
        assert_eq!(split(&body[..body.len() - 1]).count(), 1);
    }
}
