//! The tags, as the portal's search lists them.

use std::sync::Arc;

use super::xml::{Xml, leaf};
use super::{Document, Frame, Step, portal_head, portal_tail};
use crate::sim::request::Call;
use crate::sim::world::World;
use crate::sim::world::tag::{TAGS, Tag};

#[derive(Debug)]
pub(crate) struct Tags {
    tags: Vec<&'static Tag>,
    /// The last id of the page, when there are more.
    last: Option<u64>,
    frame: Frame,
}

impl Tags {
    pub(crate) fn new(_: Arc<World>, _: u32, frame: Frame, call: Call) -> Tags {
        let search = call.search.expect("a search was read");
        let mut tags: Vec<&Tag> = TAGS.iter().filter(|tag| search.selects(tag.id)).collect();
        let limit = usize::try_from(search.limit).unwrap_or(usize::MAX);
        let has_more = tags.len() > limit;
        tags.truncate(limit);
        let last = tags.last().map(|tag| tag.id).filter(|_| has_more);
        Tags { tags, last, frame }
    }
}

impl Document for Tags {
    fn write(&mut self, xml: &mut Xml) -> Step {
        portal_head(xml, self.tags.len(), self.last);
        for tag in &self.tags {
            write_tag(xml, tag, self.frame.is_plain);
        }
        portal_tail(xml, self.tags.len());
        Step::Complete
    }
}

fn write_tag(xml: &mut Xml, tag: &Tag, is_plain: bool) {
    xml.raw("    <Tag>\n");
    leaf!(xml, "      ", "id", number(tag.id));
    leaf!(xml, "      ", "name", cdata(tag.name));
    if let Some(parent) = tag.parent {
        leaf!(xml, "      ", "parentTagId", number(parent));
    }
    xml.raw("      <created>2024-03-01T08:00:00Z</created>\n      <modified>2025-11-05T10:20:30Z</modified>\n");
    leaf!(xml, "      ", "color", raw(tag.color()));
    match tag.rule_type() {
        Some(rule) => {
            leaf!(xml, "      ", "ruleType", raw(rule));
        }
        None if is_plain => {}
        None => xml.raw("      <ruleType>STATIC</ruleType>\n"),
    }
    match tag.rule_text() {
        Some(text) => {
            leaf!(xml, "      ", "ruleText", cdata(text));
        }
        None if is_plain => {}
        // The portal writes out what is absent.
        None => xml.raw("      <ruleText>null</ruleText>\n"),
    }
    if let Some(criticality) = tag.criticality {
        leaf!(xml, "      ", "criticalityScore", number(criticality));
    }
    let children: Vec<&Tag> = TAGS.iter().filter(|it| it.parent == Some(tag.id)).collect();
    if !children.is_empty() {
        xml.raw("      <children>\n        <list>\n");
        for child in children {
            xml.raw("          <TagSimple>\n");
            leaf!(xml, "            ", "id", number(child.id));
            leaf!(xml, "            ", "name", cdata(child.name));
            xml.raw("          </TagSimple>\n");
        }
        xml.raw("        </list>\n      </children>\n");
    }
    xml.raw("    </Tag>\n");
}
