//! One finding as text, with what the knowledge base says of its QID.

use serde::Serialize;

use crate::{
    cli::{
        block::Block,
        findings::{number, standing},
        time,
    },
    guest::types::Timestamp,
    html,
    store::{
        AssetKind, Change, ClosedReason, Cvss, FindingDetail, FindingRow, Weakness, WebFindingRow,
        Word,
    },
    time::DAY,
};

/// The solution as Qualys sent it, and as it may be shown in a page.
#[derive(Serialize)]
pub(super) struct WithHtml<'a> {
    #[serde(flatten)]
    finding: &'a FindingDetail,
    solution_html: Option<String>,
}

impl<'a> WithHtml<'a> {
    pub(super) fn of(finding: &'a FindingDetail) -> Self {
        let solution = finding.solution.as_deref();
        WithHtml {
            finding,
            solution_html: solution.map(html::sanitized),
        }
    }
}

pub(super) fn text(detail: &FindingDetail, width: usize, now: Timestamp) -> String {
    let row = &detail.finding;
    let title = row
        .title
        .as_deref()
        .unwrap_or("not in the knowledge base yet");
    let mut block = Block::new(&format!("finding {}: {title}", row.finding_id), width);
    block.field("asset", asset(row));
    if let Some(web) = &row.web {
        place(&mut block, web);
    }
    block.field("qid", row.qid.to_string());
    block.field("status", status(row));
    block.field(
        "severity",
        format!("{} (Qualys {})", row.severity.word(), row.qualys_severity),
    );
    block.field("risk", risk(row));
    block.maybe("qds", row.qds);
    let own = row.web.as_ref().and_then(|web| web.cvss.as_ref());
    block.field(
        "cvss",
        own.map_or_else(|| cvss(&row.cvss), |own| cvss(std::slice::from_ref(own))),
    );
    block.field("cves", row.cves.join(", "));
    if let Some(web) = &row.web {
        weaknesses(&mut block, web, row.qualys_severity);
    }
    block.maybe("category", row.category.as_ref());
    block.maybe(
        "patch",
        row.is_patchable
            .map(|yes| if yes { "available" } else { "none known" }),
    );
    block.field("certainty", row.certainty.word());
    block.field("port", port(row));
    block.maybe("fqdn", row.fqdn.as_ref());
    block.maybe("instance", row.instance.as_ref());
    for (label, at) in [
        ("first found", row.first_found),
        ("last found", row.last_found),
        ("last test", row.last_test),
        ("last update", row.last_update),
        ("last fixed", row.last_fixed),
        ("closed", row.closed),
        ("first seen here", Some(row.first_seen)),
    ] {
        block.maybe(label, at.map(|at| time::told(at, now)));
    }
    let since = row.first_found.filter(|_| row.is_open);
    block.maybe("days open", since.map(|at| (now - at) / DAY));
    block.maybe("due", row.due.map(|at| due(at, now)));
    block.maybe("closed because", because(row));
    block.maybe("put aside by", row.put_aside_by.map(Word::word));
    block.maybe("times found", row.times_found);
    for (label, affects) in [
        ("running kernel", row.affects_running_kernel),
        ("running service", row.affects_running_service),
        ("configuration", row.affects_exploitable_config),
    ] {
        block.maybe(
            label,
            affects.map(|yes| if yes { "affected" } else { "not affected" }),
        );
    }
    for change in &detail.history {
        let word = |status: Option<_>| status.map_or("none", Word::word);
        let (from, to) = (word(change.from), word(change.to));
        let what = match change.change {
            Change::Changed => String::new(),
            told => format!("{}, ", told.word()),
        };
        let at = time::minute(change.at);
        block.field("history", format!("{at} UTC: {what}{from} to {to}"));
    }
    block.plain("results", detail.results.as_deref());
    block.html("solution", detail.solution.as_deref());
    block.finish() + &super::attributes(&detail.attributes, width)
}

/// When it has to be fixed, and whether that has passed.
fn due(at: Timestamp, now: Timestamp) -> String {
    let is_past = if at < now { ", which has passed" } else { "" };
    format!("{} UTC{is_past}", time::minute(at))
}

