//! Log lines on standard error, for whoever looks into what happened.
//!
//! Fields are dotted by entity (`host.id`, `run.id`, `qid`). Nothing here knows a password, and
//! [`crate::secrets::Secret`] cannot be formatted.

use std::io::{self, Write};

use tracing_subscriber::{EnvFilter, filter::ParseError, fmt::MakeWriter};

/// How a line looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    Text,
    Json,
}

/// Calls what it is given while nothing else is drawn on the terminal.
pub type Aside = fn(&mut dyn FnMut());

/// `QONDUIT_LOG` cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("`{VARIABLE}` is no list of log levels; write it like `info,qonduit_host=debug`")]
pub struct TelemetryError(#[source] ParseError);

/// Starts to log: warnings, with `verbose` 1 what happens, with 2 details. The variable
/// `QONDUIT_LOG` goes before.
pub fn start(verbose: u8, format: Format, aside: Aside) -> Result<(), TelemetryError> {
    let written = std::env::var(VARIABLE).unwrap_or_default();
    let levels = match (written.as_str(), verbose) {
        ("", 0) => "off,qonduit_host=warn",
        ("", 1) => "warn,qonduit_host=info",
        ("", 2) => "info,qonduit_host=debug",
        ("", _) => "debug,qonduit_host=trace",
        (levels, _) => levels,
    };
    let filter = EnvFilter::try_new(levels).map_err(TelemetryError)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Stderr(aside));
    // A second start, as tests make it, keeps the first.
    let _ = match format {
        Format::Text => builder.try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}

/// Whether anything but warnings is logged.
pub fn is_verbose() -> bool {
    tracing::level_filters::LevelFilter::current() > tracing::Level::WARN
}

/// Writes whole lines to standard error.
#[derive(Clone, Copy, Debug)]
struct Stderr(Aside);

impl<'a> MakeWriter<'a> for Stderr {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        *self
    }
}

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // The whole line is written in one call, and nobody may be there to read it.
        (self.0)(&mut || drop(io::stderr().write_all(line)));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const VARIABLE: &str = "QONDUIT_LOG";
