//! Pages of records as the lines of a format.

use qonduit_component::contract::export::{Format, Options, Subject};
use qonduit_component::contract::ingest::Page;
use qonduit_component::contract::types::{Dataset, Timestamp};
use qonduit_component::export::{self, Exporter};
use qonduit_component::ingest;
use serde_json::Value;

use crate::{problem::Problem, word};

/// The formats that are written as a stream.
pub const FORMATS: [(&str, Format); 4] = [
    ("ndjson", Format::Ndjson),
    ("csv", Format::Csv),
    ("ocsf", Format::Ocsf),
    ("ecs", Format::Ecs),
];

/// Renders the records of one answer.
#[derive(Debug)]
pub struct Renderer {
    /// Nothing for NDJSON: its lines are the records themselves, of any dataset.
    exporter: Option<Exporter>,
    /// What is written.
    pub format: Format,
    records: u64,
}

impl Renderer {
    /// Of a format that has a place for the dataset.
    pub fn new(
        dataset: Dataset,
        format: &str,
        version: Option<&str>,
        safe_cells: bool,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let known = FORMATS.iter().find(|(name, _)| *name == format);
        let Some((_, format)) = known.copied() else {
            let detail = "the format is not known; `format` is one of ndjson, csv, ocsf, ecs";
            return Err(Problem::new(
                400,
                "unknown-format",
                "Unknown format",
                detail,
            ));
        };
        let exporter = match format {
            Format::Ndjson => None,
            _ => Some(exporter(dataset, format, version, safe_cells, now)?),
        };
        Ok(Self {
            exporter,
            format,
            records: 0,
        })
    }

    /// The media type.
    pub fn content_type(&self) -> &'static str {
        match self.format {
            Format::Csv => "text/csv; charset=utf-8",
            _ => "application/x-ndjson",
        }
    }

    /// Whether a line that tells how the answer ended fits behind the others.
    pub fn has_lines(&self) -> bool {
        self.format != Format::Csv
    }

    /// Whether the lines are the records of the contract, and not those of another tool.
    pub fn is_own(&self) -> bool {
        self.format == Format::Ndjson
    }

    /// Appends the records of a page.
    pub fn push(&mut self, page: Page, out: &mut Vec<u8>) -> Result<(), Problem> {
        match &mut self.exporter {
            None => {
                let lines = ingest::lines(&page);
                self.records += lines_of(&lines);
                out.extend_from_slice(lines.as_bytes());
            }
            Some(exporter) => {
                let bytes = exporter.push(export::batch_of(page)).map_err(ours)?;
                out.extend_from_slice(&bytes);
            }
        }
        Ok(())
    }

    /// Appends what ends the format, and says how many records there were.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<u64, Problem> {
        let Some(exporter) = &mut self.exporter else {
            return Ok(self.records);
        };
        let ending = exporter.finish().map_err(ours)?;
        out.extend_from_slice(&ending.bytes);
        Ok(ending.rows)
    }
}

fn exporter(
    dataset: Dataset,
    format: Format,
    version: Option<&str>,
    safe_cells: bool,
    now: Timestamp,
) -> Result<Exporter, Problem> {
    let unfit = |detail: String| {
        Problem::new(
            400,
            "no-such-export",
            "Format has no place for this",
            detail,
        )
    };
    let subject = match dataset {
        Dataset::Hosts => Subject::Assets,
        Dataset::Detections => Subject::Findings,
        Dataset::KnowledgeBase => Subject::Vulnerabilities,
        Dataset::HostIds
        | Dataset::AssetGroups
        | Dataset::Tags
        | Dataset::ChangedHostIds
        | Dataset::HostAssets
        | Dataset::AssetView
        | Dataset::WebApps
        | Dataset::WebAppFindings
        | Dataset::CveScores => {
            return Err(unfit(format!(
                "`{}` is written as ndjson alone; choose `format=ndjson`",
                word::name(dataset)
            )));
        }
    };
    let options = Options {
        format,
        subject,
        version: version.map(str::to_owned),
        safe_cells,
        made: now,
    };
    export::check(&options).map_err(unfit)?;
    Ok(Exporter::new(options))
}

/// Appends a line about the records, in the way of theirs: `record` comes first. The line is an object
/// with at least one key.
pub(crate) fn push_line(out: &mut Vec<u8>, record: &str, line: &Value) {
    out.extend_from_slice(format!("{{\"record\":\"{record}\",").as_bytes());
    out.extend_from_slice(&line.to_string().as_bytes()[1..]);
    out.push(b'\n');
}

/// Records of the reader that the exporter does not take are a mistake of ours.
fn ours(detail: String) -> Problem {
    Problem::new(500, "internal", "A mistake in Qonduit", detail)
}

fn lines_of(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}
