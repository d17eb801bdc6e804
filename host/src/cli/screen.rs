//! Where a command writes: tables and JSON to standard output, hints to standard error.

use std::io::{self, BufWriter, IsTerminal, Write};

use console::{Style, Term};

use super::{
    failure::Result,
    table::{Cell, Table},
    text, time,
};
use crate::{
    guest::types::{Severity, Timestamp},
    store::Word,
};

/// Standard output, and what it is like.
pub(super) struct Screen {
    out: BufWriter<io::StdoutLock<'static>>,
    pub(super) width: usize,
    pub(super) look: Look,
}

/// What the texts of a table depend on besides its rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) now: Timestamp,
    pub(super) has_colours: bool,
}

impl Screen {
    pub(super) fn standard() -> Self {
        let is_terminal = io::stdout().is_terminal();
        let width = Term::stdout()
            .size_checked()
            .map_or(DEFAULT_WIDTH, |(_, width)| width.into());
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            out: BufWriter::new(io::stdout().lock()),
            width,
            look: Look {
                now: time::now(),
                has_colours: is_terminal && !no_color,
            },
        }
    }

    /// Text that is safe already.
    pub(super) fn print(&mut self, text: &str) -> Result {
        Ok(self.out.write_all(text.as_bytes())?)
    }

    pub(super) fn table(&mut self, table: Table) -> Result {
        let rendered = table.render(self.width);
        self.print(&rendered)
    }

    /// One object, on a line of its own.
    pub(super) fn json(&mut self, object: &impl serde::Serialize) -> Result {
        let line = serde_json::to_string(object)?;
        self.print(&text::json(&line))?;
        self.print("\n")
    }

    /// The table or, for machines, its rows.
    pub(super) fn list<T: serde::Serialize>(
        &mut self,
        json: bool,
        rows: &[T],
        table: impl FnOnce(&[T], Look) -> Table,
    ) -> Result {
        if json {
            return rows.iter().try_for_each(|row| self.json(row));
        }
        if rows.is_empty() {
            Ok(())
        } else {
            self.table(table(rows, self.look))
        }
    }

    /// What to do next, after all that was printed.
    pub(super) fn hint(&mut self, hint: &str) -> Result {
        self.flush()?;
        hint_line("hint", hint);
        Ok(())
    }

    pub(super) fn flush(&mut self) -> Result {
        Ok(self.out.flush()?)
    }
}

/// A line about the work itself, on standard error. Nobody may be there to read it.
pub(super) fn hint_line(kind: &str, hint: &str) {
    let _ = writeln!(io::stderr(), "{kind}: {}", text::line(hint));
}

impl Look {
    pub(super) fn severity(self, severity: Severity) -> Cell {
        let style = match severity {
            Severity::Critical => Style::new().red().bold(),
            Severity::High => Style::new().red(),
            Severity::Medium => Style::new().yellow(),
            Severity::Low | Severity::Info => return severity.word().into(),
        };
        Cell::from(severity.word()).styled(self.styled(style))
    }

    pub(super) fn ago(self, time: Option<Timestamp>) -> Cell {
        time.map(|time| time::ago(time, self.now))
            .unwrap_or_default()
            .into()
    }

    fn styled(self, style: Style) -> Option<Style> {
        self.has_colours.then(|| style.force_styling(true))
    }
}

/// Of whatever is not a terminal.
const DEFAULT_WIDTH: usize = 80;
