//! Renders records as other tools read them: records in, bytes out.
//!
//! Each format is tables of fields ([`value`]); the reference page is printed from the same
//! tables. What findings have in common, their assets and their entries of the knowledge base, is
//! rendered once and kept, so that memory grows with what is known and not with what is written.
//! Nothing here reads a clock or decides which records are exported.

use std::{collections::BTreeMap, rc::Rc};

use crate::contract::export::{Asset, Batch, Ending, Entry, Format, Options, Subject, TextEnding};
use crate::contract::ingest::Page;
use crate::contract::types::{HostId, Qid};

mod csv;
mod cyclonedx;
mod defectdojo;
mod ecs;
mod html;
mod line;
mod ndjson;
mod ocsf;
pub mod reference;
mod row;
mod text;
mod value;
mod word;

use row::{AssetRow, EntryRow, FindingRow, SoftwareRow};
use word::{FORMATS, SUBJECTS};

/// Renders one export.
#[derive(Debug)]
pub struct Exporter {
    /// Or why nothing more can be rendered.
    state: Result<State, String>,
}

struct State {
    options: Options,
    form: Box<dyn Form>,
    assets: BTreeMap<(i64, HostId), Rc<AssetRow>>,
    entries: BTreeMap<Qid, Rc<EntryRow>>,
    has_begun: bool,
    rows: u64,
    left_out: u64,
}

/// How a format writes what it has a place for; `false` says that it has none for this row.
trait Form {
    fn begin(&mut self, _out: &mut Vec<u8>) {}

    /// What findings of this asset have in common.
    fn parts_of_asset(&self, _asset: &Asset) -> row::Parts {
        row::Parts::default()
    }

    /// What findings of this QID have in common.
    fn parts_of_entry(&self, _entry: &Entry) -> row::Parts {
        row::Parts::default()
    }

    fn asset(&mut self, _row: &AssetRow, _out: &mut Vec<u8>) -> bool {
        false
    }

    fn entry(&mut self, _row: &EntryRow, _out: &mut Vec<u8>) -> bool {
        false
    }

    fn finding(&mut self, _row: &FindingRow, _out: &mut Vec<u8>) -> bool {
        false
    }

    fn software(&mut self, _row: &SoftwareRow, _out: &mut Vec<u8>) -> bool {
        false
    }

    fn end(&mut self, _out: &mut Vec<u8>) {}
}

/// Why there is no such export; after a semicolon, what to do.
pub fn check(options: &Options) -> Result<(), String> {
    let (format, subject) = (
        word::of(FORMATS, options.format),
        word::of(SUBJECTS, options.subject),
    );
    let subjects = subjects(options.format);
    if !subjects.contains(&options.subject) {
        let takes: Vec<_> = subjects.iter().map(|it| word::of(SUBJECTS, *it)).collect();
        let takes = takes.join(" and ");
        return Err(format!(
            "`{format}` has no place for {subject}; it takes {takes}"
        ));
    }
    let Some(version) = &options.version else {
        return Ok(());
    };
    let versions = versions(options.format);
    if versions.is_empty() {
        return Err(format!("`{format}` has no versions; leave the version out"));
    }
    if !versions.contains(&version.as_str()) {
        let known = versions.join(", ");
        return Err(format!(
            "`{format}` is not written in version `{version}`; choose one of {known}"
        ));
    }
    Ok(())
}

/// The hosts, findings and entries of a page of an answer, as an export takes them: for a caller
/// without an inventory.
pub fn batch_of(page: Page) -> Batch {
    text::of_page(page)
}

/// The versions of a format, the newest first.
pub fn versions(format: Format) -> &'static [&'static str] {
    match format {
        Format::Ocsf => &["1.6.0", "1.5.0", "1.4.0"],
        Format::Cyclonedx => &["1.6", "1.5"],
        Format::Ndjson | Format::Csv | Format::Ecs | Format::Defectdojo => &[],
    }
}

fn subjects(format: Format) -> &'static [Subject] {
    match format {
        Format::Ndjson | Format::Csv => &[
            Subject::Assets,
            Subject::Findings,
            Subject::Vulnerabilities,
            Subject::Software,
        ],
        Format::Ocsf | Format::Ecs => &[Subject::Findings, Subject::Assets],
        Format::Defectdojo => &[Subject::Findings],
        Format::Cyclonedx => &[Subject::Assets],
    }
}

impl Exporter {
    /// Options that [`check`] refuses are refused by the first call.
    pub fn new(options: Options) -> Self {
        let state = check(&options).map(|()| State {
            form: form(&options),
            options,
            assets: BTreeMap::new(),
            entries: BTreeMap::new(),
            has_begun: false,
            rows: 0,
            left_out: 0,
        });
        Self { state }
    }

