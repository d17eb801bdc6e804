//! `qonduit rules`: the rules in the settings, applied to what is stored.

use clap::{Args, Subcommand};

use super::{
    args::{self, Account, Common, Database, Output, Sets},
    config::mistakes_in,
    connector,
    exit::Exit,
    failure::{Failure, Result},
    inventory,
    screen::{Look, Screen},
    table::{Column, Table},
    time,
};
use crate::{
    config::{Config, Mistakes},
    store::{Applied, ConnectorId, KnownAccount, RuleRow, SqliteStore, Word as _},
    sync,
};

#[derive(Args, Debug)]
pub(super) struct Rules {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the rules that are in force, and what each keeps out
    List(List),
    /// Tell what the settings would change in what is stored, and change nothing
    Try(Apply),
    /// Judge by the settings what is stored, without asking Qualys
    Apply(Apply),
}

#[derive(Args, Debug)]
struct List {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
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
    match &args.action {
        Action::List(args) => list(common, args),
        Action::Try(args) => attempt(common, args),
        Action::Apply(args) => apply(common, args),
    }
}

fn list(common: &Common, args: &List) -> Result<Exit> {
    let rows = inventory::open(common, &args.database)?.rules()?;
    let mut screen = Screen::standard();
    screen.list(args.output.json, &rows, table)?;
    if rows.is_empty() {
        screen.hint("no rule was applied yet; `qonduit sync` applies those in the settings")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn table(rows: &[RuleRow], _: Look) -> Table {
    let mut table = Table::new([
        Column::text("RULE"),
        Column::number("ASSETS"),
        Column::number("FINDINGS"),
        Column::flexible("SETTING", 12),
        Column::flexible("WHAT HAS TO HOLD", 16),
    ]);
    for row in rows {
        table.row([
            row.rule.word().into(),
            row.assets.to_string().into(),
            row.findings.to_string().into(),
            row.settings.join(", ").into(),
            row.expressions.join(" and ").into(),
        ]);
    }
    table
}

/// What the rules would keep out, beside what they keep out now.
#[derive(serde::Serialize)]
struct Tried<'a> {
    #[serde(flatten)]
    applied: Applied,
    rules: &'a [RuleRow],
}

fn attempt(common: &Common, args: &Apply) -> Result<Exit> {
    let (connector, settings) = subject(common, args)?;
    let mut store = SqliteStore::open(&args::database(common, &args.database)?)?;
    let (applied, rules) = sync::try_rules(&settings, connector, &mut store, time::now())?;
    let mut screen = Screen::standard();
    if args.output.json {
        screen.json(&Tried {
            applied,
            rules: &rules,
        })?;
    } else {
        let said = sync::rules_told(applied).map_or_else(
            || "the rules would keep out what they keep out now".to_owned(),
            |said| format!("{said}; this was a trial, and nothing was changed"),
        );
        screen.print(&format!("{said}\n\n"))?;
        screen.list(false, &rules, table)?;
        screen.hint("`qonduit rules apply` with the same settings puts it into force")?;
        screen.hint(FETCHED)?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

/// What no trial on stored data can tell.
const FETCHED: &str = "`ignored`, `disabled`, `fixed`, `information_gathered` and \
    `rules.fingerprint_only` decide what is fetched and stored, so less of them shows with the \
    next full run";

fn apply(common: &Common, args: &Apply) -> Result<Exit> {
    let (connector, settings) = subject(common, args)?;
    let mut store = SqliteStore::open(&args::database(common, &args.database)?)?;
    let applied = sync::apply_rules(&settings, connector, &mut store, time::now())?;
    let mut screen = Screen::standard();
    if args.output.json {
        screen.json(&applied)?;
    } else {
        let said = sync::rules_told(applied)
            .unwrap_or_else(|| "the rules say of every finding what they said before".to_owned());
        screen.print(&format!("{said}\n"))?;
        screen.hint("`qonduit rules list` tells what each keeps out, and `qonduit explain` why")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

/// Whose findings are judged, and by which settings. Makes nothing where there is nothing to judge.
fn subject(common: &Common, args: &Apply) -> Result<(ConnectorId, String)> {
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
    let connector = account(
        &config,
        &inventory::open(common, &args.database)?.accounts()?,
    )?;
    let settings = config.settings();
    sound(settings.clone())?;
    Ok((connector, settings))
}

/// The account that is given, or the only one whose findings are there.
fn account(config: &Config, known: &[KnownAccount]) -> Result<ConnectorId> {
    let names: Vec<_> = known
        .iter()
        .map(|it| format!("`{}` at {}", it.username, it.origin))
        .collect();
    let names = names.join(", ");
    let unclear = if known.is_empty() {
        "nothing here is of Qualys; `qonduit sync` fetches it".to_owned()
    } else if config.names_account() {
        let account = config.account()?;
        let origin = account.origin.to_string();
        let is_it = |it: &&KnownAccount| it.origin == origin && it.username == account.username;
        if let Some(found) = known.iter().find(is_it) {
            return Ok(found.connector_id);
        }
        let username = account.username;
        format!("nothing here is of `{username}` at {origin}; what is here is of {names}")
    } else {
        config.sound()?;
        if let [only] = known {
            return Ok(only.connector_id);
        }
        format!(
            "there are several accounts here; pass `--username` and `--api-url` of one of {names}"
        )
    };
    Err(Failure::new(Exit::Usage, unclear))
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
  qonduit rules try --set 'settings.rules.min_severity=high'
  qonduit rules list

The rules are the settings kernel_filter, service_filter and config_filter, and all of
[settings.rules]. What they put aside stays in the inventory, is not open, and is taken back
when the rules no longer say so; assets that they leave out are in no list. The three
filters never put aside what is fixed. A sync applies the rules by itself.";
