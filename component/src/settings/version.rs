//! Versions of the Qualys APIs, in the order in which they came.

use serde::{Deserialize, Serialize};

/// A version of one API. Each API counts for itself, and none has had a minor version.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Version {
    #[serde(rename = "2.0")]
    V2,
    #[serde(rename = "3.0")]
    V3,
    #[serde(rename = "4.0")]
    V4,
    #[serde(rename = "5.0")]
    V5,
}

impl Version {
    pub(crate) const ALL: [Self; 4] = [Self::V2, Self::V3, Self::V4, Self::V5];
    pub(crate) const OLDEST: Self = Self::V2;
    pub(crate) const NEWEST: Self = Self::V5;

    /// As it stands in a path.
    pub fn text(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V3 => "3.0",
            Self::V4 => "4.0",
            Self::V5 => "5.0",
        }
    }
}
