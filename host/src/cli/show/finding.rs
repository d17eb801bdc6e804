//! One finding as text, with what the knowledge base says of its QID.

use serde::Serialize;

use crate::{
    cli::{block::Block, findings::standing, time},
    guest::types::Timestamp,
    html,
    store::{Cvss, FindingDetail, FindingRow, Word},
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
    block.field("qid", row.qid.to_string());
    block.field("status", status(row));
    block.field(
        "severity",
        format!("{} (Qualys {})", row.severity.word(), row.qualys_severity),
    );
    block.field("risk", risk(row));
    block.maybe("qds", row.qds);
    block.field("cvss", cvss(&row.cvss));
    block.field("cves", row.cves.join(", "));
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
    ] {
        block.maybe(label, at.map(|at| time::told(at, now)));
    }
    block.maybe("closed because", row.closed_reason.map(Word::word));
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
        block.field(
            "history",
            format!("{} UTC: {from} to {to}", time::minute(change.at)),
        );
    }
    block.plain("results", detail.results.as_deref());
    block.html("solution", detail.solution.as_deref());
    block.finish() + &super::attributes(&detail.attributes, width)
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

fn asset(row: &FindingRow) -> String {
    let host = format!("host {}", row.host_id);
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
    for (holds, word) in [(row.is_ignored, "ignored"), (row.is_disabled, "disabled")] {
        if holds {
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
             times found     12\n  \
             history         2026-11-20 07:00 UTC: new to active\n\n  \
             results\n    subject CN=web01\n    error   \u{fffd}[31mself signed\n\n  \
             solution\n    Install a certificate.\n\n    See RFC 5280.\n\n\
             more that Qualys sent\n  \
             cvss_temporal   8.1\n"
        );
    }
}
