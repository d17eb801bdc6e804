//! Judges what is stored of a connector by its rules. What they say is the component's; here it is
//! looked up, or turned into SQL.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params_from_iter, types::Value};

use super::{
    FINDINGS_OF_AN_ASSET,
    closure::COUNT_IN_ASSET,
    code,
    counter::{Counters, Standing},
    fail::Result,
    filter::{self, Subject},
    history::History,
    json::List,
    list::Sql,
    merge,
};
use crate::{
    guest::{
        rules::{ImportRule, Properties, Rule},
        types::{Qid, Status, Timestamp},
    },
    store::{
        Applied, ConnectorId, FindingId, KeptRule, KeptRules, RecordId, RuleRow, RuleSet, Verdicts,
        word::Word,
    },
};

/// What the rules of the connector say of the properties of a finding.
pub(super) fn verdicts(tx: &Connection, connector: ConnectorId) -> Result<Verdicts> {
    let text: Option<Option<String>> = tx
        .prepare_cached("SELECT verdicts FROM connectors WHERE id = ?1")?
        .query_row([connector], |row| row.get(0))
        .optional()?;
    Ok(text
        .flatten()
        .and_then(|text| Verdicts::from_text(&text))
        .unwrap_or_default())
}

pub(super) fn apply(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    rules: &RuleSet,
    now: Timestamp,
) -> Result<Applied> {
    let mut applied = Applied::default();
    let is_other = rules.verdicts != verdicts(tx, connector)?;
    keep(tx, connector, rules)?;
    let (of_assets, of_findings): (Vec<_>, Vec<_>) =
        rules.import.iter().partition(|rule| rule.is_of_asset);
    let moved = leave_out(tx, counters, connector, &of_assets, &mut applied)?;
    let judges_all = is_other || !of_findings.is_empty() || has_put_aside(tx)?;
    if judges_all || !moved.is_empty() {
        let records = records(tx, connector)?;
        let judged = records
            .iter()
            .filter(|(id, _)| judges_all || moved.contains_key(id));
        let judged: Vec<_> = judged.copied().collect();
        for chunk in judged.chunks(RECORDS_AT_ONCE) {
            judge(tx, counters, chunk, rules, &of_findings, now, &mut applied)?;
        }
    }
    Ok(applied)
}

/// So many that a rule that looks into the knowledge base does so a few times, and so few that
/// their findings fit into memory.
const RECORDS_AT_ONCE: usize = 500;

/// The rules that were applied last, for whoever asks and for whoever applies them again.
fn keep(tx: &Connection, connector: ConnectorId, rules: &RuleSet) -> Result<()> {
    let kept = |rule: &ImportRule| KeptRule {
        rule: rule.rule.word().to_owned(),
        setting: rule.setting.clone(),
        is_of_asset: rule.is_of_asset,
        expression: rule.expression.clone(),
    };
    let kept: Vec<_> = rules.import.iter().map(kept).collect();
    let kept = serde_json::to_string(&kept).expect("texts are JSON");
    tx.prepare_cached(
        "UPDATE connectors SET verdicts = ?2, import_rules = ?3
         WHERE id = ?1 AND (verdicts IS NOT ?2 OR import_rules IS NOT ?3)",
    )?
    .execute((connector, rules.verdicts.text(), kept))?;
    Ok(())
}

