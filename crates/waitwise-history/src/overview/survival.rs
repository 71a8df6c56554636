//! How long customers would wait if nobody answered: the Kaplan–Meier estimate.
//!
//! Who is answered tells only that his patience was longer than his wait. The estimate takes those into account as long as
//! they waited; leaving them out would call everybody impatient. It supposes that whom an agent reaches does not depend
//! on how patient he is.

use crate::sketch::Ordered;

/// The share that is still willing to wait from a moment on, until the next step.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Step {
    /// After so many milliseconds of waiting.
    pub at_ms: u64,
    /// How many were waiting then.
    pub at_risk: u64,
    /// The share, 0.0..=1.0.
    pub share: f64,
    /// Lower end of its 95% interval, 0.0..=1.0.
    pub low: f64,
    /// Upper end of its 95% interval, 0.0..=1.0.
    pub high: f64,
}

/// Quantile of the normal distribution that leaves 2.5% above it.
const Z: f64 = 1.959_963_984_540_054;

/// Estimates patience: a step for each wait after which somebody gave up, in order; before the first step everybody waits.
///
/// Intervals are Greenwood's, on the scale of the logarithm of the logarithm, which keeps them within 0 and 1. They hold
/// for each moment alone, and suppose that customers decide independently.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
pub fn patience(gave_up: &Ordered, served: &Ordered) -> Vec<Step> {
    let mut at_risk = gave_up.count() + served.count();
    let mut served = served.counts().peekable();
    let (mut share, mut variance) = (1.0_f64, 0.0_f64);
    let mut steps = Vec::new();
    for (at_ms, n) in gave_up.counts() {
        // Who is answered just when another gives up was waiting until then.
        while let Some((_, n)) = served.next_if(|(wait_ms, _)| *wait_ms < at_ms) {
            at_risk -= n;
        }
        let rest = at_risk - n;
        share *= rest as f64 / at_risk as f64;
        variance += n as f64 / (at_risk as f64 * rest as f64);
        let (low, high) = interval(share, variance);
        steps.push(Step {
            at_ms,
            at_risk,
            share,
            low,
            high,
        });
        at_risk = rest;
    }
    steps
}

/// Returns the step that holds after `at_ms` of waiting; `None` before the first.
pub fn survival_at(steps: &[Step], at_ms: u64) -> Option<&Step> {
    let after = steps.partition_point(|step| step.at_ms <= at_ms);
    steps.get(after.checked_sub(1)?)
}

/// The interval of a share, from the sum that Greenwood's variance is made of.
fn interval(share: f64, variance: f64) -> (f64, f64) {
    if share <= 0.0 {
        return (0.0, 0.0);
    }
    let half_width = Z * libm::sqrt(variance) / libm::log(share).abs();
    let end = |half_width: f64| libm::pow(share, libm::exp(half_width));
    (end(half_width), end(-half_width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::{Precision, Sketch};

    fn waits(waits_ms: &[u64]) -> Ordered {
        let mut sketch = Sketch::new();
        for wait_ms in waits_ms {
            sketch.add(*wait_ms, Precision::Bounded);
        }
        sketch.ordered()
    }

    /// Freireich and others (1963), the 21 patients on 6-mercaptopurine: the textbooks' example, with the figures that
    /// they and statistics packages print for it.
    #[test]
    fn the_textbook_s_example() {
        let relapsed = waits(&[6, 6, 6, 7, 10, 13, 16, 22, 23]);
        let lost = waits(&[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
        let expected = [
            (6, 21, 0.8571, 0.6197, 0.9516),
            (7, 17, 0.8067, 0.5631, 0.9228),
            (10, 15, 0.7529, 0.5032, 0.8894),
            (13, 12, 0.6902, 0.4316, 0.8491),
            (16, 11, 0.6275, 0.3675, 0.8049),
            (22, 7, 0.5378, 0.2678, 0.7468),
            (23, 6, 0.4482, 0.1881, 0.6801),
        ];
        let steps = patience(&relapsed, &lost);
        assert_eq!(steps.len(), expected.len());
        for (step, (at_ms, at_risk, share, low, high)) in steps.iter().zip(expected) {
            assert_eq!((step.at_ms, step.at_risk), (at_ms, at_risk));
            for (is, should) in [(step.share, share), (step.low, low), (step.high, high)] {
                assert!((is - should).abs() < 0.000_06, "{step:?}: {is} {should}");
            }
        }
    }

    #[test]
    fn nobody_and_everybody_giving_up() {
        assert!(patience(&waits(&[]), &waits(&[1, 2])).is_empty());
        let steps = patience(&waits(&[1, 2]), &waits(&[]));
        assert!((steps[0].share - 0.5).abs() < 1e-12);
        assert_eq!(
            (steps[1].share, steps[1].low, steps[1].high),
            (0.0, 0.0, 0.0)
        );
    }

    #[test]
    fn a_step_holds_until_the_next() {
        let steps = patience(&waits(&[10, 20]), &waits(&[30, 30]));
        assert_eq!(survival_at(&steps, 9), None);
        let at = |ms| survival_at(&steps, ms).map(|step| step.at_ms);
        assert_eq!(
            (at(10), at(19), at(20), at(99)),
            (Some(10), Some(10), Some(20), Some(20))
        );
    }
}
