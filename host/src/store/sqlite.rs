//! The inventory in one file of SQLite. Only this file and the folder beside it name SQLite.
//!
//! Every method here is one transaction; the statements are in the folder.

mod asset_group;
mod batch;
mod block;
mod code;
mod commit;
mod counter;
mod fail;
mod field;
mod filter;
mod finding;
mod host;
mod json;
mod limit;
mod list;
mod note;
mod open;
mod read_asset;
mod read_finding;
mod read_total;
mod read_vulnerability;
mod results;
mod run;
mod tag;
#[cfg(test)]
mod tests;
mod text;
mod vulnerability;

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::{
    AssetDetail, AssetGroupRow, AssetGroupSort, AssetId, AssetRow, AssetSort, BatchId, Commit,
    Committed, ConnectorId, FindingDetail, FindingId, FindingQuery, FindingRow, Lease, Listing,
    PendingBatch, QidRow, Query, Reader, Result, Resumed, RunEnding, RunId, RunRow, Store,
    StoreError, TagRow, TagSort, Totals, VulnerabilityDetail, VulnerabilityRow, VulnerabilitySort,
};
use crate::guest::{
    filter::Term,
    pace::Limits,
    plan::Batch,
    types::{Dataset, HostId, Qid, Timestamp},
};
use counter::Counters;
use fail::Fail;
use filter::Subject;
use list::Sql;

/// The write side.
#[derive(Debug)]
pub struct SqliteStore {
    file: PathBuf,
    conn: Connection,
    tools: Tools,
    gathered: Gathered,
}

/// What the steps of one transaction share.
#[derive(Debug)]
struct Tools {
    packer: text::Packer,
    /// What the transaction changes in all; written once, at its end.
    counters: Counters,
}

/// Steps that are kept together.
#[derive(Debug, Default)]
enum Gathered {
    /// Each step is kept by itself.
    #[default]
    Not,
    Open,
    /// A step failed, and the others with it.
    Lost(StoreError),
}

/// The read side.
#[derive(Debug)]
pub struct SqliteReader {
    file: PathBuf,
    conn: Connection,
}

impl SqliteStore {
    /// Opens the inventory; creates it, readable for its owner alone, when there is no such file.
    pub fn open(file: &Path) -> Result<Self> {
        let conn = open::for_writing(file)?;
        Ok(SqliteStore {
            file: file.to_owned(),
            conn,
            tools: Tools::new(),
            gathered: Gathered::Not,
        })
    }

    fn write<T>(
        &mut self,
        operation: &'static str,
        write: impl FnOnce(&Connection, &mut Tools) -> fail::Result<T>,
    ) -> Result<T> {
        if let Gathered::Lost(error) = &self.gathered {
            return Err(error.clone());
        }
        let SqliteStore {
            file, conn, tools, ..
        } = self;
        let is_alone = matches!(self.gathered, Gathered::Not);
        let run = || {
            if is_alone {
                let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let value = write(&tx, tools)?;
                std::mem::take(&mut tools.counters).flush(&tx)?;
                tx.commit()?;
                return Ok(value);
            }
            if conn.is_autocommit() {
                conn.execute_batch("BEGIN IMMEDIATE")?;
            }
            write(conn, tools)
        };
        let written = run().map_err(|fail: Fail| fail.told(file, operation));
        // Without a savepoint for each step, which would copy every page that a step touches.
        if let Err(error) = &written {
            self.give_up();
            if !is_alone {
                self.gathered = Gathered::Lost(error.clone());
            }
        }
        written
    }

    /// Leaves nothing of a transaction.
    fn give_up(&mut self) {
        self.tools.counters = Counters::default();
        if !self.conn.is_autocommit() {
            let _ = self.conn.execute_batch("ROLLBACK");
        }
    }

    fn read<T>(&self, operation: &'static str, value: fail::Result<T>) -> Result<T> {
        value.map_err(|fail| fail.told(&self.file, operation))
    }
}

impl Tools {
    fn new() -> Self {
        Tools {
            packer: text::Packer::new(),
            counters: Counters::default(),
        }
    }
}

impl SqliteReader {
    /// Opens an inventory that exists.
    pub fn open(file: &Path) -> Result<Self> {
        Ok(SqliteReader {
            file: file.to_owned(),
            conn: open::for_reading(file)?,
        })
    }

