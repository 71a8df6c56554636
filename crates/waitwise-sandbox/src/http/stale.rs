//! What is read and lags behind: for a while it shows what was.

use std::time::Duration;

use super::fault::Staleness;

/// Something as clients see it.
#[derive(Debug)]
pub(crate) struct Stale<T>(Option<Old<T>>);

impl<T> Default for Stale<T> {
    fn default() -> Stale<T> {
        Stale(None)
    }
}

#[derive(Debug)]
struct Old<T> {
    shown: T,
    until: Until,
}

#[derive(Debug)]
enum Until {
    ReadsLeft(u32),
    /// An instant of the service clock.
    Service(Duration),
}

impl<T> Stale<T> {
    /// Shows `shown` from here on for as long as told, whatever becomes of the true thing.
    pub(crate) fn begin(&mut self, shown: T, staleness: Staleness, service: Duration) {
        let until = match staleness {
            Staleness::Reads(reads) => Until::ReadsLeft(reads),
            Staleness::Seconds(secs) => Until::Service(service + Duration::from_secs(secs.into())),
        };
        self.0 = Some(Old { shown, until });
    }

    /// Returns what to show for one request; `stored` is the true thing.
    pub(crate) fn read<'a>(&'a mut self, stored: &'a T, service: Duration) -> &'a T {
        if self.0.as_mut().is_some_and(|old| old.is_over(service)) {
            self.0 = None;
        }
        self.0.as_ref().map_or(stored, |old| &old.shown)
    }
}

impl<T> Old<T> {
    fn is_over(&mut self, service: Duration) -> bool {
        match &mut self.until {
            Until::Service(until) => *until <= service,
            Until::ReadsLeft(0) => true,
            Until::ReadsLeft(reads) => {
                *reads -= 1;
                false
            }
        }
    }
}
