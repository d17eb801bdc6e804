//! From the inventory to the sink: one thread reads, another one renders, a third one writes.
//!
//! Records cross to the component by the hundreds; what they name goes with them once.

use std::{
    ops::ControlFlow,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use super::sink::Sink;
use crate::{
    cli::{
        exit::Exit,
        failure::{Failure, Result},
    },
    guest::{
        Exporter,
        export::{Batch, Ending},
    },
    store::{ExportQuery, Exported, Reader, StoreError},
};

/// Until all is written, or something fails, or somebody interrupts.
pub(super) fn run(
    reader: &mut dyn Reader,
    query: &ExportQuery<'_>,
    exporter: Exporter,
    sink: &mut Sink,
    interrupted: &AtomicBool,
) -> Result<Ending> {
    let (send, batches) = sync_channel(WAITING);
    let (send_bytes, rendered) = sync_channel(WAITING);
    thread::scope(|scope| {
        let reading = scope.spawn(move || read(reader, query, send));
        let rendering = scope.spawn(move || render(exporter, batches, &send_bytes));
        let write = || {
            for bytes in rendered {
                if interrupted.load(Ordering::Relaxed) {
                    return Err(Failure::sentence(
                        Exit::Interrupted,
                        "interrupted before the export was complete",
                    ));
                }
                sink.write(&bytes)?;
            }
            Ok(())
        };
        // What waits to be written is dropped with the receiver, which ends the two others.
        let written = write();
        let rendered = rendering.join().expect("rendering does not panic");
        let read = reading.join().expect("reading an inventory does not panic");
        written?;
        read?;
        let ending = rendered?.finish()?.map_err(unrendered)?;
        sink.write(&ending.bytes)?;
        Ok(ending)
    })
}

/// Hands the exporter back, as only a complete export has an end.
fn render(
    mut exporter: Exporter,
    batches: Receiver<Batch>,
    send: &SyncSender<Vec<u8>>,
) -> Result<Exporter> {
    for batch in batches {
        let bytes = exporter.push(&batch)?.map_err(unrendered)?;
        if send.send(bytes).is_err() {
            break;
        }
    }
    Ok(exporter)
}

/// Ends early when nobody takes the batches any more; who does not has told why.
fn read(
    reader: &mut dyn Reader,
    query: &ExportQuery<'_>,
    send: SyncSender<Batch>,
) -> std::result::Result<(), StoreError> {
    let mut pending = empty();
    let mut n_rows = 0;
    let mut has_named = false;
    reader.export(query, &mut |record| {
        // Assets that are rows and assets that are named are not of one batch.
        let is_named = !matches!(record, Exported::Asset(_));
        if (n_rows >= ROWS || is_named != has_named || matches!(record, Exported::Forget))
            && send.send(std::mem::replace(&mut pending, empty())).is_err()
        {
            return ControlFlow::Break(());
        }
        if pending.is_empty() {
            n_rows = 0;
        }
        has_named = is_named;
        match record {
            Exported::Forget => pending.forget = true,
            Exported::Asset(asset) => {
                pending.assets.push(*asset);
                n_rows += 1;
            }
            Exported::NamedAsset(asset) => pending.assets.push(*asset),
            Exported::Entry(entry) => {
                pending.entries.push(*entry);
                n_rows += 1;
            }
            Exported::NamedEntry(entry) => pending.entries.push(*entry),
            Exported::Finding(found) => {
                pending.findings.push(*found);
                n_rows += 1;
            }
            Exported::Software(row) => {
                pending.software.push(*row);
                n_rows += 1;
            }
        }
        ControlFlow::Continue(())
    })?;
    let _ = send.send(pending);
    Ok(())
}

fn empty() -> Batch {
    Batch {
        forget: false,
        assets: Vec::new(),
        entries: Vec::new(),
        findings: Vec::new(),
        software: Vec::new(),
    }
}

/// The records come from the inventory, so nobody but us is to blame.
fn unrendered(reason: String) -> Failure {
    Failure::sentence(
        Exit::Bug,
        format!("the export cannot be rendered: {reason}"),
    )
}

/// Rows of a batch: larger ones gain nothing and wait longer in memory.
const ROWS: usize = 500;
/// Batches that are read ahead.
const WAITING: usize = 2;
