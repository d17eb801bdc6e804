//! One detection on one host on one day: the `DETECTION` element, as numbers.

use super::World;
use super::host::Host;
use super::life::{self, Pattern, Status};
use super::noise::{below, mix};
use super::time::Timestamp;
use super::vulnerability::{self, Family, Kind, Vulnerability};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) unique_vuln_id: u64,
    pub(crate) vulnerability: Vulnerability,
    pub(crate) certainty: Certainty,
    /// Absent for gathered information.
    pub(crate) status: Option<Status>,
    pub(crate) service: Option<Service>,
    pub(crate) has_fqdn: bool,
    pub(crate) instance: Option<&'static str>,
    pub(crate) first_found: Timestamp,
    pub(crate) last_found: Timestamp,
    pub(crate) times_found: i64,
    pub(crate) last_test: Timestamp,
    pub(crate) last_update: Timestamp,
    pub(crate) last_processed: Timestamp,
    pub(crate) last_fixed: Option<Timestamp>,
    pub(crate) first_reopened: Option<Timestamp>,
    pub(crate) last_reopened: Option<Timestamp>,
    pub(crate) times_reopened: i64,
    pub(crate) is_ignored: bool,
    pub(crate) is_disabled: bool,
    pub(crate) qds: Option<u8>,
    /// What the text of `RESULTS` is drawn from; `None` if there is none.
    pub(crate) results: Option<u64>,
    pub(crate) key: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Certainty {
    Confirmed,
    Information,
    Potential,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Service {
    pub(crate) port: u16,
    pub(crate) protocol: &'static str,
    pub(crate) ssl: bool,
}

impl Row {
    /// `None` while the detection has not been found for the first time.
    pub(crate) fn new(world: &World, host: &Host, slot: u32) -> Option<Row> {
        let key = mix(host.key ^ SALT, u64::from(slot));
        let first = first_scan(world, host, slot, key);
        if first > host.scan {
            return None;
        }
        // Rows 6, 7 and 8 of each ten are one QID, on three services.
        let group = slot - [0, 0, 0, 0, 0, 0, 0, 1, 2, 0][(slot % 10) as usize];
        let vulnerability = vulnerability_of(world, host, group);
        let is_information = vulnerability.kind == Kind::Information;
        let pattern = if is_information {
            Pattern::Lasting
        } else {
            pattern(key)
        };
        let life = life::after(pattern, first, host.scan);
        let is_fixed = life.status == Status::Fixed;
        Some(Row {
            unique_vuln_id: unique_vuln_id(host, slot),
            vulnerability,
            certainty: certainty(vulnerability.kind, key, host.scan),
            status: (!is_information).then_some(life.status),
            service: service(vulnerability.family, slot, key),
            has_fqdn: slot % 10 == 7,
            instance: instance(vulnerability.family, slot, key),
            first_found: host.scanned_at(first),
            last_found: at(host, life.last_found_scan),
            times_found: life.times_found,
            last_test: host.last_scanned,
            last_update: match life.last_fixed_scan {
                Some(scan) if is_fixed => host.processed_at(scan),
                _ => host.last_processed,
            },
            last_processed: host.last_processed,
            last_fixed: life.last_fixed_scan.map(|scan| at(host, scan)),
            first_reopened: life.first_reopened_scan.map(|scan| at(host, scan)),
            last_reopened: life.last_reopened_scan.map(|scan| at(host, scan)),
            times_reopened: life.times_reopened,
            is_ignored: below(mix(key, 1), 50) == 0 && host.scan >= first + 2,
            is_disabled: vulnerability.is_disabled(),
            qds: (!is_information).then(|| qds(vulnerability.severity, key)),
            results: (below(mix(key, 2), 20) != 0).then(|| results(key, host.scan)),
            key,
        })
    }

    /// Name of a virtual host on a shared service.
    pub(crate) fn fqdn(&self, host: &Host) -> Option<String> {
        self.has_fqdn
            .then(|| format!("shop-{}.example.com", host.index))
    }

    /// Whether a kernel finding concerns the kernel that runs; `None` for other findings.
    pub(crate) fn affects_running_kernel(&self) -> Option<bool> {
        self.vulnerability
            .is_kernel()
            .then(|| below(mix(self.key, 6), 3) != 0)
    }

    pub(crate) fn affects_running_service(&self) -> Option<bool> {
        let is_service = self.vulnerability.family == Family::Network;
        is_service.then(|| below(mix(self.key, 7), 4) != 0)
    }

    pub(crate) fn affects_exploitable_config(&self) -> Option<bool> {
        let is_config = self.vulnerability.family == Family::Application
            && self.vulnerability.key.is_multiple_of(4);
        is_config.then(|| below(mix(self.key, 8), 2) != 0)
    }
}

fn first_scan(world: &World, host: &Host, slot: u32, key: u64) -> i64 {
    let birth = host.calendar.first_scan();
    if slot >= host.present_slots(world) {
        birth.max(0) + 1 + below(mix(key, 3), 40) as i64
    } else {
        birth + below(mix(key, 3), (-birth).max(0) as u64 + 1) as i64
    }
}

fn vulnerability_of(world: &World, host: &Host, group: u32) -> Vulnerability {
    let seed = world.scale.seed;
    let family =
        vulnerability::family_for(host.os.system, mix(host.key ^ FAMILIES, u64::from(group)));
    let size = vulnerability::size_of(family);
    let stride = 1 + host.key % (size - 1);
    Vulnerability::nth_of(family, seed, host.key % size + u64::from(group) * stride)
}

fn pattern(key: u64) -> Pattern {
    let noise = mix(key, 4);
    match below(noise, 100) {
        0..=61 => Pattern::Lasting,
        62..=86 => Pattern::Fixed {
            open: 1 + (noise % 30) as i64,
        },
        _ => {
            let cycle = 6 + (noise % 14) as i64;
            Pattern::Flapping {
                cycle,
                open: 2 + (noise >> 8) as i64 % (cycle - 3),
            }
        }
    }
}

/// Wide enough for `slot`, and beyond 2^53 for hosts above 2^32, so that doubles show.
fn unique_vuln_id(host: &Host, slot: u32) -> u64 {
    let base = if host.id > u64::from(u32::MAX) {
        1 << 60
    } else {
        5_000_000_000
    };
    base + (host.index << 12) + u64::from(slot)
}

fn certainty(kind: Kind, key: u64, scan: i64) -> Certainty {
    match kind {
        Kind::Confirmed => Certainty::Confirmed,
        // Unauthenticated today, authenticated tomorrow.
        Kind::Either if (key ^ scan as u64) & 1 == 0 => Certainty::Confirmed,
        Kind::Either | Kind::Potential => Certainty::Potential,
        Kind::Information => Certainty::Information,
    }
}

fn service(family: Family, slot: u32, key: u64) -> Option<Service> {
    let tcp = |port, ssl| {
        Some(Service {
            port,
            protocol: "tcp",
            ssl,
        })
    };
    match slot % 10 {
        6 | 7 => return tcp(443, true),
        8 => return tcp(8_443, false),
        _ => {}
    }
    match (family, key % 6) {
        (Family::Network, 0) => tcp(22, false),
        (Family::Network, 1) => tcp(443, true),
        (Family::Network, 2) => tcp(3_389, true),
        (Family::Network, 3) => Some(Service {
            port: 161,
            protocol: "udp",
            ssl: false,
        }),
        (Family::Network, _) => tcp(80, false),
        (Family::Application, 0) => tcp(1_433, false),
        _ => None,
    }
}

fn instance(family: Family, slot: u32, key: u64) -> Option<&'static str> {
    match (slot % 10, family, key % 5) {
        (8, _, _) => Some("tomcat <2>"),
        (_, Family::Application, 0) => Some("MSSQLSERVER"),
        _ => None,
    }
}

