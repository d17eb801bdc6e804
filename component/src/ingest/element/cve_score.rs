//! The places in a list of scores of CVEs: from names to what they stand for.
//!
//! The list is an object with a member for each CVE, so its elements have names of their own. The
//! parts of a score have been told of in more than one order and depth: all of them share a table.

use super::Element::{self, *};

/// The children of the places below the frame.
pub(super) fn children(element: Element) -> &'static [(&'static str, Element)] {
    match element {
        CveScores => &[
            ("DATETIME", Datetime),
            ("REQUEST", Unknown),
            ("RESPONSE", CveScores),
            ("QVS_LIST", CveScores),
            ("responseCode", PortalCode),
            ("responseMessage", PortalMessage),
            ("message", PortalMessage),
            ("errorMessage", PortalMessage),
        ],
        _ => &[
            ("base", CveScorePart),
            ("id", CveScoreId),
            ("idType", Unknown),
            ("qvs", CveScoreValue),
            ("qvsLastChangedDate", CveScoreChanged),
            ("nvdPublishedDate", CveScorePublished),
            ("contributingFactors", CveScorePart),
            ("cvss", CveScoreNote),
            ("cvssVersion", CveScoreNote),
            ("cvssString", CveScoreNote),
            ("epss", CveScoreEpss),
            ("threatActors", CveScoreActors),
            ("exploitMaturity", CveScoreMaturity),
            ("trending", CveScoreNote),
            ("mitigationControls", CveScoreNote),
            ("malwareName", CveScoreMalware),
            // Hundreds for some, and of no use without the files.
            ("malwareHash", Unknown),
            ("rti", CveScoreNote),
            ("cisaVuln", CveScoreKnownExploited),
        ],
    }
}
