//! The host list: full records, or the set of ids.

use std::sync::Arc;
use std::time::Duration;

use super::xml::{Xml, leaf};
use super::{Document, Frame, Step, head, metadata, next_page, notice, tail};
use crate::sim::request::Call;
use crate::sim::request::host_filter::{HostFilter, Walk};
use crate::sim::world::World;
use crate::sim::world::host::Host;
use crate::sim::world::tag;
use crate::sim::world::time::Timestamp;

#[derive(Debug)]
pub(crate) struct Hosts {
    world: Arc<World>,
    frame: Frame,
    call: Call,
    now: Timestamp,
    walk: Walk,
    limit: u64,
    details: Details,
    n_written: u64,
    is_begun: bool,
    /// First and last of ids that follow each other and are not written yet.
    run: Option<(u64, u64)>,
}

#[derive(Clone, Copy, Debug)]
struct Details {
    only_ids: bool,
    all: bool,
    groups: bool,
}

impl Hosts {
    pub(crate) fn new(world: Arc<World>, day: u32, frame: Frame, call: Call) -> Hosts {
        let details = call.form.value("details").unwrap_or("Basic");
        let details = Details {
            only_ids: details == "None",
            all: details.starts_with("All"),
            groups: details.ends_with("/AGs"),
        };
        Hosts {
            frame,
            now: world.now(day),
            walk: HostFilter::new(&call.form, &world, day).walk(&world, day),
            limit: call.form.number("truncation_limit").unwrap_or(1_000),
            details,
            n_written: 0,
            is_begun: false,
            run: None,
            call,
            world,
        }
    }

    fn begin(&mut self, xml: &mut Xml) {
        head(xml, &self.frame, ROOT, &self.call, self.now);
        self.is_begun = true;
    }

    fn end(&mut self, xml: &mut Xml, next: Option<Host>) -> Step {
        self.write_run(xml);
        if self.n_written > 0 {
            xml.raw(if self.details.only_ids {
                "    </ID_SET>\n"
            } else {
                "    </HOST_LIST>\n"
            });
        }
        match next {
            Some(next) => next_page(xml, &self.call, &self.frame, self.limit, next.id),
            None if self.frame.warns => notice(xml),
            None => {}
        }
        if self.details.groups && self.n_written > 0 {
            self.write_glossary(xml);
        }
        tail(xml, &self.frame, ROOT, self.now);
        Step::Complete
    }

    fn write_id(&mut self, xml: &mut Xml, id: u64) {
        match &mut self.run {
            Some((_, last)) if *last + 1 == id && !self.frame.is_plain => *last = id,
            _ => {
                self.write_run(xml);
                self.run = Some((id, id));
            }
        }
    }

    fn write_run(&mut self, xml: &mut Xml) {
        match self.run.take() {
            Some((first, last)) if first == last => {
                leaf!(xml, "      ", "ID", number(first));
            }
            Some((first, last)) => {
                xml.raw("      <ID_RANGE>");
                xml.number(first);
                xml.raw("-");
                xml.number(last);
                xml.raw("</ID_RANGE>\n");
            }
            None => {}
        }
    }

    fn write_host(&self, xml: &mut Xml, host: &Host) {
        let form = &self.call.form;
        let padded = host.is_padded();
        xml.raw("      <HOST>\n");
        leaf!(xml, "        ", "ID", number(host.id));
        if form.is_set("show_asset_id") {
            leaf!(xml, "        ", "ASSET_ID", number(host.asset_id()));
        }
        write_addresses(xml, host);
        self.write_trurisk(xml, host);
        leaf!(
            xml,
            "        ",
            "TRACKING_METHOD",
            raw(host.tracking.text())
        );
        if !self.frame.is_plain {
            write_network(xml, host);
        }
        write_names(xml, host, self.frame.is_plain);
        metadata::write_provider(xml, host);
        if let Some(netbios) = host.netbios() {
            leaf!(xml, "        ", "NETBIOS", cdata(&netbios));
        }
        xml.raw("        <OS>");
        xml.layout_cdata(host.os.name, padded);
        xml.raw("</OS>\n");
        if let Some(qg_hostid) = host.qg_hostid() {
            leaf!(xml, "        ", "QG_HOSTID", cdata(&qg_hostid));
        }
        if self.details.all {
            self.write_inventory(xml, host);
        }
        if form.is_set("show_tags") {
            write_tags(xml, host, self.frame.is_plain);
        }
        if form.value("host_metadata").is_some() {
            metadata::write_attributes(xml, host);
        }
        if form.is_set("show_cloud_tags") {
            metadata::write_cloud_tags(xml, host);
        }
        self.write_scans(xml, host);
        if self.details.groups {
            xml.raw("        <ASSET_GROUP_IDS>");
            for (nth, group) in self.world.groups_of(host.index).enumerate() {
                xml.raw(if nth == 0 { "" } else { "," });
                xml.number(group);
            }
            xml.raw("</ASSET_GROUP_IDS>\n");
        }
        let is_broken = self.frame.broken_host == Some(host.id);
        xml.raw(if is_broken {
            "        <OWNER>sim-user</HOST>\n"
        } else {
            "      </HOST>\n"
        });
    }

