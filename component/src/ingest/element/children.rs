//! One table for each place that has children: from their names to their places.

mod knowledge_base;
mod web;

use super::Element::{self, *};
use super::{asset_view, cve_score};
use crate::contract::types::Dataset;
use crate::xml;

/// Names as Qualys writes them (the lists of VMDR in upper case), and the places that they stand for.
#[derive(Clone, Copy, Debug)]
pub(in crate::ingest) struct Children(&'static [(&'static str, Element)]);

impl Children {
    /// Qualys sends children in one order, so the search begins at `next`, behind the child that
    /// was found before.
    #[inline(always)]
    pub(in crate::ingest) fn find(self, name: &[u8], next: &mut usize) -> Option<Element> {
        let is_named = |&(known, _): &(&str, Element)| xml::same(known.as_bytes(), name);
        let at = match self.0.get(*next) {
            Some(row) if is_named(row) => *next,
            _ => {
                let (before, after) = self.0.split_at_checked(*next)?;
                let behind = after.iter().position(is_named).map(|at| *next + at);
                behind.or_else(|| before.iter().position(is_named))?
            }
        };
        *next = at + 1;
        Some(self.0[at].1)
    }
}

impl Element {
    /// The children that are known, in the order in which they mostly come.
    pub(in crate::ingest) fn children(self, dataset: Dataset) -> Children {
        Children(match self {
            Response => frame(dataset),
            // Only the response has a time that is that of the answer.
            Frame => &frame(dataset)[1..],
            Warning => &[("URL", WarningUrl)],
            IdSet => &[("ID", SetId), ("ID_RANGE", SetIdRange)],
            Refusal | RefusalItem => REFUSAL,
            Host => HOST,
            Detection => DETECTION,
            DetectionOther => MITRE,
            AssetGroup => ASSET_GROUP,
            Portal => portal(dataset),
            PortalError => &[
                ("errorMessage", PortalMessage),
                ("errorResolution", PortalResolution),
            ],
            PortalTag => TAG,
            PortalAsset => ASSET,
            PortalSoftwareList => &[
                ("HostAssetSoftware", PortalSoftware),
                ("list", PortalSoftwareList),
            ],
            PortalSoftware => &[
                ("name", PortalSoftwareName),
                ("version", PortalSoftwareVersion),
            ],
            PortalPortList => &[("HostAssetOpenPort", PortalPort), ("list", PortalPortList)],
            PortalPort => &[
                ("port", PortalPortNumber),
                ("protocol", PortalPortProtocol),
                ("serviceName", PortalPortService),
            ],
            PortalInterfaceList => &[
                ("HostAssetInterface", PortalInterface),
                ("list", PortalInterfaceList),
            ],
            PortalInterface => &[("macAddress", PortalMac)],
            WebApp => web::APP,
            WebFinding => web::FINDING,
            DnsData => &[("HOSTNAME", DnsHostname), ("FQDN", DnsFqdn)],
            Tags => &[("TAG", Tag)],
            Tag => &[("TAG_ID", TagId), ("NAME", TagName)],
            RiskFactors => &[("VULN_COUNT", VulnCount)],
            Metadata => &[
                ("EC2", Provider),
                ("GOOGLE", Provider),
                ("AZURE", Provider),
                ("OCI", Provider),
                ("IBM", Provider),
            ],
            Provider => &[("ATTRIBUTE", MetadataEntry)],
            MetadataEntry => &[("NAME", MetadataName), ("VALUE", MetadataValue)],
            CloudTags => &[("CLOUD_TAG", CloudTag)],
            CloudTag => &[("NAME", CloudTagName), ("VALUE", CloudTagValue)],
            UserDefined => &[
                ("VALUE_1", HostNote),
                ("VALUE_2", HostNote),
                ("VALUE_3", HostNote),
            ],
            DetectionList => &[("DETECTION", Detection)],
            QdsFactors => &[("QDS_FACTOR", QdsFactor)],
            IpSet => &[("IP", IpSetEntry), ("IP_RANGE", IpSetEntry)],
            ViewAsset | ViewList | ViewProduct | ViewLifecycle | ViewPort | ViewInterface => {
                asset_view::children(self)
            }
            CveScores | CveScore | CveScorePart => cve_score::children(self),
            Vulnerability => knowledge_base::VULNERABILITY,
            below => knowledge_base::below(below).unwrap_or_else(|| web::below(below)),
        })
    }

