//! When records of several sources are one machine. Pure: knows no database and no format.
//!
//! Records that share an identifier are one asset, unless a stronger identifier says that they are
//! two, or a person did. Addresses and names alone identify nothing: both change hands.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use serde::{Deserialize, Serialize};

use super::RecordId;

/// What two records share, the strongest first.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// Somebody said so.
    Person,
    /// `QG_HOSTID`, which agents and authenticated scans leave on a machine.
    QgHostid,
    /// Number of the asset in Qualys, with the platform that gave it.
    QualysAssetId,
    /// Number of the machine at its cloud provider.
    CloudInstance,
    /// Serial number or UUID of the hardware.
    HardwareId,
    MacAddress,
    /// A DNS name together with an address.
    DnsAndAddress,
}

/// One identifier, in one way of writing.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Key {
    pub criterion: Criterion,
    pub value: String,
}

/// What a source tells that may identify a machine, as it was written there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Identifiers {
    pub qg_hostid: Option<String>,
    /// Platform and number.
    pub qualys_asset: Option<(String, u64)>,
    /// Provider and number.
    pub cloud_instance: Option<(String, String)>,
    /// Serial numbers and UUIDs.
    pub hardware_ids: Vec<String>,
    pub mac_addresses: Vec<String>,
    pub dns_names: Vec<String>,
    pub addresses: Vec<String>,
}

impl Identifiers {
    /// In order, each once. What many machines share, such as a serial number that nobody filled
    /// in, is left out.
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = BTreeSet::new();
        let mut add = |criterion, value: Option<String>| {
            if let Some(value) = value {
                keys.insert(Key { criterion, value });
            }
        };
        let qg_hostid = self.qg_hostid.as_deref();
        add(Criterion::QgHostid, qg_hostid.and_then(hardware_id));
        let asset = self.qualys_asset.as_ref();
        let asset = asset.map(|(platform, id)| format!("{}/{id}", platform.to_lowercase()));
        add(Criterion::QualysAssetId, asset);
        if let Some((provider, instance)) = &self.cloud_instance {
            let instance = lowered(instance);
            let instance = instance.map(|id| format!("{}/{id}", provider.to_lowercase()));
            add(Criterion::CloudInstance, instance);
        }
        for text in &self.hardware_ids {
            add(Criterion::HardwareId, hardware_id(text));
        }
        for text in &self.mac_addresses {
            add(Criterion::MacAddress, mac_address(text));
        }
        for name in self.dns_names.iter().filter_map(|text| dns_name(text)) {
            for address in self.addresses.iter().filter_map(|text| address(text)) {
                add(Criterion::DnsAndAddress, Some(format!("{name} {address}")));
            }
        }
        keys.into_iter().collect()
    }
}

fn lowered(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    (!text.is_empty()).then_some(text)
}

fn hardware_id(text: &str) -> Option<String> {
    let id: String = text
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let first = id.chars().next()?;
    let is_placeholder = id.len() < 5
        || id.chars().all(|letter| letter == first)
        || PLACEHOLDERS.contains(&id.as_str());
    (!is_placeholder).then_some(id)
}

/// What vendors leave where a number belongs, without signs and in lower case.
const PLACEHOLDERS: &[&str] = &[
    "tobefilledbyoem",
    "systemserialnumber",
    "defaultstring",
    "notspecified",
    "notavailable",
    "notapplicable",
    "unknown",
    "serialnumber",
    "123456789",
    "1234567890",
    "0123456789",
    "03000200040005000006000700080009",
];

/// Twelve digits. Addresses that machines share by design identify none.
fn mac_address(text: &str) -> Option<String> {
    let mac: String = text
        .chars()
        .filter(|letter| !matches!(letter, ':' | '-' | '.' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    let is_sound = mac.len() == 12 && mac.bytes().all(|byte| byte.is_ascii_hexdigit());
    let first = is_sound.then(|| u8::from_str_radix(&mac[..2], 16).ok())??;
    let is_group = first & 1 == 1;
    let is_shared = mac.bytes().all(|byte| byte == b'0')
        || ["00005e00", "00000c07ac", "0242"]
            .iter()
            .any(|prefix| mac.starts_with(prefix));
    (!is_group && !is_shared).then_some(mac)
}

fn dns_name(text: &str) -> Option<String> {
    let name = lowered(text)?;
    let name = name.trim_end_matches('.');
    let is_own = !name.is_empty() && !name.starts_with("localhost");
    is_own.then(|| name.to_owned())
}

fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.trim().parse().ok()?;
    let address = address.to_canonical();
    let is_own = match address {
        IpAddr::V4(four) => !four.is_link_local() && !four.is_broadcast(),
        IpAddr::V6(six) => !six.is_unicast_link_local(),
    };
    let is_shared = address.is_loopback() || address.is_unspecified() || address.is_multicast();
    (is_own && !is_shared).then_some(address)
}

/// A record and its identifiers, in order.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) record: RecordId,
    pub(super) keys: Vec<Key>,
}

