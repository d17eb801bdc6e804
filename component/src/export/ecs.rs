//! Documents of the Elastic Common Schema: `vulnerability.*` and what stands around it.
//!
//! What the schema has no field for, the status first of all, is under `qonduit`, as it advises.

use super::{
    Form, html,
    row::{AssetRow, FindingRow, Parts},
    value::{Field, Shape, Value, field, of_json, push_json, time},
    word::{self, CERTAINTIES, KINDS, RISKS, SEVERITIES, STATUSES},
};
use crate::contract::export::{Asset, AssetKind, Entry};
use crate::contract::types::{Cvss, Finding};

mod asset;

use asset::addresses;
pub(super) use asset::{ASSET, CLOUD, HOST};

pub(super) struct Ecs {
    finding: Shape<FindingRow>,
    asset: Shape<AssetRow>,
    host: Shape<Asset>,
    cloud: Shape<Asset>,
}

impl Ecs {
    pub(super) fn new() -> Self {
        Self {
            finding: Shape::new(FINDING),
            asset: Shape::new(ASSET),
            host: Shape::new(HOST),
            cloud: Shape::new(CLOUD),
        }
    }

    fn parts(&self, asset: &Asset) -> Parts {
        let mut host = Vec::new();
        self.host.render(asset, &mut host);
        let mut cloud = Vec::new();
        self.cloud.render(asset, &mut cloud);
        let mut tags = Vec::new();
        push_json(
            &mut tags,
            &asset.tags.iter().map(|tag| &tag.name).collect::<Vec<_>>(),
        );
        let parts = Parts::default().with("tags", tags);
        // A web application is no host.
        let parts = if asset.kind == AssetKind::Host {
            parts.with("host", host)
        } else {
            parts
        };
        let addresses = addresses(asset);
        let mut ip = Vec::new();
        push_json(&mut ip, &addresses);
        let parts = if addresses.is_empty() {
            parts
        } else {
            parts.with("ip", ip)
        };
        if asset.cloud.is_some() {
            parts.with("cloud", cloud)
        } else {
            parts
        }
    }
}

impl Form for Ecs {
    fn parts_of_asset(&self, asset: &Asset) -> Parts {
        self.parts(asset)
    }

    fn parts_of_entry(&self, entry: &Entry) -> Parts {
        let text = entry
            .vulnerability
            .diagnosis
            .as_deref()
            .map(html::text)
            .unwrap_or_default();
        Parts::default().with_text("description", &text)
    }

    fn finding(&mut self, row: &FindingRow, out: &mut Vec<u8>) -> bool {
        self.finding.render(row, out);
        out.push(b'\n');
        true
    }

    fn asset(&mut self, row: &AssetRow, out: &mut Vec<u8>) -> bool {
        let mut row = AssetRow::new(row.asset.clone(), row.made);
        row.parts = self.parts(&row.asset);
        self.asset.render(&row, out);
        out.push(b'\n');
        true
    }
}

/// The version of the published list of fields that the tests hold this to.
const VERSION: &str = "9.4.0";

