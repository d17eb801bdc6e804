//! What a run of a stored connector needs: its account, its password, its settings over those of
//! the configuration.

use std::path::{Path, PathBuf};

use crate::{
    config::{self, ApiClient, ClientLevel, Config, Gateway, Origin, OriginError},
    secrets::{self, SecretError},
    store::{Client, Connector, Definition, PasswordFrom, SecretFrom},
};

/// Why a stored connector cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    #[error(
        "the connector `{name}` asks a person for its password; give it a file or a variable with \
         `qonduit connector edit`, or run it with `qonduit sync --connector {name}`"
    )]
    NeedsPerson { name: String },
    #[error("the address of the connector `{name}` is not one; remove it and add it again")]
    Origin {
        name: String,
        #[source]
        source: OriginError,
    },
    #[error(
        "the gateway of the connector `{name}` is no address; give it another one with \
         `qonduit connector edit`"
    )]
    Gateway {
        name: String,
        #[source]
        source: OriginError,
    },
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// Everything for a sync. The terminal is asked only where a person is there to answer.
pub fn prepared(
    config: &Config,
    connector: &Connector,
    may_ask: bool,
) -> Result<config::Sync, Unready> {
    let defined = &connector.definition;
    let name = || defined.name.clone();
    let (origin, _) = Origin::parse(&defined.origin).map_err(|source| Unready::Origin {
        name: name(),
        source,
    })?;
    let password = match &defined.password {
        PasswordFrom::File(file) => secrets::from_file(Path::new(file))?,
        PasswordFrom::Variable(variable) => secrets::from_variable(variable)?,
        PasswordFrom::Prompt if may_ask => secrets::from_terminal(&format!(
            "Password of {} at {}: ",
            defined.username, defined.origin
        ))?,
        PasswordFrom::Prompt => return Err(Unready::NeedsPerson { name: name() }),
    };
    let gateway = gateway(config, defined, &origin)?;
    Ok(config::Sync {
        origin,
        username: defined.username.clone(),
        password,
        gateway,
        ca_file: defined.ca_file.as_ref().map(PathBuf::from),
        db: config.db(),
        http: config.http(),
        settings: config.settings_with(&defined.settings),
        full: false,
        accept_mass_closure: false,
    })
}

/// What the connector says itself goes before what the configuration says of the same account.
fn gateway(
    config: &Config,
    defined: &Definition,
    origin: &Origin,
) -> Result<Option<Gateway>, Unready> {
    let configured = config.gateway(origin, &defined.username)?;
    let url = match &defined.gateway_url {
        Some(url) => {
            let parsed = Origin::parse_gateway(url).map_err(|source| Unready::Gateway {
                name: defined.name.clone(),
                source,
            })?;
            Some(parsed.0)
        }
        None => configured.as_ref().map(|it| it.origin.clone()),
    };
    let Some(url) = url else { return Ok(None) };
    let client = match &defined.client {
        Some(client) => Some(api_client(client)?),
        None => configured.and_then(|it| it.client),
    };
    Ok(Some(Gateway {
        origin: url,
        client,
    }))
}

fn api_client(client: &Client) -> Result<ApiClient, SecretError> {
    Ok(ApiClient {
        id: client.client_id.clone(),
        secret: match &client.secret {
            SecretFrom::File(file) => secrets::client_secret_from_file(Path::new(file))?,
            SecretFrom::Variable(name) => secrets::client_secret_from_variable(name)?,
        },
        level: ClientLevel::named(&client.client_level).unwrap_or_default(),
    })
}
