//! When a stored connector runs, and the daemon that sees to it.
//!
//! What a schedule says is worked out without a clock: times go in, times come out. That a slot is
//! taken once, whoever else looks at the same inventory, is a promise of the store.

mod account;
mod daemon;
mod defined;
mod rule;
mod slot;
mod span;

pub use account::{Unready, prepared};
pub use daemon::{Say, run};
pub use defined::{Difference, NEEDS_PASSWORD, NotTakenUp, client, compare, kept_path, take_up};
pub use rule::{Definition, Schedule, ScheduleError};
pub use slot::Due;
