//! Ends a statement of the read side that finds no row for too long, as one can with an expression
//! that somebody else wrote. Measures how long it waits, and asks no clock what time it is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

/// Since when nothing came.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    opened: Instant,
    /// Milliseconds since then.
    last_sign: Arc<AtomicU64>,
}

impl Patience {
    /// Watches all statements of the connection.
    pub(super) fn with(conn: &mut Connection, limit: Duration) -> rusqlite::Result<Self> {
        let patience = Patience {
            opened: Instant::now(),
            last_sign: Arc::default(),
        };
        let watched = patience.clone();
        let is_over = move || {
            let last = Duration::from_millis(watched.last_sign.load(Ordering::Relaxed));
            watched.opened.elapsed().saturating_sub(last) > limit
        };
        conn.progress_handler(STEPS, Some(is_over))?;
        Ok(patience)
    }

    /// Something begins, or a row came.
    pub(super) fn renew(&self) {
        let now = self.opened.elapsed().as_millis();
        let now = u64::try_from(now).unwrap_or(u64::MAX);
        self.last_sign.store(now, Ordering::Relaxed);
    }
}

/// Of SQLite's machine; about a millisecond.
const STEPS: std::ffi::c_int = 50_000;

#[cfg(test)]
mod tests {
    use super::*;

    const ENDLESS: &str =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    #[test]
    fn what_takes_too_long_is_ended() {
        let mut conn = Connection::open_in_memory().unwrap();
        Patience::with(&mut conn, Duration::from_millis(20)).unwrap();
        let ended = conn.query_row(ENDLESS, [], |row| row.get::<_, i64>(0));
        let code = ended.unwrap_err().sqlite_error_code();
        assert_eq!(code, Some(rusqlite::ErrorCode::OperationInterrupted));
    }

    #[test]
    fn each_sign_of_life_begins_anew() {
        let mut conn = Connection::open_in_memory().unwrap();
        let patience = Patience::with(&mut conn, Duration::from_secs(600)).unwrap();
        let before = patience.last_sign.load(Ordering::Relaxed);
        while patience.last_sign.load(Ordering::Relaxed) == before {
            patience.renew();
        }
    }
}
