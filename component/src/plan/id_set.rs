//! Ids of hosts or QIDs, written as Qualys' `ids` parameter is: `1-100,105`.
//!
//! A range stands for ids that were given one after another, never for a gap: Qualys would
//! deliver every host in it, also those that the run is not about.

use std::fmt;

/// At least one id. Ranges are in ascending order and do not touch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct IdSet {
    ranges: Vec<(u64, u64)>,
}

impl IdSet {
    /// The set of `ids`, which need be neither in order nor different; none for no ids.
    pub(crate) fn of(ids: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut ids: Vec<u64> = ids.into_iter().collect();
        ids.sort_unstable();
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for id in ids {
            match ranges.last_mut() {
                Some((_, last)) if id <= last.saturating_add(1) => *last = id,
                _ => ranges.push((id, id)),
            }
        }
        Self::from_ranges(ranges)
    }

    /// All ids from the first to the last.
    pub(crate) fn range(first: u64, last: u64) -> Self {
        Self {
            ranges: vec![(first, last.max(first))],
        }
    }

    /// Reads what `Display` writes, and nothing else: any other text was not written by us.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        let mut n_ids = 0_u64;
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            let follows = ranges
                .last()
                .is_none_or(|&(_, end)| end < first && first - end > 1);
            n_ids = n_ids.checked_add(u64::checked_sub(last, first)?.checked_add(1)?)?;
            if !follows || n_ids > MOST_IDS {
                return None;
            }
            ranges.push((first, last));
        }
        Self::from_ranges(ranges).filter(|set| set.to_string() == text)
    }

    pub(crate) fn len(&self) -> u64 {
        self.ranges
            .iter()
            .map(|(first, last)| last - first + 1)
            .sum()
    }

    pub(crate) fn lowest(&self) -> u64 {
        self.ranges[0].0
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = u64> {
        self.ranges.iter().flat_map(|&(first, last)| first..=last)
    }

    /// Two sets of half the ids each, or none if there is only one.
    pub(crate) fn halves(&self) -> Option<(Self, Self)> {
        let n_low = usize::try_from(self.len() / 2).ok()?;
        let middle = self.ids().nth(n_low)?;
        Some((self.keep(|id| id < middle)?, self.from(middle)?))
    }

    /// The ids from `id` on.
    pub(crate) fn from(&self, id: u64) -> Option<Self> {
        self.keep(|own| own >= id)
    }

    fn keep(&self, is_kept: impl Fn(u64) -> bool) -> Option<Self> {
        Self::of(self.ids().filter(|id| is_kept(*id)))
    }

    fn from_ranges(ranges: Vec<(u64, u64)>) -> Option<Self> {
        (!ranges.is_empty()).then_some(Self { ranges })
    }
}

impl fmt::Display for IdSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (first, last)) in self.ranges.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match last - first {
                0 => write!(f, "{comma}{first}")?,
                _ => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

/// More than any batch holds. A tampered `1-99999999999` is not worth the memory.
const MOST_IDS: u64 = 10_000;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(ids: &[u64], expected: &str) {
        assert_eq!(
            IdSet::of(ids.iter().copied()).unwrap().to_string(),
            expected
        );
    }

    #[test]
    fn neighbours_become_a_range_and_gaps_stay_gaps() {
        check(&[7], "7");
        check(&[1, 2], "1-2");
        check(&[1, 3], "1,3");
        check(&[105, 1, 2, 3, 3, 107], "1-3,105,107");
        check(
            &[u64::MAX, u64::MAX - 1],
            "18446744073709551614-18446744073709551615",
        );
    }

    #[test]
    fn halves_differ_by_one_id_at_most() {
        let (low, high) = IdSet::parse("1-3,10,20").unwrap().halves().unwrap();
        assert_eq!(
            (low.to_string(), high.to_string()),
            ("1-2".to_owned(), "3,10,20".to_owned())
        );
        assert_eq!(IdSet::parse("5").unwrap().halves(), None);
    }

    #[test]
    fn the_rest_begins_with_the_id_or_the_next_higher_one() {
        let set = IdSet::parse("1-3,10").unwrap();
        assert_eq!(set.from(3).unwrap().to_string(), "3,10");
        assert_eq!(set.from(4).unwrap().to_string(), "10");
        assert_eq!(set.from(11), None);
    }

    #[test]
    fn text_that_was_not_written_by_us_is_no_set() {
        for text in [
            "",
            " ",
            ",",
            "1,",
            ",1",
            "a",
            "-",
            "1-",
            "-1",
            "+1",
            "01",
            "1 ,2",
            "2,1",
            "1,1",
            "1,2",
            "1-1",
            "3-1",
            "1-2-3",
            "1-3,2",
            "1-3,4",
            "1.5",
            "0-18446744073709551615",
            "1-10001",
            "18446744073709551616",
            "1-10000,20000",
            "1\u{661}",
        ] {
            assert_eq!(IdSet::parse(text), None, "{text}");
        }
    }

    fn ids() -> impl Strategy<Value = BTreeSet<u64>> {
        let near = prop::collection::btree_set(0..300_u64, 1..200);
        let far = prop::collection::btree_set(any::<u64>(), 1..50);
        prop_oneof![near, far]
    }

    proptest! {
        #[test]
        fn a_set_holds_the_ids_that_were_given_and_no_other(ids in ids()) {
            let set = IdSet::of(ids.clone()).unwrap();
            prop_assert_eq!(set.len(), ids.len() as u64);
            prop_assert_eq!(set.lowest(), *ids.first().unwrap());
            prop_assert_eq!(set.ids().collect::<BTreeSet<_>>(), ids);
        }

        #[test]
        fn what_is_written_is_read_again(ids in ids()) {
            let set = IdSet::of(ids).unwrap();
            prop_assert_eq!(IdSet::parse(&set.to_string()), Some(set));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9,\\-]{0,40}|.{0,40}") {
            if let Some(set) = IdSet::parse(&text) {
                prop_assert_eq!(set.to_string(), text);
            }
        }

        #[test]
        fn halves_are_the_whole(ids in ids()) {
            let set = IdSet::of(ids.clone()).unwrap();
            match set.halves() {
                None => prop_assert_eq!(ids.len(), 1),
                Some((low, high)) => {
                    prop_assert!(low.len().abs_diff(high.len()) <= 1);
                    prop_assert!(low.ids().all(|id| id < high.lowest()));
                    prop_assert_eq!(IdSet::of(low.ids().chain(high.ids())), Some(set));
                }
            }
        }

        #[test]
        fn the_rest_is_what_is_not_lower(
            ids in ids(), from in prop_oneof![0..300_u64, any::<u64>()],
        ) {
            let expected = IdSet::of(ids.iter().copied().filter(|id| *id >= from));
            prop_assert_eq!(IdSet::of(ids).unwrap().from(from), expected);
        }
    }
}
