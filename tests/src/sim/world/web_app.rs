//! Web applications, and when they were scanned.

use super::World;
use super::calendar::Calendar;
use super::noise::{below, mix, pick};
use super::tag::{TAGS, Tag};
use super::time::{DAY, Timestamp};

#[derive(Clone, Debug)]
pub(crate) struct WebApp {
    pub(crate) index: u64,
    pub(crate) id: u64,
    pub(crate) key: u64,
    pub(crate) calendar: Calendar,
    /// The number of its latest scan.
    pub(crate) scan: i64,
    start: Timestamp,
}

impl World {
    /// The web application of that index, unless it is not there yet or already purged.
    pub(crate) fn web_app(&self, index: u64, day: u32) -> Option<WebApp> {
        self.web
            .is_present(index, day)
            .then(|| WebApp::new(self, index, day))
    }
}

impl WebApp {
    fn new(world: &World, index: u64, day: u32) -> WebApp {
        let key = mix(world.scale.seed ^ SALT, index);
        let first_day = match world.web.birth_day(index) {
            0 => -30 - below(mix(key, 1), 200) as i64,
            birth_day => i64::from(birth_day),
        };
        let calendar = Calendar {
            phase: below(mix(key, 2), 1_000) as i64,
            pace: i64::from(world.scale.scanned_per_mille),
            first_day,
        };
        WebApp {
            index,
            id: FIRST_ID + world.web.id(index),
            key,
            calendar,
            scan: calendar.scan_at(i64::from(day)),
            start: world.scale.start,
        }
    }

    pub(crate) fn name(&self) -> String {
        let what = pick(NAMES, mix(self.key, 3));
        match self.index % 7 {
            // Nobody gave it another name than its address.
            0 => self.url(),
            _ => format!("{what} {}", self.index),
        }
    }

    pub(crate) fn url(&self) -> String {
        let path = pick(PATHS, mix(self.key, 4));
        format!("https://app-{}.example.com{path}", self.index)
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = &'static Tag> {
        let key = self.key;
        TAGS.iter()
            .filter(move |tag| mix(key, tag.id).is_multiple_of(4))
    }

    /// When that scan ended. Scans of day D lie between the presents of D - 1 and D.
    pub(crate) fn scanned_at(&self, scan: i64) -> Timestamp {
        let day = self.calendar.day_of(scan);
        let back = 2 * 3_600 + below(mix(self.key, 5 ^ scan as u64), 20 * 3_600) as i64;
        self.start.plus(day * DAY - back)
    }

    pub(crate) fn last_scanned(&self) -> Timestamp {
        self.scanned_at(self.scan)
    }

    pub(crate) fn created(&self) -> Timestamp {
        let first = self.scanned_at(self.calendar.first_scan());
        first.plus(-(below(mix(self.key, 6), 3_000) as i64) - 60)
    }

    pub(crate) fn risk_score(&self) -> u64 {
        below(mix(self.key, 7 ^ self.scan as u64), 1_001)
    }

    /// The day's present, as of which somebody ignored something.
    pub(crate) fn moment(&self, day: i64, key: u64) -> Timestamp {
        let back = 2 * 3_600 + below(mix(key, 8), 20 * 3_600) as i64;
        self.start.plus(day * DAY - back)
    }
}

pub(crate) const SALT: u64 = 0x7765_6261;
/// Far from the numbers of hosts.
const FIRST_ID: u64 = 238_000_000;
const NAMES: &[&str] = &[
    "Shop & till",
    "Customer <portal>",
    "Zürich booking",
    "東京 intranet",
    "Billing API",
];
const PATHS: &[&str] = &["", "/", "/shop/", "/#/", "/app?lang=en&v=2"];
