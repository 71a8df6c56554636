//! Servers whose service has two exponential phases, and constant service.

use super::chain::{Chain, stationary};
use super::walk::poisson;

/// A service law of two phases: where it begins, their rates, and how likely the second follows the first.
#[derive(Clone, Copy)]
pub(crate) struct TwoPhases {
    pub(crate) first_share: f64,
    pub(crate) rates: [f64; 2],
    pub(crate) second_follows: f64,
}

/// First-come M/PH/c: the mean wait and P(wait > 0); the queue is cut at `most`.
pub(crate) fn queue(c: u32, lambda: f64, law: TwoPhases, most: u32) -> (f64, f64) {
    // In the first phase, in the second, waiting.
    type State = (u32, u32, u32);
    let begins = |(i, j, q): State, scale: f64| -> Vec<(State, f64)> {
        vec![
            ((i + 1, j, q), scale * law.first_share),
            ((i, j + 1, q), scale * (1.0 - law.first_share)),
        ]
    };
    let ended = |(i, j, q): State, rate: f64| match q {
        0 => vec![((i, j, 0), rate)],
        q => begins((i, j, q - 1), rate),
    };
    let chain: Chain<State> = stationary((0, 0, 0), |&(i, j, q)| {
        let mut moves = if i + j < c {
            begins((i, j, q), lambda)
        } else if q < most {
            vec![((i, j, q + 1), lambda)]
        } else {
            Vec::new()
        };
        if i > 0 {
            let rate = f64::from(i) * law.rates[0];
            moves.push(((i - 1, j + 1, q), rate * law.second_follows));
            moves.extend(ended((i - 1, j, q), rate * (1.0 - law.second_follows)));
        }
        if j > 0 {
            moves.extend(ended((i, j - 1, q), f64::from(j) * law.rates[1]));
        }
        moves
    });
    let wait = chain.mean(|(_, _, q)| f64::from(*q)) / lambda;
    let waits = chain.mean(|(i, j, _)| if i + j == c { 1.0 } else { 0.0 });
    (wait, waits)
}

/// Crommelin (1932): the mean wait of M/D/c.
pub(crate) fn constant(c: u32, lambda: f64, secs: f64) -> f64 {
    let a = lambda * secs;
    let rho = a / f64::from(c);
    let term = |n: u32| {
        let p = poisson(f64::from(n) * a);
        let from = (n * c) as usize;
        let tail = |from: usize| p.iter().skip(from).sum::<f64>();
        tail(from) - tail(from + 1) / rho
    };
    let mut wait = 0.0;
    for n in 1..100_000 {
        let next = term(n);
        wait += next;
        if next < 1e-14 * wait {
            break;
        }
    }
    wait * secs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::erlang;

    #[test]
    fn equal_phases_are_exponential_and_one_constant_server_is_half_of_it() {
        let law = TwoPhases {
            first_share: 0.3,
            rates: [0.5, 0.5],
            second_follows: 0.0,
        };
        let (wait, waits) = queue(4, 1.6, law, 300);
        assert!((waits / erlang::c(4, 3.2) - 1.0).abs() < 1e-9);
        assert!((wait / (erlang::c(4, 3.2) / 0.4) - 1.0).abs() < 1e-9);
        // Pollaczek and Khinchine: λ D² / (2 (1 − ρ)).
        assert!((constant(1, 0.8, 1.0) / 2.0 - 1.0).abs() < 1e-9);
    }
}
