//! Reads findings, joined with what the knowledge base says of their QID.

use rusqlite::{Connection, Row};

use super::{
    FINDINGS_OF_AN_ASSET,
    block::{self, Kind},
    code,
    fail::Result,
    field::DUE,
    filter::{self, Subject},
    json::{self, List},
    list::{self, Order, Sql},
    results::Reading,
    text::LongText,
    web_finding,
};
use crate::store::{
    AssetId, Cvss, FindingDetail, FindingId, FindingQuery, FindingRow, FindingSort, Listing,
    StatusChange,
};

/// The rows are chosen by number first, so that sorting never carries more than numbers.
pub(super) fn findings(conn: &Connection, query: &FindingQuery<'_>) -> Result<Listing<FindingRow>> {
    let (name, keys): (_, &[&str]) = match query.sort {
        FindingSort::LastFound => ("findings/last_found", &["f.last_found_sort"]),
        FindingSort::FirstFound => ("findings/first_found", &["ifnull(f.first_found_at, 0)"]),
        FindingSort::Severity => ("findings/severity", &["f.severity", "f.last_found_sort"]),
        FindingSort::Qds => ("findings/qds", &["ifnull(f.qds, -1)", "f.last_found_sort"]),
        FindingSort::Qid => ("findings/qid", &["f.qid"]),
        FindingSort::Asset => ("findings/asset", &[]),
    };
    let order = Order {
        name,
        keys,
        id: "f.id",
        descending: query.descending,
    };
    let mut condition = Sql::new(
        if query.only_open {
            "f.is_open = 1"
        } else {
            "1"
        },
        vec![],
    );
    if let Some(asset) = query.asset {
        condition = condition.and(Some(of_asset(conn, asset)?));
    }
    if let Some(qid) = query.qid {
        condition = condition.and(Some(Sql::new("f.qid = ?", vec![i64::from(qid).into()])));
    }
    condition = condition.and(filter::condition(conn, query.terms, Subject::Finding)?);
    let (ids, next) = list::page(
        conn,
        "findings f",
        condition,
        &order,
        query.limit,
        query.after,
    )?;
    Ok(Listing {
        rows: by_number(conn, &ids)?,
        next,
    })
}

