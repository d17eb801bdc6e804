//! Where the gateway answers, and on whose behalf it is asked for a token.
//!
//! The gateway belongs to the account: an API client and an address that were configured for one
//! account are used for no other.

use std::path::Path;

use super::{Account, Config, Origin, Source};
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
    /// As it is written in the configuration.
    pub(super) fn named(word: &str) -> Option<Self> {
        match word.trim() {
            "user" => Some(Self::User),
            "subscription" => Some(Self::Subscription),
            _ => None,
        }
    }
}

impl Config {
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
