// The lines that a reader writes, by their key `record`. Made from `wit/`; `make accept` writes it.
// Times are RFC 3339 in UTC.

/** The number of a host, and nothing else of it. */
export interface HostIdLine {
  record: "host-id";
  host_id: number;
}

/** Where a machine in a cloud runs: `CLOUD_PROVIDER`, `CLOUD_SERVICE`, `CLOUD_RESOURCE_ID`. */
export interface Cloud {
  provider: string;
  service: string | null;
  instance: string | null;
}

/** A label on a host. */
export interface Tag {
  id: number | null;
  name: string;
}

/** A machine that Qualys knows. (Not `host`: binding generators give that name to something else.) */
export interface HostLine {
  record: "host";
  host_id: number;
  /** AssetView number; the join key to software and tags. */
  qualys_asset_id: number | null;
  /** DNS name, else NetBIOS name, else address: what people call it. Empty when Qualys sent none of them. */
  name: string;
  ip: string | null;
  ipv6: string | null;
  dns: string | null;
  netbios: string | null;
  os: string | null;
  tracking_method: string | null;
  network_id: number | null;
  /** Written by agents and authenticated scans; the best identity across sources. */
  qg_hostid: string | null;
  cloud: Cloud | null;
  tags: Tag[];
  asset_group_ids: number[];
  /** TruRisk of the host, 0 to 1000. Absent without TruRisk. */
  trurisk: number | null;
  /** `ASSET_CRITICALITY_SCORE`, 1 to 5. */
  criticality: number | null;
  first_found: string | null;
  /** End of the last vulnerability scan, by scanner or agent. */
  last_vm_scan: string | null;
  /** Last time the agent reported (`LAST_ACTIVITY`). */
  last_check_in: string | null;
  /** The later of the two above. */
  last_seen: string | null;
  attributes: Record<string, string>;
}

/** How sure Qualys is: `TYPE` Confirmed, Potential, Info. */
export type Certainty = "confirmed" | "potential" | "information";

/** Normalized severity; Qualys' 1 minimal, 2 medium, 3 serious, 4 critical, 5 urgent, in this order. */
export type Severity = "info" | "low" | "medium" | "high" | "critical";

/** Normalized risk: `none` when the risk score is 0.0, else the word of the severity. */
export type Risk = "none" | "info" | "low" | "medium" | "high" | "critical";

/** Which number a risk score is. */
export type RiskSource = "qds" | "cvss-v3" | "cvss-v2";

/** Where a finding stands in its life. */
export type Status = "new" | "active" | "fixed" | "reopened";

/** One QID on one host, in the shape that is stored and served. */
export interface FindingLine {
  record: "finding";
  /**
   * The same problem has the same key in every run: Qualys' UNIQUE_VULN_ID in digits, or
   * `host/qid/port/protocol/ssl/fqdn/instance`. Never a time, never the certainty.
   */
  finding_key: string;
  host_id: number;
  qid: number;
  certainty: Certainty;
  severity: Severity;
  /** Qualys' own number, 1 to 5. */
  qualys_severity: number;
  /** As far as the detection alone tells: the knowledge base may add a score, see `vulnerability`. */
  risk: Risk;
  /** The QDS where it was sent. Without it, the score of the knowledge base entry holds. */
  risk_score: number | null;
  risk_source: RiskSource | null;
  /** Absent for gathered information, which has no life cycle. */
  status: Status | null;
  port: number | null;
  protocol: string | null;
  fqdn: string | null;
  ssl: boolean;
  instance: string | null;
  /** What the scan saw, entities decoded. May be long, and may hold what people would rather not show around. */
  results: string | null;
  first_found: string | null;
  last_found: string | null;
  last_test: string | null;
  last_update: string | null;
  last_fixed: string | null;
  times_found: number | null;
  /** Qualys Detection Score, 1 to 100. Absent without TruRisk. */
  qds: number | null;
  is_ignored: boolean;
  is_disabled: boolean;
  /** Absent when the QID has no such property, or Qualys did not say. */
  affects_running_kernel: boolean | null;
  affects_running_service: boolean | null;
  affects_exploitable_config: boolean | null;
  attributes: Record<string, string>;
}

/** Which list told of software and ports. */
export type SoftwareSource = "host-assets" | "asset-view" | "detection-results";

/** A program or package on one host. */
export interface Software {
  name: string;
  version: string | null;
  /** What results ask for: the version in which all is mended that they speak of. */
  required_version: string | null;
  publisher: string | null;
  category: string | null;
  /** Of a package manager, where that is known. */
  is_package: boolean;
  /** When its publisher gives it up. */
  end_of_life: string | null;
  installed: string | null;
}

