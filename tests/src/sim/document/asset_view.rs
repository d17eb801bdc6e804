//! A page of assets as the gateway lists them, in JSON.
//!
//! Dates are written in several ways and absent values as `null`, as the real ones are. No more than
//! the asset that is being written is held.

use std::sync::Arc;

use serde_json::{Value, json};

use super::xml::Xml;
use super::{Document, Step};
use crate::sim::world::World;
use crate::sim::world::time::Timestamp;
use crate::sim::world::view::{Asset, Product};

#[derive(Debug)]
pub(crate) struct AssetView {
    world: Arc<World>,
    day: u32,
    /// Places of the assets of this page.
    indices: std::vec::IntoIter<u64>,
    last: Option<u64>,
    has_more: bool,
    /// Whether the last id is kept back while there is more.
    hides_cursor: bool,
    n_written: usize,
    is_begun: bool,
}

/// Which page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) size: usize,
    pub(crate) behind: u64,
    pub(crate) since: Option<Timestamp>,
}

impl AssetView {
    pub(crate) fn new(world: Arc<World>, day: u32, page: Page, hides_cursor: bool) -> AssetView {
        let from = Asset::index_behind(page.behind);
        let wanted = (from..world.indices(day).end).filter(|&index| {
            let asset = Asset::at(&world, index, day);
            asset.is_some_and(|asset| page.since.is_none_or(|since| asset.updated() >= since))
        });
        let mut indices: Vec<u64> = wanted.take(page.size + 1).collect();
        let has_more = indices.len() > page.size;
        indices.truncate(page.size);
        let last = indices
            .last()
            .and_then(|&index| Some(Asset::at(&world, index, day)?.id));
        AssetView {
            day,
            last,
            has_more,
            hides_cursor: hides_cursor && has_more,
            n_written: 0,
            is_begun: false,
            indices: indices.into_iter(),
            world,
        }
    }

    /// There is no document without assets.
    pub(crate) fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    fn head(&self) -> String {
        let count = self.indices.len();
        let mut head = format!(
            "{{\"responseMessage\":\"Valid API Access\",\"count\":{count},\"responseCode\":\"SUCCESS\","
        );
        if let (Some(last), false) = (self.last, self.hides_cursor) {
            head += &format!("\"lastSeenAssetId\":{last},");
        }
        let has_more = u8::from(self.has_more);
        head + &format!("\"hasMore\":{has_more},\"assetListData\":{{\"asset\":[")
    }
}

impl Document for AssetView {
    fn write(&mut self, out: &mut Xml) -> Step {
        if !self.is_begun {
            self.is_begun = true;
            out.raw(&self.head());
        }
        let Some(index) = self.indices.next() else {
            out.raw("]}}");
            return Step::Complete;
        };
        if let Some(asset) = Asset::at(&self.world, index, self.day) {
            if self.n_written > 0 {
                out.raw(",");
            }
            self.n_written += 1;
            out.raw(&asset_json(&asset).to_string());
        }
        Step::More
    }
}

fn asset_json(asset: &Asset) -> Value {
    let host = &asset.host;
    let ports: Vec<Value> = asset
        .ports()
        .map(|(port, protocol, service)| {
            json!({ "port": port, "description": null, "protocol": protocol,
                    "detectedService": service, "firstFound": "2026-01-05T10:00:00.000Z" })
        })
        .collect();
    let software: Vec<Value> = asset.products().map(|product| software(&product)).collect();
    json!({
        "assetId": asset.id,
        "assetUUID": host.hardware_uuid(),
        "hostId": asset.has_host.then_some(host.id),
        "lastModifiedDate": millis(asset.updated()),
        "agentId": null,
        "assetType": "HOST",
        "address": host.ipv4(),
        "dnsName": host.dns(),
        "assetName": host.name(),
        "netbiosName": host.netbios(),
        "operatingSystem": {
            "osName": host.os.name,
            "lifecycle": { "eolDate": "2030-01-01T00:00:00.000Z", "stage": "GA" },
        },
        "openPortListData": (!ports.is_empty()).then(|| json!({ "openPort": ports })),
        "softwareListData": { "software": software },
        "networkInterfaceListData": { "networkInterface": [
            { "addressIpV4": host.ipv4(), "macAddress": null },
            { "addressIpV6": host.ipv6(), "macAddress": host.mac_address() },
        ] },
        "tagList": { "tag": [{ "tagId": 7, "tagName": "Cloud Agent" }] },
        "criticality": { "score": host.criticality(), "isDefault": false },
        "riskScore": host.trurisk(),
    })
}

fn software(product: &Product) -> Value {
    let installed = match (product.installed, product.manner) {
        (None, 0) => json!(0),
        (None, _) => Value::Null,
        (Some(time), 0) => json!(millis(time)),
        (Some(time), _) => json!(time.0 * 1_000),
    };
    let end_of_life = match (product.end_of_life, product.manner) {
        (None, 0) => json!("Not Announced"),
        (None, _) => Value::Null,
        (Some(time), 0) => json!(millis(time)),
        (Some(time), _) => json!(time.0 * 1_000),
    };
    json!({
        "id": product.id,
        "fullName": product.name,
        "softwareType": if product.is_package { "Package" } else { "Application" },
        "isIgnored": product.is_ignored,
        "ignoredReason": null,
        "category": product.category,
        "productName": product.product,
        "publisher": product.publisher,
        "version": product.version,
        "installDate": installed,
        "installPath": "/opt",
        "lastUseDate": 0,
        "isPackage": product.is_package,
        "lifecycle": { "gaDate": null, "eolDate": end_of_life, "eosDate": "Unknown", "stage": "GA" },
        "softwareInstances": [{ "id": 1, "fullName": "an instance" }],
    })
}

/// As the gateway writes times.
fn millis(time: Timestamp) -> String {
    format!("{}.000Z", time.to_string().trim_end_matches('Z'))
}
