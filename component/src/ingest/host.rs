//! `HOST` of the host list and of the host list detection: leaves to a host.

use super::attributes::Attributes;
use super::element::Element;
use super::field::{Field, Subject, Warnings};
use crate::contract::types::{Cloud, QualysHost, Tag};
use crate::normalize;

/// A host in the making.
#[derive(Debug)]
pub(super) struct Draft {
    host_id: Option<u64>,
    host: QualysHost,
    parts: Parts,
}

/// What takes more than one leaf to become a field.
#[derive(Debug, Default)]
struct Parts {
    attributes: Attributes,
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

impl Default for Draft {
    fn default() -> Self {
        Self {
            host_id: None,
            host: empty(),
            parts: Parts::default(),
        }
    }
}

impl Draft {
    pub(super) fn subject(&self) -> Subject {
        self.host_id.map_or(Subject::Unknown, Subject::Host)
    }

    /// A leaf, or the end of an element that groups the leaves before it.
    pub(super) fn take(&mut self, mut field: Field<'_, '_>) {
        let (host, parts) = (&mut self.host, &mut self.parts);
        match field.leaf.element {
            Element::HostId if self.host_id.is_none() => self.host_id = field.number(),
            Element::QualysAssetId => {
                host.qualys_asset_id = field.number().filter(|&id: &u64| id != 0)
            }
            Element::Ip => host.ip = field.text(),
            Element::Ipv6 => host.ipv6 = field.text(),
            Element::Dns => host.dns = field.text(),
            Element::DnsFqdn => parts.fqdn = field.text(),
            Element::DnsHostname => parts.hostname = field.text(),
            Element::Netbios => host.netbios = field.text(),
            Element::Os => host.os = field.text(),
            Element::TrackingMethod => host.tracking_method = field.text(),
            Element::NetworkId => host.network_id = field.number(),
            Element::QgHostId => host.qg_hostid = field.text(),
            Element::CloudProvider => parts.provider = field.text(),
            Element::CloudService => parts.service = field.text(),
            Element::CloudResourceId => parts.resource = field.text(),
            Element::Ec2InstanceId => parts.ec2_instance = field.text(),
            Element::Trurisk => host.trurisk = field.number(),
            Element::Criticality => host.criticality = field.number(),
            Element::FirstFoundDate => host.first_found = field.time(),
            Element::LastVmScan => host.last_vm_scan = field.time(),
            Element::LastVmScanProcessed => parts.last_scan_processed = field.time(),
            Element::LastActivity => host.last_check_in = field.time(),
            Element::AssetGroupIds => host.asset_group_ids = field.numbers(),
            Element::TagId => parts.tag_id = field.number(),
            Element::TagName | Element::MetadataName | Element::CloudTagName => {
                parts.name = field.text()
            }
            Element::MetadataValue | Element::CloudTagValue => {
                parts.value = field.text().filter(|value| value != "null");
            }
            Element::Tag => {
                let id = parts.tag_id.take();
                host.tags
                    .extend(parts.name.take().map(|name| Tag { id, name }));
            }
            Element::MetadataEntry => named(parts, "metadata/"),
            Element::CloudTag => named(parts, "cloud_tag/"),
            Element::HostNote | Element::VulnCount => parts.attributes.note(field.leaf),
            _ => {}
        }
    }

    /// `None` for a host without a number: nothing could be kept of it.
    pub(super) fn finish(self, warnings: &mut Warnings) -> Option<QualysHost> {
        let Self {
            host_id,
            mut host,
            mut parts,
        } = self;
        let Some(host_id) = host_id else {
            warnings.add(Subject::Unknown, "a host without a number is left out");
            return None;
        };
        host.host_id = host_id;
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
        host.attributes = parts.attributes.take();
        Some(host)
    }
}

/// A name and a value that came as two elements.
fn named(parts: &mut Parts, prefix: &str) {
    if let (Some(name), Some(value)) = (parts.name.take(), parts.value.take()) {
        parts
            .attributes
            .add(prefix, name.as_bytes(), value.as_bytes());
    }
}

fn empty() -> QualysHost {
    QualysHost {
        host_id: 0,
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
    }
}
