//! Where the gateway answers, and on whose behalf it is asked for a token.
//!
//! The gateway belongs to the account: an API client and an address that were configured for one
//! account are used for no other.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Account, Config, Given, Mistake, Mistakes, Origin, Source};
use crate::secrets::{self, Secret, SecretError};

/// All that is needed to call the gateway.
#[derive(Clone, Debug)]
pub struct Gateway {
    pub origin: Origin,
    /// In place of name and password.
    pub client: Option<ApiClient>,
}

/// A client that was registered in Qualys for programs.
#[derive(Clone, Debug)]
pub struct ApiClient {
    pub id: String,
    pub secret: Secret,
    pub level: ClientLevel,
}

/// For whom an API client speaks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ClientLevel {
    #[default]
    User,
    Subscription,
}

impl ClientLevel {
    /// The word for it in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Subscription => "subscription",
        }
    }

    /// The level of a word.
    pub fn named(word: &str) -> Option<Self> {
        match word.trim() {
            "user" => Some(Self::User),
            "subscription" => Some(Self::Subscription),
            _ => None,
        }
    }
}

/// What is said of the gateway where a connector is defined.
#[derive(Clone, Debug, Default)]
pub struct OwnGateway {
    pub url: Option<Origin>,
    pub client_id: Option<String>,
    pub client_secret_file: Option<PathBuf>,
    /// A word of [`ClientLevel::named`].
    pub client_level: Option<String>,
}

impl OwnGateway {
    /// Of values that were given in one place; all mistakes at once.
    pub(super) fn of(given: &BTreeMap<&'static str, Given>) -> Result<Self, Vec<Mistake>> {
        let text = |path| {
            given
                .get(path)
                .map(|given| given.value.to_string_lossy().trim().to_owned())
        };
        let place = |path: &str| given.get(path).map(|given| given.source.to_string());
        let mut mistakes = Vec::new();
        let mut mistake = |path: &str, message: String| {
            mistakes.push(Mistake::new(&place(path).unwrap_or_default(), message));
        };
        let mut url = None;
        if let Some(text) = text("gateway_url") {
            match Origin::parse_gateway(&text) {
                Ok((origin, _)) => url = Some(origin),
                Err(error) => mistake("gateway_url", format!("`gateway_url`: {error}")),
            }
        }
        let client_id = text("client_id");
        if client_id
            .as_ref()
            .is_some_and(|id| id.contains(char::is_control))
        {
            let message = "`client_id` holds a line end or a control character; correct it";
            mistake("client_id", message.to_owned());
        }
        let client_level = text("client_level");
        if let Some(level) = client_level
            .as_ref()
            .filter(|it| ClientLevel::named(it).is_none())
        {
            let message = format!("`client_level` is `{level}`; write `user` or `subscription`");
            mistake("client_level", message);
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(Self {
            url,
            client_id,
            client_secret_file: given
                .get("client_secret_file")
                .map(|it| PathBuf::from(&it.value)),
            client_level,
        })
    }
}

impl Config {
    /// What the command line says of the gateway. What the file and the environment say is that of
    /// their own account.
    pub fn own_gateway(&self) -> Result<OwnGateway, Mistakes> {
        let own = self.given.iter();
        let own = own.filter(|(_, given)| given.source == Source::CommandLine);
        let own = own.map(|(path, given)| (*path, given.clone())).collect();
        OwnGateway::of(&own).map_err(Mistakes)
    }

    /// The gateway of an account; `None` where its address is not known.
    pub fn gateway(&self, origin: &Origin, username: &str) -> Result<Option<Gateway>, SecretError> {
        let own = self.account.as_ref().ok();
        let own = own.filter(|account| account.origin == *origin);
        let given = own.and_then(|account| account.gateway.clone());
        let Some(gateway) = given.or_else(|| origin.gateway()) else {
            return Ok(None);
        };
        let client = match own.filter(|account| account.username == username) {
            Some(account) => self.api_client(account)?,
            None => None,
        };
        Ok(Some(Gateway {
            origin: gateway,
            client,
        }))
    }

    fn api_client(&self, account: &Account) -> Result<Option<ApiClient>, SecretError> {
        let Some(id) = account.client_id.clone() else {
            return Ok(None);
        };
        let from_file = |value| secrets::client_secret_from_file(Path::new(value));
        let secret = match self.given.get("client_secret_file") {
            Some(given) if given.source == Source::CommandLine => from_file(&given.value)?,
            given => match (secrets::client_secret_from_environment(), given) {
                (Some(secret), _) => secret?,
                (None, Some(given)) => from_file(&given.value)?,
                (None, None) => return Err(SecretError::MissingClientSecret),
            },
        };
        let level = account.client_level;
        Ok(Some(ApiClient { id, secret, level }))
    }

    /// Where the client secret would come from; `None` without an API client.
    pub fn client_secret_source(&self) -> Option<String> {
        self.given.get("client_id")?;
        let file = self.given.get("client_secret_file");
        let is_own = file.is_some_and(|given| given.source == Source::CommandLine);
        Some(match file {
            Some(given) if is_own => self.shown(given),
            _ if self.client_secret_variable => {
                format!("set in {}", secrets::CLIENT_SECRET_VARIABLE)
            }
            Some(given) => self.shown(given),
            None => "missing".to_owned(),
        })
    }
}
