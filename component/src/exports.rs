//! The exports of the component: each function of the contract, handed to the module that has it.
//!
//! Nothing is decided here. The file exists only in the build for WebAssembly.

#![allow(unreachable_pub, reason = "the generated macro names its items so")]

use std::cell::RefCell;

use crate::contract::{self, export, filter, ingest, pace, plan, rules, run, types};

struct Component;

contract::export!(Component with_types_in crate::contract);

impl plan::Guest for Component {
    fn check_settings(settings: String) -> Result<(), Vec<String>> {
        crate::settings::parse(&settings).map(drop)
    }

    fn advise(settings: String) -> Vec<String> {
        crate::plan::advise(&settings)
    }

    fn fetched_by(settings: String) -> String {
        crate::plan::fetched_by(&settings)
    }

    fn choose_window(settings: String, history: plan::History, now: i64) -> plan::Window {
        crate::plan::choose_window(&settings, &history, now)
    }

    fn closure(settings: String, now: i64) -> plan::ClosureRules {
        crate::plan::closure(&settings, now)
    }

    fn stages(settings: String) -> Vec<types::Dataset> {
        crate::plan::stages(&settings)
    }

    fn stage(settings: String, dataset: types::Dataset, facts: plan::Facts) -> Vec<plan::Batch> {
        crate::plan::stage(&settings, dataset, &facts)
    }

    fn ask(settings: String, batch: plan::Batch) -> plan::Request {
        crate::plan::ask(&settings, &batch)
    }

    fn after(
        settings: String,
        batch: plan::Batch,
        answer: plan::Answer,
        now: i64,
    ) -> plan::Outcome {
        crate::plan::after(&settings, &batch, &answer, now)
    }

    fn hosts_of(batch: plan::Batch) -> Vec<u64> {
        crate::plan::hosts_of(&batch)
    }
}

impl pace::Guest for Component {
    fn api(dataset: types::Dataset) -> String {
        crate::pace::api(dataset).to_owned()
    }

    fn observe(settings: String, known: pace::Limits, seen: pace::Signs, now: i64) -> pace::Limits {
        crate::pace::observe(&settings, &known, &seen, now)
    }

    fn give_up(settings: String, known: pace::Limits, now: i64) -> pace::Limits {
        crate::pace::give_up(&settings, &known, now)
    }

    fn admit(
        settings: String,
        dataset: types::Dataset,
        known: pace::Limits,
        in_flight: u32,
        now: i64,
    ) -> pace::Admission {
        crate::pace::admit(&settings, dataset, &known, in_flight, now)
    }
}

impl ingest::Guest for Component {
    type Reader = Reader;

    fn explain(error: ingest::Error) -> String {
        crate::ingest::explain(&error)
    }
}

struct Reader(RefCell<crate::ingest::Reader>);

impl ingest::GuestReader for Reader {
    fn new(dataset: types::Dataset, settings: String) -> Self {
        Self(RefCell::new(crate::ingest::Reader::new(dataset, &settings)))
    }

    fn push(&self, chunk: Vec<u8>) -> Result<ingest::Page, ingest::Error> {
        self.0.borrow_mut().push(&chunk)
    }

    fn push_text(&self, chunk: String) -> Result<String, ingest::Error> {
        self.0.borrow_mut().push_text(&chunk)
    }

    fn push_lines(&self, chunk: Vec<u8>) -> Result<String, ingest::Error> {
        self.0.borrow_mut().push_lines(&chunk)
    }

    fn finish(&self) -> Result<ingest::End, ingest::Error> {
        self.0.borrow_mut().finish()
    }

    fn answer(&self, status: u16, headers: Vec<(String, String)>) -> plan::Answer {
        self.0.borrow_mut().answer(status, &headers)
    }
}

impl run::Guest for Component {
    type Run = Run;
}

struct Run(RefCell<crate::run::Run>);