/// An identifier that more records share identifies none of them.
pub(super) const MOST_SHARED: usize = 16;

/// The number of the asset of each member: that of the oldest record in it. `apart` names records
/// that a person took apart, the lower number first.
pub(super) fn assets_of(
    members: &[Member],
    apart: &BTreeSet<(RecordId, RecordId)>,
) -> Vec<RecordId> {
    let mut shared: BTreeMap<&Key, Vec<usize>> = BTreeMap::new();
    for (place, member) in members.iter().enumerate() {
        for key in &member.keys {
            shared.entry(key).or_default().push(place);
        }
    }
    let mut groups: Vec<Vec<usize>> = (0..members.len()).map(|place| vec![place]).collect();
    let mut group_of: Vec<usize> = (0..members.len()).collect();
    for (key, places) in shared {
        if places.len() > MOST_SHARED {
            continue;
        }
        for (at, one) in places.iter().enumerate() {
            for other in &places[at + 1..] {
                let (into, from) = (group_of[*one], group_of[*other]);
                if into != from
                    && !speaks_against(members, &groups[into], &groups[from], key.criterion, apart)
                {
                    let moved = std::mem::take(&mut groups[from]);
                    for place in &moved {
                        group_of[*place] = into;
                    }
                    groups[into].extend(moved);
                }
            }
        }
    }
    let oldest = |group: &Vec<usize>| group.iter().map(|place| members[*place].record).min();
    group_of
        .iter()
        .map(|group| oldest(&groups[*group]).expect("a group has a member"))
        .collect()
}

/// Of a stronger identifier that both have they share none, or a person took two of them apart.
fn speaks_against(
    members: &[Member],
    ones: &[usize],
    others: &[usize],
    link: Criterion,
    apart: &BTreeSet<(RecordId, RecordId)>,
) -> bool {
    let is_apart = ones.iter().any(|one| {
        others.iter().any(|other| {
            let (one, other) = (members[*one].record, members[*other].record);
            apart.contains(&(one.min(other), one.max(other)))
        })
    });
    let values = |group: &[usize], criterion| -> BTreeSet<&str> {
        let keys = group.iter().flat_map(|place| &members[*place].keys);
        keys.filter(|key| key.criterion == criterion)
            .map(|key| key.value.as_str())
            .collect()
    };
    is_apart
        || DECISIVE.iter().any(|criterion| {
            let (ours, theirs) = (values(ones, *criterion), values(others, *criterion));
            *criterion < link && !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(&theirs)
        })
}

/// A machine has one of these. It may have several network cards and names.
const DECISIVE: [Criterion; 4] = [
    Criterion::QgHostid,
    Criterion::QualysAssetId,
    Criterion::CloudInstance,
    Criterion::HardwareId,
];

/// What each member shares with others of its asset, the strongest first.
pub(super) fn matched_by(members: &[Member], assets: &[RecordId], place: usize) -> Vec<Key> {
    let others = || {
        let others = members.iter().zip(assets).enumerate();
        others.filter(|(other, (_, asset))| *other != place && **asset == assets[place])
    };
    let keys = members[place].keys.iter();
    keys.filter(|key| others().any(|(_, (member, _))| member.keys.contains(key)))
        .cloned()
        .collect()
}

impl Key {
    /// As a sentence has it, such as `MAC address 001122334455`.
    pub fn text(&self) -> String {
        let criterion = match self.criterion {
            Criterion::Person => return "a person".to_owned(),
            Criterion::QgHostid => "QG host id",
            Criterion::QualysAssetId => "Qualys asset id",
            Criterion::CloudInstance => "cloud instance",
            Criterion::HardwareId => "hardware id",
            Criterion::MacAddress => "MAC address",
            Criterion::DnsAndAddress => "DNS name and address",
        };
        format!("{criterion} {}", self.value)
    }
}

#[cfg(test)]
mod tests;
