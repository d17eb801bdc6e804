//! Short searches, eight bytes at a time.
//!
//! Between two pieces of markup stand a dozen bytes, and names are as short: a vector search takes
//! longer to set up than to find its byte. So the first words are looked at in place, and only what
//! is further away is left to a vector search.

use memchr::{memchr, memchr2, memchr3};

/// Offset of the first such byte.
#[inline(always)]
pub(crate) fn find(byte: u8, text: &[u8]) -> Option<usize> {
    first(text, |word| equal(word, byte), |far| memchr(byte, far))
}

/// Offset of the first byte that ends a run of plain character data.
#[inline(always)]
pub(super) fn find_markup(text: &[u8]) -> Option<usize> {
    first(
        text,
        |word| equal(word, b'<') | equal(word, b'&'),
        |far| memchr2(b'<', b'&', far),
    )
}

/// Offset of the first byte that ends a tag, or begins a quoted value in it.
pub(super) fn find_tag_mark(text: &[u8]) -> Option<usize> {
    first(
        text,
        |word| equal(word, b'>') | equal(word, b'"') | equal(word, b'\''),
        |far| memchr3(b'>', b'"', b'\'', far),
    )
}

/// How long the name is that begins here.
#[inline(always)]
pub(super) fn name_length(rest: &[u8]) -> usize {
    let near = first(
        rest,
        |word| below(word, b'0') | equal(word, b'>'),
        |_| Some(0),
    );
    let from = near.unwrap_or_default();
    // The words stop at a hyphen and a dot too, which names may hold.
    rest[from..]
        .iter()
        .position(|&byte| ENDS_NAME[usize::from(byte)])
        .map_or(rest.len(), |length| from + length)
}

#[inline(always)]
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && match (one.last_chunk(), other.last_chunk()) {
            (Some(one_end), Some(other_end)) => {
                let words = one.as_chunks().0.iter().zip(other.as_chunks().0);
                word(one_end) == word(other_end)
                    && words
                        .into_iter()
                        .all(|(one, other)| word(one) == word(other))
            }
            _ => one.iter().eq(other),
        }
}

/// Whether all bytes are printable ASCII, as those of most short texts are.
pub(crate) fn is_printable(text: &[u8]) -> bool {
    let marks = |word| below(word, b' ') | (word & HIGHEST);
    all(text, |word| marks(word) == 0)
}

/// Whether printable ASCII stands in a JSON string as it is.
pub(crate) fn is_literal(printable: &[u8]) -> bool {
    let marks = |word| equal(word, b'"') | equal(word, b'\\');
    all(printable, |word| marks(word) == 0)
}

/// Whether a cell of CSV may hold this as it is.
pub(crate) fn is_bare_cell(cell: &[u8]) -> bool {
    let marks =
        |word| equal(word, b',') | equal(word, b'"') | equal(word, b'\r') | equal(word, b'\n');
    all(cell, |word| marks(word) == 0)
}

/// Appends what stands before the first byte that is not printable ASCII, or that is special in a
/// string of JSON, and tells how long that is.
///
/// Eight bytes are copied in less time than it takes to find out how many of them are wanted and to
/// call a copy of that length: the texts of Qualys have a special byte in every sixteen.
pub(crate) fn push_literal(out: &mut Vec<u8>, text: &[u8]) -> usize {
    let marks = |word| {
        let special = equal(word, b'"') | equal(word, b'\\') | equal(word, 0x7f);
        below(word, b' ') | (word & HIGHEST) | special
    };
    let mut n = 0;
    while let Some(eight) = text[n..].first_chunk() {
        let found = marks(word(eight)).trailing_zeros() as usize / 8;
        out.extend_from_slice(eight);
        n += found;
        if found < 8 {
            out.truncate(out.len() - 8 + found);
            return n;
        }
    }
    for &byte in &text[n..] {
        if marks(u64::from(byte) | FILLED) & 0x80 != 0 {
            break;
        }
        out.push(byte);
        n += 1;
    }
    n
}

