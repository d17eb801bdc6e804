//! A CycloneDX bill of materials: each asset is a device, its software the components of it, and
//! what is wrong with it the vulnerabilities of the bill.
//!
//! A finding affects the device, and those of its programs that have the name of a product of the
//! entry; no other sign tells which program a QID is about.

use super::{
    Form, html,
    row::{AssetRow, FindingRow, Parts, qid_name},
    value::{Field, Shape, Value, field, of_json, push_json, time},
    word::{self, KINDS, SEVERITIES, SOURCES},
};
use crate::contract::export::{Asset, Entry, Installed};
use crate::contract::types::{Cvss, Status, Timestamp};

pub(super) struct CycloneDx {
    version: String,
    made: Timestamp,
    asset: Shape<AssetRow>,
    vulnerability: Shape<FindingRow>,
    /// Vulnerabilities follow the components.
    has_findings: bool,
    is_first: bool,
}

impl CycloneDx {
    pub(super) fn new(version: &str, made: Timestamp) -> Self {
        Self {
            version: version.to_owned(),
            made,
            asset: Shape::new(COMPONENT),
            vulnerability: Shape::new(VULNERABILITY),
            has_findings: false,
            is_first: true,
        }
    }

    fn next<R>(is_first: &mut bool, shape: &Shape<R>, row: &R, out: &mut Vec<u8>) {
        out.extend_from_slice(if *is_first { b"\n" } else { b",\n" });
        *is_first = false;
        shape.render(row, out);
    }
}

impl Form for CycloneDx {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let (version, made) = (&self.version, crate::time::format(self.made));
        let head = format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"{version}","version":1,"metadata":{{"timestamp":"{made}","tools":{{"components":[{{"type":"application","name":"qonduit","version":"{}"}}]}}}},"components":["#,
            env!("CARGO_PKG_VERSION"),
        );
        out.extend_from_slice(head.as_bytes());
    }

    fn parts_of_entry(&self, entry: &Entry) -> Parts {
        let solution = entry.vulnerability.solution.as_deref().map(html::text);
        Parts::default().with_text("solution", &solution.unwrap_or_default())
    }

    fn asset(&mut self, row: &AssetRow, out: &mut Vec<u8>) -> bool {
        // A component that comes after the vulnerabilities has no place any more.
        if self.has_findings {
            return false;
        }
        Self::next(&mut self.is_first, &self.asset, row, out);
        true
    }

    fn finding(&mut self, row: &FindingRow, out: &mut Vec<u8>) -> bool {
        if !self.has_findings {
            self.has_findings = true;
            self.is_first = true;
            out.extend_from_slice(b"\n],\"vulnerabilities\":[");
        }
        Self::next(&mut self.is_first, &self.vulnerability, row, out);
        true
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\n]}\n");
    }
}

/// A program on an asset, with its place in the list of them.
pub(super) struct Program<'a>(&'a Asset, usize, &'a Installed);

/// One of `components`: an asset.
pub(super) const COMPONENT: &[Field<AssetRow>] = &[
    field(
        "type",
        "`device`; `application` for a web application",
        |row| {
            if row.is_host() {
                "device"
            } else {
                "application"
            }
            .into()
        },
    ),
    field("bom-ref", "`asset-` and asset_id", |row| {
        reference(&row.asset).into()
    }),
    field("name", "name, else the number of the host", |row| {
        row.title().into()
    }),
    field("description", "os", |row| (&row.asset.os).into()),
    field(
        "properties",
        "kind, host_id, web_app_id, ip, ipv6, dns, last_seen and tags, as `qonduit:` and their name",
        |row| {
            let asset = &row.asset;
            let mut all = vec![("kind", word::of(KINDS, asset.kind).to_owned())];
            all.extend(asset.host_id.map(|it| ("host_id", it.to_string())));
            all.extend(asset.web_app_id.map(|it| ("web_app_id", it.to_string())));
            all.extend(asset.ip.clone().map(|it| ("ip", it)));
            all.extend(asset.ipv6.clone().map(|it| ("ipv6", it)));
            all.extend(asset.dns.clone().map(|it| ("dns", it)));
            all.extend(
                asset
                    .last_seen
                    .map(|it| ("last_seen", crate::time::format(it))),
            );
            all.extend(asset.tags.iter().map(|tag| ("tag", tag.name.clone())));
            properties(&all)
        },
    ),
    field("components", "its software: see below", |row| {
        let asset = &row.asset;
        let all = asset.software.iter().enumerate();
        let mut out = vec![b'['];
        for (place, installed) in all {
            if place > 0 {
                out.push(b',');
            }
            program(&Program(asset, place, installed), &mut out);
        }
        out.push(b']');
        if out.len() > 2 {
            Value::MadeJson(out)
        } else {
            Value::Absent
        }
    }),
];

