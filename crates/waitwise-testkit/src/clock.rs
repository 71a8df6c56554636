//! A clock that stands still.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use waitwise_model::{BoxFuture, Clock};

/// A clock that moves only when it is told to, or when somebody sleeps by it: sleeping returns at once.
#[derive(Debug)]
pub struct TestClock {
    began: Timestamp,
    time: Mutex<Time>,
}

#[derive(Debug, Default)]
struct Time {
    passed: Duration,
    naps: Vec<Duration>,
}

impl TestClock {
    /// Returns a clock that shows `now`.
    pub fn at(now: Timestamp) -> Arc<TestClock> {
        Arc::new(TestClock {
            began: now,
            time: Mutex::default(),
        })
    }

    /// Lets time pass without anybody having slept.
    pub fn advance(&self, by: Duration) {
        self.time().passed += by;
    }

    /// Returns every sleep so far, in order, and forgets them.
    pub fn take_naps(&self) -> Vec<Duration> {
        std::mem::take(&mut self.time().naps)
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.began
            .checked_add(self.monotonic())
            .unwrap_or(Timestamp::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.time().passed
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        // Two who sleep at the same time wake at the same time: their naps do not add up.
        let wakes = self.monotonic() + duration;
        Box::pin(async move {
            let mut time = self.time();
            time.passed = std::cmp::max(time.passed, wakes);
            time.naps.push(duration);
        })
    }
}
