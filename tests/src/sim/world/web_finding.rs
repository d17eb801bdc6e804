//! What is found in web applications.
//!
//! The numbers of findings are scattered over the web applications, as Qualys gives them in the
//! order in which scans find things: finding `slot` of each of them comes before the next slot.

use super::World;
use super::life::{self, Pattern, Status};
use super::noise::{below, mix};
use super::time::Timestamp;
use super::vulnerability::{self, Family, Kind, Vulnerability};
use super::web_app::WebApp;

#[derive(Clone, Debug)]
pub(crate) struct WebFinding {
    pub(crate) id: u64,
    pub(crate) key: u64,
    pub(crate) vulnerability: Vulnerability,
    pub(crate) is_sensitive: bool,
    /// Absent for gathered information.
    pub(crate) status: Option<Status>,
    /// Shown as a status of its own.
    pub(crate) is_protected: bool,
    pub(crate) is_potential: bool,
    pub(crate) first_detected: Timestamp,
    pub(crate) last_detected: Timestamp,
    pub(crate) last_tested: Timestamp,
    pub(crate) fixed: Option<Timestamp>,
    pub(crate) times_detected: i64,
    /// When and why somebody ignored it.
    pub(crate) ignored: Option<(Timestamp, &'static str)>,
}

/// Web application by web application, slot by slot, in the order of the numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    slot: u64,
    index: u64,
}

impl Place {
    /// The first one whose number is above this.
    pub(crate) fn above(id: u64) -> Place {
        match (id + 1).checked_sub(FIRST_ID) {
            None => Place { slot: 0, index: 0 },
            Some(past) => Place {
                slot: past >> APP_BITS,
                index: past & ((1 << APP_BITS) - 1),
            },
        }
    }
}

