//! The rules of normalization: from Qualys' words and numbers to ours.
//!
//! One function a rule, each on values alone; the readers in `ingest` call them and add nothing.
//! A rule that is changed here changes every host of the component.

use crate::contract::types::{
    Certainty, Cvss, Impact, Risk, RiskSource, Severity, Status, Timestamp, WebFindingKind,
};

/// Qualys 1 minimal, 2 medium, 3 serious, 4 critical, 5 urgent.
pub fn severity(qualys: u8) -> Option<Severity> {
    match qualys {
        1 => Some(Severity::Info),
        2 => Some(Severity::Low),
        3 => Some(Severity::Medium),
        4 => Some(Severity::High),
        5 => Some(Severity::Critical),
        _ => None,
    }
}

/// `none` for a score of exactly 0.0, whatever the severity; else the severity's word.
pub fn risk(severity: Severity, score: Option<f32>) -> Risk {
    if score == Some(0.0) {
        return Risk::None;
    }
    match severity {
        Severity::Info => Risk::Info,
        Severity::Low => Risk::Low,
        Severity::Medium => Risk::Medium,
        Severity::High => Risk::High,
        Severity::Critical => Risk::Critical,
    }
}

/// The score of a knowledge base entry, for findings without QDS: CVSS v3 base, else v2 base.
pub fn risk_score(cvss: &[Cvss]) -> Option<(f32, RiskSource)> {
    let base = |major: &str| {
        cvss.iter()
            .find(|one| one.version.starts_with(major))
            .map(|one| one.base)
    };
    base("3")
        .map(|base| (base, RiskSource::CvssV3))
        .or_else(|| base("2").map(|base| (base, RiskSource::CvssV2)))
}

/// `STATUS` of a detection.
pub fn status(text: &str) -> Option<Status> {
    const WORDS: [(&str, Status); 5] = [
        ("active", Status::Active),
        ("new", Status::New),
        ("fixed", Status::Fixed),
        ("re-opened", Status::Reopened),
        ("reopened", Status::Reopened),
    ];
    meaning(text, &WORDS)
}

/// `TYPE` of a detection.
pub fn certainty(text: &str) -> Option<Certainty> {
    const WORDS: [(&str, Certainty); 4] = [
        ("confirmed", Certainty::Confirmed),
        ("potential", Certainty::Potential),
        ("info", Certainty::Information),
        ("information gathered", Certainty::Information),
    ];
    meaning(text, &WORDS)
}

/// `status` of a finding of a web application, and whether a firewall keeps the problem from being
/// used. PROTECTED is open: nobody has mended the application.
pub fn web_status(text: &str) -> Option<(Status, bool)> {
    if text.eq_ignore_ascii_case("protected") {
        return Some((Status::Active, true));
    }
    status(text).map(|status| (status, false))
}

/// `type` of a finding of a web application.
pub fn web_finding_kind(text: &str) -> Option<WebFindingKind> {
    const WORDS: [(&str, WebFindingKind); 3] = [
        ("vulnerability", WebFindingKind::Vulnerability),
        ("sensitive_content", WebFindingKind::SensitiveContent),
        ("information_gathered", WebFindingKind::InformationGathered),
    ];
    meaning(text, &WORDS)
}

/// What a word means, in whatever case it comes.
fn meaning<T: Copy>(text: &str, words: &[(&str, T)]) -> Option<T> {
    words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text))
        .map(|&(_, meaning)| meaning)
}

/// What people call a machine: DNS name, else NetBIOS name, else address.
pub fn asset_name(names: [Option<&str>; 4]) -> &str {
    names.into_iter().flatten().next().unwrap_or_default()
}

/// The later of the last scan and the last check-in of the agent.
pub fn last_seen(
    last_scan: Option<Timestamp>,
    last_check_in: Option<Timestamp>,
) -> Option<Timestamp> {
    last_scan.max(last_check_in)
}

/// What tells one finding of a host from another.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    pub unique_vuln_id: Option<u64>,
    pub host_id: u64,
    pub qid: u32,
    pub port: Option<u16>,
    pub protocol: Option<&'a str>,
    pub ssl: bool,
    pub fqdn: Option<&'a str>,
    pub instance: Option<&'a str>,
}

/// `BUSINESS_IMPACT` of an asset group, in any case. Qualys' own manuals disagree on the words, so
/// what is not one of these says nothing.
pub fn impact(business_impact: &str) -> Option<Impact> {
    Some(match business_impact.to_ascii_lowercase().as_str() {
        "critical" | "high" => Impact::High,
        "medium" => Impact::Medium,
        "minor" | "low" => Impact::Low,
        _ => return None,
    })
}

