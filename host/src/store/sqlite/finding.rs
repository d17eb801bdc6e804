//! Writes the findings of one host.
//!
//! The rows that the host has are read once and compared by key; what is equal is not written,
//! and what is older than the stored row is left out. Every change of standing passes here, and
//! here alone it is counted.

mod row;

use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection, Row};

use super::{
    FINDINGS_OF_AN_ASSET,
    block::{Blocks, Kind},
    closure::COUNT_IN_ASSET,
    code,
    counter::{Counters, Standing},
    fail::Result,
    history::History,
    json,
    results::Results,
    text::Packer,
};
use crate::{
    guest::{
        rules::{Properties, Rule},
        types::{Finding, Qid, Risk, Status, Timestamp},
    },
    store::{
        AssetId, Change, ClosedReason, FindingId, Tally, Verdicts,
        content::{self, ContentHash, FindingDigest, TextDigest},
        word::Word,
    },
};

use row::{INSERT, STORED, UPDATE, UPDATE_STANDING, Values};

/// The statements of one transaction.
pub(super) struct Findings<'tx, 'a> {
    tx: &'tx Connection,
    now: Timestamp,
    stored: CachedStatement<'tx>,
    insert: CachedStatement<'tx>,
    update: CachedStatement<'tx>,
    update_standing: CachedStatement<'tx>,
    history: History<'tx>,
    asset: CachedStatement<'tx>,
    results: Results<'tx, 'a>,
    attributes: Blocks<'tx, 'a>,
    verdicts: Verdicts,
    /// Numbers of what was written, with the place among the findings that were given.
    written: Vec<(usize, FindingId)>,
}

/// As much of a stored row as decides what becomes of its successor.
#[derive(Clone, Copy)]
struct Stored {
    id: FindingId,
    qid: Qid,
    hash: ContentHash,
    as_of: Option<Timestamp>,
    standing: Standing,
    is_suppressed: (bool, bool),
    closed: Option<Closed>,
    put_aside_by: Option<Rule>,
    results: StoredResults,
}

/// When and why, the reason as its place.
type Closed = (Timestamp, u8);

/// Where the text of a finding is: nowhere without a hash, shared with a number.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
struct StoredResults {
    hash: Option<ContentHash>,
    text: Option<i64>,
}

impl<'tx, 'a> Findings<'tx, 'a> {
    pub(super) fn new(tx: &'tx Connection, now: Timestamp, verdicts: Verdicts) -> Result<Self> {
        Ok(Findings {
            tx,
            now,
            stored: tx.prepare_cached(STORED)?,
            insert: tx.prepare_cached(INSERT)?,
            update: tx.prepare_cached(UPDATE)?,
            update_standing: tx.prepare_cached(UPDATE_STANDING)?,
            history: History::new(tx)?,
            asset: tx.prepare_cached(COUNT_IN_ASSET)?,
            results: Results::new(tx)?,
            attributes: Blocks::new(tx, Kind::Attributes)?,
            verdicts,
            written: Vec::new(),
        })
    }

