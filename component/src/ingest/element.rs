//! Where an element stands in an answer, and so what it means.
//!
//! One table per kind of record, from the element that is open and the name of its child to the
//! child's place. What no table names is [`Element::Unknown`], with all below it: Qualys adds
//! elements without notice. Nothing here looks at a text.

use crate::contract::types::Dataset;

/// The place of an element. A place whose text is kept is a *leaf* ([`Element::keeps_text`]);
/// a *note* has no field of its own and becomes an attribute under the element's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Element {
    /// The frame of the document, down to the records.
    Frame,
    Response,
    Datetime,
    Warning,
    WarningUrl,
    IdSet,
    SetId,
    SetIdRange,
    /// An element that nothing is known about, or that nothing is wanted from.
    Unknown,

    /// An error document in place of the list.
    Refusal,
    RefusalCode,
    RefusalText,
    RefusalItem,
    RefusalKey,
    RefusalValue,
    /// `RETURN` of a `GENERIC_RETURN`, with its code in the attribute `number`.
    GenericReturn,

    Host,
    HostId,
    QualysAssetId,
    Ip,
    Ipv6,
    Dns,
    DnsData,
    DnsHostname,
    DnsFqdn,
    Netbios,
    Os,
    TrackingMethod,
    NetworkId,
    QgHostId,
    CloudProvider,
    CloudService,
    CloudResourceId,
    Ec2InstanceId,
    Trurisk,
    Criticality,
    FirstFoundDate,
    LastVmScan,
    LastVmScanProcessed,
    LastActivity,
    AssetGroupIds,
    Tags,
    Tag,
    TagId,
    TagName,
    RiskFactors,
    VulnCount,
    Metadata,
    Provider,
    MetadataEntry,
    MetadataName,
    MetadataValue,
    CloudTags,
    CloudTag,
    CloudTagName,
    CloudTagValue,
    UserDefined,
    HostNote,

    DetectionList,
    Detection,
    UniqueVulnId,
    Qid,
    Type,
    Severity,
    Port,
    Protocol,
    Fqdn,
    Ssl,
    Instance,
    Results,
    Status,
    FirstFound,
    LastFound,
    LastTest,
    LastUpdate,
    LastFixed,
    TimesFound,
    Qds,
    QdsFactors,
    QdsFactor,
    IsIgnored,
    IsDisabled,
    AffectsKernel,
    AffectsService,
    AffectsConfig,
    DetectionSources,
    DetectionNote,
    /// Unknown below a detection, where the wrapper of the MITRE elements is not documented.
    DetectionOther,

    Vulnerability,
    VulnQid,
    VulnType,
    SeverityLevel,
    Title,
    Category,
    Customization,
    CustomizationDatetime,
    ServiceModification,
    Published,
    PatchPublished,
    Patchable,
    VulnIsDisabled,
    Diagnosis,
    Consequence,
    Solution,
    CveList,
    Cve,
    CveId,
    VendorReferenceList,
    VendorReference,
    VendorReferenceId,
    SoftwareList,
    Software,
    SoftwareProduct,
    SoftwareVendor,
    CvssV2,
    CvssV3,
    CvssV4,
    CvssBase,
    CvssTemporal,
    CvssVector,
    CvssVersion,
    ThreatIntelligence,
    Threat,
    Correlation,
    Exploits,
    ExploitSource,
    ExploitSourceName,
    Malware,
    MalwareSource,
    MalwareSourceName,
    Discovery,
    AuthTypeList,
    AuthType,
    VulnNote,

    AssetGroup,
    GroupId,
    GroupTitle,
    BusinessImpact,
    GroupHostIds,
    IpSet,
    IpSetEntry,
    GroupNote,
}

impl Element {
    /// The place of a child named `name`, in upper case, in an answer of `dataset`.
    pub(super) fn child(self, dataset: Dataset, name: &[u8]) -> Self {
        match self {
            Self::Frame | Self::Response => frame(self, dataset, name),
            Self::Warning if name == b"URL" => Self::WarningUrl,
            Self::IdSet if name == b"ID" => Self::SetId,
            Self::IdSet if name == b"ID_RANGE" => Self::SetIdRange,
            Self::Refusal | Self::RefusalItem => refusal(name),
            Self::Host => host(name),
            Self::Detection | Self::DetectionOther => detection(self, name),
            Self::Vulnerability => vulnerability(name),
            Self::CvssV2 | Self::CvssV3 | Self::CvssV4 => cvss(name),
            Self::AssetGroup => asset_group(name),
            _ => nested(self, name),
        }
    }

