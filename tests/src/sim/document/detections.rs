//! The host list detection: hosts, each with its detections.

mod row;

use std::sync::Arc;
use std::time::Duration;

use super::hosts::{write_addresses, write_names, write_network, write_tags};
use super::xml::{Xml, leaf};
use super::{Document, Frame, Step, head, metadata, next_page, notice, tail};
use crate::sim::request::Call;
use crate::sim::request::host_filter::{HostFilter, Walk};
use crate::sim::request::row_filter::RowFilter;
use crate::sim::world::World;
use crate::sim::world::host::Host;
use crate::sim::world::row::Row;
use crate::sim::world::time::Timestamp;

#[derive(Debug)]
pub(crate) struct Detections {
    world: Arc<World>,
    frame: Frame,
    call: Call,
    now: Timestamp,
    walk: Walk,
    filter: RowFilter,
    shows: Shows,
    limit: u64,
    /// Rows of the host at hand, kept to use the memory again.
    rows: Vec<Row>,
    n_written: u64,
    is_begun: bool,
}

/// What each row carries besides the elements that are always there.
#[derive(Clone, Copy, Debug)]
struct Shows {
    results: bool,
    reopened: bool,
    qds: bool,
    qds_factors: bool,
    mitre: bool,
    sources: bool,
}

impl Detections {
    pub(crate) fn new(world: Arc<World>, day: u32, frame: Frame, call: Call) -> Detections {
        let form = &call.form;
        Detections {
            now: world.now(day),
            walk: HostFilter::new(form, &world, day).walk(&world, day),
            filter: RowFilter::new(form, world.now(day)),
            shows: Shows {
                results: form.value("show_results") != Some("0"),
                reopened: form.is_set("show_reopened_info"),
                qds: form.is_set("show_qds"),
                qds_factors: form.is_set("show_qds_factors"),
                mitre: form.is_set("mitre_attack_details"),
                sources: form.is_set("vuln_detection_source"),
            },
            limit: form.number("truncation_limit").unwrap_or(1_000),
            rows: Vec::new(),
            n_written: 0,
            is_begun: false,
            frame,
            call,
            world,
        }
    }

    fn end(&mut self, xml: &mut Xml, next: Option<Host>) -> Step {
        if self.n_written > 0 {
            xml.raw("    </HOST_LIST>\n");
        }
        match next {
            Some(next) => next_page(xml, &self.call, &self.frame, self.limit, next.id),
            None if self.frame.warns => notice(xml),
            None => {}
        }
        tail(xml, &self.frame, ROOT, self.now);
        Step::Complete
    }

    fn write_host(&self, xml: &mut Xml, host: &Host) {
        let form = &self.call.form;
        xml.raw("      <HOST>\n");
        leaf!(xml, "        ", "ID", number(host.id));
        if form.is_set("show_asset_id") {
            leaf!(xml, "        ", "ASSET_ID", number(host.asset_id()));
        }
        write_addresses(xml, host);
        leaf!(
            xml,
            "        ",
            "TRACKING_METHOD",
            raw(host.tracking.text())
        );
        if !self.frame.is_plain {
            xml.raw("        <ASSET_GROUP_LIST />\n");
        }
        if !self.frame.is_plain {
            write_network(xml, host);
        }
        xml.raw("        <OS>");
        xml.layout_cdata(host.os.name, host.is_padded());
        xml.raw("</OS>\n");
        if !self.frame.is_plain {
            leaf!(xml, "        ", "OS_CPE", cdata(host.os.cpe));
        }
        write_names(xml, host, self.frame.is_plain);
        metadata::write_provider(xml, host);
        match host.netbios() {
            Some(netbios) => {
                leaf!(xml, "        ", "NETBIOS", cdata(&netbios));
            }
            None if !self.frame.is_plain
                && self.call.version >= 5
                && host.key.is_multiple_of(3) =>
            {
                xml.raw("        <NETBIOS />\n")
            }
            None => {}
        }
        if let Some(qg_hostid) = host.qg_hostid() {
            leaf!(xml, "        ", "QG_HOSTID", cdata(&qg_hostid));
        }
        leaf!(
            xml,
            "        ",
            "LAST_SCAN_DATETIME",
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
        xml.raw("        <DETECTION_LIST>\n");
        for (nth, row) in self.rows.iter().enumerate() {
            self.write_row(xml, host, row, nth);
        }
        let is_broken = self.frame.broken_host == Some(host.id);
        xml.raw(if is_broken {
            "        </HOST>\n"
        } else {
            "        </DETECTION_LIST>\n      </HOST>\n"
        });
    }
}

impl Document for Detections {
    /// Hosts without a matching row are left out and do not count towards the limit.
    fn write(&mut self, xml: &mut Xml) -> Step {
        if !self.is_begun {
            head(xml, &self.frame, ROOT, &self.call, self.now);
            self.is_begun = true;
        }
        let Some(host) = self.walk.next(&self.world) else {
            return self.end(xml, None);
        };
        if self.limit > 0 && self.n_written == self.limit {
            return self.end(xml, Some(host));
        }
        if self.frame.stalled_host == Some(host.id) {
            return Step::Stall(Duration::MAX);
        }
        self.rows.clear();
        self.rows.extend(
            self.world
                .rows(&host)
                .filter(|row| self.filter.matches(row)),
        );
        if self.rows.is_empty() {
            return Step::More;
        }
        if self.n_written == 0 {
            xml.raw("    <HOST_LIST>\n");
        } else if self.frame.splits_lists && self.n_written.is_multiple_of(7) {
            xml.raw("    </HOST_LIST>\n    <HOST_LIST>\n");
        }
        self.n_written += 1;
        self.write_host(xml, &host);
        if self.frame.is_trial && self.n_written.is_multiple_of(50) {
            xml.raw(super::TRIAL);
        }
        Step::More
    }
}

const ROOT: &str = "HOST_LIST_VM_DETECTION_OUTPUT";
