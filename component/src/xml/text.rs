//! What stands between the tags: entities, and bytes that do not belong in XML.
//!
//! Only the five entities of XML and numbers are decoded here; the names of HTML are for texts that
//! Qualys escaped once more. A name that is unknown stays as it was written.

use std::borrow::Cow;

use memchr::memchr;

use super::scan;

/// How much of a text piece can be handed on without cutting an entity in two.
pub(super) fn whole_entities(piece: &[u8]) -> usize {
    let window = piece.len().saturating_sub(MAX_ENTITY);
    match memchr::memrchr(b'&', &piece[window..]) {
        Some(found) if memchr(b';', &piece[window + found..]).is_none() => window + found,
        _ => piece.len(),
    }
}

/// The text with its XML entities decoded.
pub(crate) fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if scan::find(b'&', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    append_decoded(&mut out, text);
    Cow::Owned(out)
}

/// Appends character data with its XML entities decoded.
pub(crate) fn append_decoded(out: &mut Vec<u8>, piece: &[u8]) {
    let mut from = 0;
    while let Some((start, entity)) = next_entity(piece, from, character_number) {
        out.extend_from_slice(&piece[from..start]);
        out.extend_from_slice(entity.character.encode_utf8(&mut [0; 4]).as_bytes());
        from = start + entity.length;
    }
    out.extend_from_slice(&piece[from..]);
}

/// Text that was escaped for HTML before it was put into the document.
pub(crate) fn decode_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some((start, entity)) = next_entity(text.as_bytes(), from, html_entity) {
        out.push_str(&text[from..start]);
        out.push(entity.character);
        from = start + entity.length;
    }
    out.push_str(&text[from..]);
    out
}

struct Entity {
    character: char,
    /// From the `&` to the `;`.
    length: usize,
}

/// The next entity that stands for a character, and where it begins.
fn next_entity(
    text: &[u8],
    from: usize,
    named: impl Fn(&[u8]) -> Option<char>,
) -> Option<(usize, Entity)> {
    let mut at = from;
    loop {
        let start = at + scan::find(b'&', &text[at..])?;
        if let Some(entity) = entity(&text[start + 1..], &named) {
            return Some((start, entity));
        }
        at = start + 1;
    }
}

/// The entity whose name begins here.
fn entity(rest: &[u8], named: impl Fn(&[u8]) -> Option<char>) -> Option<Entity> {
    let (character, length) = match rest {
        [b'l', b't', b';', ..] => ('<', 2),
        [b'g', b't', b';', ..] => ('>', 2),
        [b'a', b'm', b'p', b';', ..] => ('&', 3),
        [b'q', b'u', b'o', b't', b';', ..] => ('"', 4),
        [b'a', b'p', b'o', b's', b';', ..] => ('\'', 4),
        _ => {
            let window = &rest[..rest.len().min(MAX_ENTITY - 1)];
            let length = window.iter().position(|&byte| byte == b';')?;
            (named(&rest[..length])?, length)
        }
    };
    Some(Entity {
        character,
        length: length + 2,
    })
}

fn html_entity(name: &[u8]) -> Option<char> {
    match name {
        b"nbsp" => Some('\u{a0}'),
        b"copy" => Some('©'),
        b"reg" => Some('®'),
        _ => character_number(name),
    }
}

/// Numbers; the five names of XML are known before.
fn character_number(name: &[u8]) -> Option<char> {
    match name {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    let digits = std::str::from_utf8(digits).ok()?;
    let character = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    (!u8::try_from(character).is_ok_and(is_forbidden)).then_some(character)
}

/// The bytes as text when they are UTF-8 without characters that XML forbids, as nearly all are.
pub(crate) fn clean(bytes: &[u8]) -> Option<&str> {
    if has_forbidden(bytes) {
        None
    } else {
        std::str::from_utf8(bytes).ok()
    }
}

/// The text without what XML forbids; bytes that are no UTF-8 become U+FFFD.
pub(crate) fn tidy(bytes: Vec<u8>) -> String {
    let is_clean = !has_forbidden(&bytes);
    match String::from_utf8(bytes) {
        Ok(text) if is_clean => text,
        Ok(text) => without_forbidden(&text),
        Err(broken) => without_forbidden(&String::from_utf8_lossy(broken.as_bytes())),
    }
}

fn without_forbidden(text: &str) -> String {
    text.chars()
        .filter(|&character| !u8::try_from(character).is_ok_and(is_forbidden))
        .collect()
}

/// Looks at every byte, without an early end, because that is what a vector unit does best.
fn has_forbidden(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(0, |found, &byte| found | u8::from(is_forbidden(byte)))
        != 0
}

/// Control characters other than tab, line feed and carriage return (XML 1.0, section 2.2).
fn is_forbidden(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')
}

/// Longer than any entity that is decoded, `&#x10FFFF;` with leading zeros included.
const MAX_ENTITY: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_decoded(piece: &str, expected: &str) {
        let mut out = Vec::new();
        append_decoded(&mut out, piece.as_bytes());
        assert_eq!(
            String::from_utf8(out).expect("UTF-8 in, UTF-8 out"),
            expected
        );
    }

    #[test]
    fn the_entities_of_xml_are_decoded() {
        check_decoded(
            "a &lt;b&gt; &amp;amp; &quot;c&apos; &#65;&#x42;",
            "a <b> &amp; \"c' AB",
        );
    }

    #[test]
    fn what_is_no_entity_stays_as_written() {
        check_decoded(
            "AT&T; a & b &bogus; &#xD800; &#0; &#99999999999;",
            "AT&T; a & b &bogus; &#xD800; &#0; &#99999999999;",
        );
    }

    #[test]
    fn half_an_entity_waits_for_its_end() {
        assert_eq!(whole_entities(b"fish &am"), 5);
        assert_eq!(whole_entities(b"fish &amp;"), 10);
        assert_eq!(whole_entities(b"a lone & that is long past"), 26);
    }

    #[test]
    fn control_characters_and_broken_utf8_are_tidied() {
        assert_eq!(clean("tab\tline\n é".as_bytes()), Some("tab\tline\n é"));
        assert_eq!(clean(b"nul\0"), None);
        assert_eq!(tidy(b"a\0b\x1bc\xffd\n".to_vec()), "abc\u{fffd}d\n");
    }
}