    /// Whether the text of the element is kept for the record it belongs to.
    pub(super) fn keeps_text(self) -> bool {
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
                | Malware
                | MalwareSource
                | Discovery
                | AuthTypeList
                | AssetGroup
                | IpSet
        )
    }

    /// Whether the end of the element matters to the record, because it groups the leaves before it.
    pub(super) fn groups_leaves(self) -> bool {
        use Element::*;
        matches!(
            self,
            Tag | MetadataEntry | CloudTag | Software | CvssV2 | CvssV3 | CvssV4
        )
    }

    /// The place in the manner of Qualys' names, for messages: `FIRST_FOUND`.
    pub(super) fn shown(self) -> String {
        let mut shown = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !shown.is_empty() {
                shown.push('_');
            }
            shown.push(letter.to_ascii_uppercase());
        }
        shown
    }

    /// Whether the leaf becomes an attribute: of this prefix, and named by the element or, where
    /// given, by one of its XML attributes.
    pub(super) fn note(self) -> Option<(&'static str, Option<&'static [u8]>)> {
        use Element::*;
        match self {
            HostNote | DetectionNote | VulnNote | GroupNote => Some(("", None)),
            QdsFactor => Some(("qds_factor/", Some(b"name"))),
            VulnCount => Some(("vuln_count/", Some(b"qds_severity"))),
            _ => None,
        }
    }
}

fn frame(parent: Element, dataset: Dataset, name: &[u8]) -> Element {
    match (dataset, name) {
        (_, b"RESPONSE") => Element::Response,
        (_, b"DATETIME") if parent == Element::Response => Element::Datetime,
        (_, b"WARNING") => Element::Warning,
        (_, b"REQUEST" | b"GLOSSARY") => Element::Unknown,
        (Dataset::HostIds, b"ID_SET") => Element::IdSet,
        (Dataset::HostIds | Dataset::Hosts | Dataset::Detections, b"HOST") => Element::Host,
        (Dataset::KnowledgeBase, b"VULN") => Element::Vulnerability,
        (Dataset::AssetGroups, b"ASSET_GROUP") => Element::AssetGroup,
        // Lists come once or several times, at more than one depth: what is not known is looked into.
        _ => Element::Frame,
    }
}

fn refusal(name: &[u8]) -> Element {
    match name {
        b"CODE" => Element::RefusalCode,
        b"TEXT" => Element::RefusalText,
        b"RESPONSE" | b"ITEM_LIST" => Element::Refusal,
        b"ITEM" => Element::RefusalItem,
        b"KEY" => Element::RefusalKey,
        b"VALUE" => Element::RefusalValue,
        b"RETURN" => Element::GenericReturn,
        _ => Element::Unknown,
    }
}

fn host(name: &[u8]) -> Element {
    match name {
        b"ID" => Element::HostId,
        b"ASSET_ID" => Element::QualysAssetId,
        b"IP" => Element::Ip,
        b"IPV6" => Element::Ipv6,
        b"DNS" => Element::Dns,
        b"DNS_DATA" => Element::DnsData,
        b"NETBIOS" => Element::Netbios,
        b"OS" => Element::Os,
        b"TRACKING_METHOD" => Element::TrackingMethod,
        b"NETWORK_ID" => Element::NetworkId,
        b"QG_HOSTID" => Element::QgHostId,
        b"CLOUD_PROVIDER" => Element::CloudProvider,
        b"CLOUD_SERVICE" => Element::CloudService,
        b"CLOUD_RESOURCE_ID" => Element::CloudResourceId,
        b"EC2_INSTANCE_ID" => Element::Ec2InstanceId,
        b"TRURISK_SCORE" | b"ASSET_RISK_SCORE" => Element::Trurisk,
        b"ASSET_CRITICALITY_SCORE" => Element::Criticality,
        b"TRURISK_SCORE_FACTORS" | b"ARS_FACTORS" => Element::RiskFactors,
        b"FIRST_FOUND_DATE" => Element::FirstFoundDate,
        b"LAST_VM_SCANNED_DATE" => Element::LastVmScan,
        b"LAST_VULN_SCAN_DATETIME" | b"LAST_SCAN_DATETIME" => Element::LastVmScanProcessed,
        b"LAST_ACTIVITY" | b"LAST_ACTIVITY_DATE" => Element::LastActivity,
        b"ASSET_GROUP_IDS" => Element::AssetGroupIds,
        b"TAGS" => Element::Tags,
        b"METADATA" => Element::Metadata,
        b"CLOUD_PROVIDER_TAGS" => Element::CloudTags,
        b"USER_DEF" => Element::UserDefined,
        b"DETECTION_LIST" => Element::DetectionList,
        b"NETWORK_NAME"
        | b"OS_CPE"
        | b"OS_HOSTNAME"
        | b"LAST_BOOT"
        | b"SERIAL_NUMBER"
        | b"HARDWARE_UUID"
        | b"AGENT_STATUS"
        | b"CLOUD_AGENT_RUNNING_ON"
        | b"AGENT_ACTIVATION_TITLE"
        | b"AGENT_ACTIVATION_KEY"
        | b"LAST_VM_SCANNED_DURATION"
        | b"LAST_VM_AUTH_SCANNED_DATE"
        | b"LAST_VM_AUTH_SCANNED_DURATION"
        | b"VM_AUTH_INSUFFICIENT_PRIVILEGE"
        | b"LAST_COMPLIANCE_SCAN_DATETIME"
        | b"PC_AUTH_SUCCESS_DATE"
        | b"LAST_PC_SCANNED_DATE"
        | b"LAST_SCAP_SCAN_DATETIME"
        | b"OWNER"
        | b"COMMENTS" => Element::HostNote,
        _ => Element::Unknown,
    }
}

