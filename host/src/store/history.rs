//! What has become of findings over time: changes, days, targets. Times are those of the clock of
//! the runs, when something was stored, but for how long fixing took: that is Qualys' own.

use serde::Serialize;

use super::{AssetId, BySeverity, ClosedReason, FindingId, FindingRow, Listing, Result, json};
use crate::guest::{
    filter::{FieldValues, Term},
    types::{Qid, Severity, Status, Timestamp},
};

/// What happened to a finding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// It came into the inventory.
    New,
    Fixed,
    /// It was open and is no more, though it is not fixed.
    Closed,
    /// It is open again.
    Reopened,
    /// Another status, severity or reason.
    Changed,
}

/// One change, with the finding as it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeRow {
    #[serde(serialize_with = "json::time")]
    pub at: Timestamp,
    #[serde(serialize_with = "json::word")]
    pub change: Change,
    /// Absent, like the next ones, for one that is new.
    #[serde(serialize_with = "json::maybe_word")]
    pub from_status: Option<Status>,
    #[serde(serialize_with = "json::maybe_word")]
    pub to_status: Option<Status>,
    #[serde(serialize_with = "json::maybe_word")]
    pub from_severity: Option<Severity>,
    #[serde(serialize_with = "json::maybe_word")]
    pub to_severity: Option<Severity>,
    /// Why it is closed since.
    #[serde(serialize_with = "json::maybe_word")]
    pub because: Option<ClosedReason>,
    pub finding: FindingRow,
}

/// A list of changes.
#[derive(Clone, Copy, Debug)]
pub struct ChangeQuery<'a> {
    /// What is selected of the findings as they are now.
    pub terms: &'a [Term],
    /// The first second that counts.
    pub since: Timestamp,
    /// None selects all.
    pub changes: &'a [Change],
    /// Newest first.
    pub descending: bool,
    pub limit: u32,
    /// The `next` of the page before.
    pub after: Option<&'a str>,
}

/// One day of the whole inventory, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrendDay {
    /// Its first second.
    #[serde(serialize_with = "json::day")]
    pub day: Timestamp,
    /// At its end.
    pub open: BySeverity,
    pub new: BySeverity,
    pub fixed: BySeverity,
    pub closed: BySeverity,
    pub reopened: BySeverity,
}

/// How one severity stands to its target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TargetRow {
    #[serde(serialize_with = "json::word")]
    pub severity: Severity,
    /// In how many days after it was found first a finding has to be fixed. Absent without a target.
    pub target_days: Option<u32>,
    pub open: u64,
    /// Open past their target.
    pub breached: u64,
    /// Fixed in the time that was asked about, and how long that took since they were found first.
    pub fixed: u64,
    pub mean_days_to_fix: Option<f64>,
    pub median_days_to_fix: Option<f64>,
}

/// What facts are wanted of.
#[derive(Clone, Copy, Debug)]
pub enum FactsOf {
    /// With its asset and the entry of its QID.
    Finding(FindingId),
    Asset(AssetId),
    Entry(Qid),
}

/// The read side of it.
pub trait HistoryReader {
    /// What happened since a time, to findings that the terms select.
    fn changes(&self, query: &ChangeQuery<'_>) -> Result<Listing<ChangeRow>>;

    /// Day by day, from the first that is asked for, or the first of the inventory, to the last.
    fn trends(&self, from: Timestamp, to: Timestamp) -> Result<Vec<TrendDay>>;

    /// Every severity, the highest first. What was fixed since a time is counted.
    fn targets(&self, now: Timestamp, fixed_since: Timestamp) -> Result<Vec<TargetRow>>;

    /// A record as values of the fields of the query language; nothing where there is none of this
    /// number.
    fn facts(&self, of: FactsOf) -> Result<Option<Vec<FieldValues>>>;
}
