//! What people give of a connector, when they add one and when they change it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{find, refuse_of_file, store, tell};
use crate::{
    cli::{
        args::{self, Account, Common, Database, Gateway, Sets},
        config::mistakes_in,
        exit::Exit,
        failure::{Failure, Result},
        screen::{Screen, hint_line},
        time,
    },
    config::{Config, Mistakes, OwnGateway, is_variable, sound_name},
    schedule::{self, Definition as Rule, NEEDS_PASSWORD, kept_path},
    store::{Client, Connectors, Definition, PasswordFrom},
    sync,
};

#[derive(Args, Debug)]
pub(super) struct Add {
    /// Letters, digits, `-`, `_` and `.`
    name: String,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    more: More,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    sets: Sets,
}

#[derive(Args, Debug)]
pub(super) struct Edit {
    name: String,
    /// Gives it another name
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// The file that holds the password and nothing else
    #[arg(long, value_name = "FILE", conflicts_with_all = ["password_env", "ask_password"])]
    password_file: Option<PathBuf>,
    /// PEM file of certificate authorities to trust besides those of the system
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    gateway: Gateway,
    #[command(flatten)]
    more: More,
    /// Takes the schedule away
    #[arg(long, conflicts_with_all = ["once", "every", "cron"])]
    no_schedule: bool,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    sets: Sets,
}

