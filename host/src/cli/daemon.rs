//! `qonduit daemon`: carries out what is scheduled, until it is told to end.

use std::{
    io::{self, Write},
    sync::Arc,
};

use clap::Args;

use super::{
    args::{self, Common, Database, LogFormat, Sets},
    config::settings_mistakes,
    connector,
    exit::Exit,
    failure::Result,
    interrupt,
    screen::hint_line,
    text, time,
};
use crate::{
    config::Mistakes,
    schedule::{self, Say},
};

#[derive(Args, Debug)]
pub(super) struct Daemon {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    sets: Sets,
}

pub(super) fn run(common: &Common, args: &Daemon) -> Result<Exit> {
    let config = args::config(common, None, Some(&args.database), Some(&args.sets));
    connector::take_up(&config)?;
    let mistakes = settings_mistakes(&config)?;
    if !mistakes.is_empty() {
        return Err(Mistakes(mistakes).into());
    }
    config.notes.iter().for_each(|note| hint_line("note", note));
    let stop = interrupt::watch();
    schedule::run(config, say(common.log_format), stop)?;
    Ok(Exit::Ok)
}

/// Lines on standard error. Nobody may be there to read them.
fn say(format: LogFormat) -> Say {
    Arc::new(move |connector, message| {
        let at = time::Rfc3339(time::now());
        let line = match (format, connector) {
            (LogFormat::Text, None) => format!("{at} {}", text::line(message)),
            (LogFormat::Text, Some(name)) => format!("{at} {name}: {}", text::line(message)),
            (LogFormat::Json, connector) => serde_json::json!({
                "timestamp": at.to_string(), "connector": connector, "message": message,
            })
            .to_string(),
        };
        let _ = writeln!(io::stderr(), "{line}");
    })
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit daemon
  qonduit daemon --log-format json

Carries out the schedules of all connectors and what `qonduit connector run` asks for. Two
daemons on one inventory share the work: a slot is taken once, and a connector has one run
at a time. Ctrl-C or SIGTERM ends it within ten seconds; a run that is interrupted goes on
with the next daemon, where it stopped. New and changed connectors are noticed at once;
those of qonduit.toml when a daemon begins, and with any `qonduit connector` command.";