    /// What is read in one go is of one moment.
    fn read<T>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&Connection) -> fail::Result<T>,
    ) -> Result<T> {
        let run = || {
            let tx = self.conn.unchecked_transaction()?;
            read(&tx)
        };
        run().map_err(|fail: Fail| fail.told(&self.file, operation))
    }
}

impl Store for SqliteStore {
    fn connector(&mut self, origin: &str, username: &str) -> Result<ConnectorId> {
        self.write("connector", |tx, _| {
            let known = "SELECT id FROM connectors WHERE origin = ?1 AND username = ?2";
            let found = tx
                .query_row(known, (origin, username), |row| row.get(0))
                .optional()?;
            if let Some(connector) = found {
                return Ok(connector);
            }
            let insert = "INSERT INTO connectors (origin, username) VALUES (?1, ?2)";
            tx.execute(insert, (origin, username))?;
            Ok(tx.last_insert_rowid())
        })
    }

    fn begin_run(
        &mut self,
        connector: ConnectorId,
        settings: &str,
        lease: &Lease<'_>,
    ) -> Result<RunId> {
        self.write("begin run", |tx, _| {
            run::begin(tx, connector, settings, lease)
        })
    }

    fn resume_run(&mut self, connector: ConnectorId, lease: &Lease<'_>) -> Result<Option<Resumed>> {
        self.write("resume run", |tx, _| run::resume(tx, connector, lease))
    }

    fn prolong(&mut self, run: RunId, lease: &Lease<'_>) -> Result<()> {
        self.write("prolong lease", |tx, _| {
            run::hold(tx, run, lease).map(|_| ())
        })
    }

    fn release(&mut self, run: RunId, lease: &Lease<'_>, reason: &str) -> Result<()> {
        let lapsed = Lease {
            until: lease.now,
            ..*lease
        };
        self.write("release run", |tx, _| {
            run::hold(tx, run, &lapsed)?;
            run::explain(tx, run, Some(reason))
        })
    }

    fn lapse(&mut self, connector: ConnectorId, holder: &str, now: Timestamp) -> Result<()> {
        self.write("end lease", |tx, _| run::lapse(tx, connector, holder, now))
    }

    fn begin_stage(
        &mut self,
        run: RunId,
        lease: &Lease<'_>,
        stage: Dataset,
        batches: &[Batch],
    ) -> Result<Option<Vec<BatchId>>> {
        self.write("begin stage", |tx, _| {
            run::hold(tx, run, lease)?;
            let is_begun = run::begin_stage(tx, run, stage)?;
            is_begun
                .then(|| batch::add(tx, run, batches, None))
                .transpose()
        })
    }

    fn pending(&self, run: RunId) -> Result<Vec<PendingBatch>> {
        self.read("pending batches", batch::pending(&self.conn, run))
    }

    fn run_hosts(&self, run: RunId) -> Result<Vec<HostId>> {
        self.read("hosts of a run", run::hosts(&self.conn, run))
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed> {
        self.write("commit", |tx, tools| commit::write(tx, tools, commit))
    }

    fn gather(&mut self) {
        self.gathered = Gathered::Open;
    }

    fn acknowledge(&mut self) -> Result<()> {
        match std::mem::take(&mut self.gathered) {
            Gathered::Lost(error) => return Err(error),
            Gathered::Not | Gathered::Open => {}
        }
        if self.conn.is_autocommit() {
            return Ok(());
        }
        let mut keep = || {
            std::mem::take(&mut self.tools.counters).flush(&self.conn)?;
            Ok(self.conn.execute_batch("COMMIT")?)
        };
        let kept: fail::Result<()> = keep();
        if kept.is_err() {
            self.give_up();
        }
        self.read("acknowledge", kept)
    }

    fn finish_run(&mut self, run: RunId, lease: &Lease<'_>, ending: &RunEnding) -> Result<RunRow> {
        let row = self.write("finish run", |tx, _| {
            run::hold(tx, run, lease)?;
            run::end(tx, run, lease.now, ending, None)?;
            Ok(run::read(tx, run)?.expect("the run was just ended"))
        })?;
        // Fresh statistics for the planner, which costs little and may fail without harm.
        let _ = self
            .conn
            .execute_batch("PRAGMA analysis_limit = 1000; PRAGMA optimize;");
        Ok(row)
    }

    fn watermark(&self, connector: ConnectorId) -> Result<Option<Timestamp>> {
        self.read("watermark", run::watermark(&self.conn, connector))
    }

    fn limits(&self, connector: ConnectorId) -> Result<Vec<(String, Limits)>> {
        self.read("limits", limit::all(&self.conn, connector))
    }

    fn unknown_qids(&self, asked_before: Timestamp) -> Result<Vec<Qid>> {
        self.read(
            "unknown qids",
            vulnerability::unknown(&self.conn, asked_before),
        )
    }

    fn mark_asked(&mut self, qids: &[Qid], now: Timestamp) -> Result<()> {
        self.write("mark asked", |tx, _| {
            vulnerability::mark_asked(tx, qids, now)
        })
    }

    fn recount(&self) -> Result<Vec<String>> {
        self.read("recount", counter::recount(&self.conn))
    }

    fn reader(&self) -> Result<Box<dyn Reader>> {
        Ok(Box::new(SqliteReader::open(&self.file)?))
    }
}

impl Reader for SqliteReader {
    fn assets(&self, query: &Query<'_, AssetSort>) -> Result<Listing<AssetRow>> {
        self.read("assets", |conn| read_asset::assets(conn, query))
    }

