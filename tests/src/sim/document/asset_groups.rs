//! The list of asset groups.

use std::sync::Arc;

use super::xml::{Xml, leaf};
use super::{Document, Frame, Step, head, next_page, notice, tail};
use crate::sim::request::Call;
use crate::sim::request::id_set::IdSet;
use crate::sim::world::World;
use crate::sim::world::asset_group::AssetGroup;
use crate::sim::world::time::DAY;

#[derive(Debug)]
pub(crate) struct AssetGroups {
    world: Arc<World>,
    day: u32,
    frame: Frame,
    call: Call,
    groups: std::vec::IntoIter<AssetGroup>,
    limit: u64,
    n_written: u64,
    is_begun: bool,
}

impl AssetGroups {
    pub(crate) fn new(world: Arc<World>, day: u32, frame: Frame, call: Call) -> AssetGroups {
        let form = &call.form;
        let ids = form.value("ids").and_then(|text| IdSet::parse(text).ok());
        let (id_min, id_max) = (form.number("id_min"), form.number("id_max"));
        let title = form.value("title");
        let groups: Vec<AssetGroup> = (0..world.n_asset_groups())
            .map(|nth| world.asset_group(nth))
            .filter(|group| ids.as_ref().is_none_or(|ids| ids.contains(group.id)))
            .filter(|group| (id_min.unwrap_or(0)..=id_max.unwrap_or(u64::MAX)).contains(&group.id))
            .filter(|group| title.is_none_or(|title| title == group.title(&world)))
            .collect();
        let limit = form.number("truncation_limit").unwrap_or(1_000);
        let groups = groups.into_iter();
        AssetGroups {
            world,
            day,
            frame,
            call,
            groups,
            limit,
            n_written: 0,
            is_begun: false,
        }
    }

    fn end(&mut self, xml: &mut Xml, next: Option<AssetGroup>) -> Step {
        if self.n_written > 0 {
            xml.raw("    </ASSET_GROUP_LIST>\n");
        }
        match next {
            Some(next) => next_page(xml, &self.call, &self.frame, self.limit, next.id),
            None if self.frame.warns => notice(xml),
            None => {}
        }
        tail(xml, &self.frame, ROOT, self.world.now(self.day));
        Step::Complete
    }

    fn write_group(&self, xml: &mut Xml, group: &AssetGroup) {
        let wanted = self.call.form.value("show_attributes").unwrap_or(DEFAULT);
        let shows =
            |name: &str| wanted == "ALL" || wanted.split(',').any(|word| word.trim() == name);
        xml.raw("      <ASSET_GROUP>\n");
        leaf!(xml, "        ", "ID", number(group.id));
        if shows("TITLE") {
            leaf!(xml, "        ", "TITLE", cdata(&group.title(&self.world)));
        }
        if shows("OWNER") {
            leaf!(xml, "        ", "OWNER_ID", number(103_448_u32));
        }
        if shows("OWNER_USER_NAME") {
            leaf!(
                xml,
                "        ",
                "OWNER_USER_NAME",
                cdata("Sim User (Manager)")
            );
        }
        if shows("UNIT_IDS") {
            leaf!(xml, "        ", "UNIT_ID", number(0_u8));
        }
        if shows("NETWORK_IDS") {
            leaf!(xml, "        ", "NETWORK_IDS", raw("0"));
        }
        if shows("LAST_UPDATE") {
            let updated = self.world.scale.start.plus(-(group.nth as i64 + 1) * DAY);
            leaf!(xml, "        ", "LAST_UPDATE", time(updated));
        }
        if let (true, Some(impact)) = (shows("BUSINESS_IMPACT"), group.business_impact()) {
            leaf!(xml, "        ", "BUSINESS_IMPACT", raw(impact));
        }
        if shows("CVSS") {
            xml.raw("        <CVSS_ENVIRO_CDP>Medium-High</CVSS_ENVIRO_CDP>\n        <CVSS_ENVIRO_TD>High</CVSS_ENVIRO_TD>\n        <CVSS_ENVIRO_CR>Medium</CVSS_ENVIRO_CR>\n");
        }
        if shows("APPLIANCE_LIST") {
            leaf!(xml, "        ", "APPLIANCE_IDS", raw("43576, 43575"));
        }
        if shows("IP_SET") {
            self.write_ip_set(xml, group);
        }
        if shows("DOMAIN_LIST") {
            xml.raw("        <DOMAIN_LIST>\n          <DOMAIN netblock=\"10.0.0.0/8\">berlin.example.com</DOMAIN>\n        </DOMAIN_LIST>\n");
        }
        if shows("DNS_LIST") {
            xml.raw("        <DNS_LIST>\n          <DNS>web-prod-0001.berlin.example.com</DNS>\n        </DNS_LIST>\n");
        }
        if shows("HOST_IDS") {
            self.write_host_ids(xml, group);
        }
        if shows("COMMENTS") {
            leaf!(
                xml,
                "        ",
                "COMMENTS",
                cdata("kept by <hand> & script")
            );
        }
        xml.raw("      </ASSET_GROUP>\n");
    }

    fn write_ip_set(&self, xml: &mut Xml, group: &AssetGroup) {
        let (a, b) = (group.nth / 256, group.nth % 256);
        xml.raw(&format!(
            "        <IP_SET>\n          <IP network_id=\"0\">192.0.2.{b}</IP>\n          <IP_RANGE network_id=\"0\">10.{a}.{b}.0-10.{a}.{b}.255</IP_RANGE>\n        </IP_SET>\n"
        ));
    }

    fn write_host_ids(&self, xml: &mut Xml, group: &AssetGroup) {
        for (nth, index) in self.world.members(group, self.day).enumerate() {
            xml.raw(if nth == 0 { "        <HOST_IDS>" } else { ", " });
            xml.number(self.world.population.id(index));
        }
        if self.world.members(group, self.day).next().is_some() {
            xml.raw("</HOST_IDS>\n");
        }
    }
}

impl Document for AssetGroups {
    fn write(&mut self, xml: &mut Xml) -> Step {
        if !self.is_begun {
            head(xml, &self.frame, ROOT, &self.call, self.world.now(self.day));
            self.is_begun = true;
        }
        let Some(group) = self.groups.next() else {
            return self.end(xml, None);
        };
        if self.limit > 0 && self.n_written == self.limit {
            return self.end(xml, Some(group));
        }
        if self.n_written == 0 {
            xml.raw("    <ASSET_GROUP_LIST>\n");
        }
        self.n_written += 1;
        self.write_group(xml, &group);
        Step::More
    }
}

const ROOT: &str = "ASSET_GROUP_LIST_OUTPUT";
const DEFAULT: &str = "TITLE,OWNER,UNIT_IDS,NETWORK_IDS,LAST_UPDATE,BUSINESS_IMPACT,IP_SET";
