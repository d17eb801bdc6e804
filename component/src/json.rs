//! Records as text: one JSON object a line.
//!
//! The keys are the contract's names; the first key of each line, `record`, says what the line
//! holds. Absent values are `null`, so that every record of a kind has the same keys.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::contract::export::BySeverity;
use crate::contract::ingest::Page;
use crate::contract::types::Timestamp;

/// All records of a page, each host before its findings and its software, warnings last.
pub(crate) fn lines(page: &Page) -> String {
    let mut out = Vec::new();
    for &host_id in &page.host_ids {
        line(&mut out, "host-id", HostNumber { host_id });
    }
    let mut inventories = page.inventories.iter().peekable();
    for host in &page.hosts {
        line(&mut out, "host", &host.host);
        for finding in &host.findings {
            line(&mut out, "finding", finding);
        }
        // They come in the order of their hosts, so that the chunks make no difference.
        let of_host = inventories.next_if(|it| it.host_id == host.host.host_id);
        of_host
            .into_iter()
            .for_each(|it| line(&mut out, "inventory", it));
    }
    for vulnerability in &page.vulnerabilities {
        line(&mut out, "vulnerability", vulnerability);
    }
    for group in &page.asset_groups {
        line(&mut out, "asset-group", group);
    }
    for tag in &page.tags {
        line(&mut out, "tag", tag);
    }
    for inventory in inventories {
        line(&mut out, "inventory", inventory);
    }
    for app in &page.web_apps {
        line(&mut out, "web-app", app);
    }
    for finding in &page.web_app_findings {
        line(&mut out, "web-app-finding", finding);
    }
    for score in &page.cve_scores {
        line(&mut out, "cve-score", score);
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
        && page.tags.is_empty()
        && page.inventories.is_empty()
        && page.web_apps.is_empty()
        && page.web_app_findings.is_empty()
        && page.cve_scores.is_empty()
        && page.warnings.is_empty()
}

/// A time as RFC 3339.
pub(crate) fn time<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    time.map(crate::time::format).serialize(to)
}

/// A time, read as it is written.
pub(crate) mod at {
    use serde::{Deserialize, Deserializer, de::Error};

    pub(crate) use super::time as serialize;
    use crate::contract::types::Timestamp;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else {
            return Ok(None);
        };
        let read = crate::time::parse(&text);
        let wrong =
            || D::Error::custom(format!("`{text}` is no time such as 2026-11-20T08:00:00Z"));
        Ok(Some(read.ok_or_else(wrong)?))
    }
}

/// A text that is a JSON object, read as it is written.
pub(crate) mod object {
    use serde::{Deserialize, Deserializer};
    use serde_json::{Map, Value};

    pub(crate) use super::raw as serialize;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        Ok(Value::Object(Map::deserialize(from)?).to_string())
    }

    /// What stands for an absent one.
    pub(crate) fn none() -> String {
        "{}".to_owned()
    }
}

/// What stands for absent counts.
pub(crate) fn no_findings() -> BySeverity {
    BySeverity {
        info: 0,
        low: 0,
        medium: 0,
        high: 0,
        critical: 0,
    }
}

/// A text that is JSON already, as the component wrote it itself.
///
/// `RawValue` would read it again, which takes longer than to write it. So its own form is written,
/// which serde_json takes for a text that was read; a test holds that.
pub(crate) fn raw<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    let mut one = to.serialize_struct(RAW, 1)?;
    one.serialize_field(RAW, text)?;
    one.end()
}

/// Appends a text as it stands between the quotes of a JSON string.
pub(crate) fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    serde_json::to_writer(&mut *out, text).expect("a text has a JSON form");
    out.pop();
    out.remove(start);
}

#[derive(Serialize)]
struct HostNumber {
    host_id: u64,
}

fn line<T: Serialize>(out: &mut Vec<u8>, record: &str, content: T) {
    out.extend_from_slice(br#"{"record":""#);
    out.extend_from_slice(record.as_bytes());
    out.push(b'"');
    let start = out.len();
    serde_json::to_writer(&mut *out, &content).expect("records have text keys and finite numbers");
    // The object of the content goes on where that of the line began.
    out[start] = b',';
    out.push(b'\n');
}

/// The name by which serde_json knows a `RawValue`.
const RAW: &str = "$serde_json::private::RawValue";

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Serialize)]
    struct Holder<'a>(#[serde(serialize_with = "raw")] &'a str);

    #[test]
    fn a_text_that_is_json_is_written_as_raw_values_are() {
        for text in ["{}", r#"{"a":"b\n\u2028 \"c\""}"#] {
            let value: &RawValue = serde_json::from_str(text).expect("JSON");
            let written = serde_json::to_string(&Holder(text)).expect("a text");
            assert_eq!(written, serde_json::to_string(value).expect("a text"));
            assert_eq!(written, text);
        }
    }
}
