//! The platforms on which Qualys runs, and how to tell which of them an account lives on.
//!
//! Knows names and addresses only. Customers with a private platform have an address of their own,
//! so a host that is not in this table is not a mistake.

/// One of Qualys' shared platforms.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Platform {
    /// The name that Qualys gives it, such as `US2`.
    pub name: &'static str,
    /// The characters after the company's letters in a login name.
    login: &'static [char],
    /// Where the APIs for hosts, detections and the knowledge base answer.
    pub api_host: &'static str,
    /// Where the newer APIs answer, those with tokens.
    pub gateway_host: &'static str,
}

impl Platform {
    /// By its name, in any case of letters.
    pub fn named(name: &str) -> Option<&'static Self> {
        PLATFORMS
            .iter()
            .find(|platform| platform.name.eq_ignore_ascii_case(name.trim()))
    }

    /// A login name is the letters of the company, then one character for the platform. An e-mail
    /// address is a login name of another kind, and tells nothing.
    pub fn of_login(username: &str) -> Option<&'static Self> {
        if username.contains('@') {
            return None;
        }
        let after = username.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let mark = after
            .chars()
            .next()
            .filter(|_| after.len() < username.len())?;
        PLATFORMS
            .iter()
            .find(|platform| platform.login.contains(&mark))
    }

    /// By the host of its API, of its gateway or of its portal.
    pub fn of_host(host: &str) -> Option<&'static Self> {
        PLATFORMS.iter().find(|platform| {
            platform.api_host == host
                || platform.gateway_host == host
                || portal(platform.api_host).is_some_and(|portal| portal == host)
        })
    }
}

/// All names, for messages and help.
pub fn names() -> impl Iterator<Item = &'static str> {
    PLATFORMS.iter().map(|platform| platform.name)
}

/// The host of the API that belongs to a portal or a gateway; `None` for any other host.
///
/// People copy the address of the page that they log in to, which answers no API call.
pub fn api_host_of(host: &str) -> Option<String> {
    if let Some(platform) = Platform::of_host(host) {
        return (platform.api_host != host).then(|| platform.api_host.to_owned());
    }
    let base = host
        .strip_prefix(PORTAL)
        .or_else(|| host.strip_prefix(GATEWAY))?;
    Some(format!("{API}{base}"))
}

/// The host of the gateway that belongs to an API, or to a portal; itself for a gateway.
pub fn gateway_host_of(host: &str) -> Option<String> {
    if let Some(platform) = Platform::of_host(host) {
        return Some(platform.gateway_host.to_owned());
    }
    let base = [API, PORTAL, GATEWAY]
        .into_iter()
        .find_map(|prefix| host.strip_prefix(prefix))?;
    Some(format!("{GATEWAY}{base}"))
}

fn portal(api_host: &str) -> Option<String> {
    api_host
        .strip_prefix(API)
        .map(|base| format!("{PORTAL}{base}"))
}

