//! What scans saw. A text that is long is stored once for all findings that show it, the others
//! in blocks of neighbours.

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::{
    block::{self, Blocks, Kind},
    fail::Result,
    text::{Aside, Packer},
};
use crate::store::{FindingId, content::TextDigest};

/// The texts of one transaction.
pub(super) struct Results<'tx, 'a> {
    statements: Statements<'tx>,
    blocks: Blocks<'tx, 'a>,
    /// Shared texts on their way.
    bodies: Aside,
}

struct Statements<'tx> {
    shared: CachedStatement<'tx>,
    share: CachedStatement<'tx>,
    share_body: CachedStatement<'tx>,
    uses: CachedStatement<'tx>,
    drop_body: CachedStatement<'tx>,
    drop_shared: CachedStatement<'tx>,
}

impl<'tx, 'a> Results<'tx, 'a> {
    pub(super) fn new(tx: &'tx Connection) -> Result<Self> {
        let statements = Statements {
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
            blocks: Blocks::new(tx, Kind::Results)?,
            bodies: Aside::new(),
        })
    }

    /// Number of the shared text, where the text is long enough to be shared.
    pub(super) fn share(
        &mut self,
        packer: &Packer,
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
                self.bodies.compress(packer, id, text.as_bytes().to_vec());
                id
            }
        };
        statements.uses.query_row((id, 1), |_| Ok(()))?;
        Ok(Some(id))
    }

    /// One finding shows the shared text no more.
    pub(super) fn unshare(&mut self, id: i64) -> Result<()> {
        let left: i64 = self.statements.uses.query_row((id, -1), |row| row.get(0))?;
        if left == 0 {
            if self.bodies.is_underway(id) {
                self.finish_bodies()?;
            }
            self.statements.drop_body.execute([id])?;
            self.statements.drop_shared.execute([id])?;
        }
        Ok(())
    }

    /// Keeps a text with the finding, or takes away the one that is there.
    pub(super) fn put(&mut self, finding: FindingId, text: Option<&'a str>) {
        self.blocks.put(finding, text);
    }

    pub(super) fn flush(&mut self, packer: &Packer) -> Result<()> {
        self.blocks.flush(packer)
    }

    fn finish_bodies(&mut self) -> Result<()> {
        for (id, body) in self.bodies.collect() {
            self.statements.share_body.execute((id, body))?;
        }
        Ok(())
    }

    /// Before the transaction ends.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.finish_bodies()?;
        self.blocks.finish()
    }
}

/// Reads what scans saw.
pub(super) struct Reading<'conn> {
    blocks: block::Reading<'conn>,
    shared: CachedStatement<'conn>,
}

impl<'conn> Reading<'conn> {
    pub(super) fn new(conn: &'conn Connection) -> Result<Self> {
        Ok(Reading {
            blocks: block::Reading::new(conn, Kind::Results)?,
            shared: conn.prepare_cached("SELECT body FROM text_bodies WHERE text_id = ?1")?,
        })
    }

    pub(super) fn text(
        &mut self,
        finding: FindingId,
        shared: Option<i64>,
    ) -> Result<Option<String>> {
        let Some(id) = shared else {
            return self.blocks.text(finding);
        };
        let Self { blocks, shared } = self;
        let text = shared.query_row([id], |row| blocks.unpack(row.get_ref(0)?));
        Ok(text.optional()?)
    }
}

/// In bytes; below, looking the text up costs more than storing it again.
const WORTH_SHARING: usize = 2_048;
