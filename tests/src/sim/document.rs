//! The XML documents that Qualys answers with, written piece by piece.
//!
//! A document is asked for more until it is complete, and keeps no more than the host it is at.
//! Order and presence of elements follow the manual; the hot path writes whole literals.

pub(crate) mod asset_groups;
pub(crate) mod asset_view;
pub(crate) mod bomb;
pub(crate) mod detections;
pub(crate) mod host_assets;
pub(crate) mod hosts;
pub(crate) mod knowledge_base;
pub(crate) mod metadata;
pub(crate) mod probe;
pub(crate) mod prose;
pub(crate) mod qvs;
pub(crate) mod simple_return;
pub(crate) mod tags;
pub(crate) mod web_apps;
pub(crate) mod web_finding;
pub(crate) mod xml;

use std::time::Duration;

use xml::Xml;

use super::request::Call;
use super::world::time::Timestamp;

/// What is written next.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Complete,
    More,
    /// Nothing for a while, as when Qualys' database is slow at one host.
    Stall(Duration),
}

pub(crate) trait Document: Send {
    fn write(&mut self, xml: &mut Xml) -> Step;
}

/// What surrounds the records, and what is wrong with it on purpose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    /// The comments of an evaluation subscription, also within the document.
    pub(crate) is_trial: bool,
    /// Begin a second `HOST_LIST` now and then.
    pub(crate) splits_lists: bool,
    /// Without what strict clients stumble over: empty elements, ranges of ids, and what not
    /// every subscription has.
    pub(crate) is_plain: bool,
    /// A `WARNING` without link, as pure information.
    pub(crate) warns: bool,
    pub(crate) has_entity_bomb: bool,
    pub(crate) link: Link,
    /// The server that links name; otherwise one that only Qualys' engineers reach.
    pub(crate) link_origin: Option<String>,
    pub(crate) blemish: Option<Blemish>,
    /// A host whose element is not closed.
    pub(crate) broken_host: Option<u64>,
    /// A host that is never delivered.
    pub(crate) stalled_host: Option<u64>,
}

/// Where the link to the next page leads.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Link {
    #[default]
    Next,
    /// To a server of someone else.
    Elsewhere,
    /// To the action that deletes hosts.
    Purge,
    /// To the same page again.
    Same,
}

/// Bytes that XML does not allow, within `RESULTS`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Blemish {
    ControlCharacters,
    InvalidUtf8,
    Nul,
}

impl Blemish {
    pub(crate) fn bytes(self) -> &'static [u8] {
        match self {
            Blemish::ControlCharacters => b"\x07bell \x1b[0m escape \x0b",
            Blemish::InvalidUtf8 => b"caf\xe9 \xff\xfe \xc3",
            Blemish::Nul => b"before\0after",
        }
    }
}

/// What stands around the rows of a search, before them.
pub(crate) fn portal_head(xml: &mut Xml, count: usize, next: Option<u64>) {
    xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServiceResponse xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  <responseCode>SUCCESS</responseCode>\n");
    xml.raw(&format!("  <count>{count}</count>\n"));
    if count == 0 {
        return;
    }
    xml.raw(&format!(
        "  <hasMoreRecords>{}</hasMoreRecords>\n",
        next.is_some()
    ));
    if let Some(last) = next {
        xml.raw(&format!("  <lastId>{last}</lastId>\n"));
    }
    xml.raw("  <data>\n");
}

pub(crate) fn portal_tail(xml: &mut Xml, count: usize) {
    xml.raw(if count == 0 {
        "</ServiceResponse>\n"
    } else {
        "  </data>\n</ServiceResponse>\n"
    });
}

/// Everything up to and including `DATETIME`.
pub(crate) fn head(xml: &mut Xml, frame: &Frame, root: &str, call: &Call, now: Timestamp) {
    let dtd = format!("{}dtd/output.dtd", call.path);
    xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n");
    xml.raw(&format!("<!DOCTYPE {root} SYSTEM \"{ORIGIN}{dtd}\""));
    xml.raw(if frame.has_entity_bomb {
        ENTITY_BOMB
    } else {
        ">\n"
    });
    if frame.is_trial {
        xml.raw(TRIAL);
    }
    xml.raw(&format!("<{root}>\n"));
    if call.form.is_set("echo_request") {
        write_request(xml, call, now);
    }
    xml.raw(&format!("  <RESPONSE>\n    <DATETIME>{now}</DATETIME>\n"));
    if frame.has_entity_bomb {
        xml.raw("    <LAUGH>&laugh9;</LAUGH>\n");
    }
}

pub(crate) fn tail(xml: &mut Xml, frame: &Frame, root: &str, now: Timestamp) {
    xml.raw(&format!("  </RESPONSE>\n</{root}>\n"));
    if frame.is_trial {
        xml.raw(TRIAL);
        let year = &now.to_string()[..4];
        xml.raw(&format!("<!-- CONFIDENTIAL AND PROPRIETARY INFORMATION. Simulated, \"As Is\", without any warranty of any kind. Copyright {year} //--> \n"));
    }
}

