//! Scores of CVEs: which ones are asked for, what Qualys tells, and what is read of it.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    fail::Result,
    json::{self, List},
};
use crate::{
    guest::types::{CveScore, Timestamp},
    store::{CveScoreRow, NamedCves, Tally, content},
};

/// A score that changed before the stored one did is left out.
pub(super) fn write(tx: &Connection, score: &CveScore) -> Result<Tally> {
    let hash = content::of_cve_score(score);
    let stored: Option<(i64, Option<Timestamp>)> = tx
        .prepare_cached(
            "SELECT content_hash, changed_at FROM cve_scores
             WHERE cve = ?1 AND content_hash IS NOT NULL",
        )?
        .query_row([&score.cve], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let tally = content::compared(stored.map(|(known, _)| known), hash);
    if tally.unchanged > 0 {
        return Ok(tally);
    }
    let known = stored.and_then(|(_, changed)| changed);
    if known.is_some_and(|known| score.changed.is_some_and(|it| it < known)) {
        return Ok(Tally {
            older: 1,
            ..Tally::default()
        });
    }
    tx.prepare_cached(
        "INSERT INTO cve_scores (cve, content_hash, score, changed_at, published_at, epss,
           exploit_maturity, threat_actors, malware, is_known_exploited, attributes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT DO UPDATE SET content_hash = excluded.content_hash, score = excluded.score,
           changed_at = excluded.changed_at, published_at = excluded.published_at,
           epss = excluded.epss, exploit_maturity = excluded.exploit_maturity,
           threat_actors = excluded.threat_actors, malware = excluded.malware,
           is_known_exploited = excluded.is_known_exploited, attributes = excluded.attributes",
    )?
    .execute((
        &score.cve,
        hash,
        score.score,
        score.changed,
        score.published,
        score.epss,
        json::list(&score.exploit_maturity),
        json::list(&score.threat_actors),
        json::list(&score.malware),
        score.is_known_exploited,
        json::attributes(&score.attributes),
    ))?;
    Ok(tally)
}

pub(super) fn named(conn: &Connection, asked_before: Timestamp) -> Result<NamedCves> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT c.cve, s.content_hash IS NOT NULL
         FROM vulnerability_cves c
         JOIN qids q ON q.qid = c.qid
         LEFT JOIN cve_scores s ON s.cve = c.cve
         WHERE q.findings > 0
           AND (s.content_hash IS NOT NULL OR s.asked_at IS NULL OR s.asked_at < ?1)
         ORDER BY c.cve",
    )?;
    let mut rows = statement.query([asked_before])?;
    let mut cves = NamedCves::default();
    while let Some(row) = rows.next()? {
        let list = match row.get(1)? {
            true => &mut cves.known,
            false => &mut cves.unknown,
        };
        list.push(row.get(0)?);
    }
    Ok(cves)
}

pub(super) fn mark_asked(tx: &Connection, cves: &[String], now: Timestamp) -> Result<()> {
    let mut mark = tx.prepare_cached(
        "INSERT INTO cve_scores (cve, asked_at) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET asked_at = excluded.asked_at",
    )?;
    for cve in cves {
        mark.execute((cve, now))?;
    }
    Ok(())
}

/// In the order in which the entry names them.
pub(super) fn of(conn: &Connection, cves: &[String]) -> rusqlite::Result<Vec<CveScoreRow>> {
    let mut statement = conn.prepare_cached(
        "SELECT cve, score, changed_at, published_at, epss, exploit_maturity, threat_actors,
           malware, is_known_exploited, attributes
         FROM cve_scores WHERE cve = ?1 AND content_hash IS NOT NULL",
    )?;
    let rows = cves
        .iter()
        .map(|cve| statement.query_row([cve], row).optional());
    rows.filter_map(rusqlite::Result::transpose).collect()
}

fn row(row: &Row<'_>) -> rusqlite::Result<CveScoreRow> {
    let words = |column| row.get::<_, List<String>>(column).map(|list| list.0);
    Ok(CveScoreRow {
        cve: row.get(0)?,
        score: row.get(1)?,
        changed: row.get(2)?,
        published: row.get(3)?,
        epss: row.get(4)?,
        exploit_maturity: words(5)?,
        threat_actors: words(6)?,
        malware: words(7)?,
        is_known_exploited: row.get(8)?,
        attributes: row.get(9)?,
    })
}
