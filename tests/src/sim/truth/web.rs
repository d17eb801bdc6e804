//! Web applications and their findings.

use std::sync::Arc;

use serde_json::json;

use crate::sim::document::xml::Xml;
use crate::sim::document::{Document, Step};
use crate::sim::world::World;
use crate::sim::world::life::Status;
use crate::sim::world::web_app::WebApp;
use crate::sim::world::web_finding::{Place, WebFinding};

#[derive(Debug)]
pub(crate) struct WebApps {
    world: Arc<World>,
    day: u32,
    next: u64,
}

#[derive(Debug)]
pub(crate) struct WebFindings {
    world: Arc<World>,
    day: u32,
    next: Place,
}

impl WebApps {
    pub(crate) fn new(world: &Arc<World>, day: u32) -> WebApps {
        WebApps {
            world: Arc::clone(world),
            day,
            next: 0,
        }
    }
}

impl WebFindings {
    pub(crate) fn new(world: &Arc<World>, day: u32) -> WebFindings {
        WebFindings {
            world: Arc::clone(world),
            day,
            next: Place::above(0),
        }
    }
}

impl Document for WebApps {
    fn write(&mut self, out: &mut Xml) -> Step {
        if self.next >= self.world.web.ever(self.day) {
            return Step::Complete;
        }
        let app = self.world.web_app(self.next, self.day);
        self.next += 1;
        if let Some(app) = app {
            let tags = app.tags().count();
            super::line(
                out,
                &json!({
                    "web_app_id": app.id,
                    "name": app.name(),
                    "url": app.url(),
                    "risk_score": app.risk_score(),
                    "last_seen": app.last_scanned().to_string(),
                    "tags": tags,
                }),
            );
        }
        Step::More
    }
}

impl Document for WebFindings {
    fn write(&mut self, out: &mut Xml) -> Step {
        let Some((app, finding)) = self.world.web_finding(self.day, &mut self.next) else {
            return Step::Complete;
        };
        super::line(out, &line(&app, &finding));
        Step::More
    }
}

fn line(app: &WebApp, finding: &WebFinding) -> serde_json::Value {
    let is_gathered = finding.status.is_none();
    json!({
        "web_app_id": app.id,
        "finding_key": finding.unique_id(),
        "qid": finding.vulnerability.qid,
        "kind": match (is_gathered, finding.is_sensitive) {
            (true, _) => "information-gathered",
            (false, true) => "sensitive-content",
            (false, false) => "vulnerability",
        },
        "severity": finding.vulnerability.severity,
        "status": finding.status.map(|status| match status {
            Status::Active => "active",
            Status::Fixed => "fixed",
            Status::New => "new",
            Status::Reopened => "reopened",
        }),
        "is_protected": finding.is_protected,
        "url": finding.url(app),
        "param": finding.param(),
        "cwe": if is_gathered {
            vec![]
        } else {
            vec![crate::sim::document::web_finding::cwe(finding)]
        },
        "is_ignored": finding.ignored.is_some(),
        "ignored_reason": finding.ignored.map(|(_, reason)| reason),
        "last_found": finding.last_detected.to_string(),
        "last_fixed": finding.fixed.map(|at| at.to_string()),
    })
}
