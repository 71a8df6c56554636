//! The centre's own days: local time, opening hours, and how the day's load is spread.

use super::TimeMs;

/// Milliseconds in a second.
pub(crate) const SECOND: i64 = 1_000;
/// Milliseconds in a minute.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// Milliseconds in an hour.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// Milliseconds in a day; local days all have 24 hours.
pub(crate) const DAY: i64 = 24 * HOUR;

/// Half-hours in a day: load and staffing are planned in these.
pub(crate) const SLOTS: usize = 48;
/// Milliseconds in a half-hour.
pub(crate) const SLOT: i64 = DAY / 48;

/// The time zone of the centre: local time is UTC plus `offset`, all year round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    offset: i64,
}

impl Calendar {
    /// The calendar in which `start` is two in the morning.
    ///
    /// Every centre is closed then, so that windows of whole days which end at `start` cut through quiet hours only.
    pub(crate) fn with_start_at_two(start: TimeMs) -> Calendar {
        let ahead = (2 * HOUR - start).rem_euclid(DAY);
        // Between 12 hours behind and 12 ahead of UTC, as on Earth, so that local weekdays are about those of UTC.
        Calendar {
            offset: if ahead > DAY / 2 { ahead - DAY } else { ahead },
        }
    }

    /// The local day that `instant` lies in, counted from 1970-01-01.
    pub(crate) fn day_of(self, instant: TimeMs) -> i64 {
        (instant + self.offset).div_euclid(DAY)
    }

    /// The instant of local midnight at the beginning of `day`.
    pub(crate) fn midnight(self, day: i64) -> TimeMs {
        day * DAY - self.offset
    }
}

/// A kind of day, by its opening hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayKind {
    /// Monday to Friday.
    Working,
    /// Saturday.
    Short,
    /// Sunday.
    Closed,
}

/// Days since Monday of the local `day`: 1970-01-01 was a Thursday.
pub(crate) fn weekday(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
}

/// The kind of a weekday counted from Monday.
pub(crate) fn kind_of(weekday: usize) -> DayKind {
    match weekday {
        0..=4 => DayKind::Working,
        5 => DayKind::Short,
        _ => DayKind::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_two_in_the_morning_of_its_local_day() {
        for start in [0, 1, 13 * HOUR + 7, 1_760_000_000_123, -5 * HOUR, 23 * HOUR] {
            let calendar = Calendar::with_start_at_two(start);
            assert_eq!(start - calendar.midnight(calendar.day_of(start)), 2 * HOUR);
            assert!(calendar.offset.abs() <= DAY / 2);
        }
    }

    #[test]
    fn weekdays_are_those_of_the_calendar() {
        // 2026-03-02 was a Monday.
        let monday = i64::from(
            jiff::civil::date(2026, 3, 2)
                .since(jiff::civil::date(1970, 1, 1))
                .unwrap()
                .get_days(),
        );
        assert_eq!(
            (weekday(monday), kind_of(weekday(monday))),
            (0, DayKind::Working)
        );
        assert_eq!(
            (weekday(monday - 2), kind_of(weekday(monday - 2))),
            (5, DayKind::Short)
        );
        assert_eq!(
            (weekday(monday - 1), kind_of(weekday(monday - 1))),
            (6, DayKind::Closed)
        );
    }
}
