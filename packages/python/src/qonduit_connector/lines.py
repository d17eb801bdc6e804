"""The lines that a reader writes, by their key `record`. Made from `wit/`; `make accept` writes it.

Absent values are None. Times are RFC 3339 in UTC.
"""

# ruff: noqa: E501
from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict


class HostIdLine(TypedDict):
    """The number of a host, and nothing else of it."""

    record: Literal["host-id"]
    host_id: int


class Cloud(TypedDict):
    """Where a machine in a cloud runs: `CLOUD_PROVIDER`, `CLOUD_SERVICE`, `CLOUD_RESOURCE_ID`."""

    provider: str
    service: str | None
    instance: str | None


class Tag(TypedDict):
    """A label on a host."""

    id: int | None
    name: str


class HostLine(TypedDict):
    """A machine that Qualys knows. (Not `host`: binding generators give that name to something else.)"""

    record: Literal["host"]
    host_id: int
    #: AssetView number; the join key to software and tags.
    qualys_asset_id: int | None
    #: DNS name, else NetBIOS name, else address: what people call it. Empty when Qualys sent none of them.
    name: str
    ip: str | None
    ipv6: str | None
    dns: str | None
    netbios: str | None
    os: str | None
    tracking_method: str | None
    network_id: int | None
    #: Written by agents and authenticated scans; the best identity across sources.
    qg_hostid: str | None
    cloud: Cloud | None
    tags: list[Tag]
    asset_group_ids: list[int]
    #: TruRisk of the host, 0 to 1000. Absent without TruRisk.
    trurisk: int | None
    #: `ASSET_CRITICALITY_SCORE`, 1 to 5.
    criticality: int | None
    first_found: str | None
    #: End of the last vulnerability scan, by scanner or agent.
    last_vm_scan: str | None
    #: Last time the agent reported (`LAST_ACTIVITY`).
    last_check_in: str | None
    #: The later of the two above.
    last_seen: str | None
    attributes: dict[str, str]


#: How sure Qualys is: `TYPE` Confirmed, Potential, Info.
Certainty: TypeAlias = Literal["confirmed", "potential", "information"]


#: Normalized severity; Qualys' 1 minimal, 2 medium, 3 serious, 4 critical, 5 urgent, in this order.
Severity: TypeAlias = Literal["info", "low", "medium", "high", "critical"]


#: Normalized risk: `none` when the risk score is 0.0, else the word of the severity.
Risk: TypeAlias = Literal["none", "info", "low", "medium", "high", "critical"]


#: Which number a risk score is.
RiskSource: TypeAlias = Literal["qds", "cvss-v3", "cvss-v2"]


#: Where a finding stands in its life.
Status: TypeAlias = Literal["new", "active", "fixed", "reopened"]


class FindingLine(TypedDict):
    """One QID on one host, in the shape that is stored and served."""

    record: Literal["finding"]
    #: The same problem has the same key in every run: Qualys' UNIQUE_VULN_ID in digits, or
    #: `host/qid/port/protocol/ssl/fqdn/instance`. Never a time, never the certainty.
    finding_key: str
    host_id: int
    qid: int
    certainty: Certainty
    severity: Severity
    #: Qualys' own number, 1 to 5.
    qualys_severity: int
    #: As far as the detection alone tells: the knowledge base may add a score, see `vulnerability`.
    risk: Risk
    #: The QDS where it was sent. Without it, the score of the knowledge base entry holds.
    risk_score: float | None
    risk_source: RiskSource | None
    #: Absent for gathered information, which has no life cycle.
    status: Status | None
    port: int | None
    protocol: str | None
    fqdn: str | None
    ssl: bool
    instance: str | None
    #: What the scan saw, entities decoded. May be long, and may hold what people would rather not show around.
    results: str | None
    first_found: str | None
    last_found: str | None
    last_test: str | None
    last_update: str | None
    last_fixed: str | None
    times_found: int | None
    #: Qualys Detection Score, 1 to 100. Absent without TruRisk.
    qds: int | None
    is_ignored: bool
    is_disabled: bool
    #: Absent when the QID has no such property, or Qualys did not say.
    affects_running_kernel: bool | None
    affects_running_service: bool | None
    affects_exploitable_config: bool | None
    attributes: dict[str, str]


#: Which list told of software and ports.
SoftwareSource: TypeAlias = Literal["host-assets", "asset-view", "detection-results"]


class Software(TypedDict):
    """A program or package on one host."""

    name: str
    version: str | None
    #: What results ask for: the version in which all is mended that they speak of.
    required_version: str | None
    publisher: str | None
    category: str | None
    #: Of a package manager, where that is known.
    is_package: bool
    #: When its publisher gives it up.
    end_of_life: str | None
    installed: str | None


