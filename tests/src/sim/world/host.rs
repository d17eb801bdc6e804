//! One scanned machine on one day.
//!
//! Holds numbers and marks only; names are made from them when they are asked for. A share of
//! the hosts is odd on purpose, as in every real subscription: without names, without an IPv4
//! address, never scanned, one machine under two ids, one address in two networks.

use super::World;
use super::calendar::Calendar;
use super::noise::{below, mix, pick};
use super::time::{DAY, Timestamp};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Host {
    pub(crate) index: u64,
    pub(crate) id: u64,
    /// What all else about this host is drawn from.
    pub(crate) key: u64,
    /// The same for two ids of one machine.
    machine: u64,
    pub(crate) os: &'static Os,
    pub(crate) tracking: Tracking,
    pub(crate) calendar: Calendar,
    /// Number of the latest scan.
    pub(crate) scan: i64,
    pub(crate) first_found: Timestamp,
    pub(crate) last_scanned: Timestamp,
    pub(crate) last_processed: Timestamp,
    pub(crate) is_scanned: bool,
    /// The present of day 0, from which scan numbers are turned into times.
    start: Timestamp,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tracking {
    Agent,
    Dns,
    Ec2,
    Ip,
    Netbios,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum System {
    Appliance,
    Linux,
    Windows,
}

#[derive(Debug)]
pub(crate) struct Os {
    pub(crate) name: &'static str,
    pub(crate) cpe: &'static str,
    pub(crate) system: System,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cloud {
    Aws,
    Azure,
    Google,
}

impl Host {
    /// The caller has asked the population whether the host is present.
    pub(crate) fn new(world: &World, index: u64, day: u32) -> Host {
        let seed = world.scale.seed;
        let key = mix(seed, index);
        // Every fortieth host is its predecessor once more, seen by a scanner from outside.
        let twin_of = if index % 40 == 39 { index - 1 } else { index };
        let machine = mix(seed, twin_of);
        let first_day = match world.population.birth_day(index) {
            0 => -30 - below(mix(key, 1), 370) as i64,
            birth_day => i64::from(birth_day),
        };
        let calendar = Calendar {
            phase: below(mix(key, 2), 1_000) as i64,
            pace: i64::from(world.scale.scanned_per_mille),
            first_day,
        };
        let mut host = Host {
            index,
            id: world.population.id(index),
            key,
            machine,
            os: &SYSTEMS[below(mix(machine, 3), SYSTEMS.len() as u64) as usize],
            tracking: tracking(index, machine),
            calendar,
            scan: calendar.scan_at(i64::from(day)),
            first_found: world.scale.start,
            last_scanned: world.scale.start,
            last_processed: world.scale.start,
            is_scanned: !below(mix(key, 4), 100).eq(&0),
            start: world.scale.start,
        };
        host.first_found = host.scanned_at(calendar.first_scan());
        host.last_scanned = host.scanned_at(host.scan);
        host.last_processed = host.processed_at(host.scan);
        host
    }

    /// How many rows the host has, those of later days included.
    pub(crate) fn slots(&self, world: &World) -> u32 {
        if !self.is_scanned || self.is_clean() {
            return 0;
        }
        let present = self.present_slots(world);
        present + present / 8 + 1
    }

    /// Rows that are there from the first day; fewer than the middle more often than more.
    pub(crate) fn present_slots(&self, world: &World) -> u32 {
        let (min, max) = world.scale.detections;
        let width = u64::from(max - min) + 1;
        let (a, b) = (
            below(mix(self.key, 5), width),
            below(mix(self.key, 6), width),
        );
        min + ((a + a.min(b)) / 2) as u32
    }

    /// When that scan ended. Scans of day D lie between the presents of D - 1 and D.
    pub(crate) fn scanned_at(&self, scan: i64) -> Timestamp {
        let day = self.calendar.day_of(scan);
        let back = 2 * 3_600 + below(mix(self.key, 7 ^ scan as u64), 20 * 3_600) as i64;
        self.start.plus(day * DAY - back)
    }

    pub(crate) fn processed_at(&self, scan: i64) -> Timestamp {
        self.scanned_at(scan)
            .plus(60 + below(mix(self.key, 8), 3_000) as i64)
    }

    pub(crate) fn scan_secs(&self) -> u64 {
        60 + below(mix(self.key, 9 ^ self.scan as u64), 3_000)
    }

    /// What people call it: the DNS name, else the NetBIOS name, else the address.
    pub(crate) fn name(&self) -> String {
        self.dns()
            .or_else(|| self.netbios())
            .or_else(|| self.ipv4())
            .or_else(|| self.ipv6())
            .expect("a host without IPv4 has an IPv6 address")
    }

    pub(crate) fn dns(&self) -> Option<String> {
        if self.is_nameless() || below(mix(self.machine, 10), 12) == 0 {
            return None;
        }
        if self.cloud() == Some(Cloud::Aws) && self.machine.is_multiple_of(3) {
            return Some(self.instance_id());
        }
        Some(match below(mix(self.machine, 11), 10) {
            0 => self.hostname(),
            _ => format!("{}.{}", self.hostname(), self.domain()),
        })
    }

    pub(crate) fn netbios(&self) -> Option<String> {
        let has_one = self.os.system == System::Windows || self.tracking == Tracking::Netbios;
        (has_one && !self.is_nameless())
            .then(|| self.hostname().to_uppercase().chars().take(15).collect())
    }

    pub(crate) fn hostname(&self) -> String {
        let number = self.machine % 10_000;
        if below(mix(self.machine, 12), 64) == 0 {
            return format!(
                "{}-{number:04}",
                pick(&["zürich-büro", "łódź", "東京"], self.machine)
            );
        }
        let role = pick(ROLES, mix(self.machine, 13));
        let stage = pick(&["prod", "prod", "test", "dev"], mix(self.machine, 14));
        format!("{role}-{stage}-{number:04}")
    }

    pub(crate) fn domain(&self) -> &'static str {
        pick(
            &["berlin.example.com", "ad.example.net", "eu-1.example.org"],
            mix(self.machine, 15),
        )
    }

    /// Of its network card; the same for all hosts that are one machine.
    pub(crate) fn mac_address(&self) -> String {
        let [.., a, b, c] = self.machine.to_be_bytes();
        format!("00:16:3e:{a:02x}:{b:02x}:{c:02x}")
    }

    pub(crate) fn ipv4(&self) -> Option<String> {
        self.ipv4_number()
            .map(|ip| std::net::Ipv4Addr::from(ip).to_string())
    }

    pub(crate) fn ipv4_number(&self) -> Option<u32> {
        let has_ipv6_only = below(mix(self.machine, 16), 64) == 0;
        // Every fiftieth host has the address of its predecessor, in another network.
        let shared = match (self.index % 40, self.index % 50) {
            (39, _) | (_, 49) => self.index - 1,
            _ => self.index,
        };
        (!has_ipv6_only).then_some((10 << 24) + (shared as u32 & 0xff_ffff) + 1)
    }

    pub(crate) fn ipv6(&self) -> Option<String> {
        let is_only_address = self.ipv4_number().is_none();
        (is_only_address || below(mix(self.machine, 17), 16) == 0).then(|| {
            let [a, b, c, d] = [48, 32, 16, 0].map(|shift| self.machine >> shift & 0xffff);
            format!("2001:db8:{a:x}:{b:x}::{c:x}:{d:x}")
        })
    }

    /// Zero is Qualys' Global Default Network.
    pub(crate) fn network(&self) -> (u64, &'static str) {
        if self.index % 50 == 49 {
            (1_204, "Lab")
        } else {
            (0, "Global Default Network")
        }
    }

    /// Written by agents and by authenticated scans, hence absent from the outside view.
    pub(crate) fn qg_hostid(&self) -> Option<String> {
        let is_known = self.tracking == Tracking::Agent || below(mix(self.key, 18), 4) == 0;
        is_known.then(|| uuid(mix(self.machine, 19), mix(self.machine, 20)))
    }

    pub(crate) fn cloud(&self) -> Option<Cloud> {
        match below(mix(self.machine, 21), 10) {
            0 => Some(Cloud::Aws),
            1 => Some(Cloud::Azure),
            2 => Some(Cloud::Google),
            _ => None,
        }
    }

    pub(crate) fn instance_id(&self) -> String {
        format!("i-0{:016x}", mix(self.machine, 22))
    }

    /// AssetView number; both ids of one machine have it in common.
    pub(crate) fn asset_id(&self) -> u64 {
        super::software::FIRST_ASSET
            + if self.index % 40 == 39 {
                self.index - 1
            } else {
                self.index
            }
    }

    /// 0 to 1000.
    pub(crate) fn trurisk(&self) -> u64 {
        below(mix(self.key, 23), 1_001)
    }

    /// 1 to 5.
    pub(crate) fn criticality(&self) -> u64 {
        1 + below(mix(self.key, 24), 5)
    }

    /// Long values of this host stand on lines of their own.
    pub(crate) fn is_padded(&self) -> bool {
        self.key.is_multiple_of(8)
    }

    pub(crate) fn is_agent(&self) -> bool {
        self.tracking == Tracking::Agent
    }

    pub(crate) fn is_authenticated(&self) -> bool {
        self.is_agent() || below(mix(self.key, 28), 2) == 0
    }

    pub(crate) fn hardware_uuid(&self) -> String {
        uuid(mix(self.machine, 29), mix(self.machine, 30))
    }

    /// The agent's latest report; within an hour after the scan was processed.
    pub(crate) fn last_activity(&self) -> Timestamp {
        self.last_processed
            .plus(below(mix(self.key, 31), 3_600) as i64)
    }

    fn is_clean(&self) -> bool {
        below(mix(self.key, 25), 50) == 0
    }

    fn is_nameless(&self) -> bool {
        below(mix(self.machine, 26), 50) == 0
    }
}

impl Tracking {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Tracking::Agent => "AGENT",
            Tracking::Dns => "DNS",
            Tracking::Ec2 => "EC2",
            Tracking::Ip => "IP",
            Tracking::Netbios => "NETBIOS",
        }
    }
}

