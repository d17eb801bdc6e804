//! With what a call to Qualys goes: where name and password come from, and that they go nowhere else.
//!
//! The function imports no store of secrets, since a host that has none could not run it. They come
//! with the request, or the platform adds them to what goes out.

use crate::{problem::Problem, world::Request};

/// Who brings name and password.
pub(super) enum Credentials {
    /// The request, as the value of a header.
    Header(String),
    /// The platform, on the way out: the function never sees them.
    Platform,
}

impl Credentials {
    /// Those of a request, or what is missing.
    pub(super) fn of(request: &Request, is_platform: bool) -> Result<Self, Problem> {
        if is_platform {
            return Ok(Self::Platform);
        }
        if let Some(value) = request.header(OWN) {
            return match scheme(&value) {
                Some(Scheme::Basic | Scheme::Bearer) => Ok(Self::Header(value)),
                None => Err(missing(&format!("`{OWN}` is neither `Basic` nor `Bearer`"))),
            };
        }
        match request.header("authorization") {
            None => Err(missing("no credentials of Qualys came with the request")),
            Some(value) => match scheme(&value) {
                Some(Scheme::Basic) => Ok(Self::Header(value)),
                // A token of the platform is not for Qualys.
                Some(Scheme::Bearer) | None => Err(missing(
                    "`authorization` is not `Basic`, so it is not passed on to Qualys",
                )),
            },
        }
    }

    /// What a call to the API goes with.
    pub(super) fn header(&self) -> Option<&str> {
        match self {
            Self::Header(value) => Some(value),
            Self::Platform => None,
        }
    }

    /// Name and password, for the gateway, which gives a token for them.
    pub(super) fn account(&self) -> Option<(String, String)> {
        let value = self.header()?;
        let (_, coded) = value.split_once(' ')?;
        let Some(Scheme::Basic) = scheme(value) else {
            return None;
        };
        let text = String::from_utf8(decoded(coded.trim())?).ok()?;
        let (name, password) = text.split_once(':')?;
        Some((name.to_owned(), password.to_owned()))
    }

    /// A text without what is secret in it, as an answer may repeat what it was sent.
    pub(super) fn hide(&self, text: &str) -> String {
        let value = self.header().and_then(|it| it.split_once(' '));
        let coded = value.map(|(_, coded)| coded.trim().to_owned());
        let password = self.account().map(|(_, password)| password);
        let secrets = coded.into_iter().chain(password);
        secrets
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| text.replace(&secret, "***"))
    }
}

enum Scheme {
    Basic,
    Bearer,
}

fn scheme(value: &str) -> Option<Scheme> {
    let (scheme, rest) = value.split_once(' ')?;
    if rest.trim().is_empty() {
        None
    } else if scheme.eq_ignore_ascii_case("basic") {
        Some(Scheme::Basic)
    } else if scheme.eq_ignore_ascii_case("bearer") {
        Some(Scheme::Bearer)
    } else {
        None
    }
}

fn missing(what: &str) -> Problem {
    let detail = format!(
        "{what}; send `{OWN}: Basic …` or `Authorization: Basic …` with name and password of \
         Qualys, or have the platform add them to what goes out and say `\"credentials\": \
         \"platform\"`"
    );
    Problem::new(401, "no-credentials", "No credentials for Qualys", detail)
}

/// Base64 (RFC 4648), with or without its padding.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut n_bits) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            out.push(((bits >> n_bits) & 0xff) as u8);
        }
    }
    Some(out)
}

/// For a caller whose own `Authorization` is for the platform.
const OWN: &str = "x-qualys-authorization";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Known;

    fn of(headers: &[(&str, &str)]) -> Result<Credentials, Problem> {
        let request = Request {
            method: "POST".to_owned(),
            path: "/v1/sync".to_owned(),
            query: Vec::new(),
            headers: &Known(headers),
        };
        Credentials::of(&request, false)
    }

    #[track_caller]
    fn check(headers: &[(&str, &str)], expected: Option<&str>) {
        let credentials = of(headers).ok();
        let header = credentials.as_ref().and_then(Credentials::header);
        assert_eq!(header, expected);
    }

    // `name:sesame`, `platform`
    const BASIC: &str = "Basic bmFtZTpzZXNhbWU=";
    const TOKEN: &str = "Bearer platform";

    #[test]
    fn a_token_of_the_platform_is_not_passed_on() {
        check(&[("authorization", BASIC)], Some(BASIC));
        check(&[("authorization", TOKEN)], None);
        check(&[("authorization", TOKEN), (OWN, BASIC)], Some(BASIC));
        check(&[(OWN, TOKEN)], Some(TOKEN));
        check(&[(OWN, "bmFtZTpzZXNhbWU=")], None);
        check(&[], None);
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_else() {
        let Err(problem) = of(&[("authorization", TOKEN)]) else {
            panic!("a token of the platform is none of Qualys");
        };
        assert_eq!(problem.status, 401);
        assert!(problem.detail.contains("x-qualys-authorization"));
        assert!(!problem.detail.contains("platform`, ") && !problem.detail.contains(TOKEN));
    }

    #[test]
    fn secrets_are_hidden_in_any_form() {
        let credentials = Credentials::Header(BASIC.to_owned());
        let account = ("name".to_owned(), "sesame".to_owned());
        assert_eq!(credentials.account(), Some(account));
        let said = "refused sesame (bmFtZTpzZXNhbWU=) of name";
        assert_eq!(credentials.hide(said), "refused *** (***) of name");
        assert_eq!(Credentials::Platform.hide(said), said);
    }
}
