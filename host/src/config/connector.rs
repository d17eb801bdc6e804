//! `[[connector]]` in the file: connectors as they are written there, with all that is wrong with
//! one by itself.
//!
//! What its settings and its schedule mean is not known here: both are passed on as they stand.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml::de::DeValue;

use super::{Account, Layer, Mistake, OwnGateway, account, file, key::Key};

/// One connector of the file.
#[derive(Clone, Debug)]
pub struct ConnectorTable {
    /// File and line.
    pub place: String,
    pub name: String,
    pub description: Option<String>,
    pub account: Account,
    /// Where the password is; a person is asked where it is not said.
    pub password: Option<Reference>,
    pub gateway: OwnGateway,
    /// The variable with the secret of the API client.
    pub client_secret_env: Option<String>,
    pub settings: Map<String, Value>,
    pub schedule: Option<Map<String, Value>>,
}

/// Where a secret is found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reference {
    File(PathBuf),
    Variable(String),
}

impl Layer {
    /// Reads one table, whose header is in line `at`.
    pub(super) fn connector(
        &mut self,
        written: &DeValue<'_>,
        folder: &Path,
        at: usize,
        line: &dyn Fn(usize) -> usize,
    ) {
        let file = self.name.clone();
        let place = format!("{file}:{at}");
        let DeValue::Table(table) = written else {
            let message = "`connector` is a list of tables; write `[[connector]]` above the keys";
            return self.mistakes.push(Mistake::new(&place, message));
        };
        // Keys of an account are what they are at the top of the file.
        let mut own = Self {
            name: file.clone(),
            ..Self::default()
        };
        let mut texts = Texts::default();
        let (mut settings, mut schedule) = (Map::new(), None);
        for (key, value) in table {
            let at = line(key.span().start);
            let place = format!("{file}:{at}");
            let mut wrong = |message: String| own.mistakes.push(Mistake::new(&place, message));
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("settings", DeValue::Table(table)) => settings = file::object(table),
                ("schedule", DeValue::Table(table)) => schedule = Some(file::object(table)),
                (key @ ("settings" | "schedule"), _) => wrong(format!(
                    "`{key}` is a table; write `[connector.{key}]` above its keys"
                )),
                (key, DeValue::String(text)) if texts.of(key).is_some() => {
                    if text.trim().is_empty() {
                        wrong(format!("`{key}` is empty"));
                    }
                    *texts.of(key).expect("was just found") = Some(text.trim().to_owned());
                }
                (key, _) if texts.of(key).is_some() => {
                    wrong(format!("`{key}` must be text in quotes"));
                }
                (key, value) if ACCOUNT.contains(&key) => {
                    own.take(key, value, folder, at, &place);
                }
                (key, _) => {
                    let known = ACCOUNT.iter().chain(TEXTS).chain(&["settings", "schedule"]);
                    let known = known.map(|key| (*key).to_owned());
                    let mistake = Mistake::unknown_key(&place, key, known);
                    own.mistakes.push(mistake);
                }
            }
        }
        for (path, given) in &own.given {
            let key = Key::of(path).expect("only known keys get into a layer");
            if given.value.is_empty() {
                let message = format!("`{}` is empty", key.path);
                let place = format!("{file}:{}", place_of(&given.source.to_string()));
                own.mistakes.push(Mistake::new(&place, message));
            }
        }
        let checked = self.checked(own, texts, &place);
        self.connectors.extend(checked.map(|table| ConnectorTable {
            settings,
            schedule,
            ..table
        }));
    }

    /// All that is wrong with a table by itself, or the table.
    fn checked(&mut self, mut own: Self, texts: Texts, place: &str) -> Option<ConnectorTable> {
        let mut mistakes = std::mem::take(&mut own.mistakes);
        let mut messages = Vec::new();
        let mut wrong = |message: &str| messages.push(message.to_owned());
        let name = texts.name.unwrap_or_default();
        if name.is_empty() {
            wrong("a connector needs a name; add `name`");
        } else if let Err(message) = sound_name(&name) {
            wrong(&message);
        }
        let has = |path| own.given.contains_key(path);
        if !has("username") {
            wrong("a connector needs an account; add `username`");
        }
        if has("platform") && has("api_url") {
            wrong("both `platform` and `api_url` are given; keep one");
        }
        if has("password_file") && texts.password_env.is_some() {
            wrong("both `password_file` and `password_env` are given; keep one");
        }
        if has("client_secret_file") && texts.client_secret_env.is_some() {
            wrong("both `client_secret_file` and `client_secret_env` are given; keep one");
        }
        for (key, variable) in [
            ("password_env", &texts.password_env),
            ("client_secret_env", &texts.client_secret_env),
        ] {
            if variable.as_ref().is_some_and(|it| !is_variable(it)) {
                wrong(&format!(
                    "`{key}` is no name of a variable; write it like PASSWORD"
                ));
            }
        }
        for key in ["password_file", "client_secret_file"] {
            if own.given.get(key).is_some_and(|given| given.value == "-") {
                wrong(&format!("`{key}` cannot be standard input; name a file"));
            }
        }
        // What is wrong with it is told with the account.
        let gateway = OwnGateway::of(&own.given).unwrap_or_default();
        let has_secret = has("client_secret_file") || texts.client_secret_env.is_some();
        if !has("client_id") && (has_secret || has("client_level")) {
            wrong("an API client needs its id; add `client_id`");
        }
        let password = match (own.given.get("password_file"), texts.password_env) {
            (Some(file), _) => Some(Reference::File(PathBuf::from(&file.value))),
            (None, Some(name)) => Some(Reference::Variable(name)),
            (None, None) => None,
        };
        mistakes.extend(messages.iter().map(|message| Mistake::new(place, message)));
        let has_username = has("username");
        let mut notes = Vec::new();
        let account = account::conclude(&mut own.given, &mut notes);
        let named = |note| format!("connector `{name}`: {note}");
        self.notes.extend(notes.into_iter().map(named));
        if let Err(wrong) = &account {
            // That there is no username has been said.
            let wrong = wrong
                .iter()
                .filter(|it| has_username || !it.place.is_empty());
            mistakes.extend(wrong.map(|it| at_its_line(it, &self.name, place)));
        }
        let is_sound = mistakes.is_empty();
        self.mistakes.extend(mistakes);
        let account = account.ok().filter(|_| is_sound)?;
        Some(ConnectorTable {
            place: place.to_owned(),
            name,
            description: texts.description,
            account,
            password,
            gateway,
            client_secret_env: texts.client_secret_env,
            settings: Map::new(),
            schedule: None,
        })
    }
}

