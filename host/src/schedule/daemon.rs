//! The daemon: takes slots as their time comes, carries out their runs, and puts all away when it
//! is told to end.
//!
//! It asks what time it is again and again rather than to sleep until a slot, so that a clock that
//! is put right and a machine that slept are noticed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{Definition, Schedule, prepared};
use crate::{
    config::Config,
    guest::types::Timestamp,
    store::{
        Connector, ConnectorId, Connectors, Lease, Reader, Result, RunRow, Slot, SlotCause,
        SqliteStore, Store, StoreError,
    },
    sync::{self, Event, Progress, SyncError},
    time::{self, Rfc3339},
};

/// Takes a line about a connector, or about the daemon itself.
pub type Say = Arc<dyn Fn(Option<&str>, &str) + Send + Sync>;

/// Works until `stop` becomes true. Then runs are interrupted and left to be resumed.
pub fn run(config: Config, say: Say, stop: Arc<AtomicBool>) -> Result<()> {
    let store = SqliteStore::open(&config.db())?;
    let mut daemon = Daemon {
        reader: store.reader()?,
        store,
        config: Arc::new(config),
        say,
        stop,
        holder: sync::this_process(),
        works: BTreeMap::new(),
        resting: BTreeMap::new(),
        schedules: BTreeMap::new(),
        held: Instant::now(),
    };
    let n = daemon.reader.connectors()?.len();
    let plural = if n == 1 { "connector" } else { "connectors" };
    (daemon.say)(None, &format!("watching {n} {plural}"));
    while !daemon.is_stopped() {
        match daemon.look() {
            Ok(()) => thread::sleep(GLANCE),
            Err(error @ (StoreError::Busy { .. } | StoreError::Full { .. })) => {
                (daemon.say)(None, &format!("{error}"));
                thread::sleep(TROUBLE);
            }
            Err(error) => {
                daemon.stop.store(true, Ordering::Relaxed);
                let _ = daemon.end();
                return Err(error);
            }
        }
    }
    daemon.end()
}

struct Daemon {
    config: Arc<Config>,
    store: SqliteStore,
    reader: Box<dyn Reader>,
    say: Say,
    stop: Arc<AtomicBool>,
    holder: String,
    works: BTreeMap<ConnectorId, Work>,
    /// Connectors at which somebody else is, and when to look again.
    resting: BTreeMap<ConnectorId, Instant>,
    schedules: BTreeMap<ConnectorId, Understood>,
    held: Instant,
}

/// A slot that is being carried out.
struct Work {
    name: String,
    slot: Slot,
    run: JoinHandle<Ended>,
}

/// A schedule as it was understood, until it is another one.
struct Understood {
    text: String,
    since: Timestamp,
    schedule: Option<Schedule>,
}

enum Ended {
    Complete(Box<RunRow>),
    Interrupted,
    /// Another process carries out a run of this connector.
    Busy(String),
    Failed(String),
}

impl Daemon {
    fn look(&mut self) -> Result<()> {
        let now = time::now();
        self.settle(now)?;
        if self.held.elapsed() >= HOLD_AFTER {
            self.held = Instant::now();
            for work in self.works.values() {
                self.store.hold(work.slot.id, &lease(&self.holder, now))?;
            }
        }
        for connector in self.reader.connectors()? {
            let id = connector.connector_id;
            let rests = self
                .resting
                .get(&id)
                .is_some_and(|until| Instant::now() < *until);
            if self.works.len() >= MOST_AT_ONCE || rests || self.works.contains_key(&id) {
                continue;
            }
            if let Some(slot) = self.take(&connector, now)? {
                self.begin(connector, slot);
            }
        }
        Ok(())
    }

    fn take(&mut self, connector: &Connector, now: Timestamp) -> Result<Option<Slot>> {
        let id = connector.connector_id;
        let Some(open) = &connector.open else {
            let due = match self.schedule(connector) {
                Some(schedule) if !connector.is_paused => schedule.due(id, connector.taken, now),
                _ => None,
            };
            let Some(due) = due else { return Ok(None) };
            let cause = if due.is_late {
                SlotCause::Late
            } else {
                SlotCause::Scheduled
            };
            let slot = Some((due.slot, cause));
            return self.store.take(id, slot, &lease(&self.holder, now));
        };
        if connector.is_paused && open.cause != SlotCause::Asked {
            return Ok(None);
        }
        if open.lease_until > now {
            // Nobody waits for the lease of a process that died.
            match &open.holder {
                Some(holder) if sync::has_ended(holder) => {
                    self.store.leave(open.id, &lease(holder, now))?;
                }
                _ => return Ok(None),
            }
        }
        self.store.take(id, None, &lease(&self.holder, now))
    }

    fn schedule(&mut self, connector: &Connector) -> Option<&Schedule> {
        let text = connector.definition.schedule.as_ref()?;
        let (id, since) = (connector.connector_id, connector.scheduled);
        let known = self.schedules.get(&id);
        if known.is_none_or(|known| (&known.text, known.since) != (text, since)) {
            let name = Some(connector.definition.name.as_str());
            let schedule = match Definition::kept(text, since) {
                Ok(schedule) => {
                    let next = schedule.upcoming(id, connector.taken, time::now(), 1);
                    if let (Some(next), false) = (next.first(), connector.is_paused) {
                        (self.say)(
                            name,
                            &format!("the next run is at {}", schedule.shown(*next)),
                        );
                    }
                    Some(schedule)
                }
                Err(error) => {
                    (self.say)(name, &format!("its schedule cannot be used: {error}"));
                    None
                }
            };
            let text = text.clone();
            self.schedules.insert(
                id,
                Understood {
                    text,
                    since,
                    schedule,
                },
            );
        }
        self.schedules.get(&id)?.schedule.as_ref()
    }

