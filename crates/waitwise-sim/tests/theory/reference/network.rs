//! Several pools and classes: strict levels, exponential patience, and handle times by pool or by class, as one chain.

use super::chain::{Chain, stationary};

/// A network; services are exponential with a rate by pool.
pub(crate) struct Network {
    /// Per class.
    pub(crate) lambda: Vec<f64>,
    /// Per class: one over the mean patience; 0: for ever.
    pub(crate) theta: Vec<f64>,
    /// Per pool: how many agents, and their rate.
    pub(crate) pools: Vec<(u32, f64)>,
    /// Per class: pools that take it, in the order in which an arrival looks for an idle agent.
    pub(crate) asks: Vec<Vec<usize>>,
    /// Per pool: classes that it takes, in the order in which a free agent does.
    pub(crate) takes: Vec<Vec<usize>>,
    /// Lines are cut at this length.
    pub(crate) most: u32,
}

/// What the chain tells of a class.
#[derive(Clone, Copy)]
pub(crate) struct OfClass {
    pub(crate) mean_wait: f64,
    pub(crate) waited: f64,
    pub(crate) abandoned: f64,
}

/// Busy agents per pool, then lines per class.
type State = Vec<u32>;

impl Network {
    pub(crate) fn solve(&self) -> (Vec<OfClass>, Chain<State>) {
        let n_pools = self.pools.len();
        let chain = stationary(vec![0; n_pools + self.lambda.len()], |state| {
            self.moves(state)
        });
        let classes = (0..self.lambda.len()).map(|class| {
            let line = chain.mean(|state| f64::from(state[n_pools + class]));
            let is_full = |pool: &usize, state: &State| state[*pool] == self.pools[*pool].0;
            let all_full = |state: &State| self.asks[class].iter().all(|pool| is_full(pool, state));
            OfClass {
                mean_wait: line / self.lambda[class],
                waited: chain.mean(|state| if all_full(state) { 1.0 } else { 0.0 }),
                abandoned: line * self.theta[class] / self.lambda[class],
            }
        });
        (classes.collect(), chain)
    }

    fn moves(&self, state: &State) -> Vec<(State, f64)> {
        let n_pools = self.pools.len();
        let changed = |changes: &[(usize, i32)]| {
            let mut state = state.clone();
            for (place, by) in changes {
                state[*place] = state[*place].saturating_add_signed(*by);
            }
            state
        };
        let mut moves = Vec::new();
        for (class, lambda) in self.lambda.iter().enumerate() {
            let idle = self.asks[class]
                .iter()
                .find(|pool| state[**pool] < self.pools[**pool].0);
            let line = n_pools + class;
            match idle {
                Some(pool) => moves.push((changed(&[(*pool, 1)]), *lambda)),
                None if state[line] < self.most => moves.push((changed(&[(line, 1)]), *lambda)),
                None => {}
            }
            if state[line] > 0 {
                let rate = f64::from(state[line]) * self.theta[class];
                moves.push((changed(&[(line, -1)]), rate));
            }
        }
        for (pool, (_, mu)) in self.pools.iter().enumerate() {
            let rate = f64::from(state[pool]) * mu;
            let next = self.takes[pool]
                .iter()
                .find(|class| state[n_pools + **class] > 0);
            match next {
                Some(class) => moves.push((changed(&[(n_pools + class, -1)]), rate)),
                None if state[pool] > 0 => moves.push((changed(&[(pool, -1)]), rate)),
                None => {}
            }
        }
        moves
    }
}

/// One pool of `c` agents, two classes with their own service rates and patience, the first strictly first: mean waits and
/// shares of those who give up.
pub(crate) fn two_speeds(
    c: u32,
    lambda: [f64; 2],
    mu: [f64; 2],
    theta: [f64; 2],
    most: u32,
) -> [OfClass; 2] {
    // In service of the first class, of the second; waiting of each.
    let chain = stationary([0_u32; 4], |&[i, j, q, r]| {
        let mut moves = Vec::new();
        let is_full = i + j == c;
        if !is_full {
            moves.push(([i + 1, j, q, r], lambda[0]));
            moves.push(([i, j + 1, q, r], lambda[1]));
        }
        if is_full && q < most {
            moves.push(([i, j, q + 1, r], lambda[0]));
        }
        if is_full && r < most {
            moves.push(([i, j, q, r + 1], lambda[1]));
        }
        let mut freed = |i: u32, j: u32, rate: f64| {
            moves.push(if q > 0 {
                ([i + 1, j, q - 1, r], rate)
            } else if r > 0 {
                ([i, j + 1, q, r - 1], rate)
            } else {
                ([i, j, q, r], rate)
            });
        };
        if i > 0 {
            freed(i - 1, j, f64::from(i) * mu[0]);
        }
        if j > 0 {
            freed(i, j - 1, f64::from(j) * mu[1]);
        }
        if q > 0 {
            moves.push(([i, j, q - 1, r], f64::from(q) * theta[0]));
        }
        if r > 0 {
            moves.push(([i, j, q, r - 1], f64::from(r) * theta[1]));
        }
        moves
    });
    let waited = chain.mean(|[i, j, ..]| if i + j == c { 1.0 } else { 0.0 });
    [0, 1].map(|class| {
        let line = chain.mean(|state| f64::from(state[2 + class]));
        OfClass {
            mean_wait: line / lambda[class],
            waited,
            abandoned: line * theta[class] / lambda[class],
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::line::Pool;

    #[test]
    fn one_pool_is_cobhams() {
        let pool = Pool {
            c: 4,
            mu: 1.0,
            lambda: vec![1.5, 1.5],
        };
        let network = Network {
            lambda: pool.lambda.clone(),
            theta: vec![0.0, 0.0],
            pools: vec![(4, 1.0)],
            asks: vec![vec![0], vec![0]],
            takes: vec![vec![0, 1]],
            most: 120,
        };
        let (classes, _) = network.solve();
        for (class, one) in classes.iter().enumerate() {
            let found = one.mean_wait / pool.strict(class);
            assert!((found - 1.0).abs() < 1e-6, "{class}: {found}");
            assert!((one.waited / pool.waits() - 1.0).abs() < 1e-8);
        }
        let same = two_speeds(4, [1.5, 1.5], [1.0, 1.0], [0.0, 0.0], 60);
        assert!((same[1].mean_wait / pool.strict(1) - 1.0).abs() < 1e-3);
    }
}
