//! Where the next page begins, from the link that Qualys sends along with a page.
//!
//! The link repeats all parameters, adds some that nobody sent, and comes from outside: it may
//! name another action. So only `id_min` is taken from it, and only as a number.

/// The `id_min` in the query of a link. The last one, as Qualys reads repeated parameters.
pub(crate) fn id_min(query: &str) -> Option<u64> {
    query
        .trim()
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .rfind(|(name, _)| decode(name) == b"id_min")
        .and_then(|(_, value)| number(&decode(value)))
}

fn number(digits: &[u8]) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    str::from_utf8(digits)
        .ok()
        .filter(|_| is_number)?
        .parse()
        .ok()
}

/// Percent-decoding. What is not encoded properly stays as it is.
fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.first_chunk::<2>().filter(|_| *first == b'%');
        match pair.and_then(|&[high, low]| Some((hex(high)?, hex(low)?))) {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(query: &str, expected: Option<u64>) {
        assert_eq!(id_min(query), expected, "{query}");
    }

    #[test]
    fn the_number_is_found_among_the_other_parameters() {
        check("action=list&details=None&id_min=1234", Some(1234));
        check("?id_min=4294967297&action=list", Some(4_294_967_297));
        check(" id_min=7\n", Some(7));
    }

    #[test]
    fn names_and_numbers_may_be_encoded() {
        check("id%5Fmin=%31%32", Some(12));
        check("id%5fmin=3", Some(3));
    }

    #[test]
    fn the_last_of_several_counts() {
        check("id_min=1&id_min=2", Some(2));
    }

    #[test]
    fn anything_but_a_number_is_no_beginning() {
        for query in [
            "",
            "id_min",
            "id_min=",
            "id_min=-1",
            "id_min=+1",
            "id_min=1.5",
            "ID_MIN=1",
            "id_min=1%",
            "id_min=%FF",
            "id_min=18446744073709551616",
            "xid_min=1",
            "id_min=1;action=purge",
        ] {
            check(query, None);
        }
    }

    proptest! {
        #[test]
        fn any_query_is_read(query in "(id_min|[%=&a-f0-9?]|.){0,20}") {
            let _ = id_min(&query);
        }

        #[test]
        fn every_number_is_read(id in any::<u64>()) {
            prop_assert_eq!(id_min(&format!("action=purge&id_min={id}")), Some(id));
        }
    }
}
