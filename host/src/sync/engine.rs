//! The loop of a run: stage after stage, batch after batch, until the work list is empty.
//!
//! Every decision is asked of the component, and every step is stored before the next one depends
//! on it. Nothing here looks into a record, a request or a code.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{
    Event, Progress, SyncError,
    begin::begin,
    clock, facts,
    fetch::{Call, fetch},
    holder,
    log::Logged,
    pacing::Pacing,
    rules::{self, Rules},
    step::{Ended, LEASE_SECS, Step},
    work::{Next, Ran, Waited, Work},
    writer::Writer,
};
use crate::{
    config,
    guest::{
        Guest, Instance,
        pace::{Admission, Reason, Signs},
        plan::{Batch, Ending, Fate, History, Window},
        types::{Dataset, Timestamp},
    },
    http::Client,
    secrets::Redaction,
    store::{ConnectorId, LogKind, PendingBatch, RunEnding, RunRow, Store, Tally},
};

pub(super) async fn run(
    sync: &config::Sync,
    guest: Guest,
    client: Client,
    store: Box<dyn Store>,
    progress: &mut dyn Progress,
    stop: &AtomicBool,
) -> Result<RunRow, SyncError> {
    let mut plan = guest.instantiate()?;
    plan.check_settings(&sync.settings)?
        .map_err(SyncError::Settings)?;
    let writer = Writer::start(store);
    let (origin, username) = (sync.origin.to_string(), sync.username.clone());
    let connector = writer
        .call(move |store| store.connector(&origin, &username))
        .await?;
    let rules = Rules::of(&mut plan, &sync.settings, clock::now())?;
    let applied = writer
        .call(move |store| rules.apply(connector, store, clock::now()))
        .await?;
    let fetched_by = plan.fetched_by(&sync.settings)?;
    let advice = plan.advise(&sync.settings)?;
    let choose = |history: &History| {
        if sync.full {
            return Ok(Window::Full);
        }
        Ok(plan.choose_window(&sync.settings, history, clock::now())?)
    };
    let mut progress = Logged::new(progress);
    for advice in advice {
        progress.event(&Event::Notice(advice));
    }
    if let Some(notice) = rules::told(applied) {
        progress.event(&Event::Notice(notice));
    }
    let begun = begin(&writer, connector, &fetched_by, choose, &mut progress).await?;
    progress.event(&Event::Run {
        run: begun.run,
        holder: holder::this_process(),
    });
    let mut engine = Engine {
        guest,
        plan,
        redaction: client.redaction(),
        client,
        writer,
        connector,
        settings: sync.settings.clone(),
        window: begun.window,
        watermark: begun.watermark,
        accept_mass_closure: sync.accept_mass_closure,
        begun: begun.stages,
        run: begun.run,
        holder: holder::this_process(),
        pacing: Pacing::new(sync.settings.clone(), begun.limits),
        counts: Counts::default(),
        n_skipped_in_a_row: 0,
        has_skipped: begun.has_skipped,
        skipped: begun.skipped,
        prolonged: Instant::now(),
        progress,
        stop,
    };
    let ended = engine.stages(begun.pending).await;
    engine.finish(ended).await
}

struct Engine<'a> {
    guest: Guest,
    plan: Instance,
    client: Client,
    redaction: Redaction,
    writer: Writer,
    connector: ConnectorId,
    settings: String,
    window: Window,
    watermark: Option<Timestamp>,
    accept_mass_closure: bool,
    /// Stages that were begun before.
    begun: Vec<Dataset>,
    run: i64,
    holder: String,
    pacing: Pacing,
    counts: Counts,
    n_skipped_in_a_row: u32,
    has_skipped: bool,
    /// The lists of which something was.
    skipped: Vec<Dataset>,
    /// When the last sign of life was given that nothing else gave.
    prolonged: Instant,
    progress: Logged<'a>,
    stop: &'a AtomicBool,
}

/// What this process has stored, for whoever watches.
#[derive(Default)]
struct Counts {
    hosts: u64,
    findings: u64,
    vulnerabilities: u64,
}

