//! What is counted in one part of a run: a day, or a batch of a long one.

use crate::sketch::{Buckets, Sketch};

/// One part of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// How long it lasted; of a day: from opening to the last arrival's end of time, overtime not included.
    pub secs: f64,
    /// Per class, those who arrived in it, to their end.
    pub classes: Vec<ClassTally>,
    /// Per group, what its agents did in it.
    pub groups: Vec<GroupTally>,
}

/// What became of the interactions of one class that arrived in a part of a run.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ClassTally {
    /// How many arrived.
    pub offered: u64,
    /// How many were answered as they arrived: they did not wait.
    pub at_once: u64,
    /// How many were answered after waiting.
    pub after_wait: u64,
    /// How many gave up.
    pub abandoned: u64,
    /// How many found neither an agent nor room to wait.
    pub blocked: u64,
    /// Waiting time of the answered, all together.
    pub answered_wait_secs: f64,
    /// Waiting time of those who gave up, all together.
    pub abandoned_wait_secs: f64,
    /// Per target: how many of those answered after waiting had waited at most so long.
    pub answered_within: Vec<u64>,
    /// Per target: how many of those who gave up did within so long.
    pub abandoned_within: Vec<u64>,
    /// Waits of those answered after waiting.
    pub answered_waits: Sketch,
    /// Waits of those who gave up.
    pub abandoned_waits: Sketch,
}

/// What the agents of one group did in a part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct GroupTally {
    /// Time with interactions and the work after them, all agents together.
    pub busy_secs: f64,
    /// Time at work, all agents together; overtime with an interaction included.
    pub present_secs: f64,
}

impl ClassTally {
    /// Returns how many were answered.
    pub fn answered(&self) -> u64 {
        self.at_once + self.after_wait
    }

    /// Returns how many were let in: neither blocked nor still waiting when the run was stopped.
    pub fn let_in(&self) -> u64 {
        self.answered() + self.abandoned
    }

    /// Returns how many still waited when the run was stopped.
    pub fn waiting(&self) -> u64 {
        self.offered - self.let_in() - self.blocked
    }

    /// Returns the wait that a share of those let in do not pass, however it ended; `None` if nobody was let in.
    pub fn wait_quantile_secs(&self, share: f64) -> Option<f64> {
        let n = self.let_in() as f64;
        if n <= 0.0 {
            return None;
        }
        let rank = share.clamp(0.0, 1.0) * n - self.at_once as f64;
        if rank <= 0.0 {
            return Some(0.0);
        }
        let mut waits = self.answered_waits.clone();
        waits.merge(&self.abandoned_waits);
        waits.at_rank(f64::min(rank, waits.n() as f64))
    }

    /// Adds another part's interactions.
    pub fn merge(&mut self, other: &ClassTally) {
        self.add_counts(other);
        self.answered_waits.merge(&other.answered_waits);
        self.abandoned_waits.merge(&other.abandoned_waits);
    }

    /// Adds everything but the waits' distribution.
    pub(crate) fn add_counts(&mut self, other: &ClassTally) {
        self.offered += other.offered;
        self.at_once += other.at_once;
        self.after_wait += other.after_wait;
        self.abandoned += other.abandoned;
        self.blocked += other.blocked;
        self.answered_wait_secs += other.answered_wait_secs;
        self.abandoned_wait_secs += other.abandoned_wait_secs;
        add_each(&mut self.answered_within, &other.answered_within);
        add_each(&mut self.abandoned_within, &other.abandoned_within);
    }
}

fn add_each(to: &mut Vec<u64>, other: &[u64]) {
    to.resize(std::cmp::max(to.len(), other.len()), 0);
    for (to, other) in to.iter_mut().zip(other) {
        *to += other;
    }
}

/// A [`ClassTally`] in the making.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    pub(crate) offered: u64,
    pub(crate) at_once: u64,
    pub(crate) blocked: u64,
    answered: Side,
    abandoned: Side,
}

/// Those who waited and then were answered, or gave up.
#[derive(Clone, Debug)]
struct Side {
    n: u64,
    wait_secs: f64,
    within: Vec<u64>,
    waits: Buckets,
}

impl Counter {
    pub(crate) fn new(n_targets: usize) -> Counter {
        let side = Side {
            n: 0,
            wait_secs: 0.0,
            within: vec![0; n_targets],
            waits: Buckets::new(),
        };
        Counter {
            offered: 0,
            at_once: 0,
            blocked: 0,
            answered: side.clone(),
            abandoned: side,
        }
    }

    #[inline]
    pub(crate) fn answered_after(&mut self, wait_secs: f64, targets_secs: &[f64]) {
        self.answered.add(wait_secs, targets_secs);
    }

    pub(crate) fn abandoned_after(&mut self, wait_secs: f64, targets_secs: &[f64]) {
        self.abandoned.add(wait_secs, targets_secs);
    }

    /// How many still wait, as far as it was noticed.
    pub(crate) fn waiting(&self) -> u64 {
        self.offered - self.at_once - self.blocked - self.answered.n - self.abandoned.n
    }

    /// Returns what was counted and forgets it.
    pub(crate) fn take(&mut self) -> ClassTally {
        let tally = ClassTally {
            offered: self.offered,
            at_once: self.at_once,
            after_wait: self.answered.n,
            abandoned: self.abandoned.n,
            blocked: self.blocked,
            answered_wait_secs: self.answered.wait_secs,
            abandoned_wait_secs: self.abandoned.wait_secs,
            answered_within: self.answered.within.clone(),
            abandoned_within: self.abandoned.within.clone(),
            answered_waits: self.answered.waits.take(),
            abandoned_waits: self.abandoned.waits.take(),
        };
        self.offered = 0;
        self.at_once = 0;
        self.blocked = 0;
        self.answered.clear();
        self.abandoned.clear();
        tally
    }
}

impl Side {
    #[inline]
    fn add(&mut self, wait_secs: f64, targets_secs: &[f64]) {
        self.n += 1;
        self.wait_secs += wait_secs;
        for (within, target) in self.within.iter_mut().zip(targets_secs) {
            *within += u64::from(wait_secs <= *target);
        }
        self.waits.add(wait_secs);
    }

    fn clear(&mut self) {
        self.n = 0;
        self.wait_secs = 0.0;
        self.within.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::Counter;

    #[test]
    fn a_quantile_counts_those_who_did_not_wait_and_those_who_gave_up() {
        let mut counter = Counter::new(0);
        counter.offered = 10;
        counter.at_once = 5;
        (1..=3).for_each(|minutes| counter.answered_after(60.0 * f64::from(minutes), &[]));
        counter.abandoned_after(240.0, &[]);
        counter.abandoned_after(300.0, &[]);
        let tally = counter.take();
        assert_eq!(tally.wait_quantile_secs(0.5), Some(0.0));
        for (share, secs) in [(0.6, 60.0), (0.8, 180.0), (0.9, 240.0), (1.0, 300.0)] {
            let found = tally.wait_quantile_secs(share).unwrap();
            assert!((found / secs - 1.0).abs() < 0.008, "{share}: {found}");
        }
        assert_eq!(counter.take().wait_quantile_secs(0.9), None);
    }
}
