//! The faults, for people: `--help` and the manual are made from this table.

pub(crate) struct Entry {
    pub(crate) kind: &'static str,
    pub(crate) example: &'static str,
    pub(crate) says: &'static str,
}

/// By what they harm: limits, accounts, servers, documents, delivery.
pub(crate) const FAULTS: &[Entry] = &[
    entry(
        "rate-limited",
        "rate-limited:secs=5,first=3",
        "409 with code 1965 and a wait of `secs`",
    ),
    entry("busy", "busy:first=2,on=detections", "409 with code 1960"),
    entry(
        "unregistered",
        "unregistered",
        "409 with code 2003: registration not completed",
    ),
    entry("securid", "securid", "409 with code 2011: SecurID required"),
    entry(
        "expired",
        "expired",
        "200 with code 2001: the account has expired",
    ),
    entry(
        "unauthorized",
        "unauthorized:after=10",
        "401 with code 2000, though the password is right",
    ),
    entry(
        "error",
        "error:status=502,every=4",
        "an HTTP error with an HTML page",
    ),
    entry(
        "not-licensed",
        "not-licensed:on=tags",
        "the portal's word that a module is not part of the subscription",
    ),
    entry(
        "maintenance",
        "maintenance:first=1",
        "503: scheduled maintenance",
    ),
    entry(
        "internal-error",
        "internal-error:first=1",
        "200 with GENERIC_RETURN, code 999, in place of a list",
    ),
    entry(
        "redirect",
        "redirect:on=hosts",
        "302 to a host of someone else",
    ),
    entry(
        "gzip-bomb",
        "gzip-bomb:mib=1024",
        "a small body that unpacks to `mib` MiB",
    ),
    entry(
        "no-hosts",
        "no-hosts",
        "what a user without scope sees: empty lists",
    ),
    entry(
        "no-cursor",
        "no-cursor:on=asset_view,first=1",
        "there are more assets, but not from where on",
    ),
    entry(
        "control-characters",
        "control-characters",
        "bell, escape and the like within RESULTS",
    ),
    entry("nul", "nul", "a NUL byte within RESULTS"),
    entry(
        "invalid-utf8",
        "invalid-utf8",
        "bytes that are no UTF-8 within RESULTS",
    ),
    entry(
        "broken-host",
        "broken-host:host=#3",
        "the element of one host is not closed",
    ),
    entry(
        "entity-bomb",
        "entity-bomb",
        "a DOCTYPE with nested and external entities",
    ),
    entry(
        "link-elsewhere",
        "link-elsewhere",
        "the next page is on another server",
    ),
    entry(
        "link-purge",
        "link-purge",
        "the link to the next page has action=purge",
    ),
    entry(
        "link-loop",
        "link-loop",
        "the link to the next page leads to the same page",
    ),
    entry("drip", "drip:bytes=1000", "`bytes` bytes per second"),
    entry(
        "stall",
        "stall:secs=60,at=100000,over-hosts=250",
        "silence for `secs` after `at` bytes",
    ),
    entry(
        "stall-host",
        "stall-host:host=#3",
        "silence for ever where one host would come",
    ),
    entry(
        "cut",
        "cut:part=0.5,every=3",
        "the body ends early (at=BYTE or part=0..1), HTTP looks complete",
    ),
    entry(
        "reset",
        "reset:at=50000,first=1",
        "the connection is closed in the middle (at=BYTE or part=0..1)",
    ),
];

pub(crate) fn help() -> String {
    let mut text = String::from("Faults (--fault KIND[:NAME=VALUE,...], repeatable):\n");
    for fault in FAULTS {
        text.push_str(&format!(
            "  {:<20}{}\n{:22}{}\n",
            fault.kind, fault.says, "", fault.example
        ));
    }
    text.push_str(SELECTORS);
    text
}

const SELECTORS: &str = "\
Every fault takes, to choose the calls that it strikes:
  on=API|/PATH   only one API (activity_log, asset_groups, asset_view, detections, hosts,
                 knowledge_base, qvs, tags, host_assets, web_apps, web_findings),
                 or paths that begin so
  first=K        only the first K matching calls
  after=N        not the first N matching calls
  every=N        only one of N matching calls
  over-hosts=K   only calls that name more than K hosts by id";

const fn entry(kind: &'static str, example: &'static str, says: &'static str) -> Entry {
    Entry {
        kind,
        example,
        says,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_has_the_same_table() {
        let manual = include_str!("../../../qualys-sim.md");
        for fault in FAULTS {
            let row = format!(
                "| `{}` | {} | `{}` |",
                fault.kind, fault.says, fault.example
            );
            assert!(manual.contains(&row), "missing: {row}");
        }
    }
}
