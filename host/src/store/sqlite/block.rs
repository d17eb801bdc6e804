//! Texts of findings, kept apart so that the rows of findings stay small.
//!
//! The texts of neighbours are compressed together: they resemble each other, which makes them
//! half as large again and several times faster to write than one by one.

use std::collections::BTreeMap;

use rusqlite::{
    CachedStatement, Connection, OptionalExtension,
    types::{FromSqlError, FromSqlResult, ValueRef},
};
use zstd::bulk::Decompressor;

use super::{
    fail::Result,
    text::{Aside, Packer},
};
use crate::store::FindingId;

/// The tables of such texts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Results,
    Attributes,
}

impl Kind {
    fn read(self) -> &'static str {
        match self {
            Kind::Results => "SELECT body FROM results WHERE id = ?1",
            Kind::Attributes => "SELECT body FROM finding_attributes WHERE id = ?1",
        }
    }

    fn write(self) -> &'static str {
        match self {
            Kind::Results => {
                "INSERT INTO results (id, body) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET body = excluded.body"
            }
            Kind::Attributes => {
                "INSERT INTO finding_attributes (id, body) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET body = excluded.body"
            }
        }
    }
}

/// The texts of one transaction that are new or have changed. Those of a host are joined by
/// [`Blocks::flush`], compressed aside, and written by [`Blocks::finish`].
pub(super) struct Blocks<'tx, 'a> {
    read: CachedStatement<'tx>,
    write: CachedStatement<'tx>,
    waiting: Vec<(FindingId, Option<&'a str>)>,
    aside: Aside,
}

impl<'tx, 'a> Blocks<'tx, 'a> {
    pub(super) fn new(tx: &'tx Connection, kind: Kind) -> Result<Self> {
        Ok(Blocks {
            read: tx.prepare_cached(kind.read())?,
            write: tx.prepare_cached(kind.write())?,
            waiting: Vec::new(),
            aside: Aside::new(),
        })
    }

    /// Keeps a text among those of its neighbours, or takes away the one that is there.
    pub(super) fn put(&mut self, finding: FindingId, text: Option<&'a str>) {
        self.waiting.push((finding, text));
    }

    pub(super) fn flush(&mut self, packer: &Packer) -> Result<()> {
        // Stable, so that the last text of a finding is the one that stays.
        self.waiting.sort_by_key(|(finding, _)| *finding);
        let waiting = std::mem::take(&mut self.waiting);
        for group in waiting.chunk_by(|(one, _), (other, _)| one / TOGETHER == other / TOGETHER) {
            let id = group[0].0 / TOGETHER;
            if self.aside.is_underway(id) {
                self.finish()?;
            }
            let stored: Option<Vec<u8>> = self
                .read
                .query_row([id], |row| unpack(row.get_ref(0)?))
                .optional()?;
            let mut texts: BTreeMap<u8, &[u8]> =
                stored.iter().flat_map(|body| split(body)).collect();
            let mut is_changed = false;
            for (finding, text) in group {
                let before = match text {
                    Some(text) => texts.insert(place(*finding), text.as_bytes()),
                    None => texts.remove(&place(*finding)),
                };
                is_changed |= before != text.map(str::as_bytes);
            }
            if is_changed {
                self.aside.compress(packer, id, join(&texts));
            }
        }
        Ok(())
    }

    /// Before the transaction ends.
    pub(super) fn finish(&mut self) -> Result<()> {
        for (id, body) in self.aside.collect() {
            self.write.execute((id, body))?;
        }
        Ok(())
    }
}

/// Reads texts; in the order of the findings, neighbours are unpacked once.
pub(super) struct Reading<'conn> {
    read: CachedStatement<'conn>,
    decompressor: Decompressor<'static>,
    /// The body at hand, in memory that the next one uses again.
    body: Vec<u8>,
    known: Option<i64>,
}

impl<'conn> Reading<'conn> {
    pub(super) fn new(conn: &'conn Connection, kind: Kind) -> Result<Self> {
        Ok(Reading {
            read: conn.prepare_cached(kind.read())?,
            decompressor: Decompressor::new().expect("there is memory for a decompressor"),
            body: Vec::new(),
            known: None,
        })
    }

    pub(super) fn text(&mut self, finding: FindingId) -> Result<Option<String>> {
        let id = finding / TOGETHER;
        if self.known != Some(id) {
            self.known = None;
            self.body.clear();
            let Self {
                read,
                decompressor,
                body,
                ..
            } = self;
            read.query_row([id], |row| unpack_into(decompressor, row.get_ref(0)?, body))
                .optional()?;
            self.known = Some(id);
        }
        Ok(text_at(&self.body, place(finding))?)
    }

    /// A text that was compressed alone, with what the blocks are unpacked with.
    pub(super) fn unpack(&mut self, packed: ValueRef<'_>) -> rusqlite::Result<String> {
        let mut text = Vec::new();
        unpack_into(&mut self.decompressor, packed, &mut text)?;
        Ok(String::from_utf8(text).map_err(FromSqlError::other)?)
    }
}

/// As [`unpack`], with what was used for the one before.
fn unpack_into(
    decompressor: &mut Decompressor<'_>,
    packed: ValueRef<'_>,
    body: &mut Vec<u8>,
) -> rusqlite::Result<()> {
    let blob = packed.as_blob().map_err(rusqlite::Error::from)?;
    // The length of what was compressed in one go is written before it.
    match zstd::zstd_safe::get_frame_content_size(blob) {
        Ok(Some(n_bytes)) if n_bytes <= LONGEST_BODY => {
            body.reserve(usize::try_from(n_bytes).unwrap_or_default());
            let unpacked = decompressor.decompress_to_buffer(blob, body);
            unpacked.map_err(FromSqlError::other)?;
        }
        _ => *body = unpack(packed)?,
    }
    Ok(())
}

/// The text at a place of an unpacked body.
pub(super) fn text_at(body: &[u8], place: u8) -> rusqlite::Result<Option<String>> {
    let found = split(body).find(|(known, _)| *known == place);
    let text = found
        .map(|(_, text)| String::from_utf8(text.to_vec()))
        .transpose();
    text.map_err(|error| FromSqlError::other(error).into())
}

pub(super) fn unpack(body: ValueRef<'_>) -> rusqlite::Result<Vec<u8>> {
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

/// Findings whose texts are compressed together.
const TOGETHER: i64 = 64;
/// Longer ones are unpacked piece by piece, in case that the length is not the truth.
const LONGEST_BODY: u64 = 64 << 20;

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
