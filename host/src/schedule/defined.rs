//! Connectors that the file defines, brought into the inventory: what is new or another one is
//! written, what is no longer there is taken away. What was synced stays.

use std::path::Path;

use super::Definition as Rule;
use crate::{
    config::{ClientLevel, Config, ConnectorTable, Mistake, Mistakes, OwnGateway, Reference},
    guest::{Guest, GuestError, types::Timestamp},
    secrets::CLIENT_SECRET_VARIABLE,
    store::{Client, Connector, Definition, PasswordFrom, Reader, SecretFrom, Store, StoreError},
};

/// Why the connectors of the file cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub enum NotTakenUp {
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Guest(#[from] GuestError),
}

/// What the file says, and what is to be done about it.
#[derive(Debug, Default)]
pub struct Difference {
    new: Vec<Definition>,
    changed: Vec<(Connector, Definition)>,
    gone: Vec<Connector>,
}

/// Compares the file with what is stored; all mistakes are told at once.
pub fn compare(
    config: &Config,
    stored: &[Connector],
    now: Timestamp,
) -> Result<Difference, NotTakenUp> {
    let Some(file) = config.file.as_deref().and_then(absolute) else {
        return Ok(Difference::default());
    };
    let mut mistakes = Vec::new();
    let mut difference = Difference::default();
    let mut seen: Vec<Definition> = Vec::new();
    for table in &config.connectors {
        let mut wrong = |message: String| mistakes.push(Mistake::new(&table.place, message));
        let definition = match definition(table, &file) {
            Ok(definition) => definition,
            Err(message) => {
                wrong(message);
                continue;
            }
        };
        if seen
            .iter()
            .any(|it| it.name.eq_ignore_ascii_case(&definition.name))
        {
            wrong(format!("the name `{}` is given twice", definition.name));
        }
        if let Some(other) = seen.iter().find(|it| is_same_account(it, &definition)) {
            wrong(format!(
                "the account `{}` belongs to the connector `{}` already",
                definition.username, other.name
            ));
        }
        seen.push(definition.clone());
        let of_account = stored
            .iter()
            .find(|it| is_same_account(&it.definition, &definition));
        let of_name = stored
            .iter()
            .find(|it| it.definition.name.eq_ignore_ascii_case(&definition.name));
        for other in [of_account, of_name].into_iter().flatten() {
            if let Some(message) = taken(other, &file, &definition) {
                wrong(message);
                break;
            }
        }
        let is_as_stored = of_account.is_some_and(|it| it.definition == definition);
        if let Some(message) = wrong_schedule(&definition, is_as_stored, now) {
            wrong(message);
        }
        match of_account {
            _ if is_as_stored => {}
            Some(known) => difference.changed.push((known.clone(), definition)),
            None => difference.new.push(definition),
        }
    }
    let is_gone = |it: &&Connector| {
        it.definition.file.as_deref() == Some(&file)
            && !seen
                .iter()
                .any(|kept| is_same_account(kept, &it.definition))
    };
    difference.gone = stored.iter().filter(is_gone).cloned().collect();
    if !config.connectors.is_empty() {
        mistakes.extend(settings_mistakes(config)?);
    }
    if mistakes.is_empty() {
        return Ok(difference);
    }
    Err(Mistakes(mistakes).into())
}

impl Difference {
    /// Whether all that the file says is stored.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }

    /// Brings the inventory in line with the file, and tells what was done.
    pub fn apply(self, store: &mut dyn Store, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let mut notes = Vec::new();
        // First, as their names may be given anew.
        for connector in self.gone {
            let name = &connector.definition.name;
            notes.push(match store.undefine(connector.connector_id, now) {
                Ok(()) => format!(
                    "the connector `{name}` is no longer in the file, and so is removed; what it \
                     synced stays"
                ),
                Err(StoreError::RunInProgress { run, .. }) => format!(
                    "the connector `{name}` is no longer in the file; it is removed once its run \
                     {run} has ended"
                ),
                Err(error) => return Err(error),
            });
        }
        for (connector, definition) in self.changed {
            store.redefine(connector.connector_id, &definition, now)?;
            notes.push(format!(
                "the connector `{}` was changed in the file",
                definition.name
            ));
        }
        for definition in self.new {
            store.define(&definition, now)?;
            notes.push(format!(
                "the connector `{}` comes from the file",
                definition.name
            ));
        }
        Ok(notes)
    }
}

/// Takes up what the file says, if that differs from what is stored.
pub fn take_up(
    config: &Config,
    reader: Option<&dyn Reader>,
    open: impl FnOnce() -> Result<Box<dyn Store>, StoreError>,
    now: Timestamp,
) -> Result<Vec<String>, NotTakenUp> {
    let stored = reader.map(|reader| reader.connectors()).transpose()?;
    let difference = compare(config, &stored.unwrap_or_default(), now)?;
    if difference.is_empty() {
        return Ok(Vec::new());
    }
    Ok(difference.apply(&mut *open()?, now)?)
}