fn detection(parent: Element, name: &[u8]) -> Element {
    match name {
        b"MITRE_TACTIC_NAME"
        | b"MITRE_TECHNIQUE_NAME"
        | b"MITRE_TACTIC_ID"
        | b"MITRE_TECHNIQUE_ID" => Element::DetectionNote,
        _ if parent == Element::DetectionOther => Element::DetectionOther,
        b"UNIQUE_VULN_ID" => Element::UniqueVulnId,
        b"QID" => Element::Qid,
        b"TYPE" => Element::Type,
        b"SEVERITY" => Element::Severity,
        b"PORT" => Element::Port,
        b"PROTOCOL" => Element::Protocol,
        b"FQDN" => Element::Fqdn,
        b"SSL" => Element::Ssl,
        b"INSTANCE" => Element::Instance,
        b"RESULTS" => Element::Results,
        b"STATUS" => Element::Status,
        b"FIRST_FOUND_DATETIME" => Element::FirstFound,
        b"LAST_FOUND_DATETIME" => Element::LastFound,
        b"LAST_TEST_DATETIME" => Element::LastTest,
        b"LAST_UPDATE_DATETIME" => Element::LastUpdate,
        b"LAST_FIXED_DATETIME" => Element::LastFixed,
        b"TIMES_FOUND" => Element::TimesFound,
        b"QDS" => Element::Qds,
        b"QDS_FACTORS" => Element::QdsFactors,
        b"IS_IGNORED" => Element::IsIgnored,
        b"IS_DISABLED" => Element::IsDisabled,
        b"AFFECT_RUNNING_KERNEL" => Element::AffectsKernel,
        b"AFFECT_RUNNING_SERVICE" => Element::AffectsService,
        b"AFFECT_EXPLOITABLE_CONFIG" => Element::AffectsConfig,
        b"VULNERABILITY_DETECTION_SOURCES" => Element::DetectionSources,
        b"SOURCE"
        | b"SERVICE"
        | b"RESULT_INSTANCE"
        | b"FIRST_REOPENED_DATETIME"
        | b"LAST_REOPENED_DATETIME"
        | b"TIMES_REOPENED"
        | b"LAST_PROCESSED_DATETIME"
        | b"ASSET_CVE"
        | b"LINUX_HOSTNAME"
        | b"LATEST_VULNERABILITY_DETECTION_SOURCE"
        | b"TRURISK_ELIMINATION_STATUS" => Element::DetectionNote,
        _ => Element::DetectionOther,
    }
}

fn vulnerability(name: &[u8]) -> Element {
    match name {
        b"QID" => Element::VulnQid,
        b"VULN_TYPE" => Element::VulnType,
        b"SEVERITY_LEVEL" => Element::SeverityLevel,
        b"TITLE" => Element::Title,
        b"CATEGORY" => Element::Category,
        b"LAST_CUSTOMIZATION" => Element::Customization,
        b"LAST_SERVICE_MODIFICATION_DATETIME" => Element::ServiceModification,
        b"PUBLISHED_DATETIME" => Element::Published,
        b"PATCH_PUBLISHED_DATE" => Element::PatchPublished,
        b"PATCHABLE" => Element::Patchable,
        b"IS_DISABLED" => Element::VulnIsDisabled,
        b"DIAGNOSIS" => Element::Diagnosis,
        b"CONSEQUENCE" => Element::Consequence,
        b"SOLUTION" => Element::Solution,
        b"CVE_LIST" => Element::CveList,
        b"VENDOR_REFERENCE_LIST" => Element::VendorReferenceList,
        b"SOFTWARE_LIST" => Element::SoftwareList,
        b"CVSS" => Element::CvssV2,
        b"CVSS_V3" => Element::CvssV3,
        b"CVSS_V4" => Element::CvssV4,
        b"THREAT_INTELLIGENCE" => Element::ThreatIntelligence,
        b"CORRELATION" => Element::Correlation,
        b"DISCOVERY" => Element::Discovery,
        b"TECHNOLOGY"
        | b"DETECTION_INFO"
        | b"CODE_MODIFIED_DATETIME"
        | b"PCI_FLAG"
        | b"AUTOMATIC_PCI_FAIL"
        | b"SUPPORTED_MODULES"
        | b"DIAGNOSIS_COMMENT"
        | b"CONSEQUENCE_COMMENT"
        | b"SOLUTION_COMMENT" => Element::VulnNote,
        _ => Element::Unknown,
    }
}

