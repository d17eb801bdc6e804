//! The headers in which Qualys tells its limits.
//!
//! Names come in any case and in two spellings; values may be empty or missing, as a proxy may
//! have been at work. Whatever is not a number says nothing.

/// What the headers of one answer say.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Headers {
    pub(super) calls_allowed: Option<u32>,
    pub(super) calls_left: Option<u32>,
    pub(super) window_secs: Option<u32>,
    /// 0 says that no wait is needed; none, that nothing was said.
    pub(super) wait_secs: Option<u32>,
    pub(super) concurrent: Option<u32>,
}

impl Headers {
    pub(super) fn read(headers: &[(String, String)]) -> Self {
        let mut read = Self::default();
        for (name, value) in headers {
            let field = match name.trim().to_ascii_lowercase().as_str() {
                "x-ratelimit-limit" => &mut read.calls_allowed,
                "x-ratelimit-remaining" => &mut read.calls_left,
                "x-ratelimit-window-sec" => &mut read.window_secs,
                "x-ratelimit-towait-sec" => &mut read.wait_secs,
                "x-concurrency-limit-limit" | "x-concurrencylimit-limit" => &mut read.concurrent,
                _ => continue,
            };
            *field = count(value).or(*field);
        }
        // A limit of nothing would be no limit but a mistake.
        read.concurrent = read.concurrent.filter(|limit| *limit > 0);
        read.window_secs = read.window_secs.filter(|secs| *secs > 0);
        read
    }
}

fn count(value: &str) -> Option<u32> {
    let digits = value.trim();
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&str, &str)], expected: Headers) {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let headers: Vec<_> = headers.iter().map(owned).collect();
        assert_eq!(Headers::read(&headers), expected);
    }

    #[test]
    fn names_are_known_in_any_case_and_both_spellings() {
        let concurrent = |limit| Headers {
            concurrent: Some(limit),
            ..Headers::default()
        };
        check(&[("X-Concurrency-Limit-Limit", "2")], concurrent(2));
        check(&[("x-concurrencylimit-limit", "5")], concurrent(5));
        let headers = [
            ("x-RATELIMIT-Remaining", " 295 "),
            ("X-RateLimit-ToWait-Sec", "0"),
        ];
        let expected = Headers {
            calls_left: Some(295),
            wait_secs: Some(0),
            ..Headers::default()
        };
        check(&headers, expected);
    }

    #[test]
    fn what_is_no_number_says_nothing() {
        for value in [
            "",
            " ",
            "-1",
            "+1",
            "1.5",
            "many",
            "99999999999",
            "1 2",
            "\u{661}",
        ] {
            check(&[("X-RateLimit-Remaining", value)], Headers::default());
        }
        let zero = [
            ("X-Concurrency-Limit-Limit", "0"),
            ("X-RateLimit-Window-Sec", "0"),
        ];
        check(&zero, Headers::default());
    }

    #[test]
    fn of_several_the_last_that_says_something_counts() {
        let headers = [("X-RateLimit-Limit", "300"), ("x-ratelimit-limit", "")];
        check(
            &headers,
            Headers {
                calls_allowed: Some(300),
                ..Headers::default()
            },
        );
    }
}
