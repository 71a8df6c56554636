//! Days from empty to empty: how likely each state is while rates and staffing change, by uniformisation.

use super::walk::poisson;

/// A stretch of the day.
#[derive(Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) secs: f64,
    pub(crate) lambda: f64,
    pub(crate) agents: usize,
}

/// Sums over a day, in expectation.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) offered: f64,
    pub(crate) waited: f64,
    pub(crate) wait_secs: f64,
    pub(crate) abandoned: f64,
}

impl Sums {
    pub(crate) fn plus(self, other: Sums, weight: f64) -> Sums {
        Sums {
            offered: self.offered + weight * other.offered,
            waited: self.waited + weight * other.waited,
            wait_secs: self.wait_secs + weight * other.wait_secs,
            abandoned: self.abandoned + weight * other.abandoned,
        }
    }
}

/// Probabilities by busy agents, then by length of the line.
type Law = Vec<Vec<f64>>;

/// A centre with exponential service and patience.
pub(crate) struct Day {
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) mu: f64,
    /// One over the mean patience; 0: for ever.
    pub(crate) theta: f64,
    /// Lines are cut at this length.
    pub(crate) most: usize,
}

impl Day {
    /// One day, from empty; after the last stretch nobody arrives or leaves work, and the line drains.
    pub(crate) fn sums(&self) -> Sums {
        let mut law = self.empty();
        let mut sums = Sums::default();
        self.pass(&mut law, &mut sums);
        let last = self.stretches[self.stretches.len() - 1];
        let drain = Stretch {
            secs: 600.0,
            lambda: 0.0,
            ..last
        };
        while law.iter().flatten().skip(1).sum::<f64>() > 1e-10 {
            self.stretch(&mut law, drain, &mut sums);
        }
        sums
    }

    /// The same day over and over, without closing, until days no longer differ.
    pub(crate) fn for_ever(&self) -> Sums {
        let mut law = self.empty();
        loop {
            let (before, mut sums) = (law.clone(), Sums::default());
            self.pass(&mut law, &mut sums);
            let change: f64 = law
                .iter()
                .flatten()
                .zip(before.iter().flatten())
                .map(|(one, other)| (one - other).abs())
                .sum();
            if change < 1e-9 {
                return sums;
            }
        }
    }

    fn empty(&self) -> Law {
        let most_agents = self.stretches.iter().map(|stretch| stretch.agents).max();
        let mut law = vec![vec![0.0; self.most + 1]; most_agents.unwrap_or(0) + 1];
        law[0][0] = 1.0;
        law
    }

    fn pass(&self, law: &mut Law, sums: &mut Sums) {
        for stretch in &self.stretches {
            staff(law, stretch.agents);
            self.stretch(law, *stretch, sums);
        }
    }

    fn stretch(&self, law: &mut Law, stretch: Stretch, sums: &mut Sums) {
        let Stretch {
            secs,
            lambda,
            agents,
        } = stretch;
        let most_busy = (law.len() - 1) as f64;
        let rate = lambda + most_busy * self.mu + self.most as f64 * self.theta;
        let mut mixed = vec![vec![0.0; self.most + 1]; law.len()];
        let mut more = 1.0;
        sums.offered += lambda * secs;
        for weight in poisson(rate * secs) {
            more -= weight;
            let spent = f64::max(more, 0.0) / rate;
            for (busy, row) in law.iter().enumerate() {
                for (line, p) in row.iter().enumerate() {
                    mixed[busy][line] += weight * p;
                    sums.wait_secs += spent * p * line as f64;
                    sums.abandoned += spent * p * line as f64 * self.theta;
                    if busy >= agents {
                        sums.waited += spent * p * lambda;
                    }
                }
            }
            *law = self.step(law, lambda, agents, rate);
        }
        *law = mixed;
    }

    fn step(&self, law: &Law, lambda: f64, agents: usize, rate: f64) -> Law {
        let mut next = vec![vec![0.0; self.most + 1]; law.len()];
        for (busy, row) in law.iter().enumerate() {
            for (line, p) in row.iter().enumerate().filter(|(_, p)| **p > 1e-300) {
                let ends = busy as f64 * self.mu / rate;
                let gives_up = line as f64 * self.theta / rate;
                let comes = lambda / rate;
                if busy < agents {
                    next[busy + 1][line] += p * comes;
                } else {
                    next[busy][std::cmp::min(line + 1, self.most)] += p * comes;
                }
                if line > 0 {
                    next[busy][line - 1] += p * gives_up;
                }
                if busy > 0 {
                    // Whoever is beyond the staffing leaves; others take the next.
                    if busy > agents || line == 0 {
                        next[busy - 1][line] += p * ends;
                    } else {
                        next[busy][line - 1] += p * ends;
                    }
                }
                next[busy][line] += p * (1.0 - comes - gives_up - ends);
            }
        }
        next
    }
}

/// Lets agents come: they take who waits. Who is to leave does so at the end of a service, which `step` sees to.
fn staff(law: &mut Law, agents: usize) {
    for busy in 0..agents {
        for line in 1..law[busy].len() {
            let taken = std::cmp::min(line, agents - busy);
            let p = std::mem::take(&mut law[busy][line]);
            law[busy + taken][line - taken] += p;
        }
    }
}

/// Points and weights that integrate against the gamma law of mean 1 with this spread: equal slices of its density, which
/// is smooth enough for Simpson's rule.
pub(crate) fn gamma_points(cv: f64, n: usize) -> Vec<(f64, f64)> {
    let shape = 1.0 / (cv * cv);
    let end = 1.0 + 12.0 * cv + 30.0 * cv * cv;
    let step = end / n as f64;
    let points: Vec<(f64, f64)> = (1..n)
        .map(|place| {
            let x = place as f64 * step;
            let log = shape * libm::log(shape) - libm::lgamma(shape) + (shape - 1.0) * libm::log(x)
                - shape * x;
            let weight = if place % 2 == 1 { 4.0 } else { 2.0 };
            (x, weight * step / 3.0 * libm::exp(log))
        })
        .collect();
    let total: f64 = points.iter().map(|(_, weight)| weight).sum();
    points
        .into_iter()
        .map(|(x, weight)| (x, weight / total))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::erlang::BirthDeath;

    #[test]
    fn a_long_steady_day_is_erlang_a() {
        let day = Day {
            stretches: vec![Stretch {
                secs: 20_000.0,
                lambda: 0.05,
                agents: 6,
            }],
            mu: 1.0 / 100.0,
            theta: 1.0 / 200.0,
            most: 60,
        };
        let sums = day.for_ever();
        let queue = BirthDeath::new(6, 0.05, 0.01, 0.005, 60);
        assert!((sums.wait_secs / sums.offered / queue.mean_wait() - 1.0).abs() < 1e-7);
        assert!((sums.waited / sums.offered / queue.waited() - 1.0).abs() < 1e-7);
    }

    #[test]
    fn gamma_points_have_the_mean_and_spread() {
        let points = gamma_points(0.3, 200);
        let mean: f64 = points.iter().map(|(x, p)| x * p).sum();
        let square: f64 = points.iter().map(|(x, p)| x * x * p).sum();
        assert!((mean - 1.0).abs() < 1e-7 && ((square - 1.0).sqrt() - 0.3).abs() < 1e-6);
    }
}
