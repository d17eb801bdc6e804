//! Words of the sources beside Qualys: what an import brings, and what each source knows of an
//! asset.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    AssetId, Attributes, ConnectorId, Identifiers, Key, RecordId, Result, StoreError, json,
};
use crate::guest::{
    rules::Rule,
    types::{HostId, OpenPort, Timestamp},
};

/// What kind of file a source is, or that it is Qualys.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SourceKind {
    Qualys,
    /// XML of nmap (`-oX`).
    Nmap,
    Csv,
    Ndjson,
    /// The asset export of a discovery tool, JSON lines.
    Discovery,
}

/// What one line or element of a file tells of one machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedRecord {
    /// Its name within the source: the same machine has the same in the next file.
    pub key: String,
    /// What people call it; an address where it has no name.
    pub name: String,
    pub ip: Option<String>,
    pub ipv6: Option<String>,
    pub dns: Option<String>,
    pub netbios: Option<String>,
    pub os: Option<String>,
    pub first_found: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    pub tags: Vec<String>,
    pub ports: Vec<OpenPort>,
    pub identifiers: Identifiers,
    /// What has no field of its own, in the words of the source.
    pub attributes: BTreeMap<String, String>,
}

/// One import as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    pub source: &'a str,
    pub kind: SourceKind,
    /// Where its assets are, unless they are known already.
    pub site: Option<&'a str>,
    /// What was read, for people.
    pub file: &'a str,
    pub at: Timestamp,
    /// What the source told of before and tells of no more is gone.
    pub is_complete: bool,
}

/// What became of the records of an import.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Imported {
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub gone: u64,
    /// Records that belong to an asset which another source knows too.
    pub merged: u64,
}

/// One source, and what it told last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceRow {
    pub name: String,
    #[serde(serialize_with = "json::word")]
    pub kind: SourceKind,
    /// That are not gone.
    pub records: u64,
    /// Records that other sources know too.
    pub merged: u64,
    #[serde(serialize_with = "json::maybe_time")]
    pub last_import: Option<Timestamp>,
    pub last_file: Option<String>,
}

/// What one source knows of an asset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordRow {
    pub record_id: RecordId,
    pub source: String,
    /// Its name within the source; of an imported record alone.
    pub record_key: Option<String>,
    pub host_id: Option<HostId>,
    /// It stands for the asset in lists.
    pub is_primary: bool,
    pub name: String,
    pub ip: Option<String>,
    pub ipv6: Option<String>,
    pub dns: Option<String>,
    pub netbios: Option<String>,
    pub os: Option<String>,
    #[serde(serialize_with = "json::maybe_time")]
    pub first_found: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub last_seen: Option<Timestamp>,
    #[serde(serialize_with = "json::maybe_time")]
    pub gone: Option<Timestamp>,
    /// The import rule that leaves it out.
    #[serde(serialize_with = "json::maybe_word")]
    pub left_out_by: Option<Rule>,
    /// What it shares with other records of its asset, the strongest first.
    pub matched_by: Vec<Key>,
    pub attributes: Attributes,
}

/// Records beside those of Qualys, and which of them are one asset.
pub trait Sources {
    /// Stores all that the records bring, or nothing when one of them cannot be had.
    fn import(
        &mut self,
        import: &Import<'_>,
        records: &mut dyn Iterator<Item = std::result::Result<ImportedRecord, StoreError>>,
    ) -> Result<Imported>;

    /// Takes a record out of its asset, for good. Tells the assets of the record and of the others
    /// from then on; `None` when there is no such record or it is alone.
    fn split(&mut self, record: RecordId) -> Result<Option<(AssetId, AssetId)>>;

    /// Makes one asset of two, for good. `None` when one of them is not there.
    fn join(&mut self, one: AssetId, other: AssetId) -> Result<Option<AssetId>>;

    /// Where assets are from now on that this connector alone knows.
    fn set_site(&mut self, connector: ConnectorId, site: Option<&str>) -> Result<()>;
}

/// The read side of [`Sources`].
pub trait SourceReader {
    /// In the order of their names.
    fn sources(&self) -> Result<Vec<SourceRow>>;

    /// What each source knows of the asset, the record that stands for it first.
    fn records(&self, asset: AssetId) -> Result<Vec<RecordRow>>;
}