/// Paths of a program, with what they are made from.
pub(super) const PROGRAM: &[(&str, &str)] = &[
    ("type", "`application`"),
    ("bom-ref", "that of the asset, and a number"),
    ("name", "name"),
    ("version", "version"),
    ("publisher", "publisher"),
    (
        "properties",
        "category, is_package, required_version, end_of_life, installed and source, as `qonduit:` and their name",
    ),
];

fn program(Program(asset, place, installed): &Program<'_>, out: &mut Vec<u8>) {
    let software = &installed.software;
    let mut object = serde_json::json!({
        "type": "application",
        "bom-ref": format!("{}/software-{place}", reference(asset)),
        "name": software.name,
    });
    if let Some(version) = &software.version {
        object["version"] = version.as_str().into();
    }
    if let Some(publisher) = &software.publisher {
        object["publisher"] = publisher.as_str().into();
    }
    let mut all = Vec::new();
    all.extend(software.category.clone().map(|it| ("category", it)));
    all.extend(
        software
            .is_package
            .then(|| ("is_package", "true".to_owned())),
    );
    all.extend(
        software
            .required_version
            .clone()
            .map(|it| ("required_version", it)),
    );
    all.extend(
        software
            .end_of_life
            .map(|it| ("end_of_life", crate::time::format(it))),
    );
    all.extend(
        software
            .installed
            .map(|it| ("installed", crate::time::format(it))),
    );
    all.push(("source", word::of(SOURCES, installed.source).to_owned()));
    object["properties"] = named(&all);
    push_json(out, &object);
}

