//! The loop of one request: stage after stage, batch after batch, until the work list is empty or the
//! budget is spent.
//!
//! Every decision is the component's. One call runs at a time: a function that wants more of them is
//! invoked for several subscriptions, not for one.

use std::{cell::RefCell, collections::BTreeSet};

use qonduit_component::contract::ingest::Page;
use qonduit_component::contract::pace::{Admission, Signs};
use qonduit_component::contract::plan::{Ending, Failure, Fate, Outcome, Window};
use qonduit_component::contract::types::{Dataset, Timestamp};
use qonduit_component::{ingest, pace, plan, time};
use serde_json::{Value, json};

use super::{
    call::{Client, Fetched},
    credentials::Credentials,
    document::{Budget, Document},
    ids,
    lines::Lines,
    term,
    work::{Pending, Skipped, Work},
};
use crate::{
    word,
    world::{Gone, World},
};

pub(super) struct Engine<'a> {
    world: &'a dyn World,
    settings: String,
    client: Client<'a>,
    work: Work,
    known_qids: BTreeSet<u64>,
    wants_cves: bool,
    budget: Budget,
    /// By the clock that is never set back.
    until: u64,
    calls: u32,
    records: u64,
    lines: Lines<'a>,
}

/// Why no more is done.
enum Stop {
    Complete,
    Unfinished(String, Option<Timestamp>),
    Failed(String, Option<Failure>),
}

impl<'a> Engine<'a> {
    pub(super) fn new(
        world: &'a dyn World,
        document: &Document,
        settings: String,
        credentials: Credentials,
        work: Work,
        begun: u64,
        lines: Lines<'a>,
    ) -> Self {
        let (api, gateway) = document.origins();
        Self {
            world,
            wants_cves: plan::stages(&settings).contains(&Dataset::CveScores),
            settings,
            client: Client {
                world,
                api,
                gateway,
                credentials,
                token: RefCell::default(),
            },
            work,
            known_qids: ids::read(&document.known_qids).unwrap_or_default(),
            budget: document.budget,
            until: begun + u64::from(document.budget.seconds) * 1_000,
            calls: 0,
            records: 0,
            lines,
        }
    }

    pub(super) fn run(mut self) -> Result<(), Gone> {
        let stop = loop {
            match self.next() {
                Ok(at) => {
                    let pending = self.work.pending.remove(at);
                    if let Some(stop) = self.carry_out(pending)? {
                        break stop;
                    }
                }
                Err(stop) => break stop,
            }
        };
        self.end(stop)
    }

    /// The place of the batch that can be carried out now; waits for it where the budget allows.
    fn next(&mut self) -> Result<usize, Stop> {
        while self.work.pending.is_empty() {
            self.begin_stage()?;
        }
        if self.calls >= self.budget.calls {
            let why = format!("the budget of {} calls is spent", self.budget.calls);
            return Err(Stop::Unfinished(why, None));
        }
        loop {
            let now = self.world.now();
            if self.world.ticks() >= self.until {
                let why = format!("the budget of {} seconds is spent", self.budget.seconds);
                return Err(Stop::Unfinished(why, None));
            }
            let is_due = |it: &Pending| it.not_before.is_none_or(|time| time <= now);
            let (until, why) = match self.work.pending.iter().position(is_due) {
                None => {
                    let times = self.work.pending.iter().filter_map(|it| it.not_before);
                    let first = times.min().expect("each of them has a time");
                    (
                        first,
                        "Qualys asked for a pause, or a call has to be repeated",
                    )
                }
                Some(at) => {
                    let dataset = self.work.pending[at].batch().dataset;
                    let limits = self.work.limits(pace::api(dataset));
                    match pace::admit(&self.settings, dataset, &limits, 0, now) {
                        Admission::Now => return Ok(at),
                        Admission::At(hold) => {
                            (hold.until, "Qualys allows no call before this time")
                        }
                        // None is in flight; a second later the answer is another one.
                        Admission::WhenOneEnds => (now + 1, "Qualys is still busy"),
                    }
                }
            };
            let wait = u64::try_from(until.saturating_sub(now)).unwrap_or(0).max(1) * 1_000;
            let wait_until = self.world.ticks().saturating_add(wait);
            if wait_until >= self.until {
                return Err(Stop::Unfinished(why.to_owned(), Some(until)));
            }
            self.world.wait_until(wait_until);
        }
    }