/// What a connector can be called, or why not.
pub fn sound_name(name: &str) -> Result<(), String> {
    let is_sound = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    if (1..=64).contains(&name.len()) && name.chars().all(is_sound) {
        return Ok(());
    }
    Err(format!(
        "`{name}` is no name for a connector; use up to 64 letters, digits, `-`, `_` and `.`"
    ))
}

/// Whether a variable may have that name.
pub fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Texts that only connectors have.
#[derive(Debug, Default)]
struct Texts {
    name: Option<String>,
    description: Option<String>,
    password_env: Option<String>,
    client_secret_env: Option<String>,
}

impl Texts {
    fn of(&mut self, key: &str) -> Option<&mut Option<String>> {
        Some(match key {
            "name" => &mut self.name,
            "description" => &mut self.description,
            "password_env" => &mut self.password_env,
            "client_secret_env" => &mut self.client_secret_env,
            _ => return None,
        })
    }
}

/// Elsewhere a mistake in the file has its line alone, or no place where something is missing.
fn at_its_line(mistake: &Mistake, file: &str, table: &str) -> Mistake {
    let place = match place_of(&mistake.place) {
        "" => table.to_owned(),
        line => format!("{file}:{line}"),
    };
    Mistake::new(&place, &mistake.message)
}

fn place_of(source: &str) -> &str {
    source.strip_prefix("line ").unwrap_or_default()
}

