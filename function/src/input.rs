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
            return Err(Problem::new(
                413,
                "body-too-large",
                "Body too large",
                detail,
            ));
        }
        text.extend_from_slice(&chunk);
    }
    if text.is_empty() {
        let detail = "the body is empty; send a JSON object";
        return Err(Problem::new(400, "empty-body", "Empty body", detail));
    }
    serde_json::from_slice(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let detail = match error.classify() {
            serde_json::error::Category::Data => format!(
                "the document is not what this door takes: {} at line {line} column {column}; \
                 docs/functions.md names its keys",
                named(&error.to_string())
            ),
            _ => format!(
                "the body is not sound JSON at line {line} column {column}; check how it was written"
            ),
        };
        Problem::new(400, "bad-document", "Not a document of this door", detail)
    })
}

/// What serde says of keys. Of values nothing is repeated: one may stand where a secret was put by
/// mistake.
fn named(said: &str) -> String {
    let of_keys = ["unknown field", "missing field", "duplicate field"];
    let kind = of_keys.iter().find(|kind| said.starts_with(*kind));
    match (kind, said.split('`').nth(1)) {
        (Some(kind), Some(key)) => format!("{kind} `{key}`"),
        _ => "a value of the wrong kind".to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_repeated() {
        assert_eq!(
            named("unknown field `fixd`, expected x"),
            "unknown field `fixd`"
        );
        let variant = "unknown variant `sesame`, expected `header` or `platform`";
        assert_eq!(named(variant), "a value of the wrong kind");
    }
}