/// Looks at all bytes, at some of them twice.
#[inline(always)]
fn all(text: &[u8], is: impl Fn(u64) -> bool) -> bool {
    match text.last_chunk() {
        Some(end) => text.as_chunks().0.iter().all(|eight| is(word(eight))) && is(word(end)),
        None => {
            let mut padded = [b' '; 8];
            padded[..text.len()].copy_from_slice(text);
            is(word(&padded))
        }
    }
}

#[inline(always)]
fn first(
    text: &[u8],
    marks: impl Fn(u64) -> u64,
    far: impl Fn(&[u8]) -> Option<usize>,
) -> Option<usize> {
    let words = text.as_chunks().0;
    let near = &words[..words.len().min(NEAR)];
    for (at, eight) in near.iter().enumerate() {
        let marks = marks(word(eight));
        if marks != 0 {
            return Some(at * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    let from = near.len() * 8;
    far(&text[from..]).map(|found| from + found)
}

/// The first byte is the lowest.
fn word(eight: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*eight)
}

/// Sets the highest bit of each byte that is `byte`, and possibly of some behind it.
fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONE_EACH * u64::from(byte)), 1)
}

/// Sets the highest bit of each byte below `limit`, and possibly of some behind it.
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONE_EACH * u64::from(limit)) & !word & HIGHEST
}

/// The bytes after which a name has ended.
const ENDS_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &[u8] = b" \t\r\n\x0c>/\"'";
    while let [byte, others @ ..] = rest {
        table[*byte as usize] = true;
        rest = others;
    }
    table
};

/// How many words are looked at before a vector search is set up.
const NEAR: usize = 4;
const ONE_EACH: u64 = u64::MAX / 255;
const HIGHEST: u64 = ONE_EACH << 7;
/// Seven letters behind a byte.
const FILLED: u64 = (ONE_EACH * b'A' as u64) << 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_find_what_a_look_at_each_byte_finds(
            text in prop::collection::vec(prop_oneof![
                any::<u8>(),
                prop::sample::select(b" <&>/-.,\r\n\"'\\A0\x7f\x1f".to_vec()),
                Just(b'A'),
            ], 0..80), byte in any::<u8>())
        {
            let position = |is: &dyn Fn(u8) -> bool| text.iter().position(|&byte| is(byte));
            prop_assert_eq!(find(byte, &text), position(&|found| found == byte));
            prop_assert_eq!(find(b'<', &text), position(&|found| found == b'<'));
            prop_assert_eq!(find_markup(&text), position(&|found| found == b'<' || found == b'&'));
            let name = position(&|found| b" \t\r\n\x0c>/\"'".contains(&found));
            prop_assert_eq!(name_length(&text), name.unwrap_or(text.len()));
            let odd = position(&|found| !(0x20..0x80).contains(&found));
            prop_assert_eq!(is_printable(&text), odd.is_none());
            let mark = position(&|found| b">\"'".contains(&found));
            prop_assert_eq!(find_tag_mark(&text), mark);
            let special = position(&|found| b"\\\"".contains(&found));
            prop_assert_eq!(is_literal(&text), special.is_none());
            prop_assert_eq!(is_bare_cell(&text), position(&|found| b",\"\r\n".contains(&found)).is_none());
            let end = position(&|found| !(0x20..0x7f).contains(&found) || b"\\\"".contains(&found));
            let mut out = b"before".to_vec();
            let n = push_literal(&mut out, &text);
            prop_assert_eq!(n, end.unwrap_or(text.len()));
            prop_assert_eq!(out, [b"before", &text[..n]].concat());
        }

        #[test]
        fn only_equal_names_are_the_same(name in "[AB]{0,20}", at in 0usize..20, other in "[AB]{0,20}") {
            prop_assert!(same(name.as_bytes(), name.clone().as_bytes()));
            prop_assert_eq!(same(name.as_bytes(), other.as_bytes()), name == other);
            let mut changed = name.clone().into_bytes();
            if let Some(byte) = changed.get_mut(at) {
                *byte = b'C';
                prop_assert!(!same(name.as_bytes(), &changed));
            }
        }
    }
}
