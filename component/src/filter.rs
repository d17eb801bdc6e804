//! The language that selects assets and findings.

pub(crate) mod closest;