class OpenPort(TypedDict):
    """A port that a host answers at."""

    port: int
    #: `tcp`, `udp`, in lower case.
    protocol: str | None
    #: What was recognized there.
    service: str | None


class InventoryLine(TypedDict):
    """All that one list tells of the software and the ports of one host. It takes the place of what
    the same list told of it before.
    """

    record: Literal["inventory"]
    host_id: int
    source: SoftwareSource
    software: list[Software]
    ports: list[OpenPort]
    #: Of its network cards, as they were written.
    mac_addresses: list[str]
    #: Serial number of its BIOS and UUID of its hardware; Global AssetView alone tells them.
    hardware_ids: list[str]


class Cvss(TypedDict):
    """One score, the version of CVSS it follows, and its parts."""

    #: `2.0`, `3.0`, `3.1`, `4.0`; only the major number where Qualys does not say more.
    version: str
    base: float
    temporal: float | None
    vector: str | None


class Exploit(TypedDict):
    """A way to exploit a vulnerability that is known in public. `EXPLT`."""

    #: Who tells of it, such as `The Exploit-DB`.
    source: str | None
    #: Its name there; absent where Qualys names the source alone.
    reference: str | None
    description: str | None
    link: str | None


class Malware(TypedDict):
    """Malware that makes use of a vulnerability. `MW_INFO`; the words are those of the source."""

    source: str | None
    name: str | None
    kind: str | None
    platform: str | None
    rating: str | None
    link: str | None


class Compliance(TypedDict):
    """What a vulnerability means for a set of rules, such as `HIPAA`. `COMPLIANCE`."""

    kind: str
    section: str | None
    description: str | None


class VulnerabilityLine(TypedDict):
    """What the knowledge base says about one QID."""

    record: Literal["vulnerability"]
    qid: int
    title: str
    #: `VULN_TYPE`, such as `Potential Vulnerability`.
    vuln_type: str | None
    severity: Severity
    #: Qualys' own number, 1 to 5.
    qualys_severity: int
    category: str | None
    cves: list[str]
    #: All that Qualys sent; the first is the one that people mean: v3, else v2, else v4.
    cvss: list[Cvss]
    #: Holds for findings that carry no QDS: CVSS v3 base, else v2 base. A score of 0.0 makes their risk `none`.
    risk_score: float | None
    risk_source: RiskSource | None
    is_patchable: bool
    #: `IS_DISABLED`: switched off in this subscription.
    is_disabled: bool
    published: str | None
    #: The later of Qualys' own modification and the user's.
    modified: str | None
    patch_published: str | None
    #: HTML as sent; sanitize before showing.
    diagnosis: str | None
    consequence: str | None
    solution: str | None
    #: Names of real-time threat indicators.
    threats: list[str]
    #: Identifiers in the vendor's own advisories, such as `MS17-010`.
    vendor_references: list[str]
    #: `vendor product` pairs of the affected software.
    software: list[str]
    exploits: list[Exploit]
    malware: list[Malware]
    compliance: list[Compliance]
    attributes: dict[str, str]


#: How much depends on an asset, in this order.
Impact: TypeAlias = Literal["low", "medium", "high"]


class AssetGroupLine(TypedDict):
    """Qualys' named set of hosts."""

    record: Literal["asset-group"]
    id: int
    title: str
    #: As sent: an open set of words, in any case.
    business_impact: str | None
    #: What that means for the tag of the group: Critical and High are high, Medium is medium,
    #: Minor and Low are low, and anything else says nothing.
    impact: Impact | None
    host_ids: list[int]
    attributes: dict[str, str]


class TagLine(TypedDict):
    """A tag itself, as the portal knows it. (`tag` is one on a host; both have the same number.)"""

    record: Literal["tag"]
    tag_id: int
    name: str
    parent_tag_id: int | None
    #: `#` and six hexadecimal digits.
    color: str | None
    #: `ruleType`, such as `GROOVY` or `NETWORK_RANGE`: an open set of words. Absent for a tag
    #: that people put on hosts themselves.
    rule_type: str | None
    #: What the rule says, in the notation of its type.
    rule_text: str | None
    #: `criticalityScore`, 1 to 5. The highest one of its tags is that of a host.
    criticality: int | None
    #: `srcAssetGroupId`: the asset group that this is the tag of.
    asset_group_id: int | None
    attributes: dict[str, str]


class WebAppLine(TypedDict):
    """A web application that Qualys WAS scans."""

    record: Literal["web-app"]
    web_app_id: int
    #: What people call it; its address where it has no name.
    name: str
    url: str | None
    #: First and last name of the owner, else the user name, else the user's number.
    owner: str | None
    #: What a scan may follow, such as `ALL` or `LIMITED`: an open set of words.
    scope: str | None
    tags: list[Tag]
    #: `riskScore`. Absent without TruRisk.
    risk_score: int | None
    #: `lastScan`: when the last scan ended, or else began.
    last_scan: str | None
    #: `lastScanStatus`, such as `FINISHED`: an open set of words.
    last_scan_status: str | None
    created: str | None
    updated: str | None
    attributes: dict[str, str]


