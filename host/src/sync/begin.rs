//! How a run is taken up: an unfinished one where it stood, or a new one.

use super::{Event, Progress, SyncError, clock, holder, step::lease, writer::Writer};
use crate::{
    guest::{
        pace::Limits,
        plan::{History, Window},
        types::{Dataset, Timestamp},
    },
    store::{ConnectorId, Note, NoteKind, PendingBatch, Resumed, StoreError},
};

/// A run as it stands when this process takes it up.
pub(super) struct Begun {
    pub(super) run: i64,
    pub(super) window: Window,
    /// Qualys' own time of the last complete run.
    pub(super) watermark: Option<Timestamp>,
    pub(super) stages: Vec<Dataset>,
    pub(super) pending: Vec<PendingBatch>,
    pub(super) limits: Vec<(String, Limits)>,
    pub(super) has_skipped: bool,
    /// The lists of which something was skipped.
    pub(super) skipped: Vec<Dataset>,
}

/// Takes over an unfinished run, or begins one. The settings are those that decide about what is
/// fetched: runs of which they are equal build on each other.
pub(super) async fn begin(
    writer: &Writer,
    connector: ConnectorId,
    settings: &str,
    choose: impl FnOnce(&History) -> Result<Window, SyncError>,
    progress: &mut dyn Progress,
) -> Result<Begun, SyncError> {
    let of_settings = settings.to_owned();
    let history = writer
        .call(move |store| store.history(connector, &of_settings))
        .await?;
    let watermark = history.watermark;
    match resume(writer, connector).await? {
        Some(resumed) if clock::now() - resumed.run.started > TOO_OLD_SECS => {
            let notice = "the unfinished run is more than a day old, so a new one begins";
            progress.event(&Event::Notice(notice.into()));
        }
        Some(resumed) if resumed.settings == settings => {
            progress.event(&Event::Resumed);
            return Ok(Begun {
                run: resumed.run.run_id,
                window: resumed.window,
                watermark,
                stages: resumed.stages,
                pending: resumed.pending,
                limits: resumed.limits,
                has_skipped: resumed.run.skipped > 0,
                skipped: resumed.run.notes.iter().filter_map(skipped).collect(),
            });
        }
        Some(_) => {
            let notice =
                "what is to be fetched has changed since the unfinished run, so a new one begins";
            progress.event(&Event::Notice(notice.into()));
        }
        None => {}
    }
    let window = choose(&history)?;
    let settings = settings.to_owned();
    let holder = holder::this_process();
    let (run, limits) = writer
        .call(move |store| {
            let run =
                store.begin_run(connector, &settings, window, &lease(&holder, clock::now()))?;
            Ok((run, store.limits(connector)?))
        })
        .await?;
    Ok(Begun {
        run,
        window,
        watermark,
        stages: Vec::new(),
        pending: Vec::new(),
        limits,
        has_skipped: false,
        skipped: Vec::new(),
    })
}

fn skipped(note: &Note) -> Option<Dataset> {
    (note.kind == NoteKind::Skip).then_some(note.dataset)
}

/// The lease of a process that was killed is not waited for.
async fn resume(writer: &Writer, connector: ConnectorId) -> Result<Option<Resumed>, SyncError> {
    let resume = || {
        let holder = holder::this_process();
        writer.call(move |store| store.resume_run(connector, &lease(&holder, clock::now())))
    };
    match resume().await {
        Err(SyncError::Store(StoreError::RunInProgress { holder, .. }))
            if holder::has_ended(&holder) =>
        {
            writer
                .call(move |store| store.lapse(connector, &holder, clock::now()))
                .await?;
            resume().await
        }
        resumed => resumed,
    }
}

/// What an older run has listed is no longer what there is.
const TOO_OLD_SECS: i64 = 86_400;
