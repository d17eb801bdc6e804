//! Where an element stands in an answer, and so what it means.
//!
//! What no table of `children` names is [`Element::Unknown`], with all below it: Qualys adds
//! elements without notice. Nothing here looks at a text.

mod asset_view;
mod children;

pub(super) use children::Children;

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
    ExploitList,
    Exploit,
    ExploitReference,
    ExploitDescription,
    ExploitLink,
    Malware,
    MalwareSource,
    MalwareSourceName,
    MalwareList,
    MalwareInfo,
    MalwareName,
    MalwareKind,
    MalwarePlatform,
    MalwareRating,
    MalwareLink,
    ComplianceList,
    Compliance,
    ComplianceKind,
    ComplianceSection,
    ComplianceDescription,
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

    /// The frame of the portal's documents, down to the records.
    Portal,
    PortalCode,
    PortalError,
    PortalMessage,
    PortalResolution,
    PortalHasMore,
    PortalLastId,

    PortalTag,
    PortalTagId,
    PortalTagName,
    PortalTagParent,
    PortalTagColor,
    PortalTagRuleType,
    PortalTagRuleText,
    PortalTagCriticality,
    PortalTagGroup,
    PortalTagNote,

    PortalAsset,
    PortalAssetId,
    PortalAssetHost,
    PortalSoftwareList,
    PortalSoftware,
    PortalSoftwareName,
    PortalSoftwareVersion,
    PortalPortList,
    PortalPort,
    PortalPortNumber,
    PortalPortProtocol,
    PortalPortService,
    /// An asset of Global AssetView; `ViewList` is one of its lists.
    ViewAsset,
    ViewAssetId,
    ViewHostId,
    ViewList,
    ViewProduct,
    ViewFullName,
    ViewProductName,
    ViewDiscoveredName,
    ViewVersion,
    ViewPublisher,
    ViewCategory,
    ViewIsPackage,
    ViewIsIgnored,
    ViewInstallDate,
    ViewLifecycle,
    ViewEndOfLife,
    ViewPort,
    ViewPortNumber,
    ViewProtocol,
    ViewService,
    WebApp,
    WebAppId,
    WebAppName,
    WebAppUrl,
    WebAppOwner,
    WebAppOwnerId,
    WebAppOwnerLogin,
    WebAppOwnerName,
    WebAppScope,
    WebAppTags,
    WebAppTag,
    WebAppTagId,
    WebAppTagName,
    WebAppRiskScore,
    WebAppLastScan,
    WebAppLastScanId,
    WebAppLastScanName,
    WebAppLastScanTime,
    WebAppLastScanStatus,
    WebAppCreated,
    WebAppUpdated,
    WebAppAttributes,
    WebAppAttribute,
    WebAppAttributeName,
    WebAppAttributeValue,
    WebAppNote,

    WebFinding,
    WebFindingId,
    WebFindingKey,
    WebFindingQid,
    WebFindingName,
    WebFindingKind,
    WebFindingPotential,
    WebFindingSource,
    WebFindingSeverity,
    WebFindingOriginalSeverity,
    WebFindingStatus,
    WebFindingUrl,
    WebFindingParam,
    WebFindingGroup,
    WebFindingCwe,
    WebFindingCweList,
    WebFindingOwasp,
    WebFindingOwaspEntry,
    WebFindingWasc,
    WebFindingWascEntry,
    WebFindingWeaknessCode,
    WebFindingWeaknessName,
    WebFindingApp,
    WebFindingAppId,
    WebFindingAppName,
    WebFindingAppUrl,
    WebFindingFunction,
    WebFindingContent,
    /// Whatever stands between a finding and its payloads.
    WebFindingResults,
    WebFindingPayload,
    WebFindingPayloadText,
    WebFindingPayloadMethod,
    WebFindingPayloadLink,
    WebFindingFirst,
    WebFindingLast,
    WebFindingTested,
    WebFindingFixed,
    WebFindingTimes,
    WebFindingIsIgnored,
    WebFindingIgnoredReason,
    WebFindingIgnoredComment,
    WebFindingCvss,
    WebFindingCvssBase,
    WebFindingCvssTemporal,
    WebFindingCvssVector,
    WebFindingQds,
    WebFindingNote,
}

impl Element {
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
                | ViewAsset
                | ViewList
                | ViewProduct
                | ViewLifecycle
                | ViewPort
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
        )
    }

    /// Whether the table of children names all that is known to come, so that anything else is
    /// news.
    pub(super) fn is_listed_whole(self) -> bool {
        use Element::*;
        matches!(
            self,
            Host | Detection | Vulnerability | AssetGroup | PortalTag
        )
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
