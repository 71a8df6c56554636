//! Several classes in one pool of agents with one service law: who passes whom.

use super::erlang;
use super::walk::{Pieces, Walk, geometric, poisson};

/// A pool of `c` agents, and per class the arrival rate.
pub(crate) struct Pool {
    pub(crate) c: u32,
    pub(crate) mu: f64,
    pub(crate) lambda: Vec<f64>,
}

impl Pool {
    pub(crate) fn capacity(&self) -> f64 {
        f64::from(self.c) * self.mu
    }

    pub(crate) fn all(&self) -> f64 {
        self.lambda.iter().sum()
    }

    /// P(wait > 0), whatever the order.
    pub(crate) fn waits(&self) -> f64 {
        erlang::c(self.c, self.all() / self.mu)
    }

    /// The mean wait first come, first served.
    pub(crate) fn fair(&self) -> f64 {
        self.waits() / (self.capacity() - self.all())
    }

    /// Cobham (1954): strict priority, the first class first.
    pub(crate) fn strict(&self, class: usize) -> f64 {
        let busy = |classes: &[f64]| classes.iter().sum::<f64>() / self.capacity();
        let (before, until) = (busy(&self.lambda[..class]), busy(&self.lambda[..=class]));
        self.waits() / self.capacity() / ((1.0 - before) * (1.0 - until))
    }

    /// The same as a walk: those of this class and the ones before it that a call finds are a geometric number, and those
    /// before it pass.
    pub(crate) fn strict_walk(&self, class: usize) -> Walk {
        let sum = |classes: &[f64]| classes.iter().sum::<f64>();
        Walk {
            up: vec![(sum(&self.lambda[..class]), f64::INFINITY)],
            down: self.capacity(),
            start: geometric(self.waits(), sum(&self.lambda[..=class]) / self.capacity()),
        }
    }

    /// Kleinrock (1964): score = slope × wait, from the smallest slope up.
    pub(crate) fn accumulating(&self, slopes: &[f64]) -> Vec<f64> {
        let rho: Vec<f64> = self.lambda.iter().map(|l| l / self.capacity()).collect();
        accumulating(&rho, slopes, self.waits() / self.capacity())
    }

    /// The class of the smallest slope as a walk: others pass at what their slope is beyond its own.
    pub(crate) fn accumulating_walk(&self, slopes: &[f64], lowest: usize) -> Walk {
        let passes = self.lambda.iter().zip(slopes);
        let passes = passes.map(|(l, slope)| l * (1.0 - slopes[lowest] / slope));
        Walk {
            up: vec![(passes.sum(), f64::INFINITY)],
            down: self.capacity(),
            start: geometric(self.waits(), self.all() / self.capacity()),
        }
    }

    /// Who has the least head start, as a walk: each class passes for as long as its head start is larger by.
    pub(crate) fn least_head_start_walk(&self, starts: &[f64], least: usize) -> Walk {
        Walk {
            up: self.passing(starts, starts[least]),
            down: self.capacity(),
            start: geometric(self.waits(), self.all() / self.capacity()),
        }
    }

    /// Rates of those who pass a call of head start `own`, by time since its arrival.
    fn passing(&self, starts: &[f64], own: f64) -> Pieces {
        let mut ends: Vec<f64> = starts
            .iter()
            .map(|u| u - own)
            .filter(|d| *d > 0.0)
            .collect();
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        ends.push(f64::INFINITY);
        let mut from = 0.0;
        let mut pieces = Vec::new();
        for until in ends {
            let passes = self
                .lambda
                .iter()
                .zip(starts)
                .filter(|(_, u)| **u - own > from);
            pieces.push((passes.map(|(l, _)| l).sum(), until));
            from = until;
        }
        pieces
    }

