//! The inventory in one file of SQLite. Only this file and the folder beside it name SQLite.
//! Every method here is one transaction; the statements are in the folder.

mod asset_group;
mod batch;
mod block;
mod closure;
mod code;
mod commit;
mod connector;
mod counter;
mod cve_score;
mod day;
mod export;
mod fail;
mod field;
mod filter;
mod finding;
mod function;
mod history;
mod host;
mod impact;
mod import;
mod json;
mod limit;
mod list;
mod log;
mod merge;
mod note;
mod open;
mod patience;
mod read_asset;
mod read_change;
mod read_facts;
mod read_finding;
mod read_software;
mod read_total;
mod read_vulnerability;
mod reader;
mod results;
mod rule;
mod run;
mod software;
mod source;
mod tag;
mod target;
#[cfg(test)]
mod tests;
mod text;
mod vulnerability;
mod web_app;
mod web_closure;
mod web_finding;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::{
    Applied, BatchId, Commit, Committed, ConnectorId, Lease, NamedCves, PendingBatch, Reader,
    Result, Resumed, RuleRow, RuleSet, RunEnding, RunId, RunRow, Store, StoreError, TagImpact,
};
use crate::guest::{
    pace::Limits,
    plan::{Batch, History, Window},
    types::{Dataset, HostId, Qid, Severity, Timestamp},
};
use counter::Counters;
use fail::Fail;
pub use reader::SqliteReader;

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
        window: Window,
        lease: &Lease<'_>,
    ) -> Result<RunId> {
        self.write("begin run", |tx, _| {
            run::begin(tx, connector, settings, window, lease)
        })
    }

    fn history(&self, connector: ConnectorId, settings: &str) -> Result<History> {
        self.read("history", run::history(&self.conn, connector, settings))
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

    fn vanished(&self, run: RunId) -> Result<(u64, u64)> {
        self.read("vanished hosts", closure::vanished(&self.conn, run))
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
        let row = self.write("finish run", |tx, tools| {
            let connector = run::hold(tx, run, lease)?;
            if let RunEnding::Complete {
                inactive_before,
                most_vanished_percent,
                ..
            } = ending
            {
                run::reconcile(
                    tx,
                    &mut tools.counters,
                    run,
                    connector,
                    *inactive_before,
                    lease.now,
                )?;
                let counters = &mut tools.counters;
                let most = *most_vanished_percent;
                web_closure::reconcile(tx, counters, run, connector, most, lease.now)?;
            }
            run::end(tx, run, lease.now, ending, None)?;
            Ok(run::read(tx, run)?.expect("the run was just ended"))
        })?;
        // Fresh statistics for the planner, which costs little and may fail without harm.
        let _ = self
            .conn
            .execute_batch("PRAGMA analysis_limit = 1000; PRAGMA optimize;");
        Ok(row)
    }

    fn apply_rules(
        &mut self,
        connector: ConnectorId,
        rules: &RuleSet,
        now: Timestamp,
    ) -> Result<Applied> {
        self.write("apply rules", |tx, tools| {
            rule::apply(tx, &mut tools.counters, connector, rules, now)
        })
    }

    fn try_rules(
        &mut self,
        connector: ConnectorId,
        rules: &RuleSet,
        now: Timestamp,
    ) -> Result<(Applied, Vec<RuleRow>)> {
        let SqliteStore { conn, tools, .. } = self;
        let mut run = || {
            // Dropped without a commit.
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let applied = rule::apply(&tx, &mut tools.counters, connector, rules, now)?;
            Ok((applied, rule::in_force(&tx)?))
        };
        let tried = run();
        tools.counters = Counters::default();
        self.read("try rules", tried)
    }

    fn map_business_impact(&mut self, connector: ConnectorId, is_wanted: bool) -> Result<()> {
        self.write("map business impact", |tx, _| {
            impact::map(tx, connector, is_wanted)
        })
    }

    fn set_tag_impact(
        &mut self,
        connector: ConnectorId,
        tag_id: u64,
        impact: TagImpact,
    ) -> Result<()> {
        self.write("set impact of a tag", |tx, _| {
            impact::set(tx, connector, tag_id, impact)
        })
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

    fn set_target(&mut self, severity: Severity, days: Option<u32>) -> Result<()> {
        self.write("set target", |tx, _| target::set(tx, severity, days))
    }

    fn named_cves(&self, asked_before: Timestamp) -> Result<NamedCves> {
        self.read("named cves", cve_score::named(&self.conn, asked_before))
    }

    fn mark_cves_asked(&mut self, cves: &[String], now: Timestamp) -> Result<()> {
        self.write("mark cves asked", |tx, _| {
            cve_score::mark_asked(tx, cves, now)
        })
    }

    fn recount(&self) -> Result<Vec<String>> {
        self.read("recount", counter::recount(&self.conn))
    }

    fn reader(&self) -> Result<Box<dyn Reader>> {
        Ok(Box::new(SqliteReader::open(&self.file)?))
    }
}

/// Findings of a record lie side by side, by its number, and are found without an index.
const FINDINGS_OF_AN_ASSET: i64 = 1 << 20;
