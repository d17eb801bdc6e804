//! The command line: what people type, what they read, and how it ends.
//!
//! Starts nothing before it is needed: the help comes without component, database or network.

use std::{io::Write, process::ExitCode, sync::LazyLock};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

mod args;
mod assets;
mod block;
mod changes;
mod config;
mod connector;
mod daemon;
mod doctor;
mod exit;
mod explain;
mod export;
mod failure;
mod fields;
mod findings;
mod function;
mod import;
mod interrupt;
mod inventory;
mod progress;
mod read;
mod rules;
mod runs;
#[cfg(test)]
mod sample;
mod screen;
mod show;
mod software;
mod sources;
mod summary;
mod sync;
mod table;
mod tags;
mod targets;
mod term;
mod text;
mod time;
mod trends;
mod vulnerabilities;

pub use exit::Exit;

use args::{Common, LogFormat};
use failure::{Failure, Result};

use crate::telemetry::{self, Format};

/// Brings what Qualys VMDR knows (hosts, detections, the knowledge base, asset groups, tags, software)
/// into an inventory of your own, and keeps it up to date.
#[derive(Debug, Parser)]
#[command(name = "qonduit", propagate_version = false, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fetch from Qualys what is new and changed
    #[command(after_help = sync::EXAMPLES)]
    Sync(sync::Sync),
    /// List assets, with the number of open findings on each
    #[command(after_help = assets::EXAMPLES, args_conflicts_with_subcommands = true)]
    Assets(assets::Assets),
    /// List findings
    #[command(after_help = findings::EXAMPLES)]
    Findings(findings::Findings),
    /// List vulnerabilities: what the knowledge base says, and how many findings are open
    #[command(after_help = vulnerabilities::EXAMPLES)]
    Vulnerabilities(vulnerabilities::Vulnerabilities),
    /// List what came, was fixed, was closed and came back since a time
    #[command(after_help = changes::EXAMPLES)]
    Changes(changes::Changes),
    /// Tell day by day how many findings were open, new and fixed
    #[command(after_help = trends::EXAMPLES)]
    Trends(trends::Trends),
    /// Tell how long fixing takes, and what is past its target
    #[command(after_help = targets::EXAMPLES, args_conflicts_with_subcommands = true)]
    Targets(targets::Targets),
    /// List the fields that expressions may name
    #[command(after_help = fields::EXAMPLES)]
    Fields(fields::Fields),
    /// List tags: their rules, and on how many hosts they are
    #[command(after_help = tags::EXAMPLES, args_conflicts_with_subcommands = true)]
    Tags(tags::Tags),
    /// List software: in which versions, and on how many assets it is
    #[command(after_help = software::EXAMPLES)]
    Software(software::Software),
    /// Add what other tools saw of machines
    #[command(after_help = import::long_help())]
    Import(import::Import),
    /// List who tells of machines, and when they did
    #[command(after_help = sources::EXAMPLES)]
    Sources(sources::Sources),
    /// Tell all of one asset, QID or finding
    #[command(after_help = show::EXAMPLES)]
    Show(show::Show),
    /// List the runs and what they did
    #[command(after_help = runs::EXAMPLES, args_conflicts_with_subcommands = true)]
    Runs(runs::Runs),
    /// Write the inventory to a file, for other tools
    #[command(after_help = export::EXAMPLES)]
    Export(export::Export),
    /// Read a saved answer of Qualys, without database or network
    #[command(after_help = read::EXAMPLES)]
    Read(read::Read),
    /// Tell whether a sync would work, and what to do if not
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::Doctor),
    /// Define several connectors, with schedules, and say when each runs
    #[command(after_help = connector::EXAMPLES)]
    Connector(Box<connector::Connector>),
    /// Tell why a QID is there on an asset, or is not
    #[command(after_help = explain::EXAMPLES)]
    Explain(explain::Explain),
    /// List the rules, try others, or apply those in the settings
    #[command(after_help = rules::EXAMPLES)]
    Rules(rules::Rules),
    /// Carry out what is scheduled, until it is told to end
    #[command(after_help = daemon::EXAMPLES)]
    Daemon(daemon::Daemon),
    /// Serve answers of Qualys and runs over HTTP, as a function platform does
    #[command(after_help = function::EXAMPLES)]
    Function(function::Function),
    /// Check the configuration, or print one to start from
    #[command(after_help = config::EXAMPLES)]
    Config(config::Config),
    /// Print a script that completes commands and options in a shell
    #[command(after_help = COMPLETIONS)]
    Completions { shell: clap_complete::Shell },
}

