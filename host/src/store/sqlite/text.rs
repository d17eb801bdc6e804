//! Long texts: compressed when that pays, and the longest stored once for all that show them.

use rusqlite::{
    CachedStatement, OptionalExtension, Transaction,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use zstd::bulk::Compressor;

use super::fail::Result;
use crate::store::content::{self, TextDigest};

/// Turns a text into what is stored: the text as it is, or a blob.
pub(super) struct Packer {
    compressor: Compressor<'static>,
    buffer: Vec<u8>,
}

impl Packer {
    pub(super) fn new() -> Self {
        let compressor = Compressor::new(LEVEL).expect("the level is one that zstd has");
        Packer {
            compressor,
            buffer: Vec::new(),
        }
    }

    pub(super) fn pack<'a>(&'a mut self, text: &'a str) -> ToSqlOutput<'a> {
        let plain = ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()));
        if text.len() < WORTH_COMPRESSING {
            return plain;
        }
        self.buffer.clear();
        self.buffer
            .reserve(zstd::zstd_safe::compress_bound(text.len()));
        match self
            .compressor
            .compress_to_buffer(text.as_bytes(), &mut self.buffer)
        {
            Ok(length) if length < text.len() / 10 * 9 => {
                ToSqlOutput::Borrowed(ValueRef::Blob(&self.buffer))
            }
            _ => plain,
        }
    }

    pub(super) fn pack_maybe<'a>(&'a mut self, text: Option<&'a str>) -> ToSqlOutput<'a> {
        text.map_or(ToSqlOutput::Borrowed(ValueRef::Null), |text| {
            self.pack(text)
        })
    }
}

impl std::fmt::Debug for Packer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packer")
    }
}

/// A text as it was before it was packed.
pub(super) struct LongText(pub(super) String);

impl FromSql for LongText {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let ValueRef::Blob(blob) = value else {
            return String::column_result(value).map(LongText);
        };
        let bytes = zstd::stream::decode_all(blob).map_err(FromSqlError::other)?;
        String::from_utf8(bytes)
            .map(LongText)
            .map_err(FromSqlError::other)
    }
}

/// What scans saw, one text for each finding at most.
pub(super) struct Results<'tx> {
    stored: CachedStatement<'tx>,
    insert: CachedStatement<'tx>,
    delete: CachedStatement<'tx>,
    shared: CachedStatement<'tx>,
    share: CachedStatement<'tx>,
    share_body: CachedStatement<'tx>,
    uses: CachedStatement<'tx>,
    drop_body: CachedStatement<'tx>,
    drop_shared: CachedStatement<'tx>,
}

impl<'tx> Results<'tx> {
    pub(super) fn new(tx: &'tx Transaction<'_>) -> Result<Self> {
        Ok(Results {
            stored: tx.prepare_cached(
                "SELECT content_hash, text_id FROM results WHERE finding_id = ?1",
            )?,
            insert: tx.prepare_cached(
                "INSERT INTO results (finding_id, content_hash, body, text_id)
                 VALUES (?1, ?2, ?3, ?4)",
            )?,
            delete: tx.prepare_cached("DELETE FROM results WHERE finding_id = ?1")?,
            shared: tx.prepare_cached("SELECT id FROM texts WHERE digest = ?1")?,
            share: tx.prepare_cached("INSERT INTO texts (digest, n_uses) VALUES (?1, 1)")?,
            share_body: tx
                .prepare_cached("INSERT INTO text_bodies (text_id, body) VALUES (?1, ?2)")?,
            uses: tx.prepare_cached(
                "UPDATE texts SET n_uses = n_uses + ?2 WHERE id = ?1 RETURNING n_uses",
            )?,
            drop_body: tx.prepare_cached("DELETE FROM text_bodies WHERE text_id = ?1")?,
            drop_shared: tx.prepare_cached("DELETE FROM texts WHERE id = ?1")?,
        })
    }

    /// For a finding that has none yet.
    pub(super) fn insert(
        &mut self,
        packer: &mut Packer,
        finding: i64,
        text: &str,
        digest: &TextDigest,
    ) -> Result<()> {
        let hash = content::short(digest);
        if text.len() < WORTH_SHARING {
            self.insert
                .execute((finding, hash, packer.pack(text), None::<i64>))?;
            return Ok(());
        }
        let shared: Option<i64> = self
            .shared
            .query_row([digest], |row| row.get(0))
            .optional()?;
        let shared = match shared {
            Some(id) => {
                self.uses.query_row((id, 1), |_| Ok(()))?;
                id
            }
            None => {
                let id = self.share.insert([digest])?;
                self.share_body.execute((id, packer.pack(text)))?;
                id
            }
        };
        self.insert
            .execute((finding, hash, None::<String>, shared))?;
        Ok(())
    }

    /// For a finding that may have one; equal texts are not written again.
    pub(super) fn update(
        &mut self,
        packer: &mut Packer,
        finding: i64,
        text: Option<(&str, &TextDigest)>,
    ) -> Result<()> {
        let stored: Option<(i64, Option<i64>)> = self
            .stored
            .query_row([finding], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if stored.map(|(hash, _)| hash) == text.map(|(_, digest)| content::short(digest)) {
            return Ok(());
        }
        if let Some((_, shared)) = stored {
            self.delete.execute([finding])?;
            if let Some(id) = shared {
                self.give_back(id)?;
            }
        }
        match text {
            Some((text, digest)) => self.insert(packer, finding, text, digest),
            None => Ok(()),
        }
    }

    fn give_back(&mut self, id: i64) -> Result<()> {
        let left: i64 = self.uses.query_row((id, -1), |row| row.get(0))?;
        if left == 0 {
            self.drop_body.execute([id])?;
            self.drop_shared.execute([id])?;
        }
        Ok(())
    }
}

const LEVEL: i32 = 1;
/// In bytes; below, the frame around the compressed text costs about what it saves.
const WORTH_COMPRESSING: usize = 256;
/// In bytes; below, looking the text up costs more than storing it again.
const WORTH_SHARING: usize = 2_048;
