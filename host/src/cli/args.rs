//! Arguments that several commands share. Their help comes from the definitions of the keys.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, ValueEnum};

use super::failure::Result;
use crate::config::{Config, FileChoice, Layer, key::Key};

/// Holds for every command.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Common options")]
pub(super) struct Common {
    /// Configuration file; without it, `qonduit.toml` in the working directory if it is there
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "QONDUIT_CONFIG",
        hide_env_values = true
    )]
    pub(super) config: Option<PathBuf>,
    /// Tells more on standard error: -v what happens and why something failed, -vv details
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// How log lines look
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub(super) log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(super) enum LogFormat {
    #[default]
    /// Plain lines
    Text,
    /// One JSON object a line
    Json,
}

/// The account at Qualys.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Account")]
pub(super) struct Account {
    #[arg(long, value_name = "NAME", help = Key::help("platform"), conflicts_with = "api_url")]
    platform: Option<OsString>,
    #[arg(long, value_name = "URL", help = Key::help("api_url"))]
    api_url: Option<OsString>,
    #[arg(short, long, value_name = "NAME", help = Key::help("username"))]
    username: Option<OsString>,
    #[arg(long, value_name = "FILE|-", help = Key::help("password_file"))]
    password_file: Option<OsString>,
    #[command(flatten)]
    gateway: Gateway,
    #[arg(long, value_name = "FILE", help = Key::help("ca_file"))]
    ca_file: Option<OsString>,
}

/// Where the newer APIs answer, and who asks for a token there.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Gateway {
    #[arg(long, value_name = "URL", help = Key::help("gateway_url"))]
    gateway_url: Option<OsString>,
    #[arg(long, value_name = "ID", help = Key::help("client_id"))]
    client_id: Option<OsString>,
    #[arg(long, value_name = "FILE|-", help = Key::help("client_secret_file"))]
    client_secret_file: Option<OsString>,
    #[arg(long, value_name = "LEVEL", help = Key::help("client_level"))]
    client_level: Option<OsString>,
}

impl From<Gateway> for Account {
    /// Nothing else is said of the account.
    fn from(gateway: Gateway) -> Self {
        Self {
            gateway,
            ..Self::default()
        }
    }
}

/// The database, and single keys of the configuration.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Inventory")]
pub(super) struct Database {
    #[arg(long, value_name = "FILE", help = Key::help("db"))]
    db: Option<OsString>,
}

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Configuration")]
pub(super) struct Sets {
    /// Sets one key of the file, such as `settings.batch_hosts=200` or
    /// `http.max_call_secs=7200`; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// Which rows.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Filters (all of them have to hold)")]
pub(super) struct Filter {
    /// One severity is the least (`high`), several are exactly those (`low,medium`): info, low,
    /// medium, high, critical, or Qualys' numbers 1 to 5
    #[arg(long, value_name = "WORD[,WORD]")]
    pub(super) severity: Option<String>,
    /// new, active, fixed, reopened; several with commas
    #[arg(long, value_name = "WORD[,WORD]", value_delimiter = ',')]
    pub(super) status: Vec<String>,
    /// Number of a check in Qualys; several with commas
    #[arg(long, value_name = "QID[,QID]", value_delimiter = ',')]
    pub(super) qid: Vec<u32>,
    /// Several with commas
    #[arg(long, value_name = "CVE[,CVE]", value_delimiter = ',')]
    pub(super) cve: Vec<String>,
    /// Part of a tag of the asset; repeated, each has to be there. `%` stands for any text
    #[arg(long, value_name = "TEXT")]
    pub(super) tag: Vec<String>,
    /// Part of the operating system. `%` stands for any text
    #[arg(long, value_name = "TEXT")]
    pub(super) os: Option<String>,
    /// What the asset is
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Option<Kind>,
    /// Expression, such as `severity:>=high and not tag:lab and last_seen:>7days`
    #[arg(long = "where", value_name = "EXPRESSION")]
    pub(super) r#where: Option<String>,
}

/// What an asset is.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Kind {
    /// A machine
    Host,
    /// What Qualys WAS scans
    WebApplication,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::WebApplication => "web-application",
        }
    }
}

/// Which page.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Order and pages")]
pub(super) struct Paging {
    /// Turns the order around
    #[arg(long)]
    pub(super) reverse: bool,
    /// Rows a page
    #[arg(long, value_name = "N", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) limit: u32,
    /// The page after the one that told this token
    #[arg(long, value_name = "TOKEN")]
    pub(super) after: Option<String>,
}

#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(super) struct Output {
    /// One JSON object a line, for machines
    #[arg(long)]
    pub(super) json: bool,
}

/// Merges what a command was given with environment and file.
pub(super) fn config(
    common: &Common,
    account: Option<&Account>,
    database: Option<&Database>,
    sets: Option<&Sets>,
) -> Config {
    let mut arguments = Vec::new();
    if let Some(account) = account {
        arguments.extend([
            ("platform", account.platform.clone()),
            ("api_url", account.api_url.clone()),
            ("username", account.username.clone()),
            ("password_file", account.password_file.clone()),
            ("gateway_url", account.gateway.gateway_url.clone()),
            ("client_id", account.gateway.client_id.clone()),
            (
                "client_secret_file",
                account.gateway.client_secret_file.clone(),
            ),
            ("client_level", account.gateway.client_level.clone()),
            ("ca_file", account.ca_file.clone()),
        ]);
    }
    if let Some(database) = database {
        arguments.push(("db", database.db.clone()));
    }
    let layer = Layer::arguments(arguments, sets.iter().flat_map(|sets| &sets.set));
    let choice = match &common.config {
        Some(file) => FileChoice::Named(file.clone()),
        None => FileChoice::Usual,
    };
    Config::load(layer, &choice, std::env::vars_os())
}

/// The file of the inventory, where nothing else is needed.
pub(super) fn database(common: &Common, database: &Database) -> Result<PathBuf> {
    let config = config(common, None, Some(database), None);
    Ok(config.sound()?.db())
}