pub(super) fn kept(conn: &Connection) -> Result<Vec<KeptRules>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, ifnull(verdicts, ''), import_rules FROM connectors
         WHERE import_rules IS NOT NULL ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(KeptRules {
            connector_id: row.get(0)?,
            verdicts: Verdicts::from_text(&row.get::<_, String>(1)?).unwrap_or_default(),
            import: row.get::<_, List<KeptRule>>(2)?.0,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The rules of all connectors, and what each keeps out.
pub(super) fn in_force(conn: &Connection) -> Result<Vec<RuleRow>> {
    let assets = counted(
        conn,
        "SELECT connector_id, left_out_by, count(*) FROM assets
         WHERE left_out_by IS NOT NULL AND gone_at IS NULL GROUP BY 1, 2",
    )?;
    let findings = counted(
        conn,
        "SELECT a.connector_id, f.put_aside_by, count(*) FROM findings f
         JOIN assets a ON a.id = f.asset_id WHERE f.put_aside_by IS NOT NULL GROUP BY 1, 2",
    )?;
    let mut rows: BTreeMap<(ConnectorId, u8), RuleRow> = BTreeMap::new();
    let row = |connector_id, rule| RuleRow {
        connector_id,
        rule,
        settings: Vec::new(),
        expressions: Vec::new(),
        assets: 0,
        findings: 0,
    };
    for kept in kept(conn)? {
        let connector = kept.connector_id;
        for rule in kept.import {
            let Some(word) = Rule::from_word(&rule.rule) else {
                continue;
            };
            let one = rows
                .entry((connector, word.place()))
                .or_insert_with(|| row(connector, word));
            one.settings.push(rule.setting);
            one.expressions.push(rule.expression);
        }
    }
    for ((connector, rule), n) in assets {
        rows.entry((connector, rule.place()))
            .or_insert_with(|| row(connector, rule))
            .assets = n;
    }
    for ((connector, rule), n) in findings {
        let one = rows
            .entry((connector, rule.place()))
            .or_insert_with(|| row(connector, rule));
        one.findings = n;
    }
    Ok(rows.into_values().collect())
}

fn counted(conn: &Connection, sql: &str) -> Result<Vec<((ConnectorId, Rule), u64)>> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(((row.get(0)?, code::word(row, 1)?), code::number(row, 2)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Leaves out the records whose asset a rule does not select, and takes back the others. Tells
/// those that it moved.
fn leave_out(
    tx: &Connection,
    counters: &mut Counters,
    connector: ConnectorId,
    rules: &[&ImportRule],
    applied: &mut Applied,
) -> Result<HashMap<RecordId, Option<Rule>>> {
    let Sql { text, mut values } = verdict(tx, rules, Subject::Asset)?;
    values.push(Value::from(connector));
    let mut statement = tx.prepare(&format!(
        "SELECT * FROM (
           SELECT r.id, r.left_out_by AS before, {text} AS after FROM assets r
           JOIN assets a ON a.asset_id = r.asset_id AND a.is_primary = 1
           WHERE r.connector_id = ? AND r.kind = 0)
         WHERE before IS NOT after"
    ))?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok((row.get(0)?, code::maybe_word(row, 2)?))
    })?;
    let moved: HashMap<RecordId, Option<Rule>> = rows.collect::<rusqlite::Result<_>>()?;
    let mut set = tx.prepare_cached("UPDATE assets SET left_out_by = ?2 WHERE id = ?1")?;
    for (record, rule) in &moved {
        let before = merge::before(tx, *record)?;
        set.execute((record, rule.map(Word::place)))?;
        merge::settle(tx, counters, *record, before, None)?;
        applied.assets_left_out += u64::from(rule.is_some());
        applied.assets_taken_back += u64::from(rule.is_none());
    }
    Ok(moved)
}

/// The place of the first rule that does not select the row, or null.
fn verdict(tx: &Connection, rules: &[&ImportRule], subject: Subject) -> Result<Sql> {
    let (mut text, mut values) = ("CASE".to_owned(), Vec::new());
    for rule in rules {
        let Some(condition) = filter::condition(tx, &rule.terms, subject)? else {
            continue;
        };
        text += &format!(" WHEN NOT ({}) THEN {}", condition.text, rule.rule.place());
        values.extend(condition.values);
    }
    if values.is_empty() && text == "CASE" {
        return Ok(Sql::new("NULL", values));
    }
    Ok(Sql::new(text + " ELSE NULL END", values))
}

/// Whether an import rule has put something aside.
fn has_put_aside(tx: &Connection) -> Result<bool> {
    let place = Rule::ConfigFilter.place();
    let any = format!(
        "SELECT EXISTS (SELECT 1 FROM findings WHERE put_aside_by IS NOT NULL
         AND put_aside_by > {place})"
    );
    Ok(tx.prepare_cached(&any)?.query_row([], |row| row.get(0))?)
}

