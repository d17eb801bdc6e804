//! Random web applications, and what was found in them.

use super::{attributes, flag, host_finding, maybe, maybe_text, number, text, time};
use crate::{
    guest::types::{Weakness, WebApp, WebAppFinding},
    store::{Word, load::Random},
};

pub(super) fn web_app(random: &mut Random) -> WebApp {
    WebApp {
        web_app_id: 3,
        name: text(random).to_owned(),
        url: maybe_text(random),
        owner: maybe_text(random),
        scope: None,
        tags: vec![],
        risk_score: None,
        last_scan: time(random),
        last_scan_status: None,
        created: None,
        updated: None,
        attributes: attributes(random),
    }
}

pub(super) fn web_finding(random: &mut Random, id: u64) -> WebAppFinding {
    let like = host_finding(random, 0, id);
    let weaknesses = |random: &mut Random| -> Vec<Weakness> {
        let weakness = |random: &mut Random| Weakness {
            code: maybe_text(random),
            name: text(random).to_owned(),
        };
        (0..random.below(3)).map(|_| weakness(random)).collect()
    };
    WebAppFinding {
        finding_key: format!("web {id}"),
        web_finding_id: id,
        web_app_id: 3,
        web_app_name: None,
        web_app_url: None,
        qid: like.qid,
        name: text(random).to_owned(),
        kind: Word::at_place(0).unwrap(),
        certainty: like.certainty,
        severity: like.severity,
        qualys_severity: 3,
        original_severity: None,
        risk: like.risk,
        risk_score: None,
        risk_source: None,
        status: like.status,
        is_protected: flag(random),
        url: maybe_text(random),
        param: maybe_text(random),
        group: maybe_text(random),
        cwe: (0..random.below(3)).map(|_| number(random)).collect(),
        owasp: weaknesses(random),
        wasc: weaknesses(random),
        results: maybe_text(random),
        first_detected: time(random),
        last_detected: time(random),
        last_tested: None,
        fixed: time(random),
        times_detected: maybe(random, number),
        is_ignored: flag(random),
        ignored_reason: None,
        ignored_comment: None,
        cvss: None,
        qds: None,
        attributes: attributes(random),
    }
}
