//! Why no answer came, in words for whoever has to act, and how long an answer asks to wait.

use std::path::PathBuf;

use super::Result;
use crate::config::Origin;

/// Why no answer came, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("the CA file `{}` cannot be used; it must hold certificates in PEM form", .file.display())]
    CaFile {
        file: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("the HTTP client cannot be set up")]
    Setup(#[source] Cause),
    #[error("`{origin}` cannot be reached; check the address, the network and the proxy")]
    Unreachable {
        origin: Origin,
        #[source]
        source: Cause,
    },
    #[error("`{origin}` did not answer in time")]
    TimedOut { origin: Origin },
    #[error("`{origin}` answers more slowly than {least} bytes a second")]
    TooSlow { origin: Origin, least: u64 },
    #[error("the answer is larger than {most} bytes")]
    TooLarge { most: u64 },
    #[error("the connection broke in the middle of an answer")]
    Broken(#[source] Cause),
    #[error("no gateway is known for this account; pass `--gateway-url`")]
    NoGateway,
    /// With the status, and the wait that was asked for.
    #[error("the gateway `{origin}` gives no token (HTTP status {status}); {}", advice(*.status))]
    NoToken {
        origin: Origin,
        status: u16,
        wait_secs: Option<u32>,
    },
    #[error("the gateway `{origin}` answers with something that is no token; check the address")]
    OddToken { origin: Origin },
}

/// What the client library itself said.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An error of the gateway's names the gateway.
pub(super) fn of<T>(sent: Result<T>, gateway: &Origin) -> Result<T> {
    let origin = gateway.clone();
    sent.map_err(|error| match error {
        HttpError::Unreachable { source, .. } => HttpError::Unreachable { origin, source },
        HttpError::TimedOut { .. } => HttpError::TimedOut { origin },
        error => error,
    })
}

/// An error with what is behind it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// The seconds that a refused token asks to wait. Qualys' own header goes before the usual one.
pub(super) fn wait_secs(headers: &[(String, String)]) -> Option<u32> {
    let of = |wanted: &str| {
        let named = headers.iter().filter(|(name, _)| name == wanted);
        let mut secs = named.filter_map(|(_, value)| value.trim().parse::<u32>().ok());
        secs.find(|secs| *secs > 0)
    };
    of("x-ratelimit-towait-sec").or_else(|| of("retry-after"))
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            "check the user name and password, or `client_id` and its secret, before you try again"
        }
        300..=399 | 404 | 405 => "check the address of the gateway",
        _ => "try again later",
    }
}
