//! Local hours and days, without asking the time zone for each visit.

use std::fmt;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A stretch of local time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Slot {
    /// An hour of every week.
    Hour(HourOfWeek),
    /// A day, which has 23 or 25 hours where clocks change; `None`: outside of the calendar.
    Day(Option<Date>),
}

/// An hour of every week, by the clock on the wall. Where clocks are set back, an hour comes twice and both count here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HourOfWeek(u8);

impl HourOfWeek {
    /// Returns the hour of this number, from 0 (Monday, midnight to one) to 167; `None` of a larger one.
    pub fn new(number: u8) -> Option<HourOfWeek> {
        (number < 7 * 24).then_some(HourOfWeek(number))
    }

    /// Returns the hour's number, from 0 (Monday, midnight to one) to 167.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Returns the day of the week.
    pub fn weekday(self) -> Weekday {
        let from_monday = i8::try_from(self.0 / 24).unwrap_or_default();
        Weekday::from_monday_zero_offset(from_monday).unwrap_or(Weekday::Sunday)
    }

    /// Returns the hour at which it begins, 0..=23.
    pub fn hour(self) -> u8 {
        self.0 % 24
    }
}

/// Writes `Mon 09`.
impl fmt::Display for HourOfWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weekday = format!("{:?}", self.weekday());
        let short = weekday.get(..3).unwrap_or_default();
        write!(f, "{short} {:02}", self.hour())
    }
}

/// Tells local time. It remembers the stretches between clock changes that it has met.
#[derive(Debug)]
pub(crate) struct Clock {
    zone: TimeZone,
    stretches: Vec<Stretch>,
    /// The stretch that was asked for last.
    last: usize,
}

/// A stretch of time in which local clocks differ from UTC by the same.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from_ms: i64,
    to_ms: i64,
    offset_ms: i64,
}

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Days are counted from here, so that they fit into 32 bits without a sign: 2^31 days before 1970.
const DAY_ZERO: i64 = 1 << 31;

impl Clock {
    pub(crate) fn new(zone: TimeZone) -> Clock {
        Clock {
            zone,
            stretches: Vec::new(),
            last: 0,
        }
    }

    /// Returns the number of the local hour of the week.
    pub(crate) fn hour_of_week(&mut self, at_ms: i64) -> u32 {
        let local = self.local_ms(at_ms);
        // The first of January 1970 was a Thursday.
        let weekday = (local.div_euclid(DAY_MS) + 3).rem_euclid(7);
        let hour = local.rem_euclid(DAY_MS) / HOUR_MS;
        u32::try_from(weekday * 24 + hour).unwrap_or_default()
    }

    /// Returns the number of the local day.
    pub(crate) fn day(&mut self, at_ms: i64) -> u32 {
        let day = self.local_ms(at_ms).div_euclid(DAY_MS);
        u32::try_from(day + DAY_ZERO).unwrap_or(u32::MAX)
    }

    fn local_ms(&mut self, at_ms: i64) -> i64 {
        at_ms.saturating_add(self.offset_ms(at_ms))
    }

    fn offset_ms(&mut self, at_ms: i64) -> i64 {
        let holds = |stretch: &&Stretch| stretch.from_ms <= at_ms && at_ms < stretch.to_ms;
        if let Some(stretch) = self.stretches.get(self.last).filter(holds) {
            return stretch.offset_ms;
        }
        let place = self
            .stretches
            .partition_point(|stretch| stretch.to_ms <= at_ms);
        self.last = place;
        if let Some(stretch) = self.stretches.get(place).filter(holds) {
            return stretch.offset_ms;
        }
        let Some(stretch) = stretch(&self.zone, at_ms) else {
            return 0;
        };
        self.stretches.insert(place, stretch);
        stretch.offset_ms
    }
}

/// Asks the zone; `None` outside of the calendar.
fn stretch(zone: &TimeZone, at_ms: i64) -> Option<Stretch> {
    let at = Timestamp::from_millisecond(at_ms).ok()?;
    let just_after = at.checked_add(SignedDuration::from_nanos(1)).ok()?;
    let begins = zone.preceding(just_after).next();
    let ends = zone.following(at).next();
    Some(Stretch {
        from_ms: begins.map_or(i64::MIN, |change| change.timestamp().as_millisecond()),
        to_ms: ends.map_or(i64::MAX, |change| change.timestamp().as_millisecond()),
        offset_ms: i64::from(zone.to_offset(at).seconds()) * 1000,
    })
}

/// Returns the hour of a number of [`Clock::hour_of_week`].
pub(crate) fn hour_of_week(number: u32) -> Slot {
    Slot::Hour(HourOfWeek(u8::try_from(number).unwrap_or_default()))
}

/// Returns the day of a number of [`Clock::day`].
pub(crate) fn day(number: u32) -> Slot {
    let days = i64::from(number) - DAY_ZERO;
    let at = Timestamp::from_millisecond(days.saturating_mul(DAY_MS)).ok();
    Slot::Day(at.map(|at| at.to_zoned(TimeZone::UTC).date()))
}
