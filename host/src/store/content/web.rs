//! Web applications and their findings.

use super::{ContentHash, FindingDigest, Hash, short, text_digest};
use crate::{
    guest::types::{Weakness, WebApp, WebAppFinding},
    store::word::Word,
};

pub(in crate::store) fn of_web_app(app: &WebApp) -> ContentHash {
    let WebApp {
        web_app_id,
        name,
        url,
        owner,
        scope,
        tags,
        risk_score,
        last_scan,
        last_scan_status,
        created,
        updated,
        attributes,
    } = app;
    let mut hash = Hash::default();
    hash.number(*web_app_id);
    hash.text(name);
    for text in [url, owner, scope, last_scan_status] {
        hash.maybe_text(text.as_deref());
    }
    hash.tags(tags);
    hash.maybe_number(risk_score.map(u64::from));
    for time in [last_scan, created, updated] {
        hash.maybe_number(time.map(i64::cast_unsigned));
    }
    hash.text(attributes);
    hash.end()
}

/// Without the web application's own name and address, which change without the finding.
pub(in crate::store) fn of_web_finding(finding: &WebAppFinding) -> FindingDigest {
    let WebAppFinding {
        finding_key,
        web_finding_id,
        web_app_id,
        web_app_name: _,
        web_app_url: _,
        qid,
        name,
        kind,
        certainty,
        severity,
        qualys_severity,
        original_severity,
        risk,
        risk_score,
        risk_source,
        status,
        is_protected,
        url,
        param,
        group,
        cwe,
        owasp,
        wasc,
        results,
        first_detected,
        last_detected,
        last_tested,
        fixed,
        times_detected,
        is_ignored,
        ignored_reason,
        ignored_comment,
        cvss,
        qds,
        attributes,
    } = finding;
    let results = results.as_deref().map(text_digest);
    let mut hash = Hash::default();
    hash.text(finding_key);
    for number in [*web_finding_id, *web_app_id, u64::from(*qid)] {
        hash.number(number);
    }
    hash.text(name);
    for place in [
        kind.place(),
        certainty.place(),
        severity.place(),
        *qualys_severity,
        risk.place(),
        u8::from(*is_protected),
        u8::from(*is_ignored),
    ] {
        hash.number(u64::from(place));
    }
    for place in [
        *original_severity,
        risk_source.map(Word::place),
        status.map(Word::place),
        *qds,
    ] {
        hash.maybe_number(place.map(u64::from));
    }
    hash.maybe_number(risk_score.map(|score| u64::from(score.to_bits())));
    for text in [url, param, group, ignored_reason, ignored_comment] {
        hash.maybe_text(text.as_deref());
    }
    let cwe: Vec<u64> = cwe.iter().copied().map(u64::from).collect();
    hash.numbers(&cwe);
    for list in [owasp, wasc] {
        hash.number(list.len() as u64);
        for Weakness { code, name } in list {
            hash.maybe_text(code.as_deref());
            hash.text(name);
        }
    }
    for time in [first_detected, last_detected, last_tested, fixed] {
        hash.maybe_number(time.map(i64::cast_unsigned));
    }
    hash.maybe_number(times_detected.map(u64::from));
    hash.number(u64::from(cvss.is_some()));
    cvss.iter().for_each(|cvss| hash.cvss(cvss));
    hash.text(attributes);
    hash.maybe_number(results.as_ref().map(|it| short(it).cast_unsigned()));
    FindingDigest {
        results,
        content: hash.end(),
    }
}
