//! What is written beside an export: what it holds, and as of when.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    cli::{args, failure::Result, time::Rfc3339},
    guest::types::Timestamp,
    store::{ConnectorId, Reader, RunId, RunState},
};

/// For whoever takes the file on. The keys are always there.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Manifest {
    /// Name of the file that it is about.
    pub(super) file: String,
    pub(super) what: &'static str,
    pub(super) format: &'static str,
    /// Of the format, where it has versions.
    pub(super) version: Option<String>,
    pub(super) rows: u64,
    /// Rows for which the format has no place.
    pub(super) left_out: u64,
    pub(super) bytes: u64,
    /// Of the file, in hexadecimal digits.
    pub(super) sha256: String,
    #[serde(serialize_with = "time")]
    pub(super) made: Timestamp,
    /// What is fixed, closed, ignored or disabled is not in it.
    pub(super) only_open: bool,
    #[serde(serialize_with = "maybe_time")]
    pub(super) changed_since: Option<Timestamp>,
    pub(super) filter: Filter,
    /// The last complete run of each connector.
    pub(super) runs: Vec<Run>,
}

/// The filters as they were given.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Filter {
    severity: Option<String>,
    status: Vec<String>,
    qid: Vec<u32>,
    cve: Vec<String>,
    tag: Vec<String>,
    os: Option<String>,
    kind: Option<&'static str>,
    r#where: Option<String>,
}

/// How far the inventory had come.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Run {
    connector_id: ConnectorId,
    run_id: RunId,
    /// Qualys' own time, from which the next run asks for what changed.
    #[serde(serialize_with = "maybe_time")]
    watermark: Option<Timestamp>,
}

impl From<&args::Filter> for Filter {
    fn from(given: &args::Filter) -> Self {
        Self {
            severity: given.severity.clone(),
            status: given.status.clone(),
            qid: given.qid.clone(),
            cve: given.cve.clone(),
            tag: given.tag.clone(),
            os: given.os.clone(),
            kind: given.kind.map(args::Kind::word),
            r#where: given.r#where.clone(),
        }
    }
}

/// The last complete run of each connector that has one among the last runs.
pub(super) fn runs(reader: &dyn Reader) -> Result<Vec<Run>> {
    let mut seen = BTreeSet::new();
    let mut runs = Vec::new();
    for run in reader.runs(LAST_RUNS, None)?.rows {
        if run.state == RunState::Complete && seen.insert(run.connector_id) {
            runs.push(Run {
                connector_id: run.connector_id,
                run_id: run.run_id,
                watermark: run.watermark,
            });
        }
    }
    Ok(runs)
}

fn time<S: serde::Serializer>(at: &Timestamp, to: S) -> std::result::Result<S::Ok, S::Error> {
    to.collect_str(&Rfc3339(*at))
}

fn maybe_time<S: serde::Serializer>(
    at: &Option<Timestamp>,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    match at {
        Some(at) => time(at, to),
        None => to.serialize_none(),
    }
}

const LAST_RUNS: u32 = 1_000;
