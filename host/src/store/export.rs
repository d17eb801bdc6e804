//! What an export reads: which records, and in which order they are handed over.
//!
//! The records are those of the component's door `export`, so that they cross to it as they are.
//! Assets and entries of the knowledge base are handed over once, before the first finding that
//! names them. Knows no format.

use super::{
    AssetDetail, AssetRow, AssetSoftware, CveScoreRow, Cvss, VulnerabilityDetail, WebFindingRow,
    row::AssetKind,
};
use crate::guest::{
    export::{self, Asset, Entry, Installed},
    filter::Term,
    types::{self, Timestamp},
};

/// What is exported, and which of it.
#[derive(Clone, Copy, Debug)]
pub struct ExportQuery<'a> {
    pub of: ExportOf,
    /// The filter in postfix form; none selects everything.
    pub terms: &'a [Term],
    /// Leaves out what is fixed, closed, ignored or disabled, and gathered information.
    pub only_open: bool,
    /// Leaves out what has not changed since, by the clock of the runs.
    pub changed_since: Option<Timestamp>,
}

/// What is exported.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExportOf {
    Assets,
    Findings,
    Vulnerabilities,
    Software,
    /// Assets with their software, and then the findings of these.
    BillOfMaterials,
}

/// One record of an export.
#[derive(Clone, Debug)]
pub enum Exported {
    /// What was named so far is named again: whoever keeps it may drop it.
    Forget,
    /// A row of an export of assets.
    Asset(Box<Asset>),
    /// An asset that the next rows name.
    NamedAsset(Box<Asset>),
    /// A row of an export of vulnerabilities.
    Entry(Box<Entry>),
    /// An entry that the next rows name.
    NamedEntry(Box<Entry>),
    Finding(Box<export::Found>),
    Software(Box<export::AssetSoftware>),
}

/// An asset as the component has it.
pub(super) fn asset(detail: AssetDetail, software: Vec<AssetSoftware>) -> Asset {
    let AssetDetail {
        asset,
        is_primary: _,
        is_partial,
        attributes,
    } = detail;
    let AssetRow {
        asset_id,
        connector_id,
        sources,
        site,
        kind,
        host_id,
        web_app_id,
        qualys_asset_id,
        name,
        ip,
        ipv6,
        dns,
        netbios,
        os,
        tracking_method,
        network_id,
        qg_hostid,
        cloud,
        tags,
        asset_group_ids,
        trurisk,
        criticality,
        first_found,
        last_vm_scan,
        last_check_in,
        last_seen,
        gone,
        open_findings,
        open_by_severity,
        web,
    } = asset;
    Asset {
        asset_id,
        connector_id,
        sources,
        site,
        kind: match kind {
            AssetKind::Host => export::AssetKind::Host,
            AssetKind::WebApplication => export::AssetKind::WebApplication,
        },
        host_id,
        web_app_id,
        qualys_asset_id,
        name,
        ip,
        ipv6,
        dns,
        netbios,
        os,
        tracking_method,
        network_id,
        qg_hostid,
        cloud: cloud.map(|cloud| types::Cloud {
            provider: cloud.provider,
            service: cloud.service,
            instance: cloud.instance,
        }),
        tags: tags
            .into_iter()
            .map(|tag| types::Tag {
                id: tag.id,
                name: tag.name,
            })
            .collect(),
        asset_group_ids,
        trurisk,
        criticality,
        first_found,
        last_vm_scan,
        last_check_in,
        last_seen,
        gone,
        open_findings,
        open_by_severity: export::BySeverity {
            info: open_by_severity.info,
            low: open_by_severity.low,
            medium: open_by_severity.medium,
            high: open_by_severity.high,
            critical: open_by_severity.critical,
        },
        web: web.map(|web| export::WebAppPart {
            url: web.url,
            owner: web.owner,
            scope: web.scope,
            risk_score: web.risk_score,
            last_scan_status: web.last_scan_status,
            created: web.created,
            updated: web.updated,
        }),
        is_partial,
        attributes: attributes.0,
        software: software.into_iter().map(installed).collect(),
    }
}

/// A program on an asset as the component has it.
pub(super) fn installed(row: AssetSoftware) -> Installed {
    let AssetSoftware {
        software,
        required_version,
        installed,
        source,
    } = row;
    Installed {
        software: types::Software {
            name: software.name,
            version: software.version,
            required_version,
            publisher: software.publisher,
            category: software.category,
            is_package: software.is_package,
            end_of_life: software.end_of_life,
            installed,
        },
        source,
    }
}

/// An entry of the knowledge base as the component has it.
pub(super) fn entry(detail: VulnerabilityDetail) -> Entry {
    let row = detail.vulnerability;
    let vulnerability = types::Vulnerability {
        qid: row.qid,
        title: row.title,
        vuln_type: row.vuln_type,
        severity: row.severity,
        qualys_severity: row.qualys_severity,
        category: row.category,
        cves: row.cves,
        cvss: row.cvss.into_iter().map(cvss).collect(),
        risk_score: row.risk_score,
        risk_source: row.risk_source,
        is_patchable: row.is_patchable,
        is_disabled: row.is_disabled,
        published: row.published,
        modified: row.modified,
        patch_published: row.patch_published,
        diagnosis: detail.diagnosis,
        consequence: detail.consequence,
        solution: detail.solution,
        threats: detail.threats,
        vendor_references: detail.vendor_references,
        software: detail.software,
        exploits: detail
            .exploits
            .into_iter()
            .map(|it| types::Exploit {
                source: it.source,
                reference: it.reference,
                description: it.description,
                link: it.link,
            })
            .collect(),
        malware: detail
            .malware
            .into_iter()
            .map(|it| types::Malware {
                source: it.source,
                name: it.name,
                kind: it.kind,
                platform: it.platform,
                rating: it.rating,
                link: it.link,
            })
            .collect(),
        compliance: detail
            .compliance
            .into_iter()
            .map(|it| types::Compliance {
                kind: it.kind,
                section: it.section,
                description: it.description,
            })
            .collect(),
        attributes: detail.attributes.0,
    };
    Entry {
        vulnerability,
        findings: row.findings,
        open_findings: row.open_findings,
        cve_scores: detail.cve_scores.into_iter().map(cve_score).collect(),
    }
}

/// What only a finding of a web application has, as the component has it.
pub(super) fn web_part(row: WebFindingRow) -> export::WebFindingPart {
    let weakness = |it: super::Weakness| types::Weakness {
        code: it.code,
        name: it.name,
    };
    export::WebFindingPart {
        web_finding_id: row.web_finding_id,
        kind: row.kind,
        name: row.name,
        url: row.url,
        param: row.param,
        group: row.group,
        cwe: row.cwe,
        owasp: row.owasp.into_iter().map(weakness).collect(),
        wasc: row.wasc.into_iter().map(weakness).collect(),
        is_protected: row.is_protected,
        original_severity: row.original_severity,
        ignored_reason: row.ignored_reason,
        ignored_comment: row.ignored_comment,
        cvss: row.cvss.map(cvss),
    }
}

fn cvss(score: Cvss) -> types::Cvss {
    types::Cvss {
        version: score.version,
        base: score.base,
        temporal: score.temporal,
        vector: score.vector,
    }
}

fn cve_score(row: CveScoreRow) -> types::CveScore {
    types::CveScore {
        cve: row.cve,
        score: row.score,
        changed: row.changed,
        published: row.published,
        epss: row.epss,
        exploit_maturity: row.exploit_maturity,
        threat_actors: row.threat_actors,
        malware: row.malware,
        is_known_exploited: row.is_known_exploited,
        attributes: row.attributes.0,
    }
}
