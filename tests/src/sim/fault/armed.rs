//! When a fault strikes, and what a call has to suffer in sum.

use super::{Delivered, Fault, HostName, Instead, Kind, Target, Written};
use crate::sim::document::Frame;
use crate::sim::request::Api;
use crate::sim::world::World;

/// The faults that wait for calls, each with its count of matching ones.
#[derive(Debug, Default)]
pub(crate) struct Armed {
    faults: Vec<(Fault, u64)>,
}

/// What a call is, as far as faults choose by it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Victim<'a> {
    pub(crate) api: Option<Api>,
    pub(crate) path: &'a str,
    pub(crate) n_hosts: Option<u64>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Harm {
    pub(crate) instead: Option<Instead>,
    pub(crate) written: Vec<Written>,
    pub(crate) delivered: Vec<Delivered>,
    /// The faults that struck, as they were written.
    pub(crate) names: Vec<String>,
}

impl Armed {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.faults.push((fault, 0));
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    pub(crate) fn strike(&mut self, victim: Victim<'_>) -> Harm {
        let mut harm = Harm::default();
        for (fault, seen) in &mut self.faults {
            if !fault.matches(victim) {
                continue;
            }
            let nth = *seen;
            *seen += 1;
            if fault.strikes(nth) {
                harm.names.push(fault.text.clone());
                harm.add(fault.kind.clone());
            }
        }
        harm
    }
}

impl Fault {
    fn matches(&self, victim: Victim<'_>) -> bool {
        let is_on = match &self.on {
            Target::All => true,
            Target::Api(api) => victim.api == Some(*api),
            Target::Path(path) => victim.path.starts_with(path.as_str()),
        };
        is_on
            && self
                .over_hosts
                .is_none_or(|limit| victim.n_hosts.is_some_and(|n| n > limit))
    }

    /// Whether it strikes the `nth` matching call, counted from zero.
    fn strikes(&self, nth: u64) -> bool {
        let Some(past) = nth.checked_sub(self.after) else {
            return false;
        };
        let is_turn = past % self.every == self.every - 1;
        is_turn && self.first.is_none_or(|first| past / self.every < first)
    }
}

impl Harm {
    fn add(&mut self, kind: Kind) {
        match kind {
            Kind::Delivered(delivered) => self.delivered.push(delivered),
            Kind::Instead(instead) => {
                self.instead.get_or_insert(instead);
            }
            Kind::Written(written) => self.written.push(written),
        }
    }

    pub(crate) fn has_no_hosts(&self) -> bool {
        self.written
            .iter()
            .any(|written| matches!(written, Written::NoHosts))
    }

    /// The frame, with what is wrong.
    pub(crate) fn apply(&self, frame: &mut Frame, world: &World) {
        let id = |host: HostName| match host {
            HostName::Id(id) => id,
            HostName::Index(index) => world.population.id(index),
        };
        for written in &self.written {
            match *written {
                Written::Blemish(blemish) => frame.blemish = Some(blemish),
                Written::BrokenHost(host) => frame.broken_host = Some(id(host)),
                Written::EntityBomb => frame.has_entity_bomb = true,
                Written::Link(link) => frame.link = link,
                Written::NoCursor | Written::NoHosts => {}
                Written::StallHost(host) => frame.stalled_host = Some(id(host)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fault: &str, expected: &str) {
        let mut armed = Armed::default();
        armed.add(fault.parse().unwrap());
        let victim = Victim {
            api: Some(Api::Detections),
            path: "/api/5.0/x",
            n_hosts: Some(300),
        };
        let struck: String = (0..8)
            .map(|_| {
                if armed.strike(victim).instead.is_some() {
                    'x'
                } else {
                    '.'
                }
            })
            .collect();
        assert_eq!(struck, expected);
    }

    #[test]
    fn selectors_choose_the_calls_that_are_struck() {
        check("busy", "xxxxxxxx");
        check("busy:first=3", "xxx.....");
        check("busy:after=5", ".....xxx");
        check("busy:every=3", "..x..x..");
        check("busy:every=2,first=2,after=1", "..x.x...");
        check("busy:on=detections", "xxxxxxxx");
        check("busy:on=hosts", "........");
        check("busy:on=/api/5.0", "xxxxxxxx");
        check("busy:over-hosts=299", "xxxxxxxx");
        check("busy:over-hosts=300", "........");
    }
}