/// 1 to 100: Low below 40, Medium below 70, High below 90, Critical from there.
fn qds(severity: u8, key: u64) -> u8 {
    let (lowest, width) = match severity {
        5 => (85, 16),
        4 => (70, 25),
        3 => (40, 30),
        2 => (15, 31),
        _ => (1, 20),
    };
    lowest + below(mix(key, 5), width) as u8
}

/// Most texts stay as they are for good; one in twenty differs with every scan.
fn results(key: u64, scan: i64) -> u64 {
    if key.is_multiple_of(20) {
        mix(key, scan as u64)
    } else {
        mix(key, u64::MAX)
    }
}

fn at(host: &Host, scan: i64) -> Timestamp {
    if scan == host.scan {
        host.last_scanned
    } else {
        host.scanned_at(scan)
    }
}

const SALT: u64 = 0x726f_7773;
const FAMILIES: u64 = 0x6661_6d69;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::small;
    use super::*;

    #[test]
    fn no_two_rows_of_a_host_have_the_same_natural_key() {
        let world = small(200);
        let mut several = 0;
        for host in (0..200).filter_map(|index| world.host(index, 30)) {
            let rows: Vec<Row> = world.rows(&host).collect();
            let natural = |row: &Row| {
                let service = row.service.map(|s| (s.port, s.protocol, s.ssl));
                (row.vulnerability.qid, service, row.has_fqdn, row.instance)
            };
            assert_eq!(
                rows.iter().map(natural).collect::<HashSet<_>>().len(),
                rows.len()
            );
            let qids: HashSet<u32> = rows.iter().map(|row| row.vulnerability.qid).collect();
            several += rows.len() - qids.len();
        }
        assert!(several > 500, "{several}");
    }

    #[test]
    fn every_status_and_certainty_occurs() {
        let world = small(200);
        let rows: Vec<Row> = (0..200)
            .filter_map(|index| world.host(index, 1))
            .flat_map(|host| world.rows(&host).collect::<Vec<_>>())
            .collect();
        for status in [Status::Active, Status::Fixed, Status::New, Status::Reopened] {
            assert!(
                rows.iter().any(|row| row.status == Some(status)),
                "{status:?}"
            );
        }
        for certainty in [
            Certainty::Confirmed,
            Certainty::Information,
            Certainty::Potential,
        ] {
            assert!(
                rows.iter().any(|row| row.certainty == certainty),
                "{certainty:?}"
            );
        }
        assert!(rows.iter().any(|row| row.is_ignored) && rows.iter().any(|row| row.is_disabled));
        assert!(
            rows.iter()
                .all(|row| (row.status.is_none()) == (row.qds.is_none()))
        );
    }
}
