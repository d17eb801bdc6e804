//! Errors as documents (RFC 9457): what happened, and after a semicolon what to do next.
//!
//! A problem never repeats a header or a body of the request, so it cannot hold a secret.

use serde::Serialize;

use crate::world::{Answer, Gone};

/// Why there is no answer, or only a part of one.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    /// The HTTP status, also where it could not be sent any more.
    pub status: u16,
    /// For people.
    pub detail: String,
    /// Where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<String>,
    /// The code that Qualys gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    qualys_code: Option<u32>,
    #[serde(skip)]
    allow: Option<&'static str>,
}

impl Problem {
    /// Its last word names the kind and never changes.
    pub fn new(status: u16, kind: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:qonduit:problem:{kind}"),
            title,
            status,
            detail: detail.into(),
            errors: Vec::new(),
            qualys_code: None,
            allow: None,
        }
    }

    /// With all mistakes.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<String>) -> Self {
        self.errors = errors;
        self
    }

    /// With the code that Qualys gave.
    #[must_use]
    pub fn with_code(mut self, code: Option<u32>) -> Self {
        self.qualys_code = code;
        self
    }

    /// With the methods that are known.
    #[must_use]
    pub fn allowing(mut self, methods: &'static str) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Sends it as the whole answer.
    pub fn send(&self, answer: &mut dyn Answer) -> Result<(), Gone> {
        let body = serde_json::to_vec(self).expect("a problem is plain text");
        let length = body.len().to_string();
        let mut headers = vec![
            ("content-type", "application/problem+json"),
            ("content-length", length.as_str()),
        ];
        headers.extend(self.allow.map(|methods| ("allow", methods)));
        if self.status == 401 {
            headers.push(("www-authenticate", "Basic realm=\"Qualys\""));
        }
        answer.send(self.status, &headers, &body)
    }
}
