//! Which rows of a dataset a batch is about, as the text that callers store and hand back.
//!
//! The text may come back tampered with. What a dataset has no batches for is no scope of it:
//! detections of all hosts in one answer, for one, would be an answer without end.

use std::fmt;

use super::id_set::IdSet;
use crate::contract::types::{Dataset, Timestamp};

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// Every row, from the lowest id on.
    All,
    /// Every row from this id on.
    From(u64),
    /// The rows with these ids.
    Ids(IdSet),
    /// Hosts or findings of web applications by what happened to them lately, from this id on.
    Lately {
        what: Lately,
        since: Timestamp,
        from: Option<u64>,
    },
    /// Entries of the knowledge base that changed after this time.
    ModifiedSince(Timestamp),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lately {
    /// Hosts.
    Processed,
    Scanned,
    /// As the portal and the gateway see it: whatever changed of the asset.
    Updated,
    /// Findings of web applications.
    Tested,
    Ignored,
}

impl Lately {
    const ALL: [(Self, &str); 5] = [
        (Self::Processed, "processed"),
        (Self::Scanned, "scanned"),
        (Self::Updated, "updated"),
        (Self::Tested, "tested"),
        (Self::Ignored, "ignored"),
    ];

    fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(case, _)| *case == self);
        known.expect("every case has a word").1
    }

    fn is_of(self, dataset: Dataset) -> bool {
        match self {
            Self::Processed | Self::Scanned => dataset == Dataset::ChangedHostIds,
            Self::Updated => matches!(dataset, Dataset::HostAssets | Dataset::AssetView),
            Self::Tested | Self::Ignored => dataset == Dataset::WebAppFindings,
        }
    }
}

impl Scope {
    pub(crate) fn parse(dataset: Dataset, text: &str) -> Option<Self> {
        match dataset {
            Dataset::AssetGroups
            | Dataset::HostIds
            | Dataset::Tags
            | Dataset::HostAssets
            | Dataset::AssetView
            | Dataset::WebApps
            | Dataset::WebAppFindings
                if text.is_empty() =>
            {
                Some(Self::All)
            }
            Dataset::HostAssets | Dataset::AssetView | Dataset::WebAppFindings
                if !text.starts_with(FROM) =>
            {
                Self::lately(dataset, text)
            }
            Dataset::AssetGroups
            | Dataset::HostIds
            | Dataset::Tags
            | Dataset::HostAssets
            | Dataset::AssetView
            | Dataset::WebApps
            | Dataset::WebAppFindings => {
                let from = Self::From(text.strip_prefix(FROM)?.parse().ok()?);
                Some(from).filter(|scope| scope.to_string() == text)
            }
            Dataset::ChangedHostIds => Self::lately(dataset, text),
            Dataset::KnowledgeBase if text.starts_with(MODIFIED) => {
                let since = Self::ModifiedSince(text.strip_prefix(MODIFIED)?.parse().ok()?);
                Some(since).filter(|scope| scope.to_string() == text)
            }
            Dataset::Hosts | Dataset::Detections | Dataset::KnowledgeBase => {
                IdSet::parse(text).map(Self::Ids)
            }
        }
    }

    fn lately(dataset: Dataset, text: &str) -> Option<Self> {
        let (what, rest) = text.split_once(':')?;
        let known = Lately::ALL.iter().find(|(_, word)| *word == what);
        let what = known.map(|(case, _)| *case)?;
        let (since, from) = match rest.split_once(';') {
            Some((since, from)) => (since, Some(from.strip_prefix(FROM)?.parse().ok()?)),
            None => (rest, None),
        };
        let since = since.parse().ok()?;
        let scope = Self::Lately { what, since, from };
        (what.is_of(dataset) && scope.to_string() == text).then_some(scope)
    }

    /// The ids that the scope names; a walk names none.
    pub(crate) fn ids(&self) -> Option<&IdSet> {
        match self {
            Self::Ids(ids) => Some(ids),
            Self::All | Self::From(_) | Self::Lately { .. } | Self::ModifiedSince(_) => None,
        }
    }

