//! The fields that an expression may name, as one table. The reference page is made from it, and a
//! store has to know exactly these.

mod words;

use crate::contract::filter::FieldInfo;
pub use words::Words;
use words::{ASSET_KIND, CERTAINTY, CLOSED, PUT_ASIDE, RISK, SEVERITY, STATUS};

/// A field of the query language.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    /// Whose field it is. Of several, the one that is being selected.
    pub subjects: &'static [Subject],
    /// One sentence for the reference page.
    pub doc: &'static str,
    /// A comparison for the reference page.
    pub example: &'static str,
}

/// What a field holds, and so how it compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Compared without regard to case. Of a list, any element.
    Text,
    /// A whole number. Of a list, any element.
    Number,
    /// A number that may have a fraction.
    Decimal,
    /// One of a few words.
    Word(Words),
    Time,
    /// True or false. The word, where there is one, is another way to write `true`.
    Flag(Option<&'static str>),
    /// How many days have passed since the time in another field. Compared as that time.
    DaysSince(&'static str),
    /// Whether the time in another field has passed. Compared as that time.
    IsPast(&'static str),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    Asset,
    Finding,
    Vulnerability,
}

/// Sources that every inventory has; attributes are asked for as `@qualys.NAME`.
pub static SOURCES: &[&str] = &["qualys"];

impl Field {
    /// Whether it is compared as another field, so that no term ever names it.
    pub fn is_derived(&self) -> bool {
        self.of().is_some()
    }

    /// The field that terms name in its stead.
    pub(crate) fn of(&self) -> Option<&'static str> {
        match self.kind {
            Kind::DaysSince(of) | Kind::IsPast(of) => Some(of),
            Kind::Text
            | Kind::Number
            | Kind::Decimal
            | Kind::Word(_)
            | Kind::Time
            | Kind::Flag(_) => None,
        }
    }
}

impl Field {
    /// The field as the contract has it.
    pub fn info(&self) -> FieldInfo {
        let subject = |subject: &Subject| match subject {
            Subject::Asset => "asset".to_owned(),
            Subject::Finding => "finding".to_owned(),
            Subject::Vulnerability => "vulnerability".to_owned(),
        };
        let words = match self.kind {
            Kind::Word(words) => words.words,
            _ => &[],
        };
        FieldInfo {
            name: self.name.to_owned(),
            kind: self.kind.word().to_owned(),
            words: words.iter().map(|&word| word.to_owned()).collect(),
            subjects: self.subjects.iter().map(subject).collect(),
            doc: self.doc.to_owned(),
            example: self.example.to_owned(),
            derived_from: self.of().map(str::to_owned),
        }
    }
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Decimal => "decimal",
            Kind::Word(_) => "word",
            Kind::Time => "time",
            Kind::Flag(_) | Kind::IsPast(_) => "flag",
            Kind::DaysSince(_) => "days",
        }
    }
}

pub(crate) fn find(name: &str) -> Option<&'static Field> {
    FIELDS
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case(name))
}

