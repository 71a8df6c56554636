//! The same work many times, on many cores, with answers that do not depend on how many.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How work is spread, and who is told how far it is.
#[derive(Clone, Copy)]
pub struct Cores<'a> {
    /// On how many cores; no answer depends on it. 0 is taken as 1.
    pub threads: usize,
    /// Is told how much is done, and of how much.
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
}

impl Cores<'_> {
    /// One core, and nobody is told.
    pub const ONE: Cores<'static> = Cores {
        threads: 1,
        progress: &|_, _| {},
    };
}

/// Does the work of each number below `n`; the answers are in the order of the numbers.
pub(crate) fn each<T: Send>(n: u64, cores: Cores<'_>, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(0);
    let done: Mutex<Vec<(u64, T)>> = Mutex::new(Vec::new());
    let one_after_the_other = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= n {
                return;
            }
            let answer = work(number);
            // Poisoned only by a panic elsewhere, which ends the scope too.
            let mut done = done
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            done.push((number, answer));
            (cores.progress)(done.len() as u64, n);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..cores.threads {
            scope.spawn(one_after_the_other);
        }
        one_after_the_other();
    });
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, answer)| answer).collect()
}
