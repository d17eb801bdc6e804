//! What a stage needs to know of the stages before it, and what a stage leaves for later runs.
//!
//! Read from the store, for the component to decide with. Nothing is decided here.

use super::clock;
use crate::{
    guest::{
        plan::{Facts, Window},
        types::{Dataset, Timestamp},
    },
    store::{NamedCves, NoteKind, RunId, Store, StoreError},
};

/// Only what the stage of this list looks at: some lists are long.
pub(super) fn of(
    store: &dyn Store,
    run: RunId,
    dataset: Dataset,
    window: Window,
    watermark: Option<Timestamp>,
) -> Result<Facts, StoreError> {
    let asked_before = clock::now() - ASK_AGAIN_SECS;
    let hosts = match dataset {
        Dataset::Hosts | Dataset::Detections => store.run_hosts(run)?,
        _ => Vec::new(),
    };
    let unknown_qids = match dataset {
        Dataset::KnowledgeBase => store.unknown_qids(asked_before)?,
        _ => Vec::new(),
    };
    let cves = match dataset {
        Dataset::CveScores => store.named_cves(asked_before)?,
        _ => NamedCves::default(),
    };
    Ok(Facts {
        hosts,
        unknown_qids,
        window,
        watermark,
        left_out: left_out(store, run)?,
        unknown_cves: cves.unknown,
        known_cves: cves.known,
    })
}

/// What is still unknown after its stage is unknown to Qualys too, for the time being. Not so
/// after a skip, or without the module, when some of it was never answered for.
pub(super) fn mark_asked(
    store: &mut dyn Store,
    run: RunId,
    dataset: Dataset,
) -> Result<(), StoreError> {
    let now = clock::now();
    match dataset {
        Dataset::KnowledgeBase => {
            let absent = store.unknown_qids(now - ASK_AGAIN_SECS)?;
            store.mark_asked(&absent, now)
        }
        Dataset::CveScores if !left_out(store, run)?.contains(&dataset) => {
            let absent = store.named_cves(now - ASK_AGAIN_SECS)?.unknown;
            store.mark_cves_asked(&absent, now)
        }
        _ => Ok(()),
    }
}

fn left_out(store: &dyn Store, run: RunId) -> Result<Vec<Dataset>, StoreError> {
    let row = store.reader()?.run(run)?;
    let notes = row.into_iter().flat_map(|row| row.notes);
    let left_out = notes.filter(|note| note.kind == NoteKind::LeftOut);
    Ok(left_out.map(|note| note.dataset).collect())
}

/// What Qualys does not know is asked for again after 30 days.
const ASK_AGAIN_SECS: i64 = 30 * 86_400;