/** A port that a host answers at. */
export interface OpenPort {
  port: number;
  /** `tcp`, `udp`, in lower case. */
  protocol: string | null;
  /** What was recognized there. */
  service: string | null;
}

/**
 * All that one list tells of the software and the ports of one host. It takes the place of what
 * the same list told of it before.
 */
export interface InventoryLine {
  record: "inventory";
  host_id: number;
  source: SoftwareSource;
  software: Software[];
  ports: OpenPort[];
  /** Of its network cards, as they were written. */
  mac_addresses: string[];
  /** Serial number of its BIOS and UUID of its hardware; Global AssetView alone tells them. */
  hardware_ids: string[];
}

/** One score, the version of CVSS it follows, and its parts. */
export interface Cvss {
  /** `2.0`, `3.0`, `3.1`, `4.0`; only the major number where Qualys does not say more. */
  version: string;
  base: number;
  temporal: number | null;
  vector: string | null;
}

/** A way to exploit a vulnerability that is known in public. `EXPLT`. */
export interface Exploit {
  /** Who tells of it, such as `The Exploit-DB`. */
  source: string | null;
  /** Its name there; absent where Qualys names the source alone. */
  reference: string | null;
  description: string | null;
  link: string | null;
}

/** Malware that makes use of a vulnerability. `MW_INFO`; the words are those of the source. */
export interface Malware {
  source: string | null;
  name: string | null;
  kind: string | null;
  platform: string | null;
  rating: string | null;
  link: string | null;
}

/** What a vulnerability means for a set of rules, such as `HIPAA`. `COMPLIANCE`. */
export interface Compliance {
  kind: string;
  section: string | null;
  description: string | null;
}

/** What the knowledge base says about one QID. */
export interface VulnerabilityLine {
  record: "vulnerability";
  qid: number;
  title: string;
  /** `VULN_TYPE`, such as `Potential Vulnerability`. */
  vuln_type: string | null;
  severity: Severity;
  /** Qualys' own number, 1 to 5. */
  qualys_severity: number;
  category: string | null;
  cves: string[];
  /** All that Qualys sent; the first is the one that people mean: v3, else v2, else v4. */
  cvss: Cvss[];
  /** Holds for findings that carry no QDS: CVSS v3 base, else v2 base. A score of 0.0 makes their risk `none`. */
  risk_score: number | null;
  risk_source: RiskSource | null;
  is_patchable: boolean;
  /** `IS_DISABLED`: switched off in this subscription. */
  is_disabled: boolean;
  published: string | null;
  /** The later of Qualys' own modification and the user's. */
  modified: string | null;
  patch_published: string | null;
  /** HTML as sent; sanitize before showing. */
  diagnosis: string | null;
  consequence: string | null;
  solution: string | null;
  /** Names of real-time threat indicators. */
  threats: string[];
  /** Identifiers in the vendor's own advisories, such as `MS17-010`. */
  vendor_references: string[];
  /** `vendor product` pairs of the affected software. */
  software: string[];
  exploits: Exploit[];
  malware: Malware[];
  compliance: Compliance[];
  attributes: Record<string, string>;
}

/** How much depends on an asset, in this order. */
export type Impact = "low" | "medium" | "high";

/** Qualys' named set of hosts. */
export interface AssetGroupLine {
  record: "asset-group";
  id: number;
  title: string;
  /** As sent: an open set of words, in any case. */
  business_impact: string | null;
  /**
   * What that means for the tag of the group: Critical and High are high, Medium is medium,
   * Minor and Low are low, and anything else says nothing.
   */
  impact: Impact | null;
  host_ids: number[];
  attributes: Record<string, string>;
}

/** A tag itself, as the portal knows it. (`tag` is one on a host; both have the same number.) */
export interface TagLine {
  record: "tag";
  tag_id: number;
  name: string;
  parent_tag_id: number | null;
  /** `#` and six hexadecimal digits. */
  color: string | null;
  /**
   * `ruleType`, such as `GROOVY` or `NETWORK_RANGE`: an open set of words. Absent for a tag
   * that people put on hosts themselves.
   */
  rule_type: string | null;
  /** What the rule says, in the notation of its type. */
  rule_text: string | null;
  /** `criticalityScore`, 1 to 5. The highest one of its tags is that of a host. */
  criticality: number | null;
  /** `srcAssetGroupId`: the asset group that this is the tag of. */
  asset_group_id: number | null;
  attributes: Record<string, string>;
}

