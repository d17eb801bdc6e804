//! The host assets, as the portal's search lists them.
//!
//! Long, as the portal is: most of an asset is nothing that a client of software needs.

use std::sync::Arc;

use super::xml::{Xml, leaf};
use super::{Document, Frame, Step, portal_head, portal_tail};
use crate::sim::request::Call;
use crate::sim::request::search::Search;
use crate::sim::world::World;
use crate::sim::world::host::Host;
use crate::sim::world::software::{self, FIRST_ASSET, Told};

#[derive(Debug)]
pub(crate) struct HostAssets {
    world: Arc<World>,
    day: u32,
    /// The hosts of the page, by their index: a page has a thousand at most.
    hosts: Vec<u64>,
    /// The last id of the page, when there are more.
    last: Option<u64>,
    frame: Frame,
    next: usize,
}

impl HostAssets {
    pub(crate) fn new(world: Arc<World>, day: u32, frame: Frame, call: Call) -> HostAssets {
        let search = call.search.expect("a search was read");
        let limit = usize::try_from(search.limit).unwrap_or(usize::MAX);
        let mut hosts = selected(&world, day, &search, limit.saturating_add(1));
        let has_more = hosts.len() > limit;
        hosts.truncate(limit);
        let last = hosts.last().filter(|_| has_more);
        let last = last.and_then(|&index| world.host(index, day));
        HostAssets {
            last: last.map(|host| host.asset_id()),
            world,
            day,
            hosts,
            frame,
            next: 0,
        }
    }
}

fn selected(world: &World, day: u32, search: &Search, most: usize) -> Vec<u64> {
    let indices = world.indices(day);
    let first = search.above.saturating_sub(FIRST_ASSET);
    let present = (first..indices.end).filter_map(|index| world.host(index, day));
    present
        .filter(|host| software::told(host) != Told::NoAsset && search.selects(host.asset_id()))
        .filter(|host| {
            search
                .updated_after
                .is_none_or(|at| host.last_processed > at)
        })
        .map(|host| host.index)
        .take(most)
        .collect()
}

impl Document for HostAssets {
    fn write(&mut self, xml: &mut Xml) -> Step {
        let count = self.hosts.len();
        if self.next == 0 {
            portal_head(xml, count, self.last);
        }
        let Some(&index) = self.hosts.get(self.next) else {
            portal_tail(xml, count);
            return Step::Complete;
        };
        self.next += 1;
        let host = self.world.host(index, self.day);
        let host = host.expect("the host was there when the page was cut");
        self.write_asset(xml, &host);
        Step::More
    }
}

impl HostAssets {
    fn write_asset(&self, xml: &mut Xml, host: &Host) {
        xml.raw("    <HostAsset>\n");
        leaf!(xml, "      ", "id", number(host.asset_id()));
        leaf!(xml, "      ", "name", cdata(&host.name()));
        leaf!(xml, "      ", "created", time(host.first_found));
        leaf!(xml, "      ", "modified", time(host.last_processed));
        xml.raw("      <type>HOST</type>\n      <tags>\n        <list/>\n      </tags>\n");
        xml.raw("      <sourceInfo>\n        <list>\n          <AssetSource/>\n        </list>\n      </sourceInfo>\n");
        if software::told(host) != Told::Nameless {
            leaf!(xml, "      ", "qwebHostId", number(host.id));
        }
        leaf!(xml, "      ", "lastVulnScan", time(host.last_scanned));
        if host.key.is_multiple_of(2) && !self.frame.is_plain {
            xml.raw("      <fqdn></fqdn>\n");
        }
        leaf!(xml, "      ", "os", cdata(host.os.name));
        if let Some(address) = host.ipv4() {
            leaf!(xml, "      ", "address", raw(&address));
        }
        leaf!(xml, "      ", "trackingMethod", raw(host.tracking.text()));
        write_ports(xml, host);
        write_software(xml, host);
        self.write_rest(xml, host);
        xml.raw("    </HostAsset>\n");
    }

    fn write_rest(&self, xml: &mut Xml, host: &Host) {
        xml.raw("      <vuln>\n        <list>\n");
        for row in self.world.rows(host).take(3) {
            xml.raw("          <HostAssetVuln>\n");
            leaf!(xml, "            ", "qid", number(row.vulnerability.qid));
            leaf!(
                xml,
                "            ",
                "hostInstanceVulnId",
                number(row.unique_vuln_id)
            );
            xml.raw("          </HostAssetVuln>\n");
        }
        xml.raw("        </list>\n      </vuln>\n      <networkInterface>\n        <list>\n          <HostAssetInterface>\n");
        leaf!(xml, "            ", "hostname", cdata(&host.hostname()));
        leaf!(xml, "            ", "macAddress", raw(&host.mac_address()));
        xml.raw("          </HostAssetInterface>\n        </list>\n      </networkInterface>\n");
    }
}

fn write_ports(xml: &mut Xml, host: &Host) {
    let mut ports = software::listed_ports(host).peekable();
    if ports.peek().is_none() {
        xml.raw("      <openPort>\n        <list/>\n      </openPort>\n");
        return;
    }
    xml.raw("      <openPort>\n        <list>\n");
    for port in ports {
        xml.raw("          <HostAssetOpenPort>\n");
        leaf!(xml, "            ", "port", number(port.number));
        leaf!(xml, "            ", "protocol", raw(port.protocol));
        leaf!(xml, "            ", "serviceName", cdata(port.service));
        xml.raw("          </HostAssetOpenPort>\n");
    }
    xml.raw("        </list>\n      </openPort>\n");
}

fn write_software(xml: &mut Xml, host: &Host) {
    let mut programs = software::listed_programs(host).peekable();
    if programs.peek().is_none() {
        xml.raw("      <software>\n        <list/>\n      </software>\n");
        return;
    }
    xml.raw("      <software>\n        <list>\n");
    for program in programs {
        xml.raw("          <HostAssetSoftware>\n");
        leaf!(xml, "            ", "name", cdata(program.name));
        leaf!(xml, "            ", "version", raw(&program.version()));
        xml.raw("          </HostAssetSoftware>\n");
    }
    xml.raw("        </list>\n      </software>\n");
}