    /// Renders some records. After an error it gives the same error again.
    pub fn push(&mut self, batch: Batch) -> Result<Vec<u8>, String> {
        let pushed = match &mut self.state {
            Ok(state) => state.push(batch),
            Err(error) => return Err(error.clone()),
        };
        pushed.inspect_err(|error| self.state = Err(error.clone()))
    }

    /// The same with one JSON object a line.
    pub fn push_text(&mut self, lines: &str) -> Result<String, String> {
        let batch = self
            .state
            .as_ref()
            .map_err(Clone::clone)
            .and_then(|_| text::read(lines));
        match batch {
            Ok(batch) => self.push(batch).map(into_text),
            Err(error) => {
                self.state = Err(error.clone());
                Err(error)
            }
        }
    }

    /// The last bytes, and what all of them hold.
    pub fn finish(&mut self) -> Result<Ending, String> {
        let state = self.state.as_mut().map_err(|error| error.clone())?;
        let mut bytes = Vec::new();
        state.begin(&mut bytes);
        state.form.end(&mut bytes);
        Ok(Ending {
            bytes,
            rows: state.rows,
            left_out: state.left_out,
        })
    }

    /// The same as text.
    pub fn finish_text(&mut self) -> Result<TextEnding, String> {
        let Ending {
            bytes,
            rows,
            left_out,
        } = self.finish()?;
        Ok(TextEnding {
            text: String::from_utf8(bytes).expect("every format is text"),
            rows,
            left_out,
        })
    }
}

impl State {
    fn begin(&mut self, out: &mut Vec<u8>) {
        if !self.has_begun {
            self.has_begun = true;
            self.form.begin(out);
        }
    }

    fn push(&mut self, batch: Batch) -> Result<Vec<u8>, String> {
        let Batch {
            forget,
            assets,
            entries,
            findings,
            software,
        } = batch;
        let mut out = Vec::with_capacity(1_024 * (assets.len() + findings.len() + software.len()));
        self.begin(&mut out);
        if forget {
            self.assets.clear();
            self.entries.clear();
        }
        let is_of_assets = self.options.subject == Subject::Assets && findings.is_empty();
        for asset in assets {
            let row = AssetRow::new(asset, self.options.made);
            if is_of_assets {
                let is_taken = self.form.asset(&row, &mut out);
                self.count(is_taken);
            } else {
                let parts = self.form.parts_of_asset(&row.asset);
                let key = (row.asset.asset_id, row.asset.host_id.unwrap_or_default());
                self.assets.insert(key, Rc::new(row.kept(parts)));
            }
        }
        for entry in entries {
            let row = EntryRow::new(entry);
            if self.options.subject == Subject::Vulnerabilities {
                let is_taken = self.form.entry(&row, &mut out);
                self.count(is_taken);
            } else {
                let parts = self.form.parts_of_entry(&row.entry);
                let qid = row.entry.vulnerability.qid;
                self.entries.insert(qid, Rc::new(row.kept(parts)));
            }
        }
        for found in findings {
            let asset = self.asset(found.asset_id, found.finding.host_id, "a finding")?;
            let entry = self.entries.get(&found.finding.qid).cloned();
            let row = FindingRow {
                found,
                asset,
                entry,
                made: self.options.made,
            };
            let is_taken = self.form.finding(&row, &mut out);
            // Of a bill of materials the assets are the rows.
            if self.options.subject == Subject::Findings {
                self.count(is_taken);
            }
        }
        let is_of_software = self.options.subject == Subject::Software;
        for row in software.into_iter().filter(|_| is_of_software) {
            let asset = self.asset(row.asset_id, row.host_id.unwrap_or_default(), "software")?;
            let row = SoftwareRow {
                installed: row.installed,
                asset,
            };
            let is_taken = self.form.software(&row, &mut out);
            self.count(is_taken);
        }
        Ok(out)
    }

    fn asset(&self, id: i64, host: HostId, what: &str) -> Result<Rc<AssetRow>, String> {
        let known = self.assets.get(&(id, host)).cloned();
        known.ok_or_else(|| format!("{what} names asset {id}, which was not given; give it first"))
    }

    fn count(&mut self, is_taken: bool) {
        if is_taken {
            self.rows += 1;
        } else {
            self.left_out += 1;
        }
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

fn form(options: &Options) -> Box<dyn Form> {
    let newest = versions(options.format)
        .first()
        .copied()
        .unwrap_or_default();
    let version = options.version.as_deref().unwrap_or(newest);
    match options.format {
        Format::Ndjson => Box::new(ndjson::Ndjson::new()),
        Format::Csv => Box::new(csv::Csv::new(options.subject, options.safe_cells)),
        Format::Ocsf => Box::new(ocsf::Ocsf::new(version)),
        Format::Ecs => Box::new(ecs::Ecs::new()),
        Format::Defectdojo => Box::new(defectdojo::DefectDojo::new()),
        Format::Cyclonedx => Box::new(cyclonedx::CycloneDx::new(version, options.made)),
    }
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("every format is text")
}

#[cfg(test)]
mod tests;
