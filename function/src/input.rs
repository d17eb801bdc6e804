//! Bodies that are read as a whole: JSON, of a length that is bounded.

use crate::{
    problem::Problem,
    world::{Broken, Input},
};

/// Reads a JSON document, or says what is wrong with it.
pub fn json<T: serde::de::DeserializeOwned>(body: &mut dyn Input) -> Result<T, Problem> {
    let mut text = Vec::new();
    while let Some(chunk) = body.read().map_err(broken)? {
        if text.len() + chunk.len() > MOST_BYTES {
            let detail = format!(
                "the body is longer than {} MiB; a work list and settings are shorter",
                MOST_BYTES >> 20
            );
            return Err(Problem::new(413, "body-too-large", "Body too large", detail));
        }
        text.extend_from_slice(&chunk);
    }
    if text.is_empty() {
        let detail = "the body is empty; send a JSON object";
        return Err(Problem::new(400, "empty-body", "Empty body", detail));
    }
    serde_json::from_slice(&text).map_err(|error| {
        // The words of serde name keys and kinds of values, and texts of the body: only the place
        // is told, since a body may hold what nobody should read.
        let detail = match error.classify() {
            serde_json::error::Category::Data => {
                let key = error.to_string();
                let key = key.split('`').nth(1).unwrap_or_default().to_owned();
                format!(
                    "the document is not what this door takes, near line {} column {} (`{key}`); \
                     docs/functions.md names its keys",
                    error.line(),
                    error.column()
                )
            }
            _ => format!(
                "the body is not sound JSON at line {} column {}; check how it was written",
                error.line(),
                error.column()
            ),
        };
        Problem::new(400, "bad-document", "Not a document of this door", detail)
    })
}

/// Why a body that is read as a whole did not come to its end.
pub fn broken(broken: Broken) -> Problem {
    let why = match broken {
        Broken::Cut(why) => why,
        Broken::TimedOut => "it took too long".to_owned(),
    };
    let detail = format!("the body broke off: {why}; send it again");
    Problem::new(400, "cut-off", "Body broke off", detail)
}

/// Work lists of the largest subscriptions are some MiB.
const MOST_BYTES: usize = 16 << 20;
