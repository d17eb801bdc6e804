//! The host list detection: hosts with their detections, where nearly all bytes are.

use std::sync::Arc;
use std::time::Duration;

use super::hosts::{write_addresses, write_names, write_network, write_tags};
use super::xml::{Xml, leaf};
use super::{Document, Frame, Step, head, metadata, next_page, notice, tail};
use crate::sim::request::Call;
use crate::sim::request::host_filter::{HostFilter, Walk};
use crate::sim::request::row_filter::{RowFilter, Running};
use crate::sim::world::World;
use crate::sim::world::host::Host;
use crate::sim::world::life::Status;
use crate::sim::world::row::{Certainty, Row};
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

    fn write_row(&self, xml: &mut Xml, host: &Host, row: &Row, nth: usize) {
        xml.raw("          <DETECTION>\n");
        leaf!(
            xml,
            "            ",
            "UNIQUE_VULN_ID",
            number(row.unique_vuln_id)
        );
        leaf!(xml, "            ", "QID", number(row.vulnerability.qid));
        leaf!(xml, "            ", "TYPE", raw(certainty(row.certainty)));
        leaf!(
            xml,
            "            ",
            "SEVERITY",
            number(row.vulnerability.severity)
        );
        if let Some(service) = &row.service {
            leaf!(xml, "            ", "PORT", number(service.port));
            leaf!(xml, "            ", "PROTOCOL", raw(service.protocol));
        }
        if let Some(fqdn) = row.fqdn(host) {
            leaf!(xml, "            ", "FQDN", cdata(&fqdn));
        }
        if let Some(service) = &row.service {
            leaf!(xml, "            ", "SSL", flag(service.ssl));
        }
        if let Some(instance) = row.instance {
            leaf!(xml, "            ", "INSTANCE", cdata(instance));
        }
        if let (true, Some(noise)) = (self.shows.results, row.results) {
            self.write_results(xml, host, row, noise, nth);
        }
        if let Some(status) = row.status {
            leaf!(xml, "            ", "STATUS", raw(status_text(status)));
        }
        self.write_times(xml, row);
        leaf!(xml, "            ", "IS_IGNORED", flag(row.is_ignored));
        leaf!(xml, "            ", "IS_DISABLED", flag(row.is_disabled));
        self.write_exploitability(xml, row);
        leaf!(
            xml,
            "            ",
            "LAST_PROCESSED_DATETIME",
            time(row.last_processed)
        );
        if self.shows.mitre && row.vulnerability.key.is_multiple_of(3) {
            xml.raw(MITRE);
        }
        if self.shows.sources {
            xml.raw(if host.is_agent() {
                AGENT_SOURCES
            } else {
                SCANNER_SOURCES
            });
        }
        xml.raw("          </DETECTION>\n");
    }

    fn write_results(&self, xml: &mut Xml, host: &Host, row: &Row, noise: u64, nth: usize) {
        let (heading, text) = self.world.pools.text(row.vulnerability.family, noise);
        xml.raw(if host.is_padded() {
            "            <RESULTS>\n              <![CDATA["
        } else {
            "            <RESULTS><![CDATA["
        });
        xml.raw(heading);
        xml.bytes.extend_from_slice(text);
        // One row in a host is enough to meet the bytes, and leaves the rest readable.
        if let (Some(blemish), 0) = (self.frame.blemish, nth) {
            xml.bytes.extend_from_slice(blemish.bytes());
        }
        xml.raw(if host.is_padded() {
            "]]>\n            </RESULTS>\n"
        } else {
            "]]></RESULTS>\n"
        });
    }

    fn write_times(&self, xml: &mut Xml, row: &Row) {
        leaf!(
            xml,
            "            ",
            "FIRST_FOUND_DATETIME",
            time(row.first_found)
        );
        leaf!(
            xml,
            "            ",
            "LAST_FOUND_DATETIME",
            time(row.last_found)
        );
        leaf!(xml, "            ", "SOURCE", raw("QUALYS"));
        if let Some(qds) = row.qds {
            if self.shows.qds {
                xml.raw(qds_start(qds));
                xml.number(qds);
                xml.raw("</QDS>\n");
            }
            if self.shows.qds_factors {
                self.write_qds_factors(xml, row);
            }
        }
        leaf!(xml, "            ", "TIMES_FOUND", number(row.times_found));
        leaf!(
            xml,
            "            ",
            "LAST_TEST_DATETIME",
            time(row.last_test)
        );
        leaf!(
            xml,
            "            ",
            "LAST_UPDATE_DATETIME",
            time(row.last_update)
        );
        if let Some(fixed) = row.last_fixed {
            leaf!(xml, "            ", "LAST_FIXED_DATETIME", time(fixed));
        }
        if let (true, Some(first), Some(last)) =
            (self.shows.reopened, row.first_reopened, row.last_reopened)
        {
            leaf!(xml, "            ", "FIRST_REOPENED_DATETIME", time(first));
            leaf!(xml, "            ", "LAST_REOPENED_DATETIME", time(last));
            leaf!(
                xml,
                "            ",
                "TIMES_REOPENED",
                number(row.times_reopened)
            );
        }
    }

    fn write_qds_factors(&self, xml: &mut Xml, row: &Row) {
        let key = row.vulnerability.key;
        xml.raw("            <QDS_FACTORS>\n              <QDS_FACTOR name=\"CVSS\"><![CDATA[");
        xml.number(3 + key % 7);
        xml.raw(".");
        xml.number(key % 10);
        xml.raw("]]></QDS_FACTOR>\n              <QDS_FACTOR name=\"CVSS_version\"><![CDATA[v3.x]]></QDS_FACTOR>\n              <QDS_FACTOR name=\"CVSS_vector\"><![CDATA[AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H]]></QDS_FACTOR>\n              <QDS_FACTOR name=\"epss\"><![CDATA[0.");
        xml.number(10_000 + key % 80_000);
        xml.raw("]]></QDS_FACTOR>\n");
        if row.vulnerability.severity == 5 {
            xml.raw("              <QDS_FACTOR name=\"exploit_maturity\"><![CDATA[weaponized,poc]]></QDS_FACTOR>\n              <QDS_FACTOR name=\"CISA_vuln\"><![CDATA[YES]]></QDS_FACTOR>\n              <QDS_FACTOR name=\"trending\"><![CDATA[10232026,10242026]]></QDS_FACTOR>\n");
        }
        xml.raw("            </QDS_FACTORS>\n");
    }

    fn write_exploitability(&self, xml: &mut Xml, row: &Row) {
        if let (true, Some(runs)) = (
            is_shown(self.filter.running_kernel),
            row.affects_running_kernel(),
        ) {
            leaf!(xml, "            ", "AFFECT_RUNNING_KERNEL", flag(runs));
        }
        if let (true, Some(runs)) = (
            is_shown(self.filter.running_service),
            row.affects_running_service(),
        ) {
            leaf!(xml, "            ", "AFFECT_RUNNING_SERVICE", flag(runs));
        }
        if let (true, Some(is)) = (
            is_shown(self.filter.exploitable_config),
            row.affects_exploitable_config(),
        ) {
            leaf!(xml, "            ", "AFFECT_EXPLOITABLE_CONFIG", flag(is));
        }
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

fn is_shown(running: Running) -> bool {
    running != Running::Absent
}

fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Confirmed => "Confirmed",
        Certainty::Information => "Info",
        Certainty::Potential => "Potential",
    }
}

