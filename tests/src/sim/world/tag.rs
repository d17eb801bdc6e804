//! Tags, and which hosts carry them.

use super::host::{Host, System};
use super::noise::mix;

#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) parent: Option<u64>,
    pub(crate) criticality: Option<u8>,
    rule: Rule,
}

#[derive(Debug)]
enum Rule {
    Agent,
    /// One host in so many.
    Share(u64),
    System(System),
}

impl Tag {
    pub(crate) fn is_on(&self, host: &Host) -> bool {
        match self.rule {
            Rule::Agent => host.is_agent(),
            Rule::Share(share) => mix(host.key, self.id).is_multiple_of(share),
            Rule::System(system) => host.os.system == system,
        }
    }
}

impl Tag {
    /// Absent for a tag that people put on hosts themselves.
    pub(crate) fn rule_type(&self) -> Option<&'static str> {
        match self.rule {
            Rule::Agent => Some("GROOVY"),
            Rule::System(_) => Some("OS_REGEX"),
            Rule::Share(_) => None,
        }
    }

    pub(crate) fn rule_text(&self) -> Option<&'static str> {
        match self.rule {
            Rule::Agent => Some("return asset.hasAgent() && 1 < 2;\n"),
            Rule::System(System::Windows) => Some("windows"),
            Rule::System(System::Linux) => Some("linux|ubuntu|centos"),
            Rule::System(_) => Some("cisco|\"embedded\""),
            Rule::Share(_) => None,
        }
    }

    pub(crate) fn color(&self) -> &'static str {
        ["#FFFFFF", "#D0E0FF", "#00FF7F"][(self.id % 3) as usize]
    }
}

pub(crate) fn tags_of(host: &Host) -> impl Iterator<Item = &'static Tag> {
    TAGS.iter().filter(move |tag| tag.is_on(host))
}

pub(crate) fn find(word: &str, by_name: bool) -> Option<&'static Tag> {
    TAGS.iter().find(|tag| {
        if by_name {
            tag.name == word
        } else {
            word == tag.id.to_string()
        }
    })
}

pub(crate) static TAGS: [Tag; 10] = [
    tag(7_651_001, "Cloud Agent", Rule::Agent),
    tag(7_651_002, "Windows", Rule::System(System::Windows)),
    tag(7_651_003, "Linux", Rule::System(System::Linux)),
    tag(
        7_651_004,
        "Network & Appliances",
        Rule::System(System::Appliance),
    ),
    tag(7_651_005, "Crown jewels", Rule::Share(20)).critical(5),
    tag(7_651_006, "PCI <in scope>", Rule::Share(10)).critical(4),
    tag(7_651_007, "Zürich", Rule::Share(6)).below(7_651_009),
    tag(7_651_008, "東京", Rule::Share(12)).below(7_651_009),
    tag(7_651_009, "Owner: \"Platform Team\"", Rule::Share(4)),
    tag(7_651_010, "lab", Rule::Share(15))
        .critical(1)
        .below(7_651_008),
];

const fn tag(id: u64, name: &'static str, rule: Rule) -> Tag {
    Tag {
        id,
        name,
        parent: None,
        criticality: None,
        rule,
    }
}

impl Tag {
    const fn critical(self, score: u8) -> Tag {
        Tag {
            criticality: Some(score),
            ..self
        }
    }

    const fn below(self, parent: u64) -> Tag {
        Tag {
            parent: Some(parent),
            ..self
        }
    }
}
