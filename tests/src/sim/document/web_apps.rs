//! Web applications and their findings, as the portal's searches list them.
//!
//! Of a page the numbers are known before it is written, as its head tells how many there are. The
//! rows themselves are made one by one.

use std::sync::Arc;

use super::xml::{Xml, leaf};
use super::{Document, Frame, Step, portal_head, portal_tail, web_finding};
use crate::sim::request::Call;
use crate::sim::request::search::Search;
use crate::sim::world::World;
use crate::sim::world::web_app::WebApp;
use crate::sim::world::web_finding::Place;

#[derive(Debug)]
pub(crate) struct WebApps {
    page: Page<u64>,
}

#[derive(Debug)]
pub(crate) struct WebFindings {
    page: Page<Place>,
}

/// What a page holds, by where it is in the world.
#[derive(Debug)]
struct Page<T> {
    world: Arc<World>,
    day: u32,
    is_plain: bool,
    is_verbose: bool,
    rows: Vec<T>,
    next: usize,
    /// The last number of the page, when there are more.
    last: Option<u64>,
}

impl WebApps {
    pub(crate) fn new(world: Arc<World>, day: u32, frame: Frame, call: Call) -> WebApps {
        let search = call.search.expect("a search was read");
        let apps = (0..world.web.ever(day)).filter_map(|index| world.web_app(index, day));
        let rows = apps
            .filter(|app| search.selects(app.id))
            .map(|app| (app.index, app.id));
        let (rows, last) = cut(rows, search.limit);
        let page = Page::new(world, day, &frame, &search, rows, last);
        WebApps { page }
    }
}

impl WebFindings {
    pub(crate) fn new(world: Arc<World>, day: u32, frame: Frame, call: Call) -> WebFindings {
        let search = call.search.expect("a search was read");
        let mut place = Place::above(search.above);
        let rows = std::iter::from_fn(|| {
            loop {
                let (_, finding) = world.web_finding(day, &mut place)?;
                let is_after = |time: Option<_>, at| time.is_none_or(|since| at > since);
                let ignored = finding.ignored.map(|(at, _)| at);
                let is_wanted = search.selects(finding.id)
                    && is_after(search.tested_after, finding.last_tested)
                    && search
                        .ignored_after
                        .is_none_or(|since| ignored.is_some_and(|at| at > since));
                if is_wanted {
                    return Some((Place::above(finding.id - 1), finding.id));
                }
            }
        });
        let (rows, last) = cut(rows, search.limit);
        let page = Page::new(Arc::clone(&world), day, &frame, &search, rows, last);
        WebFindings { page }
    }
}

/// One page of them, and its last number when there are more.
fn cut<T>(mut rows: impl Iterator<Item = (T, u64)>, limit: u64) -> (Vec<T>, Option<u64>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (page, numbers): (Vec<T>, Vec<u64>) = rows.by_ref().take(limit).unzip();
    let has_more = rows.next().is_some();
    (page, numbers.last().copied().filter(|_| has_more))
}

impl<T: Copy> Page<T> {
    fn new(
        world: Arc<World>,
        day: u32,
        frame: &Frame,
        search: &Search,
        rows: Vec<T>,
        last: Option<u64>,
    ) -> Page<T> {
        Page {
            world,
            day,
            is_plain: frame.is_plain,
            is_verbose: search.is_verbose,
            rows,
            next: 0,
            last,
        }
    }

    /// The next row, with what stands around them.
    fn write(&mut self, xml: &mut Xml, write: impl Fn(&Self, T, &mut Xml)) -> Step {
        if self.next == 0 {
            portal_head(xml, self.rows.len(), self.last);
        }
        let Some(row) = self.rows.get(self.next).copied() else {
            portal_tail(xml, self.rows.len());
            return Step::Complete;
        };
        self.next += 1;
        write(self, row, xml);
        Step::More
    }
}

impl Document for WebApps {
    fn write(&mut self, xml: &mut Xml) -> Step {
        self.page.write(xml, |page, index, xml| {
            let app = page.world.web_app(index, page.day);
            write_app(
                xml,
                &app.expect("it was there for the head"),
                page.is_verbose,
                page.is_plain,
            );
        })
    }
}

impl Document for WebFindings {
    fn write(&mut self, xml: &mut Xml) -> Step {
        self.page.write(xml, |page, place, xml| {
            let found = page.world.web_finding(page.day, &mut { place });
            let (app, finding) = found.expect("it was there for the head");
            web_finding::write(xml, &app, &finding, page.is_verbose);
        })
    }
}

fn write_app(xml: &mut Xml, app: &WebApp, is_verbose: bool, is_plain: bool) {
    xml.raw("    <WebApp>\n");
    leaf!(xml, "      ", "id", number(app.id));
    leaf!(xml, "      ", "name", cdata(&app.name()));
    leaf!(xml, "      ", "url", cdata(&app.url()));
    if is_verbose {
        leaf!(xml, "      ", "riskScore", number(app.risk_score()));
    }
    xml.raw("      <owner>\n        <id>103448</id>\n");
    if is_verbose {
        xml.raw("        <username>sim-user</username>\n        <firstName><![CDATA[Sim]]></firstName>\n        <lastName><![CDATA[O'User & Sons]]></lastName>\n");
    }
    xml.raw("      </owner>\n");
    if is_verbose {
        xml.raw("      <scope>ALL</scope>\n");
    }
    let tags: Vec<_> = app.tags().collect();
    xml.raw(&format!(
        "      <tags>\n        <count>{}</count>\n",
        tags.len()
    ));
    if is_verbose && !tags.is_empty() {
        xml.raw("        <list>\n");
        for tag in tags {
            xml.raw("          <Tag>\n");
            leaf!(xml, "            ", "id", number(tag.id));
            leaf!(xml, "            ", "name", cdata(tag.name));
            xml.raw("          </Tag>\n");
        }
        xml.raw("        </list>\n");
    }
    xml.raw("      </tags>\n");
    if is_verbose {
        xml.raw("      <isScheduled>true</isScheduled>\n      <lastScan>\n");
        leaf!(
            xml,
            "        ",
            "id",
            number(app.id * 100 + app.scan.unsigned_abs())
        );
        leaf!(xml, "        ", "name", cdata("weekly scan"));
        leaf!(xml, "        ", "endScanDate", time(app.last_scanned()));
        xml.raw("      </lastScan>\n      <lastScanStatus>FINISHED</lastScanStatus>\n");
        if !is_plain {
            // The portal writes out what is absent.
            xml.raw("      <os>null</os>\n      <swaggerFile/>\n");
        }
    }
    leaf!(xml, "      ", "createdDate", time(app.created()));
    leaf!(xml, "      ", "updatedDate", time(app.last_scanned()));
    xml.raw("    </WebApp>\n");
}
