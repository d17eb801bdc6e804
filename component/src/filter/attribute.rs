//! Names such as `@qualys.last_boot`: what a source sent and no field holds. Which names there are
//! is the source's, so any name is legal, and one that nobody knows has no value.

use super::closest::closest;
use super::field::SOURCES;
use super::parser::{problem, shown};
use crate::contract::filter::Problem;

/// The source and the name of an attribute, where terms name one.
pub fn split(field: &str) -> Option<(&str, &str)> {
    field.strip_prefix('@')?.split_once('.')
}

/// The name as terms have it, in lower case; nothing for the name of a field.
pub(super) fn read(name: &str, at: usize) -> Result<Option<String>, Problem> {
    let Some(rest) = name.strip_prefix('@') else {
        return Ok(None);
    };
    let (source, attribute) = rest.split_once('.').unwrap_or((rest, ""));
    let written = source.to_ascii_lowercase();
    if !SOURCES.contains(&written.as_str()) {
        let known: Vec<String> = SOURCES.iter().map(|it| format!("`@{it}.NAME`")).collect();
        let message = format!(
            "`@{}` is no source; attributes are asked for as {}",
            shown(source),
            known.join(", ")
        );
        let meant = closest(&written, SOURCES.iter().copied());
        return Err(problem(
            at,
            message,
            meant.map(|source| format!("@{source}.{attribute}")),
        ));
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if attribute.is_empty() {
        let message = format!("the name of an attribute is missing after `@{written}.`");
        return Err(problem(at, message, None));
    }
    if attribute.len() > MOST_BYTES || !attribute.bytes().all(is_name) {
        let message = format!(
            "`{}` is no name of an attribute: letters, digits, `_`, `-` and `.`, at most {MOST_BYTES}",
            shown(attribute)
        );
        return Err(problem(at, message, None));
    }
    Ok(Some(format!(
        "@{written}.{}",
        attribute.to_ascii_lowercase()
    )))
}

const MOST_BYTES: usize = 128;
