//! What one place gives: the command line, the environment or the file.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use serde_json::{Map, Value};

use super::{
    ConnectorTable, Given, Mistake, Source, file,
    key::{KEYS, Key},
    setting,
};
use crate::secrets::{CLIENT_SECRET_VARIABLE, PASSWORD_VARIABLE};

/// Keys with their values, as they were written.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    pub(super) name: String,
    pub(super) given: BTreeMap<&'static str, Given>,
    pub(super) settings: Map<String, Value>,
    pub(super) connectors: Vec<ConnectorTable>,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) notes: Vec<String>,
    /// The environment holds a password.
    pub(super) has_password: bool,
    /// The environment holds the secret of an API client.
    pub(super) has_client_secret: bool,
}

/// Which file is read.
#[derive(Clone, Debug, Default)]
pub enum FileChoice {
    /// `qonduit.toml` in the working directory, if it is there.
    #[default]
    Usual,
    /// One that has to be there.
    Named(PathBuf),
    /// None, for tests.
    Without,
}

impl Layer {
    /// Of the command line: arguments by the path of their key, then `KEY=VALUE` texts.
    pub fn arguments<'a>(
        arguments: impl IntoIterator<Item = (&'static str, Option<OsString>)>,
        sets: impl IntoIterator<Item = &'a String>,
    ) -> Self {
        let mut layer = Self {
            name: COMMAND_LINE.to_owned(),
            ..Self::default()
        };
        for set in sets {
            layer.set(set);
        }
        for (path, value) in arguments {
            if let Some(value) = value {
                layer.given.insert(
                    path,
                    Given {
                        value,
                        source: Source::CommandLine,
                    },
                );
            }
        }
        layer
    }

    /// An empty variable counts as not set: that is how containers spell it.
    pub(super) fn environment(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut layer = Self {
            name: "environment".to_owned(),
            ..Self::default()
        };
        for (name, value) in variables {
            let Some(name) = name.to_str().filter(|name| name.starts_with("QONDUIT_")) else {
                continue;
            };
            if value.is_empty() || ELSEWHERE.contains(&name) {
                continue;
            }
            if name == PASSWORD_VARIABLE {
                layer.has_password = true;
            } else if name == CLIENT_SECRET_VARIABLE {
                layer.has_client_secret = true;
            } else if let Some(key) = KEYS.iter().find(|key| key.variable() == name) {
                layer.given.insert(
                    key.path,
                    Given {
                        value,
                        source: Source::Environment,
                    },
                );
            } else {
                layer
                    .notes
                    .push(format!("the variable `{name}` means nothing to qonduit"));
            }
        }
        layer
    }

    fn set(&mut self, text: &str) {
        let place = "--set";
        let Some((path, value)) = text.split_once('=') else {
            let message = format!("`{text}` has no value; write `--set KEY=VALUE`");
            return self.mistakes.push(Mistake::new(place, message));
        };
        let (path, value) = (path.trim(), value.trim());
        if let Some(key) = Key::of(path) {
            let given = Given {
                value: value.into(),
                source: Source::CommandLine,
            };
            self.given.insert(key.path, given);
            return;
        }
        match path.strip_prefix("settings.") {
            Some(setting) if !setting.is_empty() => {
                // A version looks like a number, and a shell takes quotes away.
                let is_bare_text = setting::is_text(setting) && !value.starts_with(['"', '\'']);
                let mut value = if is_bare_text {
                    Value::String(value.to_owned())
                } else {
                    file::value(value)
                };
                let mut parts: Vec<_> = setting.split('.').collect();
                let first = parts.remove(0);
                for part in parts.into_iter().rev() {
                    value = Value::Object(Map::from_iter([(part.to_owned(), value)]));
                }
                super::merge(
                    &mut self.settings,
                    Map::from_iter([(first.to_owned(), value)]),
                );
            }
            _ => self
                .mistakes
                .push(Mistake::unknown_key(place, path, file::known_keys())),
        }
    }
}

pub(super) const COMMAND_LINE: &str = "command line";
/// Variables that are read in other places.
const ELSEWHERE: &[&str] = &["QONDUIT_CONFIG", "QONDUIT_LOG", "QONDUIT_COMPONENT"];
