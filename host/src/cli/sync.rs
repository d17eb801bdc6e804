//! `qonduit sync`: fetches what is new and changed.

use clap::Args;

use super::{
    args::{self, Account, Common, Database, Output, Sets},
    config::{mistakes_in, settings_mistakes},
    connector,
    exit::Exit,
    failure::Result,
    interrupt, progress,
    screen::{Screen, hint_line},
    summary,
};
use crate::{
    config::{self, Mistakes},
    schedule::prepared,
    store::SqliteStore,
    sync,
};

#[derive(Args, Debug)]
pub(super) struct Sync {
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    sets: Sets,
    /// Asks for all hosts, not just for those that changed
    #[arg(long)]
    full: bool,
    /// Closes the findings of hosts that are gone, however many they are
    #[arg(long)]
    accept_mass_closure: bool,
    /// A connector that `qonduit connector add` defined, in place of an account
    #[arg(long, value_name = "NAME",
          conflicts_with_all = ["platform", "api_url", "username", "password_file", "ca_file",
                               "gateway_url", "client_id", "client_secret_file", "client_level"])]
    connector: Option<String>,
    /// Shows no progress; the summary and errors remain
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(common: &Common, args: &Sync) -> Result<Exit> {
    let mut sync = match &args.connector {
        Some(name) => stored(common, args, name)?,
        None => given(common, args)?,
    };
    sync.full = args.full;
    sync.accept_mass_closure = args.accept_mass_closure;
    let store = Box::new(SqliteStore::open(&sync.db)?);
    let mut progress = progress::display(args.quiet);
    let run = sync::run(&sync, store, &mut *progress, &interrupt::watch());
    // Lines that move are taken off the terminal before anything else is written.
    drop(progress);
    let run = run?;
    let mut screen = Screen::standard();
    if args.output.json {
        screen.json(&run)?;
    } else {
        let text = summary::text(&run, screen.width, screen.look.now);
        screen.print(&text)?;
    }
    screen.flush()?;
    Ok(if run.skipped > 0 {
        Exit::Partly
    } else {
        Exit::Ok
    })
}

/// The account that a connector was defined with.
fn stored(common: &Common, args: &Sync, name: &str) -> Result<config::Sync> {
    let config = args::config(common, None, Some(&args.database), Some(&args.sets));
    connector::take_up(&config)?;
    let connector = connector::find(common, &args.database, name)?;
    let mistakes = mistakes_in(config.settings_with(&connector.definition.settings))?;
    if !mistakes.is_empty() {
        return Err(Mistakes(mistakes).into());
    }
    Ok(prepared(&config, &connector, true)?)
}

/// The account that arguments, environment and file give.
fn given(common: &Common, args: &Sync) -> Result<config::Sync> {
    let config = args::config(
        common,
        Some(&args.account),
        Some(&args.database),
        Some(&args.sets),
    );
    let mut mistakes = config.mistakes();
    mistakes.extend(settings_mistakes(&config)?);
    if !mistakes.is_empty() {
        return Err(Mistakes(mistakes).into());
    }
    if !args.quiet {
        config.notes.iter().for_each(|note| hint_line("note", note));
    }
    Ok(config.sync()?)
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit sync --platform US2 --username acme2ab      asks for the password
  QONDUIT_PASSWORD=… qonduit sync -u acme2ab          the platform is told from the username
  vault read -field=password secret/qualys | qonduit sync --password-file -
  qonduit sync --connector prod                       one of `qonduit connector list`
  qonduit sync --quiet --json                         for machines: the summary as JSON

The first sync fetches everything, each later one the hosts that changed since, and once a
week everything again (`full_every_days`). Findings that Qualys speaks of no more are closed,
with the reason, and never deleted. A sync that was interrupted or failed goes on where it stopped when it is started again. Only one runs at
a time on one inventory. It obeys the limits of the subscription and waits as Qualys asks;
every wait is shown with its reason. A proxy is taken from HTTPS_PROXY and NO_PROXY.";