/// `UNIQUE_VULN_ID` in digits, else `host/qid/port/protocol/ssl/fqdn/instance`.
///
/// Neither times nor the certainty take part: both change while the problem stays. Only the last
/// part may hold a slash, so two findings never share a key.
pub fn finding_key(of: Identity<'_>) -> String {
    if let Some(id) = of.unique_vuln_id {
        return id.to_string();
    }
    let port = of.port.map(|port| port.to_string()).unwrap_or_default();
    let part = |text: Option<&str>| {
        text.unwrap_or_default()
            .replace('%', "%25")
            .replace('/', "%2F")
    };
    format!(
        "{}/{}/{port}/{}/{}/{}/{}",
        of.host_id,
        of.qid,
        part(of.protocol),
        u8::from(of.ssl),
        part(of.fqdn),
        of.instance.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cvss(version: &str, base: f32) -> Cvss {
        Cvss {
            version: version.into(),
            base,
            temporal: None,
            vector: None,
        }
    }

    #[test]
    fn the_five_severities_of_qualys_have_a_word_each() {
        let words = [1, 2, 3, 4, 5].map(severity);
        assert_eq!(
            words,
            [
                Severity::Info,
                Severity::Low,
                Severity::Medium,
                Severity::High,
                Severity::Critical
            ]
            .map(Some)
        );
        assert_eq!((severity(0), severity(6)), (None, None));
    }

    #[test]
    fn only_a_score_of_zero_takes_the_risk_away() {
        assert_eq!(risk(Severity::Critical, Some(0.0)), Risk::None);
        assert_eq!(risk(Severity::Critical, Some(0.1)), Risk::Critical);
        assert_eq!(risk(Severity::Medium, None), Risk::Medium);
    }

    #[test]
    fn cvss_v3_comes_before_v2_and_v4_does_not_count() {
        let all = [cvss("2.0", 5.0), cvss("4.0", 9.0), cvss("3.1", 7.5)];
        assert_eq!(risk_score(&all), Some((7.5, RiskSource::CvssV3)));
        assert_eq!(risk_score(&all[..2]), Some((5.0, RiskSource::CvssV2)));
        assert_eq!(risk_score(&all[1..2]), None);
    }

    #[test]
    fn a_hyphen_in_reopened_is_optional() {
        assert_eq!(status("Re-Opened"), Some(Status::Reopened));
        assert_eq!(status("REOPENED"), Some(Status::Reopened));
        assert_eq!(status("Open"), None);
    }

    #[test]
    fn a_protected_web_finding_is_open_and_marked() {
        assert_eq!(web_status("PROTECTED"), Some((Status::Active, true)));
        assert_eq!(web_status("REOPENED"), Some((Status::Reopened, false)));
        assert_eq!(web_status("RETEST"), None);
        let kind = web_finding_kind("SENSITIVE_CONTENT");
        assert_eq!(kind, Some(WebFindingKind::SensitiveContent));
    }

    #[test]
    fn last_seen_is_the_later_of_scan_and_check_in() {
        assert_eq!(last_seen(Some(5), Some(9)), Some(9));
        assert_eq!(last_seen(Some(5), None), Some(5));
        assert_eq!(last_seen(None, None), None);
    }

    #[test]
    fn five_words_of_business_impact_are_three_of_impact() {
        let words = ["Critical", "HIGH", "Medium", "minor", "Low", "None", ""];
        let high = Some(Impact::High);
        let low = Some(Impact::Low);
        let expected = [high, high, Some(Impact::Medium), low, low, None, None];
        assert_eq!(words.map(impact), expected);
    }

    #[test]
    fn a_key_is_the_id_of_qualys_or_all_that_tells_findings_apart() {
        let natural = Identity {
            host_id: 7,
            qid: 86002,
            port: Some(443),
            protocol: Some("tcp"),
            ssl: true,
            fqdn: Some("a/b"),
            instance: Some("db/1"),
            ..Identity::default()
        };
        assert_eq!(finding_key(natural), "7/86002/443/tcp/1/a%2Fb/db/1");
        assert_eq!(
            finding_key(Identity {
                unique_vuln_id: Some(99),
                ..natural
            }),
            "99"
        );
        assert_eq!(
            finding_key(Identity {
                host_id: 7,
                qid: 1,
                ..Identity::default()
            }),
            "7/1///0//"
        );
    }
}
