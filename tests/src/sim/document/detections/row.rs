//! One `DETECTION` element, where nearly all bytes are: literals and copies, no formatting.

use super::Detections;
use crate::sim::document::xml::{Xml, leaf};
use crate::sim::request::row_filter::Running;
use crate::sim::world::host::Host;
use crate::sim::world::life::Status;
use crate::sim::world::row::{Certainty, Row};
use crate::sim::world::software::{self, Program};

impl Detections {
    pub(super) fn write_row(&self, xml: &mut Xml, host: &Host, row: &Row, nth: usize) {
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
        let text = self.world.pools.text(row.vulnerability.family, noise);
        xml.raw(if host.is_padded() {
            "            <RESULTS>\n              <![CDATA["
        } else {
            "            <RESULTS><![CDATA["
        });
        write_table(xml, host, row);
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

/// What is complained about. Now and then rows end as one client has seen them end.
fn write_table(xml: &mut Xml, host: &Host, row: &Row) {
    let mut programs = software::complained(host, row).peekable();
    if programs.peek().is_none() {
        return;
    }
    let end = if row.key.is_multiple_of(8) {
        ";;"
    } else {
        "\n"
    };
    xml.raw("Package\tInstalled Version\tRequired Version");
    xml.raw(end);
    for program in programs {
        xml.escaped(program.name);
        write_version(xml, program);
        write_version(xml, program.required());
        xml.raw(end);
    }
}

fn write_version(xml: &mut Xml, program: Program) {
    let [major, minor, patch] = program.version;
    xml.raw("\t");
    xml.number(major);
    xml.raw(".");
    xml.number(minor);
    xml.raw(".");
    xml.number(patch);
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
