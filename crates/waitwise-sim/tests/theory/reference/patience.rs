//! M/M/n with any patience (Baccelli and Hebuterne, 1981): the density of the wait that somebody of endless patience
//! would have, and from it everything else.

/// What is asked of the model.
pub(crate) struct Answers {
    pub(crate) waited: f64,
    pub(crate) abandoned: f64,
    pub(crate) mean_wait: f64,
    pub(crate) mean_wait_served: f64,
    /// Per target: P(wait ≤ target), and P(served, wait ≤ target).
    pub(crate) within: Vec<(f64, f64)>,
}

/// A patience by its survival function, with the points where that has a step or a bend.
pub(crate) struct Patience<'a> {
    pub(crate) survival: &'a dyn Fn(f64) -> f64,
    pub(crate) bends: &'a [f64],
}

/// Points in each stretch between bends: the error of Simpson's rule falls with their fourth power.
const POINTS: usize = 20_000;

pub(crate) fn answers(
    agents: u32,
    lambda: f64,
    mu: f64,
    patience: &Patience,
    targets: &[f64],
) -> Answers {
    let capacity = f64::from(agents) * mu;
    let grid = Grid::new(lambda, capacity, patience, targets);
    let a = lambda / mu;
    // All states with somebody idle, relative to the one with exactly one idle.
    let (mut idle, mut term) = (0.0, 1.0);
    for n in (0..agents).rev() {
        idle += term;
        term *= f64::from(n) / a;
    }
    let j = grid.sum(|_, _, _| 1.0, 0.0);
    let z = idle + lambda * j;
    let density = |of: &dyn Fn(f64, f64, f64) -> f64, from: f64| lambda * grid.sum(of, from) / z;
    let abandoned = (1.0 + (lambda - capacity) * j) / z;
    let survival = |x: f64| (patience.survival)(x);
    let within = targets.iter().map(|target| {
        let beyond = density(&|_, _, _| 1.0, *target);
        let served_beyond = density(&|_, survival, _| survival, *target);
        (
            1.0 - survival(*target) * beyond,
            1.0 - abandoned - served_beyond,
        )
    });
    Answers {
        waited: density(&|_, _, _| 1.0, 0.0),
        abandoned,
        mean_wait: density(&|_, _, area| area, 0.0),
        mean_wait_served: density(&|x, survival, _| x * survival, 0.0) / (1.0 - abandoned),
        within: within.collect(),
    }
}

/// Points with Simpson's weights, and what the integrands need there.
struct Grid {
    /// x, weight, survival, area below survival up to x, exp(λ area − capacity x).
    points: Vec<(f64, f64, f64, f64, f64)>,
}

impl Grid {
    fn new(lambda: f64, capacity: f64, patience: &Patience, targets: &[f64]) -> Grid {
        let mut ends: Vec<f64> = [patience.bends, targets].concat();
        ends.push(0.0);
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        // Beyond the last end the integrand falls by e within the slower of a service and the overload's own time.
        let last = ends[ends.len() - 1];
        ends.push(last + far(lambda, capacity, patience, last));
        let mut points = Vec::new();
        let mut area = 0.0;
        for pair in ends.windows(2) {
            let step = (pair[1] - pair[0]) / POINTS as f64;
            // Survival may step at the ends: each stretch sees the side that it lies on.
            let at = |x: f64| {
                let inside = x.clamp(pair[0] + 1e-9 * step, pair[1] - 1e-9 * step);
                (patience.survival)(inside)
            };
            for place in 0..=POINTS {
                let x = pair[0] + place as f64 * step;
                let weight = match place {
                    0 | POINTS => 1.0,
                    _ if place % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                let height = libm::exp(lambda * area - capacity * x);
                points.push((x, weight * step / 3.0, at(x), area, height));
                if place < POINTS {
                    let middle = at(x + 0.5 * step);
                    area += step / 6.0 * (at(x) + 4.0 * middle + at(x + step));
                }
            }
        }
        Grid { points }
    }

    fn sum(&self, of: impl Fn(f64, f64, f64) -> f64, from: f64) -> f64 {
        // A point that ends one stretch and begins the next stands twice: the one of the stretch that is asked for counts.
        let first = self
            .points
            .iter()
            .rposition(|point| point.0.total_cmp(&from).is_eq());
        let points = self.points[first.unwrap_or(0)..].iter();
        points
            .map(|(x, weight, survival, area, height)| weight * height * of(*x, *survival, *area))
            .sum()
    }
}

/// How far beyond `last` the integrand is nothing any more.
fn far(lambda: f64, capacity: f64, patience: &Patience, last: f64) -> f64 {
    let mut far = 40.0 / capacity;
    let steps = 2_000;
    let exponent = |far: f64| {
        let step = (last + far) / f64::from(steps);
        let area: f64 = (0..steps)
            .map(|place| step * (patience.survival)((f64::from(place) + 0.5) * step))
            .sum();
        lambda * area - capacity * (last + far)
    };
    let peak = (1..=200)
        .map(|place| exponent(far * f64::from(place) / 20.0))
        .fold(0.0, f64::max);
    while exponent(far) > peak - 45.0 {
        far *= 1.3;
    }
    far
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::erlang::BirthDeath;

    #[test]
    fn exponential_patience_is_erlang_a() {
        let theta = 1.0 / 150.0;
        let (lambda, mu) = (0.12, 1.0 / 180.0);
        let exponential = |x: f64| libm::exp(-theta * x);
        let patience = Patience {
            survival: &exponential,
            bends: &[],
        };
        let answers = answers(20, lambda, mu, &patience, &[20.0]);
        let queue = BirthDeath::new(20, lambda, mu, theta, 800);
        for (found, expected) in [
            (answers.waited, queue.waited()),
            (answers.abandoned, theta * queue.mean_wait()),
            (answers.mean_wait, queue.mean_wait()),
        ] {
            assert!(
                (found / expected - 1.0).abs() < 1e-8,
                "{found} is not {expected}"
            );
        }
        // A served call that found k ahead has waited the sum of 1/(cμ + iθ), i = 1..k+1.
        let served: f64 = (0..800)
            .map(|k| {
                let death = |i: usize| 20.0 * mu + i as f64 * theta;
                let is_served = 20.0 * mu / death(k + 1);
                let wait: f64 = (1..=k + 1).map(|i| 1.0 / death(i)).sum();
                queue.p[20 + k] * is_served * wait
            })
            .sum();
        let expected = served / (1.0 - answers.abandoned);
        assert!((answers.mean_wait_served / expected - 1.0).abs() < 1e-8);
    }
}