    fn write_trurisk(&self, xml: &mut Xml, host: &Host) {
        let form = &self.call.form;
        if form.is_set("show_trurisk") {
            leaf!(
                xml,
                "        ",
                "ASSET_CRITICALITY_SCORE",
                number(host.criticality())
            );
            leaf!(xml, "        ", "TRURISK_SCORE", number(host.trurisk()));
        } else if form.is_set("show_ars") {
            leaf!(xml, "        ", "ASSET_RISK_SCORE", number(host.trurisk()));
        }
        if form.is_set("show_trurisk_factors") {
            xml.raw("        <TRURISK_SCORE_FACTORS>\n          <TRURISK_SCORE_FORMULA>ACS * {1.0 * 98.0 * (1 ^ 0.01)}</TRURISK_SCORE_FORMULA>\n");
            for severity in 1..=5_u64 {
                xml.raw(&format!(
                    "          <VULN_COUNT qds_severity=\"{severity}\">{}</VULN_COUNT>\n",
                    host.trurisk() % (severity * 7)
                ));
            }
            xml.raw("        </TRURISK_SCORE_FACTORS>\n");
        }
    }

    /// What agents and authenticated scans tell, with details=All.
    fn write_inventory(&self, xml: &mut Xml, host: &Host) {
        leaf!(xml, "        ", "LAST_BOOT", time(host.first_found));
        leaf!(
            xml,
            "        ",
            "SERIAL_NUMBER",
            raw(&format!("SN{:010X}", host.asset_id()))
        );
        leaf!(xml, "        ", "HARDWARE_UUID", raw(&host.hardware_uuid()));
        leaf!(xml, "        ", "FIRST_FOUND_DATE", time(host.first_found));
        if host.is_agent() {
            leaf!(xml, "        ", "LAST_ACTIVITY", time(host.last_activity()));
            leaf!(xml, "        ", "AGENT_STATUS", raw("Manifest Downloaded"));
            leaf!(xml, "        ", "CLOUD_AGENT_RUNNING_ON", raw("QAGENT"));
            if self.call.form.is_set("cloud_agent_activationkey") {
                leaf!(
                    xml,
                    "        ",
                    "AGENT_ACTIVATION_TITLE",
                    cdata("Servers & clients")
                );
                leaf!(xml, "        ", "AGENT_ACTIVATION_KEY", raw(ACTIVATION_KEY));
            }
        }
    }

    fn write_scans(&self, xml: &mut Xml, host: &Host) {
        if host.is_scanned {
            leaf!(
                xml,
                "        ",
                "LAST_VULN_SCAN_DATETIME",
                time(host.last_processed)
            );
            leaf!(
                xml,
                "        ",
                "LAST_VM_SCANNED_DATE",
                time(host.last_scanned)
            );
            leaf!(
                xml,
                "        ",
                "LAST_VM_SCANNED_DURATION",
                number(host.scan_secs())
            );
            if host.is_authenticated() {
                leaf!(
                    xml,
                    "        ",
                    "LAST_VM_AUTH_SCANNED_DATE",
                    time(host.last_scanned)
                );
                leaf!(
                    xml,
                    "        ",
                    "LAST_VM_AUTH_SCANNED_DURATION",
                    number(host.scan_secs())
                );
                if self.call.version >= 5 {
                    leaf!(
                        xml,
                        "        ",
                        "VM_AUTH_INSUFFICIENT_PRIVILEGE",
                        flag(host.key.is_multiple_of(9))
                    );
                }
            }
        }
        if self.details.all {
            leaf!(xml, "        ", "OWNER", raw("sim-user"));
            if host.key.is_multiple_of(5) {
                leaf!(xml, "        ", "COMMENTS", cdata("moved <2026> & kept"));
            }
        }
    }

