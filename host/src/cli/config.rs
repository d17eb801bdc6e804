//! `qonduit config`: what is in force, what is wrong with it, and a file to start from.

use clap::{Args, Subcommand};

use super::{
    args::{self, Account, Common, Database, Output, Sets},
    exit::Exit,
    failure::Result,
    screen::{Screen, hint_line},
    table::{Column, Table},
    time,
};
use crate::{
    config::{self, Mistake},
    guest::Guest,
    schedule::{self, NotTakenUp},
    store::{ConnectorReader as _, SqliteReader},
};

#[derive(Args, Debug)]
pub(super) struct Config {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what is in force and who gave it, and all mistakes at once; never the password
    Check {
        #[command(flatten)]
        account: Box<Account>,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        sets: Sets,
        #[command(flatten)]
        output: Output,
    },
    /// Print a file with every key, its meaning and its default
    Example,
}

pub(super) fn run(common: &Common, args: &Config) -> Result<Exit> {
    match &args.command {
        Command::Check {
            account,
            database,
            sets,
            output,
        } => check(
            &args::config(common, Some(account), Some(database), Some(sets)),
            *output,
        ),
        Command::Example => {
            let mut screen = Screen::standard();
            screen.print(&config::example())?;
            screen.flush()?;
            Ok(Exit::Ok)
        }
    }
}

fn check(config: &config::Config, output: Output) -> Result<Exit> {
    let mut screen = Screen::standard();
    let mut mistakes = config.mistakes();
    mistakes.extend(settings_mistakes(config)?);
    mistakes.extend(connector_mistakes(config)?);
    let rows = rows(config);
    if output.json {
        for (key, value, from) in &rows {
            screen.json(&serde_json::json!({ "key": key, "value": value, "from": from }))?;
        }
        for mistake in &mistakes {
            screen.json(&serde_json::json!({ "mistake": mistake.to_string() }))?;
        }
    } else {
        screen.table(table(&rows))?;
        screen.flush()?;
        for note in &config.notes {
            hint_line("note", note);
        }
        if config.file.is_none() {
            hint_line(
                "note",
                "there is no qonduit.toml here, and `--config` names no file",
            );
        }
        for mistake in &mistakes {
            hint_line("mistake", &mistake.to_string());
        }
        if mistakes.is_empty() {
            let advice = Guest::embedded()?
                .instantiate()?
                .advise(&config.settings())?;
            advice.iter().for_each(|advice| hint_line("note", advice));
        }
    }
    screen.flush()?;
    Ok(if mistakes.is_empty() {
        Exit::Ok
    } else {
        Exit::Usage
    })
}

/// What is wrong with the connectors of the file, beside what is stored.
fn connector_mistakes(config: &config::Config) -> Result<Vec<Mistake>> {
    let db = config.db();
    let stored = match db.exists() && !config.connectors.is_empty() {
        true => SqliteReader::open(&db)?.connectors()?,
        false => Vec::new(),
    };
    match schedule::compare(config, &stored, time::now()) {
        Ok(_) => Ok(Vec::new()),
        Err(NotTakenUp::Mistakes(mistakes)) => Ok(mistakes.0),
        Err(error) => Err(error.into()),
    }
}

/// What the component says of its settings.
pub(super) fn settings_mistakes(config: &config::Config) -> Result<Vec<Mistake>> {
    mistakes_in(config.settings())
}

/// What it says of settings that were put together in another way.
pub(super) fn mistakes_in(settings: String) -> Result<Vec<Mistake>> {
    let checked = Guest::embedded()?
        .instantiate()?
        .check_settings(&settings)?;
    let mistakes = checked.err().unwrap_or_default();
    Ok(mistakes
        .into_iter()
        .map(|message| Mistake::new("[settings]", message))
        .collect())
}

/// Key, value, who gave it.
fn rows(config: &config::Config) -> Vec<(String, Option<String>, String)> {
    let mut rows: Vec<_> = config
        .in_force()
        .into_iter()
        .map(|(key, value, from)| (key.path.to_owned(), value, from))
        .collect();
    rows.push(("password".to_owned(), None, config.password_source()));
    if let Some(source) = config.client_secret_source() {
        rows.push(("client_secret".to_owned(), None, source));
    }
    if let Ok(account) = config.account() {
        let gateway = account.gateway.or_else(|| account.origin.gateway());
        let row = |key: &str, value: String| (key.to_owned(), Some(value), String::new());
        rows.push(row("called", account.origin.to_string()));
        rows.extend(gateway.map(|gateway| row("gateway", gateway.to_string())));
    }
    let settings = config.settings_in_force().into_iter();
    rows.extend(settings.map(|(path, value, from)| (path, Some(value), from)));
    rows.extend(config.connectors.iter().map(|connector| {
        let account = &connector.account;
        let value = format!("{} at {}", account.username, account.origin);
        let key = format!("connector.{}", connector.name);
        (key, Some(value), connector.place.clone())
    }));
    rows
}

fn table(rows: &[(String, Option<String>, String)]) -> Table {
    let mut table = Table::new([
        Column::text("KEY"),
        Column::flexible("VALUE", 16),
        Column::flexible("FROM", 12),
    ]);
    for (key, value, from) in rows {
        let value = value.as_deref().unwrap_or("-");
        table.row([key.into(), value.into(), from.into()]);
    }
    table
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit config example > qonduit.toml
  qonduit config check
  qonduit config check --set settings.batch_hosts=200";
