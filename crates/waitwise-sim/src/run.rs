//! Many replications on many cores, in an order that does not depend on them.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::{Extent, Simulator};
use crate::model::Model;
use crate::policy::Policy;
use crate::tally::Block;

/// Which replications to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The seed of everything random.
    pub seed: u64,
    /// The number of the first replication: day n of a centre that closes is always the same day.
    pub first: u64,
    /// How many.
    pub replications: u64,
    /// How much of each.
    pub extent: Extent,
    /// On how many cores; the results do not depend on it. 0 is taken as 1.
    pub threads: usize,
}

/// Runs the replications and hands each one's measured parts over, in the order of the replications' numbers. When told
/// to break, it ends as soon as those under way are done.
///
/// # Panics
/// As [`Simulator::new`] and [`Simulator::run`].
pub fn run(
    model: &Model,
    policy: &Policy,
    plan: &Plan,
    mut each: impl FnMut(u64, Vec<Block>) -> ControlFlow<()>,
) {
    let threads = std::cmp::max(plan.threads, 1);
    // Enough at a time that cores seldom wait for each other, few enough that results do not pile up.
    let at_a_time = 16 * threads as u64;
    let end = plan.first + plan.replications;
    let mut simulators: Vec<Simulator> = (0..threads)
        .map(|_| Simulator::new(model, policy))
        .collect();
    let mut from = plan.first;
    while from < end {
        let to = std::cmp::min(from + at_a_time, end);
        for (number, blocks) in (from..to).zip(stretch(&mut simulators, plan, from..to)) {
            if each(number, blocks).is_break() {
                return;
            }
        }
        from = to;
    }
}

/// Runs a few replications, each on whichever core is free, and returns them in order.
fn stretch(
    simulators: &mut [Simulator],
    plan: &Plan,
    numbers: std::ops::Range<u64>,
) -> Vec<Vec<Block>> {
    let next = AtomicU64::new(numbers.start);
    let done = Mutex::new(Vec::new());
    let work = |simulator: &mut Simulator| {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return;
            }
            let blocks = simulator.run(plan.seed, number, plan.extent);
            // Poisoned only by a panic elsewhere, which ends the scope too.
            done.lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push((number, blocks));
        }
    };
    match simulators {
        [simulator] => work(simulator),
        simulators => std::thread::scope(|scope| {
            for simulator in simulators {
                scope.spawn(|| work(simulator));
            }
        }),
    }
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, blocks)| blocks).collect()
}