    fn asset(&self, asset: AssetId) -> Result<Option<AssetDetail>> {
        self.read("asset", |conn| read_asset::asset(conn, asset))
    }

    fn assets_by_host(&self, host: HostId) -> Result<Vec<AssetDetail>> {
        self.read("asset by host", |conn| read_asset::by_host(conn, host))
    }

    fn assets_by_name(&self, name: &str) -> Result<Vec<AssetDetail>> {
        self.read("asset by name", |conn| read_asset::by_name(conn, name))
    }

    fn findings(&self, query: &FindingQuery<'_>) -> Result<Listing<FindingRow>> {
        self.read("findings", |conn| read_finding::findings(conn, query))
    }

    fn finding(&self, finding: FindingId) -> Result<Option<FindingDetail>> {
        self.read("finding", |conn| read_finding::finding(conn, finding))
    }

    fn vulnerabilities(
        &self,
        query: &Query<'_, VulnerabilitySort>,
    ) -> Result<Listing<VulnerabilityRow>> {
        self.read("vulnerabilities", |conn| {
            read_vulnerability::vulnerabilities(conn, query)
        })
    }

    fn vulnerability(&self, qid: Qid) -> Result<Option<QidRow>> {
        self.read("vulnerability", |conn| {
            read_vulnerability::vulnerability(conn, qid)
        })
    }

    fn asset_groups(&self, query: &Query<'_, AssetGroupSort>) -> Result<Listing<AssetGroupRow>> {
        self.read("asset groups", |conn| read_asset::groups(conn, query))
    }

    fn tags(&self, query: &Query<'_, TagSort>) -> Result<Listing<TagRow>> {
        self.read("tags", |conn| tag::tags(conn, query))
    }

    fn runs(&self, limit: u32, after: Option<&str>) -> Result<Listing<RunRow>> {
        self.read("runs", |conn| run::all(conn, limit, after))
    }

    fn run(&self, run: RunId) -> Result<Option<RunRow>> {
        self.read("run", |conn| run::read(conn, run))
    }

    fn totals(&self) -> Result<Totals> {
        self.read("totals", read_total::totals)
    }

    fn each_asset(
        &self,
        terms: &[Term],
        take: &mut dyn FnMut(AssetDetail) -> ControlFlow<()>,
    ) -> Result<()> {
        self.read("each asset", |conn| {
            read_asset::each(conn, filter::condition(terms, Subject::Asset)?, take)
        })
    }

    fn each_finding(
        &self,
        terms: &[Term],
        only_open: bool,
        take: &mut dyn FnMut(FindingDetail) -> ControlFlow<()>,
    ) -> Result<()> {
        self.read("each finding", |conn| {
            let all = Sql::new(if only_open { "f.is_open = 1" } else { "1" }, vec![]);
            let condition = all.and(filter::condition(terms, Subject::Finding)?);
            read_finding::each(conn, condition, take)
        })
    }

    fn each_vulnerability(
        &self,
        take: &mut dyn FnMut(VulnerabilityDetail) -> ControlFlow<()>,
    ) -> Result<()> {
        self.read("each vulnerability", |conn| {
            read_vulnerability::each(conn, take)
        })
    }
}

/// An asset has room for about a million findings. Their numbers follow from the asset's, so that
/// they lie side by side and are found without an index.
const FINDINGS_OF_AN_ASSET: i64 = 1 << 20;
