//! Numbers that lists and overviews show without counting: kept by delta, in the transaction that
//! changes what they count.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use super::{
    day::{self, Days},
    fail::Result,
};
use crate::{
    guest::types::{Qid, Timestamp},
    store::Change,
};

/// Where a finding stands, as far as it is counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Standing {
    pub(super) severity: u8,
    pub(super) status: Option<u8>,
    pub(super) is_open: bool,
}

/// What one transaction changes.
#[derive(Debug, Default)]
pub(super) struct Counters {
    qids: HashMap<Qid, QidDelta>,
    findings: HashMap<(u8, i8, bool), i64>,
    named: HashMap<Named, i64>,
    /// Assets that show it, by the number of the software.
    software: HashMap<i64, i64>,
    days: Days,
}

#[derive(Clone, Copy, Debug, Default)]
struct QidDelta {
    findings: i64,
    open_findings: i64,
    is_riskless: bool,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Named {
    Assets,
    Vulnerabilities,
    UnknownQids,
    AssetGroups,
    Tags,
    WebApplications,
}

impl Named {
    pub(super) const ALL: [Named; 6] = [
        Named::Assets,
        Named::Vulnerabilities,
        Named::UnknownQids,
        Named::AssetGroups,
        Named::Tags,
        Named::WebApplications,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Named::Assets => "assets",
            Named::Vulnerabilities => "vulnerabilities",
            Named::UnknownQids => "unknown-qids",
            Named::AssetGroups => "asset-groups",
            Named::Tags => "tags",
            Named::WebApplications => "web-applications",
        }
    }

    fn recounted_by(self) -> &'static str {
        match self {
            Named::Assets => {
                "SELECT count(DISTINCT asset_id) FROM assets
                 WHERE gone_at IS NULL AND left_out_by IS NULL"
            }
            Named::Vulnerabilities => "SELECT count(*) FROM vulnerabilities",
            Named::UnknownQids => {
                "SELECT count(*) FROM qids
                 WHERE NOT EXISTS (SELECT 1 FROM vulnerabilities v WHERE v.qid = qids.qid)"
            }
            Named::AssetGroups => "SELECT count(*) FROM asset_groups",
            Named::Tags => "SELECT count(*) FROM tags",
            Named::WebApplications => {
                "SELECT count(*) FROM assets WHERE gone_at IS NULL AND kind = 1"
            }
        }
    }
}

impl Counters {
    pub(super) fn add(&mut self, named: Named, delta: i64) {
        *self.named.entry(named).or_default() += delta;
    }

    /// An asset shows the software now, or does no more.
    pub(super) fn software(&mut self, id: i64, delta: i64) {
        *self.software.entry(id).or_default() += delta;
    }

    /// Makes sure that the QID is known by number, and tells whether its entry takes the risk off
    /// findings that have no score of their own.
    pub(super) fn see_qid(&mut self, tx: &Connection, qid: Qid) -> Result<bool> {
        if let Some(delta) = self.qids.get(&qid) {
            return Ok(delta.is_riskless);
        }
        let stored: Option<bool> = tx
            .prepare_cached("SELECT is_riskless FROM qids WHERE qid = ?1")?
            .query_row([qid], |row| row.get(0))
            .optional()?;
        if stored.is_none() {
            tx.prepare_cached("INSERT INTO qids (qid) VALUES (?1)")?
                .execute([qid])?;
            self.add(Named::UnknownQids, 1);
        }
        let is_riskless = stored.unwrap_or(false);
        self.qids.insert(
            qid,
            QidDelta {
                is_riskless,
                ..QidDelta::default()
            },
        );
        Ok(is_riskless)
    }

    /// The entry of a QID that was seen has changed.
    pub(super) fn set_riskless(&mut self, qid: Qid, is_riskless: bool) {
        self.qids.entry(qid).or_default().is_riskless = is_riskless;
    }

    /// A finding of a QID that was seen came, changed its standing, or went.
    pub(super) fn moved(&mut self, qid: Qid, before: Option<Standing>, after: Option<Standing>) {
        let delta = self.qids.entry(qid).or_default();
        for (standing, sign) in [(before, -1), (after, 1)] {
            let Some(standing) = standing else { continue };
            delta.findings += sign;
            delta.open_findings += sign * i64::from(standing.is_open);
            let status = standing.status.map_or(-1, u8::cast_signed);
            let key = (standing.severity, status, standing.is_open);
            *self.findings.entry(key).or_default() += sign;
        }
    }

    /// A finding came.
    pub(super) fn came(&mut self, at: Timestamp, standing: Standing) {
        self.days.came(at, standing);
    }

    /// A finding moved from one standing to another.
    pub(super) fn changed(&mut self, at: Timestamp, change: Change, moved: (Standing, Standing)) {
        self.days.changed(at, change, moved);
    }