/// The API client of a definition, from what is said of it and what is known.
pub fn client(
    said: &OwnGateway,
    variable: Option<&str>,
    known: Option<&Client>,
) -> Result<Option<Client>, String> {
    let secret = match (&said.client_secret_file, variable) {
        (Some(file), _) => Some(SecretFrom::File(kept_path(file)?)),
        (None, Some(name)) => Some(SecretFrom::Variable(name.to_owned())),
        (None, None) => None,
    };
    let id = said
        .client_id
        .clone()
        .or_else(|| known.map(|it| it.client_id.clone()));
    let Some(client_id) = id else {
        if secret.is_some() || said.client_level.is_some() {
            return Err("an API client needs its id; give `client_id` too".to_owned());
        }
        return Ok(None);
    };
    let level = said
        .client_level
        .clone()
        .or_else(|| known.map(|it| it.client_level.clone()));
    let secret = secret.or_else(|| known.map(|it| it.secret.clone()));
    Ok(Some(Client {
        client_id,
        client_level: level.unwrap_or_else(|| ClientLevel::default().word().to_owned()),
        secret: secret.unwrap_or_else(|| SecretFrom::Variable(CLIENT_SECRET_VARIABLE.to_owned())),
    }))
}

/// A path as it is kept, since a daemon may be started in another folder; why it cannot be.
pub fn kept_path(file: &Path) -> Result<String, String> {
    if file == Path::new("-") {
        return Err("standard input cannot be read again later; name a file".to_owned());
    }
    absolute(file).ok_or_else(|| format!("the path `{}` is not UTF-8; rename it", file.display()))
}

fn definition(table: &ConnectorTable, file: &str) -> Result<Definition, String> {
    let account = &table.account;
    Ok(Definition {
        name: table.name.clone(),
        description: table.description.clone().filter(|text| !text.is_empty()),
        origin: account.origin.to_string(),
        username: account.username.clone(),
        ca_file: account.ca_file.as_deref().map(kept_path).transpose()?,
        password: match &table.password {
            Some(Reference::File(file)) => PasswordFrom::File(kept_path(file)?),
            Some(Reference::Variable(name)) => PasswordFrom::Variable(name.clone()),
            None => PasswordFrom::Prompt,
        },
        gateway_url: table.gateway.url.as_ref().map(ToString::to_string),
        client: client(&table.gateway, table.client_secret_env.as_deref(), None)?,
        settings: serde_json::Value::Object(table.settings.clone()).to_string(),
        schedule: table.schedule.as_ref().map(written).transpose()?,
        file: Some(file.to_owned()),
    })
}

/// A schedule in the notation in which all are kept.
fn written(schedule: &serde_json::Map<String, serde_json::Value>) -> Result<String, String> {
    let rule: Rule = serde_json::from_value(serde_json::Value::Object(schedule.clone()))
        .map_err(|error| format!("`schedule` cannot be read: {error}"))?;
    serde_json::to_string(&rule).map_err(|error| error.to_string())
}

/// One that was taken up before may well lie in the past.
fn wrong_schedule(definition: &Definition, is_as_stored: bool, now: Timestamp) -> Option<String> {
    let text = definition.schedule.as_ref()?;
    if definition.password == PasswordFrom::Prompt {
        return Some(NEEDS_PASSWORD.to_owned());
    }
    let rule: Rule = serde_json::from_str(text).ok()?;
    let understood = match is_as_stored {
        true => rule.understand(now),
        false => rule.understand_new(now),
    };
    understood.err().map(|error| error.to_string())
}

/// Whose definition stands in the way.
fn taken(other: &Connector, file: &str, definition: &Definition) -> Option<String> {
    let name = &other.definition.name;
    let is_account = is_same_account(&other.definition, definition);
    match other.definition.file.as_deref() {
        Some(own) if own == file => None,
        // The file was moved.
        Some(own) if is_account && !Path::new(own).exists() => None,
        Some(own) => Some(format!(
            "the connector `{name}` is defined in `{own}`; take it out of one of the two"
        )),
        None if is_account => Some(format!(
            "the account `{}` belongs to the connector `{name}`, which a command defined; remove \
             that with `qonduit connector remove {name} --yes`, or take this one out of the file",
            definition.username
        )),
        None => Some(format!(
            "there is a connector `{name}` already, which a command defined; choose another name"
        )),
    }
}

/// What the component says of the settings of each, over those of the file.
fn settings_mistakes(config: &Config) -> Result<Vec<Mistake>, GuestError> {
    let mut plan = Guest::embedded()?.instantiate()?;
    let mut mistakes = Vec::new();
    for table in config
        .connectors
        .iter()
        .filter(|it| !it.settings.is_empty())
    {
        let own = serde_json::Value::Object(table.settings.clone()).to_string();
        let checked = plan.check_settings(&config.settings_with(&own))?;
        let place = format!("{} [connector.settings]", table.place);
        let wrong = checked.err().unwrap_or_default();
        mistakes.extend(
            wrong
                .into_iter()
                .map(|message| Mistake::new(&place, message)),
        );
    }
    Ok(mistakes)
}

fn is_same_account(one: &Definition, other: &Definition) -> bool {
    (&one.origin, &one.username) == (&other.origin, &other.username)
}

fn absolute(file: &Path) -> Option<String> {
    std::path::absolute(file)
        .ok()?
        .into_os_string()
        .into_string()
        .ok()
}

/// For whoever gives a connector a schedule and no password.
pub const NEEDS_PASSWORD: &str = "a schedule needs a password that nobody has to type; give \
                                  `password_file` or `password_env`";
