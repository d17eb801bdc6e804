//! One machine in the making: values as texts, under the names of columns.

use std::net::IpAddr;

use super::{Oddities, column::Column};
use crate::{guest::types::OpenPort, store::ImportedRecord, time};

/// What a line or an element says.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Where it stands, for messages.
    pub(super) place: u64,
    key: Option<String>,
    names: Vec<String>,
    record: ImportedRecord,
    cloud: (Option<String>, Option<String>),
}

impl Row {
    pub(super) fn new(place: u64) -> Self {
        Self {
            place,
            ..Self::default()
        }
    }

    /// What is empty says nothing. What is no value of the column is kept as an attribute.
    pub(super) fn take(&mut self, column: Column, name: &str, text: &str, odd: &mut Oddities) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let record = &mut self.record;
        let is_taken = match column {
            Column::Key => {
                self.key.get_or_insert_with(|| text.to_owned());
                true
            }
            Column::Name => {
                self.names.push(text.to_owned());
                true
            }
            Column::Ip => match text.parse::<IpAddr>() {
                Ok(address) => {
                    let slot = if address.is_ipv4() {
                        &mut record.ip
                    } else {
                        &mut record.ipv6
                    };
                    if slot.is_none() {
                        *slot = Some(address.to_string());
                    }
                    record.identifiers.addresses.push(address.to_string());
                    true
                }
                Err(_) => false,
            },
            Column::Dns => {
                let dns = text.trim_end_matches('.').to_lowercase();
                record.dns.get_or_insert_with(|| dns.clone());
                record.identifiers.dns_names.push(dns);
                true
            }
            Column::Netbios => set(&mut record.netbios, text),
            Column::Os => set(&mut record.os, text),
            Column::Mac => {
                if is_mac(text) {
                    record.identifiers.mac_addresses.push(text.to_owned());
                }
                is_mac(text)
            }
            Column::HardwareId => {
                record.identifiers.hardware_ids.push(text.to_owned());
                true
            }
            Column::QgHostid => set(&mut record.identifiers.qg_hostid, text),
            Column::CloudProvider => set(&mut self.cloud.0, text),
            Column::CloudInstance => set(&mut self.cloud.1, text),
            Column::FirstFound => set_time(&mut record.first_found, text),
            Column::LastSeen => set_time(&mut record.last_seen, text),
            Column::Tags => {
                let tags = text
                    .split([',', ';'])
                    .map(str::trim)
                    .filter(|tag| !tag.is_empty());
                record.tags.extend(tags.map(str::to_owned));
                true
            }
            Column::Ports => match ports(text) {
                Some(ports) => {
                    record.ports.extend(ports);
                    true
                }
                None => false,
            },
        };
        if !is_taken {
            let place = self.place;
            odd.add(|| {
                let column = column.name();
                format!("line {place}: `{text}` is no value of `{column}`, kept as an attribute")
            });
        }
        // What identifies a machine and is no column of the inventory is shown as well.
        if !is_taken || column.is_shown_as_attribute() {
            self.attribute(name, text);
        }
    }

    pub(super) fn port(&mut self, port: OpenPort) {
        self.record.ports.push(port);
    }

    /// What has no column.
    pub(super) fn attribute(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            let attributes = &mut self.record.attributes;
            let value = attributes.entry(name.to_owned()).or_default();
            if !value.is_empty() {
                value.push_str(", ");
            }
            value.push_str(text);
        }
    }

    /// `None` when nothing in it tells which machine it is about.
    pub(super) fn finish(self) -> Option<ImportedRecord> {
        let mut record = self.record;
        if let (provider, Some(instance)) = self.cloud {
            record.identifiers.cloud_instance = Some((provider.unwrap_or_default(), instance));
        }
        let address = || record.ip.clone().or_else(|| record.ipv6.clone());
        let named = self.names.first().cloned();
        let name = named
            .clone()
            .or_else(|| record.dns.clone())
            .or_else(|| record.netbios.clone())
            .or_else(address);
        let told = &record.identifiers;
        let key = self
            .key
            .or_else(|| told.qg_hostid.clone())
            .or_else(|| told.hardware_ids.first().cloned())
            .or_else(|| told.mac_addresses.first().cloned())
            .or_else(|| record.dns.clone())
            .or_else(address)
            .or(named)
            .or_else(|| record.netbios.clone())?;
        record.name = name.unwrap_or_else(|| key.clone());
        record.key = key;
        let mut addresses = record.identifiers.addresses.clone();
        addresses.retain(|it| Some(it) != record.ip.as_ref() && Some(it) != record.ipv6.as_ref());
        if !addresses.is_empty() {
            record
                .attributes
                .insert("other_addresses".to_owned(), addresses.join(", "));
        }
        record.tags.sort_unstable();
        record.tags.dedup();
        Some(record)
    }
}

fn set(slot: &mut Option<String>, text: &str) -> bool {
    slot.get_or_insert_with(|| text.to_owned());
    true
}

/// Seconds since 1970, a day, or a moment. Milliseconds are told by their size.
fn set_time(slot: &mut Option<i64>, text: &str) -> bool {
    let Some((at, _)) = time::span(text) else {
        return false;
    };
    let is_millis = at > 100_000_000_000;
    slot.get_or_insert(if is_millis { at / 1_000 } else { at });
    true
}

fn is_mac(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    digits == 12
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || b":-. ".contains(&byte))
}

/// `22`, `443/tcp`, `8080/tcp/http`; several with commas, semicolons or spaces.
fn ports(text: &str) -> Option<Vec<OpenPort>> {
    let one = |text: &str| {
        let mut parts = text.split('/').map(str::trim);
        let port = parts.next()?.parse().ok()?;
        let word = |text: &str| (!text.is_empty()).then(|| text.to_lowercase());
        let protocol = parts.next().and_then(word);
        let service = parts.next().and_then(word);
        Some(OpenPort {
            port,
            protocol,
            service,
        })
    };
    let parts = text
        .split([',', ';', ' '])
        .filter(|part| !part.trim().is_empty());
    parts.map(one).collect()
}
