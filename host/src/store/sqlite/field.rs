//! The fields of the query language, and where each is found in the tables. A test holds this table
//! and the component's together.

mod place;

use crate::{
    guest::{
        rules::Rule,
        types::{Certainty, Risk, Severity, Status},
    },
    store::{AssetKind, ClosedReason, word::Word},
};

use super::filter::Subject;
pub(super) use place::Side;
use place::{
    ASSET_GROUP, CVE, CWE, ENTRY, OWASP, PORT, QID, REFERENCE, SCORE, SOFTWARE, TAG, THREAT, WASC,
    WEB, WEB_APP,
};

/// One field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) of: Of,
    /// What it is in terms of the tables that `of` names. Of several, any.
    pub(super) values: &'static [&'static str],
    pub(super) kind: Kind,
}

/// What a field says something of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// Of the finding `f`.
    Finding,
    /// Of the asset: of any of its records `r`.
    Asset,
    /// Of assets, in rows beside those of their records.
    Assets(&'static Side),
    /// Of findings, in rows beside theirs.
    Findings(&'static Side),
    /// Of QIDs, in rows about them.
    Qids(&'static Side),
}

/// How values are read and compared.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Integer,
    Score,
    Time,
    Flag,
    /// Words that are kept as their place. With an order when they are a scale.
    Words {
        place: fn(&str) -> Option<u8>,
        words: fn() -> String,
        is_scale: bool,
    },
}

/// The field of this name in a list of such rows: where several have one, it is their own.
pub(super) fn named(name: &str, subject: Subject) -> Option<&'static Field> {
    let own = match subject {
        Subject::Finding => &[],
        Subject::Asset => OF_ASSETS,
        Subject::Vulnerability => OF_VULNERABILITIES,
    };
    own.iter().chain(FIELDS).find(|field| field.name == name)
}