impl run::GuestRun for Run {
    fn new(settings: String, history: plan::History, now: i64) -> Self {
        Self(RefCell::new(crate::run::Run::new(settings, history, now)))
    }

    fn next(&self, now: i64) -> run::Step {
        self.0.borrow_mut().next(now)
    }

    fn answered(&self, status: u16, headers: Vec<(String, String)>) {
        self.0.borrow_mut().answered(status, headers);
    }

    fn push(&self, chunk: Vec<u8>) -> ingest::Page {
        self.0.borrow_mut().push(&chunk)
    }

    fn push_text(&self, chunk: String) -> String {
        self.0.borrow_mut().push_lines(chunk.as_bytes())
    }

    fn push_lines(&self, chunk: Vec<u8>) -> String {
        self.0.borrow_mut().push_lines(&chunk)
    }

    fn ended(&self, now: i64) -> Option<String> {
        self.0.borrow_mut().ended(now)
    }

    fn unanswered(&self, ending: plan::Ending, now: i64) {
        self.0.borrow_mut().unanswered(ending, now);
    }
}

impl filter::Guest for Component {
    fn compile(expression: String, now: i64) -> Result<Vec<filter::Term>, filter::Problem> {
        crate::filter::compile(&expression, now)
    }

    fn judge(
        terms: Vec<filter::Term>,
        fields: Vec<filter::FieldValues>,
    ) -> Result<filter::Verdict, String> {
        crate::filter::judge(&terms, &fields)
    }

    fn selects(
        terms: Vec<filter::Term>,
        records: Vec<Vec<filter::FieldValues>>,
    ) -> Result<Vec<bool>, String> {
        crate::filter::selects(&terms, &records)
    }

    fn fields() -> Vec<filter::FieldInfo> {
        crate::filter::field::FIELDS
            .iter()
            .map(|field| field.info())
            .collect()
    }

    fn moment(text: String, now: i64) -> Option<i64> {
        crate::filter::moment(&text, now)
    }
}

impl rules::Guest for Component {
    fn put_aside_by(settings: String, properties: rules::Properties) -> Option<rules::Rule> {
        let settings = crate::settings::parse(&settings).ok()?;
        crate::rules::put_aside_by(&settings, &properties)
    }

    fn site(settings: String) -> Option<String> {
        let site = crate::settings::parse(&settings).ok()?.site;
        (!site.is_empty()).then_some(site)
    }

    fn import_rules(settings: String, now: i64) -> Vec<rules::ImportRule> {
        let settings = crate::settings::parse(&settings).unwrap_or_default();
        crate::import_rules::all(&settings.rules, now)
    }

    fn maps_business_impact(settings: String) -> bool {
        crate::settings::parse(&settings).is_ok_and(|settings| settings.business_impact)
    }

    fn risk_of(facts: rules::AssetFacts) -> rules::AssetRisk {
        crate::risk::of(&facts)
    }
}

impl export::Guest for Component {
    type Exporter = Exporter;

    fn check(options: export::Options) -> Result<(), String> {
        crate::export::check(&options)
    }

    fn versions(format: export::Format) -> Vec<String> {
        let versions = crate::export::versions(format).iter();
        versions.map(|&version| version.to_owned()).collect()
    }
}

struct Exporter(RefCell<crate::export::Exporter>);

impl export::GuestExporter for Exporter {
    fn new(options: export::Options) -> Self {
        Self(RefCell::new(crate::export::Exporter::new(options)))
    }

    fn push(&self, batch: export::Batch) -> Result<Vec<u8>, String> {
        self.0.borrow_mut().push(batch)
    }

    fn push_text(&self, lines: String) -> Result<String, String> {
        self.0.borrow_mut().push_text(&lines)
    }

    fn finish(&self) -> Result<export::Ending, String> {
        self.0.borrow_mut().finish()
    }

    fn finish_text(&self) -> Result<export::TextEnding, String> {
        self.0.borrow_mut().finish_text()
    }
}

/// Faster than the default on the many short texts of a page.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
