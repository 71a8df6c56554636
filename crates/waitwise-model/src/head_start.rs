//! Weights as head starts: how many minutes of waiting a weight is worth, and what is left of it in whole minutes.

use crate::weight::Weight;

/// How many minutes of head start one point of weight is worth, exact to a thousandth of a minute.
///
/// A weight is worth the same whatever the other weights are, so that a plan for some skills moves no other, and what
/// stands in a table can be read as weights again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scale {
    thousandths_per_point: u32,
}

/// A number that is no scale.
#[derive(Clone, Copy, PartialEq, Debug, thiserror::Error)]
#[error(
    "{minutes} minutes per point of weight cannot be used: 0.001 to 10, in thousandths, was expected"
)]
pub struct NoScale {
    /// The number.
    pub minutes: f64,
}

impl Scale {
    /// A tenth of a minute per point: the full scale is ten minutes.
    pub const DEFAULT: Scale = Scale {
        thousandths_per_point: 100,
    };

    /// Takes a number of minutes per point.
    ///
    /// # Errors
    /// It is not in 0.001..=10, or finer than a thousandth: rounding could not be exact then.
    pub fn per_point(minutes: f64) -> Result<Scale, NoScale> {
        // The limit keeps the full scale under 17 hours, beyond which nobody waits.
        (1..=10_000u32)
            .find(|thousandths| (f64::from(*thousandths) / 1000.0 - minutes).abs() < 1e-9)
            .map(|thousandths_per_point| Scale {
                thousandths_per_point,
            })
            .ok_or(NoScale { minutes })
    }

    /// Returns the minutes that one point is worth.
    pub fn minutes_per_point(self) -> f64 {
        f64::from(self.thousandths_per_point) / 1000.0
    }

    /// Returns what `weight` is worth.
    pub fn head_start(self, weight: Weight) -> HeadStart {
        HeadStart {
            thousandths: u32::from(weight.get()) * self.thousandths_per_point,
        }
    }

    /// Returns how many points of weight `minutes` are worth; not always a weight, nor whole.
    pub fn points(self, minutes: f64) -> f64 {
        minutes * 1000.0 / f64::from(self.thousandths_per_point)
    }
}

/// What one weight is worth: as it is, and in the whole minutes that can be written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HeadStart {
    thousandths: u32,
}

impl HeadStart {
    /// Returns the exact minutes.
    pub fn wanted_minutes(self) -> f64 {
        f64::from(self.thousandths) / 1000.0
    }

    /// Returns the whole minutes next to it, half a minute rounded away from zero.
    pub fn written_minutes(self) -> u32 {
        (self.thousandths + 500) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_start(minutes_per_point: f64, weight: i64) -> (f64, u32) {
        let scale = Scale::per_point(minutes_per_point).unwrap();
        let worth = scale.head_start(Weight::try_from(weight).unwrap());
        (worth.wanted_minutes(), worth.written_minutes())
    }

    #[test]
    fn halves_are_rounded_away_from_zero_and_nothing_is_lost_to_binary_fractions() {
        for (minutes_per_point, weight, wanted, written) in [
            (0.1, 1, 0.1, 0),
            (0.1, 4, 0.4, 0),
            (0.1, 5, 0.5, 1),
            (0.1, 64, 6.4, 6),
            (0.1, 65, 6.5, 7),
            (0.1, 100, 10.0, 10),
            // 0.29 × 50 is 14.499999999999998 in binary.
            (0.29, 50, 14.5, 15),
            (0.001, 100, 0.1, 0),
            (10.0, 100, 1000.0, 1000),
        ] {
            assert_eq!(
                head_start(minutes_per_point, weight),
                (wanted, written),
                "{minutes_per_point} × {weight}"
            );
        }
    }

    #[test]
    fn a_scale_is_positive_bounded_and_in_thousandths() {
        for minutes in [0.0, -0.1, 10.001, 0.0005, 0.1234, f64::NAN, f64::INFINITY] {
            assert!(Scale::per_point(minutes).is_err(), "{minutes}");
        }
        assert_eq!(Scale::per_point(0.1), Ok(Scale::DEFAULT));
        assert!((Scale::DEFAULT.points(6.0) - 60.0).abs() < 1e-9);
    }
}