impl World {
    /// The next finding from a place on, which moves behind it.
    pub(crate) fn web_finding(&self, day: u32, from: &mut Place) -> Option<(WebApp, WebFinding)> {
        let (end, slots) = (
            self.web.ever(day),
            u64::from(self.scale.web_findings.1) + LATER,
        );
        while from.slot < slots {
            let Place { slot, index } = *from;
            if index >= end {
                *from = Place {
                    slot: slot + 1,
                    index: 0,
                };
                continue;
            }
            from.index += 1;
            let found = self.web_app(index, day).and_then(|app| {
                let finding = WebFinding::new(self, &app, slot, day)?;
                Some((app, finding))
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

impl WebFinding {
    fn new(world: &World, app: &WebApp, slot: u64, day: u32) -> Option<WebFinding> {
        let key = mix(app.key ^ SALT, slot);
        let (min, max) = world.scale.web_findings;
        let present = u64::from(min) + below(mix(app.key, 10), u64::from(max - min) + 1);
        let birth = app.calendar.first_scan();
        let first = match slot.checked_sub(present) {
            None => birth + below(mix(key, 3), (-birth).max(0) as u64 + 1) as i64,
            Some(later) if later < LATER => birth.max(0) + 1 + below(mix(key, 3), 12) as i64,
            Some(_) => return None,
        };
        // Qualys drops one now and then without a word.
        let is_dropped = below(mix(key, 9), 20) == 0 && u64::from(day) > below(mix(key, 10), 30);
        if app.scan < first || is_dropped {
            return None;
        }
        let size = vulnerability::size_of(Family::Web);
        let stride = 1 + app.key % (size - 1);
        let nth = app.key % size + slot * stride;
        let vulnerability = Vulnerability::nth_of(Family::Web, world.scale.seed, nth);
        let is_gathered = vulnerability.kind == Kind::Information;
        let pattern = match below(mix(key, 4), 10) {
            _ if is_gathered => Pattern::Lasting,
            0..=5 => Pattern::Lasting,
            6 | 7 => Pattern::Fixed {
                open: 1 + (key % 20) as i64,
            },
            _ => Pattern::Flapping {
                cycle: 4,
                open: 1 + (key % 3) as i64,
            },
        };
        let life = life::after(pattern, first, app.scan);
        let since = below(mix(key, 5), 40) as i64 - 20;
        let is_ignored = !is_gathered && below(mix(key, 6), 8) == 0 && i64::from(day) >= since;
        Some(WebFinding {
            id: FIRST_ID + (slot << APP_BITS) + app.index,
            key,
            vulnerability,
            is_sensitive: !is_gathered && below(mix(key, 7), 8) == 0,
            status: (!is_gathered).then_some(life.status),
            is_protected: !is_gathered
                && life.status == Status::Active
                && below(mix(key, 8), 10) == 0,
            is_potential: vulnerability.kind == Kind::Potential,
            first_detected: app.scanned_at(first),
            last_detected: app.scanned_at(life.last_found_scan),
            last_tested: app.last_scanned(),
            fixed: life
                .last_fixed_scan
                .filter(|_| life.status == Status::Fixed)
                .map(|scan| app.scanned_at(scan)),
            times_detected: life.times_found,
            ignored: is_ignored.then(|| {
                let reason = REASONS[(mix(key, 11) % 3) as usize];
                (app.moment(since, key), reason)
            }),
        })
    }

    pub(crate) fn unique_id(&self) -> String {
        let (a, b) = (mix(self.key, 12), mix(self.key, 13));
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }

    /// Of a page within the web application.
    pub(crate) fn url(&self, app: &WebApp) -> Option<String> {
        let page = below(mix(self.key, 14), 50);
        let base = format!("https://app-{}.example.com", app.index);
        self.status
            .map(|_| format!("{base}/page/{page}?q=1&next=<start>"))
    }

    pub(crate) fn param(&self) -> Option<&'static str> {
        let is_of_one = below(mix(self.key, 15), 3) == 0;
        (self.status.is_some() && is_of_one).then_some("q")
    }
}

const SALT: u64 = 0x6669_6e64;
const FIRST_ID: u64 = 6_800_000;
/// A place in the number for each web application.
const APP_BITS: u32 = 24;
/// Findings of a web application that come on later days.
const LATER: u64 = 6;
const REASONS: [&str; 3] = ["FALSE_POSITIVE", "RISK_ACCEPTED", "NOT_APPLICABLE"];

#[cfg(test)]
mod tests {
    use super::super::small;
    use super::*;

    #[test]
    fn numbers_grow_and_a_page_begins_where_the_one_before_ended() {
        let world = small(1);
        let mut place = Place::above(0);
        let mut all = Vec::new();
        while let Some((app, finding)) = world.web_finding(3, &mut place) {
            assert!(finding.last_tested < world.now(3));
            assert!(app.created() < app.last_scanned());
            all.push(finding.id);
        }
        assert!(all.is_sorted() && all.len() > 100, "{}", all.len());
        for at in [0, 17, all.len() - 2] {
            let next = world.web_finding(3, &mut Place::above(all[at]));
            assert_eq!(next.map(|(_, it)| it.id), Some(all[at + 1]));
        }
        let last = all[all.len() - 1];
        assert!(world.web_finding(3, &mut Place::above(last)).is_none());
    }

    #[test]
    fn all_that_can_happen_to_a_finding_happens_within_a_fortnight() {
        let world = small(1);
        let of = |day| {
            let (mut place, mut all) = (Place::above(0), Vec::new());
            while let Some((_, finding)) = world.web_finding(day, &mut place) {
                all.push(finding);
            }
            all
        };
        let (before, after) = (of(0), of(14));
        let has = |holds: &dyn Fn(&WebFinding) -> bool| after.iter().any(holds);
        for status in [Status::New, Status::Active, Status::Fixed, Status::Reopened] {
            assert!(has(&|it| it.status == Some(status)), "{status:?}");
        }
        assert!(has(&|it| it.is_protected) && has(&|it| it.is_sensitive));
        assert!(has(&|it| it.status.is_none()));
        let is_ignored = |all: &[WebFinding]| all.iter().filter(|it| it.ignored.is_some()).count();
        assert!(is_ignored(&after) > is_ignored(&before));
        let is_gone = |one: &&WebFinding| !after.iter().any(|it| it.id == one.id);
        assert!(before.iter().any(|one| is_gone(&one)));
    }
}
