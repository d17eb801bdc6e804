//! Where Qualys' API answers: scheme, host and port, and nothing else.
//!
//! Parsed once, from what people type or paste. The password goes to this place and to no other,
//! so whatever could lead elsewhere is refused rather than repaired.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

use crate::platform;

/// Scheme, host and port of an API, such as `https://qualysapi.qualys.com`.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Origin(String);

impl Origin {
    /// Reads what a person typed. The second value is a sentence about what was changed, if
    /// anything but case and a trailing slash was.
    pub fn parse(text: &str) -> Result<(Self, Option<String>), OriginError> {
        Self::read(text, platform::api_host_of, "API")
    }

    /// The same for the address of a gateway.
    pub fn parse_gateway(text: &str) -> Result<(Self, Option<String>), OriginError> {
        let another = |host: &str| {
            let gateway = platform::gateway_host_of(host)?;
            (gateway != host).then_some(gateway)
        };
        Self::read(text, another, "gateway")
    }

    /// `right_host` names the host that is meant, where it is another one.
    fn read(
        text: &str,
        right_host: impl Fn(&str) -> Option<String>,
        calls: &str,
    ) -> Result<(Self, Option<String>), OriginError> {
        let text = text.trim();
        let with_scheme = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let url = Url::parse(&with_scheme).map_err(|source| OriginError::Malformed {
            text: shown(text),
            source,
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::Credentials);
        }
        let host = url.host().ok_or(OriginError::NoHost)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(OriginError::NotEncrypted(host.to_string())),
            other => return Err(OriginError::Scheme(other.to_owned())),
        }
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let host = host.to_string();
        let mut notes = Vec::new();
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            notes.push("only scheme, host and port of the address are used".to_owned());
        }
        let host = match right_host(&host) {
            Some(right) => {
                notes.push(format!(
                    "`{host}` answers no {calls} calls, `{right}` is used instead"
                ));
                right
            }
            None => host,
        };
        let origin = Self(format!("{}://{host}{port}", url.scheme()));
        Ok((origin, (!notes.is_empty()).then(|| notes.join("; "))))
    }

    /// The API of one of Qualys' shared platforms.
    pub fn of(platform: &platform::Platform) -> Self {
        Self(format!("https://{}", platform.api_host))
    }

    /// The gateway of the platform that this API belongs to, where its address tells.
    pub fn gateway(&self) -> Option<Self> {
        let host = platform::gateway_host_of(self.host())?;
        Some(Self(format!("https://{host}")))
    }

    /// Without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn host(&self) -> &str {
        let authority = self
            .0
            .split_once("://")
            .map_or("", |(_, authority)| authority);
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.0)
    }
}

/// Why a text is no origin.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum OriginError {
    #[error("`{text}` is no address; write it as `https://host` or `https://host:port`")]
    Malformed {
        text: String,
        #[source]
        source: url::ParseError,
    },
    #[error("the address names no host; write it as `https://host` or `https://host:port`")]
    NoHost,
    /// Says nothing of the address, which holds a password.
    #[error(
        "the address holds a user name or password; give them as `username` and in a password file"
    )]
    Credentials,
    #[error("`http://{0}` would send the password unencrypted; write `https://{0}`")]
    NotEncrypted(String),
    #[error("`{0}` is no way to call Qualys; write the address as `https://host`")]
    Scheme(String),
}

/// What stays on this machine may go unencrypted.
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => IpAddr::from(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::from(*address).is_loopback(),
    }
}

