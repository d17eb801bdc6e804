//! Which hosts there are on a day, and which ids they have.
//!
//! A host is known by its index, which counts up in the order of the ids. Hosts that appear
//! later have higher indices, so that a walk by id is not shifted by them.

use super::noise::mix;

#[derive(Debug)]
pub(crate) struct Population {
    pub(crate) seed: u64,
    /// Hosts on day 0.
    pub(crate) initial: u64,
    /// Appearing and purged per day, in hundred thousandths of the initial hosts.
    pub(crate) churn: u32,
}

impl Population {
    /// How many hosts there ever were until this day.
    pub(crate) fn ever(&self, day: u32) -> u64 {
        self.initial + self.initial * u64::from(day) * u64::from(self.churn) / WHOLE
    }

    /// Zero for the hosts that were there from the start.
    pub(crate) fn birth_day(&self, index: u64) -> u32 {
        if index < self.initial {
            return 0;
        }
        let nth = index - self.initial + 1;
        let per_day = self.initial * u64::from(self.churn);
        (nth * WHOLE).div_ceil(per_day.max(1)) as u32
    }

    pub(crate) fn is_present(&self, index: u64, day: u32) -> bool {
        if index >= self.ever(day) {
            return false;
        }
        let Some(horizon) = WHOLE.checked_div(u64::from(self.churn)) else {
            return true;
        };
        // Equal lives, of which those of the first hosts are partly over.
        let days = match self.birth_day(index) {
            0 => 1 + mix(self.seed ^ PURGES, index) % horizon.max(1),
            birth_day => u64::from(birth_day) + horizon,
        };
        u64::from(day) < days
    }

    /// Ids grow with the index, in runs of sixteen with gaps between them; every fourth run has
    /// gaps within it. The last tenth lies above 2^32.
    pub(crate) fn id(&self, index: u64) -> u64 {
        let (first, nth) = match index.checked_sub(self.first_high()) {
            Some(nth) => (HIGH, nth),
            None => (LOW, index),
        };
        let block = nth / RUN;
        first + block * STEP + nth % RUN * stride(block) + self.jitter(first, block)
    }

    /// The index of the first host whose id is not below `id`, whether it is present or not.
    pub(crate) fn index_from(&self, id: u64) -> u64 {
        let split = self.first_high();
        let within = |first: u64| {
            let past = id.saturating_sub(first);
            let block = past / STEP;
            let within = (past % STEP).saturating_sub(self.jitter(first, block));
            block * RUN + within.div_ceil(stride(block)).min(RUN)
        };
        if id < HIGH {
            within(LOW).min(split)
        } else {
            split + within(HIGH)
        }
    }

    fn first_high(&self) -> u64 {
        self.initial - self.initial / 10
    }

    fn jitter(&self, first: u64, block: u64) -> u64 {
        mix(self.seed ^ first, block) % 4
    }
}

fn stride(block: u64) -> u64 {
    if block % 4 == 1 { 2 } else { 1 }
}

const WHOLE: u64 = 100_000;
const RUN: u64 = 16;
const STEP: u64 = 40;
const LOW: u64 = 6_506_432;
const HIGH: u64 = (1 << 32) + 1_000;
const PURGES: u64 = 0x7075_7267;

#[cfg(test)]
mod tests {
    use super::*;

    fn population(initial: u64) -> Population {
        Population {
            seed: 1,
            initial,
            churn: 200,
        }
    }

    #[test]
    fn ids_grow_and_lead_back_to_their_index() {
        let hosts = population(1_000);
        for index in 0..1_100 {
            let id = hosts.id(index);
            assert!(id < hosts.id(index + 1));
            assert_eq!(hosts.index_from(id), index);
            assert_eq!(hosts.index_from(id + 1), index + 1);
        }
        assert_eq!(hosts.index_from(0), 0);
        assert!(hosts.id(899) < 1 << 32 && hosts.id(900) > 1 << 32);
    }

    #[test]
    fn two_in_a_thousand_come_and_go_each_day() {
        let hosts = population(10_000);
        assert_eq!(
            (hosts.ever(0), hosts.ever(1), hosts.ever(10)),
            (10_000, 10_020, 10_200)
        );
        assert_eq!((hosts.birth_day(9_999), hosts.birth_day(10_000)), (0, 1));
        assert_eq!((hosts.birth_day(10_019), hosts.birth_day(10_020)), (1, 2));
        let present = |day| {
            (0..hosts.ever(day))
                .filter(|&i| hosts.is_present(i, day))
                .count()
        };
        assert_eq!(present(0), 10_000);
        assert!((9_950..=10_050).contains(&present(100)), "{}", present(100));
    }
}
