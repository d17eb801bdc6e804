//! What is asked of the gateway: pages of a list, behind the last number that was seen.
//!
//! `search` is the only action in this file, and it is part of the path: nothing here can change a
//! subscription. Whole assets are asked for, though little of them is read: which names the list of
//! wanted fields takes is not settled, and a wrong one would empty the numbers that assets are
//! known by.

use super::scope::{Lately, Scope};
use crate::contract::plan::{Body, Document, Request, Service};
use crate::time;

/// The request for the rows in `scope`, or one that selects nothing when there is no scope.
pub(super) fn request(scope: Option<&Scope>, page_size: u32) -> Request {
    let page_size = page_size.clamp(1, LARGEST_PAGE);
    let (page_size, behind, since) = match scope {
        Some(Scope::All) => (page_size, 0, None),
        Some(Scope::From(id)) => (page_size, behind(*id), None),
        Some(Scope::Lately {
            what: Lately::Updated,
            since,
            from,
        }) => (page_size, from.map_or(0, behind), Some(*since)),
        // No list of the gateway has such a scope.
        Some(Scope::Ids(_) | Scope::Cves(_) | Scope::Lately { .. } | Scope::ModifiedSince(_))
        | None => (1, HIGHEST, None),
    };
    let mut query = vec![
        ("pageSize".to_owned(), page_size.to_string()),
        ("lastSeenAssetId".to_owned(), behind.to_string()),
    ];
    query.extend(since.map(|time| ("assetLastUpdated".to_owned(), time::format(time))));
    Request {
        service: Service::Gateway,
        path: "/rest/2.0/search/am/asset".to_owned(),
        query,
        body: Body::Document(Document {
            content_type: "application/json".to_owned(),
            // No filter.
            text: "{}".to_owned(),
        }),
        accept: "application/json".to_owned(),
    }
}

fn behind(id: u64) -> u64 {
    id.saturating_sub(1)
}

/// A page of more is refused.
const LARGEST_PAGE: u32 = 300;
/// Nothing lies behind it.
const HIGHEST: u64 = i64::MAX as u64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::types::Dataset;

    #[track_caller]
    fn check(scope: Option<&str>, query: &str) {
        let scope = scope.map(|text| Scope::parse(Dataset::AssetView, text).unwrap());
        let request = request(scope.as_ref(), 5_000);
        assert_eq!(request.service, Service::Gateway);
        assert_eq!(request.path, "/rest/2.0/search/am/asset");
        let pairs = request.query.iter();
        let written: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(written.join("&"), query);
    }

    #[test]
    fn pages_begin_behind_an_asset() {
        check(Some(""), "pageSize=300&lastSeenAssetId=0");
        check(Some("from:17"), "pageSize=300&lastSeenAssetId=16");
    }

    #[test]
    fn what_changed_is_asked_for_by_its_time() {
        check(
            Some("updated:1790000000"),
            "pageSize=300&lastSeenAssetId=0&assetLastUpdated=2026-09-21T14:13:20Z",
        );
        check(
            Some("updated:1790000000;from:17"),
            "pageSize=300&lastSeenAssetId=16&assetLastUpdated=2026-09-21T14:13:20Z",
        );
    }

    #[test]
    fn without_a_scope_nothing_is_selected() {
        check(None, "pageSize=1&lastSeenAssetId=9223372036854775807");
    }
}