/// Everything that the binary does.
pub fn main() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version come as errors, too.
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Ok
            };
            let _ = error.print();
            return exit.into();
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let verbose = cli.common.verbose > 0;
    match start_log(&cli.common).and_then(|()| run(&cli)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if !failure.is_broken_pipe() {
                let report = failure.report(verbose);
                let _ = std::io::stderr().write_all(report.as_bytes());
            }
            failure.exit.into()
        }
    }
}

fn run(cli: &Cli) -> Result<Exit> {
    let common = &cli.common;
    match &cli.command {
        Command::Sync(args) => sync::run(common, args),
        Command::Assets(args) => assets::run(common, args),
        Command::Findings(args) => findings::run(common, args),
        Command::Vulnerabilities(args) => vulnerabilities::run(common, args),
        Command::Changes(args) => changes::run(common, args),
        Command::Trends(args) => trends::run(common, args),
        Command::Targets(args) => targets::run(common, args),
        Command::Fields(args) => fields::run(common, args),
        Command::Tags(args) => tags::run(common, args),
        Command::Software(args) => software::run(common, args),
        Command::Import(args) => import::run(common, args),
        Command::Sources(args) => sources::run(common, args),
        Command::Show(args) => show::run(common, args),
        Command::Runs(args) => runs::run(common, args),
        Command::Export(args) => export::run(common, args),
        Command::Read(args) => read::run(common, args),
        Command::Doctor(args) => doctor::run(common, args),
        Command::Connector(args) => connector::run(common, args),
        Command::Explain(args) => explain::run(common, args),
        Command::Rules(args) => rules::run(common, args),
        Command::Daemon(args) => daemon::run(common, args),
        Command::Function(args) => function::run(common, args),
        Command::Config(args) => config::run(common, args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command(), "qonduit", &mut script);
            std::io::stdout().write_all(&script)?;
            Ok(Exit::Ok)
        }
    }
}

fn start_log(common: &Common) -> Result {
    let format = match common.log_format {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    };
    telemetry::start(common.verbose, format, progress::aside)
        .map_err(|error| Failure::of(Exit::Usage, &error))
}

/// What only shows at the end of the help is put together here.
fn command() -> clap::Command {
    // clap wants its version for as long as the process lives.
    static VERSION: LazyLock<String> =
        LazyLock::new(|| format!("{} (contract {})", env!("CARGO_PKG_VERSION"), contract()));
    Cli::command()
        .version(VERSION.as_str())
        .after_help(format!("{AFTER}\nExit codes:\n{}", Exit::table()))
}

/// The version of the contract that the component keeps, such as `qonduit:connector@0.1.0`.
fn contract() -> &'static str {
    let first = CONTRACT.lines().next().unwrap_or_default();
    first.trim_start_matches("package ").trim_end_matches(';')
}

const CONTRACT: &str = include_str!("../../wit/types.wit");

const AFTER: &str = "\
First steps:
  qonduit config example > qonduit.toml     then fill in the username
  qonduit doctor                            asks for the password, tells what would work
  qonduit sync
  qonduit assets
  qonduit findings --severity high

Files and variables:
  qonduit.toml          configuration, in the working directory or named with --config
  qonduit.db            inventory, in the working directory or named with --db
  QONDUIT_PASSWORD      password of the Qualys account; never an argument
  QONDUIT_LOG           log levels instead of -v, such as `info,qonduit_host=debug`
  HTTPS_PROXY, NO_PROXY proxy for all calls to Qualys; its credentials are never logged
  NO_COLOR              switches colours off
";

const COMPLETIONS: &str = "\
Examples:
  qonduit completions bash > ~/.local/share/bash-completion/completions/qonduit
  qonduit completions zsh > ~/.zfunc/_qonduit
  qonduit completions fish > ~/.config/fish/completions/qonduit.fish";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        for command in command().get_subcommands() {
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(help.contains("qonduit "), "{}", command.get_name());
        }
    }

    #[test]
    fn there_is_no_argument_for_a_password() {
        let sync = command()
            .find_subcommand("sync")
            .cloned()
            .expect("is a command");
        let names: Vec<_> = sync
            .get_arguments()
            .filter_map(|it| it.get_long())
            .collect();
        assert!(
            names.contains(&"password-file") && !names.contains(&"password"),
            "{names:?}"
        );
    }

    #[test]
    fn the_contract_has_a_version() {
        assert!(
            contract().starts_with("qonduit:connector@"),
            "{}",
            contract()
        );
    }
}
