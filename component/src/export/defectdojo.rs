//! One JSON document for the generic findings import of DefectDojo.
//!
//! `unique_id_from_tool` is what makes a second import of the same finding the same finding. Keys
//! that the importer does not know would make it refuse the whole document.

use super::{
    Form, html,
    row::{FindingRow, Parts, qid_name},
    value::{Field, Shape, Value, field, of_json, push_json},
};
use crate::contract::export::{AssetKind, Entry};
use crate::contract::types::{Certainty, Cvss, Finding, Severity, Status};

pub(super) struct DefectDojo {
    shape: Shape<FindingRow>,
    is_first: bool,
}

impl DefectDojo {
    pub(super) fn new() -> Self {
        Self {
            shape: Shape::new(FINDING),
            is_first: true,
        }
    }
}

impl Form for DefectDojo {
    fn begin(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"name\":\"Qualys\",\"type\":\"Qonduit\",\"findings\":[\n");
    }

    fn parts_of_entry(&self, entry: &Entry) -> Parts {
        let entry = &entry.vulnerability;
        let text = |html: &Option<String>| html.as_deref().map(html::text).unwrap_or_default();
        let mut parts = Parts::default();
        for (name, html) in [
            ("description", &entry.diagnosis),
            ("impact", &entry.consequence),
            ("mitigation", &entry.solution),
        ] {
            parts = parts.with_text(name, &text(html));
        }
        parts
    }

    fn finding(&mut self, row: &FindingRow, out: &mut Vec<u8>) -> bool {
        if !self.is_first {
            out.extend_from_slice(b",\n");
        }
        self.is_first = false;
        self.shape.render(row, out);
        true
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\n]}\n");
    }
}

pub(super) const FINDING: &[Field<FindingRow>] = &[
    field(
        "title",
        "title, else `QID-` and the number; 511 characters at most",
        |row| {
            let title = row.title().map(str::to_owned);
            let title = title.unwrap_or_else(|| qid_name(finding(row).qid));
            title.chars().take(LONGEST_TITLE).collect::<String>().into()
        },
    ),
    field("severity", "`Info` to `Critical`", |row| {
        match finding(row).severity {
            Severity::Info => "Info",
            Severity::Low => "Low",
            Severity::Medium => "Medium",
            Severity::High => "High",
            Severity::Critical => "Critical",
        }
        .into()
    }),
    field(
        "description",
        "diagnosis of the entry as text, else the title",
        |row| match row.of_entry("description") {
            Value::Absent => row.heading(),
            text => text,
        },
    ),
    field("mitigation", "solution of the entry as text", |row| {
        row.of_entry("mitigation")
    }),
    field("impact", "consequence of the entry as text", |row| {
        row.of_entry("impact")
    }),
    field("steps_to_reproduce", "results", |row| {
        (&finding(row).results).into()
    }),
    field(
        "references",
        "vendor_references of the entry, one a line",
        |row| {
            let all = row
                .vulnerability()
                .map(|it| it.vendor_references.join("\n"));
            Value::from(all).unless_empty()
        },
    ),
    field("date", "the day of first_found", |row| {
        let at = finding(row).first_found.map(crate::time::format);
        at.map(|it| it.chars().take("2026-11-20".len()).collect::<String>())
            .into()
    }),
    field("publish_date", "the day of published of the entry", |row| {
        let at = row
            .vulnerability()
            .and_then(|it| it.published)
            .map(crate::time::format);
        at.map(|it| it.chars().take("2026-11-20".len()).collect::<String>())
            .into()
    }),
    field("vulnerability_ids", "cves", |row| {
        row.vulnerability()
            .map_or(Value::Absent, |it| Value::Texts(&it.cves))
            .unless_empty()
    }),
    field("cwe", "the first of web.cwe", |row| {
        row.web().and_then(|it| it.cwe.first().copied()).into()
    }),
    field("cvssv3", "the vector of version 3 in cvss", |row| {
        version_3(row).map(|(_, vector)| vector).into()
    }),
    field("cvssv3_score", "its base", |row| {
        version_3(row).map(|(score, _)| score.base).into()
    }),
    field("active", "is_open", |row| row.found.is_open.into()),
    field("verified", "whether certainty is confirmed", |row| {
        (finding(row).certainty == Certainty::Confirmed).into()
    }),
    field(
        "false_p",
        "whether web.ignored_reason is FALSE_POSITIVE",
        |row| is_ignored_as(row, "FALSE_POSITIVE").into(),
    ),
    field(
        "risk_accepted",
        "whether web.ignored_reason is RISK_ACCEPTED",
        |row| is_ignored_as(row, "RISK_ACCEPTED").into(),
    ),
    field(
        "out_of_scope",
        "is_disabled, or put aside by a rule",
        |row| (finding(row).is_disabled || row.found.put_aside_by.is_some()).into(),
    ),
    field(
        "is_mitigated",
        "whether the finding is fixed or closed as fixed, vanished or purged",
        |row| is_mitigated(row).into(),
    ),
    field("mitigated", "closed, when it is mitigated", |row| {
        let at = row.found.closed.or(finding(row).last_fixed);
        at.filter(|_| is_mitigated(row))
            .map_or(Value::Absent, Value::Time)
    }),
    field("fix_available", "is_patchable of the entry", |row| {
        row.vulnerability().map(|it| it.is_patchable).into()
    }),
    field(
        "unique_id_from_tool",
        "host or web application, QID, port and protocol, and what else tells two findings of a host apart",
        |row| unique_id(row).into(),
    ),
    field("vuln_id_from_tool", "`QID-` and the number", |row| {
        qid_name(finding(row).qid).into()
    }),
    field("nb_occurences", "times_found", |row| {
        finding(row).times_found.into()
    }),
    field("param", "web.param", |row| {
        row.web().and_then(|it| it.param.as_deref()).into()
    }),
    field("static_finding", "`false`", |_| false.into()),
    field("dynamic_finding", "`true`", |_| true.into()),
    field("tags", "names of tags of the asset", |row| {
        let names: Vec<_> = row.asset.asset.tags.iter().map(|tag| &tag.name).collect();
        if names.is_empty() {
            Value::Absent
        } else {
            of_json(&names)
        }
    }),
    field(
        "endpoints",
        "web.url; else fqdn, dns or ip as `host`, and the port",
        endpoints,
    ),
];

