//! `HostAsset` of the portal: leaves to the software, the ports and the network cards of a host.
//!
//! Nothing else of an asset is read. It is joined to its host by `qwebHostId`; one without it was
//! never scanned for vulnerabilities and is no host of this inventory.

use super::element::Element;
use super::field::{Field, Subject, Warnings};
use crate::contract::types::{HostInventory, OpenPort, Software, SoftwareSource};

/// An asset in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    id: Option<u64>,
    host_id: Option<u64>,
    software: Vec<Software>,
    ports: Vec<OpenPort>,
    mac_addresses: Vec<String>,
    name: Option<String>,
    version: Option<String>,
    port: Option<u16>,
    protocol: Option<String>,
    service: Option<String>,
    is_full: bool,
}

/// An asset that is whole.
#[derive(Debug)]
pub(super) struct Asset {
    pub(super) id: u64,
    /// `None` for an asset that is no host.
    pub(super) inventory: Option<HostInventory>,
}

impl Draft {
    pub(super) fn subject(&self) -> Subject {
        self.id.map_or(Subject::Unknown, Subject::Asset)
    }

    pub(super) fn take(&mut self, mut field: Field<'_, '_>) {
        // The portal writes out what is absent.
        let is_null = field.leaf.text.trim_ascii() == b"null";
        match field.leaf.element {
            Element::PortalSoftware => self.software(),
            Element::PortalPort => self.port(),
            _ if is_null => {}
            Element::PortalAssetId if self.id.is_none() => self.id = field.number(),
            Element::PortalAssetHost => {
                self.host_id = field.number().filter(|&id: &u64| id != 0);
            }
            Element::PortalSoftwareName => {
                // A list without an element for each of its rows.
                if self.name.is_some() {
                    self.software();
                }
                self.name = field.text();
            }
            Element::PortalSoftwareVersion => self.version = field.text(),
            Element::PortalPortNumber => {
                if self.port.is_some() {
                    self.port();
                }
                self.port = field.number().filter(|&port: &u16| port != 0);
            }
            Element::PortalPortProtocol => {
                self.protocol = field.text().map(|text| text.to_ascii_lowercase());
            }
            Element::PortalPortService => self.service = field.text(),
            Element::PortalMac => self.mac_addresses.extend(field.text()),
            _ => {}
        }
    }

    fn software(&mut self) {
        let (name, version) = (self.name.take(), self.version.take());
        self.is_full |= self.software.len() == MAX_ROWS;
        if let (Some(name), false) = (name, self.is_full) {
            self.software.push(Software {
                version,
                ..named(name)
            });
        }
    }

    fn port(&mut self) {
        let (protocol, service) = (self.protocol.take(), self.service.take());
        self.is_full |= self.ports.len() == MAX_ROWS;
        if let (Some(port), false) = (self.port.take(), self.is_full) {
            self.ports.push(OpenPort {
                port,
                protocol,
                service,
            });
        }
    }

    pub(super) fn finish(self, warnings: &mut Warnings) -> Asset {
        if self.is_full {
            let message = format!("software or ports beyond {MAX_ROWS} are left out");
            warnings.add(self.subject(), message);
        }
        Asset {
            id: self.id.unwrap_or_default(),
            inventory: self.host_id.map(|host_id| HostInventory {
                host_id,
                source: SoftwareSource::HostAssets,
                software: self.software,
                ports: self.ports,
                mac_addresses: distinct(self.mac_addresses),
                hardware_ids: Vec::new(),
            }),
        }
    }
}

/// A card with several addresses comes several times.
pub(super) fn distinct(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// Software of which only the name is known.
pub(super) fn named(name: String) -> Software {
    Software {
        name,
        version: None,
        required_version: None,
        publisher: None,
        category: None,
        is_package: false,
        end_of_life: None,
        installed: None,
    }
}

/// No machine comes near it.
const MAX_ROWS: usize = 100_000;