/// All fields, in the order of the reference page.
#[rustfmt::skip]
pub static FIELDS: &[Field] = &[
    field("source", Kind::Text, ASSET, "Name of the source that delivered it, such as `qualys`.", "source:qualys"),
    field("kind", Kind::Word(ASSET_KIND), ASSET, "What it is: a host or a web application.", "kind:host"),
    field("name", Kind::Text, ASSET, "DNS name, else NetBIOS name, else address.", "name:=web01.example.net"),
    field("ip", Kind::Text, ASSET, "IPv4 or IPv6 address.", "ip:10.0.%.7"),
    field("dns", Kind::Text, ASSET, "DNS name.", "dns:.example.net"),
    field("netbios", Kind::Text, ASSET, "NetBIOS name.", "netbios:=WEB01"),
    field("os", Kind::Text, ASSET, "Operating system.", "os:windows"),
    field("tag", Kind::Text, ASSET, "Name of any of its tags.", "tag:\"Cloud Agent\""),
    field("tag_id", Kind::Number, ASSET, "Number of any of its tags in Qualys.", "tag_id:12345678"),
    field("asset_group", Kind::Text, ASSET, "Title of any asset group that it is in.", "asset_group:datacenter"),
    field("tracking_method", Kind::Text, ASSET, "How Qualys tracks it, such as `AGENT` or `IP`.", "tracking_method:=agent"),
    field("host_id", Kind::Number, ASSET, "Number of the host in Qualys.", "host_id:4294967301"),
    field("web_app_id", Kind::Number, ASSET, "Number of the web application in Qualys.", "web_app_id:701"),
    field("qualys_asset_id", Kind::Number, ASSET, "Number of the asset in Qualys' AssetView.", "has:qualys_asset_id"),
    field("network_id", Kind::Number, ASSET, "Number of the network in Qualys.", "network_id:0"),
    field("cloud_provider", Kind::Text, ASSET, "Where it runs, such as `AWS`.", "cloud_provider:aws"),
    field("cloud_service", Kind::Text, ASSET, "Service of the provider, such as `EC2`.", "cloud_service:=ec2"),
    field("cloud_instance", Kind::Text, ASSET, "Identity of the instance at the provider.", "cloud_instance:i-0e2c"),
    field("trurisk", Kind::Number, ASSET, "TruRisk of the host, 0 to 1000.", "trurisk:>=700"),
    field("criticality", Kind::Number, ASSET, "Criticality of the asset, 1 to 5.", "criticality:>3"),
    field("open_findings", Kind::Number, ASSET_OR_VULNERABILITY, "How many of its findings are open.", "open_findings:>50"),
    field("open_critical", Kind::Number, ASSET, "How many of its open findings are critical.", "open_critical:>0"),
    field("open_high", Kind::Number, ASSET, "How many of its open findings are of high severity.", "open_high:>=10"),
    field("last_seen", Kind::Time, ASSET, "Last scan or check-in of its agent, the later.", "last_seen:<30days"),
    field("last_vm_scan", Kind::Time, ASSET, "End of its last vulnerability scan.", "last_vm_scan:<2026-11-01"),
    field("last_check_in", Kind::Time, ASSET, "Last time that its agent reported.", "last_check_in:>7days"),
    field("software", Kind::Text, ASSET, "Name of any of its software, and name and version as one text.", "software:\"openssl 1.1\""),
    field("software_version", Kind::Text, ASSET, "Version of any of its software.", "software_version:=\"7.4p1\""),
    field("software_end_of_life", Kind::Time, ASSET, "When any of its software is given up by its publisher.", "software_end_of_life:<2026-12-31"),
    field("open_port", Kind::Number, ASSET, "Any of the ports that it answers at.", "open_port:3389"),
    field("service", Kind::Text, ASSET, "What was recognized at any of its open ports.", "service:=ssh"),
    field("owner", Kind::Text, ASSET, "Owner of the web application.", "owner:\"Jane Doe\""),
    field("first_found", Kind::Time, ASSET_OR_FINDING, "When it was found first.", "first_found:<7days"),
    field("last_found", Kind::Time, FINDING, "When a scan saw it last.", "last_found:2026-11-20"),
    field("last_fixed", Kind::Time, FINDING, "When it was fixed last.", "last_fixed:<30days"),
    field("first_seen", Kind::Time, FINDING, "When it came into this inventory.", "first_seen:<1day"),
    field("open_since", Kind::Time, FINDING, "When it was found first, while it is open.", "open_since:<2026-01-01"),
    field("days_open", Kind::DaysSince("open_since"), FINDING, "Whole days since it was found first, while it is open.", "days_open:>90"),
    field("due", Kind::Time, FINDING, "When it has to be fixed by the target for its severity, while it is open.", "due:<2026-12-01"),
    field("breached", Kind::IsPast("due"), FINDING, "Whether that time has passed.", "breached:true"),
    field("severity", Kind::Word(SEVERITY), FINDING_OR_VULNERABILITY,
        "Severity; Qualys' numbers 1 to 5 stand for the words in their order.", "severity:>=high"),
    field("risk", Kind::Word(RISK), FINDING, "Risk; `none` where the risk score is 0.0.", "risk:>none"),
    field("status", Kind::Word(STATUS), FINDING,
        "Where it stands in its life; gathered information has none.", "status:reopened"),
    field("open", Kind::Flag(None), FINDING,
        "Whether it is worked on: not fixed, closed, ignored, disabled or put aside.", "open:true"),
    field("certainty", Kind::Word(CERTAINTY), FINDING, "How sure Qualys is of it.", "certainty:confirmed"),
    field("qds", Kind::Number, FINDING, "Qualys Detection Score, 1 to 100.", "qds:>=90"),
    field("port", Kind::Number, FINDING, "Port on which it was found.", "port:443"),
    field("protocol", Kind::Text, FINDING, "Protocol of the port, such as `tcp`.", "protocol:=udp"),
    field("fqdn", Kind::Text, FINDING, "Name under which the port was asked.", "fqdn:example.net"),
    field("ssl", Kind::Flag(None), FINDING, "Whether it was found over TLS.", "ssl:true"),
    field("instance", Kind::Text, FINDING, "Instance of a service or database.", "instance:oracle"),
    field("times_found", Kind::Number, FINDING, "How many scans saw it.", "times_found:>10"),
    field("ignored", Kind::Flag(None), FINDING, "Whether it was ignored in Qualys.", "ignored:true"),
    field("disabled", Kind::Flag(None), FINDING_OR_VULNERABILITY, "Whether its QID was disabled in Qualys.", "disabled:true"),
    field("closed", Kind::Word(CLOSED), FINDING, "Why it is no longer worked on.", "closed:vanished"),
    field("put_aside", Kind::Word(PUT_ASIDE), FINDING, "The setting that puts it aside.", "put_aside:kernel-filter"),
    field("running_kernel", Kind::Flag(None), FINDING, "Whether it affects the kernel that runs.", "running_kernel:false"),
    field("running_service", Kind::Flag(None), FINDING, "Whether it affects a service that runs.", "running_service:true"),
    field("exploitable_config", Kind::Flag(None), FINDING, "Whether the configuration can be exploited.", "exploitable_config:true"),
    field("results", Kind::Text, FINDING, "What the scan saw.", "results:\"self signed\""),
    field("url", Kind::Text, ASSET_OR_FINDING, "Page of a web application that has it; of an asset, the address of the web application.", "url:/checkout"),
    field("param", Kind::Text, FINDING, "Parameter of the page that has it.", "param:=query"),
    field("group", Kind::Text, FINDING, "Group of a finding of a web application, such as `XSS`.", "group:=xss"),
    field("protected", Kind::Flag(None), FINDING, "Whether a firewall protects the web application from it.", "protected:true"),
    field("cwe", Kind::Number, FINDING, "Any of its CWE numbers; findings of web applications have them.", "cwe:CWE-79"),
    field("owasp", Kind::Text, FINDING, "Any of its OWASP entries, as code and name.", "owasp:injection"),
    field("wasc", Kind::Text, FINDING, "Any of its WASC entries, as code and name.", "wasc:\"cross-site scripting\""),
    field("qid", Kind::Number, FINDING_OR_VULNERABILITY, "Number of the check in Qualys.", "qid:38173"),
    field("title", Kind::Text, VULNERABILITY, "Title in the knowledge base.", "title:\"remote code execution\""),
    field("cve", Kind::Text, VULNERABILITY, "Any of its CVE numbers.", "cve:=CVE-2021-44228"),
    field("cvss", Kind::Decimal, VULNERABILITY, "CVSS v3 base score, else v2, else v4.", "cvss:>=9"),
    field("category", Kind::Text, VULNERABILITY, "Category in the knowledge base.", "category:=\"RedHat\""),
    field("vuln_type", Kind::Text, VULNERABILITY, "Type in the knowledge base, such as `Potential Vulnerability`.", "vuln_type:potential"),
    field("vendor_reference", Kind::Text, VULNERABILITY, "Any identifier in the vendor's own advisories.", "vendor_reference:MS17-010"),
    field("patchable", Kind::Flag(None), VULNERABILITY, "Whether there is a patch.", "patchable:true"),
    field("threat", Kind::Text, VULNERABILITY, "Any of its real-time threat indicators.", "threat:active_attacks"),
    field("kev", Kind::Flag(Some("cisa")), VULNERABILITY,
        "Whether CISA knows of attacks: the indicator `Cisa_Known_Exploited_Vulns`.", "kev:cisa"),
    field("ransomware", Kind::Flag(None), VULNERABILITY, "Whether ransomware uses it: the indicator `Ransomware`.", "ransomware:true"),
    field("exploit", Kind::Flag(Some("public")), VULNERABILITY,
        "Whether an exploit is public: the indicator `Exploit_Public`, or one that Qualys names.", "exploit:public"),
    field("malware", Kind::Flag(None), VULNERABILITY,
        "Whether malware uses it: the indicator `Malware`, or one that Qualys names.", "malware:true"),
    field("published", Kind::Time, VULNERABILITY, "When Qualys published the check.", "published:<30days"),
    field("modified", Kind::Time, VULNERABILITY, "When Qualys changed the check last.", "modified:<7days"),
    field("patch_published", Kind::Time, VULNERABILITY, "When the patch was published.", "patch_published:>90days"),
    field("sources", Kind::Number, ASSET, "How many sources know it.", "sources:>1"),
    field("qvs", Kind::Number, VULNERABILITY, "Qualys vulnerability score of any of its CVEs, 1 to 100.", "qvs:>=80"),
    field("epss", Kind::Decimal, VULNERABILITY, "How likely any of its CVEs is used within 30 days, 0 to 1.", "epss:>0.5"),
    field("site", Kind::Text, ASSET, "Name of the site that it is in.", "site:=Berlin"),
];

