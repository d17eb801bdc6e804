//! Why the store could not do what it was asked, named by who has to act.

use std::{path::PathBuf, sync::Arc};

/// Each message is one sentence that names the file and what to do about it. Cloned for each step
/// of a transaction that failed as a whole.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    // The caller of a query.
    /// The expression names a field or a value that does not exist.
    #[error("{0}")]
    Filter(String),
    #[error("the page token `{0}` does not belong to this list; start again from the first page")]
    Token(String),
    #[error(
        "the filter takes too long; narrow it down, for example by `severity:`, `qid:` or `name:`"
    )]
    TooSlow,

    /// What is to be imported cannot be, as the sentence says.
    #[error("{0}")]
    Import(String),

    // The user, who defines a connector.
    #[error("there is a connector `{name}` already; choose another name, or edit that one")]
    NameTaken { name: String },
    #[error(
        "the account `{username}` belongs to the connector `{name}` already; change that one with `qonduit connector edit {name}`"
    )]
    AccountDefined { username: String, name: String },

    // The user, who started a second run.
    #[error("run {run} is being carried out by `{holder}`; wait for it, or end that process")]
    RunInProgress { run: i64, holder: String },
    /// This process was silent for so long that another one took the run over.
    #[error(
        "run {run} is no longer held by this process; another one has taken it over or ended it"
    )]
    LeaseLost { run: i64 },

    // The operator of the database.
    #[error("`{}` holds no database of Qonduit; choose another file", .file.display())]
    NotADatabase { file: PathBuf },
    #[error("`{}` was written by a newer version (schema {found}, this one knows {known}); update qonduit", .file.display())]
    Newer {
        file: PathBuf,
        found: i64,
        known: i64,
    },
    #[error("`{}` cannot be opened; check that its folder exists and that you may write there", .file.display())]
    Unopenable {
        file: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("`{}` may not be written; check the permissions of the file and its folder", .file.display())]
    Unwritable {
        file: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("no space is left for `{}`; free some and start again, nothing is half written", .file.display())]
    Full {
        file: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("`{}` is in use by another process for too long; end that process or try again", .file.display())]
    Busy {
        file: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("`{}` is damaged; restore it from a copy, or remove it and sync again", .file.display())]
    Damaged {
        file: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("`{}` cannot be read or written, the disk reports an error", .file.display())]
    Disk {
        file: PathBuf,
        #[source]
        source: Cause,
    },

    // Us.
    #[error("the database refused `{operation}` in `{}`", .file.display())]
    Bug {
        operation: &'static str,
        file: PathBuf,
        #[source]
        source: Cause,
    },
}

/// What the database itself said.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;
