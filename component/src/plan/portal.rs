//! What is asked of the portal: one document for each list, with paging by the last id.
//!
//! `search` is the only action in this file, and it is part of the path: nothing here can change a
//! subscription. The portal's own way of paging by offset skips rows when others go meanwhile, so
//! a page begins behind an id instead. XML is asked for, as JSON has been seen to lose the list
//! around a single row; answers in JSON are read all the same.

use super::scope::{Lately, Scope};
use crate::contract::plan::{Body, Document, Request, Service};
use crate::contract::types::Dataset;
use crate::time;

/// The request for the rows in `scope`, or one that selects nothing when there is no scope.
pub(super) fn request(dataset: Dataset, scope: Option<&Scope>, page_size: u32) -> Request {
    let list = list(dataset);
    let (limit, criterion) = match scope {
        Some(scope) => (page_size.clamp(1, list.largest_page), behind(scope)),
        // No row has the number 0.
        None => (1, criterion("EQUALS", "0")),
    };
    let text = format!(
        "<ServiceRequest><preferences><limitResults>{limit}</limitResults>{}</preferences>\
         <filters>{criterion}</filters></ServiceRequest>",
        list.preferences
    );
    Request {
        service: Service::Api,
        query: Vec::new(),
        path: list.path.to_owned(),
        body: Body::Document(Document {
            content_type: "text/xml".to_owned(),
            text,
        }),
        accept: "application/xml".to_owned(),
    }
}

fn behind(scope: &Scope) -> String {
    match scope {
        Scope::All => criterion("GREATER", "0"),
        Scope::From(id) => criterion("GREATER", &id.saturating_sub(1).to_string()),
        Scope::Ids(ids) => criterion("IN", &list_of(ids.ids())),
        // Both criteria have to hold.
        Scope::Lately {
            what: Lately::Updated,
            since,
            from,
        } => {
            let since = time::format(*since);
            let behind = from.unwrap_or(1).saturating_sub(1).to_string();
            format!(
                r#"<Criteria field="updated" operator="GREATER">{since}</Criteria>{}"#,
                criterion("GREATER", &behind)
            )
        }
        // No list of the portal has such a scope: it selects nothing.
        Scope::Lately { .. } | Scope::ModifiedSince(_) => criterion("IN", "0"),
    }
}

fn list_of(ids: impl Iterator<Item = u64>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    ids.join(",")
}

/// Values are numbers, and need no escaping.
fn criterion(operator: &str, value: &str) -> String {
    format!(r#"<Criteria field="id" operator="{operator}">{value}</Criteria>"#)
}

struct List {
    path: &'static str,
    /// What else is preferred.
    preferences: &'static str,
    largest_page: u32,
}

fn list(dataset: Dataset) -> &'static List {
    match dataset {
        Dataset::Tags => &TAGS,
        Dataset::HostAssets => &HOST_ASSETS,
        Dataset::AssetGroups
        | Dataset::HostIds
        | Dataset::ChangedHostIds
        | Dataset::Hosts
        | Dataset::Detections
        | Dataset::KnowledgeBase
        | Dataset::AssetView => unreachable!("asked of VMDR or the gateway, not of the portal"),
    }
}

static TAGS: List = List {
    path: "/qps/rest/2.0/search/am/tag",
    preferences: "",
    largest_page: 1_000,
};

static HOST_ASSETS: List = List {
    path: "/qps/rest/2.0/search/am/hostasset",
    preferences: "",
    largest_page: 1_000,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scope: Option<&str>, limit: u32, criterion: &str) {
        let scope = scope.map(|text| Scope::parse(Dataset::Tags, text).unwrap());
        let request = request(Dataset::Tags, scope.as_ref(), 5_000);
        assert_eq!(request.path, "/qps/rest/2.0/search/am/tag");
        let expected = format!(
            "<ServiceRequest><preferences><limitResults>{limit}</limitResults></preferences>\
             <filters><Criteria field=\"id\" {criterion}</Criteria></filters></ServiceRequest>"
        );
        let document = Document {
            content_type: "text/xml".to_owned(),
            text: expected,
        };
        assert_eq!(request.body, Body::Document(document));
    }

    #[test]
    fn pages_begin_behind_an_id() {
        check(Some(""), 1_000, "operator=\"GREATER\">0");
        check(Some("from:17"), 1_000, "operator=\"GREATER\">16");
    }

    #[test]
    fn what_was_updated_is_walked_by_id_too() {
        let check = |text: &str, since: &str, behind: &str| {
            let scope = Scope::parse(Dataset::HostAssets, text).unwrap();
            let request = request(Dataset::HostAssets, Some(&scope), 300);
            assert_eq!(request.path, "/qps/rest/2.0/search/am/hostasset");
            let Body::Document(document) = request.body else {
                panic!("a form")
            };
            let filters = format!(
                "<filters><Criteria field=\"updated\" operator=\"GREATER\">{since}</Criteria>\
                 <Criteria field=\"id\" operator=\"GREATER\">{behind}</Criteria></filters>"
            );
            assert!(document.text.contains(&filters), "{}", document.text);
            assert!(document.text.contains("<limitResults>300</limitResults>"));
        };
        check("updated:1790000000", "2026-09-21T14:13:20Z", "0");
        check("updated:0;from:17", "1970-01-01T00:00:00Z", "16");
    }

    #[test]
    fn without_a_scope_nothing_is_selected() {
        check(None, 1, "operator=\"EQUALS\">0");
    }
}
