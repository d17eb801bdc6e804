//! The time. The only place below the command line that looks at a clock.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::guest::types::Timestamp;

/// The whole second before the present, for what is only noted.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::try_from(since.as_secs()).unwrap_or(Timestamp::MAX)
}

/// The whole second after the present: a wait that counts from here is never too short.
pub(super) fn next_second() -> Timestamp {
    now().saturating_add(1)
}
