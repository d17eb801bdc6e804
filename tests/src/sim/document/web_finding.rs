//! One finding of a web application.
//!
//! A verbose answer brings weaknesses and payloads, with requests and with what was answered: much
//! that no client wants, and some of it secret.

use super::prose;
use super::xml::{Xml, leaf};
use crate::sim::world::life::Status;
use crate::sim::world::noise::mix;
use crate::sim::world::vulnerability::Kind;
use crate::sim::world::web_app::WebApp;
use crate::sim::world::web_finding::WebFinding;

pub(crate) fn write(xml: &mut Xml, app: &WebApp, finding: &WebFinding, is_verbose: bool) {
    let entry = &finding.vulnerability;
    xml.raw("    <Finding>\n");
    leaf!(xml, "      ", "id", number(finding.id));
    leaf!(xml, "      ", "uniqueId", raw(&finding.unique_id()));
    leaf!(xml, "      ", "qid", number(entry.qid));
    if entry.kind != Kind::Information && finding.key.is_multiple_of(3) {
        leaf!(xml, "      ", "detectionScore", number(qds(finding)));
    }
    leaf!(xml, "      ", "name", cdata(&prose::title(entry)));
    leaf!(xml, "      ", "type", raw(kind(finding)));
    leaf!(xml, "      ", "potential", raw(word(finding.is_potential)));
    xml.raw("      <findingType>QUALYS</findingType>\n");
    if finding.status.is_some() {
        leaf!(xml, "      ", "group", raw(group(finding)));
    }
    if is_verbose && finding.status.is_some() {
        write_weaknesses(xml, finding);
    }
    if let Some(param) = finding.param() {
        leaf!(xml, "      ", "param", cdata(param));
    }
    if is_verbose && finding.status.is_some() {
        write_results(xml, app, finding);
    }
    leaf!(xml, "      ", "severity", number(entry.severity));
    if let Some(url) = finding.url(app) {
        leaf!(xml, "      ", "originalSeverity", number(entry.severity));
        leaf!(xml, "      ", "url", cdata(&url));
    }
    if let Some(status) = finding.status {
        leaf!(
            xml,
            "      ",
            "status",
            raw(status_word(status, finding.is_protected))
        );
    }
    leaf!(
        xml,
        "      ",
        "firstDetectedDate",
        time(finding.first_detected)
    );
    leaf!(
        xml,
        "      ",
        "lastDetectedDate",
        time(finding.last_detected)
    );
    leaf!(xml, "      ", "lastTestedDate", time(finding.last_tested));
    if let Some(fixed) = finding.fixed {
        leaf!(xml, "      ", "fixedDate", time(fixed));
    }
    if finding.status.is_some() {
        leaf!(
            xml,
            "      ",
            "timesDetected",
            number(finding.times_detected)
        );
    }
    xml.raw("      <webApp>\n");
    leaf!(xml, "        ", "id", number(app.id));
    leaf!(xml, "        ", "name", cdata(&app.name()));
    leaf!(xml, "        ", "url", cdata(&app.url()));
    xml.raw("      </webApp>\n");
    if finding.status.is_some() {
        leaf!(
            xml,
            "      ",
            "isIgnored",
            raw(word(finding.ignored.is_some()))
        );
    }
    if let Some((at, reason)) = finding.ignored {
        leaf!(xml, "      ", "ignoredReason", raw(reason));
        xml.raw("      <ignoredBy>\n        <id>103448</id>\n        <username>sim-user</username>\n      </ignoredBy>\n");
        leaf!(xml, "      ", "ignoredDate", time(at));
        xml.raw("      <ignoredComment><![CDATA[looked at <twice>]]></ignoredComment>\n");
    }
    xml.raw("    </Finding>\n");
}

/// Of confirmed ones, and of some others.
pub(crate) fn qds(finding: &WebFinding) -> u64 {
    u64::from(finding.vulnerability.severity) * 18 + mix(finding.key, 20) % 10
}

fn write_weaknesses(xml: &mut Xml, finding: &WebFinding) {
    let cwe = cwe(finding);
    xml.raw(&format!(
        "      <cwe>\n        <count>1</count>\n        <list>\n          <long>{cwe}</long>\n        </list>\n      </cwe>\n      <owasp>\n        <count>1</count>\n        <list>\n          <OWASP>\n            <name>Injection</name>\n            <url>https://owasp.example/A3</url>\n            <code>3</code>\n          </OWASP>\n        </list>\n      </owasp>\n      <wasc>\n        <count>1</count>\n        <list>\n          <WASC>\n            <name>CROSS-SITE SCRIPTING</name>\n            <url>https://wasc.example/8</url>\n            <code>8</code>\n          </WASC>\n        </list>\n      </wasc>\n"
    ));
}

pub(crate) fn cwe(finding: &WebFinding) -> u64 {
    [79, 89, 200, 352][(mix(finding.key, 21) % 4) as usize]
}

fn write_results(xml: &mut Xml, app: &WebApp, finding: &WebFinding) {
    xml.raw("      <resultList>\n        <count>1</count>\n        <list>\n          <Result>\n            <authentication>false</authentication>\n            <ajax>false</ajax>\n            <payloads>\n              <count>1</count>\n              <list>\n                <PayloadInstance>\n");
    xml.raw("                  <payload><![CDATA[q=\"'><qss a=X1Y2Z3>]]></payload>\n                  <request>\n                    <method>GET</method>\n");
    if let Some(url) = finding.url(app) {
        leaf!(xml, "                    ", "link", cdata(&url));
    }
    xml.raw("                    <headers>QXV0aG9yaXphdGlvbjogQmFzaWMgc2VjcmV0</headers>\n                  </request>\n                  <response><![CDATA[");
    for nth in 0..20 + finding.key % 60 {
        xml.raw(&format!("{:016x}", mix(finding.key, 1_000 + nth)));
    }
    xml.raw("]]></response>\n                  <payloadResponce>\n                    <offset>10</offset>\n                    <length>4</length>\n                  </payloadResponce>\n                </PayloadInstance>\n              </list>\n            </payloads>\n          </Result>\n        </list>\n      </resultList>\n");
}

fn kind(finding: &WebFinding) -> &'static str {
    match (finding.status, finding.is_sensitive) {
        (None, _) => "INFORMATION_GATHERED",
        (Some(_), true) => "SENSITIVE_CONTENT",
        (Some(_), false) => "VULNERABILITY",
    }
}

fn group(finding: &WebFinding) -> &'static str {
    ["XSS", "SQL", "PATH", "INFO"][(mix(finding.key, 22) % 4) as usize]
}

fn status_word(status: Status, is_protected: bool) -> &'static str {
    match status {
        Status::Active if is_protected => "PROTECTED",
        Status::Active => "ACTIVE",
        Status::Fixed => "FIXED",
        Status::New => "NEW",
        Status::Reopened => "REOPENED",
    }
}

fn word(holds: bool) -> &'static str {
    if holds { "true" } else { "false" }
}
