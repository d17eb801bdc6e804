//! What all connections share.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Instant;

use crate::sim::fault::armed::Armed;
use crate::sim::limits::Limits;
use crate::sim::options::Options;
use crate::sim::request::Api;
use crate::sim::stats::Stats;
use crate::sim::world::time::Timestamp;
use crate::sim::world::{Scale, World};

pub(crate) struct State {
    pub(crate) options: Options,
    pub(crate) password: String,
    pub(crate) client_secret: String,
    pub(crate) world: Arc<World>,
    /// The world of a user who may see nothing.
    pub(crate) empty_world: Arc<World>,
    /// Set with `--own-links`, once the address is known.
    pub(crate) link_origin: OnceLock<String>,
    day: AtomicU32,
    limits: Mutex<Limits>,
    faults: Mutex<Armed>,
    stats: Mutex<Stats>,
    sessions: Mutex<BTreeSet<String>>,
}

impl State {
    pub(crate) fn new(
        options: Options,
        password: String,
        client_secret: String,
    ) -> anyhow::Result<State> {
        let scale = options.scale()?;
        let mut faults = Armed::default();
        for fault in &options.fault {
            faults.add(fault.clone());
        }
        Ok(State {
            empty_world: Arc::new(World::new(Scale {
                hosts: 0,
                results_scale: 0.0,
                ..scale.clone()
            })),
            world: Arc::new(World::new(scale)),
            password,
            client_secret,
            link_origin: OnceLock::new(),
            day: AtomicU32::new(options.day),
            limits: Mutex::new(Limits::new(options.allowance())),
            faults: Mutex::new(faults),
            stats: Mutex::default(),
            sessions: Mutex::default(),
            options,
        })
    }

    pub(crate) fn day(&self) -> u32 {
        self.day.load(Ordering::Relaxed)
    }

    pub(crate) fn set_day(&self, day: u32) {
        self.day.store(day, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.now(self.day())
    }

    pub(crate) fn limits(&self) -> MutexGuard<'_, Limits> {
        lock(&self.limits)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Armed> {
        lock(&self.faults)
    }

    pub(crate) fn stats(&self) -> MutexGuard<'_, Stats> {
        lock(&self.stats)
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, BTreeSet<String>> {
        lock(&self.sessions)
    }
}

/// Given back when the answer is complete or its client has gone.
pub(crate) struct Slot {
    state: Arc<State>,
    api: Api,
    pub(crate) is_complete: bool,
}

impl Slot {
    pub(crate) fn new(state: Arc<State>, api: Api) -> Slot {
        Slot {
            state,
            api,
            is_complete: false,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.state
            .limits()
            .release(self.api, Instant::now(), !self.is_complete);
        if !self.is_complete {
            self.state.stats().abandoned += 1;
        }
    }
}

/// A panic elsewhere does not make counters unreadable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
