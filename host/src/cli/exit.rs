//! What the exit code tells the caller. Scripts branch on these numbers: they never change.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    Ok,
    /// A mistake of ours.
    Bug,
    /// Arguments, configuration, expressions.
    Usage,
    /// Somebody has to see to the account at Qualys.
    Rights,
    /// Waiting and starting again may help.
    Unreachable,
    /// The database, or a file that is written.
    Database,
    /// A document that cannot be read.
    Document,
    /// The run ended, with hosts or batches left out.
    Partly,
    /// A person has to say whether to go on.
    Question,
    Interrupted,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Bug => 1,
            Self::Usage => 2,
            Self::Rights => 3,
            Self::Unreachable => 4,
            Self::Database => 5,
            Self::Document => 6,
            Self::Partly => 7,
            Self::Question => 8,
            Self::Interrupted => 130,
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Ok => "done; also when a list is empty or its reader went away",
            Self::Bug => "a mistake in qonduit, or something nobody expected",
            Self::Usage => "arguments, configuration or a filter expression are wrong",
            Self::Rights => "Qualys refused the credentials, or the account lacks a right",
            Self::Unreachable => "Qualys or the network could not be reached; try again later",
            Self::Database => {
                "the database or an output file cannot be used, or another sync is at it"
            }
            Self::Document => "the document given to `read` is cut off or no such list",
            Self::Partly => "the sync is complete but for what it skipped and names",
            Self::Question => "many hosts are gone at once; look into it, then say how to go on",
            Self::Interrupted => "interrupted; start the sync again to go on where it stopped",
        }
    }

    /// For the end of the help.
    pub fn table() -> String {
        let lines = ALL
            .iter()
            .map(|exit| format!("  {:>3}  {}\n", exit.code(), exit.about()));
        lines.collect()
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

const ALL: &[Exit] = &[
    Exit::Ok,
    Exit::Bug,
    Exit::Usage,
    Exit::Rights,
    Exit::Unreachable,
    Exit::Database,
    Exit::Document,
    Exit::Partly,
    Exit::Question,
    Exit::Interrupted,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_table_once() {
        let codes: Vec<_> = ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]);
        assert_eq!(Exit::table().lines().count(), 10);
    }
}
