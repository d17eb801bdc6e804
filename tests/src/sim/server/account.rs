//! Who is calling: Basic authentication and sessions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, COOKIE, HeaderMap};

use super::state::State;
use crate::sim::request::Refusal;
use crate::sim::world::noise::mix;

/// Whether the call may go on. A wrong password is counted, as Qualys does before it locks.
pub(crate) fn check(state: &State, headers: &HeaderMap) -> Result<(), Refusal> {
    if has_session(state, headers) || has_password(state, headers) {
        return Ok(());
    }
    if headers.contains_key(AUTHORIZATION) {
        state.stats().wrong_passwords += 1;
    }
    Err(bad_login())
}

/// The value of a new session's cookie, if name and password are right.
pub(crate) fn log_in(state: &State, username: &str, password: &str) -> Option<String> {
    if !is_right(state, username, password) {
        state.stats().wrong_passwords += 1;
        return None;
    }
    let mut sessions = state.sessions();
    let nth = sessions.len() as u64;
    let session = format!(
        "{:016x}{:016x}",
        mix(state.options.seed, nth),
        mix(nth, 0x5e55)
    );
    sessions.insert(session.clone());
    Some(session)
}

pub(crate) fn log_out(state: &State, headers: &HeaderMap) {
    if let Some(session) = session(headers) {
        state.sessions().remove(session);
    }
}

pub(crate) fn bad_login() -> Refusal {
    Refusal {
        status: 401,
        code: 2000,
        text: "Bad Login/Password".into(),
        item: None,
    }
}

fn has_session(state: &State, headers: &HeaderMap) -> bool {
    session(headers).is_some_and(|session| state.sessions().contains(session))
}

fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    cookies
        .split(';')
        .find_map(|cookie| cookie.trim().strip_prefix("QualysSession="))
}

fn has_password(state: &State, headers: &HeaderMap) -> bool {
    let given = headers.get(AUTHORIZATION).and_then(|value| {
        let encoded = value.to_str().ok()?.strip_prefix("Basic ")?;
        String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()
    });
    given
        .as_deref()
        .and_then(|given| given.split_once(':'))
        .is_some_and(|(username, password)| is_right(state, username, password))
}

pub(crate) fn is_right(state: &State, username: &str, password: &str) -> bool {
    username == state.options.username && password == state.password
}
