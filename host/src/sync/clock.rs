//! The time. The only place below the command line that looks at a clock.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::guest::types::Timestamp;

pub(super) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::try_from(since.as_secs()).unwrap_or(Timestamp::MAX)
}