    /// The place of a child whose name is not known.
    pub(in crate::ingest) fn unknown_child(self) -> Self {
        match self {
            // Lists come once or several times, at more than one depth: what is not known is
            // looked into.
            Frame | Response => Frame,
            // `data`, and whatever else stands between the root and its list.
            Portal => Portal,
            Detection | DetectionOther => DetectionOther,
            DetectionSources => DetectionSources,
            // The name of each is that of its CVE.
            CveScores => CveScore,
            _ => Unknown,
        }
    }

    /// Whether the table of children names all that is known to come, so that anything else is
    /// news.
    pub(in crate::ingest) fn is_listed_whole(self) -> bool {
        use Element::*;
        matches!(
            self,
            Host | Detection | Vulnerability | AssetGroup | PortalTag | CveScore | CveScorePart
        )
    }
}

fn frame(dataset: Dataset) -> &'static [(&'static str, Element)] {
    match dataset {
        Dataset::ChangedHostIds | Dataset::HostIds => &[
            ("DATETIME", Datetime),
            ("REQUEST", Unknown),
            ("RESPONSE", Response),
            ("ID_SET", IdSet),
            ("HOST", Host),
            ("WARNING", Warning),
            ("GLOSSARY", Unknown),
        ],
        Dataset::Hosts | Dataset::Detections => &[
            ("DATETIME", Datetime),
            ("REQUEST", Unknown),
            ("RESPONSE", Response),
            ("HOST", Host),
            ("WARNING", Warning),
            ("GLOSSARY", Unknown),
        ],
        Dataset::KnowledgeBase => &[
            ("DATETIME", Datetime),
            ("REQUEST", Unknown),
            ("RESPONSE", Response),
            ("VULN", Vulnerability),
            ("WARNING", Warning),
            ("GLOSSARY", Unknown),
        ],
        Dataset::AssetGroups => &[
            ("DATETIME", Datetime),
            ("REQUEST", Unknown),
            ("RESPONSE", Response),
            ("ASSET_GROUP", AssetGroup),
            ("WARNING", Warning),
            ("GLOSSARY", Unknown),
        ],
        // Their documents have another root.
        Dataset::Tags
        | Dataset::HostAssets
        | Dataset::AssetView
        | Dataset::WebApps
        | Dataset::WebAppFindings
        | Dataset::CveScores => &[("DATETIME", Datetime)],
    }
}

fn portal(dataset: Dataset) -> &'static [(&'static str, Element)] {
    match dataset {
        Dataset::WebApps => web::APPS,
        Dataset::WebAppFindings => web::FINDINGS,
        Dataset::Tags => &[
            ("responseCode", PortalCode),
            ("responseErrorDetails", PortalError),
            ("count", Unknown),
            ("hasMoreRecords", PortalHasMore),
            ("lastId", PortalLastId),
            ("data", Portal),
            ("Tag", PortalTag),
        ],
        Dataset::HostAssets => &[
            ("responseCode", PortalCode),
            ("responseErrorDetails", PortalError),
            ("count", Unknown),
            ("hasMoreRecords", PortalHasMore),
            ("lastId", PortalLastId),
            ("data", Portal),
            ("HostAsset", PortalAsset),
        ],
        Dataset::AssetView => asset_view::FRAME,
        Dataset::HostIds
        | Dataset::ChangedHostIds
        | Dataset::Hosts
        | Dataset::Detections
        | Dataset::KnowledgeBase
        | Dataset::AssetGroups
        | Dataset::CveScores => &[],
    }
}

const REFUSAL: &[(&str, Element)] = &[
    ("RESPONSE", Refusal),
    ("CODE", RefusalCode),
    ("TEXT", RefusalText),
    ("ITEM_LIST", Refusal),
    ("ITEM", RefusalItem),
    ("KEY", RefusalKey),
    ("VALUE", RefusalValue),
    ("RETURN", GenericReturn),
];

