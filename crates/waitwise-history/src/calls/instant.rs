//! Written times as instants, also on the days on which clocks are changed.

use jiff::civil::{DateTime, date};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp, ToSpan};

use super::fault::What;
use super::mapping::Mapping;

/// A written time. Where the clock repeats an hour it stands for two instants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Moment {
    /// As written.
    pub(super) written: DateTime,
    /// Milliseconds since 1970.
    first_ms: i64,
    /// The same an hour (or whatever the change is) later, if the clock shows it twice.
    second_ms: Option<i64>,
}

impl Moment {
    /// Returns whether the clock shows it twice.
    pub(super) fn is_repeated(&self) -> bool {
        self.second_ms.is_some()
    }

    /// The instant of entry, if what follows it happened at `next`: of two possible ones, that with the shorter wait.
    pub(super) fn before(&self, next: Option<&Moment>) -> i64 {
        match (self.second_ms, next) {
            (Some(second_ms), Some(next)) if next.first_ms >= second_ms => second_ms,
            _ => self.first_ms,
        }
    }

    /// The first of its instants that is not before another; if both are, the last.
    pub(super) fn not_before(&self, earlier_ms: i64) -> i64 {
        match self.second_ms {
            Some(second_ms) if self.first_ms < earlier_ms => second_ms,
            _ => self.first_ms,
        }
    }
}

/// How times are written in a file.
pub(super) struct Times {
    /// Of the date, a space and the time of day, where they stand in two columns.
    format: String,
    zone: TimeZone,
}

/// Systems wrote no such records before, and a later date is a clock gone wrong or stands for "never".
const FIRST: DateTime = date(1990, 1, 1).at(0, 0, 0, 0);
const END: DateTime = date(2100, 1, 1).at(0, 0, 0, 0);

impl Times {
    pub(super) fn of(mapping: &Mapping) -> Times {
        let format = match &mapping.date_format {
            Some(date_format) => format!("{date_format} {}", mapping.time_format),
            None => mapping.time_format.clone(),
        };
        let zone = mapping.time_zone.as_ref();
        Times {
            format,
            zone: zone.map_or(TimeZone::UTC, |zone| zone.time_zone().clone()),
        }
    }

    /// Reads a text that says all of it.
    pub(super) fn moment(&self, text: &str) -> Result<Moment, What> {
        let parsed = BrokenDownTime::parse(&self.format, text);
        let parsed = parsed.map_err(|_| What::NoInstant)?;
        if parsed.timestamp().is_some() || parsed.offset().is_some() {
            let at = parsed.to_timestamp().map_err(|_| What::NoInstant)?;
            return self.told(at);
        }
        self.read_in_zone(parsed.to_datetime().map_err(|_| What::NoInstant)?)
    }

    /// Reads a time of day on the day `date`, or on the day after it if that is more than 12 hours before `entry`.
    pub(super) fn moment_of_day(
        &self,
        date: &str,
        time: &str,
        entry: Option<&Moment>,
    ) -> Result<Moment, What> {
        let moment = self.moment(&format!("{date} {time}"))?;
        let half_a_day: Span = 12.hours();
        let is_over_midnight = entry.is_some_and(|entry| {
            let limit = entry.written.checked_sub(half_a_day);
            limit.is_ok_and(|limit| moment.written < limit)
        });
        if !is_over_midnight {
            return Ok(moment);
        }
        let next_day = moment.written.checked_add(1.day());
        self.read_in_zone(next_day.map_err(|_| What::OutOfTime)?)
    }

    /// An instant that needs no zone to be told.
    fn told(&self, at: Timestamp) -> Result<Moment, What> {
        let written = self.zone.to_datetime(at);
        if !(FIRST..END).contains(&written) {
            return Err(What::OutOfTime);
        }
        Ok(Moment {
            written,
            first_ms: at.as_millisecond(),
            second_ms: None,
        })
    }

