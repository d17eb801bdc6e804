//! The tables of an entry of the knowledge base.

use super::super::Element::{self, *};

type Table = &'static [(&'static str, Element)];

/// The children of the places below an entry; none for any other place.
pub(super) fn below(element: Element) -> Option<Table> {
    Some(match element {
        CvssV2 | CvssV3 | CvssV4 => CVSS,
        Customization => &[("DATETIME", CustomizationDatetime)],
        CveList => &[("CVE", Cve)],
        Cve => &[("ID", CveId)],
        VendorReferenceList => &[("VENDOR_REFERENCE", VendorReference)],
        VendorReference => &[("ID", VendorReferenceId)],
        SoftwareList => &[("SOFTWARE", Software)],
        Software => &[("PRODUCT", SoftwareProduct), ("VENDOR", SoftwareVendor)],
        ThreatIntelligence => &[("THREAT_INTEL", Threat)],
        Correlation => &[("EXPLOITS", Exploits), ("MALWARE", Malware)],
        Exploits => &[("EXPLT_SRC", ExploitSource)],
        ExploitSource => &[("SRC_NAME", ExploitSourceName), ("EXPLT_LIST", ExploitList)],
        ExploitList => &[("EXPLT", Exploit)],
        Exploit => &[
            ("REF", ExploitReference),
            ("DESC", ExploitDescription),
            ("LINK", ExploitLink),
        ],
        Malware => &[("MW_SRC", MalwareSource)],
        MalwareSource => &[("SRC_NAME", MalwareSourceName), ("MW_LIST", MalwareList)],
        MalwareList => &[("MW_INFO", MalwareInfo)],
        MalwareInfo => &[
            ("MW_ID", MalwareName),
            ("MW_TYPE", MalwareKind),
            ("MW_PLATFORM", MalwarePlatform),
            ("MW_RATING", MalwareRating),
            ("MW_LINK", MalwareLink),
        ],
        ComplianceList => &[("COMPLIANCE", Compliance)],
        Compliance => &[
            ("TYPE", ComplianceKind),
            ("SECTION", ComplianceSection),
            ("DESCRIPTION", ComplianceDescription),
        ],
        Discovery => &[
            ("REMOTE", VulnNote),
            ("ADDITIONAL_INFO", VulnNote),
            ("AUTH_TYPE_LIST", AuthTypeList),
        ],
        AuthTypeList => &[("AUTH_TYPE", AuthType)],
        _ => return None,
    })
}

pub(super) const VULNERABILITY: Table = &[
    ("QID", VulnQid),
    ("VULN_TYPE", VulnType),
    ("SEVERITY_LEVEL", SeverityLevel),
    ("TITLE", Title),
    ("CATEGORY", Category),
    ("TECHNOLOGY", VulnNote),
    ("DETECTION_INFO", VulnNote),
    ("LAST_CUSTOMIZATION", Customization),
    ("LAST_SERVICE_MODIFICATION_DATETIME", ServiceModification),
    ("PUBLISHED_DATETIME", Published),
    ("CODE_MODIFIED_DATETIME", VulnNote),
    ("BUGTRAQ_LIST", Unknown),
    ("PATCHABLE", Patchable),
    ("PATCH_PUBLISHED_DATE", PatchPublished),
    ("SOFTWARE_LIST", SoftwareList),
    ("VENDOR_REFERENCE_LIST", VendorReferenceList),
    ("CVE_LIST", CveList),
    ("DIAGNOSIS", Diagnosis),
    ("DIAGNOSIS_COMMENT", VulnNote),
    ("CONSEQUENCE", Consequence),
    ("CONSEQUENCE_COMMENT", VulnNote),
    ("SOLUTION", Solution),
    ("SOLUTION_COMMENT", VulnNote),
    ("COMPLIANCE_LIST", ComplianceList),
    ("CORRELATION", Correlation),
    ("CVSS", CvssV2),
    ("CVSS_V3", CvssV3),
    ("CVSS_V4", CvssV4),
    ("PCI_FLAG", VulnNote),
    ("AUTOMATIC_PCI_FAIL", VulnNote),
    ("PCI_REASONS", Unknown),
    ("THREAT_INTELLIGENCE", ThreatIntelligence),
    ("SUPPORTED_MODULES", VulnNote),
    ("DISCOVERY", Discovery),
    ("IS_DISABLED", VulnIsDisabled),
    ("CHANGE_LOG_LIST", Unknown),
];

const CVSS: Table = &[
    ("BASE", CvssBase),
    ("TEMPORAL", CvssTemporal),
    ("VECTOR_STRING", CvssVector),
    ("CVSS3_VERSION", CvssVersion),
    ("CVSS4_VERSION", CvssVersion),
];
