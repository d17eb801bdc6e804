//! Tags, and which hosts carry them.

use super::host::{Host, System};
use super::noise::mix;

#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
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

const TAGS: [Tag; 10] = [
    tag(7_651_001, "Cloud Agent", Rule::Agent),
    tag(7_651_002, "Windows", Rule::System(System::Windows)),
    tag(7_651_003, "Linux", Rule::System(System::Linux)),
    tag(
        7_651_004,
        "Network & Appliances",
        Rule::System(System::Appliance),
    ),
    tag(7_651_005, "Crown jewels", Rule::Share(20)),
    tag(7_651_006, "PCI <in scope>", Rule::Share(10)),
    tag(7_651_007, "Zürich", Rule::Share(6)),
    tag(7_651_008, "東京", Rule::Share(12)),
    tag(7_651_009, "Owner: \"Platform Team\"", Rule::Share(4)),
    tag(7_651_010, "lab", Rule::Share(15)),
];

const fn tag(id: u64, name: &'static str, rule: Rule) -> Tag {
    Tag { id, name, rule }
}