#: `type` of a finding of a web application.
WebFindingKind: TypeAlias = Literal["vulnerability", "sensitive-content", "information-gathered"]


class Weakness(TypedDict):
    """An entry of a list of weaknesses that others keep: OWASP, WASC."""

    code: str | None
    name: str


class WebAppFindingLine(TypedDict):
    """One QID at one place of a web application. (Payloads, with the requests' headers and what the
    application answered, are left out: they are large, and hold secrets.)
    """

    record: Literal["web-app-finding"]
    #: The same problem has the same key in every run: `uniqueId`, else `was/` and the number.
    finding_key: str
    #: `id`, by which the list is paged.
    web_finding_id: int
    web_app_id: int
    #: Of the web application, as the finding names it.
    web_app_name: str | None
    web_app_url: str | None
    qid: int
    name: str
    kind: WebFindingKind
    #: From `potential`; gathered information is `information`.
    certainty: Certainty
    severity: Severity
    #: Qualys' own number, 1 to 5.
    qualys_severity: int
    #: `originalSeverity`, before a person changed it.
    original_severity: int | None
    #: As far as the finding alone tells: the knowledge base may add a score, see `vulnerability`.
    risk: Risk
    #: The QDS where it was sent, else the CVSS v3 base score of the finding. Without both, the
    #: score of the knowledge base entry holds.
    risk_score: float | None
    risk_source: RiskSource | None
    #: Absent for gathered information, which has no life cycle. PROTECTED is `active`.
    status: Status | None
    #: A firewall keeps the problem from being used (status PROTECTED). It is still there, and open.
    is_protected: bool
    #: The page that has the problem.
    url: str | None
    param: str | None
    #: `group`, such as `XSS` or `PATH`: an open set of words.
    group: str | None
    cwe: list[int]
    owasp: list[Weakness]
    wasc: list[Weakness]
    #: `function` and `content`, and of each payload the method, the address and the payload itself:
    #: 8 KiB at most. May hold what people would rather not show around.
    results: str | None
    first_detected: str | None
    last_detected: str | None
    last_tested: str | None
    fixed: str | None
    times_detected: int | None
    is_ignored: bool
    #: `FALSE_POSITIVE`, `RISK_ACCEPTED`, `NOT_APPLICABLE`: an open set of words.
    ignored_reason: str | None
    ignored_comment: str | None
    #: `cvssV3` of the finding itself.
    cvss: Cvss | None
    #: `detectionScore`, 1 to 100. Absent without TruRisk.
    qds: int | None
    attributes: dict[str, str]


class CveScoreLine(TypedDict):
    """What Qualys makes of one CVE."""

    record: Literal["cve-score"]
    cve: str
    #: `qvs`, 1 to 100. Absent where Qualys tells of the CVE and gives it no score.
    score: int | None
    #: `qvsLastChangedDate`.
    changed: str | None
    #: `nvdPublishedDate`.
    published: str | None
    #: How likely it is used within 30 days, 0 to 1 (`epss`).
    epss: float | None
    #: How far exploits have come, such as `poc` and `weaponized`: an open set of words.
    exploit_maturity: list[str]
    threat_actors: list[str]
    #: Names of malware that uses it.
    malware: list[str]
    #: `cisaVuln`: CISA lists it among those that are used. Absent where Qualys does not say.
    is_known_exploited: bool | None
    attributes: dict[str, str]


class WarningLine(TypedDict):
    """An element that was left out or read only in part, and why."""

    record: Literal["warning"]
    #: The host or QID it belongs to, where that much was known.
    subject: str | None
    message: str


#: Any line. Pass over a `record` that is not known: later versions may have more.
Line: TypeAlias = HostIdLine | HostLine | FindingLine | InventoryLine | VulnerabilityLine | AssetGroupLine | TagLine | WebAppLine | WebAppFindingLine | CveScoreLine | WarningLine

#: The keys that tell one line of a kind from another, in every run. Warnings have none.
KEYS: dict[str, tuple[str, ...]] = {
    "host-id": ("host_id",),
    "host": ("host_id",),
    "finding": ("host_id", "finding_key",),
    "inventory": ("host_id", "source",),
    "vulnerability": ("qid",),
    "asset-group": ("id",),
    "tag": ("tag_id",),
    "web-app": ("web_app_id",),
    "web-app-finding": ("finding_key",),
    "cve-score": ("cve",),
}