const fn field(name: &'static str, of: Of, values: &'static [&'static str], kind: Kind) -> Field {
    Field {
        name,
        of,
        values,
        kind,
    }
}

const fn words<W: Word>(is_scale: bool) -> Kind {
    Kind::Words {
        place: |word| W::from_word(word).map(Word::place),
        words: || {
            W::ALL
                .iter()
                .map(|(_, word)| format!("`{word}`"))
                .collect::<Vec<_>>()
                .join(", ")
        },
        is_scale,
    }
}

use Kind::{Flag, Integer, Score, Text, Time};
use Of::{Asset, Assets, Finding, Findings, Qids};

const SEVERITY: Kind = words::<Severity>(true);

#[rustfmt::skip]
pub(super) const FIELDS: &[Field] = &[
    field("source", Asset, &["(SELECT s.name FROM sources s WHERE s.id = r.source_id)"], Text),
    field("kind", Asset, &["r.kind"], words::<AssetKind>(false)),
    field("name", Asset, &["r.name"], Text),
    field("ip", Asset, &["r.ip", "r.ipv6"], Text),
    field("dns", Asset, &["r.dns"], Text),
    field("netbios", Asset, &["r.netbios"], Text),
    field("os", Asset, &["r.os"], Text),
    field("tag", Assets(&TAG), &["t.name"], Text),
    field("tag_id", Assets(&TAG), &["t.tag_id"], Integer),
    field("asset_group", Assets(&ASSET_GROUP), &["g.title"], Text),
    field("tracking_method", Asset, &["r.tracking_method"], Text),
    field("host_id", Asset, &["r.host_id"], Integer),
    field("web_app_id", Asset, &["r.web_app_id"], Integer),
    field("qualys_asset_id", Asset, &["r.qualys_asset_id"], Integer),
    field("network_id", Asset, &["r.network_id"], Integer),
    field("cloud_provider", Asset, &["r.cloud_provider"], Text),
    field("cloud_service", Asset, &["r.cloud_service"], Text),
    field("cloud_instance", Asset, &["r.cloud_instance"], Text),
    field("trurisk", Asset, &["r.trurisk"], Integer),
    field("criticality", Asset, &["r.criticality"], Integer),
    field("open_findings", Asset, &["CASE WHEN r.is_primary = 1 THEN r.open_findings END"], Integer),
    field("open_critical", Asset, &["CASE WHEN r.is_primary = 1 THEN r.open_critical END"], Integer),
    field("open_high", Asset, &["CASE WHEN r.is_primary = 1 THEN r.open_high END"], Integer),
    field("last_seen", Asset, &["r.last_seen_at"], Time),
    field("last_vm_scan", Asset, &["r.last_vm_scan_at"], Time),
    field("last_check_in", Asset, &["r.last_check_in_at"], Time),
    field("software", Assets(&SOFTWARE), &["s.name", "s.name || ' ' || s.version"], Text),
    field("software_version", Assets(&SOFTWARE), &["s.version"], Text),
    field("software_end_of_life", Assets(&SOFTWARE), &["s.end_of_life_at"], Time),
    field("open_port", Assets(&PORT), &["p.port"], Integer),
    field("service", Assets(&PORT), &["p.service"], Text),
    field("owner", Assets(&WEB_APP), &["o.owner"], Text),
    field("first_found", Finding, &["f.first_found_at"], Time),
    field("last_found", Finding, &["f.last_found_at"], Time),
    field("last_fixed", Finding, &["f.last_fixed_at"], Time),
    field("first_seen", Finding, &["f.first_seen_at"], Time),
    field("open_since", Finding, &["CASE WHEN f.is_open = 1 THEN f.first_found_at END"], Time),
    field("due", Finding, &[DUE], Time),
    field("severity", Finding, &["f.severity"], SEVERITY),
    field("risk", Finding, &["f.risk"], words::<Risk>(true)),
    field("status", Finding, &["f.status"], words::<Status>(false)),
    field("open", Finding, &["f.is_open"], Flag),
    field("certainty", Finding, &["f.certainty"], words::<Certainty>(false)),
    field("qds", Finding, &["f.qds"], Integer),
    field("port", Finding, &["f.port"], Integer),
    field("protocol", Finding, &["f.protocol"], Text),
    field("fqdn", Finding, &["f.fqdn"], Text),
    field("ssl", Finding, &["f.ssl"], Flag),
    field("instance", Finding, &["f.instance"], Text),
    field("times_found", Finding, &["f.times_found"], Integer),
    field("ignored", Finding, &["f.is_ignored"], Flag),
    field("disabled", Finding, &["f.is_disabled"], Flag),
    field("closed", Finding, &["f.closed_reason"], words::<ClosedReason>(false)),
    field("put_aside", Finding, &["f.put_aside_by"], words::<Rule>(false)),
    field("running_kernel", Finding, &["f.affects_running_kernel"], Flag),
    field("running_service", Finding, &["f.affects_running_service"], Flag),
    field("exploitable_config", Finding, &["f.affects_exploitable_config"], Flag),
    field("results", Finding, &[
        "text_among((SELECT r.body FROM results r WHERE r.id = f.id / 64), f.id % 64)",
        "text_of((SELECT x.body FROM text_bodies x WHERE x.text_id = f.text_id))"], Text),
    field("url", Findings(&WEB), &["w.url"], Text),
    field("param", Findings(&WEB), &["w.param"], Text),
    field("group", Findings(&WEB), &["w.weakness_group"], Text),
    field("protected", Findings(&WEB), &["w.is_protected"], Flag),
    field("cwe", Findings(&CWE), &["j.value"], Integer),
    field("owasp", Findings(&OWASP), &[WEAKNESS], Text),
    field("wasc", Findings(&WASC), &[WEAKNESS], Text),
    field("qid", Qids(&QID), &["q.qid"], Integer),
    field("title", Qids(&ENTRY), &["v.title"], Text),
    field("cve", Qids(&CVE), &["c.cve"], Text),
    field("cvss", Qids(&ENTRY), &["v.cvss_base"], Score),
    field("category", Qids(&ENTRY), &["v.category"], Text),
    field("vuln_type", Qids(&ENTRY), &["v.vuln_type"], Text),
    field("vendor_reference", Qids(&REFERENCE), &["j.value"], Text),
    field("patchable", Qids(&ENTRY), &["v.is_patchable"], Flag),
    field("threat", Qids(&THREAT), &["j.value"], Text),
    field("kev", Qids(&ENTRY),
        &[r"ifnull(v.threats LIKE '%cisa\_known\_exploited%' ESCAPE '\', 0)"], Flag),
    field("ransomware", Qids(&ENTRY), &["ifnull(v.threats LIKE '%ransomware%', 0)"], Flag),
    field("exploit", Qids(&ENTRY),
        &[r"(ifnull(v.threats LIKE '%exploit\_public%' ESCAPE '\', 0) OR EXISTS (
            SELECT 1 FROM vulnerability_texts x WHERE x.qid = v.qid AND x.exploits IS NOT NULL))"],
        Flag),
    field("malware", Qids(&ENTRY), &["(ifnull(v.threats LIKE '%malware%', 0) OR EXISTS (
            SELECT 1 FROM vulnerability_texts x WHERE x.qid = v.qid AND x.malware IS NOT NULL))"],
        Flag),
    field("published", Qids(&ENTRY), &["v.published_at"], Time),
    field("modified", Qids(&ENTRY), &["v.modified_at"], Time),
    field("patch_published", Qids(&ENTRY), &["v.patch_published_at"], Time),
    field("sources", Asset, &["(SELECT count(DISTINCT o.source_id) FROM assets o
        WHERE o.asset_id = r.asset_id AND o.gone_at IS NULL)"], Integer),
    field("qvs", Qids(&SCORE), &["s.score"], Integer),
    field("epss", Qids(&SCORE), &["s.epss"], Score),
    field("site", Asset, &["(SELECT s.name FROM assets o JOIN sites s ON s.id = o.site_id
        WHERE o.id = r.asset_id)"], Text),
];

/// When an open finding has to be fixed, if there is a target for its severity.
pub(super) const DUE: &str = "CASE WHEN f.is_open = 1 THEN f.first_found_at + 86400 *
    (SELECT n.days FROM targets n WHERE n.severity = f.severity) END";

const WEAKNESS: &str = "ifnull(j.value ->> '$.code' || ' ', '') || (j.value ->> '$.name')";

const OF_ASSETS: &[Field] = &[
    field("first_found", Asset, &["r.first_found_at"], Time),
    field("url", Assets(&WEB_APP), &["o.url"], Text),
];

const OF_VULNERABILITIES: &[Field] = &[
    field("severity", Qids(&ENTRY), &["v.severity"], SEVERITY),
    field("disabled", Qids(&ENTRY), &["v.is_disabled"], Flag),
    field("open_findings", Qids(&QID), &["q.open_findings"], Integer),
];