pub const PLATFORMS: &[Platform] = &[
    platform(
        "US1",
        &['_'],
        "qualysapi.qualys.com",
        "gateway.qg1.apps.qualys.com",
    ),
    platform(
        "US2",
        &['2'],
        "qualysapi.qg2.apps.qualys.com",
        "gateway.qg2.apps.qualys.com",
    ),
    platform(
        "US3",
        &['3'],
        "qualysapi.qg3.apps.qualys.com",
        "gateway.qg3.apps.qualys.com",
    ),
    platform(
        "US4",
        &['6'],
        "qualysapi.qg4.apps.qualys.com",
        "gateway.qg4.apps.qualys.com",
    ),
    platform(
        "GOV1",
        &['C'],
        "qualysapi.gov1.qualys.us",
        "gateway.gov1.qualys.us",
    ),
    platform(
        "EU1",
        &['-'],
        "qualysapi.qualys.eu",
        "gateway.qg1.apps.qualys.eu",
    ),
    platform(
        "EU2",
        &['5', '!'],
        "qualysapi.qg2.apps.qualys.eu",
        "gateway.qg2.apps.qualys.eu",
    ),
    platform(
        "EU3",
        &['B'],
        "qualysapi.qg3.apps.qualys.it",
        "gateway.qg3.apps.qualys.it",
    ),
    platform(
        "IN1",
        &['8'],
        "qualysapi.qg1.apps.qualys.in",
        "gateway.qg1.apps.qualys.in",
    ),
    platform(
        "CA1",
        &['9'],
        "qualysapi.qg1.apps.qualys.ca",
        "gateway.qg1.apps.qualys.ca",
    ),
    platform(
        "AE1",
        &['7'],
        "qualysapi.qg1.apps.qualys.ae",
        "gateway.qg1.apps.qualys.ae",
    ),
    platform(
        "UK1",
        &['1'],
        "qualysapi.qg1.apps.qualys.co.uk",
        "gateway.qg1.apps.qualys.co.uk",
    ),
    platform(
        "AU1",
        &['4'],
        "qualysapi.qg1.apps.qualys.com.au",
        "gateway.qg1.apps.qualys.com.au",
    ),
    platform(
        "KSA1",
        &['A'],
        "qualysapi.qg1.apps.qualysksa.com",
        "gateway.qg1.apps.qualysksa.com",
    ),
];

const fn platform(
    name: &'static str,
    login: &'static [char],
    api_host: &'static str,
    gateway_host: &'static str,
) -> Platform {
    Platform {
        name,
        login,
        api_host,
        gateway_host,
    }
}

const API: &str = "qualysapi.";
const PORTAL: &str = "qualysguard.";
const GATEWAY: &str = "gateway.";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn login(username: &str, expected: Option<&str>) {
        let found = Platform::of_login(username).map(|platform| platform.name);
        assert_eq!(found, expected, "{username}");
    }

    #[test]
    fn the_character_after_the_company_tells_the_platform() {
        login("acme_ab12", Some("US1"));
        login("acme2ab12", Some("US2"));
        login("acme3ab", Some("US3"));
        login("acme6ab", Some("US4"));
        login("acmeCab", Some("GOV1"));
        login("acme-ab12", Some("EU1"));
        login("acme5ab", Some("EU2"));
        login("acme!ab", Some("EU2"));
        login("acmeBab", Some("EU3"));
        login("acme8ab", Some("IN1"));
        login("acme9ab", Some("CA1"));
        login("acme7ab", Some("AE1"));
        login("acme1ab", Some("UK1"));
        login("acme4ab", Some("AU1"));
        login("acmeAab", Some("KSA1"));
    }

    #[test]
    fn other_login_names_tell_nothing() {
        login("", None);
        login("acme", None);
        login("_ab12", None);
        login("Acme_ab12", None);
        login("jane_doe@example.com", None);
        login("acme0ab", None);
    }

    #[test]
    fn a_portal_or_gateway_leads_to_its_api() {
        let api = |host| api_host_of(host).unwrap_or_default();
        assert_eq!(api("qualysguard.qualys.com"), "qualysapi.qualys.com");
        assert_eq!(
            api("qualysguard.qg2.apps.qualys.eu"),
            "qualysapi.qg2.apps.qualys.eu"
        );
        assert_eq!(api("gateway.qg1.apps.qualys.com"), "qualysapi.qualys.com");
        assert_eq!(
            api("qualysguard.vm.example.net"),
            "qualysapi.vm.example.net"
        );
        assert_eq!(api_host_of("qualysapi.qualys.com"), None);
        assert_eq!(api_host_of("proxy.example.net"), None);
    }

    #[test]
    fn a_name_is_known_in_any_case_of_letters() {
        assert_eq!(Platform::named("eu2").map(|found| found.name), Some("EU2"));
        assert_eq!(Platform::named("EU9"), None);
    }
}
