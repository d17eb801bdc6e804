//! The query of an address: names and values, decoded.

/// Reads `name=value&name=value`. What is not sound is taken as it stands.
pub fn parse(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3);
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        let hex = hex.filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let coded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, coded) {
            (b'%', Some(coded)) => {
                out.push(coded);
                at += 3;
                continue;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A form or a query, from names and values.
pub fn write(pairs: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        encode(name, &mut out);
        out.push('=');
        encode(value, &mut out);
    }
    out
}

fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                for half in [byte >> 4, byte & 15] {
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(half)]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let written = pairs(&[("ids", "1-100,105"), ("a b", "100 % & ü=+"), ("", "")]);
        let text = write(&written);
        assert_eq!(text, "ids=1-100%2C105&a+b=100+%25+%26+%C3%BC%3D%2B&=");
        assert_eq!(parse(&text), written);
    }

    #[test]
    fn what_is_not_sound_is_taken_as_it_stands() {
        assert_eq!(parse("a=%zz%2&b"), pairs(&[("a", "%zz%2"), ("b", "")]));
        assert_eq!(parse("&&"), pairs(&[]));
        assert_eq!(parse("a=%ff"), pairs(&[("a", "\u{fffd}")]));
    }
}