    /// What is left of the scope from `id_min` on, if that leads onward at all.
    pub(crate) fn rest(&self, id_min: u64) -> Result<Option<Self>, NoProgress> {
        let lowest = match self {
            Self::All => 0,
            Self::From(id) => *id,
            Self::Ids(ids) => ids.lowest(),
            Self::Lately { from, .. } => from.unwrap_or(0),
            // One answer holds them all, so there is no way on.
            Self::ModifiedSince(_) => return Err(NoProgress),
        };
        if id_min <= lowest {
            return Err(NoProgress);
        }
        Ok(match self {
            Self::All | Self::From(_) => Some(Self::From(id_min)),
            Self::Ids(ids) => ids.from(id_min).map(Self::Ids),
            Self::Lately { what, since, .. } => Some(Self::Lately {
                what: *what,
                since: *since,
                from: Some(id_min),
            }),
            Self::ModifiedSince(_) => None,
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::From(id) => write!(f, "{FROM}{id}"),
            Self::Ids(ids) => ids.fmt(f),
            Self::Lately { what, since, from } => {
                write!(f, "{}:{since}", what.word())?;
                from.map_or(Ok(()), |id| write!(f, ";{FROM}{id}"))
            }
            Self::ModifiedSince(time) => write!(f, "{MODIFIED}{time}"),
        }
    }
}

/// The next page would begin where this one did, or before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NoProgress;

const FROM: &str = "from:";
const MODIFIED: &str = "modified:";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dataset: Dataset, text: &str, is_scope: bool) {
        let scope = Scope::parse(dataset, text);
        assert_eq!(scope.is_some(), is_scope, "{text}");
        if let Some(scope) = scope {
            assert_eq!(scope.to_string(), text);
        }
    }

    #[test]
    fn lists_that_are_walked_have_a_cursor_and_no_ids() {
        check(Dataset::HostIds, "", true);
        check(Dataset::HostIds, "from:17", true);
        check(Dataset::AssetGroups, "from:18446744073709551615", true);
        check(Dataset::HostIds, "1-5", false);
        check(Dataset::HostIds, "from:", false);
        check(Dataset::HostIds, "from:+1", false);
        check(Dataset::HostIds, "from:01", false);
        check(Dataset::HostIds, " ", false);
    }

    #[test]
    fn nothing_asks_for_the_detections_of_all_hosts_at_once() {
        check(Dataset::Detections, "1-5", true);
        check(Dataset::Detections, "", false);
        check(Dataset::Hosts, "from:1", false);
        check(Dataset::KnowledgeBase, "", false);
    }

    #[test]
    fn a_window_has_a_time_and_perhaps_a_cursor() {
        check(Dataset::ChangedHostIds, "processed:1790000000", true);
        check(Dataset::ChangedHostIds, "scanned:1790000000;from:17", true);
        check(Dataset::ChangedHostIds, "", false);
        check(Dataset::ChangedHostIds, "from:17", false);
        check(Dataset::ChangedHostIds, "scanned:+5", false);
        check(Dataset::ChangedHostIds, "processed:5;17", false);
        check(Dataset::HostIds, "processed:1790000000", false);
        check(Dataset::ChangedHostIds, "updated:1790000000", false);
        check(Dataset::AssetView, "updated:1790000000", true);
        check(Dataset::AssetView, "updated:1790000000;from:17", true);
        check(Dataset::AssetView, "from:17", true);
        check(Dataset::AssetView, "", true);
        check(Dataset::AssetView, "processed:1790000000", false);
        check(Dataset::AssetView, "1-5", false);
        check(Dataset::ChangedHostIds, "tested:1790000000", false);
        check(Dataset::WebAppFindings, "tested:1790000000;from:17", true);
        check(Dataset::WebAppFindings, "ignored:1790000000", true);
        check(Dataset::WebAppFindings, "scanned:1790000000", false);
        check(Dataset::WebAppFindings, "from:17", true);
        check(Dataset::WebAppFindings, "1-5", false);
        check(Dataset::WebApps, "tested:1790000000", false);
        check(Dataset::KnowledgeBase, "modified:1790000000", true);
        check(Dataset::KnowledgeBase, "modified:", false);
        check(Dataset::Detections, "modified:1790000000", false);
    }

    #[test]
    fn host_assets_are_walked_whole_or_by_what_was_updated() {
        check(Dataset::HostAssets, "", true);
        check(Dataset::HostAssets, "from:17", true);
        check(Dataset::HostAssets, "updated:1790000000", true);
        check(Dataset::HostAssets, "updated:1790000000;from:17", true);
        check(Dataset::HostAssets, "processed:1790000000", false);
        check(Dataset::HostAssets, "1-5", false);
        check(Dataset::ChangedHostIds, "updated:1790000000", false);
        check(Dataset::Tags, "updated:1790000000", false);
    }

    #[test]
    fn a_window_goes_on_where_its_page_ended() {
        let window = Scope::parse(Dataset::ChangedHostIds, "processed:5").unwrap();
        let rest = window.rest(9).unwrap().unwrap();
        assert_eq!(rest.to_string(), "processed:5;from:9");
        assert_eq!(rest.rest(9), Err(NoProgress));
    }

    #[test]
    fn the_rest_leads_onward_or_not_at_all() {
        let ids = Scope::parse(Dataset::Hosts, "5-7,20").unwrap();
        assert_eq!(ids.rest(5), Err(NoProgress));
        assert_eq!(ids.rest(8).unwrap().unwrap().to_string(), "20");
        assert_eq!(ids.rest(21), Ok(None));
        assert_eq!(Scope::All.rest(0), Err(NoProgress));
        assert_eq!(Scope::All.rest(9), Ok(Some(Scope::From(9))));
        assert_eq!(Scope::From(9).rest(9), Err(NoProgress));
    }
}
