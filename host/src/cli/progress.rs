//! Shows how a run goes: lines that move on a terminal, plain lines elsewhere, nothing when quiet.
//!
//! Everything goes to standard error, as standard output belongs to the summary.

use std::io::{self, IsTerminal};

use crate::{
    sync::{Event, Progress},
    telemetry,
};

mod board;
mod plain;
mod terminal;

pub(super) use terminal::aside;

/// The display that fits where the errors go. Log lines would tear moving ones apart.
pub(super) fn display(quiet: bool) -> Box<dyn Progress> {
    if quiet {
        Box::new(Silent)
    } else if io::stderr().is_terminal() && !telemetry::is_verbose() {
        Box::new(terminal::Terminal::default())
    } else {
        Box::new(plain::Plain::default())
    }
}

struct Silent;

impl Progress for Silent {
    fn event(&mut self, _: &Event) {}
}
