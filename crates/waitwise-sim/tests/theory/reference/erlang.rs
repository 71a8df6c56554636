//! M/M/c with any number of places, without and with exponential patience.

/// Erlang's B: the share that finds all `c` agents busy and leaves, at `a` erlangs.
pub(crate) fn b(c: u32, a: f64) -> f64 {
    (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b))
}

/// Erlang's C: the share that has to wait.
pub(crate) fn c(c: u32, a: f64) -> f64 {
    let b = b(c, a);
    f64::from(c) * b / (f64::from(c) - a * (1.0 - b))
}

/// A stationary M/M/c + exponential patience with a finite number of places to wait, from its birth and death rates.
pub(crate) struct BirthDeath {
    c: usize,
    lambda: f64,
    /// Probabilities of 0, 1, 2, … in the centre.
    pub(crate) p: Vec<f64>,
}

impl BirthDeath {
    /// `theta` is one over the mean patience, 0: for ever; `room` places to wait.
    pub(crate) fn new(c: u32, lambda: f64, mu: f64, theta: f64, room: usize) -> BirthDeath {
        let c = c as usize;
        let mut p = vec![1.0];
        for n in 1..=c + room {
            let death = std::cmp::min(n, c) as f64 * mu + n.saturating_sub(c) as f64 * theta;
            let last: f64 = p[n - 1];
            p.push(last * lambda / death);
            // Only ratios count until the end.
            if p[n] > 1e200 {
                p.iter_mut().for_each(|p| *p *= 1e-200);
            }
        }
        let total: f64 = p.iter().sum();
        p.iter_mut().for_each(|p| *p /= total);
        BirthDeath { c, lambda, p }
    }

    pub(crate) fn blocked(&self) -> f64 {
        self.p[self.p.len() - 1]
    }

    /// Who has to wait, of those let in.
    pub(crate) fn waited(&self) -> f64 {
        let waits: f64 = self.p[self.c..self.p.len() - 1].iter().sum();
        waits / (1.0 - self.blocked())
    }

    pub(crate) fn queue_length(&self) -> f64 {
        let waiting = self.p[self.c..].iter().enumerate();
        waiting.map(|(n, p)| n as f64 * p).sum()
    }

    /// The mean wait of those let in.
    pub(crate) fn mean_wait(&self) -> f64 {
        self.queue_length() / (self.lambda * (1.0 - self.blocked()))
    }

    /// Mean number of busy agents.
    pub(crate) fn busy(&self) -> f64 {
        let all = self.p.iter().enumerate();
        all.map(|(n, p)| std::cmp::min(n, self.c) as f64 * p).sum()
    }
}

/// Erlang A by the closed form with an incomplete gamma function: P(W > 0) and P(abandons).
pub(crate) fn a(agents: u32, lambda: f64, mu: f64, theta: f64) -> (f64, f64) {
    let (x, y) = (f64::from(agents) * mu / theta, lambda / theta);
    let (mut term, mut sum, mut k) = (1.0, 1.0, 0.0);
    while term > 1e-17 * sum {
        k += 1.0;
        term *= y / (x + k);
        sum += term;
    }
    let b = b(agents, lambda / mu);
    let rho = lambda / (f64::from(agents) * mu);
    let waits = sum * b / (1.0 + (sum - 1.0) * b);
    (waits, waits * (1.0 / (rho * sum) + 1.0 - 1.0 / rho))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!(
            (found / expected - 1.0).abs() < 1e-7,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn known_values_and_two_ways_agree() {
        close(b(20, 18.0), 0.109_212_846);
        close(c(20, 18.0), 0.550_769_005);
        let queue = BirthDeath::new(20, 0.1, 1.0 / 180.0, 0.0, 2_000);
        close(queue.waited(), c(20, 18.0));
        close(queue.mean_wait(), 49.569_210_4);
        close(
            BirthDeath::new(20, 0.1, 1.0 / 180.0, 0.0, 0).blocked(),
            b(20, 18.0),
        );
        let (waits, abandons) = a(50, 0.8, 1.0 / 60.0, 1.0 / 120.0);
        let queue = BirthDeath::new(50, 0.8, 1.0 / 60.0, 1.0 / 120.0, 500);
        close(queue.waited(), waits);
        close(queue.mean_wait() / 120.0, abandons);
        // Garnett, Mandelbaum and Reiman (2002) print 3.1% and 3.7 s.
        assert!((abandons - 0.030_912).abs() < 1e-6 && (queue.mean_wait() - 3.709_5).abs() < 1e-4);
    }
}
