//! Decides what to ask Qualys next, as functions on values: sends nothing, reads no clock.
//!
//! Rules for editors: every transition of the work list is in `plan/transition.rs`, every
//! parameter in `plan/request.rs`, `plan/portal.rs` and `plan/gateway.rs`, every status and code in `plan/meaning.rs`. Nothing here may
//! look at a body, and nothing that came back from outside (a stored scope, a link to a next
//! page) may decide more than which rows are asked for.
//!
//! Settings that `check_settings` would refuse are taken for the default ones, and the run fails
//! at its first answer: a guess at what was meant could leave half of the hosts out unnoticed.

use crate::contract::plan::{
    Answer, Batch, ClosureRules, Facts, Failure, History, Outcome, Request, Window,
};
use crate::contract::types::{Dataset, HostId, Timestamp};
use crate::settings;

pub(crate) mod backoff;
mod cursor;
mod gateway;
mod id_set;
pub(crate) mod meaning;
mod portal;
mod request;
mod scope;
mod stage;
mod transition;
mod window;

#[cfg(test)]
mod progress;

use scope::Scope;

/// All mistakes in the settings, each a sentence that names the key.
pub fn check_settings(settings: &str) -> Result<(), Vec<String>> {
    settings::parse(settings).map(drop)
}

/// What works, but not for long.
pub fn advise(settings: &str) -> Vec<String> {
    settings::parse(settings).unwrap_or_default().advise()
}

/// The settings that decide about what is fetched, in one way of writing.
pub fn fetched_by(settings: &str) -> String {
    let settings = settings::parse(settings).unwrap_or_default().fetched_by();
    serde_json::to_string(&settings).expect("settings are plain text and numbers")
}

/// Which hosts a run that begins now is about.
pub fn choose_window(settings: &str, history: &History, now: Timestamp) -> Window {
    window::choose(&settings::parse(settings).unwrap_or_default(), history, now)
}

/// When findings are closed that Qualys did not speak of.
pub fn closure(settings: &str, now: Timestamp) -> ClosureRules {
    window::closure(&settings::parse(settings).unwrap_or_default(), now)
}

/// The stages of a run, in the order in which they are carried out.
pub fn stages(settings: &str) -> Vec<Dataset> {
    stage::stages(&settings::parse(settings).unwrap_or_default())
}

/// The first batches of a stage.
pub fn stage(settings: &str, dataset: Dataset, facts: &Facts) -> Vec<Batch> {
    stage::stage(
        &settings::parse(settings).unwrap_or_default(),
        dataset,
        facts,
    )
}

/// The request that carries out a batch. For a scope that was tampered with it selects nothing,
/// and `after` ends the run.
pub fn ask(settings: &str, batch: &Batch) -> Request {
    let settings = settings::parse(settings).unwrap_or_default();
    let scope = Scope::parse(batch.dataset, &batch.scope);
    request::request(&settings, batch.dataset, scope.as_ref(), batch.page_size)
}

/// What becomes of a batch, and what takes its place.
pub fn after(settings: &str, batch: &Batch, answer: &Answer, now: Timestamp) -> Outcome {
    let scope = Scope::parse(batch.dataset, &batch.scope);
    match (settings::parse(settings), scope) {
        (Ok(settings), Some(scope)) => transition::after(&settings, batch, &scope, answer, now),
        _ => transition::failed(Failure::BadRequest),
    }
}

/// The hosts that a batch asks for, empty when it names none.
pub fn hosts_of(batch: &Batch) -> Vec<HostId> {
    let scope = Scope::parse(batch.dataset, &batch.scope);
    match (batch.dataset, scope.as_ref().and_then(Scope::ids)) {
        (Dataset::Hosts | Dataset::Detections, Some(ids)) => ids.ids().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::plan::{Ending, Fate};

    const GOOD: Answer = Answer {
        ending: Ending::Answered(200),
        refusal: None,
        next: None,
    };

    fn batch(dataset: Dataset, scope: &str) -> Batch {
        Batch {
            dataset,
            scope: scope.to_owned(),
            page_size: 1,
            attempts: 0,
        }
    }

    #[track_caller]
    fn check(settings: &str, scope: &str, expected: Fate) {
        let outcome = after(settings, &batch(Dataset::Hosts, scope), &GOOD, 0);
        assert_eq!(outcome.fate, expected);
    }

    #[test]
    fn mistaken_settings_end_the_run_at_its_first_answer() {
        check("{}", "1-3", Fate::Done);
        check(
            r#"{"fixd": false}"#,
            "1-3",
            Fate::Failed(Failure::BadRequest),
        );
        assert!(check_settings(r#"{"fixd": false}"#).is_err());
        let hosts = batch(Dataset::Hosts, "1-3");
        assert_eq!(ask(r#"{"fixd": false}"#, &hosts), ask("{}", &hosts));
    }

    #[test]
    fn a_scope_that_was_tampered_with_ends_the_run() {
        check("{}", "1-", Fate::Failed(Failure::BadRequest));
        check("{}", "", Fate::Failed(Failure::BadRequest));
        check("{}", "1-99999999999", Fate::Failed(Failure::BadRequest));
    }

    #[test]
    fn a_batch_names_its_hosts_where_it_has_any() {
        assert_eq!(hosts_of(&batch(Dataset::Hosts, "1-3,7")), [1, 2, 3, 7]);
        assert_eq!(hosts_of(&batch(Dataset::Detections, "7")), [7]);
        assert!(hosts_of(&batch(Dataset::KnowledgeBase, "38170")).is_empty());
        assert!(hosts_of(&batch(Dataset::HostIds, "from:7")).is_empty());
        assert!(hosts_of(&batch(Dataset::Hosts, "7-1")).is_empty());
    }
}
