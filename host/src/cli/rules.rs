//! `qonduit rules`: the rules in the settings, applied to what is stored.

use clap::{Args, Subcommand};

use super::{
    args::{self, Account, Common, Database, Output, Sets},
    config::mistakes_in,
    connector,
    exit::Exit,
    failure::Result,
    inventory,
    screen::Screen,
    time,
};
use crate::{
    config::Mistakes,
    store::{ConnectorId, SqliteStore, Store},
    sync,
};

#[derive(Args, Debug)]
pub(super) struct Rules {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Judge by the settings what is stored, without asking Qualys
    Apply(Apply),
}

#[derive(Args, Debug)]
struct Apply {
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    sets: Sets,
    /// A connector that `qonduit connector add` defined, in place of an account
    #[arg(long, value_name = "NAME",
          conflicts_with_all = ["platform", "api_url", "username", "password_file", "ca_file"])]
    connector: Option<String>,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(common: &Common, args: &Rules) -> Result<Exit> {
    let Action::Apply(args) = &args.action;
    // Nothing is made where there is nothing to judge.
    inventory::open(common, &args.database)?;
    let mut store = SqliteStore::open(&args::database(common, &args.database)?)?;
    let (connector, settings) = subject(common, args, &mut store)?;
    let applied = sync::apply_rules(&settings, connector, &mut store, time::now())?;
    let mut screen = Screen::standard();
    if args.output.json {
        screen.json(&applied)?;
    } else {
        let said = sync::rules_told(applied)
            .unwrap_or_else(|| "the rules say of every finding what they said before".to_owned());
        screen.print(&format!("{said}\n"))?;
        screen
            .hint("`qonduit findings --all --where 'has:put_aside'` lists what they put aside")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

/// Whose findings are judged, and by which settings.
fn subject(
    common: &Common,
    args: &Apply,
    store: &mut SqliteStore,
) -> Result<(ConnectorId, String)> {
    if let Some(name) = &args.connector {
        let config = args::config(common, None, Some(&args.database), Some(&args.sets));
        config.sound()?;
        let connector = connector::find(common, &args.database, name)?;
        let settings = config.settings_with(&connector.definition.settings);
        return sound(settings.clone()).map(|()| (connector.connector_id, settings));
    }
    let config = args::config(
        common,
        Some(&args.account),
        Some(&args.database),
        Some(&args.sets),
    );
    let account = config.account()?;
    let settings = config.settings();
    sound(settings.clone())?;
    let connector = store.connector(&account.origin.to_string(), &account.username)?;
    Ok((connector, settings))
}

fn sound(settings: String) -> Result {
    let mistakes = mistakes_in(settings)?;
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(Mistakes(mistakes).into())
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit rules apply                          the settings in qonduit.toml
  qonduit rules apply --set kernel_filter=1    without kernels that do not run
  qonduit rules apply --connector prod

The rules are the settings kernel_filter, service_filter and config_filter. What they put aside
stays in the inventory, is not open, and is taken back when the rules no longer say so. Fixed
findings are never put aside. A sync applies the rules by itself.";
