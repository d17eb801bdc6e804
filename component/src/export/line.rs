//! Texts as strings of JSON, safe for a terminal: whoever can name a machine could otherwise send
//! escape sequences to whoever looks at the file.

use crate::xml;

/// Appends a text as a string of JSON. What a terminal would obey is escaped: control characters,
/// changes of writing direction, and characters that nobody sees.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text;
    loop {
        rest = &rest[xml::push_literal(out, rest.as_bytes())..];
        let Some(&byte) = rest.as_bytes().first() else {
            break;
        };
        let escaped: &[u8; 2] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            _ => {
                let character = rest.chars().next().expect("a byte is left");
                let (one, behind) = rest.split_at(character.len_utf8());
                if is_hostile(character) {
                    push_escaped(out, character);
                } else {
                    out.extend_from_slice(one.as_bytes());
                }
                rest = behind;
                continue;
            }
        };
        out.extend_from_slice(escaped);
        rest = &rest[1..];
    }
    out.push(b'"');
}

/// Escapes what is hostile in JSON that was written elsewhere, from `start` on. It stays the same
/// JSON: what is hostile stands inside of strings.
pub(super) fn make_safe(out: &mut Vec<u8>, start: usize) {
    let written = &out[start..];
    let is_odd = |byte: u8| u8::from(byte < b' ') | u8::from(byte >= 0x7f);
    if written.iter().fold(0, |any, &byte| any | is_odd(byte)) == 0 {
        return;
    }
    let text = std::str::from_utf8(written).expect("JSON is text");
    let is_odd = |c: char| is_hostile(c) && !matches!(c, '\n' | '\r' | '\t');
    if !text.chars().any(is_odd) {
        return;
    }
    let mut safe = Vec::with_capacity(text.len() + 64);
    for character in text.chars() {
        if is_odd(character) {
            push_escaped(&mut safe, character);
        } else {
            safe.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    out.truncate(start);
    out.extend_from_slice(&safe);
}

fn push_escaped(out: &mut Vec<u8>, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
    }
}

fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = b"before\x7f".to_vec();
        push_text(&mut out, text);
        let found = std::str::from_utf8(&out[7..]).expect("is text");
        assert_eq!(found, expected);
        assert_eq!(
            serde_json::from_str::<String>(found).expect("is JSON"),
            text
        );
        assert_eq!(&out[..7], b"before\x7f");
    }

    #[test]
    fn texts_are_strings_of_json() {
        check("", "\"\"");
        check(
            "plain and longer than sixteen",
            "\"plain and longer than sixteen\"",
        );
        check("a \"b\" \\ c\n\r\td", "\"a \\\"b\\\" \\\\ c\\n\\r\\td\"");
        check(
            "sixteen letters \"and a quote",
            "\"sixteen letters \\\"and a quote\"",
        );
        check(
            "Z\u{fc}rich \u{6771}\u{4eac}",
            "\"Z\u{fc}rich \u{6771}\u{4eac}\"",
        );
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        check(
            "a\u{9b}31m\u{7f}\u{202e}\u{e9}\u{e0001}\u{0}",
            "\"a\\u009b31m\\u007f\\u202e\u{e9}\\udb40\\udc01\\u0000\"",
        );
    }

    #[test]
    fn json_of_others_keeps_its_meaning() {
        let mut out = b"before\x7f".to_vec();
        let json = "{\n \"name\":\"a\u{9b}\u{7f}\u{202e}\u{e9}\"}";
        out.extend_from_slice(json.as_bytes());
        make_safe(&mut out, 7);
        let safe = std::str::from_utf8(&out[7..]).expect("is text");
        assert_eq!(safe, "{\n \"name\":\"a\\u009b\\u007f\\u202e\u{e9}\"}");
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("is JSON");
        assert_eq!(parsed(safe), parsed(json));
        assert_eq!(&out[..7], b"before\x7f");
    }
}
