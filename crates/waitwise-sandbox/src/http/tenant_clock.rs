//! The tenant's own time: it stands still unless moved, or runs at a multiple of the service clock.

use std::time::Duration;

use crate::centre::TimeMs;

/// The fastest that tenant time may run: a day each second, about what the contact centre can follow.
pub const SPEED_MAX: f64 = 86_400.0;

/// The last instant that tenant time reaches, the beginning of the year 9000 UTC: every date after it can still be written.
pub(crate) const LATEST: TimeMs = 221_845_392_000_000;

/// Tenant time as a line through a point of the service clock.
#[derive(Clone, Debug)]
pub(crate) struct TenantClock {
    base: TimeMs,
    /// Where the service clock stood at `base`.
    mark: Duration,
    speed: f64,
}

impl TenantClock {
    /// A clock that shows `now` while the service clock shows `service`, and runs at `speed` tenant seconds a second.
    pub(crate) fn new(now: TimeMs, service: Duration, speed: f64) -> TenantClock {
        TenantClock {
            base: now,
            mark: service,
            speed,
        }
    }

    /// Tenant time at an instant of the service clock.
    pub(crate) fn now(&self, service: Duration) -> TimeMs {
        let passed = service.saturating_sub(self.mark).as_secs_f64() * 1000.0 * self.speed;
        std::cmp::min(self.base.saturating_add(whole(passed)), LATEST)
    }

    /// Moves to `now`, which may also lie in the past.
    pub(crate) fn set(&mut self, now: TimeMs, service: Duration) {
        *self = TenantClock::new(std::cmp::min(now, LATEST), service, self.speed);
    }

    /// Runs on at another speed.
    pub(crate) fn set_speed(&mut self, speed: f64, service: Duration) {
        *self = TenantClock::new(self.now(service), service, speed);
    }

    /// Tenant seconds per second of the service clock.
    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast from float saturates, and the caller cuts at LATEST"
)]
fn whole(ms: f64) -> i64 {
    ms as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_still_runs_and_stops_at_the_end_of_time() {
        let at = Duration::from_secs;
        let mut clock = TenantClock::new(1_000, at(50), 0.0);
        assert_eq!(clock.now(at(90)), 1_000);
        clock.set_speed(60.0, at(90));
        assert_eq!(clock.now(at(92)), 121_000);
        clock.set_speed(0.5, at(92));
        assert_eq!(clock.now(at(94)), 122_000);
        clock.set(5_000, at(94));
        assert_eq!(clock.now(at(96)), 6_000);
        clock.set_speed(SPEED_MAX, at(96));
        assert_eq!(clock.now(at(u64::MAX / 4)), LATEST);
    }

    #[test]
    fn the_last_instant_is_the_year_9000() {
        let latest = jiff::Timestamp::from_millisecond(LATEST).unwrap();
        assert_eq!(latest.to_string(), "9000-01-01T00:00:00Z");
    }
}
