//! Whose text is kept, and which texts become attributes.
//!
//! Says nothing of where an element may stand: that is for `children`.

use super::Element;

impl Element {
    /// Whether the text of the element is kept for the record it belongs to.
    pub(in crate::ingest) fn keeps_text(self) -> bool {
        use Element::*;
        !matches!(
            self,
            Frame
                | Response
                | Warning
                | IdSet
                | Unknown
                | Refusal
                | RefusalItem
                | Host
                | DnsData
                | Tags
                | Tag
                | RiskFactors
                | Metadata
                | Provider
                | MetadataEntry
                | CloudTags
                | CloudTag
                | UserDefined
                | DetectionList
                | Detection
                | QdsFactors
                | DetectionOther
                | Vulnerability
                | Customization
                | CveList
                | Cve
                | VendorReferenceList
                | VendorReference
                | SoftwareList
                | Software
                | CvssV2
                | CvssV3
                | CvssV4
                | ThreatIntelligence
                | Correlation
                | Exploits
                | ExploitSource
                | ExploitList
                | Exploit
                | Malware
                | MalwareSource
                | MalwareList
                | MalwareInfo
                | ComplianceList
                | Compliance
                | Discovery
                | AuthTypeList
                | AssetGroup
                | IpSet
                | Portal
                | PortalError
                | PortalTag
                | PortalAsset
                | PortalSoftwareList
                | PortalSoftware
                | PortalPortList
                | PortalPort
                | PortalInterfaceList
                | PortalInterface
                | ViewAsset
                | ViewList
                | ViewProduct
                | ViewLifecycle
                | ViewPort
                | ViewInterface
                | WebApp
                | WebAppOwner
                | WebAppTags
                | WebAppTag
                | WebAppLastScan
                | WebAppAttributes
                | WebAppAttribute
                | WebFinding
                | WebFindingCwe
                | WebFindingOwasp
                | WebFindingOwaspEntry
                | WebFindingWasc
                | WebFindingWascEntry
                | WebFindingApp
                | WebFindingResults
                | WebFindingPayload
                | WebFindingCvss
                | CveScores
                | CveScore
                | CveScorePart
        )
    }

    /// Whether the leaf becomes an attribute: of this prefix, and named by the element or, where
    /// given, by one of its XML attributes.
    pub(in crate::ingest) fn note(self) -> Option<(&'static str, Option<&'static [u8]>)> {
        use Element::*;
        match self {
            HostNote | DetectionNote | VulnNote | GroupNote => Some(("", None)),
            QdsFactor => Some(("qds_factor/", Some(b"name"))),
            VulnCount => Some(("vuln_count/", Some(b"qds_severity"))),
            _ => None,
        }
    }
}
