//! Stationary probabilities of a chain in continuous time, by Gauss and Seidel's iteration.

use std::collections::HashMap;
use std::hash::Hash;

/// A chain whose states were found from one of them.
pub(crate) struct Chain<S> {
    pub(crate) states: Vec<S>,
    pub(crate) p: Vec<f64>,
}

/// Finds all states that can be reached from `first` by `moves`, which gives rates, and their probabilities.
pub(crate) fn stationary<S: Clone + Eq + Hash>(
    first: S,
    moves: impl Fn(&S) -> Vec<(S, f64)>,
) -> Chain<S> {
    let mut states = vec![first.clone()];
    let mut numbers = HashMap::from([(first, 0_usize)]);
    let mut out = Vec::new();
    let mut into: Vec<Vec<(usize, f64)>> = vec![Vec::new()];
    let mut next = 0;
    while next < states.len() {
        let mut total = 0.0;
        for (to, rate) in moves(&states[next].clone()) {
            if rate <= 0.0 {
                continue;
            }
            let number = *numbers.entry(to.clone()).or_insert_with(|| {
                states.push(to);
                into.push(Vec::new());
                states.len() - 1
            });
            if number != next {
                into[number].push((next, rate));
                total += rate;
            }
        }
        out.push(total);
        next += 1;
    }
    let p = solve(&into, &out);
    Chain { states, p }
}

fn solve(into: &[Vec<(usize, f64)>], out: &[f64]) -> Vec<f64> {
    let n = out.len();
    let mut p = vec![1.0 / n as f64; n];
    for round in 0..200_000 {
        let mut change = 0.0;
        let mut update = |state: usize| {
            let inflow: f64 = into[state].iter().map(|(from, rate)| p[*from] * rate).sum();
            let new = inflow / out[state];
            change += (new - p[state]).abs();
            p[state] = new;
        };
        // Both ways in turn: what flows up and what flows down is carried far in one round.
        if round % 2 == 0 {
            (0..n).for_each(&mut update);
        } else {
            (0..n).rev().for_each(&mut update);
        }
        let total: f64 = p.iter().sum();
        p.iter_mut().for_each(|p| *p /= total);
        if change / total < 1e-13 {
            return p;
        }
    }
    panic!("the chain's probabilities do not settle");
}

impl<S> Chain<S> {
    /// The mean of a function of the state.
    pub(crate) fn mean(&self, of: impl Fn(&S) -> f64) -> f64 {
        self.states
            .iter()
            .zip(&self.p)
            .map(|(state, p)| p * of(state))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::stationary;

    #[test]
    fn a_single_server_is_geometric() {
        let chain = stationary(0_u32, |n| {
            let up = if *n < 400 { 0.8 } else { 0.0 };
            let down = if *n > 0 { 1.0 } else { 0.0 };
            vec![(n + 1, up), (n.saturating_sub(1), down)]
        });
        let mean = chain.mean(|n| f64::from(*n));
        assert!((mean - 4.0).abs() < 1e-8, "{mean}");
    }
}
