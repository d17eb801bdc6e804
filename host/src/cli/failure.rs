//! How a command fails: one sentence, the next step, and the exit code.
//!
//! The errors below the command line say what is wrong and, after a semicolon, what to do; here
//! the two become two lines.

use std::{fmt, io};

use super::{exit::Exit, text};
use crate::{
    config::{self, Mistakes},
    guest::{GuestError, plan},
    http::HttpError,
    schedule::{NotTakenUp, Unready},
    secrets::SecretError,
    store::StoreError,
    sync::SyncError,
};

/// The end of a command that could not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    message: String,
    hint: Option<String>,
    /// From the outermost to the root, shown with `--verbose`.
    causes: Vec<String>,
}

pub(super) type Result<T = ()> = std::result::Result<T, Failure>;

impl Failure {
    /// A message of one sentence; what follows a semicolon becomes the hint.
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        let message = message.into();
        let (message, hint) = match message.rsplit_once("; ") {
            Some((what, next)) => (what.to_owned(), Some(next.to_owned())),
            None => (message, None),
        };
        Self {
            exit,
            message,
            hint,
            causes: Vec::new(),
        }
    }

    /// A message that is shown as it is, without a hint.
    pub(super) fn sentence(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hint: None,
            causes: Vec::new(),
        }
    }

    pub(super) fn of(exit: Exit, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut failure = Self::new(exit, error.to_string());
        let mut cause = error.source();
        while let Some(error) = cause {
            failure.causes.push(error.to_string());
            cause = error.source();
        }
        failure
    }

    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whoever read the output has seen enough, as `head` does.
    pub(super) fn is_broken_pipe(&self) -> bool {
        self.exit == Exit::Ok
    }

    /// What goes to standard error. It may quote what Qualys or a file holds.
    pub(super) fn report(&self, verbose: bool) -> String {
        let mut report = format!("error: {}\n", text::lines(&self.message));
        if verbose {
            for cause in &self.causes {
                report += &format!("  because: {}\n", text::lines(cause).trim_end());
            }
        }
        if let Some(hint) = &self.hint {
            report += &format!("hint: {}\n", text::lines(hint));
        }
        if self.exit == Exit::Bug {
            report +=
                "hint: this is a mistake in qonduit; please report it with the output of `-vv`\n";
        }
        report
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Mistakes> for Failure {
    fn from(mistakes: Mistakes) -> Self {
        match mistakes.0.as_slice() {
            [_] => Self::of(Exit::Usage, &mistakes),
            // The lines have semicolons of their own.
            _ => Self {
                exit: Exit::Usage,
                message: mistakes.to_string(),
                hint: Some("`qonduit config example` shows all keys".to_owned()),
                causes: Vec::new(),
            },
        }
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::of(Exit::Usage, &error)
    }
}

impl From<config::SyncError> for Failure {
    fn from(error: config::SyncError) -> Self {
        match error {
            config::SyncError::Mistakes(mistakes) => mistakes.into(),
            config::SyncError::Secret(error) => error.into(),
        }
    }
}

impl From<Unready> for Failure {
    fn from(error: Unready) -> Self {
        match error {
            Unready::Secret(error) => error.into(),
            Unready::NeedsPerson { .. } | Unready::Origin { .. } | Unready::Gateway { .. } => {
                Self::of(Exit::Usage, &error)
            }
        }
    }
}

impl From<NotTakenUp> for Failure {
    fn from(error: NotTakenUp) -> Self {
        match error {
            NotTakenUp::Mistakes(mistakes) => mistakes.into(),
            NotTakenUp::Store(error) => error.into(),
            NotTakenUp::Guest(error) => error.into(),
        }
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        let exit = match error {
            SyncError::Store(error) => return error.into(),
            SyncError::Guest(error) => return error.into(),
            SyncError::Http(error) => return error.into(),
            SyncError::Refused { failure, .. } => refused(failure),
            SyncError::TooManySkipped(_) => Exit::Unreachable,
            SyncError::MassClosure { .. } => Exit::Question,
            SyncError::Settings(_) => Exit::Usage,
            SyncError::Interrupted => Exit::Interrupted,
            SyncError::Runtime(_) | SyncError::WriterGone => Exit::Bug,
        };
        Self::of(exit, &error)
    }
}

/// Who has to act on a refusal of Qualys.
fn refused(failure: plan::Failure) -> Exit {
    match failure {
        plan::Failure::Unauthorized
        | plan::Failure::AccountExpired
        | plan::Failure::RegistrationIncomplete
        | plan::Failure::Forbidden
        | plan::Failure::NotLicensed => Exit::Rights,
        plan::Failure::NotAnApi | plan::Failure::BadRequest => Exit::Usage,
        plan::Failure::CursorLoop | plan::Failure::OutOfRetries => Exit::Unreachable,
    }
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        let exit = match &error {
            HttpError::CaFile { .. } | HttpError::NoGateway => Exit::Usage,
            HttpError::Setup(_) => Exit::Bug,
            HttpError::Unreachable { .. }
            | HttpError::TimedOut { .. }
            | HttpError::TooSlow { .. }
            | HttpError::TooLarge { .. }
            | HttpError::OddToken { .. }
            | HttpError::Broken(_) => Exit::Unreachable,
            HttpError::NoToken { .. } => Exit::Rights,
        };
        Self::of(exit, &error)
    }
}

impl From<GuestError> for Failure {
    fn from(error: GuestError) -> Self {
        Self::of(Exit::Bug, &error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Filter(_)
            | StoreError::Token(_)
            | StoreError::TooSlow
            | StoreError::Import(_)
            | StoreError::NameTaken { .. }
            | StoreError::AccountDefined { .. } => Exit::Usage,
            StoreError::RunInProgress { .. }
            | StoreError::LeaseLost { .. }
            | StoreError::NotADatabase { .. }
            | StoreError::Newer { .. }
            | StoreError::Unopenable { .. }
            | StoreError::Unwritable { .. }
            | StoreError::Full { .. }
            | StoreError::Busy { .. }
            | StoreError::Damaged { .. }
            | StoreError::Disk { .. } => Exit::Database,
            StoreError::Bug { .. } => Exit::Bug,
        };
        Self::of(exit, &error)
    }
}

/// Of writing to standard output; files have sentences of their own.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Exit::Ok, "nobody reads the output any more"),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::new(
                Exit::Database,
                "no space is left for the output; free some and try again",
            ),
            _ => Self::new(
                Exit::Database,
                format!("the output cannot be written: {error}"),
            ),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(_) => io::Error::from(error).into(),
            None => Self::of(Exit::Bug, &error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_is_a_line_of_its_own() {
        let error = StoreError::NotADatabase {
            file: "q.db".into(),
        };
        let failure = Failure::from(error);
        assert_eq!(failure.exit, Exit::Database);
        assert_eq!(
            failure.report(false),
            "error: `q.db` holds no database of Qonduit\nhint: choose another file\n"
        );
    }

    #[test]
    fn causes_are_for_those_who_ask() {
        let source = std::sync::Arc::new(std::io::Error::other("unable to open database file"));
        let failure = Failure::from(StoreError::Unopenable {
            file: "q.db".into(),
            source,
        });
        assert!(!failure.report(false).contains("because"));
        assert!(
            failure
                .report(true)
                .contains("because: unable to open database file\n")
        );
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(failure.is_broken_pipe());
    }

    #[test]
    fn escapes_in_a_message_do_not_reach_the_terminal() {
        let failure = Failure::new(Exit::Rights, "refused: \u{1b}]0;x\u{7}");
        assert!(!failure.report(true).contains('\u{1b}'));
    }
}
