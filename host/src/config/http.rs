//! How patiently answers of Qualys are waited for, and how large they may be.

use std::time::Duration;

/// The table `[http]`. There is no option to skip the check of certificates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HttpOptions {
    pub connect_timeout: Duration,
    /// Qualys pauses for minutes in the middle of an answer, and means it.
    pub idle_timeout: Duration,
    /// Averaged over the time that a pause may last, so that a pause is not taken for slowness.
    pub min_bytes_per_sec: u64,
    pub max_call: Duration,
    /// Counted after decompression.
    pub max_answer_bytes: u64,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(300),
            min_bytes_per_sec: 100,
            max_call: Duration::from_secs(3_600),
            max_answer_bytes: 16 << 30,
        }
    }
}
