//! Opens the inventory for reading, and says what to do when there is none.

use std::path::Path;

use super::{
    args::{self, Common, Database},
    exit::Exit,
    failure::{Failure, Result},
    screen::Screen,
    term, time,
};
use crate::{
    guest::{Guest, filter::Term, types::Timestamp},
    store::{Listing, Reader, SqliteReader},
};

/// The read side of the file that is in force.
pub(super) fn open(common: &Common, database: &Database) -> Result<Box<dyn Reader>> {
    open_file(&args::database(common, database)?)
}

pub(super) fn open_file(file: &Path) -> Result<Box<dyn Reader>> {
    if !file.exists() {
        let message = format!("there is no inventory at `{}` yet", file.display());
        return Err(Failure::sentence(Exit::Database, message)
            .with_hint("`qonduit sync` makes one; `--db` names another file"));
    }
    Ok(Box::new(SqliteReader::open(file)?))
}

/// The terms of the flags and of the expression, which the component compiles.
pub(super) fn terms(filter: &args::Filter) -> Result<Vec<Term>> {
    term::terms(filter, |expression| {
        let mut instance = Guest::embedded()?.instantiate()?;
        Ok(instance.compile(expression, time::now())?)
    })
}

/// A time as people write it in an expression.
pub(super) fn moment(text: &str) -> Result<Timestamp> {
    let mut instance = Guest::embedded()?.instantiate()?;
    instance.moment(text, time::now())?.ok_or_else(|| {
        let message = format!(
            "`{text}` is no time; write a day such as `2026-11-01`, a moment such as \
             `2026-11-01T10:00:00Z`, or an age such as `30days`"
        );
        Failure::new(Exit::Usage, message)
    })
}

/// Why a list is empty, and what to do.
pub(super) fn nothing_found(reader: &dyn Reader, is_filtered: bool) -> Result<&'static str> {
    if reader.totals()?.assets == 0 {
        return Ok("the inventory is empty; `qonduit sync` fills it");
    }
    Ok(if is_filtered {
        "nothing matches; try it with fewer filters"
    } else {
        "there is nothing to list"
    })
}

/// Ends a list: how to get the next page, or why there is nothing.
pub(super) fn after_list<T>(
    screen: &mut Screen,
    reader: &dyn Reader,
    listing: &Listing<T>,
    is_filtered: bool,
) -> Result<Exit> {
    if let Some(next) = &listing.next {
        screen.hint(&format!(
            "there is more: add `--after {next}` for the next page"
        ))?;
    } else if listing.rows.is_empty() {
        screen.hint(nothing_found(reader, is_filtered)?)?;
    }
    screen.flush()?;
    Ok(Exit::Ok)
}
