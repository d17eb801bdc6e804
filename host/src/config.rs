//! What is in force: the command line over the environment over the file over the defaults.
//!
//! Every mistake is collected, so that nobody corrects a file line by line. The settings of the
//! component are passed through unread: the component judges them.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Map, Value};

use crate::secrets::{self, Secret, SecretError};

mod account;
mod connector;
mod example;
mod file;
mod gateway;
mod http;
pub mod key;
mod layer;
mod mistake;
mod origin;
mod setting;
mod settings;

pub use account::Account;
pub use connector::{ConnectorTable, Reference, is_variable, sound_name};
pub use example::example;
pub use gateway::{ApiClient, ClientLevel, Gateway, OwnGateway};
pub use http::HttpOptions;
pub use layer::{FileChoice, Layer};
pub use mistake::{Mistake, Mistakes};
pub use origin::{Origin, OriginError};

use key::{KEYS, Key, Kind};
use settings::merge;

/// All that a sync needs to know.
#[derive(Clone, Debug)]
pub struct Sync {
    pub origin: Origin,
    pub username: String,
    pub password: Secret,
    /// Of the newer APIs; absent where its address is not known.
    pub gateway: Option<Gateway>,
    pub ca_file: Option<PathBuf>,
    pub db: PathBuf,
    pub http: HttpOptions,
    /// One JSON object, for the component.
    pub settings: String,
    /// Asks for all hosts, whatever is known of them.
    pub full: bool,
    /// A person has agreed that many hosts are gone for good.
    pub accept_mass_closure: bool,
}

/// The merged layers.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    /// What people should know: what was concluded, changed or passed over.
    pub notes: Vec<String>,
    /// The connectors that the file defines.
    pub connectors: Vec<ConnectorTable>,
    mistakes: Vec<Mistake>,
    given: BTreeMap<&'static str, Given>,
    account: Result<Account, Vec<Mistake>>,
    settings: Map<String, Value>,
    /// Who gave which of them, from the weakest to the strongest.
    settings_given: Vec<(String, Map<String, Value>)>,
    password_variable: bool,
    client_secret_variable: bool,
}

/// A value, and who gave it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Given {
    pub value: OsString,
    pub source: Source,
}

/// Who gave a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    CommandLine,
    Environment,
    /// With the line.
    File(usize),
    Default,
    /// From the login name.
    Concluded,
}

impl Config {
    /// Merges the layers and checks every value that is in force.
    pub fn load(
        arguments: Layer,
        choice: &FileChoice,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let environment = Layer::environment(environment);
        let (file, written) = file::read(choice);
        let password_variable = environment.has_password;
        let client_secret_variable = environment.has_client_secret;
        let mut notes = Vec::new();
        let mut mistakes = Vec::new();
        let mut given = BTreeMap::new();
        let mut settings = Map::new();
        let mut settings_given = Vec::new();
        let mut connectors = Vec::new();
        // From the weakest to the strongest.
        for layer in [written, environment, arguments] {
            let chosen = ["platform", "api_url"].map(|path| layer.given.contains_key(path));
            if chosen == [true, true] {
                mistakes.push(Mistake::new(
                    &layer.name,
                    "both `platform` and `api_url` are given; keep one",
                ));
            } else if chosen != [false, false] {
                given.remove("platform");
                given.remove("api_url");
            }
            given.extend(layer.given);
            settings_given.push((layer.name.clone(), layer.settings.clone()));
            merge(&mut settings, layer.settings);
            mistakes.extend(layer.mistakes);
            connectors.extend(layer.connectors);
            notes.extend(layer.notes);
        }
        mistakes.extend(
            given
                .iter()
                .filter_map(|(path, given)| check(path, given, file.as_deref())),
        );
        for key in KEYS {
            if let key::Default::Text(text) = key.default {
                given
                    .entry(key.path)
                    .or_insert(Given::default(text.to_owned()));
            } else if let key::Default::Number(number) = key.default {
                given
                    .entry(key.path)
                    .or_insert(Given::default(number.to_string()));
            }
        }
        let account = account::conclude(&mut given, &mut notes);
        Self {
            file,
            notes,
            connectors,
            mistakes,
            given,
            account,
            settings,
            settings_given,
            password_variable,
            client_secret_variable,
        }
    }

    /// Refuses to go on with a mistake anywhere, even in what a command does not need: a misspelt
    /// key may be the one that it needs.
    pub fn sound(&self) -> Result<&Self, Mistakes> {
        Mistakes::unless_empty(self.mistakes.clone()).map(|()| self)
    }

