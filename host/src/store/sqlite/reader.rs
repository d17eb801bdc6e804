//! The read side: each method is one moment of the inventory.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::Connection;

use super::{
    export,
    fail::{self, Fail},
    impact, open,
    patience::Patience,
    read_asset, read_change, read_facts, read_finding, read_software, read_total,
    read_vulnerability, rule, run, tag, target,
};
use crate::{
    guest::{
        filter::FieldValues,
        types::{HostId, Qid, Timestamp},
    },
    store::{
        AssetDetail, AssetGroupRow, AssetGroupSort, AssetId, AssetImpact, AssetInventory, AssetRow,
        AssetSort, ChangeQuery, ChangeRow, ExportQuery, Exported, FactsOf, FindingDetail,
        FindingId, FindingQuery, FindingRow, HistoryReader, KeptRules, Listing, QidRow, Query,
        Reader, Result, RuleRow, RunId, RunRow, SoftwareQuery, SoftwareRow, TagRow, TagSort,
        TargetRow, Totals, TrendDay, VulnerabilityRow, VulnerabilitySort,
    },
};

/// The read side.
#[derive(Debug)]
pub struct SqliteReader {
    file: PathBuf,
    pub(super) conn: Connection,
    patience: Patience,
}

impl SqliteReader {
    /// Opens an inventory that exists.
    pub fn open(file: &Path) -> Result<Self> {
        let mut conn = open::for_reading(file)?;
        let watched = Patience::with(&mut conn, MOST_SILENT);
        let patience = watched.map_err(|error| Fail::from(error).told(file, "open"))?;
        Ok(SqliteReader {
            file: file.to_owned(),
            conn,
            patience,
        })
    }

    /// What is read in one go is of one moment.
    pub(super) fn read<T>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&Connection) -> fail::Result<T>,
    ) -> Result<T> {
        self.patience.renew();
        let run = || {
            let tx = self.conn.unchecked_transaction()?;
            read(&tx)
        };
        run().map_err(|fail: Fail| fail.told(&self.file, operation))
    }

    /// A row was taken, however long that took.
    fn renewed<T>(&self, taken: T) -> T {
        self.patience.renew();
        taken
    }
}

impl HistoryReader for SqliteReader {
    fn changes(&self, query: &ChangeQuery<'_>) -> Result<Listing<ChangeRow>> {
        self.read("changes", |conn| read_change::changes(conn, query))
    }

    fn trends(&self, from: Timestamp, to: Timestamp) -> Result<Vec<TrendDay>> {
        self.read("trends", |conn| read_change::trends(conn, from, to))
    }

    fn targets(&self, now: Timestamp, fixed_since: Timestamp) -> Result<Vec<TargetRow>> {
        self.read("targets", |conn| target::rows(conn, now, fixed_since))
    }

    fn facts(&self, of: FactsOf) -> Result<Option<Vec<FieldValues>>> {
        self.read("facts", |conn| read_facts::facts(conn, of))
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

    fn assets_by_web_app(&self, web_app: u64) -> Result<Vec<AssetDetail>> {
        self.read("asset by web application", |conn| {
            read_asset::by_web_app(conn, web_app)
        })
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

    fn tags_by_name(&self, name: &str) -> Result<Vec<TagRow>> {
        self.read("tags of a name", |conn| tag::by_name(conn, name))
    }

    fn tags_by_number(&self, tag_id: u64) -> Result<Vec<TagRow>> {
        self.read("tags of a number", |conn| tag::by_number(conn, tag_id))
    }

    fn kept_rules(&self) -> Result<Vec<KeptRules>> {
        self.read("kept rules", rule::kept)
    }

    fn rules(&self) -> Result<Vec<RuleRow>> {
        self.read("rules", rule::in_force)
    }

    fn impact(&self, asset: AssetId) -> Result<Option<AssetImpact>> {
        self.read("impact of an asset", |conn| impact::of_asset(conn, asset))
    }

    fn software(&self, query: &SoftwareQuery<'_>) -> Result<Listing<SoftwareRow>> {
        self.read("software", |conn| read_software::software(conn, query))
    }

    fn inventory(&self, asset: AssetId) -> Result<AssetInventory> {
        self.read("software of an asset", |conn| {
            read_software::of_asset(conn, asset)
        })
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

    fn export(
        &self,
        query: &ExportQuery<'_>,
        take: &mut dyn FnMut(Exported) -> ControlFlow<()>,
    ) -> Result<()> {
        self.read("export", |conn| {
            export::run(conn, query, &mut |record| self.renewed(take(record)))
        })
    }
}

/// How long may pass without a row.
const MOST_SILENT: Duration = Duration::from_secs(30);