/// One of `vulnerabilities`: a finding.
pub(super) const VULNERABILITY: &[Field<FindingRow>] = &[
    field("bom-ref", "`finding-` and finding_id", |row| {
        format!("finding-{}", row.found.finding_id).into()
    }),
    field(
        "id",
        "the CVE when the entry has one alone, else `QID-` and the number",
        |row| match row.vulnerability().map(|it| &it.cves[..]) {
            Some([cve]) => cve.into(),
            _ => qid_name(row.found.finding.qid).into(),
        },
    ),
    field("source.name", "`Qualys`", |_| "Qualys".into()),
    field(
        "references",
        "cves and the QID, as `id`, with their source",
        |row| {
            let cves = row
                .vulnerability()
                .map(|it| &it.cves[..])
                .unwrap_or_default();
            let nvd = |cve: &String| serde_json::json!({"id": cve, "source": {"name": "NVD"}});
            let mut all: Vec<_> = cves.iter().map(nvd).collect();
            let qid = qid_name(row.found.finding.qid);
            all.push(serde_json::json!({"id": qid, "source": {"name": "Qualys"}}));
            of_json(&all)
        },
    ),
    field(
        "ratings",
        "cvss of the entry: see below; and the severity",
        |row| {
            let cvss = row
                .vulnerability()
                .map(|it| &it.cvss[..])
                .unwrap_or_default();
            let own = row.web().and_then(|it| it.cvss.as_ref());
            let shape = Shape::new(RATING);
            let mut out = vec![b'['];
            for score in cvss.iter().chain(own) {
                shape.render(score, &mut out);
                out.push(b',');
            }
            let severity = word::of(SEVERITIES, row.found.finding.severity);
            let source = serde_json::json!({"name": "Qualys"});
            push_json(
                &mut out,
                &serde_json::json!({"source": source, "severity": severity, "method": "other"}),
            );
            out.push(b']');
            Value::MadeJson(out)
        },
    ),
    field("cwes", "web.cwe", |row| match row.web() {
        Some(web) if !web.cwe.is_empty() => of_json(&web.cwe),
        _ => Value::Absent,
    }),
    field("description", "title", |row| row.heading()),
    field("recommendation", "solution of the entry as text", |row| {
        row.of_entry("solution")
    }),
    field("published", "published", |row| {
        time(row.vulnerability().and_then(|it| it.published))
    }),
    field("updated", "modified", |row| {
        time(row.vulnerability().and_then(|it| it.modified))
    }),
    field("analysis.state", "`resolved` when it is fixed", |row| {
        (row.found.finding.status == Some(Status::Fixed))
            .then_some("resolved")
            .into()
    }),
    field(
        "affects",
        "the asset, and its programs of the name of a product of the entry, as `ref`",
        |row| {
            let asset = &row.asset.asset;
            let mut all = vec![serde_json::json!({"ref": reference(asset)})];
            let products = row
                .vulnerability()
                .map(|it| &it.software[..])
                .unwrap_or_default();
            for (place, installed) in asset.software.iter().enumerate() {
                if products
                    .iter()
                    .any(|pair| is_product(pair, &installed.software.name))
                {
                    all.push(serde_json::json!({"ref": format!("{}/software-{place}", reference(asset))}));
                }
            }
            of_json(&all)
        },
    ),
    field(
        "properties",
        "severity, status, risk and port, as `qonduit:` and their name",
        |row| {
            let finding = &row.found.finding;
            let mut all = vec![(
                "severity",
                word::of(SEVERITIES, finding.severity).to_owned(),
            )];
            all.extend(
                finding
                    .status
                    .map(|it| ("status", word::of(word::STATUSES, it).to_owned())),
            );
            all.push(("risk", word::of(word::RISKS, finding.risk).to_owned()));
            all.extend(finding.port.map(|it| ("port", it.to_string())));
            properties(&all)
        },
    ),
];

/// One of `ratings`.
pub(super) const RATING: &[Field<Cvss>] = &[
    field("score", "cvss.base", |it| it.base.into()),
    field(
        "method",
        "by its version: `CVSSv2`, `CVSSv3`, `CVSSv31`, `CVSSv4`",
        |it| {
            match it.version.as_str() {
                "3.1" => "CVSSv31",
                version if version.starts_with('2') => "CVSSv2",
                version if version.starts_with('3') => "CVSSv3",
                version if version.starts_with('4') => "CVSSv4",
                _ => "other",
            }
            .into()
        },
    ),
    field("vector", "cvss.vector", |it| (&it.vector).into()),
];

fn reference(asset: &Asset) -> String {
    format!("asset-{}", asset.asset_id)
}

/// The entry says `vendor product`, each in one word, with `_` for spaces.
fn is_product(pair: &str, name: &str) -> bool {
    let product = pair.split_once(' ').map_or(pair, |(_, product)| product);
    product.replace('_', " ").eq_ignore_ascii_case(name)
}

fn properties(all: &[(&str, String)]) -> Value<'static> {
    of_json(&named(all))
}

fn named(all: &[(&str, String)]) -> serde_json::Value {
    let named = |(name, value): &(&str, String)| serde_json::json!({"name": format!("qonduit:{name}"), "value": value});
    all.iter().map(named).collect()
}