/** A web application that Qualys WAS scans. */
export interface WebAppLine {
  record: "web-app";
  web_app_id: number;
  /** What people call it; its address where it has no name. */
  name: string;
  url: string | null;
  /** First and last name of the owner, else the user name, else the user's number. */
  owner: string | null;
  /** What a scan may follow, such as `ALL` or `LIMITED`: an open set of words. */
  scope: string | null;
  tags: Tag[];
  /** `riskScore`. Absent without TruRisk. */
  risk_score: number | null;
  /** `lastScan`: when the last scan ended, or else began. */
  last_scan: string | null;
  /** `lastScanStatus`, such as `FINISHED`: an open set of words. */
  last_scan_status: string | null;
  created: string | null;
  updated: string | null;
  attributes: Record<string, string>;
}

/** `type` of a finding of a web application. */
export type WebFindingKind = "vulnerability" | "sensitive-content" | "information-gathered";

/** An entry of a list of weaknesses that others keep: OWASP, WASC. */
export interface Weakness {
  code: string | null;
  name: string;
}

/**
 * One QID at one place of a web application. (Payloads, with the requests' headers and what the
 * application answered, are left out: they are large, and hold secrets.)
 */
export interface WebAppFindingLine {
  record: "web-app-finding";
  /** The same problem has the same key in every run: `uniqueId`, else `was/` and the number. */
  finding_key: string;
  /** `id`, by which the list is paged. */
  web_finding_id: number;
  web_app_id: number;
  /** Of the web application, as the finding names it. */
  web_app_name: string | null;
  web_app_url: string | null;
  qid: number;
  name: string;
  kind: WebFindingKind;
  /** From `potential`; gathered information is `information`. */
  certainty: Certainty;
  severity: Severity;
  /** Qualys' own number, 1 to 5. */
  qualys_severity: number;
  /** `originalSeverity`, before a person changed it. */
  original_severity: number | null;
  /** As far as the finding alone tells: the knowledge base may add a score, see `vulnerability`. */
  risk: Risk;
  /**
   * The QDS where it was sent, else the CVSS v3 base score of the finding. Without both, the
   * score of the knowledge base entry holds.
   */
  risk_score: number | null;
  risk_source: RiskSource | null;
  /** Absent for gathered information, which has no life cycle. PROTECTED is `active`. */
  status: Status | null;
  /** A firewall keeps the problem from being used (status PROTECTED). It is still there, and open. */
  is_protected: boolean;
  /** The page that has the problem. */
  url: string | null;
  param: string | null;
  /** `group`, such as `XSS` or `PATH`: an open set of words. */
  group: string | null;
  cwe: number[];
  owasp: Weakness[];
  wasc: Weakness[];
  /**
   * `function` and `content`, and of each payload the method, the address and the payload itself:
   * 8 KiB at most. May hold what people would rather not show around.
   */
  results: string | null;
  first_detected: string | null;
  last_detected: string | null;
  last_tested: string | null;
  fixed: string | null;
  times_detected: number | null;
  is_ignored: boolean;
  /** `FALSE_POSITIVE`, `RISK_ACCEPTED`, `NOT_APPLICABLE`: an open set of words. */
  ignored_reason: string | null;
  ignored_comment: string | null;
  /** `cvssV3` of the finding itself. */
  cvss: Cvss | null;
  /** `detectionScore`, 1 to 100. Absent without TruRisk. */
  qds: number | null;
  attributes: Record<string, string>;
}

/** What Qualys makes of one CVE. */
export interface CveScoreLine {
  record: "cve-score";
  cve: string;
  /** `qvs`, 1 to 100. Absent where Qualys tells of the CVE and gives it no score. */
  score: number | null;
  /** `qvsLastChangedDate`. */
  changed: string | null;
  /** `nvdPublishedDate`. */
  published: string | null;
  /** How likely it is used within 30 days, 0 to 1 (`epss`). */
  epss: number | null;
  /** How far exploits have come, such as `poc` and `weaponized`: an open set of words. */
  exploit_maturity: string[];
  threat_actors: string[];
  /** Names of malware that uses it. */
  malware: string[];
  /** `cisaVuln`: CISA lists it among those that are used. Absent where Qualys does not say. */
  is_known_exploited: boolean | null;
  attributes: Record<string, string>;
}

/** An element that was left out or read only in part, and why. */
export interface WarningLine {
  record: "warning";
  /** The host or QID it belongs to, where that much was known. */
  subject: string | null;
  message: string;
}

/** Any line. Pass over a `record` that is not known: later versions may have more. */
export type Line =
  | HostIdLine
  | HostLine
  | FindingLine
  | InventoryLine
  | VulnerabilityLine
  | AssetGroupLine
  | TagLine
  | WebAppLine
  | WebAppFindingLine
  | CveScoreLine
  | WarningLine;

/** The keys that tell one line of a kind from another, in every run. Warnings have none. */
export const KEYS: Record<string, string[]>;
