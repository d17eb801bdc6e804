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
        None => (1, id("EQUALS", "0")),
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
    let after = |from: u64| id("GREATER", &from.saturating_sub(1).to_string());
    match scope {
        Scope::All => id("GREATER", "0"),
        Scope::From(from) => after(*from),
        Scope::Ids(ids) => id("IN", &list_of(ids.ids())),
        Scope::Lately { what, since, from } => {
            let field = match what {
                Lately::Tested => "lastTestedDate",
                Lately::Ignored => "ignoredDate",
                Lately::Updated => "updated",
                // No list of the portal has such a scope: it selects nothing.
                Lately::Processed | Lately::Scanned => return id("EQUALS", "0"),
            };
            // Both criteria have to hold.
            let when = criterion(field, "GREATER", &time::format(*since));
            after(from.unwrap_or(1)) + &when
        }
        // Nor such a one.
        Scope::ModifiedSince(_) | Scope::Cves(_) => id("EQUALS", "0"),
    }
}

fn list_of(ids: impl Iterator<Item = u64>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    ids.join(",")
}

fn id(operator: &str, value: &str) -> String {
    criterion("id", operator, value)
}

/// Values are numbers and times, and need no escaping.
fn criterion(field: &str, operator: &str, value: &str) -> String {
    format!(r#"<Criteria field="{field}" operator="{operator}">{value}</Criteria>"#)
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
        Dataset::WebApps => &WEB_APPS,
        Dataset::WebAppFindings => &WEB_APP_FINDINGS,
        Dataset::AssetGroups
        | Dataset::HostIds
        | Dataset::ChangedHostIds
        | Dataset::Hosts
        | Dataset::Detections
        | Dataset::KnowledgeBase
        | Dataset::AssetView
        | Dataset::CveScores => unreachable!("asked of VMDR or the gateway, not of the portal"),
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

static WEB_APPS: List = List {
    path: "/qps/rest/3.0/search/was/webapp",
    // Owner, scope, last scan and scores are not sent without.
    preferences: "<verbose>true</verbose>",
    largest_page: 1_000,
};

static WEB_APP_FINDINGS: List = List {
    path: "/qps/rest/3.0/search/was/finding",
    // Nor are CWE, OWASP and WASC.
    preferences: "<verbose>true</verbose>",
    largest_page: 1_000,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_findings(scope: &str, filters: &str) {
        let scope = Scope::parse(Dataset::WebAppFindings, scope).unwrap();
        let request = request(Dataset::WebAppFindings, Some(&scope), 50);
        assert_eq!(request.path, "/qps/rest/3.0/search/was/finding");
        let Body::Document(document) = request.body else {
            panic!("the portal takes documents");
        };
        assert_eq!(
            document.text,
            format!(
                "<ServiceRequest><preferences><limitResults>50</limitResults>\
                 <verbose>true</verbose></preferences>\
                 <filters>{filters}</filters></ServiceRequest>"
            )
        );
    }

    #[test]
    fn findings_that_were_tested_lately_have_two_criteria() {
        check_findings(
            "",
            r#"<Criteria field="id" operator="GREATER">0</Criteria>"#,
        );
        check_findings(
            "tested:1790000000",
            "<Criteria field=\"id\" operator=\"GREATER\">0</Criteria><Criteria \
             field=\"lastTestedDate\" operator=\"GREATER\">2026-09-21T14:13:20Z</Criteria>",
        );
        check_findings(
            "ignored:1790000000;from:17",
            "<Criteria field=\"id\" operator=\"GREATER\">16</Criteria><Criteria \
             field=\"ignoredDate\" operator=\"GREATER\">2026-09-21T14:13:20Z</Criteria>",
        );
    }

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
                "<filters><Criteria field=\"id\" operator=\"GREATER\">{behind}</Criteria>\
                 <Criteria field=\"updated\" operator=\"GREATER\">{since}</Criteria></filters>"
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