impl Engine<'_> {
    async fn stages(&mut self, mut pending: Vec<PendingBatch>) -> Result<(), SyncError> {
        for dataset in self.plan.stages(&self.settings)? {
            let batches = if self.begun.contains(&dataset) {
                let (of_stage, others) = pending
                    .into_iter()
                    .partition(|one| one.batch.dataset == dataset);
                pending = others;
                of_stage
            } else {
                self.begin_stage(dataset).await?
            };
            if !batches.is_empty() || !self.begun.contains(&dataset) {
                tracing::info!(
                    run.id = self.run,
                    ?dataset,
                    batches = batches.len(),
                    "a stage begins"
                );
                self.progress.event(&Event::Stage {
                    dataset,
                    batches: batches.len() as u64,
                });
                self.stage(dataset, batches).await?;
            }
            if dataset == Dataset::HostIds {
                self.ask_before_mass_closure().await?;
            }
            // Also of a stage of which nothing is left: a run may have stood still right before.
            if !self.skipped.contains(&dataset) {
                let run = self.run;
                self.writer
                    .call(move |store| facts::mark_asked(store, run, dataset))
                    .await?;
            }
        }
        Ok(())
    }

    /// A restricted account sees a shorter list, not an error. What depends on it is not closed
    /// before a person has said so.
    async fn ask_before_mass_closure(&mut self) -> Result<(), SyncError> {
        let run = self.run;
        let (known, vanished) = self.writer.call(move |store| store.vanished(run)).await?;
        let rules = self.plan.closure(&self.settings, clock::now())?;
        let most = u64::from(rules.most_vanished_percent);
        if self.accept_mass_closure || vanished * 100 <= known * most {
            return Ok(());
        }
        Err(SyncError::MassClosure { known, vanished })
    }

    async fn begin_stage(&mut self, dataset: Dataset) -> Result<Vec<PendingBatch>, SyncError> {
        let (run, window, watermark) = (self.run, self.window, self.watermark);
        let facts = self
            .writer
            .call(move |store| facts::of(store, run, dataset, window, watermark))
            .await?;
        let is_full = facts.window == Window::Full;
        if dataset == Dataset::Hosts && facts.hosts.is_empty() && is_full {
            let notice = "Qualys lists no host: a restricted account sees a smaller list, not an error; \
                          `qonduit doctor` shows what the account may see";
            self.progress.event(&Event::Notice(notice.into()));
        }
        let batches = self.plan.stage(&self.settings, dataset, &facts)?;
        let step = self.step(dataset);
        let stored = batches.clone();
        let ids = self
            .writer
            .call(move |store| store.begin_stage(step.run, &step.lease(), dataset, &stored))
            .await?
            .unwrap_or_default();
        let pending = |(id, batch)| PendingBatch {
            id,
            batch,
            not_before: None,
        };
        Ok(ids.into_iter().zip(batches).map(pending).collect())
    }

    async fn stage(
        &mut self,
        dataset: Dataset,
        batches: Vec<PendingBatch>,
    ) -> Result<(), SyncError> {
        let mut work = Work::new(batches);
        let mut waited = Waited::default();
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(SyncError::Interrupted);
            }
            self.prolong(dataset).await?;
            match self.next(dataset, &work)? {
                Next::Start(at) => {
                    waited.end();
                    let pending = work.waiting.remove(at);
                    self.start(&mut work, pending)?;
                    continue;
                }
                Next::Nothing => break,
                Next::Wait(until, why) => {
                    if work.running.is_empty() {
                        waited.begin();
                        if waited.is_news(until, why) {
                            self.progress.event(&Event::Waiting {
                                until,
                                why: why.into(),
                            });
                        }
                    }
                }
                Next::WaitForOne => {}
            }
            // Short, so that an interrupt and a time that has come are noticed.
            let one = tokio::time::timeout(GLANCE, work.running.join_next());
            match one.await {
                Ok(Some(ended)) => {
                    let ran = ended.expect("a call neither panics nor is cancelled here");
                    self.settle(&mut work, ran, waited.take()).await?;
                }
                Ok(None) => tokio::time::sleep(GLANCE).await,
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn next(&mut self, dataset: Dataset, work: &Work) -> Result<Next, SyncError> {
        let now = clock::now();
        let due = |one: &PendingBatch| one.not_before.is_none_or(|time| time <= now);
        let Some(at) = work.waiting.iter().position(due) else {
            let first = work.waiting.iter().filter_map(|one| one.not_before).min();
            return Ok(match first {
                Some(until) => Next::Wait(
                    until,
                    "Qualys asked for a pause, or a call has to be repeated",
                ),
                None if work.running.is_empty() => Next::Nothing,
                None => Next::WaitForOne,
            });
        };
        Ok(match self.pacing.admit(&mut self.plan, dataset)? {
            Admission::Now => Next::Start(at),
            Admission::At(hold) => match hold.reason {
                Reason::RateLimit => {
                    Next::Wait(hold.until, "the calls that Qualys allows are used up")
                }
                Reason::ConcurrencyLimit => {
                    Next::Wait(hold.until, "Qualys is still busy with an earlier call")
                }
            },
            Admission::WhenOneEnds => Next::WaitForOne,
        })
    }

    fn start(&mut self, work: &mut Work, pending: PendingBatch) -> Result<(), SyncError> {
        let dataset = pending.batch.dataset;
        let begun = self.pacing.begin(&mut self.plan, dataset)?;
        let call = Call {
            client: self.client.clone(),
            guest: self.guest.clone(),
            writer: self.writer.clone(),
            settings: self.settings.clone(),
            request: self.plan.ask(&self.settings, &pending.batch)?,
            step: self.step(dataset),
        };
        work.running.spawn(async move {
            let fetched = fetch(call).await;
            Ran {
                pending,
                begun,
                fetched,
            }
        });
        Ok(())
    }

    /// Stores what came of a call, and takes up what follows from it.
    async fn settle(
        &mut self,
        work: &mut Work,
        ran: Ran,
        waited_secs: u64,
    ) -> Result<(), SyncError> {
        let (pending, mut fetched) = (ran.pending, ran.fetched?);
        let dataset = pending.batch.dataset;
        let answer = fetched.answer.clone();
        // It may hold words of the answer, whoever gave that.
        let trouble = fetched.trouble.take();
        let trouble = trouble.map(|said| self.redaction.hide(&said));
        let signs = Signs {
            headers: std::mem::take(&mut fetched.headers),
            refusal: answer.refusal.clone(),
            begun: ran.begun,
        };
        let was_given_up = answer.ending == Ending::TimedOut;
        let (api, limits) = self
            .pacing
            .end(&mut self.plan, dataset, &signs, was_given_up)?;
        let outcome = self.plan.after(
            &self.settings,
            &pending.batch,
            &answer,
            clock::next_second(),
        )?;
        let fate = outcome.fate;
        let follow = outcome.follow.clone();
        let (already, trap) = (fetched.tally, fetched.trap.take());
        let hosts = match fate {
            Fate::Skipped(_) => self.plan.hosts_of(&pending.batch)?,
            Fate::Done => {
                let mut hosts = self.plan.hosts_of(&pending.batch)?;
                // The answer went as far as the batch that goes on.
                for rest in &follow {
                    let rest = self.plan.hosts_of(rest)?;
                    hosts.retain(|host| rest.binary_search(host).is_err());
                }
                hosts.retain(|host| !fetched.unsure_hosts.contains(host));
                hosts
            }
            _ => Vec::new(),
        };
        let ended = Ended {
            batch: pending.id,
            fetched,
            outcome,
            hosts,
            api,
            limits,
            waited_secs,
        };
        let step = self.step(dataset);
        let (run, lines) = (self.run, self.progress.take());
        let committed = self
            .writer
            .call(move |store| {
                store.log(run, &lines)?;
                step.end(store, &ended)
            })
            .await?;
        let mut tally = committed.tally;
        tally += already;
        self.count(dataset, tally);
        tracing::debug!(
            run.id = self.run,
            ?dataset,
            ?fate,
            trouble,
            "a batch has ended"
        );
        let not_before = match fate {
            Fate::AgainAt(time) => Some(time),
            _ => None,
        };
        let followers = committed.followers.into_iter().zip(follow);
        work.waiting
            .extend(followers.map(|(id, batch)| PendingBatch {
                id,
                batch,
                not_before,
            }));
        work.n_done += u64::from(matches!(
            fate,
            Fate::Done | Fate::Skipped(_) | Fate::LeftOut(_)
        ));
        self.tell(&fate, &pending.batch, trouble.as_deref());
        let failed = usize::from(matches!(fate, Fate::Failed(_)));
        let pending = (work.waiting.len() + work.running.len() + failed) as u64;
        self.progress.event(&Event::Batches {
            done: work.n_done,
            pending,
        });
        match fate {
            Fate::Failed(failure) => Err(match trap {
                Some(trap) => trap.into(),
                None => SyncError::Refused {
                    failure,
                    said: trouble,
                },
            }),
            Fate::Skipped(_) if self.n_skipped_in_a_row >= MOST_SKIPPED => {
                Err(SyncError::TooManySkipped(self.n_skipped_in_a_row))
            }
            _ => Ok(()),
        }
    }

    fn tell(&mut self, fate: &Fate, batch: &Batch, trouble: Option<&str>) {
        let why = trouble.unwrap_or("Qualys could not deliver it").to_owned();
        match fate {
            Fate::Done => self.n_skipped_in_a_row = 0,
            Fate::Split => self.progress.event(&Event::Retry {
                what: why,
                wait_secs: 0,
            }),
            Fate::AgainAt(time) => {
                let wait_secs = u64::try_from(time - clock::next_second()).unwrap_or_default();
                self.progress.event(&Event::Retry {
                    what: why,
                    wait_secs,
                });
            }
            Fate::Skipped(_) => {
                self.n_skipped_in_a_row += 1;
                self.has_skipped = true;
                self.skipped.push(batch.dataset);
                self.progress.event(&Event::Skipped {
                    subject: batch.scope.clone(),
                    why,
                });
            }
            Fate::LeftOut(failure) => {
                let notice = super::error::left_out(batch.dataset, *failure, trouble);
                self.progress.event(&Event::Notice(notice));
            }
            Fate::Failed(_) => {}
        }
    }

    fn count(&mut self, dataset: Dataset, tally: Tally) {
        let n = tally.new + tally.changed + tally.unchanged + tally.older;
        match dataset {
            Dataset::Hosts => self.counts.hosts += n,
            Dataset::Detections => self.counts.findings += n,
            Dataset::KnowledgeBase => self.counts.vulnerabilities += n,
            Dataset::WebAppFindings => self.counts.findings += n,
            Dataset::HostIds
            | Dataset::ChangedHostIds
            | Dataset::AssetGroups
            | Dataset::Tags
            | Dataset::HostAssets
            | Dataset::AssetView
            | Dataset::WebApps
            | Dataset::CveScores => {}
        }
        let Counts {
            hosts,
            findings,
            vulnerabilities,
        } = self.counts;
        self.progress.event(&Event::Records {
            hosts,
            findings,
            vulnerabilities,
        });
    }

    /// A single call may be silent for longer than the lease lasts.
    async fn prolong(&mut self, dataset: Dataset) -> Result<(), SyncError> {
        if self.prolonged.elapsed() < PROLONG_AFTER {
            return Ok(());
        }
        self.prolonged = Instant::now();
        let step = self.step(dataset);
        let lines = self.progress.take();
        self.writer
            .call(move |store| {
                store.prolong(step.run, &step.lease())?;
                store.log(step.run, &lines)
            })
            .await
    }

    async fn finish(mut self, ended: Result<(), SyncError>) -> Result<RunRow, SyncError> {
        let step = self.step(Dataset::HostIds);
        let (run, has_skipped) = (self.run, self.has_skipped);
        let is_accepted = self.accept_mass_closure;
        match ended {
            Ok(()) => {
                let rules = self.plan.closure(&self.settings, clock::now())?;
                // Of what this run brought, too.
                let judged = Rules::of(&mut self.plan, &self.settings, clock::now())?;
                let connector = self.connector;
                self.progress.add(LogKind::Ended, "complete".to_owned());
                let lines = self.progress.take();
                self.writer
                    .call(move |store| {
                        store.log(run, &lines)?;
                        judged.apply(connector, store, clock::now())?;
                        let as_of = store.reader()?.run(run)?.and_then(|row| row.as_of);
                        // What was skipped has to be seen by the next incremental run.
                        let watermark = as_of.filter(|_| !has_skipped);
                        let ending = RunEnding::Complete {
                            watermark,
                            inactive_before: rules.inactive_before,
                            most_vanished_percent: match is_accepted {
                                true => 100,
                                false => rules.most_vanished_percent,
                            },
                        };
                        store.finish_run(run, &step.lease(), &ending)
                    })
                    .await
            }
            // The list is asked for anew when somebody has looked into it.
            Err(error @ SyncError::MassClosure { .. }) => {
                let reason = error.to_string();
                self.progress.add(LogKind::Ended, reason.clone());
                let lines = self.progress.take();
                self.writer
                    .call(move |store| {
                        store.log(run, &lines)?;
                        store.finish_run(run, &step.lease(), &RunEnding::Failed(reason))
                    })
                    .await?;
                Err(error)
            }
            Err(error) => {
                // The run is left as it is, to be resumed. What ended it matters more than whether
                // that could be written down.
                tracing::info!(run.id = run, %error, "the run stands still");
                let reason = error.to_string();
                self.progress.add(LogKind::Ended, reason.clone());
                let lines = self.progress.take();
                // Qualys goes on with what was underway: the next run has to leave it room.
                let abandoned = self.pacing.abandon(&mut self.plan).unwrap_or_default();
                let _ = self
                    .writer
                    .call(move |store| {
                        store.log(run, &lines)?;
                        for (api, limits) in &abandoned {
                            step.limits(store, api, limits)?;
                        }
                        store.release(run, &step.lease(), &reason)
                    })
                    .await;
                Err(error)
            }
        }
    }

    fn step(&self, dataset: Dataset) -> Step {
        Step {
            run: self.run,
            holder: self.holder.clone(),
            dataset,
        }
    }
}

/// A host that cannot be delivered is odd; this many in a row are an outage.
const MOST_SKIPPED: u32 = 10;
const PROLONG_AFTER: Duration = Duration::from_secs(LEASE_SECS as u64 / 8);
const GLANCE: Duration = Duration::from_millis(200);
