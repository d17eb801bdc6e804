//! Numbers that look random and are the same every time.
//!
//! Everything the simulator invents comes from here, as a function of the seed and of what is
//! asked for. There is no state: a host in the middle is made without the hosts before it.

/// Mixes two numbers into one (the finalizer of SplitMix64, twice).
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    finish(finish(a.wrapping_add(GOLDEN)).wrapping_add(b.wrapping_mul(GOLDEN)))
}

/// One of `choices`, evenly.
pub(crate) fn pick<'a, T: ?Sized>(choices: &[&'a T], noise: u64) -> &'a T {
    choices[below(noise, choices.len() as u64) as usize]
}

/// A number below `limit`, without a division.
pub(crate) fn below(noise: u64, limit: u64) -> u64 {
    ((u128::from(noise) * u128::from(limit)) >> 64) as u64
}

fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer() {
        assert_eq!(mix(1, 2), mix(1, 2));
        assert_ne!(mix(1, 2), mix(2, 1));
        assert_ne!(mix(1, 2), mix(1, 3));
    }

    #[test]
    fn below_covers_its_range_and_stays_in_it() {
        assert_eq!(below(0, 10), 0);
        assert_eq!(below(u64::MAX, 10), 9);
        assert_eq!(below(u64::MAX / 2 + 1, 10), 5);
    }
}