fn tracking(index: u64, machine: u64) -> Tracking {
    if index % 40 == 39 {
        return Tracking::Ip;
    }
    match below(mix(machine, 27), 20) {
        0..=9 => Tracking::Agent,
        10 => Tracking::Dns,
        11 => Tracking::Ec2,
        12 => Tracking::Netbios,
        _ => Tracking::Ip,
    }
}

pub(crate) fn uuid(high: u64, low: u64) -> String {
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
    format!(
        "{a:08x}-{b:04x}-4{c:03x}-8{:03x}-{:012x}",
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

const ROLES: &[&str] = &[
    "app", "build", "db", "dc", "file", "gw", "mail", "pc", "print", "web", "vpn", "k8s",
];

const SYSTEMS: [Os; 10] = [
    os(
        "Windows Server 2019 Standard 64 bit Edition Version 1809",
        "windows_server_2019",
        System::Windows,
    ),
    os(
        "Windows Server 2022 Datacenter 64 bit Edition Version 21H2",
        "windows_server_2022",
        System::Windows,
    ),
    os(
        "Windows 11 Enterprise 64 bit Edition Version 23H2",
        "windows_11",
        System::Windows,
    ),
    os(
        "Microsoft Windows 10 Pro 10.0.19045 64-bit N/A Build 19045",
        "windows_10",
        System::Windows,
    ),
    os("Ubuntu Linux 22.04.4", "ubuntu_linux", System::Linux),
    os("Ubuntu Linux 24.04.1", "ubuntu_linux", System::Linux),
    os(
        "Red Hat Enterprise Linux 8.9",
        "enterprise_linux",
        System::Linux,
    ),
    os(
        "Red Hat Enterprise Linux 9.3",
        "enterprise_linux",
        System::Linux,
    ),
    os("Debian Linux 12.5", "debian_linux", System::Linux),
    os("Cisco IOS Software & Firmware", "ios", System::Appliance),
];

const fn os(name: &'static str, cpe: &'static str, system: System) -> Os {
    Os { name, cpe, system }
}

#[cfg(test)]
mod tests {
    use super::super::small;
    use super::*;

    #[test]
    fn a_share_of_the_hosts_is_odd() {
        let world = small(2_000);
        let hosts: Vec<Host> = (0..2_000)
            .filter_map(|index| world.host(index, 0))
            .collect();
        let count = |odd: fn(&Host) -> bool| hosts.iter().filter(|host| odd(host)).count();
        assert!((10..60).contains(&count(|host| host.ipv4().is_none())));
        assert!((20..200).contains(&count(
            |host| host.dns().is_none() && host.netbios().is_none()
        )));
        assert!((5..40).contains(&count(|host| !host.is_scanned)));
        assert!((10..60).contains(&count(|host| !host.hostname().is_ascii())));
    }

    #[test]
    fn one_machine_may_have_two_ids_and_two_machines_one_address() {
        let world = small(100);
        let host = |index| world.host(index, 0).unwrap();
        assert_eq!(
            (host(38).name(), host(38).ipv4()),
            (host(39).name(), host(39).ipv4())
        );
        assert_eq!(host(48).ipv4(), host(49).ipv4());
        assert_ne!(host(48).network(), host(49).network());
    }
}
