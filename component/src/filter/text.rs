//! How texts compare: letters of ASCII without regard to case, all others as they are.

/// Whether a text contains what the pattern says, in which `%` stands for any text, `\%` for
/// itself and `\\` for a backslash. Takes the first place for each part, so its time grows with
/// the length of the text times that of the pattern at most.
pub(super) fn contains(text: &str, pattern: &str) -> bool {
    let mut rest = text.as_bytes();
    for part in parts(pattern) {
        if part.is_empty() {
            continue;
        }
        let is_here = |place: &[u8]| place.eq_ignore_ascii_case(&part);
        match rest.windows(part.len()).position(is_here) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// What stands between the wildcards.
fn parts(pattern: &str) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = pattern.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                parts.push(Vec::new());
                continue;
            }
            b'\\' => bytes.next().unwrap_or(b'\\'),
            other => other,
        };
        parts.last_mut().expect("there is always one").push(byte);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_in_any_case_of_ascii() {
        assert!(contains("Windows Server 2022", "SERVER"));
        assert!(!contains("Windows Server 2022", "linux"));
        assert!(contains("Ärger", "Är"));
        assert!(!contains("Ärger", "är"));
    }

    #[test]
    fn wildcards_keep_the_order_of_the_parts() {
        assert!(contains("web01.example.com", "web%.com"));
        assert!(!contains("com.example.web", "web%.com"));
        assert!(contains("aab", "a%ab"));
        assert!(!contains("ab", "a%ab"));
        assert!(contains("", "%"));
    }

    #[test]
    fn signs_that_are_escaped_stand_for_themselves() {
        assert!(contains("50% off", r"50\%"));
        assert!(!contains("500", r"50\%"));
        assert!(contains(r"CORP\web", r"p\\w"));
        assert!(!contains("a_c", "a?c"));
        assert!(!contains("abc", "a_c"));
    }
}