    /// Any class under head starts. Everybody who was there so long before the arrival that nobody's head start reaches
    /// back to it is ahead; from then on those ahead and those behind are followed as a pair, the ones behind being served
    /// only when nobody is ahead; after the arrival the larger head starts pass.
    pub(crate) fn head_start_walk(&self, starts: &[f64], class: usize) -> Walk {
        let own = starts[class];
        // Ages, counted back from the arrival, at which some class changes from being ahead to being behind.
        let mut ages: Vec<f64> = starts
            .iter()
            .map(|u| own - u)
            .filter(|d| *d > 0.0)
            .collect();
        ages.sort_by(|one, other| other.total_cmp(one));
        ages.dedup();
        let mut pairs = Pairs::stationary(self);
        for (place, age) in ages.iter().enumerate() {
            let until = ages.get(place + 1).copied().unwrap_or(0.0);
            // Within this piece a class arrives ahead iff its own head start reaches back to the piece's beginning.
            let is_ahead = |u: &f64| own - u <= until;
            let rates = self.lambda.iter().zip(starts);
            let ahead: f64 = rates.filter(|(_, u)| is_ahead(u)).map(|(l, _)| l).sum();
            pairs.piece(self, ahead, self.all() - ahead, age - until);
        }
        Walk {
            up: self.passing(starts, own),
            down: self.capacity(),
            start: pairs.places(),
        }
    }
}

/// Kleinrock's recursion, also for a single server with any service laws: `w0` is the mean work in service that is left.
pub(crate) fn accumulating(rho: &[f64], slopes: &[f64], w0: f64) -> Vec<f64> {
    let total: f64 = rho.iter().sum();
    let mut order: Vec<usize> = (0..rho.len()).collect();
    order.sort_by(|one, other| slopes[*one].total_cmp(&slopes[*other]));
    let mut waits = vec![0.0; rho.len()];
    for (place, p) in order.iter().enumerate() {
        let lower: f64 = order[..place]
            .iter()
            .map(|i| rho[*i] * waits[*i] * (1.0 - slopes[*i] / slopes[*p]))
            .sum();
        let higher: f64 = order[place..]
            .iter()
            .map(|i| rho[*i] * (1.0 - slopes[*p] / slopes[*i]))
            .sum();
        waits[*p] = (w0 / (1.0 - total) - lower) / (1.0 - higher);
    }
    waits
}

/// Who is ahead of and behind an arrival that is still to come.
struct Pairs {
    /// Probabilities of some agent being idle, by number of busy ones.
    idle: Vec<f64>,
    /// By number ahead, then behind: all busy.
    waiting: Vec<Vec<f64>>,
}

/// Beyond so many ahead or behind the chance is below 10⁻¹² at the loads that are asked for.
const MOST: usize = 280;

impl Pairs {
    fn stationary(pool: &Pool) -> Pairs {
        let queue = erlang::BirthDeath::new(pool.c, pool.all(), pool.mu, 0.0, MOST);
        let c = pool.c as usize;
        let mut waiting = vec![vec![0.0; MOST + 1]; MOST + 1];
        for (ahead, row) in waiting.iter_mut().enumerate() {
            row[0] = queue.p[c + ahead];
        }
        Pairs {
            idle: queue.p[..c].to_vec(),
            waiting,
        }
    }

    fn piece(&mut self, pool: &Pool, ahead: f64, behind: f64, length: f64) {
        let rate = ahead + behind + pool.capacity();
        let mut mixed = Pairs {
            idle: vec![0.0; self.idle.len()],
            waiting: vec![vec![0.0; MOST + 1]; MOST + 1],
        };
        for weight in poisson(rate * length) {
            mixed.add(self, weight);
            *self = self.step(pool, ahead / rate, behind / rate, rate);
        }
        *self = mixed;
    }

    fn add(&mut self, other: &Pairs, weight: f64) {
        let add = |to: &mut [f64], from: &[f64]| {
            to.iter_mut()
                .zip(from)
                .for_each(|(to, p)| *to += weight * p);
        };
        add(&mut self.idle, &other.idle);
        for (to, from) in self.waiting.iter_mut().zip(&other.waiting) {
            add(to, from);
        }
    }