const HOST: &[(&str, Element)] = &[
    ("ID", HostId),
    ("ASSET_ID", QualysAssetId),
    ("IP", Ip),
    ("IPV6", Ipv6),
    ("ASSET_RISK_SCORE", Trurisk),
    ("TRURISK_SCORE", Trurisk),
    ("ASSET_CRITICALITY_SCORE", Criticality),
    ("ARS_FACTORS", RiskFactors),
    ("TRURISK_SCORE_FACTORS", RiskFactors),
    ("TRACKING_METHOD", TrackingMethod),
    ("NETWORK_ID", NetworkId),
    ("NETWORK_NAME", HostNote),
    ("OS", Os),
    ("OS_CPE", HostNote),
    ("DNS", Dns),
    ("DNS_DATA", DnsData),
    ("OS_HOSTNAME", HostNote),
    ("CLOUD_PROVIDER", CloudProvider),
    ("CLOUD_SERVICE", CloudService),
    ("CLOUD_RESOURCE_ID", CloudResourceId),
    ("EC2_INSTANCE_ID", Ec2InstanceId),
    ("NETBIOS", Netbios),
    ("QG_HOSTID", QgHostId),
    ("LAST_BOOT", HostNote),
    ("SERIAL_NUMBER", HostNote),
    ("HARDWARE_UUID", HostNote),
    ("FIRST_FOUND_DATE", FirstFoundDate),
    ("LAST_ACTIVITY", LastActivity),
    ("LAST_ACTIVITY_DATE", LastActivity),
    ("AGENT_STATUS", HostNote),
    ("CLOUD_AGENT_RUNNING_ON", HostNote),
    ("AGENT_ACTIVATION_TITLE", HostNote),
    ("AGENT_ACTIVATION_KEY", HostNote),
    ("LAST_SCAN_DATETIME", LastVmScanProcessed),
    ("LAST_VULN_SCAN_DATETIME", LastVmScanProcessed),
    ("LAST_VM_SCANNED_DATE", LastVmScan),
    ("LAST_VM_SCANNED_DURATION", HostNote),
    ("LAST_VM_AUTH_SCANNED_DATE", HostNote),
    ("LAST_VM_AUTH_SCANNED_DURATION", HostNote),
    ("VM_AUTH_INSUFFICIENT_PRIVILEGE", HostNote),
    ("LAST_PC_SCANNED_DATE", HostNote),
    ("LAST_COMPLIANCE_SCAN_DATETIME", HostNote),
    ("PC_AUTH_SUCCESS_DATE", HostNote),
    ("LAST_SCAP_SCAN_DATETIME", HostNote),
    ("TAGS", Tags),
    ("METADATA", Metadata),
    ("CLOUD_PROVIDER_TAGS", CloudTags),
    ("OWNER", HostNote),
    ("COMMENTS", HostNote),
    ("USER_DEF", UserDefined),
    ("ASSET_GROUP_IDS", AssetGroupIds),
    ("DETECTION_LIST", DetectionList),
    ("ASSET_GROUP_LIST", Unknown),
];

