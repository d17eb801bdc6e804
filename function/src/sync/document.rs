//! What a caller of `/v1/sync` sends, and all that can be wrong with it.

use qonduit_component::contract::plan::History;
use qonduit_component::{plan, time};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ids, work::Work};
use crate::problem::Problem;

/// The body of a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// Where Qualys' API answers.
    pub(super) api: String,
    /// Where the newer APIs answer, for what asks them.
    pub(super) gateway: Option<String>,
    /// For a simulator, and for a proxy that speaks TLS by itself.
    #[serde(default)]
    pub(super) allow_http: bool,
    #[serde(default)]
    pub(super) credentials: From,
    pub(super) settings: Option<Box<RawValue>>,
    #[serde(default)]
    pub(super) budget: Budget,
    /// What an earlier request left.
    pub(super) work: Option<Work>,
    /// What the run that was complete last told, for one that asks for what changed since.
    #[serde(default)]
    pub(super) history: Past,
    /// QIDs whose entries the caller has.
    #[serde(default)]
    pub(super) known_qids: String,
}

/// Who brings the credentials.
#[derive(Clone, Copy, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum From {
    #[default]
    Header,
    Platform,
}

/// How much one request may take.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Budget {
    pub(super) seconds: u32,
    pub(super) calls: u32,
}

impl Default for Budget {
    /// What platforms grant a request, less a little.
    fn default() -> Self {
        Self {
            seconds: 50,
            calls: 1_000,
        }
    }
}

/// Times of earlier runs.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Past {
    watermark: Option<String>,
    last_full: Option<String>,
}

/// A server, as its address says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Origin {
    pub(super) is_secure: bool,
    pub(super) authority: String,
}

impl Document {
    /// As text, for the component.
    pub(super) fn settings(&self) -> &str {
        self.settings.as_ref().map_or("{}", |it| it.get())
    }

    /// All mistakes, each a sentence that names the key.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let mut mistakes = plan::check_settings(self.settings())
            .err()
            .unwrap_or_default();
        for mistake in &mut mistakes {
            mistake.insert_str(0, "settings: ");
        }
        mistakes.extend(self.origin("api", &self.api).err());
        let gateway = self.gateway.as_ref();
        mistakes.extend(gateway.and_then(|gateway| self.origin("gateway", gateway).err()));
        if !(1..=MOST_SECONDS).contains(&self.budget.seconds) {
            mistakes.push(format!("budget.seconds: a number from 1 to {MOST_SECONDS}"));
        }
        if self.budget.calls == 0 {
            mistakes.push("budget.calls: at least 1, or nothing can be done".to_owned());
        }
        let (watermark, last_full) = (&self.history.watermark, &self.history.last_full);
        for (key, text) in [("watermark", watermark), ("last_full", last_full)] {
            if text
                .as_ref()
                .is_some_and(|text| time::parse(text).is_none())
            {
                mistakes.push(format!(
                    "history.{key}: a time such as 2026-11-20T08:00:00Z"
                ));
            }
        }
        if ids::read(&self.known_qids).is_none() {
            mistakes.push("known_qids: numbers such as `1-100,105`".to_owned());
        }
        mistakes
    }

    /// The addresses, once there are no mistakes.
    pub(super) fn origins(&self) -> (Origin, Option<Origin>) {
        let sound = |key, address| self.origin(key, address).expect("mistakes were looked for");
        let gateway = self.gateway.as_deref();
        (
            sound("api", &self.api),
            gateway.map(|it| sound("gateway", it)),
        )
    }

    pub(super) fn history(&self) -> History {
        let read = |text: &Option<String>| text.as_ref().and_then(time::parse);
        History {
            watermark: read(&self.history.watermark),
            last_full: read(&self.history.last_full),
        }
    }

    /// What does not fit the work list that came along.
    pub(super) fn conflict(&self, work: &Work, now: i64) -> Result<(), Problem> {
        let (kind, what) = if !work.is_sound() {
            (
                "work-unknown",
                "the work list is none that this version wrote",
            )
        } else if work.api != self.api.trim_end_matches('/') {
            (
                "work-differs",
                "the work list is of another address than `api`",
            )
        } else if work.fetched_by != plan::fetched_by(self.settings()) {
            ("work-differs", "the work list is of other settings")
        } else if now.saturating_sub(work.started) > TOO_OLD_SECS {
            (
                "work-too-old",
                "the work list is more than a day old, and what it lists may be gone",
            )
        } else {
            return Ok(());
        };
        let detail = format!("{what}; begin anew by leaving `work` out");
        Err(Problem::new(
            409,
            kind,
            "Work list cannot be gone on with",
            detail,
        ))
    }

    fn origin(&self, key: &str, address: &str) -> Result<Origin, String> {
        let wrong = |why: &str| Err(format!("{key}: {why}"));
        let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
        let authority = rest.trim_end_matches('/');
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
        if authority.is_empty() || !authority.bytes().all(is_host) {
            return wrong("an address such as https://qualysapi.qualys.com, without path and user");
        }
        let is_secure = match scheme {
            "https" => true,
            "http" if self.allow_http => false,
            "http" => {
                return wrong("has to be https, as a password goes there; `allow_http` lifts that");
            }
            _ => return wrong("has to begin with https://"),
        };
        Ok(Origin {
            is_secure,
            authority: authority.to_owned(),
        })
    }
}

const MOST_SECONDS: u32 = 3_600;
const TOO_OLD_SECS: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let document: Document = serde_json::from_str(text).unwrap();
        assert_eq!(document.mistakes(), expected);
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        check(r#"{"api": "https://qualysapi.qualys.com/"}"#, &[]);
        check(
            r#"{"api": "http://q.example", "gateway": "https://name:word@q.example",
                "settings": {"fixd": false}, "budget": {"seconds": 0, "calls": 0},
                "history": {"watermark": "yesterday"}, "known_qids": "1-"}"#,
            &[
                "settings: `fixd` is no setting; did you mean `fixed`?",
                "api: has to be https, as a password goes there; `allow_http` lifts that",
                "gateway: an address such as https://qualysapi.qualys.com, without path and user",
                "budget.seconds: a number from 1 to 3600",
                "budget.calls: at least 1, or nothing can be done",
                "history.watermark: a time such as 2026-11-20T08:00:00Z",
                "known_qids: numbers such as `1-100,105`",
            ],
        );
        check(
            r#"{"api": "http://127.0.0.1:8765", "allow_http": true}"#,
            &[],
        );
        check(
            r#"{"api": "ftp://q.example"}"#,
            &["api: has to begin with https://"],
        );
    }
}
