//! Which account of Qualys is used, and where: what was given, or what the login name tells.

use std::{collections::BTreeMap, ffi::OsStr, path::PathBuf};

use super::{ClientLevel, Given, Mistake, Origin, OwnGateway, Source};
use crate::platform::Platform;

/// The account at Qualys, without its password.
#[derive(Clone, Debug)]
pub struct Account {
    pub origin: Origin,
    pub username: String,
    pub ca_file: Option<PathBuf>,
    /// Where the gateway answers, where it is given.
    pub gateway: Option<Origin>,
    /// Who asks the gateway for a token, in place of the username.
    pub client_id: Option<String>,
    pub client_level: ClientLevel,
}

/// Adds the platform to what is given where it could be told from the login name.
pub(super) fn conclude(
    given: &mut BTreeMap<&'static str, Given>,
    notes: &mut Vec<String>,
) -> Result<Account, Vec<Mistake>> {
    let text = |path| {
        given
            .get(path)
            .map(|given: &Given| given.value.to_string_lossy())
    };
    let place = |path| {
        given
            .get(path)
            .map_or(String::new(), |given| given.source.to_string())
    };
    let mut mistakes = Vec::new();
    let username = text("username")
        .map(|name| name.trim().to_owned())
        .unwrap_or_default();
    if username.is_empty() {
        mistakes.push(Mistake::new(
            "",
            "no username is given; pass `--username`, or set `username` in qonduit.toml",
        ));
    } else if username.contains([':', '\r', '\n']) {
        mistakes.push(Mistake::new(
            &place("username"),
            "`username` holds a colon or a line end, which no login name has; correct it",
        ));
    }
    let mut concluded = None;
    let origin = match (text("api_url"), text("platform")) {
        (Some(url), _) => match Origin::parse(&url) {
            Ok((origin, note)) => {
                notes.extend(note);
                Some(origin)
            }
            Err(error) => {
                mistakes.push(Mistake::new(
                    &place("api_url"),
                    format!("`api_url`: {error}"),
                ));
                None
            }
        },
        (None, Some(name)) => match Platform::named(&name) {
            Some(platform) => Some(Origin::of(platform)),
            None => {
                mistakes.push(Mistake::unknown_platform(&place("platform"), &name));
                None
            }
        },
        (None, None) => {
            concluded = Platform::of_login(&username);
            if concluded.is_none() && !username.is_empty() {
                mistakes.push(Mistake::new(
                    "",
                    format!(
                        "the login name `{username}` does not tell the platform of the account; \
                         give `platform` or `api_url`"
                    ),
                ));
            }
            concluded.map(Origin::of)
        }
    };
    let own = OwnGateway::of(given).unwrap_or_else(|wrong| {
        mistakes.extend(wrong);
        OwnGateway::default()
    });
    // Once more, for what is to be said of it.
    if let Some(Ok((_, note))) = text("gateway_url").map(|url| Origin::parse_gateway(&url)) {
        notes.extend(note);
    }
    let client_level = own.client_level.as_deref().and_then(ClientLevel::named);
    let ca_file = given
        .get("ca_file")
        .map(|given| PathBuf::from(&given.value));
    if let Some(platform) = concluded {
        notes.push(format!(
            "the login name `{username}` belongs to platform {}, so {} is called",
            platform.name, platform.api_host
        ));
        let value = OsStr::new(platform.name).to_owned();
        given.insert(
            "platform",
            Given {
                value,
                source: Source::Concluded,
            },
        );
    }
    match origin {
        Some(origin) if mistakes.is_empty() => Ok(Account {
            origin,
            username,
            ca_file,
            gateway: own.url,
            client_id: own.client_id,
            client_level: client_level.unwrap_or_default(),
        }),
        _ => Err(mistakes),
    }
}