/// The records of a connector, in order, and the rule that leaves each out.
fn records(tx: &Connection, connector: ConnectorId) -> Result<Vec<(RecordId, Option<Rule>)>> {
    let mut statement = tx
        .prepare_cached("SELECT id, left_out_by FROM assets WHERE connector_id = ?1 ORDER BY id")?;
    let rows = statement.query_map([connector], |row| {
        Ok((row.get(0)?, code::maybe_word(row, 1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

struct Row {
    id: FindingId,
    record: RecordId,
    qid: Qid,
    standing: Standing,
    before: Option<Rule>,
    after: Option<Rule>,
    closed_reason: Option<u8>,
}

/// Judges the findings of some records, which are in order.
fn judge(
    tx: &Connection,
    counters: &mut Counters,
    records: &[(RecordId, Option<Rule>)],
    rules: &RuleSet,
    of_findings: &[&ImportRule],
    now: Timestamp,
    applied: &mut Applied,
) -> Result<()> {
    let judged = judged_otherwise(tx, records, rules, of_findings)?;
    let mut set = tx.prepare_cached(
        "UPDATE findings SET put_aside_by = ?2, changed_at = ?3 WHERE id = ?1
         RETURNING is_open",
    )?;
    let mut history = History::new(tx)?;
    let mut open: BTreeMap<RecordId, [i64; 5]> = BTreeMap::new();
    for row in judged {
        let is_open = set.query_row((row.id, row.after.map(Word::place), now), |row| row.get(0))?;
        let before = row.standing;
        let after = Standing { is_open, ..before };
        let of_record = open.entry(row.record).or_default();
        of_record[usize::from(before.severity)] += i64::from(is_open) - i64::from(before.is_open);
        counters.see_qid(tx, row.qid)?;
        counters.moved(row.qid, Some(before), Some(after));
        if before != after {
            history.tell(counters, row.id, now, (before, after), row.closed_reason)?;
        }
        applied.put_aside += u64::from(row.before.is_none());
        applied.taken_back += u64::from(row.after.is_none());
    }
    let mut count = tx.prepare_cached(COUNT_IN_ASSET)?;
    for (record, open) in open {
        if open != [0; 5] {
            let [info, low, medium, high, critical] = open;
            count.execute((record, info, low, medium, high, critical))?;
        }
    }
    Ok(())
}

/// The findings of which the rules say something else than before.
fn judged_otherwise(
    tx: &Connection,
    records: &[(RecordId, Option<Rule>)],
    rules: &RuleSet,
    of_findings: &[&ImportRule],
) -> Result<Vec<Row>> {
    let (Some((first, _)), Some((last, _))) = (records.first(), records.last()) else {
        return Ok(Vec::new());
    };
    let left_out: HashMap<RecordId, Option<Rule>> = records.iter().copied().collect();
    let Sql { text, mut values } = verdict(tx, of_findings, Subject::Finding)?;
    values.push(Value::from(first * FINDINGS_OF_AN_ASSET));
    values.push(Value::from((last + 1) * FINDINGS_OF_AN_ASSET - 1));
    let mut statement = tx.prepare_cached(&format!(
        "SELECT f.id, f.asset_id, f.qid, f.severity, f.status, f.is_open, f.put_aside_by,
           f.affects_running_kernel, f.affects_running_service, f.affects_exploitable_config,
           f.closed_reason, {text}
         FROM findings f WHERE f.id BETWEEN ? AND ?"
    ))?;
    let mut judged = Vec::new();
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        // Records of others lie between.
        if let Some(left_out) = left_out.get(&row.get(1)?) {
            let row = read(row, *left_out, &rules.verdicts)?;
            if row.before != row.after {
                judged.push(row);
            }
        }
    }
    Ok(judged)
}

fn read(row: &SqlRow<'_>, left_out: Option<Rule>, verdicts: &Verdicts) -> rusqlite::Result<Row> {
    let status: Option<u8> = row.get(4)?;
    let properties = Properties {
        is_fixed: status == Some(Status::Fixed.place()),
        affects_running_kernel: row.get(7)?,
        affects_running_service: row.get(8)?,
        affects_exploitable_config: row.get(9)?,
    };
    let told: Option<Rule> = code::maybe_word(row, 11)?;
    Ok(Row {
        id: row.get(0)?,
        record: row.get(1)?,
        qid: row.get(2)?,
        standing: Standing {
            severity: row.get(3)?,
            status,
            is_open: row.get(5)?,
        },
        before: code::maybe_word(row, 6)?,
        after: left_out.or_else(|| verdicts.on(&properties)).or(told),
        closed_reason: row.get(10)?,
    })
}
