//! What a Vulnerability Finding says of the finding itself.

use crate::contract::types::{Certainty, Finding, Severity, Status};
use crate::export::{
    row::FindingRow,
    value::{Field, Value, field, millis, time},
    word::{self, CERTAINTIES, RISKS, STATUSES},
};

pub(in crate::export) const FINDING: &[Field<FindingRow>] = &[
    field("category_uid", "2: Findings", |_| Value::Number(2)),
    field("category_name", "`Findings`", |_| "Findings".into()),
    field("class_uid", "2002", |_| Value::Number(2002)),
    field("class_name", "`Vulnerability Finding`", |_| {
        "Vulnerability Finding".into()
    }),
    field("activity_id", "1 when new, 3 when closed, else 2", |row| {
        Value::Number(activity(row).0)
    }),
    field("activity_name", "`Create`, `Close` or `Update`", |row| {
        activity(row).1.into()
    }),
    field("type_uid", "200200 and `activity_id`", |row| {
        Value::Number(200_200 + activity(row).0)
    }),
    field(
        "severity_id",
        "1 to 5 for severity info to critical",
        |row| severity(finding(row)).0.into(),
    ),
    field("severity", "its name", |row| {
        severity(finding(row)).1.into()
    }),
    field(
        "status_id",
        "1 new; 99 active or reopened; 3 ignored, disabled or put aside; 4 fixed or closed; 0 for gathered information",
        |row| Value::Number(status(row).0),
    ),
    field(
        "status",
        "its name, or the word of the status for 99",
        |row| status(row).1.into(),
    ),
    field("status_detail", "closed_reason, else put_aside_by", |row| {
        let found = &row.found;
        found
            .closed_reason
            .as_deref()
            .or(found.put_aside_by.as_deref())
            .into()
    }),
    field("confidence_id", "3 confirmed, 1 potential", |row| {
        confidence(finding(row)).map(|it| it.0).into()
    }),
    field("confidence", "its name", |row| {
        confidence(finding(row)).map(|it| it.1).into()
    }),
    field(
        "time",
        "last_found, else last_update, first_found, the time of the export",
        |row| Value::Millis(row.at()),
    ),
    field("start_time", "first_found", |row| {
        millis(finding(row).first_found)
    }),
    field("end_time", "closed", |row| millis(row.found.closed)),
    field("message", "title", |row| row.heading()),
    field("finding_info.uid", "finding_key", |row| {
        (&finding(row).finding_key).into()
    }),
    field(
        "finding_info.title",
        "title, else `QID-` and the number",
        |row| row.heading(),
    ),
    field(
        "finding_info.desc",
        "diagnosis of the entry as text",
        |row| row.of_entry("desc"),
    ),
    field("finding_info.types", "`Vulnerability`", |_| {
        Value::Json(br#"["Vulnerability"]"#)
    }),
    field("finding_info.data_sources", "`Qualys VMDR`", |_| {
        Value::Json(br#"["Qualys VMDR"]"#)
    }),
    field("finding_info.created_time", "first_found", |row| {
        millis(finding(row).first_found)
    }),
    field("finding_info.first_seen_time", "first_found", |row| {
        millis(finding(row).first_found)
    }),
    field("finding_info.last_seen_time", "last_found", |row| {
        millis(finding(row).last_found)
    }),
    field("finding_info.modified_time", "last_update", |row| {
        millis(finding(row).last_update)
    }),
    field("finding_info.analytic.type_id", "1", |_| Value::Number(1)),
    field("finding_info.analytic.type", "`Rule`", |_| "Rule".into()),
    field("finding_info.analytic.uid", "qid", |row| {
        finding(row).qid.to_string().into()
    }),
    field("finding_info.analytic.name", "title", |row| row.heading()),
    field(
        "finding_info.analytic.category",
        "category of the entry",
        |row| {
            row.vulnerability()
                .and_then(|it| it.category.as_deref())
                .into()
        },
    ),
    field("device", "the asset, when it is a host: see below", |row| {
        row.asset.parts.json("device")
    }),
    field(
        "resources",
        "the asset, when it is a web application: see below",
        |row| row.asset.parts.json("resources"),
    ),
    field(
        "vulnerabilities",
        "one for each CVE of the entry, or one advisory: see below",
        |row| match row.of_entry("vulnerabilities") {
            Value::SafeJson(known) if row.web().is_none_or(|it| it.cwe.is_empty()) => {
                Value::SafeJson(known)
            }
            _ => Value::MadeJson(super::vulnerability::of_finding(row)),
        },
    ),
    field("unmapped.finding_id", "finding_id", |row| {
        row.found.finding_id.into()
    }),
    field("unmapped.asset_id", "asset_id", |row| {
        row.found.asset_id.into()
    }),
    field("unmapped.qid", "qid", |row| finding(row).qid.into()),
    field("unmapped.qualys_severity", "qualys_severity", |row| {
        finding(row).qualys_severity.into()
    }),
    field("unmapped.qualys_status", "status", |row| {
        finding(row).status.map(|it| word::of(STATUSES, it)).into()
    }),
    field("unmapped.certainty", "certainty", |row| {
        word::of(CERTAINTIES, finding(row).certainty).into()
    }),
    field("unmapped.is_open", "is_open", |row| {
        row.found.is_open.into()
    }),
    field("unmapped.risk", "risk", |row| {
        word::of(RISKS, finding(row).risk).into()
    }),
    field("unmapped.risk_score", "risk_score", |row| {
        row.risk_score().into()
    }),
    field("unmapped.risk_source", "risk_source", |row| {
        row.risk_source().into()
    }),
    field("unmapped.qds", "qds", |row| finding(row).qds.into()),
    field("unmapped.port", "port", |row| finding(row).port.into()),
    field("unmapped.protocol", "protocol", |row| {
        (&finding(row).protocol).into()
    }),
    field("unmapped.fqdn", "fqdn", |row| (&finding(row).fqdn).into()),
    field("unmapped.ssl", "ssl", |row| {
        finding(row).ssl.then_some(true).into()
    }),
    field("unmapped.instance", "instance", |row| {
        (&finding(row).instance).into()
    }),
    field("unmapped.url", "web.url", |row| {
        row.web().and_then(|it| it.url.as_deref()).into()
    }),
    field("unmapped.param", "web.param", |row| {
        row.web().and_then(|it| it.param.as_deref()).into()
    }),
    field("unmapped.last_fixed", "last_fixed", |row| {
        time(finding(row).last_fixed)
    }),
    field("unmapped.times_found", "times_found", |row| {
        finding(row).times_found.into()
    }),
    field("unmapped.results", "results", |row| {
        (&finding(row).results).into()
    }),
];

fn finding(row: &FindingRow) -> &Finding {
    &row.found.finding
}

fn activity(row: &FindingRow) -> (i64, &'static str) {
    match finding(row).status {
        _ if row.found.closed.is_some() => (3, "Close"),
        Some(Status::Fixed) => (3, "Close"),
        Some(Status::New) => (1, "Create"),
        Some(Status::Active | Status::Reopened) | None => (2, "Update"),
    }
}

fn severity(finding: &Finding) -> (i64, &'static str) {
    match finding.severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// Nobody has said that an active finding is being worked on, so it is not `In Progress`.
fn status(row: &FindingRow) -> (i64, &'static str) {
    let (found, finding) = (&row.found, finding(row));
    if finding.is_ignored || finding.is_disabled || found.put_aside_by.is_some() {
        return (3, "Suppressed");
    }
    if found.closed.is_some() {
        return (4, "Resolved");
    }
    match finding.status {
        Some(Status::New) => (1, "New"),
        Some(Status::Fixed) => (4, "Resolved"),
        Some(status @ (Status::Active | Status::Reopened)) => (99, word::of(STATUSES, status)),
        None => (0, "Unknown"),
    }
}

fn confidence(finding: &Finding) -> Option<(i64, &'static str)> {
    match finding.certainty {
        Certainty::Confirmed => Some((3, "High")),
        Certainty::Potential => Some((1, "Low")),
        Certainty::Information => None,
    }
}
