//! Makes text from Qualys safe and fit for a terminal.
//!
//! Whoever can name a machine could otherwise send escape sequences to whoever lists it. Nothing
//! that a terminal would obey passes: no control character, no change of writing direction.

use std::borrow::Cow;

/// For one line: line ends and tabs become spaces.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| !is_hostile(c)) {
        return Cow::Borrowed(text);
    }
    let spaced = text.trim_end().replace("\r\n", " ");
    let safe = |c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_hostile(c) => REPLACEMENT,
        c => c,
    };
    Cow::Owned(spaced.chars().map(safe).collect())
}

/// For several lines: line ends stay, tabs become spaces up to the next stop.
pub(super) fn lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\r' => {
                safe.push('\n');
                column = 0;
                continue;
            }
            '\t' => {
                let width = TAB - column % TAB;
                safe.extend(std::iter::repeat_n(' ', width));
                column += width;
                continue;
            }
            c if is_hostile(c) => safe.push(REPLACEMENT),
            c => safe.push(c),
        }
        column += 1;
    }
    safe
}

/// JSON stays the same JSON: what is hostile stands inside of strings, and is escaped there.
pub(super) fn json(json: &str) -> Cow<'_, str> {
    let is_unsafe = |c| is_hostile(c) && !matches!(c, '\n' | '\r' | '\t');
    if json.chars().all(|c| !is_unsafe(c)) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_unsafe(c) {
            safe += &format!("\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// The HTML of the knowledge base as plain text, in lines no longer than `width`. Links become
/// their text; addresses that are not the text itself follow at the end.
pub(super) fn of_html(html: &str, width: usize) -> String {
    let plain = html2text::config::plain_no_decorate()
        .link_footnotes(true)
        .allow_width_overflow()
        .string_from_read(html.as_bytes(), width.max(MIN_WIDTH));
    let plain = plain.unwrap_or_else(|_| html.to_owned());
    lines(plain.trim_end())
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

const REPLACEMENT: char = '\u{fffd}';
const TAB: usize = 8;
/// Narrower than this html2text has no room for lists.
const MIN_WIDTH: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(line("web\u{1b}[2J\u{7}01"), "web\u{fffd}[2J\u{fffd}01");
        assert_eq!(line("a\u{9b}31mb"), "a\u{fffd}31mb");
        assert_eq!(line("txt\u{202e}exe"), "txt\u{fffd}exe");
        assert_eq!(line("Zürich 東京"), "Zürich 東京");
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(line("a\r\nb\tc\n"), "a b c");
    }

    #[test]
    fn lines_keep_their_ends_and_columns() {
        assert_eq!(lines("a\tb\r\nab\tc\u{1b}"), "a       b\nab      c\u{fffd}");
        assert_eq!(lines("one\rtwo"), "one\ntwo");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let text = "{\"name\":\"a\u{9b}31m\u{7f}\u{202e}é\"}";
        let safe = json(text);
        assert_eq!(safe, r#"{"name":"a\u009b31m\u007f\u202eé"}"#);
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("is JSON");
        assert_eq!(parsed(&safe), parsed(text));
    }

    #[test]
    fn html_becomes_plain_lines() {
        let html = "Upgrade to <B>2.4.1</B>.<P>Workaround:<BR>1) stop it<script>alert(1)</script>";
        let plain = of_html(html, 40);
        assert_eq!(plain, "Upgrade to 2.4.1.\n\nWorkaround:\n1) stop it");
        let link = "See <A HREF=\"https://example.net/kb1\" TARGET=_blank>KB1</A>.";
        assert_eq!(
            of_html(link, 40),
            "See [KB1][1].\n\n[1]: https://example.net/kb1"
        );
        assert!(!of_html("a &#27;[2J &#155;31m b", 40).contains(char::is_control));
    }
}