#[derive(Args, Debug)]
struct More {
    /// For people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The variable that holds the password when a run begins
    #[arg(long, value_name = "NAME", conflicts_with = "ask_password")]
    password_env: Option<String>,
    /// The variable that holds the secret of the API client when a run begins
    #[arg(long, value_name = "NAME", conflicts_with = "client_secret_file")]
    client_secret_env: Option<String>,
    /// A person is asked for the password, so that there can be no schedule
    #[arg(long)]
    ask_password: bool,
    #[command(flatten)]
    timing: Timing,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Schedule")]
struct Timing {
    /// Runs once, at `--start`
    #[arg(long, conflicts_with_all = ["every", "cron"])]
    once: bool,
    /// An interval, such as `30 minutes`, `6 hours`, `1 day` or `2 weeks`
    #[arg(long, value_name = "INTERVAL", conflicts_with = "cron")]
    every: Option<String>,
    /// Minute, hour, day, month and day of the week, such as `30 2 * * 1-5`
    #[arg(long, value_name = "EXPRESSION")]
    cron: Option<String>,
    /// From when on, such as 2026-12-01T02:30 [default: now]
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// The zone of `--start`, days, weeks and cron, such as Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Each run starts up to this much later, by another amount each time
    #[arg(long, value_name = "LENGTH")]
    jitter: Option<String>,
    /// For how long a missed slot is made up for, once [default: 24 hours]
    #[arg(long, value_name = "LENGTH")]
    catch_up: Option<String>,
}

impl Add {
    pub(super) fn database(&self) -> &Database {
        &self.database
    }
}

impl Edit {
    pub(super) fn database(&self) -> &Database {
        &self.database
    }
}

pub(super) fn add(common: &Common, args: &Add) -> Result<Exit> {
    let config = args::config(
        common,
        Some(&args.account),
        Some(&args.database),
        Some(&args.sets),
    );
    let account = config.account()?;
    config.notes.iter().for_each(|note| hint_line("note", note));
    let password = match (args.more.password()?, config.password_file()) {
        (Some(_), Some((_, true))) => {
            let message =
                "the password is to come from `--password-file` and from elsewhere; keep one";
            return Err(Failure::new(Exit::Usage, message));
        }
        (Some(password), _) => password,
        (None, Some((file, _))) => PasswordFrom::File(kept(&file)?),
        (None, None) => PasswordFrom::Prompt,
    };
    let gateway = config.own_gateway()?;
    let definition = Definition {
        name: named(&args.name)?,
        description: args.more.description.clone(),
        origin: account.origin.to_string(),
        username: account.username,
        ca_file: account.ca_file.as_deref().map(kept).transpose()?,
        password,
        gateway_url: gateway.url.as_ref().map(ToString::to_string),
        client: args.more.client(&gateway, None)?,
        settings: serde_json::Value::Object(config.own_settings()).to_string(),
        schedule: args.more.timing.over(None)?,
        file: None,
    };
    check(&config, &definition)?;
    store(common, &args.database)?.define(&definition, time::now())?;
    tell(common, &args.database, &definition.name)
}

pub(super) fn edit(common: &Common, args: &Edit) -> Result<Exit> {
    let connector = find(common, &args.database, &args.name)?;
    refuse_of_file(&connector, "change it there")?;
    let account = Account::from(args.gateway.clone());
    let config = args::config(
        common,
        Some(&account),
        Some(&args.database),
        Some(&args.sets),
    );
    config.sound()?;
    let mut definition = Definition {
        // One that was there is gone with its file.
        file: None,
        ..connector.definition.clone()
    };
    if let Some(name) = &args.rename {
        definition.name = named(name)?;
    }
    let gateway = config.own_gateway()?;
    if let Some(url) = &gateway.url {
        definition.gateway_url = Some(url.to_string());
    }
    definition.client = args.more.client(&gateway, definition.client.as_ref())?;
    if let Some(description) = &args.more.description {
        definition.description = Some(description.clone()).filter(|text| !text.is_empty());
    }
    if let Some(file) = &args.ca_file {
        definition.ca_file = Some(kept(file)?);
    }
    if let Some(file) = &args.password_file {
        definition.password = PasswordFrom::File(kept(file)?);
    } else if let Some(password) = args.more.password()? {
        definition.password = password;
    }
    definition.settings = config.own_settings_over(&definition.settings);
    definition.schedule = if args.no_schedule {
        None
    } else {
        args.more.timing.over(definition.schedule.as_deref())?
    };
    check(&config, &definition)?;
    let id = connector.connector_id;
    let mut store = store(common, &args.database)?;
    store.redefine(id, &definition, time::now())?;
    let settings = config.settings_with(&definition.settings);
    if let Some(said) = sync::rules_told(sync::apply_rules(&settings, id, &mut store, time::now())?)
    {
        hint_line("note", &said);
    }
    tell(common, &args.database, &definition.name)
}

/// What no connector is stored with.
fn check(config: &Config, definition: &Definition) -> Result {
    let mistakes = mistakes_in(config.settings_with(&definition.settings))?;
    if !mistakes.is_empty() {
        return Err(Mistakes(mistakes).into());
    }
    if definition.schedule.is_some() && definition.password == PasswordFrom::Prompt {
        return Err(Failure::new(Exit::Usage, NEEDS_PASSWORD));
    }
    Ok(())
}

fn tell(common: &Common, database: &Database, name: &str) -> Result<Exit> {
    let connector = find(common, database, name)?;
    let mut screen = Screen::standard();
    let text = tell::text(&tell::Told::new(&connector), screen.width);
    screen.print(&text)?;
    if connector.definition.schedule.is_some() {
        screen.hint("`qonduit daemon` carries out what is scheduled")?;
    } else {
        screen.hint(&format!("`qonduit sync --connector {name}` runs it"))?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

impl More {
    fn password(&self) -> Result<Option<PasswordFrom>> {
        Ok(match &self.password_env {
            Some(name) => Some(PasswordFrom::Variable(variable(name)?)),
            None => self.ask_password.then_some(PasswordFrom::Prompt),
        })
    }

    /// The API client, from what is said here over what is known.
    fn client(&self, said: &OwnGateway, known: Option<&Client>) -> Result<Option<Client>> {
        let variable = self
            .client_secret_env
            .as_deref()
            .map(variable)
            .transpose()?;
        schedule::client(said, variable.as_deref(), known)
            .map_err(|message| Failure::new(Exit::Usage, message))
    }
}

impl Timing {
    /// What is given here over what is kept, checked if it is another schedule.
    fn over(&self, kept: Option<&str>) -> Result<Option<String>> {
        let has_rule = self.once || self.every.is_some() || self.cron.is_some();
        let details = [&self.start, &self.time_zone, &self.jitter, &self.catch_up];
        if !has_rule && details.iter().all(|detail| detail.is_none()) {
            return Ok(kept.map(str::to_owned));
        }
        let mut rule: Rule = kept
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        if has_rule {
            rule.once = self.once;
            rule.every.clone_from(&self.every);
            rule.cron.clone_from(&self.cron);
        }
        for (detail, given) in [
            (&mut rule.start, &self.start),
            (&mut rule.time_zone, &self.time_zone),
            (&mut rule.jitter, &self.jitter),
            (&mut rule.catch_up, &self.catch_up),
        ] {
            if given.is_some() {
                detail.clone_from(given);
            }
        }
        rule.understand_new(time::now())?;
        Ok(Some(serde_json::to_string(&rule)?))
    }
}

fn named(name: &str) -> Result<String> {
    match sound_name(name) {
        Ok(()) => Ok(name.to_owned()),
        Err(message) => Err(Failure::new(Exit::Usage, message)),
    }
}

fn variable(name: &str) -> Result<String> {
    if is_variable(name) {
        return Ok(name.to_owned());
    }
    let message = format!("`{name}` is no name of a variable; write it like PASSWORD");
    Err(Failure::new(Exit::Usage, message))
}

fn kept(file: &Path) -> Result<String> {
    kept_path(file).map_err(|message| Failure::new(Exit::Usage, message))
}
