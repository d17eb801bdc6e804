//! `qonduit function`: the function on a port, for those who have no platform for functions.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;

use super::{
    args::{self, Account, Common, Sets},
    exit::Exit,
    failure::{Failure, Result},
    interrupt,
    screen::hint_line,
    time,
};
use crate::{
    config::Config,
    function::{self, Limits, ServeError},
    guest::Function as Guest,
    http::Relay,
    secrets,
};

#[derive(Args, Debug)]
pub(super) struct Function {
    /// Where to listen; port 0 takes one that is free
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8788")]
    listen: SocketAddr,
    /// File with a token that callers have to send as `Authorization: Bearer …`
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Longest body that is taken, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4_096,
          value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    max_body: u64,
    /// Requests that are carried out at once; further ones wait
    #[arg(long, value_name = "N", default_value_t = 32,
          value_parser = clap::value_parser!(u16).range(1..=1_024))]
    at_once: u16,
    /// Longest time that one request may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    sets: Sets,
}

pub(super) fn run(common: &Common, args: &Function) -> Result<Exit> {
    let config = args::config(common, Some(&args.account), None, Some(&args.sets));
    config.sound()?;
    let token = args
        .token_file
        .as_deref()
        .map(secrets::from_file)
        .transpose()?;
    let relay = relay(&config, args, token.is_some())?;
    let guest = Guest::embedded(Arc::new(relay), Duration::from_secs(args.timeout))?;
    let limits = Limits {
        body_bytes: args.max_body << 20,
        at_once: usize::from(args.at_once),
        token,
    };
    let stop = interrupt::watch();
    function::serve(guest, args.listen, limits, &stop, |address| {
        // Whoever started it may have gone without reading.
        let mut out = std::io::stdout();
        let _ = writeln!(out, "qonduit function on http://{address}");
        let _ = out.flush();
    })?;
    Ok(Exit::Ok)
}

/// With the account that is configured, if one is.
fn relay(config: &Config, args: &Function, has_token: bool) -> Result<Relay> {
    if !has_account(config) {
        hint_line(
            "note",
            "no account is configured, so callers of /v1/sync bring name and password along",
        );
        let ca_file = ca_file(config);
        return Ok(Relay::open(ca_file.as_deref(), &config.http(), time::now)?);
    }
    let account = config.sync()?;
    if !has_token && !args.listen.ip().is_loopback() {
        let listen = args.listen;
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "whoever reaches `{listen}` could read what this account sees; name a token with \
                 `--token-file`, or listen on 127.0.0.1"
            ),
        ));
    }
    Ok(Relay::with_account(&account, time::now)?)
}

fn has_account(config: &Config) -> bool {
    given(config, "username").is_some()
}

fn ca_file(config: &Config) -> Option<PathBuf> {
    given(config, "ca_file").map(|file| Path::new(&file).to_owned())
}

fn given(config: &Config, key: &str) -> Option<String> {
    let mut keys = config.in_force().into_iter();
    keys.find(|(known, ..)| known.path == key)?.1
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let exit = match &error {
            ServeError::Listen { .. } => Exit::Usage,
            ServeError::Runtime(_) => Exit::Bug,
        };
        Self::of(exit, &error)
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit function
  curl -T answer.xml 'http://127.0.0.1:8788/v1/read/detections?format=ocsf'
  qonduit function --listen 0.0.0.0:8788 --token-file /run/secrets/function-token

Serves the same component that runs on wasmtime, wasmCloud and other hosts of wasi:http:
/v1/read/{dataset}, /v1/check, /v1/sync and /v1/health; docs/functions.md tells what they take.
With an account (as for `qonduit sync`), calls go to its addresses alone, and its password is
added to them outside of the component: requests say `\"credentials\": \"platform\"`. Without one,
callers of /v1/sync bring their own. Ctrl-C or SIGTERM ends it within ten seconds.";
