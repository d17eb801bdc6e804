//! Ctrl-C and the request to end, for work that has something to put away before it stops.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::exit::Exit;

/// Becomes true at the first interrupt; the second one ends the process where it is.
pub(super) fn watch() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    // Without a runtime, an interrupt ends the process as it always did.
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
    {
        thread::spawn(move || {
            runtime.block_on(async {
                signal().await;
                flag.store(true, Ordering::Relaxed);
                signal().await;
                std::process::exit(Exit::Interrupted.code().into());
            });
        });
    }
    interrupted
}

/// Waits for either of them.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
