//! The inventory that the user owns: what was synced, and how far a run has come.
//!
//! Two traits, so that the database can be another one: [`Store`] for the one thread that writes,
//! [`Reader`] for everyone who looks. No type of a database appears here. The store reads no
//! clock, so every time is an argument.

mod connector;
mod content;
mod error;
mod export;
mod facts;
mod history;
pub mod identity;
mod json;
pub mod load;
#[cfg(test)]
mod promises;
mod query;
mod row;
mod run;
mod score;
mod software;
mod source;
pub mod sqlite;
mod verdict;
mod web;
mod word;

use std::ops::ControlFlow;

use crate::{
    guest::{
        pace::Limits,
        plan::{Batch, History, Window},
        types,
    },
    time,
};
use types::{Dataset, HostId, Qid, Timestamp};

pub use connector::{
    Client, Connector, ConnectorReader, Connectors, Definition, KnownAccount, LogKind, LogLine,
    PasswordFrom, SecretFrom, Slot, SlotCause, SlotId,
};
pub use content::Digests;
pub use error::{Cause, StoreError};
pub use export::{ExportOf, ExportQuery, Exported};
pub use facts::{Facts, due};
pub use history::{
    BySeverity, Change, ChangeQuery, ChangeRow, FactsOf, HistoryReader, TargetRow, TrendDay,
};
pub use identity::{Criterion, Identifiers, Key};
pub use query::{
    AssetGroupSort, AssetSort, FindingQuery, FindingSort, Listing, Query, TagSort,
    VulnerabilitySort, asks_for_closed,
};
pub use row::{
    AssetDetail, AssetGroupRow, AssetImpact, AssetKind, AssetRow, Attributes, ClosedReason, Cloud,
    Compliance, Cvss, Exploit, FindingDetail, FindingRow, Malware, QidRow, StatusChange, Tag,
    TagRow, Totals, VulnerabilityDetail, VulnerabilityRow, Weakness, WebAppRow, WebFindingRow,
};
pub use run::{
    BatchEnd, BatchId, Commit, Committed, DatasetCounts, Drift, Lease, Note, NoteKind,
    PendingBatch, Resumed, RunEnding, RunId, RunRow, RunState, Seen, Tally,
};
pub use score::{CveScoreRow, NamedCves};
pub use software::{
    AssetInventory, AssetPort, AssetSoftware, SoftwareName, SoftwareQuery, SoftwareRow,
    SoftwareSort,
};
pub use source::{
    Import, Imported, ImportedRecord, RecordRow, SourceKind, SourceReader, SourceRow, Sources,
};
pub use sqlite::{SqliteReader, SqliteStore};
pub use verdict::{Applied, KeptRule, KeptRules, RuleRow, RuleSet, Verdicts};
pub use word::Word;

/// What every operation of the store returns.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Number of one connector: an origin and the account used there.
pub type ConnectorId = i64;
/// Number of one asset of the inventory; not the number that Qualys gives the host.
pub type AssetId = i64;
/// Number of what one source knows of an asset. An asset has the number of its oldest record.
pub type RecordId = i64;
/// Number of one finding of the inventory.
pub type FindingId = i64;

/// What a person says of the impact of a tag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TagImpact {
    Is(types::Impact),
    /// Whatever its asset group says.
    IsNone,
    Unset,
}

/// The write side. One process at a time carries out a run; the lease holds off a second one.
pub trait Store: Connectors + Sources + Send {
    /// Finds or creates the connector.
    fn connector(&mut self, origin: &str, username: &str) -> Result<ConnectorId>;

    /// Begins a run. Refused with [`StoreError::RunInProgress`] while another process carries one
    /// out; an unfinished run whose lease has lapsed is ended as stopped.
    fn begin_run(
        &mut self,
        connector: ConnectorId,
        settings: &str,
        window: Window,
        lease: &Lease<'_>,
    ) -> Result<RunId>;

