//! The password: where it comes from, and the type that keeps it from being shown.
//!
//! It is never an argument of the command line, which every user of a machine can read.

use std::{fmt, fs, io, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use io::{BufRead, IsTerminal};
use zeroize::Zeroizing;

/// Text that is never printed, and overwritten when it is dropped.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// For the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Takes the password out of what others say: a proxy that is set up for debugging puts the headers
/// of a request into its answer.
#[derive(Clone)]
pub struct Redaction(Vec<Zeroizing<String>>);

impl Redaction {
    /// Of the password itself, and as it is sent.
    pub fn new(username: &str, password: &Secret) -> Self {
        let password = password.expose();
        let account = Zeroizing::new(format!("{username}:{password}"));
        let in_url = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
        let forms = [STANDARD.encode(&*account), in_url, password.to_owned()];
        Self(forms.map(Zeroizing::new).into())
    }

    pub fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in &self.0 {
            if !form.is_empty() && text.contains(form.as_str()) {
                text = text.replace(form.as_str(), "***");
            }
        }
        text
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redaction(***)")
    }
}

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("no password is given; set `{PASSWORD_VARIABLE}` or pass `--password-file`")]
    Missing,
    #[error("the variable `{name}`, which is to hold the password, is not set; set it")]
    Unset { name: String },
    #[error("the password from {from} is empty; check that it was written there")]
    Empty { from: String },
    #[error("the password from {from} has more than one line; keep it alone in its file")]
    SeveralLines { from: String },
    #[error("the password from {from} is not UTF-8 text; save it as UTF-8")]
    NotText { from: String },
    #[error("the password cannot be read from {from}; check the path and its permissions")]
    Unreadable {
        from: String,
        #[source]
        source: io::Error,
    },
}

/// From a file, of which one line end at the end does not count; `-` is standard input, of which
/// only the first line is read.
pub fn from_file(file: &Path) -> Result<Secret, SecretError> {
    let (from, text) = if file == Path::new("-") {
        let from = "standard input".to_owned();
        let mut line = Zeroizing::new(Vec::new());
        let read = io::stdin().lock().read_until(b'\n', &mut line);
        (from, read.map(|_| line))
    } else {
        let from = format!("`{}`", file.display());
        (from, fs::read(file).map(Zeroizing::new))
    };
    match text {
        Ok(text) => parse(&text, from),
        Err(source) => Err(SecretError::Unreadable { from, source }),
    }
}

/// From the environment; `None` when the variable is not set.
pub fn from_environment() -> Option<Result<Secret, SecretError>> {
    Some(match from_variable(PASSWORD_VARIABLE) {
        Err(SecretError::Unset { .. }) => return None,
        read => read,
    })
}

/// From a variable that has to be set.
pub fn from_variable(name: &str) -> Result<Secret, SecretError> {
    let Some(text) = std::env::var_os(name) else {
        let name = name.to_owned();
        return Err(SecretError::Unset { name });
    };
    let text = Zeroizing::new(text.into_encoded_bytes());
    parse(&text, format!("`{name}`"))
}

/// Asks on the terminal, without showing what is typed.
pub fn from_terminal(question: &str) -> Result<Secret, SecretError> {
    if !io::stdin().is_terminal() {
        return Err(SecretError::Missing);
    }
    let from = "the terminal".to_owned();
    match rpassword::prompt_password(question).map(Zeroizing::new) {
        Ok(text) => parse(text.as_bytes(), from),
        Err(source) => Err(SecretError::Unreadable { from, source }),
    }
}

fn parse(bytes: &[u8], from: String) -> Result<Secret, SecretError> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(SecretError::NotText { from });
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(SecretError::Empty { from });
    }
    if text.contains(['\n', '\r']) {
        return Err(SecretError::SeveralLines { from });
    }
    Ok(Secret::new(text.to_owned()))
}

/// The variable that may hold the password.
pub const PASSWORD_VARIABLE: &str = "QONDUIT_PASSWORD";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Secret, String> {
        parse(bytes, "`pw`".to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::new("Winter2026".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        assert_eq!(secret.expose(), "Winter2026");
    }

    #[test]
    fn what_others_say_is_shown_without_it() {
        let redaction = Redaction::new("me", &Secret::new("a b&c".to_owned()));
        // `me:a b&c` in base64, and the password in a form.
        let said = "Basic bWU6YSBiJmM= for me, a b&c, a+b%26c";
        assert_eq!(redaction.hide(said), "Basic *** for me, ***, ***");
        assert_eq!(format!("{redaction:?}"), "Redaction(***)");
    }

    #[test]
    fn one_line_end_is_not_part_of_the_password() {
        for bytes in [&b"a b"[..], b"a b\n", b"a b\r\n", b"\xef\xbb\xbfa b\n"] {
            assert_eq!(
                read(bytes).map(|found| found.expose().to_owned()),
                Ok("a b".to_owned())
            );
        }
        assert_eq!(
            read(b" a ").map(|found| found.expose().to_owned()),
            Ok(" a ".to_owned())
        );
    }

    #[test]
    fn what_cannot_be_a_password_is_refused() {
        assert!(read(b"").is_err_and(|text| text.contains("is empty")));
        assert!(read(b"\n").is_err_and(|text| text.contains("is empty")));
        assert!(read(b"a\nb\n").is_err_and(|text| text.contains("more than one line")));
        assert!(read(b"\xff").is_err_and(|text| text.contains("not UTF-8")));
    }
}
