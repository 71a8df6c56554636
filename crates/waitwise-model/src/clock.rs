//! Time as a value.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;

/// A future behind a pointer, so that [`Clock`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where the time comes from, and how to let it pass.
///
/// Passed in wherever time matters, so that a test can let a day pass at once.
pub trait Clock: Send + Sync {
    /// Returns the wall-clock time. It may jump, in both directions.
    fn now(&self) -> Timestamp;

    /// Returns the time since some fixed beginning. It never goes backwards; use it to measure.
    fn monotonic(&self) -> Duration;

    /// Returns when `duration` has passed on this clock.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}