pub(super) const FINDING: &[Field<FindingRow>] = &[
    field(
        "@timestamp",
        "last_found, else last_update, first_found, the time of the export",
        |row| Value::Time(row.at()),
    ),
    field("ecs.version", "the version of the schema", |_| {
        VERSION.into()
    }),
    field("message", "title", |row| row.heading()),
    field("tags", "names of tags", |row| row.asset.parts.json("tags")),
    field("event.kind", "`state`", |_| "state".into()),
    field("event.category", "`vulnerability`", |_| {
        Value::Json(br#"["vulnerability"]"#)
    }),
    field("event.type", "`info`", |_| Value::Json(br#"["info"]"#)),
    field("event.module", "`qonduit`", |_| "qonduit".into()),
    field("event.dataset", "`qonduit.finding`", |_| {
        "qonduit.finding".into()
    }),
    field("event.provider", "`Qualys`", |_| "Qualys".into()),
    field("event.id", "finding_key", |row| {
        (&finding(row).finding_key).into()
    }),
    field("event.code", "qid", |row| {
        finding(row).qid.to_string().into()
    }),
    field("event.severity", "qualys_severity", |row| {
        finding(row).qualys_severity.into()
    }),
    field("event.risk_score", "qds", |row| finding(row).qds.into()),
    field("event.start", "first_found", |row| {
        time(finding(row).first_found)
    }),
    field("event.end", "closed", |row| time(row.found.closed)),
    field("event.ingested", "the time of the export", |row| {
        Value::Time(row.made)
    }),
    field("host", "the asset, when it is a host: see below", |row| {
        row.asset.parts.json("host")
    }),
    field("cloud", "cloud of the asset: see below", |row| {
        row.asset.parts.json("cloud")
    }),
    field("related.ip", "ip and ipv6 of the asset", |row| {
        row.asset.parts.json("ip")
    }),
    field("url.full", "web.url", |row| {
        row.web().and_then(|it| it.url.as_deref()).into()
    }),
    field("network.transport", "protocol", |row| {
        finding(row)
            .protocol
            .as_ref()
            .map(|it| it.to_ascii_lowercase())
            .into()
    }),
    field("observer.vendor", "`Qualys`", |_| "Qualys".into()),
    field("observer.product", "`VMDR`", |_| "VMDR".into()),
    field("observer.type", "`vulnerability-scanner`", |_| {
        "vulnerability-scanner".into()
    }),
    field(
        "vulnerability.id",
        "cves: one as text, several as a list; without, `QID-` and the number",
        |row| match row.vulnerability().map(|it| &it.cves[..]) {
            Some([cve]) => cve.into(),
            Some(cves @ [_, ..]) => Value::Texts(cves),
            Some([]) | None => super::row::qid_name(finding(row).qid).into(),
        },
    ),
    field("vulnerability.enumeration", "`CVE`, or `QID`", |row| {
        let has_cves = row.vulnerability().is_some_and(|it| !it.cves.is_empty());
        if has_cves { "CVE" } else { "QID" }.into()
    }),
    field(
        "vulnerability.classification",
        "`CVSS` where there is a score",
        |row| best(row).map(|_| "CVSS").into(),
    ),
    field("vulnerability.category", "category of the entry", |row| {
        row.vulnerability()
            .and_then(|it| it.category.as_ref())
            .map(|it| of_json(&[it]))
            .unwrap_or(Value::Absent)
    }),
    field(
        "vulnerability.description",
        "diagnosis of the entry as text",
        |row| row.of_entry("description"),
    ),
    field(
        "vulnerability.reference",
        "the first of vendor_references",
        |row| {
            row.vulnerability()
                .and_then(|it| it.vendor_references.first())
                .map(String::as_str)
                .into()
        },
    ),
    field("vulnerability.report_id", "finding_id", |row| {
        row.found.finding_id.to_string().into()
    }),
    field("vulnerability.scanner.vendor", "`Qualys`", |_| {
        "Qualys".into()
    }),
    field(
        "vulnerability.score.base",
        "base of the first of cvss",
        |row| best(row).map(|it| it.base).into(),
    ),
    field(
        "vulnerability.score.temporal",
        "its temporal score",
        |row| best(row).and_then(|it| it.temporal).into(),
    ),
    field("vulnerability.score.version", "its version", |row| {
        best(row).map(|it| it.version.as_str()).into()
    }),
    field("vulnerability.severity", "severity", |row| {
        word::of(SEVERITIES, finding(row).severity).into()
    }),
    field("qonduit.finding_id", "finding_id", |row| {
        row.found.finding_id.into()
    }),
    field("qonduit.asset_id", "asset_id", |row| {
        row.found.asset_id.into()
    }),
    field("qonduit.asset_name", "asset_name", |row| {
        (&row.asset.asset.name).into()
    }),
    field("qonduit.web_app_id", "web_app_id", |row| {
        row.asset.asset.web_app_id.into()
    }),
    field("qonduit.asset_kind", "asset_kind", |row| {
        word::of(KINDS, row.asset.asset.kind).into()
    }),
    field("qonduit.status", "status", |row| {
        finding(row).status.map(|it| word::of(STATUSES, it)).into()
    }),
    field("qonduit.is_open", "is_open", |row| row.found.is_open.into()),
    field("qonduit.is_ignored", "is_ignored", |row| {
        finding(row).is_ignored.into()
    }),
    field("qonduit.is_disabled", "is_disabled", |row| {
        finding(row).is_disabled.into()
    }),
    field("qonduit.closed", "closed", |row| time(row.found.closed)),
    field("qonduit.closed_reason", "closed_reason", |row| {
        (&row.found.closed_reason).into()
    }),
    field("qonduit.put_aside_by", "put_aside_by", |row| {
        (&row.found.put_aside_by).into()
    }),
    field("qonduit.certainty", "certainty", |row| {
        word::of(CERTAINTIES, finding(row).certainty).into()
    }),
    field("qonduit.risk", "risk", |row| {
        word::of(RISKS, finding(row).risk).into()
    }),
    field("qonduit.risk_score", "risk_score", |row| {
        row.risk_score().into()
    }),
    field("qonduit.is_patchable", "is_patchable of the entry", |row| {
        row.vulnerability().map(|it| it.is_patchable).into()
    }),
    field("qonduit.port", "port", |row| finding(row).port.into()),
    field("qonduit.fqdn", "fqdn", |row| (&finding(row).fqdn).into()),
    field("qonduit.ssl", "ssl", |row| finding(row).ssl.into()),
    field("qonduit.instance", "instance", |row| {
        (&finding(row).instance).into()
    }),
    field("qonduit.param", "web.param", |row| {
        row.web().and_then(|it| it.param.as_deref()).into()
    }),
    field("qonduit.first_found", "first_found", |row| {
        time(finding(row).first_found)
    }),
    field("qonduit.last_found", "last_found", |row| {
        time(finding(row).last_found)
    }),
    field("qonduit.last_fixed", "last_fixed", |row| {
        time(finding(row).last_fixed)
    }),
    field("qonduit.times_found", "times_found", |row| {
        finding(row).times_found.into()
    }),
    field("qonduit.results", "results", |row| {
        (&finding(row).results).into()
    }),
];

fn finding(row: &FindingRow) -> &Finding {
    &row.found.finding
}

/// The score that people mean.
fn best(row: &FindingRow) -> Option<&Cvss> {
    let of_entry = row.vulnerability().and_then(|entry| entry.cvss.first());
    of_entry.or_else(|| row.web().and_then(|web| web.cvss.as_ref()))
}
