//! Reads what happened to findings. That one came is told by itself, all else by its history; the
//! two are merged in the order of time.

use rusqlite::{Connection, Row, params_from_iter, types::Value};
use serde::{Deserialize, Serialize};

use super::{
    code,
    fail::Result,
    filter::{self, Subject},
    list::{self, Sql},
    read_finding,
};
use crate::{
    guest::types::{Severity, Status, Timestamp},
    store::{
        BySeverity, Change, ChangeQuery, ChangeRow, ClosedReason, FindingId, Listing, TrendDay,
        word::Word,
    },
    time::DAY,
};

pub(super) fn changes(conn: &Connection, query: &ChangeQuery<'_>) -> Result<Listing<ChangeRow>> {
    let after = query.after.map(|token| place(query, token)).transpose()?;
    let wants = |change| query.changes.is_empty() || query.changes.contains(&change);
    let condition = filter::condition(conn, query.terms, Subject::Finding)?;
    let mut found = Vec::new();
    if wants(Change::New) {
        found.extend(rows(conn, query, Source::Came, after, condition.clone())?);
    }
    if query.changes.is_empty() || query.changes.iter().any(|it| *it != Change::New) {
        found.extend(rows(conn, query, Source::History, after, condition)?);
    }
    found.sort_by_key(|row| (row.at, row.source, row.number));
    if query.descending {
        found.reverse();
    }
    let limit = query.limit as usize;
    let next = (found.len() > limit).then(|| {
        let Found {
            at, source, number, ..
        } = found[limit - 1];
        list::encoded(&Place(
            "changes".to_owned(),
            query.descending,
            at,
            source,
            number,
        ))
    });
    found.truncate(limit);
    let ids: Vec<_> = found.iter().map(|row| row.finding).collect();
    let findings = read_finding::by_number(conn, &ids)?;
    let rows = found
        .into_iter()
        .zip(findings)
        .map(|(row, finding)| ChangeRow {
            at: row.at,
            change: row.change,
            from_status: row.statuses.0,
            to_status: row.statuses.1,
            from_severity: row.severities.map(|it| it.0),
            to_severity: row.severities.map(|it| it.1),
            because: row.because,
            finding,
        });
    Ok(Listing {
        rows: rows.collect(),
        next,
    })
}

/// Where a change is told. At the same time, a finding comes before something happens to it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
enum Source {
    Came,
    History,
}

/// What a token holds: the list and its direction, and the last row of the page.
#[derive(Deserialize, Serialize)]
struct Place(String, bool, Timestamp, Source, i64);

type After = (Timestamp, Source, i64);

fn place(query: &ChangeQuery<'_>, token: &str) -> Result<After> {
    let Place(name, descending, at, source, number) = list::decoded(token)?;
    if (name.as_str(), descending) != ("changes", query.descending) {
        return Err(list::refused(token));
    }
    Ok((at, source, number))
}

struct Found {
    at: Timestamp,
    source: Source,
    number: i64,
    finding: FindingId,
    change: Change,
    statuses: (Option<Status>, Option<Status>),
    severities: Option<(Severity, Severity)>,
    because: Option<ClosedReason>,
}

/// A page and one more of one source, in the order of the list.
fn rows(
    conn: &Connection,
    query: &ChangeQuery<'_>,
    source: Source,
    after: Option<After>,
    condition: Option<Sql>,
) -> Result<Vec<Found>> {
    let (columns, from, at, number) = match source {
        Source::Came => (
            "f.first_seen_at, f.id, f.id",
            "findings f",
            "f.first_seen_at",
            "f.id",
        ),
        Source::History => (
            "h.at, h.id, h.finding_id, h.change, h.from_status, h.to_status, h.from_severity,
             h.to_severity, h.closed_reason",
            // A cross join keeps its order: by time.
            "finding_history h CROSS JOIN findings f ON f.id = h.finding_id",
            "h.at",
            "h.id",
        ),
    };
    let mut all = Sql::new(format!("{at} >= ?"), vec![query.since.into()]);
    if source == Source::History && !query.changes.is_empty() {
        let places: Vec<_> = query
            .changes
            .iter()
            .map(|it| it.place().to_string())
            .collect();
        all = all.and(Some(Sql::new(
            format!("h.change IN ({})", places.join(", ")),
            vec![],
        )));
    }
    if let Some(after) = after {
        all = all.and(Some(behind(after, source, query.descending, at, number)));
    }
    let all = all.and(condition);
    let direction = if query.descending { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {columns} FROM {from} WHERE {} ORDER BY {at} {direction}, {number} {direction}
         LIMIT {}",
        all.text,
        u64::from(query.limit) + 1
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(all.values), |row| found(row, source))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn found(row: &Row<'_>, source: Source) -> rusqlite::Result<Found> {
    let is_told = source == Source::History;
    Ok(Found {
        at: row.get(0)?,
        source,
        number: row.get(1)?,
        finding: row.get(2)?,
        change: if is_told {
            code::word(row, 3)?
        } else {
            Change::New
        },
        statuses: if is_told {
            (code::maybe_word(row, 4)?, code::maybe_word(row, 5)?)
        } else {
            (None, None)
        },
        severities: if is_told {
            Some((code::word(row, 6)?, code::word(row, 7)?))
        } else {
            None
        },
        because: if is_told {
            code::maybe_word(row, 8)?
        } else {
            None
        },
    })
}

/// What comes after the last row, which may be of the other source.
fn behind((last, of, id): After, source: Source, descending: bool, at: &str, number: &str) -> Sql {
    let sign = if descending { "<" } else { ">" };
    let time: Value = last.into();
    if of == source {
        let text = format!("({at}, {number}) {sign} (?, ?)");
        return Sql::new(text, vec![time, id.into()]);
    }
    let is_later_in_time = (source < of) == descending;
    let also_equal = if is_later_in_time { "=" } else { "" };
    Sql::new(format!("{at} {sign}{also_equal} ?"), vec![time])
}

/// Days without news are like the day before them, and have none.
pub(super) fn trends(conn: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<TrendDay>> {
    let begins: Option<i64> =
        conn.query_row("SELECT min(day) FROM finding_days", [], |row| row.get(0))?;
    let mut days = Vec::new();
    let Some(begins) = begins else {
        return Ok(days);
    };
    let mut statement = conn.prepare_cached(
        "SELECT severity, open_delta, new, fixed, closed, reopened FROM finding_days
         WHERE day = ?1",
    )?;
    let (first, last) = (from.div_euclid(DAY), to.div_euclid(DAY));
    let mut open = [0_i64; 5];
    for day in begins..=last {
        let mut told = TrendDay {
            day: day * DAY,
            open: BySeverity::default(),
            new: BySeverity::default(),
            fixed: BySeverity::default(),
            closed: BySeverity::default(),
            reopened: BySeverity::default(),
        };
        let mut rows = statement.query([day])?;
        while let Some(row) = rows.next()? {
            let severity: Severity = code::word(row, 0)?;
            open[usize::from(severity.place())] += row.get::<_, i64>(1)?;
            *told.new.of(severity) = code::number(row, 2)?;
            *told.fixed.of(severity) = code::number(row, 3)?;
            *told.closed.of(severity) = code::number(row, 4)?;
            *told.reopened.of(severity) = code::number(row, 5)?;
        }
        for (severity, _) in Severity::ALL {
            *told.open.of(*severity) = open[usize::from(severity.place())].cast_unsigned();
        }
        if day >= first {
            days.push(told);
        }
    }
    Ok(days)
}
