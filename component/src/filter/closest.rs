//! What someone may have meant who wrote a word that does not exist.

/// The known word that is fewest edits away, if it is near enough to be worth saying.
///
/// A third of the letters may differ: with more, the answer would be a guess. The beginning of
/// a word stands for the word.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = word.to_ascii_lowercase();
    if written.len() > LONGEST_WORD {
        return None;
    }
    known
        .into_iter()
        .map(|known| (distance(&written, known), known))
        .filter(|(distance, known)| *distance <= (known.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

fn distance(written: &str, known: &str) -> usize {
    let is_beginning = written.len() >= 3 && known.starts_with(written);
    if is_beginning {
        1
    } else {
        edits(written, known)
    }
}

/// Letters to add, drop, replace, or swap with their neighbour.
fn edits(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = last[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut fewest = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                fewest = fewest.min(before_last[j - 2] + 1);
            }
            row.push(fewest);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

const LONGEST_WORD: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        let known = ["severity", "status", "os", "open_findings", "qid"];
        assert_eq!(closest(word, known), expected);
    }

    #[test]
    fn a_slip_of_the_finger_is_found() {
        check("severty", Some("severity"));
        check("sevreity", Some("severity"));
        check("open-finding", Some("open_findings"));
        check("QDI", Some("qid"));
    }

    #[test]
    fn the_beginning_of_a_word_stands_for_it() {
        check("open", Some("open_findings"));
        check("o", Some("os"));
    }

    #[test]
    fn another_word_is_not_guessed_at() {
        check("owner", None);
        check("", None);
        check(&"severity".repeat(1000), None);
    }
}
