//! Words of the knowledge base: titles, HTML fragments, references, exploits.
//!
//! The HTML is that of Qualys: HTML 4, upper case, most tags never closed, entities escaped once
//! more than needed.

use super::knowledge_base::is_patchable;
use super::xml::{Xml, leaf};
use crate::sim::world::cve;
use crate::sim::world::noise::{mix, pick};
use crate::sim::world::vulnerability::{Family, Kind, Vulnerability};

pub(crate) fn title(entry: &Vulnerability) -> String {
    let noise = mix(entry.key, 30);
    let weakness = pick(WEAKNESSES, noise);
    let product = product(entry);
    let number = entry.qid % 10_000;
    match entry.family {
        Family::Application => format!(
            "{product} Multiple Vulnerabilities (APSB26-{:02})",
            number % 100
        ),
        Family::Information => format!("{product} Detected on Host"),
        Family::Linux => format!("Red Hat Update for {product} (RHSA-2026:{number:04})"),
        Family::Network => format!("{product} <= 2.{} {weakness} Vulnerability", number % 10),
        Family::Web => format!("{weakness} by {product}"),
        Family::Windows => {
            format!("Microsoft {product} {weakness} – Security Update for 2026 & earlier")
        }
    }
}

pub(crate) fn write_software(xml: &mut Xml, entry: &Vulnerability) {
    let vendor = if entry.kind == Kind::Information {
        "none"
    } else {
        vendor(entry.family)
    };
    xml.raw("        <SOFTWARE_LIST>\n          <SOFTWARE>\n");
    leaf!(
        xml,
        "            ",
        "PRODUCT",
        cdata(&product(entry).to_lowercase().replace(' ', "_"))
    );
    leaf!(xml, "            ", "VENDOR", cdata(vendor));
    xml.raw("          </SOFTWARE>\n        </SOFTWARE_LIST>\n");
}

pub(crate) fn write_references(xml: &mut Xml, entry: &Vulnerability) {
    if entry.kind == Kind::Information {
        return;
    }
    let number = entry.qid % 10_000;
    xml.raw(&format!(
        "        <VENDOR_REFERENCE_LIST>\n          <VENDOR_REFERENCE>\n            <ID><![CDATA[ADV-2026-{number:04}]]></ID>\n            <URL><![CDATA[https://vendor.example.com/advisory?id={number}&lang=en]]></URL>\n          </VENDOR_REFERENCE>\n        </VENDOR_REFERENCE_LIST>\n"
    ));
    let mut cves = cve::of(entry).peekable();
    if cves.peek().is_none() {
        return;
    }
    xml.raw("        <CVE_LIST>\n");
    for cve in cves {
        xml.raw(&format!(
            "          <CVE>\n            <ID><![CDATA[{cve}]]></ID>\n            <URL><![CDATA[http://cve.example.org/cgi-bin/cvename.cgi?name={cve}]]></URL>\n          </CVE>\n"
        ));
    }
    xml.raw("        </CVE_LIST>\n");
}

/// Diagnosis, consequence and solution.
pub(crate) fn write_texts(xml: &mut Xml, entry: &Vulnerability, day: u32) {
    let product = product(entry);
    leaf!(
        xml,
        "        ",
        "DIAGNOSIS",
        cdata(&format!(
            "{product} is widely used.\n<P>It does not check the length of a header &amp; may be made to run code.<P>Affected Versions:<BR>\nall before 2.{}<BR>\n<B>QID Detection Logic (Authenticated):</B><BR>compares the version, e.g. &quot;1.2 &lt; 2.0&quot;.",
            entry.qid % 10
        ))
    );
    if entry.kind == Kind::Information {
        return;
    }
    leaf!(
        xml,
        "        ",
        "CONSEQUENCE",
        cdata(
            "Successful exploitation allows an attacker to:<UL><LI>read files<LI>run code</UL><P>without authentication."
        )
    );
    leaf!(
        xml,
        "        ",
        "SOLUTION",
        cdata(&format!(
            "Revision {}. Refer to <A HREF=\"https://vendor.example.com/advisory?id={}&amp;lang=en\" TARGET=\"_blank\">the advisory</A> for updates.<P>Patch:<BR>\nFollowing are links for downloading patches to fix the vulnerabilities:\n<P> <A HREF=\"https://vendor.example.com/patch\" TARGET=\"_blank\">ADV-2026</A>",
            entry.revision(day),
            entry.qid % 10_000
        ))
    );
}

