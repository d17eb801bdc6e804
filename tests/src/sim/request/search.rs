//! What a search of the portal asks for: how many rows, from which id on, and since when.
//!
//! Only as much of the language as a client needs that pages by id; anything else is refused, so
//! that a filter that was meant is never passed over.

use crate::sim::world::time::Timestamp;

/// The rows of a search.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Search {
    pub(crate) limit: u64,
    /// Ids above this one.
    pub(crate) above: u64,
    pub(crate) ids: Option<Vec<u64>>,
    /// Rows that changed after it.
    pub(crate) updated_after: Option<Timestamp>,
    /// Findings of web applications that were tested, or ignored, after that time.
    pub(crate) tested_after: Option<Timestamp>,
    pub(crate) ignored_after: Option<Timestamp>,
    pub(crate) is_verbose: bool,
}

impl Search {
    /// Of a body in XML; why it is refused otherwise.
    pub(crate) fn parse(body: &[u8]) -> Result<Search, String> {
        let text = std::str::from_utf8(body).map_err(|_| "the body is no text")?;
        if !text.trim().starts_with("<ServiceRequest") && !text.trim().starts_with("<?xml") {
            return Err("the body is no ServiceRequest".into());
        }
        let limit = match between(text, "<limitResults>", "</limitResults>") {
            Some(limit) => limit.trim().parse().map_err(|_| "limitResults is odd")?,
            None => 100,
        };
        if !(1..=1_000).contains(&limit) {
            return Err("limitResults must be from 1 to 1000".into());
        }
        let mut search = Search {
            limit,
            above: 0,
            ids: None,
            updated_after: None,
            tested_after: None,
            ignored_after: None,
            is_verbose: between(text, "<verbose>", "</verbose>") == Some("true"),
        };
        for criterion in text.split("<Criteria ").skip(1) {
            let field = between(criterion, "field=\"", "\"");
            let operator = between(criterion, "operator=\"", "\"");
            let value = between(criterion, ">", "</Criteria>").unwrap_or_default();
            let ids: Result<Vec<u64>, _> = value.split(',').map(|id| id.trim().parse()).collect();
            let time = Timestamp::parse(value.trim());
            match (field, operator, time) {
                (Some("lastTestedDate"), Some("GREATER"), Some(_)) => {
                    search.tested_after = time;
                    continue;
                }
                (Some("ignoredDate"), Some("GREATER"), Some(_)) => {
                    search.ignored_after = time;
                    continue;
                }
                _ => {}
            }
            match (field, operator, ids.ok().as_deref()) {
                (Some("id"), Some("GREATER"), Some([above])) => search.above = *above,
                (Some("id"), Some("EQUALS" | "IN"), Some(ids)) => search.ids = Some(ids.to_vec()),
                (Some("updated"), Some("GREATER"), None) => {
                    let since = Timestamp::parse(value).ok_or("`updated` wants a time")?;
                    search.updated_after = Some(since);
                }
                _ => return Err(format!("the criterion `{criterion:.60}` is not known")),
            }
        }
        Ok(search)
    }

    pub(crate) fn has_times(&self) -> bool {
        self.tested_after.is_some() || self.ignored_after.is_some()
    }

    pub(crate) fn selects(&self, id: u64) -> bool {
        id > self.above && self.ids.as_ref().is_none_or(|ids| ids.contains(&id))
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_ids_are_understood_and_nothing_is_passed_over() {
        let of = |inner: &str| {
            Search::parse(format!("<ServiceRequest>{inner}</ServiceRequest>").as_bytes())
        };
        let criterion = |field, operator, value| {
            of(&format!(
                "<filters><Criteria field=\"{field}\" operator=\"{operator}\">{value}</Criteria></filters>"
            ))
        };
        assert_eq!(of("").unwrap().limit, 100);
        assert!(criterion("id", "GREATER", "7").unwrap().selects(8));
        assert!(!criterion("id", "GREATER", "7").unwrap().selects(7));
        assert!(!criterion("id", "IN", "1,2").unwrap().selects(3));
        let since = criterion("updated", "GREATER", "2026-11-01T12:00:00Z").unwrap();
        assert_eq!(since.updated_after.unwrap().0, 1_793_534_400);
        assert!(criterion("updated", "GREATER", "yesterday").is_err());
        assert!(criterion("name", "EQUALS", "x").is_err());
        let tested = criterion("lastTestedDate", "GREATER", "2026-11-01T00:00:00Z").unwrap();
        assert!(tested.has_times() && !tested.is_verbose);
        assert!(criterion("ignoredDate", "GREATER", "yesterday").is_err());
        assert!(criterion("lastTestedDate", "LESSER", "2026-11-01").is_err());
        assert!(of("<preferences><limitResults>1001</limitResults></preferences>").is_err());
    }
}
