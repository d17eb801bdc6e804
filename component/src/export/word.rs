//! The words of the enums of the contract, as JSON has them.

use crate::contract::export::{AssetKind, Format, Subject};
use crate::contract::types::{
    Certainty, Risk, RiskSource, Severity, SoftwareSource, Status, WebFindingKind,
};

/// The word of a case.
pub(super) fn of<T: Copy + PartialEq>(words: &[(T, &'static str)], case: T) -> &'static str {
    words
        .iter()
        .find(|(known, _)| *known == case)
        .map_or("", |(_, word)| word)
}

macro_rules! words {
    ($($name:ident: $kind:ident { $($case:ident = $word:literal),+ $(,)? })+) => { $(
        pub(super) const $name: &[($kind, &str)] = &[$(($kind::$case, $word)),+];
        // Breaks when the contract gains a case.
        const _: fn($kind) = |case| match case { $($kind::$case => {})+ };
    )+ };
}

words! {
    FORMATS: Format {
        Ndjson = "ndjson", Csv = "csv", Ocsf = "ocsf", Ecs = "ecs", Defectdojo = "defectdojo",
        Cyclonedx = "cyclonedx",
    }
    SUBJECTS: Subject {
        Assets = "assets", Findings = "findings", Vulnerabilities = "vulnerabilities",
        Software = "software",
    }
    KINDS: AssetKind { Host = "host", WebApplication = "web-application" }
    SEVERITIES: Severity {
        Info = "info", Low = "low", Medium = "medium", High = "high", Critical = "critical",
    }
    RISKS: Risk {
        None = "none", Info = "info", Low = "low", Medium = "medium", High = "high",
        Critical = "critical",
    }
    RISK_SOURCES: RiskSource { Qds = "qds", CvssV3 = "cvss-v3", CvssV2 = "cvss-v2" }
    STATUSES: Status { New = "new", Active = "active", Fixed = "fixed", Reopened = "reopened" }
    CERTAINTIES: Certainty {
        Confirmed = "confirmed", Potential = "potential", Information = "information",
    }
    WEB_KINDS: WebFindingKind {
        Vulnerability = "vulnerability", SensitiveContent = "sensitive-content",
        InformationGathered = "information-gathered",
    }
    SOURCES: SoftwareSource {
        HostAssets = "host-assets", AssetView = "asset-view",
        DetectionResults = "detection-results",
    }
}
