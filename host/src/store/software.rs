//! Software and open ports as the read side hands them out.

use serde::Serialize;

use super::json;
use crate::guest::{
    filter::Term,
    types::{SoftwareSource, Timestamp},
};

/// A program or package in one version, and on how many assets it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SoftwareRow {
    #[serde(flatten)]
    pub software: SoftwareName,
    /// Assets that have it; those that Qualys lists no more are not counted.
    pub assets: u64,
}

/// What tells one program or package from another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SoftwareName {
    pub name: String,
    pub version: Option<String>,
    pub publisher: Option<String>,
    pub category: Option<String>,
    /// Of a package manager, where that is known.
    pub is_package: bool,
    /// When its publisher gives it up.
    #[serde(serialize_with = "json::maybe_time")]
    pub end_of_life: Option<Timestamp>,
}

/// A program or package on one asset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetSoftware {
    #[serde(flatten)]
    pub software: SoftwareName,
    /// What results of detections ask for.
    pub required_version: Option<String>,
    #[serde(serialize_with = "json::maybe_time")]
    pub installed: Option<Timestamp>,
    #[serde(serialize_with = "json::word")]
    pub source: SoftwareSource,
}

/// An open port of one asset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssetPort {
    pub port: u16,
    pub protocol: Option<String>,
    pub service: Option<String>,
    /// A list of Qualys' by its word, or the name of the source that was imported.
    pub source: String,
}

/// What is known of the software and the ports of one asset. What results of detections name is
/// there only while no other list tells of any: they name a part of it at most.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AssetInventory {
    pub software: Vec<AssetSoftware>,
    pub ports: Vec<AssetPort>,
}

/// A list of software.
#[derive(Clone, Copy, Debug)]
pub struct SoftwareQuery<'a> {
    /// Part of the name, in any case of letters.
    pub name: Option<&'a str>,
    /// How the version begins.
    pub version: Option<&'a str>,
    /// What is on an asset that these select.
    pub terms: &'a [Term],
    pub sort: SoftwareSort,
    pub descending: bool,
    pub limit: u32,
    /// The `next` of the page before.
    pub after: Option<&'a str>,
}

/// What a list of software is ordered by.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SoftwareSort {
    #[default]
    Assets,
    Name,
    EndOfLife,
}

/// What is on most assets.
impl Default for SoftwareQuery<'_> {
    fn default() -> Self {
        SoftwareQuery {
            name: None,
            version: None,
            terms: &[],
            sort: SoftwareSort::default(),
            descending: true,
            limit: 50,
            after: None,
        }
    }
}