fn write_request(xml: &mut Xml, call: &Call, now: Timestamp) {
    xml.raw(&format!(
        "  <REQUEST>\n    <DATETIME>{now}</DATETIME>\n    <USER_LOGIN>sim-user</USER_LOGIN>\n    <RESOURCE>{ORIGIN}{}</RESOURCE>\n    <PARAM_LIST>\n",
        call.path
    ));
    for (name, value) in call.form.iter() {
        xml.raw("      <PARAM><KEY>");
        xml.escaped(name);
        xml.raw("</KEY><VALUE>");
        xml.escaped(value);
        xml.raw("</VALUE></PARAM>\n");
    }
    xml.raw("    </PARAM_LIST>\n  </REQUEST>\n");
}

/// The link to the next page. Qualys repeats all parameters, adds some that were not sent, puts
/// the link on a line of its own, and names a server that only its engineers reach.
pub(crate) fn next_page(xml: &mut Xml, call: &Call, frame: &Frame, limit: u64, next_id: u64) {
    let mut form = call.form.clone();
    for (name, value) in added(call) {
        if form.value(name).is_none() {
            form.set(name, value);
        }
    }
    let (origin, path) = match frame.link {
        Link::Elsewhere => (ELSEWHERE, "/collect/"),
        Link::Next | Link::Purge | Link::Same => (
            frame.link_origin.as_deref().unwrap_or(ORIGIN),
            call.path.as_str(),
        ),
    };
    match frame.link {
        Link::Same => {}
        Link::Purge => {
            form.set("action", "purge");
            form.set("ids", &next_id.to_string());
        }
        Link::Elsewhere | Link::Next => form.set("id_min", &next_id.to_string()),
    }
    xml.raw(&format!(
        "    <WARNING>\n      <CODE>1980</CODE>\n      <TEXT>{limit} record limit exceeded. Use URL to get next batch of\nresults.</TEXT>\n      <URL>\n<![CDATA[{origin}{path}?{}]]>\n      </URL>\n    </WARNING>\n",
        form.encoded()
    ));
}

/// A warning that is no page marker.
pub(crate) fn notice(xml: &mut Xml) {
    xml.raw("    <WARNING>\n      <TEXT>Some results may be older than 30 days.</TEXT>\n    </WARNING>\n");
}

fn added(call: &Call) -> &'static [(&'static str, &'static str)] {
    use super::request::Api;
    match (call.api, call.version) {
        (Api::Hosts, 4..) => &[("details", "Basic"), ("cloud_agent_activationkey", "0")],
        (Api::Hosts, _) => &[("details", "Basic")],
        (Api::Detections, _) => &[("show_results", "1")],
        (
            Api::ActivityLog
            | Api::AssetGroups
            | Api::KnowledgeBase
            | Api::Tags
            | Api::HostAssets
            | Api::AssetView
            | Api::WebApps
            | Api::WebFindings
            | Api::Qvs,
            _,
        ) => &[],
    }
}

/// No server has this name: a client that follows links by their host fails at once.
const ORIGIN: &str = "https://qualysapi.p01.eng.sim.invalid";
const ELSEWHERE: &str = "https://collector.attacker.invalid";
pub(crate) const TRIAL: &str =
    "<!-- This report was generated with an evaluation version of Qualys //--> \n";
const ENTITY_BOMB: &str = concat!(
    " [\n  <!ENTITY laugh0 \"haha\">\n",
    "  <!ENTITY laugh1 \"&laugh0;&laugh0;&laugh0;&laugh0;&laugh0;&laugh0;&laugh0;&laugh0;\">\n",
    "  <!ENTITY laugh2 \"&laugh1;&laugh1;&laugh1;&laugh1;&laugh1;&laugh1;&laugh1;&laugh1;\">\n",
    "  <!ENTITY laugh3 \"&laugh2;&laugh2;&laugh2;&laugh2;&laugh2;&laugh2;&laugh2;&laugh2;\">\n",
    "  <!ENTITY laugh4 \"&laugh3;&laugh3;&laugh3;&laugh3;&laugh3;&laugh3;&laugh3;&laugh3;\">\n",
    "  <!ENTITY laugh5 \"&laugh4;&laugh4;&laugh4;&laugh4;&laugh4;&laugh4;&laugh4;&laugh4;\">\n",
    "  <!ENTITY laugh6 \"&laugh5;&laugh5;&laugh5;&laugh5;&laugh5;&laugh5;&laugh5;&laugh5;\">\n",
    "  <!ENTITY laugh7 \"&laugh6;&laugh6;&laugh6;&laugh6;&laugh6;&laugh6;&laugh6;&laugh6;\">\n",
    "  <!ENTITY laugh8 \"&laugh7;&laugh7;&laugh7;&laugh7;&laugh7;&laugh7;&laugh7;&laugh7;\">\n",
    "  <!ENTITY laugh9 \"&laugh8;&laugh8;&laugh8;&laugh8;&laugh8;&laugh8;&laugh8;&laugh8;\">\n",
    "  <!ENTITY file SYSTEM \"file:///etc/passwd\">\n]>\n",
);
