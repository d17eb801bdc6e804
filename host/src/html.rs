//! HTML of the knowledge base, made safe to be shown. What Qualys sent is kept as it is elsewhere.
//!
//! Qualys' texts are fragments of HTML 4 from many authors, customers among them. Nothing that runs,
//! loads or submits anything passes, and links open without telling where they came from.

use std::sync::LazyLock;

use ammonia::Builder;

/// Text with the marks of its layout, and links to `http` and `https` addresses.
pub fn sanitized(html: &str) -> String {
    SANITIZER.clean(html).to_string()
}

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .add_tags([
            "a",
            "b",
            "blockquote",
            "br",
            "code",
            "dd",
            "dl",
            "dt",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "i",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "sub",
            "sup",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "tt",
            "u",
            "ul",
        ])
        .add_tag_attributes("a", ["href"])
        .add_clean_content_tags(["script", "style"])
        .url_schemes(["http", "https"].into())
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(sanitized(html), expected);
    }

    #[test]
    fn layout_stays_and_is_closed() {
        check(
            "Fix it.<P>Then <B>restart",
            "Fix it.<p>Then <b>restart</b></p>",
        );
        check("a<BR>b", "a<br>b");
        check("1 &lt; 2 &amp; 3", "1 &lt; 2 &amp; 3");
    }

    #[test]
    fn nothing_runs_or_loads() {
        check("<script>alert(1)</script>safe", "safe");
        check("<img src=x onerror=alert(1)>safe", "safe");
        check(
            "<b onclick='x()' style='position:fixed'>bold</b>",
            "<b>bold</b>",
        );
        check(
            "<a href='javascript:alert(1)'>x</a>",
            "<a rel=\"noopener noreferrer nofollow\">x</a>",
        );
        check("<iframe src='https://evil.example'></iframe>safe", "safe");
        check(
            "<svg><style><img src=x onerror=alert(1)></style></svg>safe",
            "safe",
        );
    }

    #[test]
    fn links_keep_their_address_alone() {
        check(
            r#"<A HREF="https://vendor.example/1?a=1&b=2" TARGET="_blank">advisory</A>"#,
            "<a href=\"https://vendor.example/1?a=1&amp;b=2\" rel=\"noopener noreferrer nofollow\">\
             advisory</a>",
        );
    }
}
