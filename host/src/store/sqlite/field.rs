//! The fields of the query language, and where each is found in the tables.

use crate::{
    guest::{
        rules::Rule,
        types::{Certainty, Risk, Severity, Status},
    },
    store::{AssetKind, ClosedReason, word::Word},
};

/// One field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) of: Of,
    /// Whether a comparison is likely to select few, so that it pays to begin with those; else
    /// the list is read in its order until the page is full.
    pub(super) is_selective: bool,
    /// The value, in terms of the tables that `of` names.
    pub(super) value: &'static str,
    pub(super) kind: Kind,
}

/// What a field says something of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Of {
    /// Of the finding `f`.
    Finding,
    /// Of the asset `a`.
    Asset,
    /// Of the assets that this query lists, once its condition is added.
    Assets(&'static str),
    /// Of the QIDs that this query lists, once its condition is added.
    Qids(&'static str),
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

pub(super) fn named(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// The same words mean the entry itself where the list is one of vulnerabilities.
pub(super) fn of_vulnerability(name: &str) -> Option<&'static Field> {
    VULNERABILITY_FIELDS
        .iter()
        .find(|field| field.name == name)
        .or_else(|| named(name))
}

const fn field(name: &'static str, of: Of, value: &'static str, kind: Kind) -> Field {
    Field {
        name,
        of,
        is_selective: false,
        value,
        kind,
    }
}

const fn selective(field: Field) -> Field {
    Field {
        is_selective: true,
        ..field
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

const ENTRY: Of = Of::Qids("SELECT v.qid FROM vulnerabilities v WHERE");
const CVE: Of = Of::Qids("SELECT c.qid FROM vulnerability_cves c WHERE");
const THREAT: Of = Of::Qids("SELECT v.qid FROM vulnerabilities v, json_each(v.threats) t WHERE");
const QID: Of = Of::Qids("SELECT q.qid FROM qids q WHERE");
const TAG: Of = Of::Assets("SELECT t.asset_id FROM asset_tags t WHERE");
const ASSET_GROUP: Of = Of::Assets(
    "SELECT a.id FROM asset_groups g
     JOIN asset_group_hosts h
       ON h.connector_id = g.connector_id AND h.asset_group_id = g.asset_group_id
     JOIN assets a ON a.connector_id = h.connector_id AND a.host_id = h.host_id WHERE",
);

const FIELDS: &[Field] = &[
    field(
        "severity",
        Of::Finding,
        "f.severity",
        words::<Severity>(true),
    ),
    field("risk", Of::Finding, "f.risk", words::<Risk>(true)),
    field("status", Of::Finding, "f.status", words::<Status>(false)),
    field(
        "certainty",
        Of::Finding,
        "f.certainty",
        words::<Certainty>(false),
    ),
    selective(field("qid", QID, "q.qid", Kind::Integer)),
    selective(field("title", ENTRY, "v.title", Kind::Text)),
    selective(field("cve", CVE, "c.cve", Kind::Text)),
    field("cvss", ENTRY, "v.cvss_base", Kind::Score),
    field("category", ENTRY, "v.category", Kind::Text),
    field("patchable", ENTRY, "v.is_patchable", Kind::Flag),
    field("threat", THREAT, "t.value", Kind::Text),
    field("qds", Of::Finding, "f.qds", Kind::Integer),
    field("port", Of::Finding, "f.port", Kind::Integer),
    field("protocol", Of::Finding, "f.protocol", Kind::Text),
    field("ignored", Of::Finding, "f.is_ignored", Kind::Flag),
    field("disabled", Of::Finding, "f.is_disabled", Kind::Flag),
    field(
        "closed",
        Of::Finding,
        "f.closed_reason",
        words::<ClosedReason>(false),
    ),
    selective(field(
        "put_aside",
        Of::Finding,
        "f.put_aside_by",
        words::<Rule>(false),
    )),
    field("last_found", Of::Finding, "f.last_found_at", Kind::Time),
    field("first_found", Of::Finding, "f.first_found_at", Kind::Time),
    field("last_fixed", Of::Finding, "f.last_fixed_at", Kind::Time),
    selective(field("name", Of::Asset, "a.name", Kind::Text)),
    selective(field("ip", Of::Asset, "a.ip", Kind::Text)),
    selective(field("ipv6", Of::Asset, "a.ipv6", Kind::Text)),
    selective(field("dns", Of::Asset, "a.dns", Kind::Text)),
    selective(field("netbios", Of::Asset, "a.netbios", Kind::Text)),
    field("os", Of::Asset, "a.os", Kind::Text),
    field("tag", TAG, "t.name", Kind::Text),
    field("asset_group", ASSET_GROUP, "g.title", Kind::Text),
    field(
        "tracking_method",
        Of::Asset,
        "a.tracking_method",
        Kind::Text,
    ),
    selective(field("host_id", Of::Asset, "a.host_id", Kind::Integer)),
    field("trurisk", Of::Asset, "a.trurisk", Kind::Integer),
    field("criticality", Of::Asset, "a.criticality", Kind::Integer),
    field("open_findings", Of::Asset, "a.open_findings", Kind::Integer),
    field("last_seen", Of::Asset, "a.last_seen_at", Kind::Time),
    field("last_vm_scan", Of::Asset, "a.last_vm_scan_at", Kind::Time),
    field(
        "source",
        Of::Asset,
        "(SELECT s.name FROM sources s WHERE s.id = a.source_id)",
        Kind::Text,
    ),
    field(
        "sources",
        Of::Asset,
        "(SELECT count(DISTINCT r.source_id) FROM assets r
          WHERE r.asset_id = a.asset_id AND r.gone_at IS NULL)",
        Kind::Integer,
    ),
    field(
        "site",
        Of::Asset,
        "(SELECT s.name FROM assets o JOIN sites s ON s.id = o.site_id WHERE o.id = a.asset_id)",
        Kind::Text,
    ),
    field("kind", Of::Asset, "a.kind", words::<AssetKind>(false)),
];

const VULNERABILITY_FIELDS: &[Field] = &[
    field("severity", ENTRY, "v.severity", words::<Severity>(true)),
    field("disabled", ENTRY, "v.is_disabled", Kind::Flag),
    field("open_findings", QID, "q.open_findings", Kind::Integer),
    field("published", ENTRY, "v.published_at", Kind::Time),
    field("modified", ENTRY, "v.modified_at", Kind::Time),
];