const DETECTION: &[(&str, Element)] = &[
    ("UNIQUE_VULN_ID", UniqueVulnId),
    ("QID", Qid),
    ("TYPE", Type),
    ("SEVERITY", Severity),
    ("PORT", Port),
    ("PROTOCOL", Protocol),
    ("FQDN", Fqdn),
    ("SSL", Ssl),
    ("INSTANCE", Instance),
    ("RESULT_INSTANCE", DetectionNote),
    ("RESULTS", Results),
    ("STATUS", Status),
    ("FIRST_FOUND_DATETIME", FirstFound),
    ("LAST_FOUND_DATETIME", LastFound),
    ("SOURCE", DetectionNote),
    ("QDS", Qds),
    ("QDS_FACTORS", QdsFactors),
    ("TIMES_FOUND", TimesFound),
    ("LAST_TEST_DATETIME", LastTest),
    ("LAST_UPDATE_DATETIME", LastUpdate),
    ("LAST_FIXED_DATETIME", LastFixed),
    ("FIRST_REOPENED_DATETIME", DetectionNote),
    ("LAST_REOPENED_DATETIME", DetectionNote),
    ("TIMES_REOPENED", DetectionNote),
    ("SERVICE", DetectionNote),
    ("IS_IGNORED", IsIgnored),
    ("IS_DISABLED", IsDisabled),
    ("AFFECT_RUNNING_KERNEL", AffectsKernel),
    ("AFFECT_RUNNING_SERVICE", AffectsService),
    ("AFFECT_EXPLOITABLE_CONFIG", AffectsConfig),
    ("LAST_PROCESSED_DATETIME", DetectionNote),
    ("ASSET_CVE", DetectionNote),
    ("LINUX_HOSTNAME", DetectionNote),
    ("VULNERABILITY_DETECTION_SOURCES", DetectionSources),
    ("LATEST_VULNERABILITY_DETECTION_SOURCE", DetectionNote),
    ("TRURISK_ELIMINATION_STATUS", DetectionNote),
    ("MITRE_TACTIC_NAME", DetectionNote),
    ("MITRE_TECHNIQUE_NAME", DetectionNote),
    ("MITRE_TACTIC_ID", DetectionNote),
    ("MITRE_TECHNIQUE_ID", DetectionNote),
];

const MITRE: &[(&str, Element)] = &[
    ("MITRE_TACTIC_NAME", DetectionNote),
    ("MITRE_TECHNIQUE_NAME", DetectionNote),
    ("MITRE_TACTIC_ID", DetectionNote),
    ("MITRE_TECHNIQUE_ID", DetectionNote),
];

const ASSET_GROUP: &[(&str, Element)] = &[
    ("ID", GroupId),
    ("TITLE", GroupTitle),
    ("BUSINESS_IMPACT", BusinessImpact),
    ("HOST_IDS", GroupHostIds),
    ("IP_SET", IpSet),
    ("OWNER_ID", GroupNote),
    ("OWNER_USER_ID", GroupNote),
    ("OWNER_USER_NAME", GroupNote),
    ("UNIT_ID", GroupNote),
    ("OWNER_UNIT_ID", GroupNote),
    ("NETWORK_ID", GroupNote),
    ("NETWORK_IDS", GroupNote),
    ("LAST_UPDATE", GroupNote),
    ("CVSS_ENVIRO_CDP", GroupNote),
    ("CVSS_ENVIRO_TD", GroupNote),
    ("CVSS_ENVIRO_CR", GroupNote),
    ("CVSS_ENVIRO_IR", GroupNote),
    ("CVSS_ENVIRO_AR", GroupNote),
    ("DEFAULT_APPLIANCE_ID", GroupNote),
    ("APPLIANCE_IDS", GroupNote),
    ("DOMAIN_LIST", Unknown),
    ("DNS_LIST", Unknown),
    ("NETBIOS_LIST", Unknown),
    ("EC2_IDS", Unknown),
    ("ASSIGNED_USER_IDS", Unknown),
    ("ASSIGNED_UNIT_IDS", Unknown),
    ("COMMENTS", GroupNote),
];

const TAG: &[(&str, Element)] = &[
    ("id", PortalTagId),
    ("name", PortalTagName),
    ("parentTagId", PortalTagParent),
    ("created", PortalTagNote),
    ("modified", PortalTagNote),
    ("color", PortalTagColor),
    ("ruleText", PortalTagRuleText),
    ("ruleType", PortalTagRuleType),
    ("criticalityScore", PortalTagCriticality),
    ("description", PortalTagNote),
    ("provider", PortalTagNote),
    ("reEvalStatus", PortalTagNote),
    ("srcAssetGroupId", PortalTagGroup),
    ("srcBusinessUnitId", PortalTagNote),
    ("srcOperatingSystemName", PortalTagNote),
    ("children", Unknown),
];

/// In no document of the portal is more that is known and less that is needed: detections come from
/// elsewhere.
const ASSET: &[(&str, Element)] = &[
    ("id", PortalAssetId),
    ("qwebHostId", PortalAssetHost),
    ("openPort", PortalPortList),
    ("software", PortalSoftwareList),
    ("networkInterface", PortalInterfaceList),
];
