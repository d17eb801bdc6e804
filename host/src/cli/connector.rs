//! `qonduit connector`: the connectors of an inventory, what each is, and when it runs.

use std::path::Path;

use clap::{Args, Subcommand};

use super::{
    args::{self, Common, Database, Output},
    exit::Exit,
    failure::{Failure, Result},
    inventory,
    screen::{Screen, hint_line},
    time,
};
use crate::{
    config::Config,
    schedule::{self, Schedule},
    store::{self, Connectors, Reader, SqliteReader, SqliteStore, Store},
};

mod change;
mod tell;

#[derive(Args, Debug)]
pub(super) struct Connector {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Define a connector: an account, where its password comes from, settings, a schedule
    Add(change::Add),
    /// List the connectors, and when each runs next
    List {
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        output: Output,
    },
    /// Tell all of one connector, with its next five runs
    Show(One),
    /// Tell when a connector runs next
    Schedule {
        #[command(flatten)]
        one: One,
        /// How many times
        #[arg(long, value_name = "N", default_value_t = 5,
              value_parser = clap::value_parser!(u16).range(1..=1_000))]
        count: u16,
    },
    /// Change what is given, and leave the rest
    Edit(change::Edit),
    /// Forget a connector; what it synced stays
    Remove {
        name: String,
        /// Removes it; without this, only what would be removed is told
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        database: Database,
    },
    /// Let no slot of its schedule come due until it is resumed
    Pause {
        name: String,
        #[command(flatten)]
        database: Database,
    },
    /// Let its schedule run again; slots that passed meanwhile are not made up for
    Resume {
        name: String,
        #[command(flatten)]
        database: Database,
    },
    /// Ask the daemon for a run now
    Run {
        name: String,
        #[command(flatten)]
        database: Database,
    },
}

impl Command {
    fn database(&self) -> &Database {
        match self {
            Self::Add(add) => add.database(),
            Self::Edit(edit) => edit.database(),
            Self::Show(one) | Self::Schedule { one, .. } => &one.database,
            Self::List { database, .. }
            | Self::Remove { database, .. }
            | Self::Pause { database, .. }
            | Self::Resume { database, .. }
            | Self::Run { database, .. } => database,
        }
    }
}