    pub(super) fn flush(self, tx: &Connection) -> Result<()> {
        self.days.flush(tx)?;
        let mut qid = tx.prepare_cached(
            "UPDATE qids SET findings = findings + ?2, open_findings = open_findings + ?3
             WHERE qid = ?1",
        )?;
        // In order of the key, so that neighbours are written together.
        let mut qids: Vec<_> = self.qids.into_iter().collect();
        qids.sort_unstable_by_key(|(qid, _)| *qid);
        for (number, delta) in qids {
            if (delta.findings, delta.open_findings) != (0, 0) {
                qid.execute((number, delta.findings, delta.open_findings))?;
            }
        }
        let mut finding = tx.prepare_cached(
            "INSERT INTO finding_counts (severity, status, is_open, n) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for ((severity, status, is_open), delta) in self.findings {
            if delta != 0 {
                finding.execute((severity, status, is_open, delta))?;
            }
        }
        let mut on_assets =
            tx.prepare_cached("UPDATE software SET assets = assets + ?2 WHERE id = ?1")?;
        let mut software: Vec<_> = self.software.into_iter().collect();
        software.sort_unstable();
        for (id, delta) in software {
            if delta != 0 {
                on_assets.execute((id, delta))?;
            }
        }
        let mut named = tx.prepare_cached("UPDATE counts SET n = n + ?2 WHERE name = ?1")?;
        for (name, delta) in self.named {
            if delta != 0 {
                named.execute((name.name(), delta))?;
            }
        }
        Ok(())
    }
}

/// Counts again and names what differs.
pub(super) fn recount(conn: &Connection) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for sql in DIFFERENCES.into_iter().chain(day::DIFFERENCES) {
        let mut statement = conn.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        for row in rows.take(MOST_SHOWN) {
            wrong.push(row?);
        }
    }
    for named in Named::ALL {
        let counter = "SELECT n FROM counts WHERE name = ?1";
        let kept: i64 = conn.query_row(counter, [named.name()], |row| row.get(0))?;
        let counted: i64 = conn.query_row(named.recounted_by(), [], |row| row.get(0))?;
        if kept != counted {
            wrong.push(format!("{}: {kept} kept, {counted} counted", named.name()));
        }
    }
    Ok(wrong)
}

const MOST_SHOWN: usize = 100;
const DIFFERENCES: [&str; 7] = [
    "SELECT 'asset ' || a.id || ': ' || kept || ' kept, ' || counted || ' counted' FROM (
       SELECT a.id,
         a.open_findings || '=' || a.open_info || '+' || a.open_low || '+' || a.open_medium || '+'
           || a.open_high || '+' || a.open_critical AS kept,
         count(f.id) || '=' || count(f.id) FILTER (WHERE severity = 0)
           || '+' || count(f.id) FILTER (WHERE severity = 1)
           || '+' || count(f.id) FILTER (WHERE severity = 2)
           || '+' || count(f.id) FILTER (WHERE severity = 3)
           || '+' || count(f.id) FILTER (WHERE severity = 4) AS counted
       FROM assets a LEFT JOIN assets r ON r.asset_id = a.asset_id AND a.is_primary = 1
       LEFT JOIN findings f ON f.asset_id = r.id AND f.is_open = 1
       GROUP BY a.id
     ) a WHERE kept <> counted",
    "SELECT 'asset ' || asset_id || ': ' || count(*) || ' records, ' || sum(is_primary)
       || ' primary, of ' || min(records) || ' to ' || max(records) || ', oldest ' || min(id)
     FROM assets GROUP BY asset_id
     HAVING sum(is_primary) <> 1 OR min(records) <> count(*) OR max(records) <> count(*)
       OR min(id) <> asset_id
       OR (min(gone_at IS NOT NULL OR left_out_by IS NOT NULL) = 0
         AND sum(is_primary = 1 AND (gone_at IS NOT NULL OR left_out_by IS NOT NULL)) > 0)",
    "SELECT 'qid ' || qid || ': ' || kept || ' kept, ' || counted || ' counted' FROM (
       SELECT q.qid, q.findings || '/' || q.open_findings AS kept,
         count(f.id) || '/' || count(f.id) FILTER (WHERE f.is_open = 1) AS counted
       FROM qids q LEFT JOIN findings f ON f.qid = q.qid GROUP BY q.qid
     ) WHERE kept <> counted",
    "SELECT DISTINCT 'qid ' || qid || ': not listed' FROM findings
     WHERE qid NOT IN (SELECT qid FROM qids)",
    "SELECT 'findings ' || severity || '/' || status || '/' || is_open || ': ' || sum(kept)
       || ' kept, ' || sum(counted) || ' counted'
     FROM (
       SELECT severity, status, is_open, n AS kept, 0 AS counted FROM finding_counts
       UNION ALL
       SELECT severity, ifnull(status, -1), is_open, 0, count(*) FROM findings GROUP BY 1, 2, 3
     ) GROUP BY severity, status, is_open HAVING sum(kept) <> sum(counted)",
    "SELECT 'text ' || t.id || ': ' || n_uses || ' kept, ' || count(f.id) || ' counted'
     FROM texts t LEFT JOIN findings f ON f.text_id = t.id GROUP BY t.id
     HAVING n_uses <> count(f.id)",
    // The rule of what is shown, written once more and in another way.
    "SELECT 'software ' || s.id || ': ' || assets || ' kept, ' || count(t.asset_id) || ' counted'
     FROM software s LEFT JOIN (
       SELECT DISTINCT i.software_id, a.asset_id FROM asset_software i
       JOIN assets a ON a.id = i.asset_id AND a.gone_at IS NULL AND a.left_out_by IS NULL
       WHERE i.source <> 2 OR i.asset_id NOT IN (
         SELECT asset_id FROM asset_software WHERE source <> 2)
     ) t ON t.software_id = s.id GROUP BY s.id HAVING assets <> count(t.asset_id)",
];