    /// Takes up the next stage, which may have nothing to do.
    fn begin_stage(&mut self) -> Result<(), Stop> {
        let stages = plan::stages(&self.settings);
        let place = match self.work.stage() {
            None => 0,
            Some(stage) => stages
                .iter()
                .position(|it| *it == stage)
                .map_or(stages.len(), |place| place + 1),
        };
        let Some(&stage) = stages.get(place) else {
            return Err(Stop::Complete);
        };
        let facts = self.work.facts(&self.known_qids);
        let batches = plan::stage(&self.settings, stage, &facts);
        self.work.begin(stage, batches);
        Ok(())
    }

    fn carry_out(&mut self, pending: Pending) -> Result<Option<Stop>, Gone> {
        let batch = pending.batch();
        let n = self.work.calls;
        self.work.calls += 1;
        self.lines.tell(
            "batch",
            &json!({
                "batch": n,
                "dataset": word::name(batch.dataset),
                "scope": batch.scope,
            }),
        )?;
        self.lines.flush()?;
        let request = plan::ask(&self.settings, &batch);
        let begun = self.world.now();
        let mut found = Found::default();
        let (lines, settings) = (&mut self.lines, &self.settings);
        let wants_cves = self.wants_cves;
        let fetched = self
            .client
            .fetch(batch.dataset, settings, &request, self.until, |page| {
                if ingest::is_empty(&page) {
                    return Ok(());
                }
                found.add(&page, wants_cves);
                let text = ingest::lines(&page);
                found.records += text.bytes().filter(|byte| *byte == b'\n').count() as u64;
                lines.records(&text)
            })?;
        self.calls += 1;
        self.records += found.records;
        let api = pace::api(batch.dataset);
        // Times of Qualys are rounded.
        let now = self.world.now() + 1;
        let signs = Signs {
            headers: fetched.headers.clone(),
            refusal: fetched.answer.refusal.clone(),
            begun,
        };
        let mut limits = pace::observe(&self.settings, &self.work.limits(api), &signs, now);
        if fetched.answer.ending == Ending::TimedOut {
            limits = pace::give_up(&self.settings, &limits, now);
        }
        self.work.keep_limits(api, limits);
        // The budget ran out, which says nothing of the batch, unless it had all of the budget.
        if fetched.is_late && self.calls > 1 {
            self.tell_end(n, "abandoned", false, &found, &fetched, &[])?;
            self.work.pending.insert(0, pending);
            let why = format!("the budget of {} seconds is spent", self.budget.seconds);
            return Ok(Some(Stop::Unfinished(why, None)));
        }
        let outcome = plan::after(&self.settings, &batch, &fetched.answer, now);
        self.settle(n, pending, found, fetched, outcome)
    }

    fn settle(
        &mut self,
        n: u64,
        pending: Pending,
        found: Found,
        fetched: Fetched,
        outcome: Outcome,
    ) -> Result<Option<Stop>, Gone> {
        let batch = pending.batch();
        let Outcome { fate, follow } = outcome;
        let is_complete = fate == Fate::Done;
        let hosts = match fate {
            Fate::Done | Fate::Skipped(_) => {
                let mut hosts = plan::hosts_of(&batch);
                for rest in &follow {
                    let rest = plan::hosts_of(rest);
                    hosts.retain(|host| rest.binary_search(host).is_err());
                }
                hosts
            }
            _ => Vec::new(),
        };
        self.tell_end(n, term::of(&fate), is_complete, &found, &fetched, &hosts)?;
        if is_complete {
            found.keep(batch.dataset, &mut self.work);
            let as_of = fetched.end.as_ref().and_then(|end| end.as_of);
            self.work.as_of = self.work.as_of.or(as_of);
            self.work.skipped_in_a_row = 0;
        }
        let not_before = match fate {
            Fate::AgainAt(time) => Some(time),
            _ => None,
        };
        let follow = follow
            .into_iter()
            .map(|batch| Pending::new(batch, not_before));
        let why = fetched.trouble;
        Ok(match fate {
            Fate::Done | Fate::Split | Fate::AgainAt(_) => {
                self.work.pending.extend(follow);
                None
            }
            Fate::LeftOut(_) => {
                self.work.leave_out(batch.dataset);
                None
            }
            Fate::Skipped(_) => {
                self.work.skipped.push(Skipped {
                    dataset: word::name(batch.dataset).to_owned(),
                    scope: batch.scope,
                    why: why.unwrap_or_else(|| "Qualys could not deliver it".to_owned()),
                });
                self.work.skipped_in_a_row += 1;
                let is_outage = self.work.skipped_in_a_row >= MOST_SKIPPED;
                is_outage.then(|| {
                    self.work.skipped_in_a_row = 0;
                    let n = MOST_SKIPPED;
                    Stop::Failed(format!("{n} batches in a row were skipped"), None)
                })
            }
            Fate::Failed(failure) => {
                self.work.pending.insert(0, pending);
                let why = why.unwrap_or_else(|| "Qualys cannot be asked".to_owned());
                Some(Stop::Failed(why, Some(failure)))
            }
        })
    }

