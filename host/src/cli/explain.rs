//! `qonduit explain`: why a QID is there on an asset, or is not.

use clap::Args;
use serde::Serialize;

use super::{
    args::{Common, Database, Output},
    exit::Exit,
    failure::{Failure, Result},
    inventory,
    screen::Screen,
    show, time,
};
use crate::{
    guest::{
        Guest,
        filter::{Comparison, FieldValues, Operator, Term},
        rules::Rule,
        types::{Qid, Timestamp},
    },
    store::{
        AssetDetail, ClosedReason, FactsOf, FindingQuery, FindingRow, NoteKind, Reader, RunRow,
        RunState, Word as _,
    },
};

#[derive(Args, Debug)]
pub(super) struct Explain {
    /// Name, address or number of the asset
    #[arg(long, value_name = "ASSET")]
    asset: String,
    /// Number of the check in Qualys
    #[arg(long, value_name = "QID")]
    qid: Qid,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

/// The answer, as JSON.
#[derive(Debug, Serialize)]
struct Answer {
    asset_id: i64,
    asset_name: String,
    qid: Qid,
    /// Whether at least one finding is open.
    is_open: bool,
    /// Its findings, open or not.
    finding_ids: Vec<i64>,
    /// The last complete run that could have brought it.
    run_id: Option<i64>,
    /// Sentences, what matters most first.
    reasons: Vec<String>,
}

pub(super) fn run(common: &Common, args: &Explain) -> Result<Exit> {
    let reader = inventory::open(common, &args.database)?;
    let mut found = find(&*reader, args.asset.trim())?;
    let asset = match (found.pop(), found.is_empty()) {
        (Some(asset), true) => asset,
        (Some(_), false) => {
            let message = format!("several assets are `{}`", args.asset);
            return Err(Failure::sentence(Exit::Usage, message)
                .with_hint("`qonduit show` lists them; take the number of one"));
        }
        (None, _) => {
            let message = format!("no asset has the name, address or number `{}`", args.asset);
            return Err(Failure::sentence(Exit::Usage, message)
                .with_hint("`qonduit assets --where 'name:…'` finds parts of names"));
        }
    };
    let answer = Case {
        reader: &*reader,
        asset: &asset,
        qid: args.qid,
        now: time::now(),
    }
    .answer()?;
    let mut screen = Screen::standard();
    if args.output.json {
        screen.json(&answer)?;
    } else {
        screen.print(&format!("QID {} on {}\n", answer.qid, answer.asset_name))?;
        for reason in &answer.reasons {
            screen.print(&format!("  {}\n", super::text::line(reason)))?;
        }
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

fn find(reader: &dyn Reader, text: &str) -> Result<Vec<AssetDetail>> {
    if let Ok(number) = text.parse::<u64>() {
        let mut assets = reader.assets_by_host(number)?;
        assets.extend(reader.assets_by_web_app(number)?);
        if assets.is_empty() {
            assets.extend(reader.asset(number.cast_signed())?);
        }
        return Ok(assets);
    }
    let assets = reader.assets_by_name(text)?;
    if assets.is_empty() {
        show::by_address(reader, text)
    } else {
        Ok(assets)
    }
}

/// What is asked.
struct Case<'a> {
    reader: &'a dyn Reader,
    asset: &'a AssetDetail,
    qid: Qid,
    now: Timestamp,
}

impl Case<'_> {
    fn answer(&self) -> Result<Answer> {
        let asset = &self.asset.asset;
        let found = self.reader.findings(&FindingQuery {
            asset: Some(asset.asset_id),
            qid: Some(self.qid),
            only_open: false,
            ..FindingQuery::default()
        })?;
        let run = self.last_run()?;
        let mut reasons = Vec::new();
        for finding in &found.rows {
            reasons.push(self.of_finding(finding)?);
        }
        if found.rows.is_empty() {
            reasons.extend(self.without_finding(run.as_ref())?);
        }
        reasons.extend(self.of_asset()?);
        if let Some(run) = &run {
            let at = time::told(run.as_of.unwrap_or(run.started), self.now);
            reasons.push(format!(
                "the last complete run of its connector is {}, as of {at}; `qonduit runs show {}` \
                 tells all of it",
                run.run_id, run.run_id
            ));
        }
        Ok(Answer {
            asset_id: asset.asset_id,
            asset_name: asset.name.clone(),
            qid: self.qid,
            is_open: found.rows.iter().any(|row| row.is_open),
            finding_ids: found.rows.iter().map(|row| row.finding_id).collect(),
            run_id: run.map(|run| run.run_id),
            reasons,
        })
    }

    fn of_finding(&self, row: &FindingRow) -> Result<String> {
        let id = row.finding_id;
        if row.is_open {
            let status = row.status.map_or("open", |status| status.word());
            let found = row.last_found.map(|at| time::told(at, self.now));
            let found = found
                .map(|at| format!(", found last {at}"))
                .unwrap_or_default();
            return Ok(format!(
                "finding {id} is there: {status}{found}; no rule is against it"
            ));
        }
        if let Some(rule) = row.put_aside_by {
            return Ok(format!(
                "finding {id} is put aside {}",
                self.by_rule(rule, Some(id))?
            ));
        }
        let since = row
            .closed
            .map(|at| format!(" {}", time::told(at, self.now)));
        let since = since.unwrap_or_default();
        Ok(match row.closed_reason {
            Some(ClosedReason::Vanished) => format!(
                "finding {id} was closed{since}: Qualys delivered the host and this finding no more"
            ),
            Some(ClosedReason::HostPurged) => {
                format!("finding {id} was closed{since}: Qualys lists the asset no more")
            }
            Some(ClosedReason::Inactive) => format!(
                "finding {id} was closed{since}: its host was not seen for longer than the setting \
                 `inactive_after_days` allows"
            ),
            Some(ClosedReason::Fixed) => format!("finding {id} is fixed{since}, Qualys says"),
            Some(ClosedReason::Ignored) => {
                format!("finding {id} is not open{since}: somebody ignores it in Qualys")
            }
            Some(ClosedReason::Disabled) => {
                format!("finding {id} is not open{since}: somebody disabled its QID in Qualys")
            }
            None if row.is_ignored => {
                format!("finding {id} is not open: somebody ignores it in Qualys")
            }
            None if row.is_disabled => {
                format!("finding {id} is not open: somebody disabled its QID in Qualys")
            }
            None => match row.status {
                Some(status) => format!(
                    "finding {id} is not open: Qualys calls it {}",
                    status.word()
                ),
                None => format!("finding {id} is gathered information, which has no life cycle"),
            },
        })
    }

    /// `by the rule …`, with the setting and the comparisons that decided.
    fn by_rule(&self, rule: Rule, finding: Option<i64>) -> Result<String> {
        let word = rule.word();
        let connector = self.asset.asset.connector_id;
        let rules = self.reader.rules()?;
        let row = rules
            .iter()
            .find(|row| row.rule == rule && Some(row.connector_id) == connector);
        let Some(row) = row.filter(|row| !row.expressions.is_empty()) else {
            return Ok(format!("by the setting `{}`", word.replace('-', "_")));
        };
        let of = match finding {
            Some(finding) => FactsOf::Finding(finding),
            None => FactsOf::Asset(self.asset.asset.asset_id),
        };
        let facts = self.reader.facts(of)?.unwrap_or_default();
        let mut told = Vec::new();
        for (setting, expression) in row.settings.iter().zip(&row.expressions) {
            if let Some(why) = refused(expression, &facts, self.now)? {
                told.push(format!("`{setting}` wants `{expression}`, and {why}"));
            }
        }
        if told.is_empty() {
            let settings = row.settings.join("`, `");
            return Ok(format!("by the rule `{word}` (`{settings}`)"));
        }
        Ok(format!("by the rule `{word}`: {}", told.join("; ")))
    }

    /// What keeps the asset itself out of lists.
    fn of_asset(&self) -> Result<Option<String>> {
        if let Some(gone) = self.asset.asset.gone {
            let at = time::told(gone, self.now);
            return Ok(Some(format!(
                "the asset is gone: Qualys lists it no more since {at}"
            )));
        }
        let records = self.reader.records(self.asset.asset.asset_id)?;
        let rule = records.iter().find_map(|record| record.left_out_by);
        let Some(rule) = rule.filter(|_| records.iter().all(|it| it.left_out_by.is_some())) else {
            return Ok(None);
        };
        Ok(Some(format!(
            "the asset is left out {}",
            self.by_rule(rule, None)?
        )))
    }

    fn without_finding(&self, run: Option<&RunRow>) -> Result<Vec<String>> {
        let qid = self.qid;
        let known = self.reader.vulnerability(qid)?;
        let mut reasons = Vec::new();
        let Some(connector) = self.asset.asset.connector_id else {
            reasons.push(
                "only imported records tell of this asset, and imports bring no findings"
                    .to_owned(),
            );
            return Ok(reasons);
        };
        let kept = self.reader.rules()?;
        let is_fingerprint = |row: &crate::store::RuleRow| {
            row.rule == Rule::FingerprintOnly && row.connector_id == connector
        };
        if kept.iter().any(is_fingerprint) {
            reasons.push("`rules.fingerprint_only` is set: no finding is stored".to_owned());
        }
        let entry = known.as_ref().and_then(|row| row.entry.as_ref());
        if entry.is_some_and(|it| it.vulnerability.is_disabled) {
            reasons.push(format!("QID {qid} is disabled in Qualys"));
        }
        let Some(run) = run else {
            reasons.push("no run of its connector was complete yet".to_owned());
            return Ok(reasons);
        };
        let host = self.asset.asset.host_id;
        let skip = run.notes.iter().find(|note| {
            note.kind == NoteKind::Skip && host.is_some_and(|host| note.host_ids.contains(&host))
        });
        if let Some(note) = skip {
            reasons.push(format!(
                "run {} could not fetch the findings of this host: {}",
                run.run_id, note.message
            ));
        } else if reasons.is_empty() {
            reasons.push(format!(
                "Qualys has never reported QID {qid} on this asset; run {} is the last that asked",
                run.run_id
            ));
        }
        if known.is_none() {
            reasons.push(format!(
                "no asset here has QID {qid}, and the knowledge base lacks it"
            ));
        }
        Ok(reasons)
    }

    fn last_run(&self) -> Result<Option<RunRow>> {
        let Some(connector) = self.asset.asset.connector_id else {
            return Ok(None);
        };
        let rows = self.reader.runs(RUNS, None)?.rows;
        let is_it = |row: &RunRow| row.connector_id == connector && row.state == RunState::Complete;
        Ok(rows.into_iter().find(is_it))
    }
}

/// What a record has of the fields that decide, when the expression does not select it.
fn refused(expression: &str, facts: &[FieldValues], now: Timestamp) -> Result<Option<String>> {
    let mut guest = Guest::embedded()?.instantiate()?;
    let Ok(terms) = guest.compile(expression, now)? else {
        return Ok(None);
    };
    let Ok(verdict) = guest.judge(&terms, facts)? else {
        return Ok(None);
    };
    if verdict.selected {
        return Ok(None);
    }
    let mut told: Vec<String> = Vec::new();
    for place in verdict.deciding {
        if let Some(Term::Compare(Comparison {
            field, operator, ..
        })) = terms.get(place as usize)
        {
            let values = facts.iter().filter(|it| it.field == *field);
            let values: Vec<_> = values
                .flat_map(|it| it.values.iter().map(String::as_str))
                .collect();
            let is = match (values.as_slice(), operator) {
                ([], _) => format!("there is no `{field}`"),
                (_, Operator::Exists) => format!("there is a `{field}`"),
                (values, _) => format!("`{field}` is `{}`", values.join("`, `")),
            };
            if !told.contains(&is) {
                told.push(is);
            }
        }
    }
    Ok(Some(told.join(" and ")))
}

/// Of all connectors; the last complete one of this is among them.
const RUNS: u32 = 200;

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit explain --asset web01.example.net --qid 38173
  qonduit explain --asset 10.0.0.7 --qid 90882 --json

Tells of each finding whether it is open, and if not, what it is that closed it or put it aside:
Qualys, a rule with its setting, or the lack of a complete answer; and which run was the last to
ask.";
