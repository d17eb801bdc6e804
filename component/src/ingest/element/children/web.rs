//! The places below web applications and their findings, as Qualys WAS sends them.
//!
//! What is large or secret has no place here: what the application answered, and headers and bodies
//! of requests.

use super::super::Element::{self, *};

type Table = &'static [(&'static str, Element)];

/// Children of a place that is neither of the two records.
pub(super) fn below(element: Element) -> Table {
    match element {
        WebAppOwner => &[
            ("id", WebAppOwnerId),
            ("username", WebAppOwnerLogin),
            ("firstName", WebAppOwnerName),
            ("lastName", WebAppOwnerName),
        ],
        WebAppTags => &[("list", WebAppTags), ("Tag", WebAppTag)],
        WebAppTag => &[("id", WebAppTagId), ("name", WebAppTagName)],
        WebAppLastScan => &[
            ("id", WebAppLastScanId),
            ("name", WebAppLastScanName),
            ("date", WebAppLastScanTime),
            ("launchedDate", WebAppLastScanTime),
            ("endScanDate", WebAppLastScanTime),
        ],
        WebAppAttributes => &[("list", WebAppAttributes), ("Attribute", WebAppAttribute)],
        WebAppAttribute => &[
            ("category", WebAppAttributeName),
            ("name", WebAppAttributeName),
            ("value", WebAppAttributeValue),
        ],
        // In JSON the list itself holds the numbers.
        WebFindingCwe => &[("list", WebFindingCweList)],
        WebFindingCweList => &[("long", WebFindingCweList)],
        WebFindingOwasp => &[("list", WebFindingOwasp), ("OWASP", WebFindingOwaspEntry)],
        WebFindingWasc => &[("list", WebFindingWasc), ("WASC", WebFindingWascEntry)],
        WebFindingOwaspEntry | WebFindingWascEntry => &[
            ("code", WebFindingWeaknessCode),
            ("name", WebFindingWeaknessName),
        ],
        WebFindingApp => &[
            ("id", WebFindingAppId),
            ("name", WebFindingAppName),
            ("url", WebFindingAppUrl),
        ],
        WebFindingResults => &[
            ("list", WebFindingResults),
            ("Result", WebFindingResults),
            ("payloads", WebFindingResults),
            ("PayloadInstance", WebFindingPayload),
        ],
        WebFindingPayload => &[
            ("payload", WebFindingPayloadText),
            ("request", WebFindingPayload),
            ("method", WebFindingPayloadMethod),
            ("link", WebFindingPayloadLink),
        ],
        WebFindingCvss => &[
            ("base", WebFindingCvssBase),
            ("temporal", WebFindingCvssTemporal),
            ("attackVector", WebFindingCvssVector),
        ],
        _ => &[],
    }
}

pub(super) const APPS: Table = &[
    ("responseCode", PortalCode),
    ("responseErrorDetails", PortalError),
    ("count", Unknown),
    ("hasMoreRecords", PortalHasMore),
    ("lastId", PortalLastId),
    ("data", Portal),
    ("WebApp", WebApp),
];

pub(super) const FINDINGS: Table = &[
    ("responseCode", PortalCode),
    ("responseErrorDetails", PortalError),
    ("count", Unknown),
    ("hasMoreRecords", PortalHasMore),
    ("lastId", PortalLastId),
    ("data", Portal),
    ("Finding", WebFinding),
];

pub(super) const APP: Table = &[
    ("id", WebAppId),
    ("name", WebAppName),
    ("url", WebAppUrl),
    ("riskScore", WebAppRiskScore),
    ("os", WebAppNote),
    ("owner", WebAppOwner),
    ("scope", WebAppScope),
    ("subDomain", WebAppNote),
    ("attributes", WebAppAttributes),
    ("tags", WebAppTags),
    ("isScheduled", WebAppNote),
    ("lastScan", WebAppLastScan),
    ("lastScanStatus", WebAppLastScanStatus),
    ("createdDate", WebAppCreated),
    ("updatedDate", WebAppUpdated),
];

pub(super) const FINDING: Table = &[
    ("id", WebFindingId),
    ("uniqueId", WebFindingKey),
    ("qid", WebFindingQid),
    ("detectionScore", WebFindingQds),
    ("name", WebFindingName),
    ("type", WebFindingKind),
    ("potential", WebFindingPotential),
    ("findingType", WebFindingSource),
    ("group", WebFindingGroup),
    ("cwe", WebFindingCwe),
    ("owasp", WebFindingOwasp),
    ("wasc", WebFindingWasc),
    ("param", WebFindingParam),
    ("function", WebFindingFunction),
    ("content", WebFindingContent),
    ("resultList", WebFindingResults),
    ("severity", WebFindingSeverity),
    ("originalSeverity", WebFindingOriginalSeverity),
    ("url", WebFindingUrl),
    ("status", WebFindingStatus),
    ("firstDetectedDate", WebFindingFirst),
    ("lastDetectedDate", WebFindingLast),
    ("lastTestedDate", WebFindingTested),
    ("fixedDate", WebFindingFixed),
    ("timesDetected", WebFindingTimes),
    ("webApp", WebFindingApp),
    ("isIgnored", WebFindingIsIgnored),
    ("ignoredReason", WebFindingIgnoredReason),
    ("ignoredDate", WebFindingNote),
    ("ignoredComment", WebFindingIgnoredComment),
    ("reactivateIn", WebFindingNote),
    ("reactivateDate", WebFindingNote),
    ("externalRef", WebFindingNote),
    ("severityComment", WebFindingNote),
    ("editedSeverityDate", WebFindingNote),
    ("cvssV3", WebFindingCvss),
    ("patch", WebFindingNote),
    ("updatedDate", WebFindingNote),
];
