//! Names such as `@qualys.last_boot`: what a source sent and no field holds. Which names there are
//! is the source's, and which sources there are the inventory's; so any name is legal, and one that
//! nobody knows has no value.

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
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let meant = closest(&written, SOURCES.iter().copied()).filter(|meant| **meant != written);
    let is_source = !written.is_empty() && written.bytes().all(is_name);
    // People name their imports as they like, but hardly so.
    if !is_source || meant.is_some() {
        let message = format!(
            "`@{}` is no source; attributes are asked for as `@qualys.NAME`",
            shown(source)
        );
        return Err(problem(
            at,
            message,
            meant.map(|source| format!("@{source}.{attribute}")),
        ));
    }
    if attribute.is_empty() {
        let message = format!("the name of an attribute is missing after `@{written}.`");
        return Err(problem(at, message, None));
    }
    // Cloud tags and the like have any signs in their names.
    if attribute.len() > MOST_BYTES || attribute.chars().any(char::is_control) {
        let message = format!(
            "`{}` is no name of an attribute, which has {MOST_BYTES} bytes at most",
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
