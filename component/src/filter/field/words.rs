//! The words that fields know, and what people write instead.

/// The words of one field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Words {
    /// From the lowest to the highest.
    pub words: &'static [&'static str],
    /// Whether one of them is more than another.
    pub is_ordered: bool,
    /// What people write instead, and the word that they mean.
    pub aliases: &'static [(&'static str, &'static str)],
}

pub(super) const SEVERITY: Words = Words {
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

pub(super) const RISK: Words = Words {
    words: &["none", "info", "low", "medium", "high", "critical"],
    is_ordered: true,
    aliases: &[],
};

pub(super) const STATUS: Words = Words {
    words: &["new", "active", "fixed", "reopened"],
    is_ordered: false,
    aliases: &[("re-opened", "reopened")],
};

pub(super) const CLOSED: Words = Words {
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

pub(super) const PUT_ASIDE: Words = Words {
    words: &[
        "kernel-filter",
        "service-filter",
        "config-filter",
        "severity",
        "risk",
        "certainty",
        "age",
        "tag",
        "asset-group",
        "os",
        "unscanned",
        "unknown",
        "expression",
        "fingerprint-only",
    ],
    is_ordered: false,
    aliases: &[],
};

pub(super) const CERTAINTY: Words = Words {
    words: &["confirmed", "potential", "information"],
    is_ordered: false,
    aliases: &[("info", "information")],
};

pub(super) const ASSET_KIND: Words = Words {
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
    fn aliases_lead_to_words() {
        for words in [
            SEVERITY, RISK, STATUS, CERTAINTY, CLOSED, PUT_ASIDE, ASSET_KIND,
        ] {
            let is_word = |(_, word): &(_, &str)| words.words.contains(word);
            assert!(words.aliases.iter().all(is_word));
        }
    }
}
