//! The tenant's own time: it stands still unless moved, or runs at a multiple of the service clock.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use crate::centre::TimeMs;

/// The fastest that tenant time may run: a day each second, about what the contact centre can follow.
pub const SPEED_MAX: f64 = 86_400.0;

/// The last instant that tenant time reaches, the beginning of the year 9000 UTC: every date after it can still be written.
pub(crate) const LATEST: TimeMs = 221_845_392_000_000;

/// The first instant that tenant time can jump back to, the beginning of 1970 UTC.
const EARLIEST: TimeMs = 0;

/// Tenant time as a line through a point of the service clock.
#[derive(Clone, Debug)]
pub(crate) struct TenantClock {
    base: TimeMs,
    /// Where the service clock stood at `base`.
    mark: Duration,
    speed: f64,
    /// How far the host's clocks have jumped in all.
    jumped: SignedDuration,
}

impl TenantClock {
    /// A clock that shows `now` while the service clock shows `service`, and runs at `speed` tenant seconds a second.
    pub(crate) fn new(now: TimeMs, service: Duration, speed: f64) -> TenantClock {
        TenantClock {
            base: now,
            mark: service,
            speed,
            jumped: SignedDuration::ZERO,
        }
    }

    /// Tenant time at an instant of the service clock.
    pub(crate) fn now(&self, service: Duration) -> TimeMs {
        let passed = service.saturating_sub(self.mark).as_secs_f64() * 1000.0 * self.speed;
        std::cmp::min(self.base.saturating_add(whole(passed)), LATEST)
    }

    /// Moves to `now`, which may also lie in the past.
    pub(crate) fn set(&mut self, now: TimeMs, service: Duration) {
        self.base = now.clamp(EARLIEST, LATEST);
        self.mark = service;
    }

    /// Moves tenant time by so many seconds, and with it the `Date` of answers.
    pub(crate) fn jump(&mut self, secs: i64, service: Duration) {
        let to = self.now(service).saturating_add(secs.saturating_mul(1000));
        self.set(to, service);
        self.jumped = self.jumped.saturating_add(SignedDuration::from_secs(secs));
    }

    /// Returns the `Date` header of an answer: the service clock's time with all jumps.
    pub(crate) fn date(&self, service_now: Timestamp) -> String {
        let with_jumps = service_now.checked_add(self.jumped);
        http_date(with_jumps.unwrap_or(service_now))
    }

    /// Runs on at another speed.
    pub(crate) fn set_speed(&mut self, speed: f64, service: Duration) {
        self.set(self.now(service), service);
        self.speed = speed;
    }

    /// Tenant seconds per second of the service clock.
    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }
}

/// Writes an instant as HTTP does, cut to seconds; no year of five digits can be written, and none comes up.
pub(crate) fn http_date(at: Timestamp) -> String {
    let written = DateTimePrinter::new().timestamp_to_rfc9110_string(&at);
    written.unwrap_or_default()
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
    fn a_jump_moves_both_times_and_stops_at_either_end() {
        let mut clock = TenantClock::new(5_000, Duration::ZERO, 0.0);
        clock.jump(60, Duration::ZERO);
        clock.jump(-4, Duration::ZERO);
        assert_eq!(clock.now(Duration::ZERO), 61_000);
        let date = clock.date("2026-03-30T12:00:00.9Z".parse().unwrap());
        assert_eq!(date, "Mon, 30 Mar 2026 12:00:56 GMT");
        clock.jump(i64::MIN, Duration::ZERO);
        assert_eq!(clock.now(Duration::ZERO), 0);
        clock.jump(i64::MAX, Duration::ZERO);
        assert_eq!(clock.now(Duration::ZERO), LATEST);
    }

    #[test]
    fn the_last_instant_is_the_year_9000() {
        let latest = jiff::Timestamp::from_millisecond(LATEST).unwrap();
        assert_eq!(latest.to_string(), "9000-01-01T00:00:00Z");
    }
}
