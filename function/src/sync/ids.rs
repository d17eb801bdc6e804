//! Numbers of hosts and QIDs as a work list holds them: `1-100,105`. Knows no dataset.

use std::collections::BTreeSet;

/// In one way of writing, as short as it can be.
pub(super) fn write(ids: &BTreeSet<u64>) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for &id in ids {
        match ranges.last_mut() {
            Some((_, last)) if id == *last + 1 => *last = id,
            _ => ranges.push((id, id)),
        }
    }
    let texts = ranges.iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    });
    texts.collect::<Vec<_>>().join(",")
}

/// Reads what [`write()`] writes. Nothing for any other text, and for more than any subscription has.
pub(super) fn read(text: &str) -> Option<BTreeSet<u64>> {
    let mut ids = BTreeSet::new();
    let mut n_ids = 0_u64;
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        n_ids = n_ids.checked_add(last.checked_sub(first)?.checked_add(1)?)?;
        if n_ids > MOST_IDS {
            return None;
        }
        ids.extend(first..=last);
    }
    (ids.len() as u64 == n_ids).then_some(ids)
}

/// A tampered `1-99999999999` is not worth the memory.
const MOST_IDS: u64 = 5_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ids: &[u64], expected: &str) {
        let ids = BTreeSet::from_iter(ids.iter().copied());
        assert_eq!(write(&ids), expected);
        assert_eq!(read(expected), Some(ids));
    }

    #[test]
    fn what_is_written_is_read() {
        check(&[], "");
        check(&[7], "7");
        check(&[1, 2, 3, 105, 107], "1-3,105,107");
    }

    #[test]
    fn what_is_no_list_is_not_read() {
        for text in [
            "1-",
            "3-1",
            "1,1",
            "a",
            ",",
            "1-99999999999",
            "0-18446744073709551615",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
