//! The simulated subscription: hosts, detections, knowledge base, asset groups.
//!
//! Every record is a pure function of the seed, its number and the day, made when it is asked
//! for. A world of a million hosts therefore holds nothing but a few text pools. Nothing here
//! knows HTTP, XML or the clock.

pub(crate) mod asset_group;
pub(crate) mod calendar;
pub(crate) mod cve;
pub(crate) mod host;
pub(crate) mod life;
pub(crate) mod noise;
pub(crate) mod population;
pub(crate) mod results;
pub(crate) mod row;
pub(crate) mod software;
pub(crate) mod tag;
pub(crate) mod time;
pub(crate) mod view;
pub(crate) mod vulnerability;
pub(crate) mod web_app;
pub(crate) mod web_finding;

use std::ops::Range;

use host::Host;
use population::Population;
use results::Pools;
use row::Row;
use time::{DAY, Timestamp};

/// What the world is made from. Two worlds of the same scale are equal.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    pub(crate) seed: u64,
    pub(crate) hosts: u64,
    /// Fewest and most rows of a host on day 0, all statuses and certainties together.
    pub(crate) detections: (u32, u32),
    pub(crate) results_scale: f64,
    /// Hosts that are scanned on a day, in thousandths.
    pub(crate) scanned_per_mille: u32,
    /// Hosts that appear, and hosts that are purged, on a day, in hundred thousandths.
    pub(crate) churn: u32,
    /// Web applications on day 0.
    pub(crate) web_apps: u64,
    /// Fewest and most findings of a web application.
    pub(crate) web_findings: (u32, u32),
    /// The present of day 0.
    pub(crate) start: Timestamp,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) scale: Scale,
    pub(crate) population: Population,
    pub(crate) pools: Pools,
    /// Of web applications.
    pub(crate) web: Population,
}

impl World {
    pub(crate) fn new(scale: Scale) -> World {
        let population = Population {
            seed: scale.seed,
            initial: scale.hosts,
            churn: scale.churn,
        };
        let web = Population {
            seed: scale.seed ^ web_app::SALT,
            initial: scale.web_apps,
            churn: scale.churn,
        };
        let pools = Pools::new(scale.seed, scale.results_scale);
        World {
            scale,
            population,
            pools,
            web,
        }
    }

    /// The present on a day; no record carries a later time.
    pub(crate) fn now(&self, day: u32) -> Timestamp {
        self.scale.start.plus(i64::from(day) * DAY)
    }

    /// The host of that index, unless it is not there yet or already purged.
    pub(crate) fn host(&self, index: u64, day: u32) -> Option<Host> {
        self.population
            .is_present(index, day)
            .then(|| Host::new(self, index, day))
    }

    /// Indices of all hosts that ever were there until this day, purged ones included.
    pub(crate) fn indices(&self, day: u32) -> Range<u64> {
        0..self.population.ever(day)
    }

    /// All rows of a host, in the order in which Qualys sends them.
    pub(crate) fn rows<'a>(&'a self, host: &'a Host) -> impl Iterator<Item = Row> + 'a {
        (0..host.slots(self)).filter_map(move |slot| Row::new(self, host, slot))
    }
}

#[cfg(test)]
pub(crate) fn small(hosts: u64) -> World {
    World::new(Scale {
        seed: 1,
        hosts,
        detections: (10, 100),
        results_scale: 1.0,
        scanned_per_mille: 200,
        churn: 200,
        web_apps: 20,
        web_findings: (5, 30),
        start: Timestamp::parse("2026-11-01T12:00:00Z").expect("a date"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_worlds_of_one_seed_are_equal_and_of_two_seeds_are_not() {
        let (a, b) = (small(100), small(100));
        let other = World::new(Scale {
            seed: 2,
            ..a.scale.clone()
        });
        let rows = |world: &World| {
            let host = world.host(42, 3).unwrap();
            format!("{host:?} {:?}", world.rows(&host).collect::<Vec<_>>())
        };
        assert_eq!(rows(&a), rows(&b));
        assert_ne!(rows(&a), rows(&other));
    }

    #[test]
    fn a_host_has_about_fifty_rows() {
        let world = small(2_000);
        let hosts = world.indices(0).filter_map(|index| world.host(index, 0));
        let counts: Vec<usize> = hosts
            .map(|host| world.rows(&host).count())
            .filter(|&count| count > 0)
            .collect();
        let mean = counts.iter().sum::<usize>() / counts.len();
        assert!((45..=55).contains(&mean), "{mean}");
        assert!(counts.iter().all(|count| (10..=100).contains(count)));
    }

    #[test]
    fn no_row_carries_a_time_after_the_present() {
        let world = small(300);
        for day in [0, 1, 40] {
            for host in world
                .indices(day)
                .filter_map(|index| world.host(index, day))
            {
                for row in world.rows(&host) {
                    assert!(row.first_found <= row.last_found);
                    assert!(row.last_found <= row.last_test && row.last_test < row.last_processed);
                    assert!(row.last_processed < world.now(day));
                    assert!(row.last_fixed.is_none_or(|fixed| fixed > row.first_found));
                }
            }
        }
    }

    #[test]
    fn between_two_days_only_scanned_hosts_change() {
        let world = small(1_000);
        let changed = world
            .indices(5)
            .filter_map(|index| Some((world.host(index, 5)?, world.host(index, 6)?)))
            .filter(|(before, after)| {
                let rows = |host| format!("{:?}", world.rows(host).collect::<Vec<_>>());
                let is_rescanned = after.last_processed > world.now(5);
                assert_eq!(is_rescanned, before.last_processed != after.last_processed);
                assert!(is_rescanned || rows(before) == rows(after));
                is_rescanned
            })
            .count();
        assert!((180..=220).contains(&changed), "{changed}");
    }
}