    /// All mistakes, for a command that shows them and for one that needs everything.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let account = self.account.as_ref().err().into_iter().flatten();
        self.mistakes.iter().chain(account).cloned().collect()
    }

    /// Whether somebody says which account is meant.
    pub fn names_account(&self) -> bool {
        ["username", "platform", "api_url"]
            .iter()
            .any(|key| self.given.contains_key(key))
    }

    pub fn account(&self) -> Result<Account, Mistakes> {
        Mistakes::unless_empty(self.mistakes())?;
        self.account.clone().map_err(Mistakes)
    }

    /// Everything for a sync. The password comes last, as it may be asked of a person.
    pub fn sync(&self) -> Result<Sync, SyncError> {
        let Account {
            origin,
            username,
            ca_file,
            ..
        } = self.account()?;
        let gateway = self.gateway(&origin, &username)?;
        let password = self.password(&username, &origin)?;
        let (db, http, settings) = (self.db(), self.http(), self.settings());
        Ok(Sync {
            origin,
            username,
            password,
            gateway,
            ca_file,
            db,
            http,
            settings,
            full: false,
            accept_mass_closure: false,
        })
    }

    /// From whoever comes first: the argument, the environment, the file, the terminal.
    pub fn password(&self, username: &str, origin: &Origin) -> Result<Secret, SecretError> {
        let file = self.given.get("password_file");
        let from_file = |given: &Given| secrets::from_file(Path::new(&given.value));
        match file {
            Some(given) if given.source == Source::CommandLine => from_file(given),
            _ if self.password_variable => secrets::from_environment()
                .ok_or(SecretError::Missing)
                .flatten(),
            Some(given) => from_file(given),
            None => secrets::from_terminal(&format!("Password of {username} at {origin}: ")),
        }
    }

    /// Where the password would come from.
    pub fn password_source(&self) -> String {
        let file = self.given.get("password_file");
        match file {
            Some(given) if given.source == Source::CommandLine => self.shown(given),
            _ if self.password_variable => format!("set in {}", secrets::PASSWORD_VARIABLE),
            Some(given) => self.shown(given),
            None => "asked for on the terminal".to_owned(),
        }
    }

    pub fn db(&self) -> PathBuf {
        PathBuf::from(&self.given["db"].value)
    }

    /// The file with the password that is in force, and whether the command line gives it.
    pub fn password_file(&self) -> Option<(PathBuf, bool)> {
        let given = self.given.get("password_file")?;
        let is_own = given.source == Source::CommandLine;
        Some((PathBuf::from(&given.value), is_own))
    }

    pub fn http(&self) -> HttpOptions {
        let number = |path| {
            let text = self.given[path].value.to_str().unwrap_or_default();
            text.parse().unwrap_or_default()
        };
        HttpOptions {
            connect_timeout: Duration::from_secs(number("http.connect_timeout_secs")),
            idle_timeout: Duration::from_secs(number("http.idle_timeout_secs")),
            min_bytes_per_sec: number("http.min_bytes_per_sec"),
            max_call: Duration::from_secs(number("http.max_call_secs")),
            max_answer_bytes: number("http.max_answer_bytes"),
        }
    }

    /// What is in force, in the order of the definitions: key, value, who gave it. A value that
    /// nobody gave is `None`.
    pub fn in_force(&self) -> Vec<(&'static Key, Option<String>, String)> {
        KEYS.iter()
            .map(|key| {
                let given = self.given.get(key.path);
                let value = given.map(|given| self.shown(given));
                (
                    key,
                    value,
                    given.map_or(String::new(), |given| self.who(key, given)),
                )
            })
            .collect()
    }

    fn shown(&self, given: &Given) -> String {
        given.value.to_string_lossy().into_owned()
    }

    fn who(&self, key: &Key, given: &Given) -> String {
        match given.source {
            Source::CommandLine => key.argument(),
            Source::Environment => key.variable(),
            Source::File(line) => match &self.file {
                Some(file) => format!("{}:{line}", file.display()),
                None => format!("line {line}"),
            },
            Source::Default => "default".to_owned(),
            Source::Concluded => "told from the username".to_owned(),
        }
    }
}

/// Why a sync cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl Given {
    fn default(text: String) -> Self {
        Self {
            value: text.into(),
            source: Source::Default,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("command line"),
            Self::Environment => f.write_str("environment"),
            Self::File(line) => write!(f, "line {line}"),
            Self::Default => f.write_str("default"),
            Self::Concluded => f.write_str("username"),
        }
    }
}

fn check(path: &str, given: &Given, file: Option<&Path>) -> Option<Mistake> {
    let key = Key::of(path).expect("only known keys get into a layer");
    let place = match (&given.source, file) {
        (Source::File(line), Some(file)) => format!("{}:{line}", file.display()),
        (source, _) => source.to_string(),
    };
    let text = given.value.to_str();
    let message = match (key.kind, text) {
        (Kind::Path | Kind::Text, _) if given.value.is_empty() => format!("`{path}` is empty"),
        (Kind::Path, _) => return None,
        (_, None) => format!("`{path}` is not UTF-8 text"),
        (Kind::Text, Some(_)) => return None,
        (Kind::Number { least, most }, Some(text)) => match text.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => return None,
            _ => format!("`{path}` must be a whole number from {least} to {most}"),
        },
    };
    Some(Mistake::new(&place, message))
}

#[cfg(test)]
mod tests;
