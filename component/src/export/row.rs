//! What the tables of the formats look at: a record with what belongs to it.

use std::rc::Rc;

use super::{
    line::{make_safe, push_text},
    value::Value,
    word::{self, RISK_SOURCES},
};
use crate::contract::export::{Asset, AssetKind, Entry, Found, Installed, WebFindingPart};
use crate::contract::types::{Timestamp, Vulnerability};

/// JSON that is rendered once for all findings of an asset or of a QID, by name.
#[derive(Default)]
pub(super) struct Parts(Vec<(&'static str, Vec<u8>)>);

impl Parts {
    pub(super) fn with(mut self, name: &'static str, mut json: Vec<u8>) -> Self {
        make_safe(&mut json, 0);
        self.0.push((name, json));
        self
    }

    /// A text, as JSON; nothing when it is empty.
    pub(super) fn with_text(self, name: &'static str, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        let mut json = Vec::new();
        push_text(&mut json, text);
        self.with(name, json)
    }

    /// Nothing when it was not made.
    pub(super) fn json(&self, name: &str) -> Value<'_> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map_or(Value::Absent, |(_, json)| Value::SafeJson(json))
    }
}

/// An asset.
pub(super) struct AssetRow {
    pub(super) asset: Asset,
    pub(super) made: Timestamp,
    pub(super) parts: Parts,
}

impl AssetRow {
    pub(super) fn new(asset: Asset, made: Timestamp) -> Self {
        Self {
            asset,
            made,
            parts: Parts::default(),
        }
    }

    /// As much as findings look at.
    pub(super) fn kept(mut self, parts: Parts) -> Self {
        self.asset.attributes = String::new();
        self.parts = parts;
        self
    }

    pub(super) fn is_host(&self) -> bool {
        self.asset.kind == AssetKind::Host
    }

    /// What people call it, else its number.
    pub(super) fn title(&self) -> String {
        let asset = &self.asset;
        if !asset.name.is_empty() {
            return asset.name.clone();
        }
        let number = asset.host_id.map(|id| format!("host {id}"));
        number.unwrap_or_else(|| format!("asset {}", asset.asset_id))
    }
}

/// An entry of the knowledge base.
pub(super) struct EntryRow {
    pub(super) entry: Entry,
    pub(super) parts: Parts,
}

impl EntryRow {
    pub(super) fn new(entry: Entry) -> Self {
        Self {
            entry,
            parts: Parts::default(),
        }
    }

    /// As much as findings look at: long texts have become parts where a format wants them.
    pub(super) fn kept(mut self, parts: Parts) -> Self {
        let long = &mut self.entry.vulnerability;
        (long.diagnosis, long.consequence, long.solution) = (None, None, None);
        long.attributes = String::new();
        long.malware = Vec::new();
        long.compliance = Vec::new();
        long.exploits = Vec::new();
        self.entry.cve_scores = Vec::new();
        self.parts = parts;
        self
    }
}

/// A finding, with its asset and what the knowledge base says of its QID.
pub(super) struct FindingRow {
    pub(super) found: Found,
    pub(super) asset: Rc<AssetRow>,
    /// Absent until it is synced.
    pub(super) entry: Option<Rc<EntryRow>>,
    pub(super) made: Timestamp,
}

impl FindingRow {
    pub(super) fn vulnerability(&self) -> Option<&Vulnerability> {
        self.entry.as_ref().map(|row| &row.entry.vulnerability)
    }

    pub(super) fn web(&self) -> Option<&WebFindingPart> {
        self.found.web.as_ref()
    }

    /// That of the entry; a finding of a web application brings its own.
    pub(super) fn title(&self) -> Option<&str> {
        let entry = self.vulnerability().map(|it| it.title.as_str());
        entry.or_else(|| self.web().map(|it| it.name.as_str()))
    }

    /// [`FindingRow::title`], else the number of the QID.
    pub(super) fn heading(&self) -> Value<'_> {
        match self.title() {
            Some(title) => title.into(),
            None => qid_name(self.found.finding.qid).into(),
        }
    }

    /// The finding's own score, else that of the entry.
    pub(super) fn risk_score(&self) -> Option<f32> {
        let of_entry = || self.vulnerability().and_then(|it| it.risk_score);
        self.found.finding.risk_score.or_else(of_entry)
    }

    pub(super) fn risk_source(&self) -> Option<&'static str> {
        let finding = &self.found.finding;
        let source = if finding.risk_score.is_some() {
            finding.risk_source
        } else {
            self.vulnerability().and_then(|it| it.risk_source)
        };
        source.map(|source| word::of(RISK_SOURCES, source))
    }

    /// A part of the entry, or nothing while there is none.
    pub(super) fn of_entry(&self, part: &str) -> Value<'_> {
        self.entry
            .as_ref()
            .map_or(Value::Absent, |row| row.parts.json(part))
    }

    /// When the finding was last seen; for a format that has to have a time.
    pub(super) fn at(&self) -> Timestamp {
        let finding = &self.found.finding;
        let times = [finding.last_found, finding.last_update, finding.first_found];
        times.into_iter().flatten().next().unwrap_or(self.made)
    }
}

/// Software on an asset.
pub(super) struct SoftwareRow {
    pub(super) installed: Installed,
    pub(super) asset: Rc<AssetRow>,
}

/// How formats with names in place of numbers call a QID.
pub(super) fn qid_name(qid: u32) -> String {
    format!("QID-{qid}")
}
