//! Which mean waits are possible at all in one pool of agents.

use super::erlang::Station;

/// Agents who all take all classes, whose handle times follow one exponential law, and callers who never give up.
#[derive(Clone, PartialEq, Debug)]
pub struct OnePool {
    /// Per class: arrivals in a second, above 0.
    pub per_sec: Vec<f64>,
    /// Mean handle time in seconds.
    pub handle_secs: f64,
    /// How many agents there are.
    pub agents: u32,
}

/// Classes that together cannot wait so little.
#[derive(Clone, PartialEq, Debug)]
pub struct OutOfReach {
    /// The classes, those with the shortest targets first.
    pub classes: Vec<usize>,
    /// The mean wait of all their callers together that they get if they go before everybody else, in seconds.
    pub least_secs: f64,
    /// The mean wait of all their callers together by the targets, in seconds.
    pub target_secs: f64,
}

impl OnePool {
    /// Returns the mean wait of all callers together, in seconds, which no order of service changes.
    pub fn mean_wait_secs(&self) -> f64 {
        self.least_secs(&(0..self.per_sec.len()).collect::<Vec<_>>())
    }

    /// Checks whether some order of service gives every class a mean wait of at most its target, in seconds.
    ///
    /// It does exactly if no set of classes is to wait less than if it went before everybody else (Federgruen and
    /// Groenevelt 1988). Those with the shortest targets are the hardest sets, so that only these are looked at.
    ///
    /// # Errors
    /// The set that falls short by the largest ratio.
    ///
    /// # Panics
    /// If there is not one target per class.
    pub fn check(&self, targets_secs: &[f64]) -> Result<(), OutOfReach> {
        assert_eq!(targets_secs.len(), self.per_sec.len(), "a target per class");
        let mut classes: Vec<usize> = (0..self.per_sec.len()).collect();
        classes.sort_by(|a, b| targets_secs[*a].total_cmp(&targets_secs[*b]));
        let lacking = (1..=classes.len()).filter_map(|n| {
            let set = &classes[..n];
            let waiting: f64 = set
                .iter()
                .map(|class| self.per_sec[*class] * targets_secs[*class])
                .sum();
            let least_secs = self.least_secs(set);
            let target_secs = waiting / self.rate(set);
            // Rounding must not refuse what is exactly possible.
            (target_secs < least_secs * (1.0 - 1e-9)).then(|| OutOfReach {
                classes: set.to_vec(),
                least_secs,
                target_secs,
            })
        });
        let shortfall = |one: &OutOfReach| one.least_secs / one.target_secs;
        match lacking.max_by(|one, other| shortfall(one).total_cmp(&shortfall(other))) {
            Some(worst) => Err(worst),
            None => Ok(()),
        }
    }

    /// The mean wait of a set that goes before everybody else: Cobham's W₀/(1−σ).
    fn least_secs(&self, set: &[usize]) -> f64 {
        let all = Station {
            per_sec: self.per_sec.iter().sum(),
            handle_secs: self.handle_secs,
            agents: self.agents,
            patience_secs: None,
        };
        let steady = all.steady();
        let per_secs_all = f64::from(self.agents) / self.handle_secs;
        let spare_share = 1.0 - self.rate(set) / per_secs_all;
        if spare_share <= 0.0 || set.len() == self.per_sec.len() {
            return steady.mean_wait_secs;
        }
        steady.waiting_share / per_secs_all / spare_share
    }

    fn rate(&self, set: &[usize]) -> f64 {
        set.iter().map(|class| self.per_sec[*class]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 agents, 8 and 10 erlangs of 180 s: strict priority gives 8.26 s and 82.62 s.
    fn pool() -> OnePool {
        OnePool {
            per_sec: vec![8.0 / 180.0, 10.0 / 180.0],
            handle_secs: 180.0,
            agents: 20,
        }
    }

    const CORNER: [f64; 2] = [8.26153507, 82.6153507];

    #[test]
    fn the_corners_are_possible_and_nothing_below_them() {
        let pool = pool();
        assert!((pool.mean_wait_secs() / 49.5692104 - 1.0).abs() < 1e-8);
        let slack = 1.0 + 1e-7;
        assert_eq!(pool.check(&CORNER.map(|secs| secs * slack)), Ok(()));
        let found = pool
            .check(&[CORNER[0] * 0.99, CORNER[1] * 2.0])
            .unwrap_err();
        assert_eq!(found.classes, [0]);
        assert!(
            (found.least_secs / CORNER[0] - 1.0).abs() < 1e-8,
            "{found:?}"
        );
        let found = pool
            .check(&[CORNER[0] * slack, CORNER[1] * 0.99])
            .unwrap_err();
        assert_eq!(found.classes, [0, 1]);
    }

    #[test]
    fn a_head_starts_waits_lie_within_and_both_faster_do_not() {
        let pool = pool();
        // A head start of two minutes for the first class.
        assert_eq!(pool.check(&[27.6752213 + 1e-6, 67.0844017 + 1e-6]), Ok(()));
        assert!(pool.check(&[49.0, 49.0]).is_err());
    }

    #[test]
    fn the_shortest_targets_find_what_all_sets_would() {
        let pool = OnePool {
            per_sec: vec![0.010, 0.025, 0.030, 0.012, 0.018],
            handle_secs: 180.0,
            agents: 19,
        };
        let mut seed = 1_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 40) as f64 / (1 << 24) as f64
        };
        let mut verdicts = [0, 0];
        for _ in 0..3_000 {
            let targets: Vec<f64> = (0..5).map(|_| 10.0 + 90.0 * next()).collect();
            let all_sets_hold = (1..32_u32).all(|set| {
                let set: Vec<usize> = (0..5).filter(|class| set >> class & 1 == 1).collect();
                let waiting: f64 = set
                    .iter()
                    .map(|class| pool.per_sec[*class] * targets[*class])
                    .sum();
                waiting >= pool.rate(&set) * pool.least_secs(&set) * (1.0 - 1e-9)
            });
            assert_eq!(pool.check(&targets).is_ok(), all_sets_hold, "{targets:?}");
            verdicts[usize::from(all_sets_hold)] += 1;
        }
        assert!(verdicts[0] > 300 && verdicts[1] > 300, "{verdicts:?}");
    }
}
