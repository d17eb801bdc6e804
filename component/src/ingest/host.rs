//! `HOST` of the host list and of the host list detection: leaves to a host.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Fields, Warnings};
use super::raw::{Leaf, Record};
use crate::contract::types::{Cloud, QualysHost, Tag};
use crate::normalize;

/// `None` for a host without a number: nothing could be kept of it.
pub(super) fn read(record: Record<'_>, warnings: &mut Warnings) -> Option<QualysHost> {
    let mut fields = Fields {
        record,
        warnings,
        subject: None,
    };
    let id = record
        .leaves()
        .iter()
        .find(|leaf| leaf.element == Element::HostId);
    let Some(host_id) = id.and_then(|leaf| fields.number::<u64>(leaf)) else {
        fields.warn("a host without a number is left out");
        return None;
    };
    fields.subject = Some(format!("host {host_id}"));
    let mut parts = Parts::default();
    let mut host = QualysHost {
        host_id,
        qualys_asset_id: None,
        name: String::new(),
        ip: None,
        ipv6: None,
        dns: None,
        netbios: None,
        os: None,
        tracking_method: None,
        network_id: None,
        qg_hostid: None,
        cloud: None,
        tags: Vec::new(),
        asset_group_ids: Vec::new(),
        trurisk: None,
        criticality: None,
        first_found: None,
        last_vm_scan: None,
        last_check_in: None,
        last_seen: None,
        attributes: String::new(),
    };
    for leaf in record.leaves() {
        take(&mut fields, &mut host, &mut parts, leaf);
    }
    finish(host, parts)
}

/// What takes more than one leaf to become a field.
#[derive(Default)]
struct Parts<'a> {
    attributes: Attributes<'a>,
    fqdn: Option<String>,
    hostname: Option<String>,
    last_scan_processed: Option<i64>,
    provider: Option<String>,
    service: Option<String>,
    resource: Option<String>,
    ec2_instance: Option<String>,
    tag_id: Option<u64>,
    name: Option<String>,
    value: Option<String>,
}

fn take<'a>(
    fields: &mut Fields<'a, '_>,
    host: &mut QualysHost,
    parts: &mut Parts<'a>,
    leaf: &Leaf,
) {
    match leaf.element {
        Element::QualysAssetId => {
            host.qualys_asset_id = fields.number(leaf).filter(|&id: &u64| id != 0)
        }
        Element::Ip => host.ip = fields.text(leaf),
        Element::Ipv6 => host.ipv6 = fields.text(leaf),
        Element::Dns => host.dns = fields.text(leaf),
        Element::DnsFqdn => parts.fqdn = fields.text(leaf),
        Element::DnsHostname => parts.hostname = fields.text(leaf),
        Element::Netbios => host.netbios = fields.text(leaf),
        Element::Os => host.os = fields.text(leaf),
        Element::TrackingMethod => host.tracking_method = fields.text(leaf),
        Element::NetworkId => host.network_id = fields.number(leaf),
        Element::QgHostId => host.qg_hostid = fields.text(leaf),
        Element::CloudProvider => parts.provider = fields.text(leaf),
        Element::CloudService => parts.service = fields.text(leaf),
        Element::CloudResourceId => parts.resource = fields.text(leaf),
        Element::Ec2InstanceId => parts.ec2_instance = fields.text(leaf),
        Element::Trurisk => host.trurisk = fields.number(leaf),
        Element::Criticality => host.criticality = fields.number(leaf),
        Element::FirstFoundDate => host.first_found = fields.time(leaf),
        Element::LastVmScan => host.last_vm_scan = fields.time(leaf),
        Element::LastVmScanProcessed => parts.last_scan_processed = fields.time(leaf),
        Element::LastActivity => host.last_check_in = fields.time(leaf),
        Element::AssetGroupIds => host.asset_group_ids = fields.numbers(leaf),
        Element::TagId => parts.tag_id = fields.number(leaf),
        Element::TagName | Element::MetadataName | Element::CloudTagName => {
            parts.name = fields.text(leaf)
        }
        Element::MetadataValue | Element::CloudTagValue => {
            parts.value = fields.text(leaf).filter(|value| value != "null");
        }
        Element::Tag => {
            let id = parts.tag_id.take();
            host.tags
                .extend(parts.name.take().map(|name| Tag { id, name }));
        }
        Element::MetadataEntry => named(parts, "metadata"),
        Element::CloudTag => named(parts, "cloud_tag"),
        Element::HostNote | Element::VulnCount => parts.attributes.note(fields.record, leaf),
        _ => {}
    }
}

/// A name and a value that came as two elements.
fn named(parts: &mut Parts<'_>, prefix: &str) {
    if let (Some(name), Some(value)) = (parts.name.take(), parts.value.take()) {
        parts
            .attributes
            .add(format!("{prefix}/{name}").into(), value.into());
    }
}

fn finish(mut host: QualysHost, parts: Parts<'_>) -> Option<QualysHost> {
    host.dns = host.dns.or(parts.fqdn).or(parts.hostname);
    // The end of the scan where Qualys tells it, else when its result was processed.
    host.last_vm_scan = host.last_vm_scan.or(parts.last_scan_processed);
    host.last_seen = normalize::last_seen(host.last_vm_scan, host.last_check_in);
    let instance = parts.resource.or(parts.ec2_instance);
    host.cloud = match (parts.provider, &instance) {
        (Some(provider), _) => Some(Cloud {
            provider,
            service: parts.service,
            instance,
        }),
        (None, Some(_)) => Some(Cloud {
            provider: "AWS".into(),
            service: parts.service,
            instance,
        }),
        (None, None) => None,
    };
    let names = [&host.dns, &host.netbios, &host.ip, &host.ipv6];
    host.name = normalize::asset_name(names.map(|name| name.as_deref())).to_owned();
    host.attributes = parts.attributes.into_json();
    Some(host)
}
