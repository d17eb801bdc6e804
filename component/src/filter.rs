//! x
pub(crate) mod closest;