/// The findings of these numbers, in this order.
pub(super) fn by_number(conn: &Connection, ids: &[FindingId]) -> Result<Vec<FindingRow>> {
    let sql = format!("SELECT {COLUMNS}, {DUE} FROM {JOINED} WHERE f.id = ?1");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = ids.iter().map(|id| statement.query_row([id], row));
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those of its records lie side by side.
pub(super) fn of_asset(conn: &Connection, asset: AssetId) -> Result<Sql> {
    let mut records = conn.prepare_cached(
        "SELECT id FROM assets WHERE asset_id = (SELECT asset_id FROM assets WHERE id = ?1)",
    )?;
    let (mut ranges, mut values) = (vec!["0"], Vec::new());
    for record in records.query_map([asset], |row| row.get(0))? {
        let first = AssetId::saturating_mul(record?, FINDINGS_OF_AN_ASSET);
        ranges.push("f.id BETWEEN ? AND ?");
        values.extend([
            first.into(),
            first.saturating_add(FINDINGS_OF_AN_ASSET - 1).into(),
        ]);
    }
    Ok(Sql::new(format!("({})", ranges.join(" OR ")), values))
}

pub(super) fn finding(conn: &Connection, id: FindingId) -> Result<Option<FindingDetail>> {
    let sql = format!(
        "SELECT {COLUMNS}, {DUE}, {LONG}, x.solution FROM {JOINED}
LEFT JOIN vulnerability_texts x ON x.qid = f.qid
         WHERE f.id = ?1"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let mut finding = with_texts(row, &mut Texts::new(conn)?)?;
    let solution: Option<LongText> = row.get(N_COLUMNS + 2)?;
    finding.solution = solution.map(|LongText(text)| text);
    let mut history = conn.prepare_cached(
        "SELECT at, from_status, to_status, closed_reason, change FROM finding_history
         WHERE finding_id = ?1 ORDER BY id",
    )?;
    let changes = history.query_map([id], |row| {
        Ok(StatusChange {
            at: row.get(0)?,
            from: code::maybe_word(row, 1)?,
            to: code::maybe_word(row, 2)?,
            closed_reason: code::maybe_word(row, 3)?,
            change: code::word(row, 4)?,
        })
    })?;
    finding.history = changes.collect::<rusqlite::Result<_>>()?;
    Ok(Some(finding))
}

fn row(row: &Row<'_>) -> rusqlite::Result<FindingRow> {
    Ok(FindingRow {
        finding_id: row.get(0)?,
        asset_id: row.get(1)?,
        asset_name: row.get(2)?,
        asset_kind: code::word(row, 39)?,
        host_id: code::maybe_number(row, 3)?,
        web_app_id: code::maybe_number(row, 40)?,
        ip: row.get(4)?,
        finding_key: row.get(5)?,
        qid: row.get(6)?,
        title: row.get(7)?,
        certainty: code::word(row, 8)?,
        severity: code::word(row, 9)?,
        qualys_severity: row.get(10)?,
        risk: code::word(row, 11)?,
        risk_score: row.get(12)?,
        risk_source: code::maybe_word(row, 13)?,
        status: code::maybe_word(row, 14)?,
        is_open: row.get(15)?,
        cves: row.get::<_, List<String>>(16)?.0,
        cvss: row.get::<_, List<Cvss>>(17)?.0,
        category: row.get(18)?,
        is_patchable: row.get(19)?,
        port: row.get(20)?,
        protocol: row.get(21)?,
        fqdn: row.get(22)?,
        ssl: row.get(23)?,
        instance: row.get(24)?,
        first_found: row.get(25)?,
        last_found: row.get(26)?,
        last_test: row.get(27)?,
        last_update: row.get(28)?,
        last_fixed: row.get(29)?,
        times_found: row.get(30)?,
        qds: row.get(31)?,
        is_ignored: row.get(32)?,
        is_disabled: row.get(33)?,
        affects_running_kernel: row.get(34)?,
        affects_running_service: row.get(35)?,
        affects_exploitable_config: row.get(36)?,
        closed: row.get(37)?,
        closed_reason: code::maybe_word(row, 38)?,
        put_aside_by: code::maybe_word(row, 55)?,
        first_seen: row.get(56)?,
        due: row.get(57)?,
        web: web_finding::row(row, 41)?,
    })
}

/// What is kept apart from the rows.
struct Texts<'conn> {
    results: Reading<'conn>,
    attributes: block::Reading<'conn>,
}

impl<'conn> Texts<'conn> {
    fn new(conn: &'conn Connection) -> Result<Self> {
        Ok(Texts {
            results: Reading::new(conn)?,
            attributes: block::Reading::new(conn, Kind::Attributes)?,
        })
    }
}

fn with_texts(columns: &Row<'_>, texts: &mut Texts<'_>) -> Result<FindingDetail> {
    let finding = row(columns)?;
    let id = finding.finding_id;
    let results = if columns.get(N_COLUMNS)? {
        texts.results.text(id, columns.get(N_COLUMNS + 1)?)?
    } else {
        None
    };
    Ok(FindingDetail {
        finding,
        results,
        solution: None,
        attributes: json::attributes_or_none(texts.attributes.text(id)?),
        history: Vec::new(),
    })
}

const COLUMNS: &str = "f.id, a.asset_id, a.name, r.host_id, r.ip, f.finding_key, f.qid,
    ifnull(v.title, w.name),
    f.certainty, f.severity, f.qualys_severity, f.risk, coalesce(f.risk_score, v.risk_score),
    CASE WHEN f.risk_score IS NULL THEN v.risk_source ELSE f.risk_source END, f.status, f.is_open,
    v.cves, v.cvss, v.category, v.is_patchable, f.port, f.protocol, f.fqdn, f.ssl, f.instance,
    f.first_found_at, f.last_found_at, f.last_test_at, f.last_update_at, f.last_fixed_at,
    f.times_found, f.qds, f.is_ignored, f.is_disabled, f.affects_running_kernel,
    f.affects_running_service, f.affects_exploitable_config, f.closed_at, f.closed_reason, r.kind,
    r.web_app_id, w.web_finding_id, w.kind, w.name, w.url, w.param, w.weakness_group, w.cwe,
    w.owasp, w.wasc, w.is_protected, w.original_severity, w.ignored_reason, w.ignored_comment,
    w.cvss, f.put_aside_by, f.first_seen_at";
const N_COLUMNS: usize = 58;
const LONG: &str = "f.results_hash IS NOT NULL, f.text_id";
// A cross join keeps its order: the findings are read one after the other, never by another table.
const JOINED: &str = "findings f CROSS JOIN assets r ON r.id = f.asset_id
  CROSS JOIN assets a ON a.asset_id = r.asset_id AND a.is_primary = 1
  LEFT JOIN vulnerabilities v ON v.qid = f.qid LEFT JOIN web_findings w ON w.finding_id = f.id";
