//! Records as text: one JSON object a line.
//!
//! The keys are the contract's names; the first key of each line, `record`, says what the line
//! holds. Absent values are `null`, so that every record of a kind has the same keys.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::contract::ingest::Page;
use crate::contract::types::{Attribute, Timestamp};

/// All records of a page, each host before its findings, warnings last.
pub(crate) fn lines(page: &Page) -> String {
    let mut out = Vec::new();
    for &host_id in &page.host_ids {
        line(&mut out, "host-id", HostNumber { host_id });
    }
    for host in &page.hosts {
        line(&mut out, "host", &host.host);
        for finding in &host.findings {
            line(&mut out, "finding", finding);
        }
    }
    for vulnerability in &page.vulnerabilities {
        line(&mut out, "vulnerability", vulnerability);
    }
    for group in &page.asset_groups {
        line(&mut out, "asset-group", group);
    }
    for warning in &page.warnings {
        line(&mut out, "warning", warning);
    }
    String::from_utf8(out).expect("JSON is UTF-8")
}

pub(crate) fn is_empty(page: &Page) -> bool {
    page.host_ids.is_empty()
        && page.hosts.is_empty()
        && page.vulnerabilities.is_empty()
        && page.asset_groups.is_empty()
        && page.warnings.is_empty()
}

/// A time as RFC 3339.
pub(crate) fn time<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    time.map(crate::time::format).serialize(to)
}

/// Attributes as one object, in their order.
pub(crate) fn attributes<S: Serializer>(
    attributes: &[Attribute],
    to: S,
) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(attributes.len()))?;
    for attribute in attributes {
        map.serialize_entry(&attribute.name, &attribute.value)?;
    }
    map.end()
}

#[derive(Serialize)]
struct HostNumber {
    host_id: u64,
}

#[derive(Serialize)]
struct Line<T> {
    record: &'static str,
    #[serde(flatten)]
    content: T,
}

fn line<T: Serialize>(out: &mut Vec<u8>, record: &'static str, content: T) {
    serde_json::to_writer(&mut *out, &Line { record, content })
        .expect("records have text keys and finite numbers");
    out.push(b'\n');
}
