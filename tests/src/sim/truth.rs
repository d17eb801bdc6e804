//! What an honest, complete sync of the day must end up with, as NDJSON.
//!
//! Made from the same world as the documents, but not from the documents: a mistake in writing
//! XML does not repeat itself here.

mod software;
pub(crate) mod web;

use std::sync::Arc;

use serde_json::json;

use super::document::xml::Xml;
use super::document::{Document, Step};
use super::world::World;
use super::world::cve::{self, CveScore};
use super::world::host::Host;
use super::world::life::Status;
use super::world::row::Row;
use super::world::tag::{TAGS, Tag};
use super::world::view::Asset;

pub(crate) use software::Software;

#[derive(Debug)]
pub(crate) struct Hosts {
    walk: Walk,
}

#[derive(Debug)]
pub(crate) struct Findings {
    walk: Walk,
}

/// Software and ports of the hosts that Global AssetView knows.
#[derive(Debug)]
pub(crate) struct AssetViews {
    walk: Walk,
}

#[derive(Debug)]
struct Walk {
    world: Arc<World>,
    day: u32,
    next: u64,
}

impl Hosts {
    pub(crate) fn new(world: &Arc<World>, day: u32) -> Hosts {
        Hosts {
            walk: Walk::new(world, day),
        }
    }
}

impl Findings {
    pub(crate) fn new(world: &Arc<World>, day: u32) -> Findings {
        Findings {
            walk: Walk::new(world, day),
        }
    }
}

impl AssetViews {
    pub(crate) fn new(world: &Arc<World>, day: u32) -> AssetViews {
        AssetViews {
            walk: Walk::new(world, day),
        }
    }
}

impl Document for AssetViews {
    fn write(&mut self, out: &mut Xml) -> Step {
        let Some(host) = self.walk.host() else {
            return Step::Complete;
        };
        let asset = Asset::at(&self.walk.world, host.index, self.walk.day);
        if let Some(asset) = asset.filter(|asset| asset.has_host) {
            line(out, &inventory(&asset));
        }
        Step::More
    }
}

impl Walk {
    fn new(world: &Arc<World>, day: u32) -> Walk {
        Walk {
            world: Arc::clone(world),
            day,
            next: 0,
        }
    }

    fn host(&mut self) -> Option<Host> {
        let end = self.world.indices(self.day).end;
        let (index, host) =
            (self.next..end).find_map(|index| Some((index, self.world.host(index, self.day)?)))?;
        self.next = index + 1;
        Some(host)
    }
}

impl Document for Hosts {
    fn write(&mut self, out: &mut Xml) -> Step {
        let Some(host) = self.walk.host() else {
            return Step::Complete;
        };
        line(out, &json!({ "host_id": host.id, "name": host.name() }));
        Step::More
    }
}

impl Document for Findings {
    fn write(&mut self, out: &mut Xml) -> Step {
        let Some(host) = self.walk.host() else {
            return Step::Complete;
        };
        for row in self.walk.world.rows(&host) {
            line(out, &finding(&host, &row));
        }
        Step::More
    }
}

fn finding(host: &Host, row: &Row) -> serde_json::Value {
    json!({
        "host_id": host.id,
        "qid": row.vulnerability.qid,
        "finding_key": row.unique_vuln_id.to_string(),
        "status": row.status.map(|status| match status {
            Status::Active => "active",
            Status::Fixed => "fixed",
            Status::New => "new",
            Status::Reopened => "reopened",
        }),
        "severity": row.vulnerability.severity,
        "port": row.service.map(|service| service.port),
        "protocol": row.service.map(|service| service.protocol),
        "ssl": row.service.map(|service| service.ssl),
        "fqdn": row.fqdn(host),
        "instance": row.instance,
        "is_ignored": row.is_ignored,
        "is_disabled": row.is_disabled,
        "affects_running_kernel": row.affects_running_kernel(),
        "affects_running_service": row.affects_running_service(),
        "affects_exploitable_config": row.affects_exploitable_config(),
        "last_found": row.last_found.to_string(),
    })
}

fn inventory(asset: &Asset) -> serde_json::Value {
    let software = asset.products().filter(|product| !product.is_ignored);
    let software = software.map(|product| {
        json!({
            "name": product.name,
            "version": product.version,
            "publisher": product.publisher,
            "category": product.category,
            "is_package": product.is_package,
            "end_of_life": product.end_of_life.map(|time| time.to_string()),
            "installed": product.installed.map(|time| time.to_string()),
        })
    });
    let ports = asset.ports().map(|(port, protocol, service)| {
        json!({ "port": port, "protocol": protocol.to_lowercase(), "service": service })
    });
    json!({
        "host_id": asset.host.id,
        "software": software.collect::<Vec<_>>(),
        "ports": ports.collect::<Vec<_>>(),
    })
}

/// Few enough for one piece.
pub(crate) fn tags(world: &World, day: u32) -> String {
    let hosts: Vec<Host> = world
        .indices(day)
        .filter_map(|index| world.host(index, day))
        .collect();
    let line = |tag: &Tag| {
        let line = json!({
            "tag_id": tag.id,
            "name": tag.name,
            "parent_tag_id": tag.parent,
            "color": tag.color(),
            "rule_type": tag.rule_type(),
            "rule_text": tag.rule_text().map(str::trim),
            "criticality": tag.criticality,
            "hosts": hosts.iter().filter(|host| tag.is_on(host)).count(),
        });
        format!("{line}\n")
    };
    TAGS.iter().map(line).collect()
}

/// Of all CVEs that the knowledge base names and that have one.
pub(crate) fn cve_scores(world: &World, day: u32) -> String {
    let scores = cve::all(world);
    let scores = scores
        .iter()
        .filter_map(|name| CveScore::of(world, name, day));
    let line = |score: CveScore| {
        let line = json!({
            "cve": score.cve,
            "score": score.score,
            "changed": score.changed.to_string(),
            "published": score.published.to_string(),
            "epss": score.epss as f64 / 1_000.0,
            "exploit_maturity": score.exploit_maturity,
            "threat_actors": score.threat_actors,
            "malware": score.malware,
            "is_known_exploited": score.is_known_exploited,
        });
        format!("{line}\n")
    };
    scores.map(line).collect()
}

fn line(out: &mut Xml, value: &serde_json::Value) {
    out.raw(&value.to_string());
    out.raw("\n");
}
