//! The password and the secret of an API client: where they come from, and the type that keeps
//! them and tokens from being shown.
//!
//! They are never an argument of the command line, which every user of a machine can read.

use std::{
    fmt, fs, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

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

/// Takes secrets out of what others say: a proxy that is set up for debugging puts the headers of a
/// request into its answer. Clones know of the same secrets.
#[derive(Clone)]
pub struct Redaction(Arc<Mutex<Vec<Zeroizing<String>>>>);

impl Redaction {
    /// Of the password itself, and as it is sent.
    pub fn new(username: &str, password: &Secret) -> Self {
        let password = password.expose();
        let account = Zeroizing::new(format!("{username}:{password}"));
        let in_url = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
        let forms = [STANDARD.encode(&*account), in_url, password.to_owned()];
        let forms: Vec<_> = forms.map(Zeroizing::new).into();
        Self(Arc::new(Mutex::new(forms)))
    }

    /// Of one more: the secret of an API client, itself and as it is sent.
    pub fn add(&self, secret: &Secret) {
        let secret = secret.expose();
        let in_url = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        self.extend([in_url, secret.to_owned()]);
    }

    /// Of a token, whole and each of its parts: the last one alone makes the others worth stealing.
    pub fn add_token(&self, token: &Secret) {
        let parts = token.expose().split('.').filter(|part| part.len() >= 16);
        let parts = parts.rev().map(str::to_owned);
        self.extend([token.expose().to_owned()].into_iter().chain(parts));
    }

    pub fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for form in forms.iter() {
            if !form.is_empty() && text.contains(form.as_str()) {
                text = text.replace(form.as_str(), "***");
            }
        }
        text
    }

    fn extend(&self, more: impl IntoIterator<Item = String>) {
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for form in more.into_iter().map(Zeroizing::new) {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
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
    #[error(
        "`client_id` is given without its secret; set `{CLIENT_SECRET_VARIABLE}` or pass \
         `--client-secret-file`"
    )]
    MissingClientSecret,
    #[error("the {what} from {from} is empty; check that it was written there")]
    Empty { what: What, from: String },
    #[error("the {what} from {from} has more than one line; keep it alone in its file")]
    SeveralLines { what: What, from: String },
    #[error("the {what} from {from} is not UTF-8 text; save it as UTF-8")]
    NotText { what: What, from: String },
    #[error("the {what} cannot be read from {from}; check the path and its permissions")]
    Unreadable {
        what: What,
        from: String,
        #[source]
        source: io::Error,
    },
}

/// Which secret could not be had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum What {
    Password,
    ClientSecret,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password => "password",
            Self::ClientSecret => "client secret",
        })
    }
}

/// From a file, of which one line end at the end does not count; `-` is standard input, of which
/// only the first line is read.
pub fn from_file(file: &Path) -> Result<Secret, SecretError> {
    read_file(What::Password, file)
}

/// The same for the secret of an API client.
pub fn client_secret_from_file(file: &Path) -> Result<Secret, SecretError> {
    read_file(What::ClientSecret, file)
}

fn read_file(what: What, file: &Path) -> Result<Secret, SecretError> {
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
        Ok(text) => parse(what, &text, from),
        Err(source) => Err(SecretError::Unreadable { what, from, source }),
    }
}

/// From the environment; `None` when the variable is not set.
pub fn from_environment() -> Option<Result<Secret, SecretError>> {
    read_variable(What::Password, PASSWORD_VARIABLE)
}

/// The same for the secret of an API client.
pub fn client_secret_from_environment() -> Option<Result<Secret, SecretError>> {
    read_variable(What::ClientSecret, CLIENT_SECRET_VARIABLE)
}

/// From a variable that has to be set.
pub fn from_variable(name: &str) -> Result<Secret, SecretError> {
    read_variable(What::Password, name).unwrap_or_else(|| {
        let name = name.to_owned();
        Err(SecretError::Unset { name })
    })
}

/// The same for the secret of an API client.
pub fn client_secret_from_variable(name: &str) -> Result<Secret, SecretError> {
    read_variable(What::ClientSecret, name).unwrap_or_else(|| {
        let name = name.to_owned();
        Err(SecretError::Unset { name })
    })
}

fn read_variable(what: What, name: &str) -> Option<Result<Secret, SecretError>> {
    let text = std::env::var_os(name)?;
    let text = Zeroizing::new(text.into_encoded_bytes());
    Some(parse(what, &text, format!("`{name}`")))
}

/// Asks on the terminal, without showing what is typed.
pub fn from_terminal(question: &str) -> Result<Secret, SecretError> {
    if !io::stdin().is_terminal() {
        return Err(SecretError::Missing);
    }
    let from = "the terminal".to_owned();
    match rpassword::prompt_password(question).map(Zeroizing::new) {
        Ok(text) => parse(What::Password, text.as_bytes(), from),
        Err(source) => Err(SecretError::Unreadable {
            what: What::Password,
            from,
            source,
        }),
    }
}

fn parse(what: What, bytes: &[u8], from: String) -> Result<Secret, SecretError> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(SecretError::NotText { what, from });
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(SecretError::Empty { what, from });
    }
    if text.contains(['\n', '\r']) {
        return Err(SecretError::SeveralLines { what, from });
    }
    Ok(Secret::new(text.to_owned()))
}

/// The variable that may hold the password.
pub const PASSWORD_VARIABLE: &str = "QONDUIT_PASSWORD";
/// The variable that may hold the secret of an API client.
pub const CLIENT_SECRET_VARIABLE: &str = "QONDUIT_CLIENT_SECRET";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Secret, String> {
        parse(What::Password, bytes, "`pw`".to_owned()).map_err(|error| error.to_string())
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
    fn secrets_that_come_later_are_taken_out_too() {
        let redaction = Redaction::new("me", &Secret::new("password".to_owned()));
        let clone = redaction.clone();
        clone.add(&Secret::new("s e c".to_owned()));
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9AAAA.c2lnbmF0dXJlLW9mLWl0";
        clone.add_token(&Secret::new(token.to_owned()));
        let said = format!("{token} and s+e+c and s e c; c2lnbmF0dXJlLW9mLWl0");
        assert_eq!(redaction.hide(&said), "*** and *** and ***; ***");
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
