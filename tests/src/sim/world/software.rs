//! What is installed on a host, and which ports it answers at.
//!
//! Both change with scans alone, as all that Qualys knows of a host does. An outside view has no
//! asset of its own, some assets name no host, and some tell of nothing: so a client has to make do
//! with what results say.

use super::host::Host;
use super::life::Status;
use super::noise::{below, mix};
use super::row::Row;
use super::vulnerability::Family;

/// A program in the version that is installed, which is never the one that is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) version: [u64; 3],
}

impl Program {
    pub(crate) fn version(self) -> String {
        let [major, minor, patch] = self.version;
        format!("{major}.{minor}.{patch}")
    }

    /// The version that detections ask for.
    pub(crate) fn required(self) -> Program {
        let [major, minor, patch] = self.version;
        Program {
            version: [major, minor, patch + 1],
            ..self
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Port {
    pub(crate) number: u16,
    pub(crate) protocol: &'static str,
    pub(crate) service: &'static str,
}

/// What the asset of a host tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Told {
    /// There is no asset: its number is that of another view of the machine.
    NoAsset,
    /// The asset does not say which host it is.
    Nameless,
    /// Lists without rows.
    Nothing,
    /// Lists with one row each.
    One,
    All,
}

pub(crate) fn told(host: &Host) -> Told {
    match (host.index % 40, host.index % 25, host.index % 10) {
        (39, _, _) => Told::NoAsset,
        (_, 7, _) => Told::Nameless,
        (_, _, 3) => Told::Nothing,
        (_, _, 4) => Told::One,
        _ => Told::All,
    }
}

pub(crate) fn programs(host: &Host) -> impl Iterator<Item = Program> + '_ {
    (0..n_programs(host)).map(|nth| program(host, nth))
}

/// As the asset lists them.
pub(crate) fn listed_programs(host: &Host) -> impl Iterator<Item = Program> + '_ {
    programs(host).take(match told(host) {
        Told::NoAsset | Told::Nameless | Told::Nothing => 0,
        Told::One => 1,
        Told::All => usize::MAX,
    })
}

/// As the asset lists them.
pub(crate) fn listed_ports(host: &Host) -> impl Iterator<Item = &'static Port> + '_ {
    let is_open = |nth: usize| {
        let noise = mix(host.key ^ SALT, 100 + nth as u64);
        // One in three for good, one in three now and then.
        match noise % 3 {
            0 => true,
            1 => (host.scan + nth as i64).rem_euclid(5) < 2,
            _ => false,
        }
    };
    let open = PORTS
        .iter()
        .enumerate()
        .filter(move |(nth, _)| is_open(*nth));
    let most = match told(host) {
        Told::NoAsset | Told::Nameless | Told::Nothing => 0,
        Told::One => 1,
        Told::All => usize::MAX,
    };
    open.map(|(_, port)| port).take(most)
}

/// The programs that the results of a row complain about; most complain about none.
pub(crate) fn complained<'a>(host: &'a Host, row: &Row) -> impl Iterator<Item = Program> + 'a {
    let noise = match (row.vulnerability.family, row.results) {
        (Family::Linux, Some(noise)) => Some(noise),
        _ => None,
    };
    let n = noise.map_or(0, |noise| 1 + noise % 4);
    let first = noise.unwrap_or_default() >> 8;
    let all = n_programs(host);
    (0..n.min(all)).map(move |nth| program(host, (first % all + nth) % all))
}

/// Whether what the row complains about is still there.
pub(crate) fn is_there(row: &Row) -> bool {
    row.status != Some(Status::Fixed)
}

fn n_programs(host: &Host) -> u64 {
    3 + below(mix(host.key ^ SALT, 1), 30)
}

fn program(host: &Host, nth: u64) -> Program {
    let names = NAMES.len() as u64;
    // A step that leads through all names before one comes again.
    let at = (mix(host.key ^ SALT, 2) % names + nth * 7) % names;
    let noise = mix(host.key ^ SALT, 1_000 + at);
    let phase = (noise >> 32) as i64 % 9;
    let updates = (host.scan + phase).div_euclid(9).rem_euclid(1_000);
    Program {
        name: NAMES[at as usize],
        version: [noise & 7, noise >> 8 & 31, updates as u64],
    }
}

/// As many as a prime, so that steps of seven lead through all of them.
const NAMES: [&str; 37] = [
    "bash",
    "openssl",
    "libcurl4",
    "python3.10",
    "glibc",
    "sudo",
    "kernel-core",
    "zlib",
    "Editor <Pro> & Friends",
    "Bürokommunikation",
    "Contoso Rapport \"2024\"",
    "東京 Fonts",
    "=SUM(A1)",
    "openssh-server",
    "nginx",
    "httpd",
    "postgresql-16",
    "mariadb-server",
    "redis",
    "nodejs",
    "perl",
    "systemd",
    "util-linux",
    "vim-enhanced",
    "git",
    "docker-ce",
    "containerd.io",
    "libxml2",
    "expat",
    "gnutls",
    "krb5-libs",
    "samba",
    "bind-utils",
    "ntp",
    "rsync",
    "tar",
    "xz",
];

static PORTS: [Port; 8] = [
    port(22, "TCP", "ssh"),
    port(53, "UDP", "domain"),
    port(80, "TCP", "http"),
    port(161, "UDP", ""),
    port(443, "TCP", "http over ssl"),
    port(3_389, "TCP", "win_remote_desktop"),
    port(8_443, "TCP", ""),
    port(49_152, "TCP", "<unknown> & new"),
];

const fn port(number: u16, protocol: &'static str, service: &'static str) -> Port {
    Port {
        number,
        protocol,
        service,
    }
}

/// The asset of the first host.
pub(crate) const FIRST_ASSET: u64 = 40_000_000;
const SALT: u64 = 0x736f_6674;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::small;
    use super::*;

    #[test]
    fn a_host_has_a_program_once() {
        let world = small(300);
        for host in (0..300).filter_map(|index| world.host(index, 0)) {
            let names: Vec<&str> = programs(&host).map(|it| it.name).collect();
            let once: HashSet<&str> = names.iter().copied().collect();
            assert_eq!(once.len(), names.len());
        }
    }

    #[test]
    fn software_and_ports_change_with_scans_alone() {
        let world = small(400);
        let (mut n_software, mut n_ports) = (0, 0);
        for index in 0..400 {
            let (Some(before), Some(after)) = (world.host(index, 0), world.host(index, 12)) else {
                continue;
            };
            let software = |host| programs(host).collect::<Vec<_>>();
            let ports = |host| listed_ports(host).collect::<Vec<_>>();
            if before.scan == after.scan {
                assert_eq!(software(&before), software(&after));
                assert_eq!(ports(&before), ports(&after));
            }
            n_software += u32::from(software(&before) != software(&after));
            n_ports += u32::from(ports(&before) != ports(&after));
        }
        assert!(n_software > 50 && n_ports > 50, "{n_software} {n_ports}");
    }
}
