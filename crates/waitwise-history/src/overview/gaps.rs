//! Stretches in which nobody came although somebody should have: a holiday, or records that are missing.

use std::collections::HashMap;

use super::{HOURS, sorted};
use crate::breakdown::Clock;

/// A stretch of whole hours without any visit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Gap {
    /// Its begin, in milliseconds since 1970.
    pub from_ms: i64,
    /// Its end.
    pub to_ms: i64,
    /// How many visits the same hours of other weeks have together.
    pub expected: f64,
}

/// Fewer expected visits than this may be absent by chance, or in a quiet night; so many are not, even where calls come in
/// crowds.
pub const EXPECTED_MIN: f64 = 30.0;

const HOUR_MS: i64 = 3_600_000;

/// Visits by hour since 1970.
#[derive(Debug, Default)]
pub(super) struct Hours(HashMap<i64, u32>);

impl Hours {
    pub(super) fn add(&mut self, at_ms: i64) {
        let count = self.0.entry(at_ms.div_euclid(HOUR_MS)).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn merge(&mut self, other: &Hours) {
        #[expect(
            clippy::iter_over_hash_type,
            reason = "sums do not depend on the order"
        )]
        for (hour, n) in &other.0 {
            let count = self.0.entry(*hour).or_default();
            *count = count.saturating_add(*n);
        }
    }

    /// Gaps between the first visit and the last, in order.
    pub(super) fn gaps(self, clock: &mut Clock) -> Vec<Gap> {
        let hours = sorted(self.0);
        let (Some((first, _)), Some((last, _))) = (hours.first(), hours.last()) else {
            return Vec::new();
        };
        let expected = Expected::of(&hours, *first..=*last, clock);
        let pairs = hours.windows(2);
        let between = pairs.filter(|pair| pair[0].0 + 1 < pair[1].0);
        let gaps = between.filter_map(|pair| expected.gap(pair[0].0 + 1, pair[1].0, clock));
        gaps.collect()
    }
}

/// Visits to be expected by hour of the week: the mean of all weeks.
struct Expected([f64; HOURS]);

impl Expected {
    fn of(
        hours: &[(i64, u32)],
        window: std::ops::RangeInclusive<i64>,
        clock: &mut Clock,
    ) -> Expected {
        let mut sums = [0.0; HOURS];
        let mut weeks = [0.0; HOURS];
        for hour in window {
            weeks[of_week(hour, clock)] += 1.0;
        }
        for (hour, n) in hours {
            sums[of_week(*hour, clock)] += f64::from(*n);
        }
        for (sum, weeks) in sums.iter_mut().zip(weeks) {
            *sum /= f64::max(weeks, 1.0);
        }
        Expected(sums)
    }

    /// What is missing in the hours from `from` to before `to`. Hours in which hardly anybody comes are cut off both ends.
    fn gap(&self, from: i64, to: i64, clock: &mut Clock) -> Option<Gap> {
        let mut busy = (from..to).filter(|hour| self.0[of_week(*hour, clock)] >= 1.0);
        let from = busy.next()?;
        let to = busy.last().unwrap_or(from) + 1;
        let expected: f64 = (from..to).map(|hour| self.0[of_week(hour, clock)]).sum();
        (expected >= EXPECTED_MIN).then_some(Gap {
            from_ms: from * HOUR_MS,
            to_ms: to * HOUR_MS,
            expected,
        })
    }
}

fn of_week(hour: i64, clock: &mut Clock) -> usize {
    clock.hour_of_week(hour * HOUR_MS) as usize % HOURS
}
