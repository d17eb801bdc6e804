//! What only web applications and their findings have. The rest of them is as it is of hosts.

use serde::{Deserialize, Serialize};

use super::{Cvss, json};
use crate::guest::types::{Timestamp, WebFindingKind};

/// Of a web application.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WebAppRow {
    pub url: Option<String>,
    pub owner: Option<String>,
    pub scope: Option<String>,
    pub risk_score: Option<u32>,
    pub last_scan_status: Option<String>,
    #[serde(serialize_with = "json::maybe_time")]
    pub created: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub updated: Option<Timestamp>,
}

/// Of a finding of a web application.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WebFindingRow {
    pub web_finding_id: u64,
    #[serde(serialize_with = "json::word")]
    pub kind: WebFindingKind,
    pub name: String,
    pub url: Option<String>,
    pub param: Option<String>,
    pub group: Option<String>,
    pub cwe: Vec<u32>,
    pub owasp: Vec<Weakness>,
    pub wasc: Vec<Weakness>,
    /// A firewall keeps the problem from being used; it is open all the same.
    pub is_protected: bool,
    pub original_severity: Option<u8>,
    pub ignored_reason: Option<String>,
    pub ignored_comment: Option<String>,
    /// Of the finding itself.
    pub cvss: Option<Cvss>,
}

/// An entry of a list of weaknesses that others keep.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Weakness {
    pub code: Option<String>,
    pub name: String,
}
