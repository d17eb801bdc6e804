//! Tables beside those of assets, findings and QIDs, where fields with several values are.

use super::super::software::shown_sql;

/// Rows beside those of records or findings, or of QIDs. `{id}` stands for the number of one.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Side {
    /// Lists the numbers of those that have such a row, once a condition is added.
    pub(in super::super) all: &'static str,
    /// Lists the rows of one, once a condition is added.
    pub(in super::super) of_one: &'static str,
    /// A list of vulnerabilities has this row beside each anyway, under the same name.
    pub(in super::super) is_listed: bool,
}

macro_rules! side {
    ($from:literal, $id:literal) => {
        Side {
            all: concat!("SELECT ", $id, " AS id FROM ", $from, " WHERE"),
            of_one: concat!("SELECT 1 FROM ", $from, " WHERE ", $id, " = {id} AND"),
            is_listed: false,
        }
    };
}

pub(super) const TAG: Side = side!("asset_tags t", "t.asset_id");
pub(super) const ASSET_GROUP: Side = side!(
    "asset_groups g
     JOIN asset_group_hosts h
       ON h.connector_id = g.connector_id AND h.asset_group_id = g.asset_group_id
     JOIN assets n ON n.connector_id = h.connector_id AND n.host_id = h.host_id",
    "n.id"
);
// From the few names to the many assets, and of one asset the other way round.
pub(super) const SOFTWARE: Side = Side {
    all: concat!(
        "SELECT i.asset_id AS id FROM software s CROSS JOIN asset_software i ON i.software_id = s.id
         WHERE ",
        shown_sql!(),
        " AND"
    ),
    of_one: concat!(
        "SELECT 1 FROM asset_software i CROSS JOIN software s ON s.id = i.software_id
         WHERE i.asset_id = {id} AND ",
        shown_sql!(),
        " AND"
    ),
    is_listed: false,
};
pub(super) const PORT: Side = Side {
    all: "SELECT p.asset_id AS id FROM asset_ports p WHERE (p.source <> 2 OR NOT EXISTS (
       SELECT 1 FROM asset_ports e WHERE e.asset_id = p.asset_id AND e.source IN (0, 1))) AND",
    of_one: "SELECT 1 FROM asset_ports p WHERE p.asset_id = {id} AND (p.source <> 2 OR NOT EXISTS (
       SELECT 1 FROM asset_ports e WHERE e.asset_id = p.asset_id AND e.source IN (0, 1))) AND",
    is_listed: false,
};
pub(super) const WEB_APP: Side = side!("web_apps o", "o.asset_id");
pub(super) const WEB: Side = side!("web_findings w", "w.finding_id");
pub(super) const CWE: Side = side!("web_findings w, json_each(w.cwe) j", "w.finding_id");
pub(super) const OWASP: Side = side!("web_findings w, json_each(w.owasp) j", "w.finding_id");
pub(super) const WASC: Side = side!("web_findings w, json_each(w.wasc) j", "w.finding_id");

pub(super) const ENTRY: Side = Side {
    is_listed: true,
    ..side!("vulnerabilities v", "v.qid")
};
pub(super) const CVE: Side = side!("vulnerability_cves c", "c.qid");
pub(super) const SCORE: Side = side!(
    "vulnerability_cves c JOIN cve_scores s ON s.cve = c.cve",
    "c.qid"
);
pub(super) const THREAT: Side = side!("vulnerabilities v, json_each(v.threats) j", "v.qid");
pub(super) const REFERENCE: Side = side!(
    "vulnerability_texts x, json_each(x.vendor_references) j",
    "x.qid"
);
pub(super) const QID: Side = Side {
    is_listed: true,
    ..side!("qids q", "q.qid")
};
