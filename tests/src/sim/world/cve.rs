//! CVEs: which ones an entry of the knowledge base names, and what Qualys makes of each.
//!
//! Two entries may name one CVE, so all that is said of it follows from its name.

use std::collections::BTreeSet;

use super::World;
use super::noise::{below, mix};
use super::time::{DAY, Timestamp};
use super::vulnerability::{self, Kind, Vulnerability};

/// What Qualys makes of a CVE.
#[derive(Clone, Debug)]
pub(crate) struct CveScore {
    pub(crate) cve: String,
    pub(crate) score: u64,
    pub(crate) changed: Timestamp,
    pub(crate) published: Timestamp,
    /// In thousandths.
    pub(crate) epss: u64,
    pub(crate) exploit_maturity: &'static [&'static str],
    pub(crate) threat_actors: &'static [&'static str],
    pub(crate) malware: &'static [&'static str],
    /// Not told of all.
    pub(crate) is_known_exploited: Option<bool>,
}

/// Names of the CVEs of an entry; none for gathered information.
pub(crate) fn of(entry: &Vulnerability) -> impl Iterator<Item = String> + use<> {
    let noise = mix(entry.key, 34);
    let count = match entry.kind {
        Kind::Information => 0,
        _ => below(mix(entry.key, 31), 5),
    };
    (0..count).map(move |nth| {
        format!(
            "CVE-{}-{:04}",
            2016 + (noise + nth) % 11,
            1_000 + (noise >> 8) % 40_000 + nth
        )
    })
}

/// The names of all that the knowledge base names.
pub(crate) fn all(world: &World) -> BTreeSet<String> {
    let ordinals = 0..vulnerability::count();
    let entries = ordinals.map(|ordinal| Vulnerability::new(world.scale.seed, ordinal));
    let known = entries.filter(|entry| !entry.is_retired());
    known.flat_map(|entry| of(&entry)).collect()
}

impl CveScore {
    /// None for a CVE that has no score, which one of 20 has not.
    pub(crate) fn of(world: &World, cve: &str, day: u32) -> Option<CveScore> {
        let key = cve
            .bytes()
            .fold(SALT, |key, byte| mix(key, u64::from(byte)));
        if below(mix(key, 1), 20) == 0 {
            return None;
        }
        let turn = below(mix(key, 2), u64::from(EVERY_DAYS)) as u32;
        let revision = (day + turn) / EVERY_DAYS;
        let noise = mix(key, 100 + u64::from(revision));
        let day = match i64::from(revision * EVERY_DAYS) - i64::from(turn) {
            day @ 1.. => day,
            _ => -(below(mix(key, 3), 900) as i64),
        };
        let start = world.scale.start;
        let secs = below(key, 20 * 3_600) as i64;
        Some(CveScore {
            cve: cve.to_owned(),
            score: 1 + below(noise, 100),
            changed: start.plus(day * DAY - 3_600 - secs),
            published: start.plus(-DAY * (901 + below(mix(key, 4), 3_000) as i64)),
            epss: below(mix(noise, 1), 1_000),
            exploit_maturity: [&[][..], &["poc"], &["weaponized", "poc"]][(noise % 3) as usize],
            threat_actors: [&[][..], &[], &["Hafnium", "APT 41"]][(noise / 3 % 3) as usize],
            malware: [&[][..], &[], &[], &["Mirai"]][(noise / 9 % 4) as usize],
            is_known_exploited: [None, Some(false), Some(true)][(noise / 36 % 3) as usize],
        })
    }
}

/// How often a score changes.
const EVERY_DAYS: u32 = 30;
const SALT: u64 = 0x6376_6573;