    fn write_glossary(&self, xml: &mut Xml) {
        xml.raw("    <GLOSSARY>\n      <ASSET_GROUP_LIST>\n");
        for group in (0..self.world.n_asset_groups()).map(|nth| self.world.asset_group(nth)) {
            xml.raw("        <ASSET_GROUP>\n");
            leaf!(xml, "          ", "ID", number(group.id));
            leaf!(xml, "          ", "TITLE", cdata(&group.title(&self.world)));
            xml.raw("        </ASSET_GROUP>\n");
        }
        xml.raw("      </ASSET_GROUP_LIST>\n    </GLOSSARY>\n");
    }
}

impl Document for Hosts {
    fn write(&mut self, xml: &mut Xml) -> Step {
        if !self.is_begun {
            self.begin(xml);
        }
        let Some(host) = self.walk.next(&self.world) else {
            return self.end(xml, None);
        };
        if self.limit > 0 && self.n_written == self.limit {
            return self.end(xml, Some(host));
        }
        if self.n_written == 0 {
            xml.raw(if self.details.only_ids {
                "    <ID_SET>\n"
            } else {
                "    <HOST_LIST>\n"
            });
        }
        self.n_written += 1;
        if self.details.only_ids {
            self.write_id(xml, host.id);
        } else {
            self.write_host(xml, &host);
            if self.frame.splits_lists && self.n_written.is_multiple_of(7) {
                xml.raw("    </HOST_LIST>\n    <HOST_LIST>\n");
            }
            if self.frame.is_trial && self.n_written.is_multiple_of(50) {
                xml.raw(super::TRIAL);
            }
        }
        match self.frame.stalled_host == Some(host.id) {
            true => Step::Stall(Duration::MAX),
            false => Step::More,
        }
    }
}

pub(crate) fn write_addresses(xml: &mut Xml, host: &Host) {
    if let Some(ip) = host.ipv4() {
        leaf!(xml, "        ", "IP", raw(&ip));
    }
    if let Some(ipv6) = host.ipv6() {
        leaf!(xml, "        ", "IPV6", raw(&ipv6));
    }
}

pub(crate) fn write_network(xml: &mut Xml, host: &Host) {
    let (network, name) = host.network();
    leaf!(xml, "        ", "NETWORK_ID", number(network));
    leaf!(xml, "        ", "NETWORK_NAME", escaped(name));
}

pub(crate) fn write_names(xml: &mut Xml, host: &Host, is_plain: bool) {
    let Some(dns) = host.dns() else { return };
    xml.raw("        <DNS>");
    xml.layout_cdata(&dns, host.is_padded());
    xml.raw("</DNS>\n        <DNS_DATA>\n");
    let (hostname, domain) = dns.split_once('.').unwrap_or((&dns, ""));
    let padded = host.is_padded();
    xml.raw("          <HOSTNAME>");
    xml.layout_cdata(hostname, padded);
    xml.raw("</HOSTNAME>\n");
    if domain.is_empty() && !is_plain {
        xml.raw("          <DOMAIN />\n          <FQDN />\n");
    } else if !domain.is_empty() {
        leaf!(xml, "          ", "DOMAIN", cdata(domain));
        leaf!(xml, "          ", "FQDN", cdata(&dns));
    }
    xml.raw("        </DNS_DATA>\n");
}

pub(crate) fn write_tags(xml: &mut Xml, host: &Host, is_plain: bool) {
    if is_plain && tag::tags_of(host).next().is_none() {
        return;
    }
    xml.raw("        <TAGS>\n");
    for tag in tag::tags_of(host) {
        xml.raw("          <TAG>\n");
        leaf!(xml, "            ", "TAG_ID", number(tag.id));
        leaf!(xml, "            ", "NAME", cdata(tag.name));
        xml.raw("          </TAG>\n");
    }
    xml.raw("        </TAGS>\n");
}

const ROOT: &str = "HOST_LIST_OUTPUT";
const ACTIVATION_KEY: &str = "0f1e2d3c-4b5a-4697-8887-969594939291";