const ACCOUNT: &[&str] = &[
    "platform",
    "api_url",
    "username",
    "password_file",
    "gateway_url",
    "client_id",
    "client_secret_file",
    "client_level",
    "ca_file",
];
const TEXTS: &[&str] = &["name", "description", "password_env", "client_secret_env"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, FileChoice};

    fn load(text: &str) -> Config {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("qonduit.toml");
        std::fs::write(&file, text).expect("a file can be written");
        Config::load(Layer::default(), &FileChoice::Named(file), [])
    }

    /// Mistakes with their lines.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let config = load(text);
        let told: Vec<String> = config
            .sound()
            .err()
            .into_iter()
            .flat_map(|mistakes| mistakes.0)
            .map(|it| {
                it.to_string()
                    .rsplit_once("qonduit.toml:")
                    .map(|(_, it)| it.to_owned())
            })
            .map(|it| it.expect("each has its place"))
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_connector_says_all_that_a_command_can_say() {
        let config = load(
            "[[connector]]\nname = \"prod\"\ndescription = \"all\"\nusername = \"acme2ab\"\n\
             password_file = \"secret\"\ngateway_url = \"gateway.example.net\"\n\
             client_id = \"robot\"\nclient_secret_env = \"ROBOT\"\nclient_level = \"subscription\"\n\
             [connector.settings]\nbatch_hosts = 200\n[connector.schedule]\nevery = \"6 hours\"\n\
             [[connector]]\nname = \"lab\"\nusername = \"lab\"\napi_url = \"api.example.net\"\n\
             password_env = \"LAB\"\n",
        );
        config.sound().expect("has no mistake");
        let [prod, lab] = &config.connectors[..] else {
            panic!("{:?}", config.connectors);
        };
        assert_eq!(
            (prod.name.as_str(), prod.description.as_deref()),
            ("prod", Some("all"))
        );
        let origin = "https://qualysapi.qg2.apps.qualys.com";
        assert_eq!(prod.account.origin.as_str(), origin);
        let Some(Reference::File(file)) = &prod.password else {
            panic!("{:?}", prod.password);
        };
        assert!(file.is_absolute() && file.ends_with("secret"));
        let gateway = prod.gateway.url.as_ref().expect("is given");
        assert_eq!(gateway.as_str(), "https://gateway.example.net");
        assert_eq!(prod.gateway.client_id.as_deref(), Some("robot"));
        assert_eq!(prod.client_secret_env.as_deref(), Some("ROBOT"));
        assert_eq!(prod.settings["batch_hosts"], 200);
        assert_eq!(
            prod.schedule.as_ref().expect("is given")["every"],
            "6 hours"
        );
        assert_eq!(lab.account.origin.as_str(), "https://api.example.net");
        assert_eq!(lab.password, Some(Reference::Variable("LAB".into())));
        assert!(lab.place.ends_with("qonduit.toml:14"), "{}", lab.place);
    }

    #[test]
    fn all_mistakes_are_told_at_once_with_their_lines() {
        check(
            "[[connector]]\nname = \"a b\"\nusername = \"acme2ab\"\npassword = \"x\"\n\
             descripton = \"x\"\nclient_level = \"robot\"\n\
             [[connector]]\nusername = 7\npassword_file = \"-\"\nschedule = \"daily\"\n\
             [[connector]]\nname = \"c\"\nusername = \"nobody\"\npassword_file = \"x\"\n\
             password_env = \"A=B\"\nclient_secret_file = \"y\"\n",
            &[
                "5: unknown key `descripton`; did you mean `description`?",
                "4: a password does not belong here; write it to a file of its own and give \
                 `password_file`",
                "1: `a b` is no name for a connector; use up to 64 letters, digits, `-`, `_` and `.`",
                "1: an API client needs its id; add `client_id`",
                "6: `client_level` is `robot`; write `user` or `subscription`",
                "10: `schedule` is a table; write `[connector.schedule]` above its keys",
                "8: `username` must be text in quotes",
                "7: a connector needs a name; add `name`",
                "7: a connector needs an account; add `username`",
                "7: `password_file` cannot be standard input; name a file",
                "11: both `password_file` and `password_env` are given; keep one",
                "11: `password_env` is no name of a variable; write it like PASSWORD",
                "11: an API client needs its id; add `client_id`",
                "11: the login name `nobody` does not tell the platform of the account; give \
                 `platform` or `api_url`",
            ],
        );
        check(
            "[connector]\nname = \"a\"\n",
            &["1: `connector` is a list of tables; write `[[connector]]` above the keys of each"],
        );
    }
}
