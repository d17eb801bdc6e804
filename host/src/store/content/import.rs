//! Records of other sources than Qualys.

use super::{ContentHash, Hash};
use crate::{
    guest::types::OpenPort,
    store::{Identifiers, ImportedRecord},
};

/// Whoever is told of the same twice need not write it again.
pub(in crate::store) fn of_import(record: &ImportedRecord) -> ContentHash {
    let ImportedRecord {
        key,
        name,
        ip,
        ipv6,
        dns,
        netbios,
        os,
        first_found,
        last_seen,
        tags,
        ports,
        identifiers,
        attributes,
    } = record;
    let mut hash = Hash::default();
    hash.text(key);
    hash.text(name);
    for text in [ip, ipv6, dns, netbios, os] {
        hash.maybe_text(text.as_deref());
    }
    for time in [first_found, last_seen] {
        hash.maybe_number(time.map(i64::cast_unsigned));
    }
    hash.number(tags.len() as u64);
    for tag in tags {
        hash.text(tag);
    }
    hash.number(ports.len() as u64);
    for OpenPort {
        port,
        protocol,
        service,
    } in ports
    {
        hash.number(u64::from(*port));
        hash.maybe_text(protocol.as_deref());
        hash.maybe_text(service.as_deref());
    }
    for key in Identifiers::keys(identifiers) {
        hash.text(&key.text());
    }
    for (name, text) in attributes {
        hash.text(name);
        hash.text(text);
    }
    hash.end()
}
