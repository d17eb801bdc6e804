//! Scores of CVEs as they are read, and the CVEs that findings name.

use serde::Serialize;

use super::{Attributes, json};
use crate::guest::types::Timestamp;

/// What Qualys makes of one CVE.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CveScoreRow {
    pub cve: String,
    /// 1 to 100.
    pub score: Option<u8>,
    #[serde(serialize_with = "json::maybe_time")]
    pub changed: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub published: Option<Timestamp>,
    /// How likely it is used within 30 days, 0 to 1.
    pub epss: Option<f32>,
    pub exploit_maturity: Vec<String>,
    pub threat_actors: Vec<String>,
    pub malware: Vec<String>,
    /// Whether CISA lists it among those that are used.
    pub is_known_exploited: Option<bool>,
    pub attributes: Attributes,
}

/// CVEs of QIDs that were found, in the order of their names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NamedCves {
    /// Qualys was not asked for them, or has told nothing, and a while ago.
    pub unknown: Vec<String>,
    pub known: Vec<String>,
}
