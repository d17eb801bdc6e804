//! The knowledge base: one entry per QID. It has no pages; everything that matches comes at once.

use std::ops::Range;
use std::sync::Arc;

use super::xml::{Xml, leaf};
use super::{Document, Frame, Step, head, prose, tail};
use crate::sim::request::Call;
use crate::sim::request::id_set::IdSet;
use crate::sim::world::World;
use crate::sim::world::noise::{below, mix};
use crate::sim::world::time::{DAY, Timestamp};
use crate::sim::world::vulnerability::{self, Family, Kind, Vulnerability};

#[derive(Debug)]
pub(crate) struct KnowledgeBase {
    world: Arc<World>,
    day: u32,
    frame: Frame,
    call: Call,
    has_cvss: bool,
    ordinals: Range<u32>,
    ids: Option<IdSet>,
    modified: Range<Timestamp>,
    published: Range<Timestamp>,
    patchable: Option<bool>,
    n_written: u32,
    is_begun: bool,
}

impl KnowledgeBase {
    pub(crate) fn new(
        world: Arc<World>,
        day: u32,
        frame: Frame,
        call: Call,
        has_cvss: bool,
    ) -> KnowledgeBase {
        let form = &call.form;
        let date = |name: &str| form.value(name).and_then(Timestamp::parse);
        let either = |one: &str, other: &str| date(one).or(date(other));
        let between = |from: Option<Timestamp>, to: Option<Timestamp>| {
            from.unwrap_or(Timestamp(i64::MIN))..to.unwrap_or(Timestamp(i64::MAX))
        };
        let first = form.number("id_min").map_or(0, vulnerability::ordinal_from);
        let end = form.number("id_max").map_or(vulnerability::count(), |qid| {
            vulnerability::ordinal_from(qid.saturating_add(1))
        });
        KnowledgeBase {
            ordinals: first..end,
            ids: form.value("ids").and_then(|text| IdSet::parse(text).ok()),
            modified: between(
                either("last_modified_after", "last_modified_by_service_after"),
                either("last_modified_before", "last_modified_by_service_before"),
            ),
            published: between(date("published_after"), date("published_before")),
            patchable: form.value("is_patchable").map(|flag| flag == "1"),
            n_written: 0,
            is_begun: false,
            has_cvss,
            world,
            day,
            frame,
            call,
        }
    }

    fn next(&mut self) -> Option<Vulnerability> {
        let seed = self.world.scale.seed;
        while let Some(ordinal) = self.ordinals.next() {
            let entry = Vulnerability::new(seed, ordinal);
            let is_wanted = !entry.is_retired()
                && self
                    .ids
                    .as_ref()
                    .is_none_or(|ids| ids.contains(entry.qid.into()))
                && self.modified.contains(&self.modified_at(&entry))
                && self.published.contains(&self.published_at(&entry))
                && self
                    .patchable
                    .is_none_or(|patchable| patchable == is_patchable(&entry));
            if is_wanted {
                return Some(entry);
            }
        }
        None
    }

    fn modified_at(&self, entry: &Vulnerability) -> Timestamp {
        let secs = below(entry.key, 20 * 3_600) as i64;
        self.world
            .scale
            .start
            .plus(entry.modified_day(self.day) * DAY - 3_600 - secs)
    }

    fn published_at(&self, entry: &Vulnerability) -> Timestamp {
        self.world
            .scale
            .start
            .plus(-DAY * (901 + below(mix(entry.key, 20), 3_000) as i64))
    }

    fn write_entry(&self, xml: &mut Xml, entry: &Vulnerability) {
        let all = self.call.form.value("details") == Some("All");
        xml.raw("      <VULN>\n");
        leaf!(xml, "        ", "QID", number(entry.qid));
        leaf!(xml, "        ", "VULN_TYPE", raw(kind(entry.kind)));
        leaf!(xml, "        ", "SEVERITY_LEVEL", number(entry.severity));
        leaf!(xml, "        ", "TITLE", cdata(&prose::title(entry)));
        leaf!(xml, "        ", "CATEGORY", raw(category(entry.family)));
        if entry.key.is_multiple_of(50) {
            xml.raw(&format!(
                "        <LAST_CUSTOMIZATION>\n          <DATETIME>{}</DATETIME>\n          <USER_LOGIN>sim-user</USER_LOGIN>\n        </LAST_CUSTOMIZATION>\n",
                self.modified_at(entry)
            ));
        }
        leaf!(
            xml,
            "        ",
            "LAST_SERVICE_MODIFICATION_DATETIME",
            time(self.modified_at(entry))
        );
        leaf!(
            xml,
            "        ",
            "PUBLISHED_DATETIME",
            time(self.published_at(entry))
        );
        leaf!(xml, "        ", "PATCHABLE", flag(is_patchable(entry)));
        if is_patchable(entry) && self.call.version >= 3 {
            leaf!(
                xml,
                "        ",
                "PATCH_PUBLISHED_DATE",
                time(self.published_at(entry).plus(DAY))
            );
        }
        prose::write_software(xml, entry);
        prose::write_references(xml, entry);
        prose::write_texts(xml, entry, self.day);
        if all {
            prose::write_correlation(xml, entry, self.frame.is_plain);
        }
        if self.has_cvss && entry.kind != Kind::Information {
            self.write_cvss(xml, entry, all);
        }
        leaf!(xml, "        ", "PCI_FLAG", flag(entry.severity >= 3));
        if self.call.form.is_set("show_pci_reasons") && entry.severity >= 3 {
            xml.raw("        <PCI_REASONS>\n          <PCI_REASON>CVSS Score</PCI_REASON>\n        </PCI_REASONS>\n");
        }
        if all {
            prose::write_threats(xml, entry);
        }
        if self.call.form.is_set("show_supported_modules_info") {
            leaf!(
                xml,
                "        ",
                "SUPPORTED_MODULES",
                raw("VM,CA-Windows Agent,CA-Linux Agent")
            );
        }
        prose::write_discovery(xml, entry);
        if self.call.form.is_set("show_disabled_flag") {
            leaf!(xml, "        ", "IS_DISABLED", flag(entry.is_disabled()));
        }
        if self.call.form.is_set("show_qid_change_log") {
            xml.raw(&format!(
                "        <CHANGE_LOG_LIST>\n          <CHANGE_LOG_INFO>\n            <CHANGE_DATE>{}</CHANGE_DATE>\n            <COMMENTS>revision {}</COMMENTS>\n          </CHANGE_LOG_INFO>\n        </CHANGE_LOG_LIST>\n",
                self.modified_at(entry),
                entry.revision(self.day)
            ));
        }
        xml.raw("      </VULN>\n");
    }

