//! How long a chore took. Nothing is decided by it.

use std::time::{Duration, Instant};

#[expect(
    clippy::disallowed_methods,
    reason = "how long a step took is for the person who waited, and what a benchmark is for"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns `12.3 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
