//! One asset and one finding for the tests of the command line.

use super::screen::Look;
use crate::{
    guest::types::{Certainty, Risk, RiskSource, Severity, Status, Timestamp},
    store::{AssetRow, BySeverity, Cvss, FindingRow, Tag},
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
        connector_id: 1,
        host_id: 4_294_967_301,
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
    }
}

pub(super) fn finding() -> FindingRow {
    FindingRow {
        finding_id: 17,
        asset_id: 3,
        asset_name: "web01.example.net".to_owned(),
        host_id: 4_294_967_301,
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
    }
}
