//! One asset and one finding for the tests of the command line.

use super::screen::Look;
use crate::{
    guest::types::{Certainty, Risk, RiskSource, Severity, Status, Timestamp, WebFindingKind},
    store::{
        AssetKind, AssetRow, BySeverity, Cvss, FindingRow, Tag, Weakness, WebAppRow, WebFindingRow,
    },
};

pub(super) const LOOK: Look = Look {
    now: NOW,
    has_colours: false,
};
/// 2026-11-20 08:00:00 UTC.
pub(super) const NOW: Timestamp = 1_795_161_600;

pub(super) fn asset() -> AssetRow {
    AssetRow {
        asset_id: 3,
        connector_id: Some(1),
        sources: vec!["qualys".to_owned()],
        site: None,
        kind: AssetKind::Host,
        host_id: Some(4_294_967_301),
        web_app_id: None,
        qualys_asset_id: Some(77),
        name: "web01.example.net".to_owned(),
        ip: Some("10.0.0.7".to_owned()),
        ipv6: None,
        dns: Some("web01.example.net".to_owned()),
        netbios: None,
        os: Some("Ubuntu Linux 24.04".to_owned()),
        tracking_method: Some("AGENT".to_owned()),
        network_id: None,
        qg_hostid: None,
        cloud: None,
        tags: vec![Tag {
            id: Some(5),
            name: "prod".to_owned(),
        }],
        asset_group_ids: vec![],
        trurisk: Some(512),
        criticality: Some(4),
        first_found: Some(NOW - 90 * 86_400),
        last_vm_scan: Some(NOW - 3 * 3_600),
        last_check_in: None,
        last_seen: Some(NOW - 3 * 3_600),
        gone: None,
        open_findings: 7,
        open_by_severity: BySeverity {
            info: 0,
            low: 1,
            medium: 3,
            high: 2,
            critical: 1,
        },
        web: None,
    }
}

pub(super) fn web_application() -> AssetRow {
    AssetRow {
        asset_id: 4,
        kind: AssetKind::WebApplication,
        host_id: None,
        web_app_id: Some(701),
        qualys_asset_id: None,
        name: "Shop & till".to_owned(),
        ip: None,
        dns: None,
        os: None,
        tracking_method: None,
        trurisk: None,
        criticality: None,
        first_found: None,
        last_vm_scan: None,
        web: Some(WebAppRow {
            url: Some("https://shop.example".to_owned()),
            owner: Some("Anna Nowak".to_owned()),
            scope: Some("ALL".to_owned()),
            risk_score: Some(612),
            last_scan_status: Some("FINISHED".to_owned()),
            created: Some(NOW - 90 * 86_400),
            updated: None,
        }),
        ..asset()
    }
}

pub(super) fn web_finding() -> FindingRow {
    FindingRow {
        finding_id: 18,
        asset_id: 4,
        asset_name: "Shop & till".to_owned(),
        asset_kind: AssetKind::WebApplication,
        host_id: None,
        web_app_id: Some(701),
        ip: None,
        finding_key: "0d1f0f4e".to_owned(),
        qid: 150_001,
        title: Some("Reflected Cross-Site Scripting (XSS)".to_owned()),
        is_open: false,
        cves: vec![],
        cvss: vec![],
        category: None,
        is_patchable: None,
        port: None,
        protocol: None,
        ssl: false,
        is_ignored: true,
        closed: Some(NOW - 86_400),
        closed_reason: Some(crate::store::ClosedReason::Ignored),
        web: Some(WebFindingRow {
            web_finding_id: 6_816_386,
            kind: WebFindingKind::Vulnerability,
            name: "Reflected Cross-Site Scripting (XSS)".to_owned(),
            url: Some(
                "https://shop.example/catalogue/search/results?category=books&query=1&page=2"
                    .to_owned(),
            ),
            param: Some("query".to_owned()),
            group: Some("XSS".to_owned()),
            cwe: vec![79, 80],
            owasp: vec![Weakness {
                code: Some("3".to_owned()),
                name: "Injection".to_owned(),
            }],
            wasc: vec![],
            is_protected: true,
            original_severity: Some(4),
            ignored_reason: Some("FALSE_POSITIVE".to_owned()),
            ignored_comment: Some("checked by hand".to_owned()),
            cvss: Some(Cvss {
                version: "3".to_owned(),
                base: 6.1,
                temporal: Some(5.8),
                vector: None,
            }),
        }),
        ..finding()
    }
}

pub(super) fn finding() -> FindingRow {
    FindingRow {
        finding_id: 17,
        asset_id: 3,
        asset_name: "web01.example.net".to_owned(),
        asset_kind: AssetKind::Host,
        host_id: Some(4_294_967_301),
        web_app_id: None,
        ip: Some("10.0.0.7".to_owned()),
        finding_key: "38173".to_owned(),
        qid: 38_173,
        title: Some("SSL Certificate - Signature Verification Failed".to_owned()),
        certainty: Certainty::Confirmed,
        severity: Severity::Critical,
        qualys_severity: 5,
        risk: Risk::Critical,
        risk_score: Some(95.0),
        risk_source: Some(RiskSource::Qds),
        status: Some(Status::Active),
        is_open: true,
        cves: vec!["CVE-2021-44228".to_owned()],
        cvss: vec![Cvss {
            version: "3.1".to_owned(),
            base: 9.8,
            temporal: None,
            vector: None,
        }],
        category: Some("General remote services".to_owned()),
        is_patchable: Some(true),
        port: Some(443),
        protocol: Some("tcp".to_owned()),
        fqdn: None,
        ssl: true,
        instance: None,
        first_found: Some(NOW - 86_400),
        last_found: Some(NOW - 3 * 3_600),
        last_test: None,
        last_update: None,
        last_fixed: None,
        times_found: Some(12),
        qds: Some(95),
        is_ignored: false,
        is_disabled: false,
        affects_running_kernel: None,
        affects_running_service: None,
        affects_exploitable_config: None,
        closed: None,
        closed_reason: None,
        put_aside_by: None,
        first_seen: NOW - 3 * 3_600,
        due: Some(NOW + 14 * 86_400),
        web: None,
    }
}
