//! The one place where the product asks the operating system for the time.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use waitwise_model::{BoxFuture, Clock};

/// The real time.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    began: Instant,
}

impl SystemClock {
    /// Returns a clock whose [`Clock::monotonic`] begins at zero.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the file that asks the operating system"
    )]
    pub fn new() -> Self {
        SystemClock {
            began: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the file that asks the operating system"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the file that asks the operating system"
    )]
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
