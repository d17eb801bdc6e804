//! The connector component for hosts in Rust: its functions, its readers and its exporters.
//!
//! The component is part of the crate. It is linked with nothing, so it can reach nothing: no
//! file, no socket, no clock. A trap in it is an error of the call, never the end of the host, and
//! its memory has a ceiling. Nothing here sends a request or keeps a record: `qonduit` does, which
//! calls the component through this crate, and so can any other host.

mod exporter;
mod language;
mod reader;
mod running;
mod value;
mod version;

use std::path::Path;

use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime::{Cache, Config, Engine, Store, StoreLimits, StoreLimitsBuilder};

mod bindings {
    #![allow(missing_debug_implementations, unreachable_pub)]

    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "connector",
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::qonduit::connector::{
    export, filter, ingest, pace, plan, rules, run, types,
};

pub use exporter::Exporter;
pub use reader::Reader;
pub use running::Run;
use types::{Dataset, HostId, Timestamp};
pub use version::CONTRACT;

/// The component did not do its work. That is a mistake of ours, whatever bytes it was given.
#[derive(Debug, thiserror::Error)]
pub enum GuestError {
    #[error("the component cannot be loaded")]
    Load(#[source] Cause),
    /// It speaks another version of the contract, or another contract.
    #[error("{0}")]
    OtherContract(String),
    #[error("the component failed in `{operation}`")]
    Trapped {
        operation: &'static str,
        #[source]
        source: Cause,
    },
}

/// What the engine itself said.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

type Result<T> = std::result::Result<T, GuestError>;

/// The component, compiled and ready to be instantiated any number of times.
#[derive(Clone)]
pub struct Guest {
    engine: Engine,
    ready: bindings::ConnectorPre<StoreLimits>,
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guest")
    }
}

impl Guest {
    /// The component that this binary carries. Compiled at its first use on a machine, which takes
    /// about a fifth of a second, and kept in the user's cache folder where there is one.
    pub fn embedded() -> Result<Self> {
        Self::from_bytes(EMBEDDED)
    }

    /// Another build of the component, of the same contract.
    pub fn from_bytes(component: &[u8]) -> Result<Self> {
        let mut config = Config::new();
        config.cache(Cache::from_file(None).ok());
        let engine = Engine::new(&config).map_err(load)?;
        let component = Component::new(&engine, component).map_err(load)?;
        version::check(&engine, &component).map_err(GuestError::OtherContract)?;
        Self::prepare(engine, &component)
    }

    /// Compiles ahead of time, for the engine of this one: see [`Guest::from_precompiled`].
    pub fn precompile(&self) -> Result<Vec<u8>> {
        self.engine.precompile_component(EMBEDDED).map_err(load)
    }

    /// Another one on the engine of this one, which is made once in a process. The file is mapped,
    /// so that only what runs is read.
    ///
    /// # Safety
    ///
    /// The file must hold what [`Guest::precompile`] returned, and may not change while it is in
    /// use: it is run as machine code.
    pub unsafe fn from_precompiled(&self, file: &Path) -> Result<Self> {
        // SAFETY: the caller's promise is the one that is asked for here.
        let component = unsafe { Component::deserialize_file(&self.engine, file) }.map_err(load)?;
        Self::prepare(self.engine.clone(), &component)
    }

    fn prepare(engine: Engine, component: &Component) -> Result<Self> {
        // Nothing is added to the linker: a component that imports anything cannot be linked.
        let linker = Linker::new(&engine);
        let ready = linker
            .instantiate_pre(component)
            .and_then(bindings::ConnectorPre::new)
            .map_err(load)?;
        Ok(Self { engine, ready })
    }

    /// The names of what the component imports. None is expected.
    pub fn imports(&self) -> Vec<String> {
        let component = self.ready.instance_pre().component();
        component
            .component_type()
            .imports(&self.engine)
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    pub fn instantiate(&self) -> Result<Instance> {
        let limits = StoreLimitsBuilder::new().memory_size(MAX_MEMORY).build();
        let mut store = Store::new(&self.engine, limits);
        store.limiter(|limits| limits);
        let exports = self.ready.instantiate(&mut store).map_err(load)?;
        Ok(Instance { store, exports })
    }
}

/// One instance: the functions of the contract that keep nothing between calls.
pub struct Instance {
    store: Store<StoreLimits>,
    exports: bindings::Connector,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Instance")
    }
}

impl Instance {
    pub fn check_settings(
        &mut self,
        settings: &plan::Settings,
    ) -> Result<std::result::Result<(), Vec<String>>> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_check_settings(&mut self.store, settings)
            .map_err(trapped("plan.check-settings"))
    }

