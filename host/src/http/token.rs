//! The token that the gateway wants: how long one is used, and when there will be none.
//!
//! Sends nothing and reads no clock. A token is looked into for its time alone and never verified:
//! that is for the gateway to do. It is kept in memory for as long as the process lives, and nowhere
//! else.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use tokio::sync::{Mutex, MutexGuard};

use crate::{config::Gateway, guest::types::Timestamp, secrets::Secret};

/// The gateway, and the token that is in use.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) gateway: Gateway,
    /// Locked while a token is asked for, so that calls at once ask for one alone.
    kept: Mutex<Kept>,
}

#[derive(Debug)]
pub(super) enum Kept {
    Nothing,
    Token(Token),
    /// With this status. Not asked again: repeated failures lock the account.
    Refused(u16),
}

/// A token, and when to ask for another one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) secret: Secret,
    refresh_at: Timestamp,
}

impl Keeper {
    pub(super) fn new(gateway: Gateway) -> Self {
        Self {
            gateway,
            kept: Mutex::new(Kept::Nothing),
        }
    }

    pub(super) async fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().await
    }
}

impl Kept {
    /// The token that may still be used, if it is not the one that was refused.
    pub(super) fn usable(&self, refused: Option<&Token>, now: Timestamp) -> Option<Token> {
        match self {
            Self::Token(token) if refused != Some(token) && now < token.refresh_at => {
                Some(token.clone())
            }
            Self::Token(_) | Self::Nothing | Self::Refused(_) => None,
        }
    }
}

impl Token {
    /// Of the body of an answer that came at this time; `None` when it is no token.
    pub(super) fn read(body: &[u8], now: Timestamp) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?.trim();
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
        let parts: Vec<&str> = text.split('.').collect();
        let [_, claims, _] = parts[..] else {
            return None;
        };
        let is_part = |part: &&str| !part.is_empty() && part.bytes().all(is_letter);
        if !parts.iter().all(is_part) {
            return None;
        }
        Some(Self {
            secret: Secret::new(text.to_owned()),
            refresh_at: refresh_at(ends(claims), now),
        })
    }
}

/// Whether a status says that another try with the same credentials is of no use.
pub(super) fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && ![408, 425, 429].contains(&status)
}

/// Early enough that the token holds out for a call. A token whose end is unknown, or that seems
/// to have ended as our clock is wrong, is used for a while.
fn refresh_at(ends: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match ends.map(|ends| ends.saturating_sub(now)) {
        Some(lasts @ 1..=LONGEST_SECS) => now + lasts - (lasts / 10).clamp(1, EARLY_SECS),
        _ => now.saturating_add(UNKNOWN_SECS),
    }
}

/// When the token ends by its own words.
fn ends(claims: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let json = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&json).ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast of a float saturates"
    )]
    Some(claims.exp as Timestamp)
}

/// Qualys' tokens last four hours.
const EARLY_SECS: i64 = 600;
const UNKNOWN_SECS: i64 = 900;
const LONGEST_SECS: i64 = 86_400;
/// With all permissions in it, a token has some thousand bytes.
pub(super) const MOST_BYTES: u64 = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("aGVhZGVy.{}.c2lnbg", URL_SAFE_NO_PAD.encode(claims))
    }

    #[track_caller]
    fn check(claims: &str, expected: Timestamp) {
        let body = format!(" {}\n", token(claims));
        let token = Token::read(body.as_bytes(), 1_000_000).expect("is a token");
        assert_eq!(token.refresh_at, expected, "{claims}");
        assert_eq!(token.secret.expose(), body.trim());
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        check(r#"{"exp": 1014400, "sub": "me"}"#, 1_013_800);
        check(r#"{"exp": 1000100}"#, 1_000_090);
        check(r#"{"exp": 1000005.5}"#, 1_000_004);
    }

    #[test]
    fn a_token_whose_end_cannot_be_is_used_for_a_while() {
        for claims in [
            "{}",
            "no json",
            r#"{"exp": 999}"#,
            r#"{"exp": 1e30}"#,
            "{\"exp\": null}",
        ] {
            check(claims, 1_000_900);
        }
    }

    #[test]
    fn what_is_no_token_is_not_taken_for_one() {
        for body in [
            "",
            "a.b",
            "a..c",
            "a.b.c.d",
            "<html>a.b.c</html>",
            "{\"token\": \"a.b.c\"}",
            "a.b.c d",
        ] {
            assert_eq!(Token::read(body.as_bytes(), 0), None, "{body}");
        }
        assert_eq!(Token::read(b"\xff.a.b", 0), None);
    }

    #[test]
    fn a_token_that_was_refused_or_is_old_is_not_used() {
        let text = token(r#"{"exp": 1000100}"#);
        let token = Token::read(text.as_bytes(), 1_000_000).expect("is a token");
        let kept = Kept::Token(token.clone());
        assert_eq!(kept.usable(None, 1_000_089), Some(token.clone()));
        assert_eq!(kept.usable(None, 1_000_090), None);
        assert_eq!(kept.usable(Some(&token), 1_000_001), None);
        assert_eq!(Kept::Refused(401).usable(None, 0), None);
    }

    #[test]
    fn credentials_that_are_wrong_stay_wrong() {
        assert!([400, 401, 403, 404].into_iter().all(is_final));
        assert!(![200, 302, 408, 429, 500, 503].into_iter().any(is_final));
    }
}
