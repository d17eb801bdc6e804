//! How a command ended, and what it said.

use std::process::{Child, Command, Stdio};

use serde_json::Value;

#[derive(Debug)]
pub(crate) struct Outcome {
    /// Absent for a process that a signal ended.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn of(mut command: Command) -> Self {
        let output = command
            .stdin(Stdio::null())
            .output()
            .expect("the binary can be started");
        Self::from(output)
    }

    pub(crate) fn of_child(child: Child) -> Self {
        Self::from(child.wait_with_output().expect("a child can be waited for"))
    }

    #[track_caller]
    pub(crate) fn expect_exit(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Each on standard error, in any case.
    #[track_caller]
    pub(crate) fn expect_words(&self, words: &[&str]) -> &Self {
        let said = self.stderr.to_lowercase();
        for word in words {
            assert!(
                said.contains(&word.to_lowercase()),
                "`{word}` is not said: {self:#?}"
            );
        }
        self
    }

    /// A failure is one sentence, with the next step.
    #[track_caller]
    pub(crate) fn expect_error(&self, code: i32, words: &[&str]) -> &Self {
        self.expect_exit(code).expect_words(words);
        let errors = self
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "))
            .count();
        assert_eq!(errors, 1, "{self:#?}");
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
        self
    }

    /// The run, as a sync tells it.
    #[track_caller]
    pub(crate) fn run(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no summary: {self:#?}"))
    }

    /// Counters of one dataset of the run.
    #[track_caller]
    pub(crate) fn dataset(&self, name: &str) -> Value {
        let run = self.run();
        let datasets = run["datasets"].as_array().expect("datasets").iter();
        let found = datasets.clone().find(|it| it["dataset"] == name);
        found
            .unwrap_or_else(|| panic!("no `{name}`: {run:#}"))
            .clone()
    }
}

impl From<std::process::Output> for Outcome {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}
