//! Which rows of a dataset a batch is about, as the text that callers store and hand back.
//!
//! The text may come back tampered with. What a dataset has no batches for is no scope of it:
//! detections of all hosts in one answer, for one, would be an answer without end.

use std::fmt;

use super::id_set::IdSet;
use crate::contract::types::{Dataset, Timestamp};
use crate::cve;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// Every row, from the lowest id on.
    All,
    /// Every row from this id on.
    From(u64),
    /// The rows with these ids.
    Ids(IdSet),
    /// The CVEs with these numbers, see `cve`.
    Cves(IdSet),
    /// Hosts or findings of web applications by what happened to them lately, from this id on.
    Lately {
        what: Lately,
        since: Timestamp,
        from: Option<u64>,
    },
    /// Entries of the knowledge base, or scores of CVEs, that changed after this time.
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
    /// Only text that was written here, and only of a kind that the dataset has batches for.
    pub(crate) fn parse(dataset: Dataset, text: &str) -> Option<Self> {
        let scope = Self::read(text)?;
        (scope.is_of(dataset) && scope.to_string() == text).then_some(scope)
    }

    /// Rows that are named one by one, in the way in which the dataset names them.
    pub(crate) fn naming(dataset: Dataset, ids: IdSet) -> Self {
        if dataset == Dataset::CveScores {
            Self::Cves(ids)
        } else {
            Self::Ids(ids)
        }
    }

    fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::All);
        }
        if text.starts_with(cve::PREFIX) {
            let numbers: Option<Vec<u64>> = text.split(',').map(cve::number).collect();
            return IdSet::of(numbers?).map(Self::Cves);
        }
        let Some((word, rest)) = text.split_once(':') else {
            return IdSet::parse(text).map(Self::Ids);
        };
        match word {
            FROM => Some(Self::From(rest.parse().ok()?)),
            MODIFIED => Some(Self::ModifiedSince(rest.parse().ok()?)),
            _ => Self::lately(word, rest),
        }
    }

    fn lately(word: &str, rest: &str) -> Option<Self> {
        let known = Lately::ALL.iter().find(|(_, known)| *known == word);
        let what = known.map(|(case, _)| *case)?;
        let (since, from) = match rest.split_once(';') {
            Some((since, from)) => {
                let from = from.strip_prefix(FROM)?.strip_prefix(':')?;
                (since, Some(from.parse().ok()?))
            }
            None => (rest, None),
        };
        let since = since.parse().ok()?;
        Some(Self::Lately { what, since, from })
    }

    fn is_of(&self, dataset: Dataset) -> bool {
        match self {
            Self::All | Self::From(_) => is_walked(dataset),
            Self::Ids(_) => matches!(
                dataset,
                Dataset::Hosts | Dataset::Detections | Dataset::KnowledgeBase
            ),
            Self::Cves(_) => dataset == Dataset::CveScores,
            Self::Lately { what, .. } => what.is_of(dataset),
            Self::ModifiedSince(_) => {
                matches!(dataset, Dataset::KnowledgeBase | Dataset::CveScores)
            }
        }
    }

    /// The ids that the scope names; a walk names none.
    pub(crate) fn ids(&self) -> Option<&IdSet> {
        match self {
            Self::Ids(ids) | Self::Cves(ids) => Some(ids),
            Self::All | Self::From(_) | Self::Lately { .. } | Self::ModifiedSince(_) => None,
        }
    }

    /// What is left of the scope from `id_min` on, if that leads onward at all.
    pub(crate) fn rest(&self, id_min: u64) -> Result<Option<Self>, NoProgress> {
        let lowest = match self {
            Self::All => 0,
            Self::From(id) => *id,
            Self::Ids(ids) | Self::Cves(ids) => ids.lowest(),
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
            // A link speaks of other numbers than these.
            Self::Cves(_) => return Err(NoProgress),
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
            Self::From(id) => write!(f, "{FROM}:{id}"),
            Self::Ids(ids) => ids.fmt(f),
            Self::Cves(ids) => f.write_str(&cve::names(ids.ids())),
            Self::Lately { what, since, from } => {
                write!(f, "{}:{since}", what.word())?;
                from.map_or(Ok(()), |id| write!(f, ";{FROM}:{id}"))
            }
            Self::ModifiedSince(time) => write!(f, "{MODIFIED}:{time}"),
        }
    }
}

/// The next page would begin where this one did, or before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NoProgress;

/// Whether its rows come page by page, in the order of their ids.
fn is_walked(dataset: Dataset) -> bool {
    match dataset {
        Dataset::AssetGroups
        | Dataset::HostIds
        | Dataset::Tags
        | Dataset::HostAssets
        | Dataset::AssetView
        | Dataset::WebApps
        | Dataset::WebAppFindings => true,
        Dataset::ChangedHostIds
        | Dataset::Hosts
        | Dataset::Detections
        | Dataset::KnowledgeBase
        | Dataset::CveScores => false,
    }
}

const FROM: &str = "from";
const MODIFIED: &str = "modified";

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
    fn scores_are_asked_for_by_cve_or_by_what_changed() {
        let dataset = Dataset::CveScores;
        check(dataset, "CVE-2021-44228", true);
        check(dataset, "CVE-2021-0001,CVE-2021-0002,CVE-2021-44228", true);
        check(dataset, "modified:1790000000", true);
        for odd in [
            "",
            "from:1",
            "1-5",
            "CVE-2021-44228,",
            "CVE-2021-0002,CVE-2021-0001",
            "CVE-2021-0001,CVE-2021-0001",
            "CVE-2021-0001&details=x",
            "CVE-2021-1",
            "cve-2021-44228",
        ] {
            check(dataset, odd, false);
        }
        check(Dataset::KnowledgeBase, "CVE-2021-44228", false);
        let scope = Scope::parse(dataset, "CVE-2021-44228").unwrap();
        assert_eq!(scope.rest(u64::MAX), Err(NoProgress));
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
