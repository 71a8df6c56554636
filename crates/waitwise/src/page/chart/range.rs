//! An axis between any two values.

use super::{decimals, finite, round_step};

/// An axis of round steps (1, 2 or 5 times a power of ten), labelled at each.
pub(super) struct Range {
    low: f64,
    step: f64,
    n_steps: u8,
}

impl Range {
    /// Returns one that holds all of these values.
    pub(super) fn of(values: &[f64]) -> Range {
        let values = || values.iter().copied().map(finite);
        let (low, high) = (
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        );
        // A single value is a range as well.
        let (low, high) = match high > low {
            true => (low, high),
            false => (finite(low) - 0.5, finite(low) + 0.5),
        };
        let step = round_step(high - low);
        let first = (low / step).floor();
        Range {
            low: first * step,
            step,
            n_steps: n_steps((high / step).ceil() - first),
        }
    }

    /// Returns where a value is, 0.0..=1.0, never beyond the axis.
    pub(super) fn place(&self, value: f64) -> f64 {
        ((finite(value) - self.low) / (self.step * f64::from(self.n_steps))).clamp(0.0, 1.0)
    }

    /// Whether a value lies on the axis.
    pub(super) fn holds(&self, value: f64) -> bool {
        let steps = (value - self.low) / self.step;
        (0.0..=f64::from(self.n_steps)).contains(&steps)
    }

    /// Returns the values of the labels.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let steps = (0..=self.n_steps).map(f64::from);
        steps.map(|n| self.low + n * self.step).collect()
    }

    /// Returns how many decimals the labels need.
    pub(super) fn decimals(&self) -> usize {
        decimals(self.step)
    }
}

/// Six steps are the most that fit, and one more if neither end is round.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 1 to 8"
)]
fn n_steps(steps: f64) -> u8 {
    steps.clamp(1.0, 8.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_round_and_hold_all() {
        for (values, expected) in [
            (
                &[71.3, 77.2][..],
                &[71.0, 72.0, 73.0, 74.0, 75.0, 76.0, 77.0, 78.0][..],
            ),
            (
                &[-21.0, 33.0],
                &[-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0, 40.0],
            ),
            (&[5.0], &[4.4, 4.6, 4.8, 5.0, 5.2, 5.4, 5.6]),
            (&[], &[]),
            (&[f64::NAN, f64::INFINITY, -1e300, 1e300], &[]),
        ] {
            let range = Range::of(values);
            let ticks = range.ticks();
            assert!((2..=9).contains(&ticks.len()), "{values:?}: {ticks:?}");
            for value in values {
                assert!(range.holds(finite(*value)), "{value} is not in {ticks:?}");
                assert!((0.0..=1.0).contains(&range.place(*value)));
            }
            if !expected.is_empty() {
                let near = |(one, other): (&f64, &f64)| (one - other).abs() < 1e-9;
                assert!(
                    ticks.len() == expected.len() && ticks.iter().zip(expected).all(near),
                    "{ticks:?}"
                );
            }
        }
    }

    #[test]
    fn places_are_in_proportion() {
        let range = Range::of(&[-20.0, 40.0]);
        for (value, place) in [(-20.0, 0.0), (0.0, 1.0 / 3.0), (40.0, 1.0), (99.0, 1.0)] {
            assert!((range.place(value) - place).abs() < 1e-9, "{value}");
        }
        assert!(range.holds(40.0) && !range.holds(41.0) && !range.holds(-21.0));
    }
}
