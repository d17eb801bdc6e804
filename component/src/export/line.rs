//! Ends lines of JSON, and makes them safe for a terminal: whoever can name a machine could
//! otherwise send escape sequences to whoever looks at the file.

/// Ends the line that began at `start`. It stays the same JSON: what is hostile stands inside of
/// strings, and is escaped there.
pub(super) fn end(out: &mut Vec<u8>, start: usize) {
    make_safe(out, start);
    out.push(b'\n');
}

/// Escapes what a terminal would obey: control characters, changes of writing direction, and
/// characters that nobody sees.
pub(super) fn make_safe(out: &mut Vec<u8>, start: usize) {
    let written = &out[start..];
    if written.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return;
    }
    let text = std::str::from_utf8(written).expect("JSON is text");
    if !text.chars().any(is_hostile) {
        return;
    }
    let mut safe = String::with_capacity(text.len() + 64);
    for character in text.chars() {
        if is_hostile(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                safe += &format!("\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    out.truncate(start);
    out.extend_from_slice(safe.as_bytes());
}

fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_meaning() {
        let mut out = b"before\x7f".to_vec();
        let text = "{\"name\":\"a\u{9b}31m\u{7f}\u{202e}é\u{e0001}\"}";
        out.extend_from_slice(text.as_bytes());
        end(&mut out, 7);
        let safe = std::str::from_utf8(&out[7..]).expect("is text");
        assert_eq!(
            safe,
            "{\"name\":\"a\\u009b31m\\u007f\\u202eé\\udb40\\udc01\"}\n"
        );
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("is JSON");
        assert_eq!(parsed(safe), parsed(text));
        assert_eq!(&out[..7], b"before\x7f");
    }
}
