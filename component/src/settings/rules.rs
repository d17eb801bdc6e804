//! What of all that was fetched belongs to the inventory. Each rule that is set has to hold.

use serde::{Deserialize, Serialize};

/// Words, names and patterns are those of the query language. What a rule leaves out stays stored,
/// so that another rule takes effect without fetching anything again; `fingerprint_only` alone
/// stores less.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportRules {
    /// Only findings of these severities; of all, when empty.
    pub severities: Vec<String>,
    /// Only findings of this severity or a higher one; of all, when empty.
    pub min_severity: String,
    /// Only findings of these risks; of all, when empty.
    pub risks: Vec<String>,
    /// Only findings of this risk or a higher one; of all, when empty.
    pub min_risk: String,
    /// Only findings that Qualys is so sure of; of all, when empty.
    pub certainties: Vec<String>,
    /// Only findings that a scan saw in the last days, 0 to 3650; 0 for all.
    pub max_age_days: u32,
    /// Only assets that have one of these tags; all, when empty.
    pub tags: Vec<String>,
    /// No asset that has one of these tags.
    pub not_tags: Vec<String>,
    /// Only assets of one of these asset groups; all, when empty.
    pub asset_groups: Vec<String>,
    /// Only assets whose operating system contains this, with `%` for any text; all, when empty.
    pub os: String,
    /// Hosts too that were never assessed.
    pub include_unscanned: bool,
    /// Only assets that another source has seen as well.
    pub exclude_unknown: bool,
    /// Detections tell of software and ports, and no finding is stored.
    pub fingerprint_only: bool,
    /// Only what this expression selects: assets, when it names nothing but fields of assets, else
    /// findings. Everything, when empty.
    pub only: String,
}
