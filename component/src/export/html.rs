//! The HTML of the knowledge base as plain text, for formats that hold no HTML.
//!
//! Not a browser: tags become line ends or nothing, links keep their address. The result is text,
//! so nothing in it is safe or unsafe as HTML; who shows it as HTML escapes it.

use crate::xml::decode_html;

/// The words of some HTML; a blank line between paragraphs at most.
pub(super) fn text(html: &str) -> String {
    let mut out = Plain::default();
    let mut rest = html;
    let mut link: Option<(String, usize)> = None;
    while let Some(at) = rest.find('<') {
        out.words(&rest[..at]);
        let tag = &rest[at..];
        // A `<` that begins no tag is a sign like others.
        let is_tag =
            tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let end = if is_tag { tag.find('>') } else { None };
        let Some(end) = end else {
            out.words("<");
            rest = &tag[1..];
            continue;
        };
        let inside = &tag[1..end];
        rest = &tag[end + 1..];
        let name: String = inside
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
            .collect::<String>()
            .to_ascii_lowercase();
        match name.as_str() {
            "script" | "style" => rest = after(rest, &format!("</{name}")),
            "p" | "/p" | "table" | "/table" | "ul" | "/ul" | "ol" | "/ol" | "h1" | "h2" | "h3" => {
                out.lines(2);
            }
            "br" | "br/" | "li" | "tr" | "/tr" | "div" | "/div" | "pre" | "/pre" => out.lines(1),
            "td" | "th" => out.space(),
            "a" => link = address(inside).map(|href| (href, out.text.len())),
            "/a" => {
                if let Some((href, start)) = link.take() {
                    let is_told = out.text.get(start..).is_some_and(|it| it.contains(&href));
                    if !is_told {
                        out.words(&format!(" ({href})"));
                    }
                }
            }
            _ => {}
        }
    }
    out.words(rest);
    out.text
}

#[derive(Default)]
struct Plain {
    text: String,
    /// What stands before the next word.
    is_spaced: bool,
    n_lines: usize,
}

impl Plain {
    fn words(&mut self, piece: &str) {
        let decoded;
        let piece = if piece.contains('&') {
            decoded = decode_html(piece);
            &decoded
        } else {
            piece
        };
        for (place, word) in piece.split(|c: char| c.is_whitespace()).enumerate() {
            if place > 0 {
                self.space();
            }
            if word.is_empty() {
                continue;
            }
            if !self.text.is_empty() {
                if self.n_lines > 0 {
                    self.text.extend(std::iter::repeat_n('\n', self.n_lines));
                } else if self.is_spaced {
                    self.text.push(' ');
                }
            }
            (self.is_spaced, self.n_lines) = (false, 0);
            self.text.push_str(word);
        }
    }

    fn space(&mut self) {
        self.is_spaced = true;
    }

    fn lines(&mut self, n: usize) {
        self.n_lines = self.n_lines.max(n);
    }
}

/// The web address that a link leads to.
fn address(tag: &str) -> Option<String> {
    let at = tag.to_ascii_lowercase().find("href=")? + "href=".len();
    let rest = &tag[at..];
    let address = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => rest.split(|c: char| c.is_whitespace()).next()?,
    };
    let address = decode_html(address.trim());
    let is_web = address.starts_with("http://") || address.starts_with("https://");
    is_web.then_some(address)
}

/// What follows the end of an element whose content is no text.
fn after<'a>(rest: &'a str, end: &str) -> &'a str {
    let Some(at) = rest.to_ascii_lowercase().find(end) else {
        return "";
    };
    rest[at..]
        .find('>')
        .map_or("", |close| &rest[at + close + 1..])
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn paragraphs_and_lines_stay_apart() {
        let html = "Upgrade to <B>2.4.1</B>.<P>Workaround:<BR>1) stop it<script>alert(1)</script>\n  2) wait";
        assert_eq!(
            text(html),
            "Upgrade to 2.4.1.\n\nWorkaround:\n1) stop it 2) wait"
        );
    }

    #[test]
    fn links_keep_their_address() {
        let html = "See <A HREF=\"https://example.net/kb1?a=1&amp;b=2\" TARGET=_blank>KB1</A>, \
                    <a href='https://example.net'>https://example.net</a> or <a href=\"javascript:x\">this</a>.";
        assert_eq!(
            text(html),
            "See KB1 (https://example.net/kb1?a=1&b=2), https://example.net or this."
        );
    }

    #[test]
    fn what_is_no_html_is_text() {
        assert_eq!(text("a < b and 1 <2 &lt;c&gt; x<"), "a < b and 1 <2 <c> x<");
        assert_eq!(text("<p></p> <br>"), "");
        assert_eq!(text("<style>p{}"), "");
        assert_eq!(text("Ü<b"), "Ü<b");
    }
}
