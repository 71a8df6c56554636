//! Someone's place in line as a random walk, followed by uniformisation: exact but for tails of 10⁻¹⁵.

/// A function of time that is constant on pieces: the value, and until when; the last piece has no end.
pub(crate) type Pieces = Vec<(f64, f64)>;

/// Poisson probabilities of mean `mean`, from 0 to where nothing is left.
pub(crate) fn poisson(mean: f64) -> Vec<f64> {
    let last = (mean + 12.0 * mean.sqrt() + 40.0) as usize;
    let mode = mean.floor();
    let log_mode = mode * libm::log(mean.max(1e-300)) - mean - libm::lgamma(mode + 1.0);
    let mut p = vec![0.0; last + 1];
    let mode = mode as usize;
    p[mode] = if mean > 0.0 { libm::exp(log_mode) } else { 1.0 };
    for n in mode + 1..=last {
        p[n] = p[n - 1] * mean / n as f64;
    }
    for n in (0..mode).rev() {
        p[n] = p[n + 1] * (n + 1) as f64 / mean;
    }
    p
}

/// A call that waits behind others until the walk of its place reaches 0: up with arrivals who pass it, down with ends of
/// service.
pub(crate) struct Walk {
    /// Rate of those who pass, by time since arrival.
    pub(crate) up: Pieces,
    /// Rate of ends of service while all agents are busy.
    pub(crate) down: f64,
    /// Places, 1 and more, at arrival; what is missing to 1 did not wait.
    pub(crate) start: Vec<f64>,
}

/// Starts at 1 + a geometric number, as a call that finds `sigma` ahead does, with probability `waits`.
pub(crate) fn geometric(waits: f64, sigma: f64) -> Vec<f64> {
    let mut start = vec![0.0];
    let mut p = waits * (1.0 - sigma);
    while p > 1e-18 {
        start.push(p);
        p *= sigma;
    }
    start
}

impl Walk {
    /// P(wait > t).
    pub(crate) fn beyond(&self, t: f64) -> f64 {
        self.follow(t).0.iter().skip(1).sum()
    }

    /// E[min(wait, t)].
    pub(crate) fn mean_up_to(&self, t: f64) -> f64 {
        self.follow(t).1
    }

    /// The mean wait; those who pass must have stopped doing so, or stay below the ends of service.
    pub(crate) fn mean(&self) -> f64 {
        let last = self.up[self.up.len() - 1].0;
        let until = if self.up.len() > 1 {
            self.up[self.up.len() - 2].1
        } else {
            0.0
        };
        let (at, before) = self.follow(until);
        let places = at.iter().enumerate().map(|(place, p)| place as f64 * p);
        before + places.sum::<f64>() / (self.down - last)
    }

    /// Where the walk is at time t, and the mean time before t.
    fn follow(&self, t: f64) -> (Vec<f64>, f64) {
        let mut at = self.start.clone();
        let (mut now, mut spent) = (0.0, 0.0);
        for (up, until) in &self.up {
            let until = until.min(t);
            if until > now {
                let (next, time) = self.piece(&at, *up, until - now);
                at = next;
                spent += time;
                now = until;
            }
        }
        (at, spent)
    }

    fn piece(&self, at: &[f64], up: f64, length: f64) -> (Vec<f64>, f64) {
        let rate = up + self.down;
        let weights = poisson(rate * length);
        let (rises, falls) = (up / rate, self.down / rate);
        let mut present = at.to_vec();
        let mut mixed = vec![0.0; at.len() + weights.len()];
        // How likely more than n steps are.
        let (mut more, mut spent) = (1.0, 0.0);
        for weight in &weights {
            more -= weight;
            let waiting: f64 = present.iter().skip(1).sum();
            spent += f64::max(more, 0.0) / rate * waiting;
            for (sum, p) in mixed.iter_mut().zip(&present) {
                *sum += weight * p;
            }
            let mut next = vec![0.0; present.len() + 1];
            next[0] = present[0];
            for (place, p) in present.iter().enumerate().skip(1) {
                next[place - 1] += falls * p;
                next[place + 1] += rises * p;
            }
            present = next;
        }
        (mixed, spent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_probabilities_add_up() {
        for mean in [0.0, 0.3, 7.0, 900.0] {
            let p = poisson(mean);
            let sum: f64 = p.iter().sum();
            let first: f64 = p.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            assert!((sum - 1.0).abs() < 1e-11 && (first - mean).abs() < 1e-8 * (1.0 + mean));
        }
    }

    #[test]
    fn a_walk_that_nobody_passes_is_first_come_first_served() {
        let (c, mu, lambda) = (20.0, 1.0 / 180.0, 0.1);
        let waits = crate::reference::erlang::c(20, 18.0);
        let walk = Walk {
            up: vec![(0.0, f64::INFINITY)],
            down: c * mu,
            start: geometric(waits, 0.9),
        };
        let expected = waits * libm::exp(-(c * mu - lambda) * 20.0);
        assert!((walk.beyond(20.0) - expected).abs() < 1e-12);
        assert!((walk.mean() - 49.569_210_4).abs() < 1e-6);
    }
}