fn status_text(status: Status) -> &'static str {
    match status {
        Status::Active => "Active",
        Status::Fixed => "Fixed",
        Status::New => "New",
        Status::Reopened => "Re-Opened",
    }
}

fn qds_start(qds: u8) -> &'static str {
    match qds {
        90.. => "            <QDS severity=\"CRITICAL\">",
        70..=89 => "            <QDS severity=\"HIGH\">",
        40..=69 => "            <QDS severity=\"MEDIUM\">",
        _ => "            <QDS severity=\"LOW\">",
    }
}

const ROOT: &str = "HOST_LIST_VM_DETECTION_OUTPUT";
const MITRE: &str = concat!(
    "            <MITRE_TACTIC_NAME>Initial Access, Execution</MITRE_TACTIC_NAME>\n",
    "            <MITRE_TECHNIQUE_NAME>Exploit Public-Facing Application</MITRE_TECHNIQUE_NAME>\n",
    "            <MITRE_TACTIC_ID>TA0001, TA0002</MITRE_TACTIC_ID>\n",
    "            <MITRE_TECHNIQUE_ID>T1190</MITRE_TECHNIQUE_ID>\n",
);
const AGENT_SOURCES: &str = concat!(
    "            <VULNERABILITY_DETECTION_SOURCES>Cloud Agent,Internal Scanner</VULNERABILITY_DETECTION_SOURCES>\n",
    "            <LATEST_VULNERABILITY_DETECTION_SOURCE>Cloud Agent</LATEST_VULNERABILITY_DETECTION_SOURCE>\n",
);
const SCANNER_SOURCES: &str = concat!(
    "            <VULNERABILITY_DETECTION_SOURCES>Internal Scanner</VULNERABILITY_DETECTION_SOURCES>\n",
    "            <LATEST_VULNERABILITY_DETECTION_SOURCE>Internal Scanner</LATEST_VULNERABILITY_DETECTION_SOURCE>\n",
);