/// A text that could not be parsed may hold a password before an `@`.
fn shown(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, after)) => format!("…@{after}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn accepts(text: &str, expected: &str) {
        let (origin, note) = Origin::parse(text).expect("is an origin");
        assert_eq!((origin.as_str(), note), (expected, None));
    }

    #[track_caller]
    fn changes(text: &str, expected: &str, note: &str) {
        let (origin, said) = Origin::parse(text).expect("is an origin");
        assert_eq!((origin.as_str(), said.as_deref()), (expected, Some(note)));
    }

    #[track_caller]
    fn refuses(text: &str, expected: &str) {
        let error = Origin::parse(text).expect_err("is no origin").to_string();
        assert_eq!(error, expected);
    }

    #[test]
    fn scheme_host_and_port_are_kept_in_lower_case() {
        accepts(
            "https://QualysAPI.qualys.com",
            "https://qualysapi.qualys.com",
        );
        accepts("qualysapi.qualys.eu/", "https://qualysapi.qualys.eu");
        accepts(
            "https://api.example.net:8443",
            "https://api.example.net:8443",
        );
        accepts("https://api.example.net:443", "https://api.example.net");
        accepts(
            "  https://[2001:DB8::1]:8443/ ",
            "https://[2001:db8::1]:8443",
        );
    }

    #[test]
    fn path_and_query_are_dropped_with_a_word() {
        let note = "only scheme, host and port of the address are used";
        changes(
            "https://qualysapi.qualys.com/api/2.0/?x=1",
            "https://qualysapi.qualys.com",
            note,
        );
    }

    #[test]
    fn the_portal_is_mapped_to_its_api() {
        changes(
            "https://qualysguard.qg2.apps.qualys.com",
            "https://qualysapi.qg2.apps.qualys.com",
            "`qualysguard.qg2.apps.qualys.com` answers no API calls, \
             `qualysapi.qg2.apps.qualys.com` is used instead",
        );
    }

    #[test]
    fn an_api_tells_its_gateway() {
        let gateway = |text| {
            let (origin, _) = Origin::parse(text).expect("is an origin");
            origin.gateway().map(|gateway| gateway.as_str().to_owned())
        };
        let us1 = Some("https://gateway.qg1.apps.qualys.com".to_owned());
        assert_eq!(gateway("https://qualysapi.qualys.com"), us1);
        let private = Some("https://gateway.qualys.example.net".to_owned());
        assert_eq!(gateway("qualysapi.qualys.example.net:443"), private);
        assert_eq!(gateway("http://127.0.0.1:8080"), None);
        assert_eq!(gateway("https://proxy.example.net"), None);
    }

    #[test]
    fn a_gateway_stays_one() {
        let read = |text| Origin::parse_gateway(text).expect("is an origin");
        let (gateway, note) = read("https://gateway.qg2.apps.qualys.com/");
        assert_eq!(gateway.as_str(), "https://gateway.qg2.apps.qualys.com");
        assert_eq!(note, None);
        let (gateway, note) = read("https://qualysapi.qg2.apps.qualys.com");
        assert_eq!(gateway.as_str(), "https://gateway.qg2.apps.qualys.com");
        assert!(note.is_some_and(|note| note.contains("answers no gateway calls")));
        assert!(Origin::parse_gateway("http://gateway.qg2.apps.qualys.com").is_err());
    }

    #[test]
    fn unencrypted_is_for_this_machine_alone() {
        accepts("http://127.0.0.1:8080", "http://127.0.0.1:8080");
        accepts("http://127.8.9.1", "http://127.8.9.1");
        accepts("http://[::1]:1", "http://[::1]:1");
        accepts("http://localhost:1", "http://localhost:1");
        let refusal = "would send the password unencrypted; write";
        for host in [
            "qualysapi.qualys.com",
            "localhost.example.net",
            "128.0.0.1",
            "127.example.net",
        ] {
            refuses(
                &format!("http://{host}/"),
                &format!("`http://{host}` {refusal} `https://{host}`"),
            );
        }
    }

    #[test]
    fn a_password_in_the_address_is_not_repeated() {
        for text in [
            "https://ann:Winter2026@api.example.net",
            "https://ann:Winter2026@:x:",
        ] {
            let error = Origin::parse(text).expect_err("is no origin");
            assert!(
                !format!("{error} {error:?}").contains("Winter2026"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn other_schemes_and_no_address_are_refused() {
        refuses(
            "ftp://example.net",
            "`ftp` is no way to call Qualys; write the address as `https://host`",
        );
        assert!(Origin::parse("").is_err());
        assert!(Origin::parse("https://").is_err());
    }

    #[test]
    fn the_host_is_without_port() {
        let host = |text| {
            Origin::parse(text)
                .expect("is an origin")
                .0
                .host()
                .to_owned()
        };
        assert_eq!(host("https://api.example.net:8443"), "api.example.net");
        assert_eq!(host("https://[::1]:8443"), "[::1]");
        assert_eq!(host("https://[::1]"), "[::1]");
    }
}
