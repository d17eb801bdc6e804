//! Hashes of software and ports. Lists have no order here, and name a thing once.

use sha2::{Digest, Sha256};

use super::{ContentHash, Hash, TextDigest};
use crate::guest::types::{HostInventory, OpenPort, Software};

/// Without the host and the list that tells of it, which are the key.
pub(in crate::store) fn of_inventory(inventory: &HostInventory) -> ContentHash {
    let HostInventory {
        host_id: _,
        source: _,
        software,
        ports,
        mac_addresses,
        hardware_ids,
    } = inventory;
    let installed = |one: &Software| {
        let mut hash = Hash::default();
        hash.bytes(&of_software(one));
        hash.maybe_text(one.required_version.as_deref());
        hash.maybe_number(one.installed.map(i64::cast_unsigned));
        hash.0
    };
    let mut rows: Vec<_> = software.iter().map(installed).collect();
    let mut hash = Hash::default();
    hash.set(&mut rows);
    let open = |one: &OpenPort| {
        let OpenPort {
            port,
            protocol,
            service,
        } = one;
        let mut hash = Hash::default();
        hash.number(u64::from(*port));
        hash.maybe_text(protocol.as_deref());
        hash.maybe_text(service.as_deref());
        hash.0
    };
    let mut rows: Vec<_> = ports.iter().map(open).collect();
    hash.set(&mut rows);
    for texts in [mac_addresses, hardware_ids] {
        hash.number(texts.len() as u64);
        for text in texts {
            hash.text(text);
        }
    }
    hash.end()
}

/// Without what is said of it on one host.
pub(in crate::store) fn of_software(software: &Software) -> TextDigest {
    let Software {
        name,
        version,
        required_version: _,
        publisher,
        category,
        is_package,
        end_of_life,
        installed: _,
    } = software;
    let mut hash = Hash::default();
    hash.text(name);
    for text in [version, publisher, category] {
        hash.maybe_text(text.as_deref());
    }
    hash.number(u64::from(*is_package));
    hash.maybe_number(end_of_life.map(i64::cast_unsigned));
    *Sha256::digest(hash.0)
        .first_chunk()
        .expect("SHA-256 has 32 bytes")
}
