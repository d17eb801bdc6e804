//! Lists and ranges of ids: `1-100,105`.

use std::ops::RangeInclusive;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct IdSet {
    /// Sorted, without overlaps.
    ranges: Vec<(u64, u64)>,
}

impl IdSet {
    /// `Err` holds the part that cannot be read, in Qualys' words.
    pub(crate) fn parse(text: &str) -> Result<IdSet, String> {
        let mut ranges = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            match (low.parse::<u64>(), high.parse::<u64>()) {
                (Ok(low), Ok(high)) if 0 < low && low <= high => ranges.push((low, high)),
                _ => return Err(format!("neither a positive integer nor a range: {part}")),
            }
        }
        ranges.sort_unstable();
        ranges.dedup_by(|next, kept| {
            let touches = next.0 <= kept.1.saturating_add(1);
            if touches {
                kept.1 = kept.1.max(next.1);
            }
            touches
        });
        Ok(IdSet { ranges })
    }

    pub(crate) fn contains(&self, id: u64) -> bool {
        let after = self.ranges.partition_point(|&(low, _)| low <= id);
        after > 0 && id <= self.ranges[after - 1].1
    }

    pub(crate) fn ranges(&self) -> impl Iterator<Item = RangeInclusive<u64>> {
        self.ranges.iter().map(|&(low, high)| low..=high)
    }

    pub(crate) fn len(&self) -> u64 {
        self.ranges
            .iter()
            .map(|(low, high)| (high - low).saturating_add(1))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_become_one_set() {
        let set = IdSet::parse("105, 1-3,2-7,8").unwrap();
        assert_eq!(set.ranges().collect::<Vec<_>>(), [1..=8, 105..=105]);
        assert_eq!(set.len(), 9);
        assert!(set.contains(1) && set.contains(8) && set.contains(105));
        assert!(!set.contains(9) && !set.contains(0) && !set.contains(106));
    }

    #[test]
    fn the_unreadable_part_is_named() {
        let refused = IdSet::parse("1,abc123");
        assert_eq!(
            refused,
            Err("neither a positive integer nor a range: abc123".into())
        );
        assert!(IdSet::parse("").is_err() && IdSet::parse("5-4").is_err());
    }
}