    fn step(&self, pool: &Pool, ahead: f64, behind: f64, rate: f64) -> Pairs {
        let c = self.idle.len();
        let mut next = Pairs {
            idle: vec![0.0; c],
            waiting: vec![vec![0.0; MOST + 1]; MOST + 1],
        };
        for (busy, p) in self.idle.iter().enumerate() {
            let ends = busy as f64 * pool.mu / rate;
            if busy + 1 < c {
                next.idle[busy + 1] += p * (ahead + behind);
            } else {
                next.waiting[0][0] += p * (ahead + behind);
            }
            if busy > 0 {
                next.idle[busy - 1] += p * ends;
            }
            next.idle[busy] += p * (1.0 - ahead - behind - ends);
        }
        let ends = pool.capacity() / rate;
        for (a, row) in self.waiting.iter().enumerate() {
            for (b, p) in row.iter().enumerate().filter(|(_, p)| **p > 1e-300) {
                next.waiting[std::cmp::min(a + 1, MOST)][b] += p * ahead;
                next.waiting[a][std::cmp::min(b + 1, MOST)] += p * behind;
                match (a, b) {
                    (0, 0) => next.idle[c - 1] += p * ends,
                    (0, b) => next.waiting[0][b - 1] += p * ends,
                    (a, b) => next.waiting[a - 1][b] += p * ends,
                }
            }
        }
        next
    }

    /// The place in line of the arrival: 1 + those ahead, if all agents are busy.
    fn places(&self) -> Vec<f64> {
        let ahead = self.waiting.iter().map(|row| row.iter().sum());
        [0.0].into_iter().chain(ahead).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!(
            (found / expected - 1.0).abs() < 2e-6,
            "{found} is not {expected}"
        );
    }

    fn pool(lambda: &[f64]) -> Pool {
        Pool {
            c: 20,
            mu: 1.0 / 180.0,
            lambda: lambda.to_vec(),
        }
    }

    /// The mean by the identity E[W₂] = W + ρ₁ E[min(W₂, d)], and the conservation law for the other class.
    #[test]
    fn head_starts_of_two_classes_by_two_ways() {
        let two = pool(&[8.0 / 180.0, 10.0 / 180.0]);
        let low = two.least_head_start_walk(&[120.0, 0.0], 1);
        let early = low.mean_up_to(120.0);
        let rho = |class: usize| two.lambda[class] / two.capacity();
        close(low.mean(), two.fair() + rho(0) * early);
        close(low.mean(), 67.084_401_7);
        close(two.fair() - rho(1) * early, 27.675_221_3);
        close(two.head_start_walk(&[120.0, 0.0], 0).mean(), 27.675_221_3);
        close(two.head_start_walk(&[120.0, 0.0], 1).mean(), 67.084_401_7);
    }

    #[test]
    fn head_starts_of_three_classes_conserve_the_mean() {
        let three = pool(&[4.0 / 180.0, 6.0 / 180.0, 8.0 / 180.0]);
        let starts = [180.0, 60.0, 0.0];
        let mean = |class: usize| three.head_start_walk(&starts, class).mean();
        let all: f64 = (0..3).map(|class| three.lambda[class] * mean(class)).sum();
        close(all / three.all(), three.fair());
        close(mean(2), three.least_head_start_walk(&starts, 2).mean());
    }

    #[test]
    fn far_apart_head_starts_and_slopes_are_strict_priority() {
        let two = pool(&[8.0 / 180.0, 10.0 / 180.0]);
        close(two.strict(0), 8.261_535_07);
        close(two.strict(1), 82.615_350_7);
        close(two.strict_walk(1).mean(), two.strict(1));
        close(1.0 - two.strict_walk(0).beyond(20.0), 1.0 - 0.145_181_133);
        close(two.strict_walk(1).beyond(20.0), 0.463_256_852);
        let slopes = two.accumulating(&[3.0, 1.0]);
        close(slopes[0], 27.037_751_1);
        close(slopes[1], 67.594_377_9);
        close(two.accumulating_walk(&[3.0, 1.0], 1).mean(), slopes[1]);
    }
}