const fn field(
    name: &'static str,
    kind: Kind,
    subjects: &'static [Subject],
    doc: &'static str,
    example: &'static str,
) -> Field {
    Field {
        name,
        kind,
        subjects,
        doc,
        example,
    }
}

const ASSET: &[Subject] = &[Subject::Asset];
const ASSET_OR_FINDING: &[Subject] = &[Subject::Asset, Subject::Finding];
const ASSET_OR_VULNERABILITY: &[Subject] = &[Subject::Asset, Subject::Vulnerability];
const FINDING: &[Subject] = &[Subject::Finding];
const FINDING_OR_VULNERABILITY: &[Subject] = &[Subject::Finding, Subject::Vulnerability];
const VULNERABILITY: &[Subject] = &[Subject::Vulnerability];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_once_and_can_be_written() {
        for (i, field) in FIELDS.iter().enumerate() {
            let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(field.name.bytes().all(is_name), "{}", field.name);
            let is_other = |other: &Field| other.name != field.name;
            assert!(FIELDS[..i].iter().all(is_other), "{}", field.name);
            let is_told = !field.subjects.is_empty() && field.doc.ends_with('.');
            assert!(is_told, "{}", field.name);
        }
    }

    #[test]
    fn every_example_is_of_its_field_and_compiles() {
        for field in FIELDS {
            let has = format!("has:{}", field.name);
            let own = field.example.split(':').next() == Some(field.name);
            assert!(own || field.example == has, "{}", field.name);
            let compiled = crate::filter::compile(field.example, 1_795_219_200);
            assert!(compiled.is_ok(), "{}: {compiled:?}", field.example);
        }
    }

    #[test]
    fn derived_fields_are_compared_as_times() {
        for field in FIELDS {
            if let Some(of) = field.of() {
                assert_eq!(
                    find(of).map(|of| of.kind),
                    Some(Kind::Time),
                    "{}",
                    field.name
                );
            }
        }
    }
}
