//! The fields that an expression may name, as one table. The reference page is made from it.

/// A field of the query language.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    /// Whose field it is. Of several, the one that is being selected.
    pub subjects: &'static [Subject],
    /// One sentence for the reference page.
    pub doc: &'static str,
}

/// What a field holds, and so how it compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Compared without regard to case. Of a list, any element.
    Text,
    /// A whole number.
    Number,
    /// A number that may have a fraction.
    Decimal,
    /// One of a few words.
    Word(Words),
    Time,
    /// True or false.
    Flag,
}

/// The words that a field knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Words {
    /// From the lowest to the highest.
    pub words: &'static [&'static str],
    /// Whether one of them is more than another.
    pub is_ordered: bool,
    /// What people write instead, and the word that they mean.
    pub aliases: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    Asset,
    Finding,
    Vulnerability,
}

pub(crate) fn find(name: &str) -> Option<&'static Field> {
    FIELDS
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case(name))
}

/// All fields, in the order of the reference page.
#[rustfmt::skip]
pub static FIELDS: &[Field] = &[
    field("source", Kind::Text, ASSET, "Name of the source that delivered it, such as `qualys`."),
    field("name", Kind::Text, ASSET, "DNS name, else NetBIOS name, else address."),
    field("ip", Kind::Text, ASSET, "IPv4 or IPv6 address."),
    field("dns", Kind::Text, ASSET, "DNS name."),
    field("netbios", Kind::Text, ASSET, "NetBIOS name."),
    field("os", Kind::Text, ASSET, "Operating system."),
    field("tag", Kind::Text, ASSET, "Name of any of its tags."),
    field("asset_group", Kind::Text, ASSET, "Title of any asset group that it is in."),
    field("tracking_method", Kind::Text, ASSET, "How Qualys tracks it, such as `AGENT` or `IP`."),
    field("host_id", Kind::Number, ASSET, "Number of the host in Qualys."),
    field("trurisk", Kind::Number, ASSET, "TruRisk of the host, 0 to 1000."),
    field("criticality", Kind::Number, ASSET, "Criticality of the asset, 1 to 5."),
    field("open_findings", Kind::Number, ASSET, "How many of its findings are open."),
    field("last_seen", Kind::Time, ASSET, "Last scan or check-in of its agent, the later."),
    field("last_vm_scan", Kind::Time, ASSET, "End of its last vulnerability scan."),
    field("first_found", Kind::Time, ASSET_OR_FINDING, "When it was found first."),
    field("last_found", Kind::Time, FINDING, "When a scan saw it last."),
    field("last_fixed", Kind::Time, FINDING, "When it was fixed last."),
    field("severity", Kind::Word(SEVERITY), FINDING_OR_VULNERABILITY,
        "Severity; Qualys' numbers 1 to 5 stand for the words in their order."),
    field("risk", Kind::Word(RISK), FINDING, "Risk; `none` where the risk score is 0.0."),
    field("status", Kind::Word(STATUS), FINDING,
        "Where it stands in its life; gathered information has none."),
    field("certainty", Kind::Word(CERTAINTY), FINDING, "How sure Qualys is of it."),
    field("qds", Kind::Number, FINDING, "Qualys Detection Score, 1 to 100."),
    field("port", Kind::Number, FINDING, "Port on which it was found."),
    field("protocol", Kind::Text, FINDING, "Protocol of the port, such as `tcp`."),
    field("ignored", Kind::Flag, FINDING, "Whether it was ignored in Qualys."),
    field("disabled", Kind::Flag, FINDING, "Whether its QID was disabled in Qualys."),
    field("closed", Kind::Word(CLOSED), FINDING, "Why it is no longer worked on."),
    field("put_aside", Kind::Word(PUT_ASIDE), FINDING, "The setting that puts it aside."),
    field("results", Kind::Text, FINDING, "What the scan saw."),
    field("qid", Kind::Number, FINDING_OR_VULNERABILITY, "Number of the check in Qualys."),
    field("title", Kind::Text, VULNERABILITY, "Title in the knowledge base."),
    field("cve", Kind::Text, VULNERABILITY, "Any of its CVE numbers."),
    field("cvss", Kind::Decimal, VULNERABILITY, "CVSS v3 base score, else v2, else v4."),
    field("category", Kind::Text, VULNERABILITY, "Category in the knowledge base."),
    field("patchable", Kind::Flag, VULNERABILITY, "Whether there is a patch."),
    field("threat", Kind::Text, VULNERABILITY, "Any of its real-time threat indicators."),
    field("sources", Kind::Number, ASSET, "How many sources know it."),
    field("site", Kind::Text, ASSET, "Name of the site that it is in."),
    field("kind", Kind::Word(ASSET_KIND), ASSET, "What it is: a host or a web application."),
];

const fn field(
    name: &'static str,
    kind: Kind,
    subjects: &'static [Subject],
    doc: &'static str,
) -> Field {
    Field {
        name,
        kind,
        subjects,
        doc,
    }
}

const ASSET: &[Subject] = &[Subject::Asset];
const ASSET_OR_FINDING: &[Subject] = &[Subject::Asset, Subject::Finding];
const FINDING: &[Subject] = &[Subject::Finding];
const FINDING_OR_VULNERABILITY: &[Subject] = &[Subject::Finding, Subject::Vulnerability];
const VULNERABILITY: &[Subject] = &[Subject::Vulnerability];

const SEVERITY: Words = Words {
    words: &["info", "low", "medium", "high", "critical"],
    is_ordered: true,
    aliases: &[
        ("1", "info"),
        ("2", "low"),
        ("3", "medium"),
        ("4", "high"),
        ("5", "critical"),
    ],
};

const RISK: Words = Words {
    words: &["none", "info", "low", "medium", "high", "critical"],
    is_ordered: true,
    aliases: &[],
};

const STATUS: Words = Words {
    words: &["new", "active", "fixed", "reopened"],
    is_ordered: false,
    aliases: &[("re-opened", "reopened")],
};

const CLOSED: Words = Words {
    words: &[
        "fixed",
        "vanished",
        "host-purged",
        "ignored",
        "disabled",
        "inactive",
    ],
    is_ordered: false,
    aliases: &[],
};

const PUT_ASIDE: Words = Words {
    words: &["kernel-filter", "service-filter", "config-filter"],
    is_ordered: false,
    aliases: &[],
};

const CERTAINTY: Words = Words {
    words: &["confirmed", "potential", "information"],
    is_ordered: false,
    aliases: &[("info", "information")],
};

const ASSET_KIND: Words = Words {
    words: &["host", "web-application"],
    is_ordered: false,
    aliases: &[
        ("web", "web-application"),
        ("web-app", "web-application"),
        ("webapp", "web-application"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_once_and_can_be_written() {
        for (i, field) in FIELDS.iter().enumerate() {
            let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(field.name.bytes().all(is_name), "{}", field.name);
            assert!(
                FIELDS[..i].iter().all(|other| other.name != field.name),
                "{}",
                field.name
            );
            assert!(
                !field.subjects.is_empty() && field.doc.ends_with('.'),
                "{}",
                field.name
            );
        }
    }

    #[test]
    fn aliases_lead_to_words() {
        for words in [
            SEVERITY, RISK, STATUS, CERTAINTY, CLOSED, PUT_ASIDE, ASSET_KIND,
        ] {
            assert!(
                words
                    .aliases
                    .iter()
                    .all(|(_, word)| words.words.contains(word))
            );
        }
    }
}
