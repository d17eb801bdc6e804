//! Events of the Open Cybersecurity Schema Framework: Vulnerability Finding (class 2002) and
//! Device Inventory Info (class 5001).
//!
//! Only attributes that versions 1.4 to 1.6 have in common are written, so that the versions
//! differ in nothing but `metadata.version`. What the schema has no place for is in `unmapped`.

use super::{
    Form, html,
    line::make_safe,
    row::{AssetRow, FindingRow, Parts},
    value::{Shape, Value, push_json},
};
use crate::contract::export::{Asset, AssetKind, Entry};

mod device;
mod finding;
mod vulnerability;

pub(super) use device::{DEVICE, INVENTORY, RESOURCE};
pub(super) use finding::FINDING;
pub(super) use vulnerability::{ADVISORY, CVE, CVSS, VULNERABILITY};

pub(super) struct Ocsf {
    version: String,
    finding: Shape<FindingRow>,
    inventory: Shape<AssetRow>,
    device: Shape<Asset>,
    resource: Shape<Asset>,
}

impl Ocsf {
    pub(super) fn new(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            finding: Shape::new(FINDING),
            inventory: Shape::new(INVENTORY),
            device: Shape::new(DEVICE),
            resource: Shape::new(RESOURCE),
        }
    }

    /// `metadata`, in front of the rest of an event.
    fn metadata(&self, asset: &Asset, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(br#""metadata":{"version":""#);
        out.extend_from_slice(self.version.as_bytes());
        out.extend_from_slice(br#"","product":{"name":"Qualys VMDR","vendor_name":"Qualys"}"#);
        if !asset.tags.is_empty() {
            let names: Vec<_> = asset.tags.iter().map(|tag| tag.name.as_str()).collect();
            out.extend_from_slice(br#","labels":"#);
            push_json(out, &names);
        }
        out.push(b'}');
        make_safe(out, start);
    }
}

impl Form for Ocsf {
    fn parts_of_asset(&self, asset: &Asset) -> Parts {
        let mut metadata = Vec::new();
        self.metadata(asset, &mut metadata);
        let mut parts = Parts::default().with("metadata", metadata);
        let mut about = Vec::new();
        match asset.kind {
            AssetKind::Host => {
                self.device.render(asset, &mut about);
                parts = parts.with("device", about);
            }
            AssetKind::WebApplication => {
                about.push(b'[');
                self.resource.render(asset, &mut about);
                about.push(b']');
                parts = parts.with("resources", about);
            }
        }
        parts
    }

    fn parts_of_entry(&self, entry: &Entry) -> Parts {
        let entry = &entry.vulnerability;
        let diagnosis = entry
            .diagnosis
            .as_deref()
            .map(html::text)
            .unwrap_or_default();
        Parts::default()
            .with_text("desc", &diagnosis)
            .with("vulnerabilities", vulnerability::of_entry(entry))
    }

    fn finding(&mut self, row: &FindingRow, out: &mut Vec<u8>) -> bool {
        out.push(b'{');
        if let Value::SafeJson(metadata) = row.asset.parts.json("metadata") {
            out.extend_from_slice(metadata);
        }
        join(&self.finding, row, out);
        true
    }

    fn asset(&mut self, row: &AssetRow, out: &mut Vec<u8>) -> bool {
        // A web application is no device.
        if !row.is_host() {
            return false;
        }
        out.push(b'{');
        self.metadata(&row.asset, out);
        out.extend_from_slice(br#","device":"#);
        self.device.render(&row.asset, out);
        join(&self.inventory, row, out);
        true
    }
}

/// Goes on with an object that was begun.
fn join<R>(shape: &Shape<R>, row: &R, out: &mut Vec<u8>) {
    let at = out.len();
    shape.render(row, out);
    out[at] = b',';
    out.push(b'\n');
}
