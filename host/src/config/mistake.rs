//! What is wrong with a configuration: where, what, and what to do.

use std::fmt;

use crate::platform;

/// One mistake. Its message says what is wrong and, after a semicolon, what to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake {
    /// The line or the layer; empty where something is missing.
    pub place: String,
    pub message: String,
}

impl Mistake {
    pub fn new(place: &str, message: impl Into<String>) -> Self {
        Self {
            place: place.to_owned(),
            message: message.into(),
        }
    }

    pub(super) fn unknown_key(
        place: &str,
        path: &str,
        known: impl Iterator<Item = String>,
    ) -> Self {
        if path == "client_secret" {
            return Self::new(
                place,
                "a secret does not belong here; write it to a file of its own and give \
                 `client_secret_file`",
            );
        }
        if matches!(path, "password" | "pass") {
            return Self::new(
                place,
                "a password does not belong here; write it to a file of its own and give \
                 `password_file`",
            );
        }
        let advice = match closest(path, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`qonduit config example` shows all keys".to_owned(),
        };
        Self::new(place, format!("unknown key `{path}`; {advice}"))
    }

    pub(super) fn unknown_platform(place: &str, name: &str) -> Self {
        let names: Vec<_> = platform::names().collect();
        let names = names.join(", ");
        Self::new(
            place,
            format!("there is no platform `{name}`; it is one of {names}"),
        )
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)
    }
}

/// At least one mistake.
#[derive(Clone, Debug)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    pub(super) fn unless_empty(mistakes: Vec<Mistake>) -> Result<(), Self> {
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(Self(mistakes))
        }
    }
}

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "{one}"),
            several => {
                write!(f, "{} mistakes in the configuration", several.len())?;
                several
                    .iter()
                    .try_for_each(|mistake| write!(f, "\n  {mistake}"))
            }
        }
    }
}

fn closest(written: &str, known: impl Iterator<Item = String>) -> Option<String> {
    known
        .map(|known| (strsim::damerau_levenshtein(written, &known), known))
        .filter(|(distance, known)| *distance <= (known.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