pub(crate) fn write_correlation(xml: &mut Xml, entry: &Vulnerability, is_plain: bool) {
    let noise = mix(entry.key, 32);
    if entry.kind == Kind::Information || !noise.is_multiple_of(3) {
        return;
    }
    // A source without list and an empty exploit occur in real answers.
    xml.raw("        <CORRELATION>\n          <EXPLOITS>\n            <EXPLT_SRC>\n              <SRC_NAME><![CDATA[The Exploit-DB]]></SRC_NAME>\n              <EXPLT_LIST>\n                <EXPLT>\n                  <REF><![CDATA[CVE-2026-0001]]></REF>\n                  <DESC><![CDATA[Remote Code Execution (PoC) <b>verified</b>]]></DESC>\n                  <LINK><![CDATA[http://exploits.example.com/1?a=1&b=2]]></LINK>\n                </EXPLT>\n");
    xml.raw(if noise.is_multiple_of(2) && !is_plain {
        "                <EXPLT />\n"
    } else {
        ""
    });
    xml.raw("              </EXPLT_LIST>\n            </EXPLT_SRC>\n            <EXPLT_SRC>\n              <SRC_NAME><![CDATA[Core Security]]></SRC_NAME>\n            </EXPLT_SRC>\n          </EXPLOITS>\n");
    if noise.is_multiple_of(4) {
        xml.raw("          <MALWARE>\n            <MW_SRC>\n              <SRC_NAME><![CDATA[Example Labs]]></SRC_NAME>\n              <MW_LIST>\n                <MW_INFO>\n                  <MW_ID><![CDATA[TROJ_SIM.A]]></MW_ID>\n                  <MW_TYPE><![CDATA[Trojan]]></MW_TYPE>\n                  <MW_RATING><![CDATA[High]]></MW_RATING>\n                </MW_INFO>\n              </MW_LIST>\n            </MW_SRC>\n          </MALWARE>\n");
    }
    xml.raw("        </CORRELATION>\n");
}

pub(crate) fn write_threats(xml: &mut Xml, entry: &Vulnerability) {
    if entry.severity < 4 {
        return;
    }
    let noise = mix(entry.key, 33);
    xml.raw("        <THREAT_INTELLIGENCE>\n");
    for (nth, (id, name)) in THREATS.iter().enumerate() {
        if nth == 0 || noise >> nth & 3 == 0 {
            xml.raw(&format!(
                "          <THREAT_INTEL id=\"{id}\"><![CDATA[{name}]]></THREAT_INTEL>\n"
            ));
        }
    }
    xml.raw("        </THREAT_INTELLIGENCE>\n");
}

pub(crate) fn write_discovery(xml: &mut Xml, entry: &Vulnerability) {
    let is_remote = matches!(entry.family, Family::Information | Family::Network);
    xml.raw("        <DISCOVERY>\n");
    leaf!(xml, "          ", "REMOTE", flag(is_remote));
    if !is_remote {
        let kind = if entry.family == Family::Linux {
            "Unix"
        } else {
            "Windows"
        };
        xml.raw(&format!("          <AUTH_TYPE_LIST>\n            <AUTH_TYPE>{kind}</AUTH_TYPE>\n          </AUTH_TYPE_LIST>\n"));
    }
    if is_patchable(entry) {
        leaf!(
            xml,
            "          ",
            "ADDITIONAL_INFO",
            raw("Patch Available, Exploit Available")
        );
    }
    xml.raw("        </DISCOVERY>\n");
}

fn product(entry: &Vulnerability) -> &'static str {
    let products: &[&str] = match entry.family {
        Family::Application => &[
            "Adobe Acrobat Reader",
            "Google Chrome",
            "Oracle Java SE",
            "Zoom Client",
        ],
        Family::Information => &[
            "Installed Packages",
            "Open TCP Services",
            "Windows Registry Key",
            "DNS Host Name",
        ],
        Family::Linux => &["kernel", "openssl", "glibc", "python3", "sudo"],
        Family::Network => &[
            "Apache HTTP Server",
            "OpenSSH",
            "SSL/TLS Server",
            "SNMP Agent",
        ],
        Family::Web => &["Query & Form", "Cookie", "Response Header", "Path"],
        Family::Windows => &[
            "Windows Kernel",
            ".NET Framework",
            "Exchange Server",
            "SMB Server",
        ],
    };
    pick(products, mix(entry.key, 35))
}

fn vendor(family: Family) -> &'static str {
    match family {
        Family::Application => "adobe",
        Family::Information => "none",
        Family::Linux => "redhat",
        Family::Network => "apache",
        Family::Web => "none",
        Family::Windows => "microsoft",
    }
}

const WEAKNESSES: &[&str] = &[
    "Buffer Overflow",
    "Denial of Service",
    "Elevation of Privilege",
    "Information Disclosure",
    "Remote Code Execution",
];

const THREATS: &[(u8, &str)] = &[
    (5, "Easy_Exploit"),
    (2, "Exploit_Public"),
    (3, "Active_Attacks"),
    (4, "High_Lateral_Movement"),
    (7, "Denial_of_Service"),
    (13, "Privilege_Escalation"),
    (15, "Remote_Code_Execution"),
    (18, "Cisa_Known_Exploited_Vulns"),
    (16, "Ransomware"),
    (9, "Malware"),
];
