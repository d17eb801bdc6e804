//! The one clock of a run.

use crate::guest::types::Timestamp;
pub(super) use crate::time::now;

/// The whole second after the present: a wait that counts from here is never too short.
pub(super) fn next_second() -> Timestamp {
    now().saturating_add(1)
}