    /// Some entries have all three versions, some only the oldest, some none.
    fn write_cvss(&self, xml: &mut Xml, entry: &Vulnerability, all: bool) {
        let noise = mix(entry.key, 21);
        if noise.is_multiple_of(10) {
            return;
        }
        let base = 2 * u64::from(entry.severity) - noise % 2;
        let tenth = if base == 10 { 0 } else { noise % 10 };
        xml.raw(&format!(
            "        <CVSS>\n          <BASE source=\"service\">{base}.{tenth}</BASE>\n          <TEMPORAL>{}.{tenth}</TEMPORAL>\n",
            base - 1
        ));
        if all {
            xml.raw("          <VECTOR_STRING>CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P/E:U/RL:OF/RC:C</VECTOR_STRING>\n          <ACCESS>\n            <VECTOR>3</VECTOR>\n            <COMPLEXITY>1</COMPLEXITY>\n          </ACCESS>\n          <AUTHENTICATION>1</AUTHENTICATION>\n");
        }
        xml.raw("        </CVSS>\n");
        if noise % 10 < 3 {
            return;
        }
        xml.raw(&format!(
            "        <CVSS_V3>\n          <BASE>{base}.{tenth}</BASE>\n          <TEMPORAL>{}.{tenth}</TEMPORAL>\n          <VECTOR_STRING>CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:C</VECTOR_STRING>\n          <CVSS3_VERSION>3.1</CVSS3_VERSION>\n        </CVSS_V3>\n",
            base - 1
        ));
        if self.call.version >= 4 && noise % 10 > 7 {
            xml.raw(&format!(
                "        <CVSS_V4>\n          <BASE>{base}.{tenth}</BASE>\n          <VECTOR_STRING>CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N</VECTOR_STRING>\n        </CVSS_V4>\n"
            ));
        }
    }
}

impl Document for KnowledgeBase {
    fn write(&mut self, xml: &mut Xml) -> Step {
        if !self.is_begun {
            head(xml, &self.frame, ROOT, &self.call, self.world.now(self.day));
            xml.raw(KEEP_ALIVE);
            self.is_begun = true;
        }
        let only_ids = self.call.form.value("details") == Some("None");
        let Some(entry) = self.next() else {
            if self.n_written > 0 {
                xml.raw(if only_ids {
                    "    </ID_SET>\n"
                } else {
                    "    </VULN_LIST>\n"
                });
            }
            tail(xml, &self.frame, ROOT, self.world.now(self.day));
            if self.n_written == 0 {
                xml.raw(KEEP_ALIVE);
            }
            return Step::Complete;
        };
        if self.n_written == 0 {
            xml.raw(if only_ids {
                "    <ID_SET>\n"
            } else {
                "    <VULN_LIST>\n"
            });
        }
        self.n_written += 1;
        if only_ids {
            leaf!(xml, "      ", "ID", number(entry.qid));
        } else {
            self.write_entry(xml, &entry);
            if self.n_written.is_multiple_of(200) {
                xml.raw(KEEP_ALIVE);
            }
        }
        Step::More
    }
}

pub(crate) fn is_patchable(entry: &Vulnerability) -> bool {
    entry.kind != Kind::Information && !entry.key.is_multiple_of(4)
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Confirmed => "Vulnerability",
        Kind::Either => "Vulnerability or Potential Vulnerability",
        Kind::Information => "Information Gathered",
        Kind::Potential => "Potential Vulnerability",
    }
}

fn category(family: Family) -> &'static str {
    match family {
        Family::Application => "Local",
        Family::Information => "Information gathering",
        Family::Linux => "RedHat",
        Family::Network => "General remote services",
        Family::Web => "Web Application",
        Family::Windows => "Windows",
    }
}

const ROOT: &str = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT";
const KEEP_ALIVE: &str = "<!-- keep-alive for KNOWLEDGE_BASE_VULN_LIST_OUTPUT  -->\n";