fn cvss(name: &[u8]) -> Element {
    match name {
        b"BASE" => Element::CvssBase,
        b"TEMPORAL" => Element::CvssTemporal,
        b"VECTOR_STRING" => Element::CvssVector,
        b"CVSS3_VERSION" | b"CVSS4_VERSION" => Element::CvssVersion,
        _ => Element::Unknown,
    }
}

fn asset_group(name: &[u8]) -> Element {
    match name {
        b"ID" => Element::GroupId,
        b"TITLE" => Element::GroupTitle,
        b"BUSINESS_IMPACT" => Element::BusinessImpact,
        b"HOST_IDS" => Element::GroupHostIds,
        b"IP_SET" => Element::IpSet,
        b"OWNER_ID" | b"OWNER_USER_ID" | b"OWNER_USER_NAME" | b"UNIT_ID" | b"OWNER_UNIT_ID"
        | b"NETWORK_ID" | b"NETWORK_IDS" | b"LAST_UPDATE" | b"COMMENTS" => Element::GroupNote,
        _ => Element::Unknown,
    }
}

/// The small structures inside a record.
fn nested(parent: Element, name: &[u8]) -> Element {
    use Element::*;
    match (parent, name) {
        (DnsData, b"HOSTNAME") => DnsHostname,
        (DnsData, b"FQDN") => DnsFqdn,
        (Tags, b"TAG") => Tag,
        (Tag, b"TAG_ID") => TagId,
        (Tag, b"NAME") => TagName,
        (RiskFactors, b"VULN_COUNT") => VulnCount,
        (Metadata, b"EC2" | b"GOOGLE" | b"AZURE" | b"OCI" | b"IBM") => Provider,
        (Provider, b"ATTRIBUTE") => MetadataEntry,
        (MetadataEntry, b"NAME") => MetadataName,
        (MetadataEntry, b"VALUE") => MetadataValue,
        (CloudTags, b"CLOUD_TAG") => CloudTag,
        (CloudTag, b"NAME") => CloudTagName,
        (CloudTag, b"VALUE") => CloudTagValue,
        (UserDefined, b"VALUE_1" | b"VALUE_2" | b"VALUE_3") => HostNote,
        (DetectionList, b"DETECTION") => Detection,
        (QdsFactors, b"QDS_FACTOR") => QdsFactor,
        (DetectionSources, _) => DetectionSources,
        (Customization, b"DATETIME") => CustomizationDatetime,
        (CveList, b"CVE") => Cve,
        (Cve, b"ID") => CveId,
        (VendorReferenceList, b"VENDOR_REFERENCE") => VendorReference,
        (VendorReference, b"ID") => VendorReferenceId,
        (SoftwareList, b"SOFTWARE") => Software,
        (Software, b"PRODUCT") => SoftwareProduct,
        (Software, b"VENDOR") => SoftwareVendor,
        (ThreatIntelligence, b"THREAT_INTEL") => Threat,
        (Correlation, b"EXPLOITS") => Exploits,
        (Exploits, b"EXPLT_SRC") => ExploitSource,
        (ExploitSource, b"SRC_NAME") => ExploitSourceName,
        (Correlation, b"MALWARE") => Malware,
        (Malware, b"MW_SRC") => MalwareSource,
        (MalwareSource, b"SRC_NAME") => MalwareSourceName,
        (Discovery, b"REMOTE" | b"ADDITIONAL_INFO") => VulnNote,
        (Discovery, b"AUTH_TYPE_LIST") => AuthTypeList,
        (AuthTypeList, b"AUTH_TYPE") => AuthType,
        (IpSet, b"IP" | b"IP_RANGE") => IpSetEntry,
        _ => Unknown,
    }
}
