//! The words by which the enums of the contract are known in JSON, in filters and in messages:
//! lower case, with hyphens.

use super::{
    connector::{LogKind, SlotCause},
    history::Change,
    identity::Criterion,
    row::{AssetKind, ClosedReason},
    run::{NoteKind, RunState},
    source::SourceKind,
};
use crate::guest::{plan, rules::Rule, types};
use plan::{Failure, Setback};
use types::{
    Certainty, Dataset, Impact, Risk, RiskSource, Severity, SoftwareSource, Status, WebFindingKind,
};

/// An enum whose cases are words. Their order in `ALL` is the order of the contract; where the
/// enum is a scale, it is the scale.
pub trait Word: Copy + PartialEq + 'static {
    const ALL: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(case, _)| *case == self)
            .expect("every case has a word")
            .1
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(word))
            .map(|(case, _)| *case)
    }

    /// Place in the order of the contract, which is what the database keeps.
    fn place(self) -> u8 {
        let place = Self::ALL.iter().position(|(case, _)| *case == self);
        u8::try_from(place.expect("every case has a place")).expect("no enum has 256 cases")
    }

    fn at_place(place: u8) -> Option<Self> {
        Self::ALL.get(usize::from(place)).map(|(case, _)| *case)
    }
}

macro_rules! words {
    ($($kind:ident { $($case:ident = $word:literal),+ $(,)? })+) => { $(
        impl Word for $kind {
            const ALL: &'static [(Self, &'static str)] = &[$(($kind::$case, $word)),+];
        }
        // Breaks when the contract gains a case.
        const _: fn($kind) = |case| match case { $($kind::$case => {})+ };
    )+ };
}

words! {
    Severity { Info = "info", Low = "low", Medium = "medium", High = "high", Critical = "critical" }
    Risk {
        None = "none", Info = "info", Low = "low", Medium = "medium", High = "high",
        Critical = "critical",
    }
    RiskSource { Qds = "qds", CvssV3 = "cvss-v3", CvssV2 = "cvss-v2" }
    Impact { Low = "low", Medium = "medium", High = "high" }
    Status { New = "new", Active = "active", Fixed = "fixed", Reopened = "reopened" }
    Certainty { Confirmed = "confirmed", Potential = "potential", Information = "information" }
    Dataset {
        HostIds = "host-ids", Hosts = "hosts", Detections = "detections",
        KnowledgeBase = "knowledge-base", AssetGroups = "asset-groups", Tags = "tags",
        ChangedHostIds = "changed-host-ids", HostAssets = "host-assets",
        AssetView = "asset-view", WebApps = "web-apps", WebAppFindings = "web-app-findings",
        CveScores = "cve-scores",
    }
    SoftwareSource {
        HostAssets = "host-assets", AssetView = "asset-view",
        DetectionResults = "detection-results",
    }
    Setback {
        RateLimited = "rate-limited", Busy = "busy", Maintenance = "maintenance",
        ServerError = "server-error", Unreachable = "unreachable", TimedOut = "timed-out",
        CutOff = "cut-off", Unreadable = "unreadable",
    }
    Failure {
        Unauthorized = "unauthorized", AccountExpired = "account-expired",
        RegistrationIncomplete = "registration-incomplete", Forbidden = "forbidden",
        NotLicensed = "not-licensed", NotAnApi = "not-an-api", BadRequest = "bad-request",
        CursorLoop = "cursor-loop", OutOfRetries = "out-of-retries",
    }
    Rule {
        KernelFilter = "kernel-filter", ServiceFilter = "service-filter",
        ConfigFilter = "config-filter", Severity = "severity", Risk = "risk",
        Certainty = "certainty", Age = "age", Tag = "tag", AssetGroup = "asset-group", Os = "os",
        Unscanned = "unscanned", Unknown = "unknown", Expression = "expression",
        FingerprintOnly = "fingerprint-only",
    }
    RunState {
        Unfinished = "unfinished", Complete = "complete", Failed = "failed", Stopped = "stopped",
    }
    ClosedReason {
        Fixed = "fixed", Vanished = "vanished", HostPurged = "host-purged", Ignored = "ignored",
        Disabled = "disabled", Inactive = "inactive",
    }
    AssetKind { Host = "host", WebApplication = "web-application" }
    WebFindingKind {
        Vulnerability = "vulnerability", SensitiveContent = "sensitive-content",
        InformationGathered = "information-gathered",
    }
    Criterion {
        Person = "person", QgHostid = "qg-hostid", QualysAssetId = "qualys-asset-id",
        CloudInstance = "cloud-instance", HardwareId = "hardware-id",
        MacAddress = "mac-address", DnsAndAddress = "dns-and-address",
    }
    SourceKind {
        Qualys = "qualys", Nmap = "nmap", Csv = "csv", Ndjson = "ndjson", Discovery = "discovery",
    }
    NoteKind { Skip = "skip", Warning = "warning", LeftOut = "left-out" }
    SlotCause { Scheduled = "scheduled", Late = "late", Asked = "asked" }
    LogKind {
        Begun = "begun", Stage = "stage", Waiting = "waiting", Again = "again",
        Skipped = "skipped", Note = "note", Ended = "ended",
    }
    Change {
        New = "new", Fixed = "fixed", Closed = "closed", Reopened = "reopened",
        Changed = "changed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_leads_back_to_its_case_in_any_case_of_letters() {
        assert_eq!(Severity::from_word("Critical"), Some(Severity::Critical));
        assert_eq!(Dataset::KnowledgeBase.word(), "knowledge-base");
        assert_eq!(Risk::from_word("urgent"), None);
    }

    #[test]
    fn severities_are_in_order() {
        assert_eq!(Severity::Info.place(), 0);
        assert_eq!(Severity::at_place(4), Some(Severity::Critical));
        assert_eq!(Severity::at_place(5), None);
    }
}
