//! Moving recorded calls in time.

use super::call::Call;
use crate::centre::TimeMs;
use crate::centre::calendar::{DAY, MINUTE};

/// Milliseconds to add to written times, so that the calls end less than a week before `now`.
///
/// They are moved by whole weeks and, by at most half a day, so that `now` falls into the middle of the longest stretch
/// of the day in which nobody calls.
pub(super) fn into_the_past_of(now: TimeMs, calls: &[Call]) -> i64 {
    let quiet = middle_of_quietest(&calls_per_minute(calls));
    let ahead = (now - quiet).rem_euclid(DAY);
    let within_the_day = if ahead > DAY / 2 { ahead - DAY } else { ahead };
    let last_end = calls.iter().map(Call::ended_ms).max().unwrap_or(now);
    // Strictly before now: a call that ends just then would be a whole week early.
    let weeks = (now - 1 - within_the_day - last_end).div_euclid(WEEK);
    weeks * WEEK + within_the_day
}

const WEEK: i64 = 7 * DAY;
const MINUTES: usize = 1_440;

/// How many callers entered in each minute of the day.
fn calls_per_minute(calls: &[Call]) -> [u32; MINUTES] {
    let mut counts = [0; MINUTES];
    for call in calls {
        let minute = call.offered_ms().rem_euclid(DAY) / MINUTE;
        counts[usize::try_from(minute).unwrap_or(0)] += 1;
    }
    counts
}

/// Milliseconds from midnight to the middle of the longest stretch without calls, which may go over midnight; of several
/// the first. Where every minute has calls, those with fewest count as without.
fn middle_of_quietest(counts: &[u32; MINUTES]) -> i64 {
    let fewest = counts.iter().min().copied().unwrap_or(0);
    let length_from = |start: usize| {
        (0..MINUTES)
            .take_while(|by| counts[(start + by) % MINUTES] == fewest)
            .count()
    };
    let longest = (0..MINUTES)
        .map(|start| (length_from(start), start))
        .rev()
        .max_by_key(|(length, _)| *length);
    let (length, start) = longest.unwrap_or((0, 0));
    i64::try_from((2 * start + length) % (2 * MINUTES)).unwrap_or(0) * MINUTE / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::centre::Outcome;
    use crate::centre::calendar::HOUR;

    #[test]
    fn the_quietest_stretch_may_go_over_midnight() {
        let mut counts = [0; MINUTES];
        counts[8 * 60..20 * 60].fill(3);
        assert_eq!(middle_of_quietest(&counts), 2 * HOUR);
        counts[3 * 60] = 1;
        assert_eq!(middle_of_quietest(&counts), 23 * HOUR + 30 * MINUTE);
    }

    #[test]
    fn without_empty_minutes_the_fewest_calls_count() {
        let mut counts = [5; MINUTES];
        counts[60..120].fill(2);
        assert_eq!(middle_of_quietest(&counts), 90 * MINUTE);
    }

    #[test]
    fn calls_end_less_than_a_week_before_now_on_their_weekday() {
        let call = |day: i8, hour: i8| Call {
            offered: jiff::civil::date(2014, 1, day).at(hour, 0, 0, 0),
            queue: 0,
            outcome: Outcome::Answered,
            wait_ms: 1_000,
            handle_ms: 60_000,
        };
        let calls = [call(2, 8), call(2, 20), call(31, 12)];
        for now in [0, 5 * HOUR, 1_772_420_123_456, 1_391_170_000_000, -3 * DAY] {
            let shift = into_the_past_of(now, &calls);
            let before_now = now - (calls[2].ended_ms() + shift);
            assert!(
                (1..=WEEK).contains(&before_now),
                "{before_now} ms for {now}"
            );
            let from_week = (shift + DAY / 2).rem_euclid(WEEK) - DAY / 2;
            assert!(
                from_week.abs() <= DAY / 2,
                "{from_week} ms off the weekday for {now}"
            );
            for call in &calls {
                let from_edge =
                    (now - call.offered_ms() - shift + DAY / 2).rem_euclid(DAY) - DAY / 2;
                assert!(
                    from_edge.abs() >= HOUR,
                    "{from_edge} ms from an edge for {now}"
                );
            }
        }
    }

    #[test]
    fn a_call_that_ends_in_the_very_middle_of_the_quiet_hours_ends_before_now() {
        let long = Call {
            offered: jiff::civil::date(2014, 1, 2).at(20, 0, 30, 0),
            queue: 0,
            outcome: Outcome::Answered,
            wait_ms: 0,
            // 12 hours to the middle of all minutes but the one of the call.
            handle_ms: 12 * 3_600_000,
        };
        let now = long.ended_ms() + 10 * WEEK;
        assert_eq!(
            now - (long.ended_ms() + into_the_past_of(now, &[long])),
            WEEK
        );
    }
}
