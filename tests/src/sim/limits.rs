//! How many calls a subscription may make: per API, in a rolling window and at once.
//!
//! Nothing here reads a clock; the caller says what time it is.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::request::{Api, Refusal};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    pub(crate) calls: usize,
    pub(crate) window: Duration,
    pub(crate) concurrency: usize,
    /// One knowledge base call at a time, whatever the concurrency limit says.
    pub(crate) is_knowledge_base_alone: bool,
    /// How long a call that the client gave up keeps its slot.
    pub(crate) hold: Duration,
}

#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) allowance: Allowance,
    usage: BTreeMap<Api, Usage>,
}

#[derive(Debug, Default)]
struct Usage {
    /// When the calls within the window began, oldest first.
    begun: VecDeque<Instant>,
    running: usize,
    /// Until when slots of abandoned calls are held.
    held: Vec<Instant>,
    told_to_wait_until: Option<Instant>,
}

/// Where an API stands, for the headers of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Standing {
    pub(crate) remaining: usize,
    pub(crate) running: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Excess {
    Busy { running: usize, to_finish: usize },
    Rate { running: usize, wait_secs: u64 },
}

impl Limits {
    pub(crate) fn new(allowance: Allowance) -> Limits {
        Limits {
            allowance,
            usage: BTreeMap::new(),
        }
    }

    /// Takes a slot. If both limits are exceeded, concurrency is the one that is told.
    pub(crate) fn admit(&mut self, api: Api, now: Instant) -> Result<Standing, Excess> {
        let Allowance { calls, window, .. } = self.allowance;
        let concurrency = self.concurrency(api);
        let usage = self.usage.entry(api).or_default();
        usage.held.retain(|until| *until > now);
        while usage
            .begun
            .front()
            .is_some_and(|begun| *begun + window <= now)
        {
            usage.begun.pop_front();
        }
        let running = usage.running + usage.held.len();
        if running >= concurrency {
            return Err(Excess::Busy {
                running,
                to_finish: running + 1 - concurrency,
            });
        }
        if usage.begun.len() >= calls {
            let free_at = usage
                .begun
                .front()
                .map_or(now + window, |begun| *begun + window);
            usage.told_to_wait_until = Some(free_at);
            let wait_secs = (free_at - now).as_secs_f64().ceil() as u64;
            return Err(Excess::Rate { running, wait_secs });
        }
        usage.begun.push_back(now);
        usage.running += 1;
        Ok(Standing {
            remaining: calls - usage.begun.len(),
            running: running + 1,
        })
    }

    pub(crate) fn release(&mut self, api: Api, now: Instant, is_abandoned: bool) {
        let hold = self.allowance.hold;
        let usage = self.usage.entry(api).or_default();
        usage.running = usage.running.saturating_sub(1);
        if is_abandoned && !hold.is_zero() {
            usage.held.push(now + hold);
        }
    }

    /// A wait that was told without the window being full, as a fault does.
    pub(crate) fn tell_to_wait(&mut self, api: Api, until: Instant) {
        self.usage.entry(api).or_default().told_to_wait_until = Some(until);
    }

    /// Whether the client was told to wait for longer than until now.
    pub(crate) fn is_early(&self, api: Api, now: Instant) -> bool {
        let until = self
            .usage
            .get(&api)
            .and_then(|usage| usage.told_to_wait_until);
        until.is_some_and(|until| now < until)
    }

    fn concurrency(&self, api: Api) -> usize {
        match api {
            Api::KnowledgeBase | Api::Qvs if self.allowance.is_knowledge_base_alone => 1,
            _ => self.allowance.concurrency,
        }
    }
}

impl Excess {
    pub(crate) fn refusal(self) -> Refusal {
        match self {
            Excess::Busy { to_finish, .. } => busy(to_finish as u64),
            Excess::Rate { wait_secs, .. } => rate_limited(wait_secs),
        }
    }
}

pub(crate) fn busy(to_finish: u64) -> Refusal {
    Refusal {
        status: 409,
        code: 1960,
        text: format!(
            "This API cannot be run again until {to_finish} currently running API instance has finished."
        ),
        item: Some(("CALLS_TO_FINISH", to_finish)),
    }
}

pub(crate) fn rate_limited(secs: u64) -> Refusal {
    let (hours, minutes, seconds) = (secs / 3_600, secs / 60 % 60, secs % 60);
    Refusal {
        status: 409,
        code: 1965,
        text: format!(
            "This API cannot be run again for another {hours} hours, {minutes} minutes and {seconds} seconds."
        ),
        item: Some(("SECONDS_TO_WAIT", secs)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(Allowance {
            calls: 3,
            window: Duration::from_secs(60),
            concurrency: 2,
            is_knowledge_base_alone: true,
            hold: Duration::from_secs(30),
        })
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn the_window_reaches_back_from_each_call() {
        let (mut limits, start) = (limits(), Instant::now());
        for (at, remaining) in [(0, 2), (10, 1), (20, 0)] {
            let standing = limits.admit(Api::Hosts, start + secs(at)).unwrap();
            assert_eq!(
                standing,
                Standing {
                    remaining,
                    running: 1
                }
            );
            limits.release(Api::Hosts, start + secs(at), false);
        }
        let excess = limits.admit(Api::Hosts, start + secs(25)).unwrap_err();
        assert_eq!(
            excess,
            Excess::Rate {
                running: 0,
                wait_secs: 35
            }
        );
        assert!(limits.is_early(Api::Hosts, start + secs(59)));
        assert!(!limits.is_early(Api::Hosts, start + secs(60)));
        assert!(limits.admit(Api::Detections, start + secs(25)).is_ok());
        assert_eq!(
            limits
                .admit(Api::Hosts, start + secs(60))
                .unwrap()
                .remaining,
            0
        );
    }

    #[test]
    fn concurrency_is_told_before_rate() {
        let (mut limits, start) = (limits(), Instant::now());
        assert_eq!(limits.admit(Api::Hosts, start).unwrap().running, 1);
        assert_eq!(limits.admit(Api::Hosts, start).unwrap().running, 2);
        let excess = limits.admit(Api::Hosts, start).unwrap_err();
        assert_eq!(
            excess,
            Excess::Busy {
                running: 2,
                to_finish: 1
            }
        );
        assert_eq!(excess.refusal().code, 1960);
    }

    #[test]
    fn the_knowledge_base_takes_one_call_at_a_time() {
        let (mut limits, start) = (limits(), Instant::now());
        assert!(limits.admit(Api::KnowledgeBase, start).is_ok());
        assert!(limits.admit(Api::KnowledgeBase, start).is_err());
    }

    #[test]
    fn an_abandoned_call_keeps_its_slot_for_a_while() {
        let (mut limits, start) = (limits(), Instant::now());
        limits.admit(Api::KnowledgeBase, start).unwrap();
        limits.release(Api::KnowledgeBase, start, true);
        assert!(limits.admit(Api::KnowledgeBase, start + secs(29)).is_err());
        assert!(limits.admit(Api::KnowledgeBase, start + secs(30)).is_ok());
    }

    #[test]
    fn a_wait_is_told_in_words_and_seconds() {
        let refusal = rate_limited(86_274);
        assert!(
            refusal
                .text
                .ends_with("another 23 hours, 57 minutes and 54 seconds.")
        );
        assert_eq!(refusal.item, Some(("SECONDS_TO_WAIT", 86_274)));
    }
}