    /// What is known of earlier runs with these settings.
    fn history(&self, connector: ConnectorId, settings: &str) -> Result<History>;

    /// Takes over the unfinished run of a connector, if there is one. Refused with
    /// [`StoreError::RunInProgress`] while another process carries it out.
    fn resume_run(&mut self, connector: ConnectorId, lease: &Lease<'_>) -> Result<Option<Resumed>>;

    /// Prolongs the lease while the run waits. A commit does so too.
    fn prolong(&mut self, run: RunId, lease: &Lease<'_>) -> Result<()>;

    /// Gives the lease back and leaves the run to be resumed; says why it stands still.
    fn release(&mut self, run: RunId, lease: &Lease<'_>, reason: &str) -> Result<()>;

    /// Ends the lease of a process that is known to have ended, so that nobody waits for it.
    fn lapse(&mut self, connector: ConnectorId, holder: &str, now: Timestamp) -> Result<()>;

    /// Marks a stage as begun and adds its first batches, in one transaction. `None`, and nothing
    /// is added, when it was begun before.
    fn begin_stage(
        &mut self,
        run: RunId,
        lease: &Lease<'_>,
        stage: Dataset,
        batches: &[Batch],
    ) -> Result<Option<Vec<BatchId>>>;

    /// The batches that are still to be carried out, oldest first.
    fn pending(&self, run: RunId) -> Result<Vec<PendingBatch>>;

    /// The hosts that the run is about, in ascending order: all that it has listed, or in an
    /// incremental run those that changed and those that the inventory lacks.
    fn run_hosts(&self, run: RunId) -> Result<Vec<HostId>>;

    /// How many hosts the inventory has of the connector of the run, and how many of them the run
    /// did not list.
    fn vanished(&self, run: RunId) -> Result<(u64, u64)>;

    /// Stores what an answer brought, what became of its batch, or both: all of it or nothing.
    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed>;

    /// What is written from here on is kept by [`Store::acknowledge`] in one transaction, which
    /// spares the disk. A step that fails takes the others with it.
    fn gather(&mut self);

    /// Keeps all that was gathered, or nothing of it.
    fn acknowledge(&mut self) -> Result<()>;

    /// Ends a run and drops its work list.
    fn finish_run(&mut self, run: RunId, lease: &Lease<'_>, ending: &RunEnding) -> Result<RunRow>;

    /// What the rules say from now on. What is stored of the connector is judged again; an import
    /// rule whose expression asks for an age may say something else each time.
    fn apply_rules(
        &mut self,
        connector: ConnectorId,
        rules: &RuleSet,
        now: Timestamp,
    ) -> Result<Applied>;

    /// What [`Store::apply_rules`] would do, and the rules as they would be then; nothing is kept.
    fn try_rules(
        &mut self,
        connector: ConnectorId,
        rules: &RuleSet,
        now: Timestamp,
    ) -> Result<(Applied, Vec<RuleRow>)>;

    /// In how many days after it was found first a finding of the severity has to be fixed; without
    /// a number, there is no target.
    fn set_target(&mut self, severity: types::Severity, days: Option<u32>) -> Result<()>;

    /// Whether the impact of an asset group is that of its tag.
    fn map_business_impact(&mut self, connector: ConnectorId, is_wanted: bool) -> Result<()>;

    /// What a person says of the impact of a tag: one, or that there is none. No sync changes that;
    /// [`TagImpact::Unset`] takes it back.
    fn set_tag_impact(
        &mut self,
        connector: ConnectorId,
        tag_id: u64,
        impact: TagImpact,
    ) -> Result<()>;

    /// What is known of the limits of each API.
    fn limits(&self, connector: ConnectorId) -> Result<Vec<(String, Limits)>>;

    /// QIDs that findings name and the knowledge base here lacks, in ascending order: those that
    /// Qualys was never asked for, or not since `asked_before`.
    fn unknown_qids(&self, asked_before: Timestamp) -> Result<Vec<Qid>>;

    /// Remembers that Qualys was asked for these QIDs.
    fn mark_asked(&mut self, qids: &[Qid], now: Timestamp) -> Result<()>;

    /// CVEs of QIDs that were found: those of which Qualys has told, those that it was never asked
    /// for, and those that it was asked for in vain before `asked_before`.
    fn named_cves(&self, asked_before: Timestamp) -> Result<NamedCves>;

    /// Remembers that Qualys was asked for these CVEs and told nothing.
    fn mark_cves_asked(&mut self, cves: &[String], now: Timestamp) -> Result<()>;

    /// Counts everything again and names each counter that is wrong; none is expected.
    fn recount(&self) -> Result<Vec<String>>;

    /// A read side of its own, which a writer does not hold up.
    fn reader(&self) -> Result<Box<dyn Reader>>;
}

/// The read side. Lists come in pages, in an order that is total, so that a page begins where the
/// one before it ended whatever was written in between.
pub trait Reader: ConnectorReader + SourceReader + HistoryReader + Send {
    fn assets(&self, query: &Query<'_, AssetSort>) -> Result<Listing<AssetRow>>;

    fn asset(&self, asset: AssetId) -> Result<Option<AssetDetail>>;

    /// Web applications, as [`Reader::assets_by_host`] has hosts.
    fn assets_by_web_app(&self, web_app: u64) -> Result<Vec<AssetDetail>>;

    /// Several connectors may know a host of the same number.
    fn assets_by_host(&self, host: HostId) -> Result<Vec<AssetDetail>>;

    /// In any case of letters. Names are not unique.
    fn assets_by_name(&self, name: &str) -> Result<Vec<AssetDetail>>;

    fn findings(&self, query: &FindingQuery<'_>) -> Result<Listing<FindingRow>>;

    fn finding(&self, finding: FindingId) -> Result<Option<FindingDetail>>;

    fn vulnerabilities(
        &self,
        query: &Query<'_, VulnerabilitySort>,
    ) -> Result<Listing<VulnerabilityRow>>;

    /// Present also for a QID of which only findings are known; its entry is then absent.
    fn vulnerability(&self, qid: Qid) -> Result<Option<QidRow>>;

    fn asset_groups(&self, query: &Query<'_, AssetGroupSort>) -> Result<Listing<AssetGroupRow>>;

    fn tags(&self, query: &Query<'_, TagSort>) -> Result<Listing<TagRow>>;

    /// Tags of this name, in any case of letters.
    fn tags_by_name(&self, name: &str) -> Result<Vec<TagRow>>;

    /// Several connectors may know a tag of the same number.
    fn tags_by_number(&self, tag_id: u64) -> Result<Vec<TagRow>>;

    /// The rules of each connector as they were applied last.
    fn kept_rules(&self) -> Result<Vec<KeptRules>>;

    /// The rules that are in force, by connector and in the order in which they are asked.
    fn rules(&self) -> Result<Vec<RuleRow>>;

    /// The highest impact among the tags and the asset groups of an asset.
    fn impact(&self, asset: AssetId) -> Result<Option<AssetImpact>>;

    /// What no asset has any more is left out.
    fn software(&self, query: &SoftwareQuery<'_>) -> Result<Listing<SoftwareRow>>;

    /// The software and the ports of one asset.
    fn inventory(&self, asset: AssetId) -> Result<AssetInventory>;

    /// Newest first.
    fn runs(&self, limit: u32, after: Option<&str>) -> Result<Listing<RunRow>>;

    fn run(&self, run: RunId) -> Result<Option<RunRow>>;

    /// From the counters, so it costs the same for any number of findings.
    fn totals(&self) -> Result<Totals>;

    /// Hands over what an export is made of, one record at a time, as of one moment.
    fn export(
        &self,
        query: &ExportQuery<'_>,
        take: &mut dyn FnMut(Exported) -> ControlFlow<()>,
    ) -> Result<()>;
}