/// `3.1: 9.8, 2.0: 7.5`.
pub(super) fn cvss(scores: &[Cvss]) -> String {
    let one = |score: &Cvss| {
        let vector = score
            .vector
            .as_deref()
            .map(|it| format!(" ({it})"))
            .unwrap_or_default();
        format!("{}: {:.1}{vector}", score.version, score.base)
    };
    scores.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Where in a web application.
fn place(block: &mut Block, web: &WebFindingRow) {
    block.maybe("url", web.url.as_ref());
    block.maybe("parameter", web.param.as_ref());
    block.field("kind", web.kind.word());
    block.maybe("group", web.group.as_ref());
}

/// Of a finding whose severity is `now`.
fn weaknesses(block: &mut Block, web: &WebFindingRow, now: u8) {
    let cwe: Vec<_> = web.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect();
    block.field("cwe", cwe.join(", "));
    for (label, list) in [("owasp", &web.owasp), ("wasc", &web.wasc)] {
        block.field(label, weakness_list(list));
    }
    let changed = web.original_severity.filter(|it| *it != now);
    block.maybe("severity before", changed);
    block.maybe("ignored because", web.ignored_reason.as_ref());
    block.maybe("comment", web.ignored_comment.as_ref());
}

/// `3 Injection, 8 Other`.
fn weakness_list(list: &[Weakness]) -> String {
    let one = |weakness: &Weakness| match &weakness.code {
        Some(code) => format!("{code} {}", weakness.name),
        None => weakness.name.clone(),
    };
    list.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A web application has no host that could be purged.
fn because(row: &FindingRow) -> Option<&'static str> {
    match (row.closed_reason?, row.asset_kind) {
        (ClosedReason::HostPurged, AssetKind::WebApplication) => {
            Some("Qualys lists the web application no more")
        }
        (reason, _) => Some(reason.word()),
    }
}

fn asset(row: &FindingRow) -> String {
    let host = number(row);
    let ip = row.ip.as_deref().filter(|ip| *ip != row.asset_name);
    let parts = [
        Some(row.asset_name.as_str()).filter(|name| !name.is_empty()),
        ip,
        Some(&host),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn status(row: &FindingRow) -> String {
    let mut text = standing(row).to_owned();
    let is_protected = row.web.as_ref().is_some_and(|web| web.is_protected);
    for (holds, word) in [
        (row.is_ignored, "ignored"),
        (row.is_disabled, "disabled"),
        (is_protected, "protected by a firewall"),
    ] {
        if holds && text != word {
            text += if text.is_empty() { "" } else { ", " };
            text += word;
        }
    }
    text
}

fn risk(row: &FindingRow) -> String {
    match (row.risk_score, row.risk_source) {
        (Some(score), Some(source)) => {
            format!("{} ({score} from {})", row.risk.word(), source.word())
        }
        (Some(score), None) => format!("{} ({score})", row.risk.word()),
        (None, _) => row.risk.word().to_owned(),
    }
}

fn port(row: &FindingRow) -> String {
    let number = row.port.map(|port| port.to_string());
    let parts = [
        number.as_deref(),
        row.protocol.as_deref(),
        row.ssl.then_some("over TLS"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::sample,
        guest::types::Status,
        store::{Attributes, StatusChange},
    };

    #[test]
    fn a_finding_tells_what_to_do() {
        let detail = FindingDetail {
            finding: sample::finding(),
            results: Some("subject\tCN=web01\nerror\t\u{1b}[31mself signed".to_owned()),
            solution: Some("Install a certificate.<P>See <B>RFC 5280</B>.".to_owned()),
            attributes: Attributes(r#"{"cvss_temporal":"8.1"}"#.to_owned()),
            history: vec![StatusChange {
                at: sample::NOW - 3_600,
                from: Some(Status::New),
                to: Some(Status::Active),
                closed_reason: None,
                change: Change::Changed,
            }],
        };
        assert_eq!(
            text(&detail, 80, sample::NOW),
            "finding 17: SSL Certificate - Signature Verification Failed\n  \
             asset           web01.example.net, 10.0.0.7, host 4294967301\n  \
             qid             38173\n  \
             status          active\n  \
             severity        critical (Qualys 5)\n  \
             risk            critical (95 from qds)\n  \
             qds             95\n  \
             cvss            3.1: 9.8\n  \
             cves            CVE-2021-44228\n  \
             category        General remote services\n  \
             patch           available\n  \
             certainty       confirmed\n  \
             port            443 tcp over TLS\n  \
             first found     2026-11-19 08:00 UTC, 1 d ago\n  \
             last found      2026-11-20 05:00 UTC, 3 h ago\n  \
             first seen here 2026-11-20 05:00 UTC, 3 h ago\n  \
             days open       1\n  \
             due             2026-12-04 08:00 UTC\n  \
             times found     12\n  \
             history         2026-11-20 07:00 UTC: new to active\n\n  \
             results\n    subject CN=web01\n    error   \u{fffd}[31mself signed\n\n  \
             solution\n    Install a certificate.\n\n    See RFC 5280.\n\n\
             more that Qualys sent\n  \
             cvss_temporal   8.1\n"
        );
    }
    #[test]
    fn a_finding_of_a_web_application_tells_where_and_why_it_is_ignored() {
        let detail = FindingDetail {
            finding: sample::web_finding(),
            results: Some("GET https://shop.example/\n  query=1".to_owned()),
            solution: None,
            attributes: Attributes("{}".to_owned()),
            history: vec![],
        };
        let text = text(&detail, 80, sample::NOW);
        // An address is not broken, so that it can be copied.
        let fits = |line: &str| line.chars().count() <= 80 || line.contains("https://");
        assert!(text.lines().all(fits), "{text}");
        for line in [
            "finding 18: Reflected Cross-Site Scripting (XSS)\n",
            "  asset           Shop & till, web application 701\n",
            "  parameter       query\n",
            "  kind            vulnerability\n",
            "  group           XSS\n",
            "  status          ignored, protected by a firewall\n",
            "  cvss            3: 6.1\n",
            "  cwe             CWE-79, CWE-80\n",
            "  owasp           3 Injection\n",
            "  severity before 4\n",
            "  ignored because FALSE_POSITIVE\n",
            "  comment         checked by hand\n",
            "  closed because  ignored\n",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }

    #[test]
    fn a_web_application_that_is_gone_is_no_host() {
        let row = FindingRow {
            closed_reason: Some(ClosedReason::HostPurged),
            ..sample::web_finding()
        };
        let why = Some("Qualys lists the web application no more");
        assert_eq!(because(&row), why);
    }
}