    fn begin(&mut self, connector: Connector, slot: Slot) {
        let name = connector.definition.name.clone();
        let why = match slot.cause {
            SlotCause::Scheduled => format!("the slot of {} has come", Rfc3339(slot.at)),
            SlotCause::Late => format!("making up for the slot of {}", Rfc3339(slot.at)),
            SlotCause::Asked => format!("a run was asked for at {}", Rfc3339(slot.at)),
        };
        (self.say)(Some(&name), &why);
        let id = connector.connector_id;
        let (config, say) = (Arc::clone(&self.config), Arc::clone(&self.say));
        let stop = Arc::clone(&self.stop);
        let run = thread::spawn(move || carry_out(&config, &connector, &say, &stop));
        self.works.insert(id, Work { name, slot, run });
    }

    /// Puts away what has come to its end.
    fn settle(&mut self, now: Timestamp) -> Result<()> {
        let is_over = |(id, work): (&ConnectorId, &Work)| work.run.is_finished().then_some(*id);
        let over: Vec<_> = self.works.iter().filter_map(is_over).collect();
        for id in over {
            let Some(Work { name, slot, run }) = self.works.remove(&id) else {
                continue;
            };
            let lease = lease(&self.holder, now);
            let ended = run.join().unwrap_or_else(|_| {
                Ended::Failed("the run ended unexpectedly; this is a bug in qonduit".to_owned())
            });
            match ended {
                Ended::Complete(row) => {
                    let (new, changed) = (row.findings.new, row.findings.changed);
                    let run = row.run_id;
                    let line = format!("run {run} is complete: {new} new, {changed} changed");
                    (self.say)(Some(&name), &line);
                    self.store.end_slot(slot.id, &lease, None)?;
                }
                Ended::Interrupted => {
                    (self.say)(Some(&name), "interrupted; the next daemon goes on with it");
                    self.store.leave(slot.id, &lease)?;
                }
                Ended::Busy(why) => {
                    (self.say)(Some(&name), &why);
                    self.resting.insert(id, Instant::now() + REST);
                    self.store.leave(slot.id, &lease)?;
                }
                Ended::Failed(why) => {
                    (self.say)(Some(&name), &format!("failed: {why}"));
                    self.store.end_slot(slot.id, &lease, Some(&why))?;
                }
            }
        }
        Ok(())
    }

    /// Waits for the runs to put away what they have, but not for ever: what is lost by a kill is
    /// fetched again.
    fn end(&mut self) -> Result<()> {
        let begun = Instant::now();
        while !self.works.is_empty() && begun.elapsed() < PATIENCE {
            self.settle(time::now())?;
            thread::sleep(Duration::from_millis(20));
        }
        for work in self.works.values() {
            self.store
                .leave(work.slot.id, &lease(&self.holder, time::now()))?;
        }
        (self.say)(None, "ended");
        Ok(())
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

fn carry_out(config: &Config, connector: &Connector, say: &Say, stop: &AtomicBool) -> Ended {
    let sync = match prepared(config, connector, false) {
        Ok(sync) => sync,
        Err(error) => return Ended::Failed(error.to_string()),
    };
    let store = match SqliteStore::open(&sync.db) {
        Ok(store) => Box::new(store),
        Err(error) => return Ended::Failed(error.to_string()),
    };
    let mut lines = Lines {
        name: &connector.definition.name,
        say,
    };
    match sync::run(&sync, store, &mut lines, stop) {
        Ok(row) => Ended::Complete(Box::new(row)),
        Err(SyncError::Interrupted) => Ended::Interrupted,
        Err(SyncError::Store(error @ StoreError::RunInProgress { .. })) => {
            Ended::Busy(error.to_string())
        }
        Err(error) => Ended::Failed(error.to_string()),
    }
}

/// Says what the log of the run says.
struct Lines<'a> {
    name: &'a str,
    say: &'a Say,
}

impl Progress for Lines<'_> {
    fn event(&mut self, event: &Event) {
        if let Some((_, line)) = sync::line(event) {
            (self.say)(Some(self.name), &line);
        }
    }
}

fn lease(holder: &str, now: Timestamp) -> Lease<'_> {
    Lease {
        holder,
        now,
        until: now + LEASE_SECS,
    }
}

const GLANCE: Duration = Duration::from_millis(250);
/// While the disk is full, or another process writes for long.
const TROUBLE: Duration = Duration::from_secs(5);
/// Until a connector is tried again at which another process is.
const REST: Duration = Duration::from_secs(30);
/// Service managers wait for ten seconds before they kill.
const PATIENCE: Duration = Duration::from_secs(8);
const LEASE_SECS: i64 = 120;
const HOLD_AFTER: Duration = Duration::from_secs(15);
/// All of them write to one file.
const MOST_AT_ONCE: usize = 4;
