//! The stretch of history that a question is about.

use jiff::{SignedDuration, Timestamp};

/// A half-open stretch of time in UTC: `from` is in it, `to` is not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

/// A window that cannot be formed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WindowError {
    /// No whole day was asked for.
    #[error("a window needs at least 1 day, got {days}")]
    TooShort {
        /// What was asked for.
        days: u32,
    },
    /// The window would begin before time as it can be written.
    #[error("a window of {days} days before {to} begins outside the calendar")]
    OutsideCalendar {
        /// What was asked for.
        days: u32,
        /// Where the window would end.
        to: Timestamp,
    },
}

impl Window {
    /// Returns the `days` × 24 hours before `to`, both ends cut to whole seconds as the tutorial does.
    ///
    /// # Errors
    /// Zero days, or a beginning that lies outside the calendar.
    pub fn days_before(to: Timestamp, days: u32) -> Result<Window, WindowError> {
        if days == 0 {
            return Err(WindowError::TooShort { days });
        }
        let outside = WindowError::OutsideCalendar { days, to };
        let to = Timestamp::from_second(to.as_second()).map_err(|_| outside)?;
        let from = to
            .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
            .map_err(|_| outside)?;
        Ok(Window { from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_24_hours_and_seconds_are_whole() {
        let to: Timestamp = "2026-03-30T01:02:03.999Z".parse().unwrap();
        let window = Window::days_before(to, 30).unwrap();
        assert_eq!(window.to.to_string(), "2026-03-30T01:02:03Z");
        assert_eq!(window.from.to_string(), "2026-02-28T01:02:03Z");
    }

    #[test]
    fn impossible_windows_are_named() {
        let to: Timestamp = "2026-03-30T00:00:00Z".parse().unwrap();
        assert_eq!(
            Window::days_before(to, 0),
            Err(WindowError::TooShort { days: 0 })
        );
        let days = u32::MAX;
        assert_eq!(
            Window::days_before(to, days),
            Err(WindowError::OutsideCalendar { days, to })
        );
    }
}
