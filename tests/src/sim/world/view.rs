//! What Global AssetView knows of one machine: software and open ports.
//!
//! A pure function of the host, as all here. It changes only when the host is scanned.

use super::World;
use super::host::Host;
use super::noise::{below, mix, pick};
use super::time::{DAY, Timestamp};

/// A machine as the inventory of assets lists it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asset {
    pub(crate) id: u64,
    pub(crate) host: Host,
    /// The numbers of VMDR and of the inventory do not go together everywhere.
    pub(crate) has_host: bool,
}

/// A piece of software.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) product: String,
    pub(crate) version: String,
    pub(crate) publisher: Option<&'static str>,
    pub(crate) category: Option<&'static str>,
    pub(crate) is_package: bool,
    pub(crate) is_ignored: bool,
    pub(crate) end_of_life: Option<Timestamp>,
    pub(crate) installed: Option<Timestamp>,
    /// In which of the ways its dates are written.
    pub(crate) manner: u64,
}

/// Number, protocol, service.
pub(crate) type Port = (u16, &'static str, Option<&'static str>);

impl Asset {
    /// The asset of that index, unless its host is not there.
    ///
    /// Of two hosts that are one machine, the inventory knows the first; at the place of the second
    /// stands an asset that no scanner has seen.
    pub(crate) fn at(world: &World, index: u64, day: u32) -> Option<Asset> {
        let host = world.host(index, day)?;
        Some(Asset {
            id: FIRST_ID + index,
            host,
            has_host: host.asset_id() == FIRST_ID + index,
        })
    }

    /// The lowest index whose asset lies behind this id.
    pub(crate) fn index_behind(id: u64) -> u64 {
        (id + 1).saturating_sub(FIRST_ID)
    }

    pub(crate) fn updated(&self) -> Timestamp {
        self.host.last_processed
    }

    pub(crate) fn products(&self) -> impl Iterator<Item = Product> {
        let key = mix(self.host.key, 0x7669_6577);
        let (host, n) = (self.host, 4 + below(key, 40));
        (0..n).map(move |nth| product(&host, mix(key, nth), nth))
    }

    pub(crate) fn ports(&self) -> impl Iterator<Item = Port> {
        let key = mix(self.host.key, 0x706f_7274);
        PORTS.iter().copied().filter(move |port| {
            // Ports come and go with the scans.
            below(mix(key, u64::from(port.0) ^ (self.host.scan as u64 / 3)), 3) == 0
        })
    }
}

fn product(host: &Host, key: u64, nth: u64) -> Product {
    let (product, publisher, category) = PRODUCTS[nth as usize % PRODUCTS.len()];
    let is_package = nth as usize >= PRODUCTS.len();
    let product = match is_package {
        true => format!(
            "lib{}-{nth}",
            pick(&["ssl", "xml", "crypt", "größe", "c++"], key)
        ),
        false => product.to_owned(),
    };
    // One in eight is updated with every scan.
    let patch = match below(mix(key, 1), 8) {
        0 => host.scan.rem_euclid(1_000) as u64,
        _ => below(mix(key, 2), 30),
    };
    let version = format!(
        "{}.{}.{patch}",
        1 + below(mix(key, 3), 12),
        below(mix(key, 4), 10)
    );
    let day = |noise: u64, from: i64, days: u64| {
        Timestamp((from + below(mix(key, noise), days) as i64) * DAY)
    };
    Product {
        id: (1 << 62) + (key >> 3),
        name: format!("{product} {version}"),
        product,
        version,
        publisher: (!is_package).then_some(publisher),
        category: (!is_package).then_some(category),
        is_package,
        is_ignored: below(mix(key, 5), 12) == 0,
        end_of_life: (below(mix(key, 6), 3) == 0).then(|| day(7, 20_000, 2_000)),
        installed: (below(mix(key, 8), 4) != 0)
            .then(|| day(9, 18_000, 2_000).plus(below(mix(key, 10), 86_400) as i64)),
        manner: below(mix(key, 11), 2),
    }
}

const FIRST_ID: u64 = 40_000_000;
const PORTS: &[Port] = &[
    (22, "TCP", Some("ssh")),
    (53, "UDP", Some("domain")),
    (80, "TCP", Some("http")),
    (161, "UDP", None),
    (443, "TCP", Some("http over ssl")),
    (445, "TCP", Some("microsoft-ds")),
    (3389, "TCP", Some("win_remote_desktop")),
    (5432, "TCP", Some("postgresql")),
    (65_535, "TCP", None),
];
const PRODUCTS: &[(&str, &str, &str)] = &[
    ("PostgreSQL", "PostgreSQL", "Databases / RDBMS"),
    ("OpenSSH", "OpenBSD", "Network Application / Remote Access"),
    (
        "Firefox",
        "Mozilla",
        "Network Application / Internet Browser",
    ),
    (
        "Visual C++ \"Redistributable\"",
        "Microsoft",
        "Application Development / Libraries",
    ),
    (
        "Java Runtime",
        "Oracle",
        "Application Development / Runtime",
    ),
    ("7-Zip", "Igor Pavlov", "Utilities / Compression"),
    ("Büro <Suite> & more", "Müller & Söhne", "Productivity"),
    ("Cloud Agent", "Qualys", "Security / Agents"),
    (
        "Python",
        "Python Software Foundation",
        "Application Development / Runtime",
    ),
    ("nginx", "F5", "Network Application / Web Servers"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::small;

    #[test]
    fn assets_are_found_by_the_id_before_them() {
        let world = small(100);
        assert_eq!(Asset::index_behind(0), 0);
        for index in 0..100 {
            let Some(asset) = Asset::at(&world, index, 0) else {
                continue;
            };
            assert_eq!(Asset::index_behind(asset.id), index + 1);
            assert_eq!(Asset::index_behind(asset.id - 1), index);
            assert_eq!(asset.has_host, index % 40 != 39);
        }
    }

    #[test]
    fn what_is_installed_changes_with_scans_alone() {
        let world = small(400);
        let mut n_changed = 0;
        for index in 0..400 {
            let at = |day| Asset::at(&world, index, day);
            let (Some(before), Some(after)) = (at(5), at(6)) else {
                continue;
            };
            let told = |asset: &Asset| {
                let products: Vec<_> = asset.products().collect();
                let ports: Vec<_> = asset.ports().collect();
                format!("{products:?} {ports:?}")
            };
            if told(&before) != told(&after) {
                assert!(after.updated() > world.now(5));
                n_changed += 1;
            }
        }
        assert!(n_changed > 20, "{n_changed}");
    }
}
