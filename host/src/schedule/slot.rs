//! Which times follow from a schedule. Nothing here knows what time it is.
//!
//! A slot is a time that the schedule names; jitter moves the start of its run, not the slot.

use jiff::{ToSpan, Zoned};
use sha2::{Digest, Sha256};

use super::rule::{Rule, Schedule};
use crate::{guest::types::Timestamp, store::ConnectorId};

/// A slot whose time has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Due {
    pub slot: Timestamp,
    /// Its time had come long before, as when no daemon was running.
    pub is_late: bool,
    /// Slots before it that nobody took, and that are made up for by this one.
    pub n_missed: u32,
}

impl Schedule {
    /// The first slot after a time.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let after = after.max(self.start.saturating_sub(1));
        match &self.rule {
            Rule::Once => (after < self.start).then_some(self.start),
            Rule::Elapsed(secs) => {
                let n = (after - self.start).div_euclid(*secs) + 1;
                self.start.checked_add(n.checked_mul(*secs)?)
            }
            Rule::Days(days) => self.next_day(after, *days),
            Rule::Cron(cron) => {
                let from = self.local(after)?;
                let found = cron.find_next_occurrence(&from, false).ok()?;
                Some(found.timestamp().as_second())
            }
        }
    }

    /// A time of day that a change of clocks leaves out comes as much later as the clocks are put
    /// forward; one that comes twice counts the first time.
    fn next_day(&self, after: Timestamp, days: i64) -> Option<Timestamp> {
        let first = self.local(self.start)?.datetime();
        let since = self.local(after)?.date().since(first.date()).ok()?;
        let mut n = (i64::from(since.get_days()).div_euclid(days) - 1).max(0);
        loop {
            let local = first.checked_add(n.checked_mul(days)?.days()).ok()?;
            let slot = self.zone.to_timestamp(local).ok()?.as_second();
            if slot > after {
                return Some(slot);
            }
            n += 1;
        }
    }

    /// How much later the run of a slot starts: the same for everyone who asks.
    pub fn delay(&self, connector: ConnectorId, slot: Timestamp) -> i64 {
        if self.jitter_secs == 0 {
            return 0;
        }
        let digest = Sha256::digest(format!("{connector}:{slot}"));
        let bytes = digest.iter().take(7);
        let number = bytes.fold(0, |sum, byte| (sum << 8) | i64::from(*byte));
        number % (self.jitter_secs + 1)
    }

    /// The newest slot whose time has come, if nobody took it. `taken` is the newest one that was
    /// taken, or when the schedule came into force.
    pub fn due(&self, connector: ConnectorId, taken: Timestamp, now: Timestamp) -> Option<Due> {
        let window = self.catch_up_secs.max(LATE);
        let oldest = now.saturating_sub(window + self.jitter_secs + 1);
        let mut slot = passed(taken, now).max(oldest);
        let mut due: Option<Due> = None;
        while let Some(next) = self.next_after(slot).filter(|next| *next <= now) {
            slot = next;
            let begins = slot + self.delay(connector, slot);
            if (0..=window).contains(&(now - begins)) {
                due = Some(Due {
                    slot,
                    is_late: now - begins > LATE,
                    n_missed: due.map_or(0, |due| due.n_missed + 1),
                });
            }
        }
        due
    }

    /// When the next runs start, in order.
    pub fn upcoming(
        &self,
        connector: ConnectorId,
        taken: Timestamp,
        now: Timestamp,
        n: usize,
    ) -> Vec<Timestamp> {
        let mut slot = passed(taken, now).max(now.saturating_sub(self.jitter_secs + 1));
        let mut times = Vec::new();
        while times.len() < n
            && let Some(next) = self.next_after(slot)
        {
            slot = next;
            let begins = slot + self.delay(connector, slot);
            if begins >= now {
                times.push(begins);
            }
        }
        // Of two slots close together, the later one may be delayed less.
        times.sort_unstable();
        times
    }

    /// A time as a clock in the zone of the schedule shows it, such as `2026-12-01 02:30 CET`.
    pub fn shown(&self, time: Timestamp) -> String {
        self.local(time)
            .map(|local| local.strftime("%Y-%m-%d %H:%M %Z").to_string())
            .unwrap_or_default()
    }

    fn local(&self, time: Timestamp) -> Option<Zoned> {
        let moment = jiff::Timestamp::from_second(time).ok()?;
        Some(moment.to_zoned(self.zone.clone()))
    }
}

/// A slot is taken when its time has come. One that lies far ahead was taken by a clock that was
/// wrong and has been put right; nobody waits until that time comes again.
fn passed(taken: Timestamp, now: Timestamp) -> Timestamp {
    if taken > now.saturating_add(CLOCK_BACK) {
        now
    } else {
        taken
    }
}

/// Later than this, a slot was missed rather than noticed late.
const LATE: i64 = 60;
/// Clocks that are put back by less than this name no slot twice.
const CLOCK_BACK: i64 = 3_600;

#[cfg(test)]
mod tests;