    fn read_in_zone(&self, written: DateTime) -> Result<Moment, What> {
        if !(FIRST..END).contains(&written) {
            return Err(What::OutOfTime);
        }
        let instant = |offset: jiff::tz::Offset| {
            let at = offset.to_timestamp(written).map_err(|_| What::OutOfTime)?;
            Ok(at.as_millisecond())
        };
        let (first, second) = match self.zone.to_ambiguous_timestamp(written).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset, None),
            AmbiguousOffset::Fold { before, after } => (before, Some(after)),
            AmbiguousOffset::Gap { .. } => return Err(What::Skipped),
        };
        Ok(Moment {
            written,
            first_ms: instant(first)?,
            second_ms: second.map(instant).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(more: &str) -> Times {
        Times::of(&Mapping::parse(&format!("offered = 'a'\n{more}")).unwrap())
    }

    fn dutch() -> Times {
        times("time_format = '%Y-%m-%d %H:%M:%S'\ntime_zone = 'Europe/Amsterdam'")
    }

    fn utc(ms: i64) -> String {
        Timestamp::from_millisecond(ms).unwrap().to_string()
    }

    #[test]
    fn summer_and_winter_differ_from_utc_by_their_own_hours() {
        for (written, expected) in [
            ("2014-01-02 08:00:00", "2014-01-02T07:00:00Z"),
            ("2014-07-02 08:00:00", "2014-07-02T06:00:00Z"),
            ("2014-03-30 01:59:59", "2014-03-30T00:59:59Z"),
            ("2014-03-30 03:00:00", "2014-03-30T01:00:00Z"),
        ] {
            let moment = dutch().moment(written).unwrap();
            assert!(!moment.is_repeated());
            assert_eq!(utc(moment.before(None)), expected, "{written}");
        }
    }

    #[test]
    fn an_hour_that_the_clock_skips_has_no_instants() {
        assert_eq!(dutch().moment("2014-03-30 02:30:00"), Err(What::Skipped));
    }

    #[test]
    fn in_an_hour_that_the_clock_repeats_the_shortest_wait_is_taken() {
        let moment = |time: &str| dutch().moment(&format!("2014-10-26 {time}")).unwrap();
        let wait_mins = |entry: &str, answer: &str| {
            let (entry, answer) = (moment(entry), moment(answer));
            let entry_ms = entry.before(Some(&answer));
            (answer.not_before(entry_ms) - entry_ms) / 60_000
        };
        assert!(moment("02:30:00").is_repeated());
        for (entry, answer, expected) in [
            ("02:10:00", "02:30:00", 20),
            ("02:50:00", "02:10:00", 20),
            ("02:50:00", "03:05:00", 15),
            ("01:50:00", "02:05:00", 15),
            ("03:10:00", "02:50:00", -20),
        ] {
            assert_eq!(wait_mins(entry, answer), expected, "{entry} to {answer}");
        }
        assert_eq!(utc(moment("02:30:00").before(None)), "2014-10-26T00:30:00Z");
    }

    #[test]
    fn offsets_and_seconds_since_1970_need_no_zone() {
        let dutch_offset =
            times("time_format = '%Y-%m-%dT%H:%M:%S%.f%:z'\ntime_zone = 'Europe/Amsterdam'");
        let moment = dutch_offset.moment("2014-10-26T02:30:00.25+01:00").unwrap();
        assert!(!moment.is_repeated());
        assert_eq!(utc(moment.before(None)), "2014-10-26T01:30:00.25Z");
        let since = times("time_format = '%s'").moment("1414287000").unwrap();
        assert_eq!(utc(since.before(None)), "2014-10-26T01:30:00Z");
    }

    #[test]
    fn a_time_of_day_may_lie_after_midnight() {
        let times = times("date_format = '%y%m%d'\ntime_format = '%H:%M:%S'");
        let entry = times.moment_of_day("990109", "23:59:23", None).unwrap();
        let answer = times
            .moment_of_day("990109", "0:00:03", Some(&entry))
            .unwrap();
        assert_eq!(answer.written.to_string(), "1999-01-10T00:00:03");
        let before = times
            .moment_of_day("990109", "13:00:00", Some(&entry))
            .unwrap();
        assert_eq!(
            before.written.day(),
            9,
            "before the entry, which is for others to refuse"
        );
    }

    #[test]
    fn what_is_no_time_of_our_times_is_refused() {
        for (written, what) in [
            ("yesterday", What::NoInstant),
            ("2014-02-30 08:00:00", What::NoInstant),
            ("2014-01-02 08:00:00 ", What::NoInstant),
            ("9999-12-31 23:59:59", What::OutOfTime),
            ("1989-12-31 23:59:59", What::OutOfTime),
            ("0000-00-00 00:00:00", What::NoInstant),
        ] {
            assert_eq!(dutch().moment(written), Err(what), "{written}");
        }
    }
}