#[derive(Args, Debug)]
struct One {
    name: String,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(common: &Common, args: &Connector) -> Result<Exit> {
    let database = args.command.database();
    take_up(&args::config(common, None, Some(database), None))?;
    match &args.command {
        Command::Add(add) => change::add(common, add),
        Command::Edit(edit) => change::edit(common, edit),
        Command::List { database, output } => list(common, database, *output),
        Command::Show(one) => show(common, one),
        Command::Schedule { one, count } => times(common, one, usize::from(*count)),
        Command::Remove {
            name,
            yes,
            database,
        } => remove(common, database, name, *yes),
        Command::Pause { name, database } => pause(common, database, name, true),
        Command::Resume { name, database } => pause(common, database, name, false),
        Command::Run { name, database } => ask(common, database, name),
    }
}

fn list(common: &Common, database: &Database, output: Output) -> Result<Exit> {
    let connectors = inventory::open(common, database)?.connectors()?;
    let mut screen = Screen::standard();
    let rows: Vec<_> = connectors.iter().map(tell::Told::new).collect();
    screen.list(output.json, &rows, tell::table)?;
    if rows.is_empty() {
        screen.hint("there is no connector yet; `qonduit connector add` defines one")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn show(common: &Common, one: &One) -> Result<Exit> {
    let connector = find(common, &one.database, &one.name)?;
    let told = tell::Told::new(&connector);
    let mut screen = Screen::standard();
    if one.output.json {
        screen.json(&told)?;
    } else {
        let text = tell::text(&told, screen.width);
        screen.print(&text)?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn times(common: &Common, one: &One, count: usize) -> Result<Exit> {
    let connector = find(common, &one.database, &one.name)?;
    let mut screen = Screen::standard();
    let Some(schedule) = tell::understood(&connector)? else {
        let name = &connector.definition.name;
        screen.hint(&format!(
            "`{name}` has no schedule; `qonduit connector edit {name} --every '1 day'` gives it one"
        ))?;
        return Ok(Exit::Ok);
    };
    for at in next(&connector, &schedule, count) {
        if one.output.json {
            screen.json(&serde_json::json!({ "at": time::Rfc3339(at).to_string() }))?;
        } else {
            screen.print(&format!("{}\n", schedule.shown(at)))?;
        }
    }
    if connector.is_paused {
        screen.hint("it is paused; `qonduit connector resume` lets it run")?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn next(connector: &store::Connector, schedule: &Schedule, n: usize) -> Vec<i64> {
    schedule.upcoming(connector.connector_id, connector.taken, time::now(), n)
}

fn remove(common: &Common, database: &Database, name: &str, yes: bool) -> Result<Exit> {
    let connector = find(common, database, name)?;
    refuse_of_file(&connector, "take it out of there, and it is removed")?;
    let defined = &connector.definition;
    if !yes {
        let message = format!(
            "`{name}` is not removed: its name, description, settings, schedule and the reference to \
             its password would go; assets, findings and runs of `{}` at {} would stay",
            defined.username, defined.origin
        );
        return Err(Failure::sentence(Exit::Usage, message).with_hint(format!(
            "`qonduit connector remove {name} --yes` removes it"
        )));
    }
    store(common, database)?.undefine(connector.connector_id, time::now())?;
    let note = format!(
        "removed: name, description, settings, schedule and password reference of `{name}`. Kept: \
         the assets, findings and runs of `{}` at {}; a sync of that account goes on with them",
        defined.username, defined.origin
    );
    hint_line("note", &note);
    Ok(Exit::Ok)
}

fn pause(common: &Common, database: &Database, name: &str, is_paused: bool) -> Result<Exit> {
    let connector = find(common, database, name)?;
    store(common, database)?.pause(connector.connector_id, is_paused, time::now())?;
    let note = if is_paused {
        format!("`{name}` is paused; a run that goes on now is not interrupted")
    } else {
        let schedule = tell::understood(&connector)?;
        let times = schedule.map(|it| next(&connector, &it, 1).first().map(|at| it.shown(*at)));
        match times.flatten() {
            Some(time) => format!("`{name}` runs next at {time}"),
            None => format!("`{name}` has nothing scheduled"),
        }
    };
    hint_line("note", &note);
    Ok(Exit::Ok)
}

fn ask(common: &Common, database: &Database, name: &str) -> Result<Exit> {
    let connector = find(common, database, name)?;
    let is_asked = store(common, database)?.ask(connector.connector_id, time::now())?;
    let note = if is_asked {
        format!(
            "a run of `{name}` is asked for; `qonduit daemon` carries it out, and \
             `qonduit sync --connector {name}` does so here"
        )
    } else {
        format!("a run of `{name}` is waiting or going on already")
    };
    hint_line("note", &note);
    Ok(Exit::Ok)
}

/// Brings the inventory in line with the connectors that the file defines, and tells what it did.
pub(super) fn take_up(config: &Config) -> Result {
    let file = config.sound()?.db();
    let reader = match file.exists() {
        true => Some(SqliteReader::open(&file)?),
        false => None,
    };
    let reader = reader.as_ref().map(|reader| reader as &dyn Reader);
    let open = || -> store::Result<Box<dyn Store>> { Ok(Box::new(SqliteStore::open(&file)?)) };
    let notes = schedule::take_up(config, reader, open, time::now())?;
    notes.iter().for_each(|note| hint_line("note", note));
    Ok(())
}

/// What a file says is not changed by a command: the file would say it again.
fn refuse_of_file(connector: &store::Connector, what: &str) -> Result {
    let defined = &connector.definition;
    match &defined.file {
        Some(file) if Path::new(file).exists() => {
            let message = format!("`{}` is defined in `{file}`; {what}", defined.name);
            Err(Failure::new(Exit::Usage, message))
        }
        _ => Ok(()),
    }
}

/// The connector of a name, in any case of letters.
pub(super) fn find(common: &Common, database: &Database, name: &str) -> Result<store::Connector> {
    let mut connectors = inventory::open(common, database)?.connectors()?;
    let is_it = |it: &store::Connector| it.definition.name.eq_ignore_ascii_case(name);
    if let Some(at) = connectors.iter().position(is_it) {
        return Ok(connectors.swap_remove(at));
    }
    let names: Vec<_> = connectors
        .iter()
        .map(|it| format!("`{}`", it.definition.name))
        .collect();
    let next = if names.is_empty() {
        "`qonduit connector add` defines one".to_owned()
    } else {
        format!("it is one of {}", names.join(", "))
    };
    let message = format!("there is no connector `{name}`; {next}");
    Err(Failure::new(Exit::Usage, message))
}

fn store(common: &Common, database: &Database) -> Result<SqliteStore> {
    Ok(SqliteStore::open(&args::database(common, database)?)?)
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit connector add prod -u acme2ab --password-file /run/secrets/qualys --every '6 hours'
  qonduit connector add lab -u lab-ab12 --password-env LAB_PASSWORD \\
      --cron '30 2 * * 1-5' --time-zone Europe/Berlin --jitter '10 minutes'
  qonduit connector list
  qonduit connector show prod                        with the next five runs
  qonduit connector edit prod --every '1 day' --start 2026-12-01T02:30
  qonduit connector pause prod
  qonduit connector run prod                         now, by the daemon
  qonduit connector remove prod --yes

A connector keeps where its password is, never the password. `[[connector]]` in qonduit.toml
defines one as well: each of these commands, `qonduit daemon` and `qonduit sync --connector`
bring the inventory in line with the file. Hours and minutes of an
interval are as long as they are; days and weeks keep the time of day in the time zone.
Where clocks are put forward, a time that is left out comes that much later; where they
are put back, a time that comes twice counts once.";