    pub fn advise(&mut self, settings: &plan::Settings) -> Result<Vec<String>> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_advise(&mut self.store, settings)
            .map_err(trapped("plan.advise"))
    }

    pub fn fetched_by(&mut self, settings: &plan::Settings) -> Result<String> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_fetched_by(&mut self.store, settings)
            .map_err(trapped("plan.fetched-by"))
    }

    pub fn choose_window(
        &mut self,
        settings: &plan::Settings,
        history: &plan::History,
        now: Timestamp,
    ) -> Result<plan::Window> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_choose_window(&mut self.store, settings, *history, now)
            .map_err(trapped("plan.choose-window"))
    }

    pub fn closure(
        &mut self,
        settings: &plan::Settings,
        now: Timestamp,
    ) -> Result<plan::ClosureRules> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_closure(&mut self.store, settings, now)
            .map_err(trapped("plan.closure"))
    }

    pub fn stages(&mut self, settings: &plan::Settings) -> Result<Vec<Dataset>> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_stages(&mut self.store, settings)
            .map_err(trapped("plan.stages"))
    }

    pub fn stage(
        &mut self,
        settings: &plan::Settings,
        dataset: Dataset,
        facts: &plan::Facts,
    ) -> Result<Vec<plan::Batch>> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_stage(&mut self.store, settings, dataset, facts)
            .map_err(trapped("plan.stage"))
    }

    pub fn ask(&mut self, settings: &plan::Settings, batch: &plan::Batch) -> Result<plan::Request> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_ask(&mut self.store, settings, batch)
            .map_err(trapped("plan.ask"))
    }

    pub fn after(
        &mut self,
        settings: &plan::Settings,
        batch: &plan::Batch,
        answer: &plan::Answer,
        now: Timestamp,
    ) -> Result<plan::Outcome> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_after(&mut self.store, settings, batch, answer, now)
            .map_err(trapped("plan.after"))
    }

    pub fn hosts_of(&mut self, batch: &plan::Batch) -> Result<Vec<HostId>> {
        let plan = self.exports.qonduit_connector_plan();
        plan.call_hosts_of(&mut self.store, batch)
            .map_err(trapped("plan.hosts-of"))
    }

    pub fn api(&mut self, dataset: Dataset) -> Result<String> {
        let pace = self.exports.qonduit_connector_pace();
        pace.call_api(&mut self.store, dataset)
            .map_err(trapped("pace.api"))
    }

    pub fn observe(
        &mut self,
        settings: &plan::Settings,
        known: &pace::Limits,
        seen: &pace::Signs,
        now: Timestamp,
    ) -> Result<pace::Limits> {
        let pace = self.exports.qonduit_connector_pace();
        pace.call_observe(&mut self.store, settings, known, seen, now)
            .map_err(trapped("pace.observe"))
    }

    pub fn give_up(
        &mut self,
        settings: &plan::Settings,
        known: &pace::Limits,
        now: Timestamp,
    ) -> Result<pace::Limits> {
        let pace = self.exports.qonduit_connector_pace();
        pace.call_give_up(&mut self.store, settings, known, now)
            .map_err(trapped("pace.give-up"))
    }

    pub fn admit(
        &mut self,
        settings: &plan::Settings,
        dataset: Dataset,
        known: &pace::Limits,
        in_flight: u32,
        now: Timestamp,
    ) -> Result<pace::Admission> {
        let pace = self.exports.qonduit_connector_pace();
        pace.call_admit(&mut self.store, settings, dataset, known, in_flight, now)
            .map_err(trapped("pace.admit"))
    }

    /// What is wrong with an answer, in words for people.
    pub fn explain(&mut self, error: &ingest::Error) -> Result<String> {
        let ingest = self.exports.qonduit_connector_ingest();
        ingest
            .call_explain(&mut self.store, error)
            .map_err(trapped("ingest.explain"))
    }

    pub fn put_aside_by(
        &mut self,
        settings: &plan::Settings,
        properties: rules::Properties,
    ) -> Result<Option<rules::Rule>> {
        let rules = self.exports.qonduit_connector_rules();
        rules
            .call_put_aside_by(&mut self.store, settings, properties)
            .map_err(trapped("rules.put-aside-by"))
    }

    pub fn site(&mut self, settings: &plan::Settings) -> Result<Option<String>> {
        let rules = self.exports.qonduit_connector_rules();
        rules
            .call_site(&mut self.store, settings)
            .map_err(trapped("rules.site"))
    }

    pub fn import_rules(
        &mut self,
        settings: &plan::Settings,
        now: Timestamp,
    ) -> Result<Vec<rules::ImportRule>> {
        let rules = self.exports.qonduit_connector_rules();
        rules
            .call_import_rules(&mut self.store, settings, now)
            .map_err(trapped("rules.import-rules"))
    }

    pub fn maps_business_impact(&mut self, settings: &plan::Settings) -> Result<bool> {
        let rules = self.exports.qonduit_connector_rules();
        rules
            .call_maps_business_impact(&mut self.store, settings)
            .map_err(trapped("rules.maps-business-impact"))
    }

    pub fn risk_of(&mut self, facts: rules::AssetFacts) -> Result<rules::AssetRisk> {
        let rules = self.exports.qonduit_connector_rules();
        rules
            .call_risk_of(&mut self.store, facts)
            .map_err(trapped("rules.risk-of"))
    }

    pub fn compile(
        &mut self,
        expression: &str,
        now: Timestamp,
    ) -> Result<std::result::Result<Vec<filter::Term>, filter::Problem>> {
        let filter = self.exports.qonduit_connector_filter();
        filter
            .call_compile(&mut self.store, expression, now)
            .map_err(trapped("filter.compile"))
    }
}

fn load(error: wasmtime::Error) -> GuestError {
    GuestError::Load(error.into())
}

fn trapped(operation: &'static str) -> impl FnOnce(wasmtime::Error) -> GuestError {
    move |error| GuestError::Trapped {
        operation,
        source: error.into(),
    }
}

const EMBEDDED: &[u8] = include_bytes!(env!("QONDUIT_COMPONENT"));
/// A reader keeps one host and one page; this leaves room for the oddest host.
const MAX_MEMORY: usize = 1 << 30;