    /// What the last call of [`Findings::write`] wrote, as others keep more of it.
    pub(super) fn written(&self) -> &[(usize, FindingId)] {
        &self.written
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one host, and what the whole transaction shares"
    )]
    pub(super) fn write(
        &mut self,
        counters: &mut Counters,
        packer: &mut Packer,
        asset: AssetId,
        is_new_asset: bool,
        findings: &'a [Finding],
        digests: &[FindingDigest],
        seen: &mut Vec<FindingId>,
    ) -> Result<Tally> {
        let mut tally = Tally::default();
        let mut next_id = asset * FINDINGS_OF_AN_ASSET;
        // A key that comes twice shares its place: the second is compared with the first.
        let mut places = HashMap::with_capacity(findings.len());
        let mut stored: Vec<Option<Stored>> = vec![None; findings.len()];
        for (place, finding) in findings.iter().enumerate() {
            places.entry(finding.finding_key.as_str()).or_insert(place);
        }
        if !is_new_asset {
            let last_id = next_id + FINDINGS_OF_AN_ASSET - 1;
            let mut rows = self.stored.query((next_id, last_id))?;
            while let Some(row) = rows.next()? {
                next_id = row.get::<_, i64>(0)? + 1;
                let key = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
                if let Some(place) = places.get(key) {
                    stored[*place] = Some(Stored::read(row)?);
                }
            }
        }
        let mut open_by_severity = [0_i64; 5];
        self.written.clear();
        for (given, (finding, digest)) in findings.iter().zip(digests).enumerate() {
            let place = places[finding.finding_key.as_str()];
            let before = stored[place];
            let hash = digest.content;
            let closed = self.closed(finding, before.as_ref());
            if let Some(before) = before {
                seen.push(before.id);
                let reason = |closed: Option<Closed>| closed.map(|(_, reason)| reason);
                // Inactivity is for the rules to take back, not for a record that tells no news.
                let is_inactive = reason(before.closed) == Some(ClosedReason::Inactive.place());
                let is_closed_alike = reason(before.closed) == reason(closed) || is_inactive;
                if before.hash == hash && is_closed_alike {
                    tally.unchanged += 1;
                    continue;
                }
                if as_of(finding).is_some() && as_of(finding) < before.as_of {
                    tally.older += 1;
                    continue;
                }
                counters.see_qid(self.tx, before.qid)?;
            }
            let is_riskless = counters.see_qid(self.tx, finding.qid)?;
            let id = before.map_or(next_id, |before| before.id);
            let kept = before.map_or_else(StoredResults::default, |before| before.results);
            let values = Values {
                finding,
                asset,
                hash,
                closed,
                put_aside_by: self.verdicts.on(&properties(finding)).or_else(|| {
                    // Judged again at the end of the run.
                    before?.put_aside_by.filter(|rule| rule.is_of_import())
                }),
                risk: if is_riskless && finding.risk_score.is_none() {
                    Risk::None.place()
                } else {
                    finding.risk.place()
                },
                results: self.write_results(packer, id, kept, finding, digest.results.as_ref())?,
                now: self.now,
            };
            self.attributes
                .put(id, json::attributes(&finding.attributes));
            let after = standing(finding, values.put_aside_by);
            if let Some(before) = before {
                self.change(counters, &before, &values, after, &mut tally)?;
                open_by_severity[usize::from(before.standing.severity)] -=
                    i64::from(before.standing.is_open);
                counters.moved(before.qid, Some(before.standing), None);
            } else {
                values.with(id, |values| self.insert.execute(values))?;
                counters.came(self.now, after);
                seen.push(id);
                next_id += 1;
                tally.new += 1;
            }
            open_by_severity[usize::from(after.severity)] += i64::from(after.is_open);
            counters.moved(finding.qid, None, Some(after));
            self.written.push((given, id));
            stored[place] = Some(Stored {
                id,
                qid: finding.qid,
                hash,
                as_of: as_of(finding),
                standing: after,
                is_suppressed: (finding.is_ignored, finding.is_disabled),
                closed,
                put_aside_by: values.put_aside_by,
                results: values.results,
            });
        }
        self.results.flush(packer)?;
        self.attributes.flush(packer)?;
        if open_by_severity != [0; 5] {
            let [info, low, medium, high, critical] = open_by_severity;
            let counts = (asset, info, low, medium, high, critical);
            self.asset.execute(counts)?;
        }
        Ok(tally)
    }

    /// Before the transaction ends.
    pub(super) fn finish(mut self) -> Result<()> {
        self.results.finish()?;
        self.attributes.finish()
    }

    fn change(
        &mut self,
        counters: &mut Counters,
        before: &Stored,
        values: &Values<'_>,
        after: Standing,
        tally: &mut Tally,
    ) -> Result<()> {
        let finding = values.finding;
        let is_standing_kept = before.standing == after
            && before.qid == finding.qid
            && before.is_suppressed == (finding.is_ignored, finding.is_disabled)
            && before.closed == values.closed
            && before.put_aside_by == values.put_aside_by;
        // Most changes are a later scan with the same outcome, which leaves most indexes alone.
        if is_standing_kept {
            values.with_same_standing(before.id, |values| self.update.execute(values))?;
        } else {
            values.with(before.id, |values| self.update_standing.execute(values))?;
        }
        tally.changed += 1;
        let reason = |closed: Option<Closed>| closed.map(|it| it.1);
        let (before_closed, closed) = (reason(before.closed), reason(values.closed));
        if before.standing != after || before_closed != closed {
            let change = self.history.tell(
                counters,
                before.id,
                self.now,
                (before.standing, after),
                closed,
            )?;
            tally.fixed += u64::from(change == Change::Fixed);
            tally.reopened += u64::from(change == Change::Reopened);
        }
        Ok(())
    }

    /// Whether the record itself says that nobody works on the finding any more. What was closed
    /// for this reason before stays closed since then.
    fn closed(&self, finding: &Finding, before: Option<&Stored>) -> Option<Closed> {
        let reason = if finding.status == Some(Status::Fixed) {
            ClosedReason::Fixed
        } else if finding.is_ignored {
            ClosedReason::Ignored
        } else if finding.is_disabled {
            ClosedReason::Disabled
        } else {
            return None;
        };
        let before = before.and_then(|before| before.closed);
        let kept = before.filter(|(_, of_before)| *of_before == reason.place());
        let at = match reason {
            ClosedReason::Fixed => finding.last_fixed.or(as_of(finding)),
            _ => as_of(finding),
        };
        kept.or(Some((at.unwrap_or(self.now), reason.place())))
    }

    /// Writes the text when it is another one, and tells where it is.
    fn write_results(
        &mut self,
        packer: &mut Packer,
        id: FindingId,
        before: StoredResults,
        finding: &'a Finding,
        digest: Option<&TextDigest>,
    ) -> Result<StoredResults> {
        let hash = digest.map(content::short);
        if hash == before.hash {
            return Ok(before);
        }
        if let Some(text) = before.text {
            self.results.unshare(text)?;
        }
        let text = match finding.results.as_deref().zip(digest) {
            Some((text, digest)) => self.results.share(packer, text, digest)?,
            None => None,
        };
        let was_kept_here = before.hash.is_some() && before.text.is_none();
        if text.is_none() {
            self.results.put(id, finding.results.as_deref());
        } else if was_kept_here {
            self.results.put(id, None);
        }
        Ok(StoredResults { hash, text })
    }
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let times: [Option<Timestamp>; 3] = [row.get(9)?, row.get(10)?, row.get(11)?];
        Ok(Stored {
            id: row.get(0)?,
            hash: row.get(2)?,
            qid: row.get(3)?,
            standing: Standing {
                severity: row.get(4)?,
                status: row.get(5)?,
                is_open: row.get(6)?,
            },
            is_suppressed: (row.get(7)?, row.get(8)?),
            as_of: times.into_iter().flatten().max(),
            closed: row.get::<_, Option<_>>(12)?.zip(row.get(13)?),
            results: StoredResults {
                hash: row.get(14)?,
                text: row.get(15)?,
            },
            put_aside_by: code::maybe_word(row, 16)?,
        })
    }
}

fn properties(finding: &Finding) -> Properties {
    Properties {
        is_fixed: finding.status == Some(Status::Fixed),
        affects_running_kernel: finding.affects_running_kernel,
        affects_running_service: finding.affects_running_service,
        affects_exploitable_config: finding.affects_exploitable_config,
    }
}

fn standing(finding: &Finding, put_aside_by: Option<Rule>) -> Standing {
    let is_alive = match finding.status {
        Some(Status::New | Status::Active | Status::Reopened) => true,
        Some(Status::Fixed) | None => false,
    };
    Standing {
        severity: finding.severity.place(),
        status: finding.status.map(Word::place),
        is_open: is_alive && !finding.is_ignored && !finding.is_disabled && put_aside_by.is_none(),
    }
}

/// The latest thing that Qualys did with the finding.
fn as_of(finding: &Finding) -> Option<Timestamp> {
    let times = [finding.last_test, finding.last_update, finding.last_found];
    times.into_iter().flatten().max()
}