    /// What became of a batch; its records come again unless it is complete.
    fn tell_end(
        &mut self,
        n: u64,
        fate: &str,
        is_complete: bool,
        found: &Found,
        fetched: &Fetched,
        hosts: &[u64],
    ) -> Result<(), Gone> {
        let end = fetched.end.as_ref();
        let hosts = BTreeSet::from_iter(hosts.iter().copied());
        let mut line = json!({
            "batch": n,
            "fate": fate,
            "complete": is_complete,
            "records": found.records,
            "trouble": fetched.trouble,
        });
        if is_complete {
            line["hosts"] = ids::write(&hosts).into();
            line["sure"] = end.is_none_or(|end| end.is_sure).into();
            let unsure = end.map(|end| BTreeSet::from_iter(end.unsure_hosts.iter().copied()));
            line["unsure_hosts"] = ids::write(&unsure.unwrap_or_default()).into();
        }
        self.lines.tell("batch-end", &line)
    }

    /// The last line: what is left to do, and why no more was done.
    fn end(self, stop: Stop) -> Result<(), Gone> {
        let work = &self.work;
        let mut line = json!({
            "calls": self.calls,
            "records": self.records,
            "skipped": work.skipped,
        });
        match stop {
            Stop::Complete => {
                line["status"] = "complete".into();
                line["work"] = Value::Null;
                line["history"] = work.history();
            }
            Stop::Unfinished(why, retry_at) => {
                line["status"] = "unfinished".into();
                line["why"] = why.into();
                line["retry_at"] = retry_at.map(time::format).into();
                line["work"] = json!(work);
            }
            Stop::Failed(why, failure) => {
                line["status"] = "failed".into();
                line["why"] = self.client.credentials.hide(&why).into();
                line["failure"] = failure.map(term::of_failure).into();
                line["next"] = failure.map(term::next).into();
                line["work"] = json!(work);
            }
        }
        self.lines.end("work", &line)
    }
}

/// What one answer tells that later stages need.
#[derive(Default)]
struct Found {
    hosts: Vec<u64>,
    qids: BTreeSet<u64>,
    cves: BTreeSet<String>,
    records: u64,
}

impl Found {
    fn add(&mut self, page: &Page, wants_cves: bool) {
        self.hosts.extend(&page.host_ids);
        for host in &page.hosts {
            self.qids
                .extend(host.findings.iter().map(|it| u64::from(it.qid)));
        }
        let web = page.web_app_findings.iter();
        self.qids.extend(web.map(|it| u64::from(it.qid)));
        if wants_cves {
            let entries = page.vulnerabilities.iter();
            self.cves
                .extend(entries.flat_map(|it| it.cves.iter().cloned()));
        }
    }

    fn keep(self, dataset: Dataset, work: &mut Work) {
        let is_full = work.window() == Window::Full;
        let names_hosts = match dataset {
            Dataset::HostIds => is_full,
            Dataset::ChangedHostIds => !is_full,
            _ => false,
        };
        if names_hosts {
            work.hosts.extend(self.hosts);
        }
        work.qids.extend(self.qids);
        work.cves.extend(self.cves);
    }
}

/// A batch that cannot be delivered is odd; this many in a row are an outage.
const MOST_SKIPPED: u32 = 10;