fn finding(row: &FindingRow) -> &Finding {
    &row.found.finding
}

fn version_3(row: &FindingRow) -> Option<(&Cvss, &str)> {
    let of_entry = row
        .vulnerability()
        .map(|it| &it.cvss[..])
        .unwrap_or_default();
    let all = of_entry
        .iter()
        .chain(row.web().and_then(|it| it.cvss.as_ref()));
    // The importer takes a vector with its version alone, and refuses the document over another one.
    let vector = |it: &&Cvss| {
        it.vector
            .as_deref()
            .is_some_and(|it| it.starts_with("CVSS:3."))
    };
    let score = all.into_iter().find(vector)?;
    Some((score, score.vector.as_deref()?))
}

fn is_ignored_as(row: &FindingRow, reason: &str) -> bool {
    let told = row.web().and_then(|it| it.ignored_reason.as_deref());
    finding(row).is_ignored && told == Some(reason)
}

fn is_mitigated(row: &FindingRow) -> bool {
    let reason = row.found.closed_reason.as_deref();
    finding(row).status == Some(Status::Fixed)
        || matches!(reason, Some("fixed" | "vanished" | "host-purged"))
}

/// `host/qid/port/protocol`, with empty places for what there is not. Two findings of a host that
/// are alike in these differ in what follows.
fn unique_id(row: &FindingRow) -> String {
    let (asset, finding) = (&row.asset.asset, finding(row));
    if let Some(web) = row.web() {
        let app = asset.web_app_id.unwrap_or_default();
        return format!("web-{app}/{}/{}", finding.qid, web.web_finding_id);
    }
    let host = match asset.host_id {
        Some(host) => host.to_string(),
        None => format!("asset-{}", asset.asset_id),
    };
    let port = finding
        .port
        .map(|port| port.to_string())
        .unwrap_or_default();
    let protocol = finding.protocol.as_deref().unwrap_or_default();
    let mut id = format!("{host}/{}/{port}/{protocol}", finding.qid);
    if finding.ssl {
        id.push_str("/ssl");
    }
    for apart in [&finding.fqdn, &finding.instance].into_iter().flatten() {
        id.push('/');
        id.push_str(apart);
    }
    id.chars().take(LONGEST_ID).collect()
}

fn endpoints(row: &FindingRow) -> Value<'_> {
    let (asset, finding) = (&row.asset.asset, finding(row));
    if asset.kind == AssetKind::WebApplication {
        let of_app = || asset.web.as_ref().and_then(|it| it.url.as_deref());
        let url = row.web().and_then(|it| it.url.as_deref()).or_else(of_app);
        return url.map_or(Value::Absent, |url| of_json(&[url]));
    }
    let named = [
        &finding.fqdn,
        &asset.dns,
        &asset.ip,
        &asset.ipv6,
        &asset.netbios,
    ];
    let Some(host) = named.into_iter().flatten().next() else {
        return Value::Absent;
    };
    let mut out = br#"[{"host":"#.to_vec();
    push_json(&mut out, host);
    if let Some(port) = finding.port {
        out.extend_from_slice(br#","port":"#);
        push_json(&mut out, &port);
    }
    out.extend_from_slice(b"}]");
    Value::MadeJson(out)
}

/// Of the columns that DefectDojo has for them.
const LONGEST_TITLE: usize = 511;
const LONGEST_ID: usize = 500;
