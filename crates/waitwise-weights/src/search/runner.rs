//! Runs head starts on days, many at a time, the same bytes on any number of threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use waitwise_sim::{
    Arrivals, Block, ClassTally, Extent, Length, Model, Policy, Simulator, Staffing,
};

/// What was counted per class.
pub(crate) type Tallies = Vec<ClassTally>;

/// Replications in a row; each is a day, or a stretch of a centre that never closes.
pub(crate) type Days = std::ops::Range<u64>;

/// Runs a model, counting what it costs.
#[derive(Debug)]
pub(crate) struct Runner<'a> {
    model: &'a Model,
    seed: u64,
    extent: Extent,
    /// How many days one replication stands for.
    pub(crate) days_each: f64,
    threads: usize,
    /// Interactions simulated so far.
    pub(crate) simulated: u64,
}

/// Of a centre that is always alike, so many interactions are one replication, after a tenth as many that are not
/// counted: enough that beginning empty is forgotten, and few enough that there are many replications.
const INTERACTIONS_EACH: f64 = 20_000.0;

const SECS_A_DAY: f64 = 86_400.0;

impl<'a> Runner<'a> {
    pub(crate) fn new(model: &'a Model, seed: u64, threads: usize) -> Runner<'a> {
        let (extent, days_each) = extent(model);
        Runner {
            model,
            seed,
            extent,
            days_each,
            threads: std::cmp::max(threads, 1),
            simulated: 0,
        }
    }

    /// Runs a changed model for the same stretches as another one.
    pub(crate) fn like(model: &'a Model, other: &Model, seed: u64, threads: usize) -> Runner<'a> {
        let (extent, days_each) = extent(other);
        Runner {
            extent,
            days_each,
            ..Runner::new(model, seed, threads)
        }
    }

    /// How many replications are a whole number of the model's cycles, and no fewer than a week's days.
    pub(crate) fn cycle(&self) -> u64 {
        let calendar = &self.model.spec().calendar;
        match calendar.day_secs {
            Some(day_secs) => {
                let days = libm::round(calendar.cycle_secs / day_secs);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a model's cycle is a whole number of days, at least one"
                )]
                let days = days as u64;
                // Of a long cycle, weeks are alike.
                if days.is_multiple_of(7) { 7 } else { days }
            }
            None => 1,
        }
    }

    /// Runs each policy on each stretch of days, and returns what was counted in the order of both.
    pub(crate) fn run(&mut self, policies: &[Policy], stretches: &[Days]) -> Vec<Vec<Tallies>> {
        let n = policies.len() * stretches.len();
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(n));
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= n {
                    return;
                }
                let policy = &policies[number / stretches.len()];
                let tallies = self.stretch(policy, &stretches[number % stretches.len()]);
                // Poisoned only by a panic elsewhere, which ends the scope too.
                let mut done = done
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                done.push((number, tallies));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(work);
            }
            work();
        });
        let mut done = done
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        done.sort_by_key(|(number, _)| *number);
        let offered = |tallies: &Tallies| tallies.iter().map(|tally| tally.offered).sum::<u64>();
        self.simulated += done
            .iter()
            .map(|(_, tallies)| offered(tallies))
            .sum::<u64>();
        let mut done = done.into_iter().map(|(_, tallies)| tallies);
        policies
            .iter()
            .map(|_| done.by_ref().take(stretches.len()).collect())
            .collect()
    }

    fn stretch(&self, policy: &Policy, days: &Days) -> Tallies {
        let mut simulator = Simulator::new(self.model, policy);
        let mut sum = vec![ClassTally::default(); self.model.n_classes()];
        for day in days.clone() {
            for block in simulator.run(self.seed, day, self.extent) {
                merge(&mut sum, &block);
            }
        }
        sum
    }
}

fn merge(sum: &mut Tallies, block: &Block) {
    add(sum, &block.classes);
}

/// Adds what was counted elsewhere.
pub(crate) fn add(sum: &mut Tallies, other: &[ClassTally]) {
    sum.resize(std::cmp::max(sum.len(), other.len()), ClassTally::default());
    for (sum, other) in sum.iter_mut().zip(other) {
        sum.merge(other);
    }
}

/// Cuts days into `n` stretches that differ by at most one day; fewer if there are fewer days.
pub(crate) fn cut(days: &Days, n: u64) -> Vec<Days> {
    let length = days.end - days.start;
    let n = std::cmp::min(n, length);
    let until = |place: u64| days.start + length * place / n;
    (0..n).map(|place| until(place)..until(place + 1)).collect()
}

/// What one replication is, and how many days it stands for.
fn extent(model: &Model) -> (Extent, f64) {
    let calendar = &model.spec().calendar;
    if let Some(day_secs) = calendar.day_secs {
        return (Extent::Day, f64::max(day_secs, SECS_A_DAY) / SECS_A_DAY);
    }
    if is_always_alike(model) {
        let secs = INTERACTIONS_EACH / f64::max(per_sec(model), 1e-9);
        let extent = Extent::Endless {
            warmup: Length::Secs(0.1 * secs),
            measured: Length::Secs(secs),
            batches: 1,
        };
        return (extent, secs / SECS_A_DAY);
    }
    let extent = Extent::Endless {
        // After a day nobody remembers how empty the centre was at first.
        warmup: Length::Secs(f64::min(calendar.cycle_secs, SECS_A_DAY)),
        measured: Length::Secs(calendar.cycle_secs),
        batches: 1,
    };
    (extent, calendar.cycle_secs / SECS_A_DAY)
}

fn is_always_alike(model: &Model) -> bool {
    let spec = model.spec();
    let is_steady = |arrivals: &Arrivals| match arrivals {
        Arrivals::Poisson(rates) => rates.len() == 1,
        Arrivals::Trace(_) => false,
    };
    spec.classes.iter().all(|class| is_steady(&class.arrivals))
        && spec
            .groups
            .iter()
            .all(|group| matches!(group.staffing, Staffing::Always(_)))
}

fn per_sec(model: &Model) -> f64 {
    let rate = |arrivals: &Arrivals| match arrivals {
        Arrivals::Poisson(rates) => rates.iter().map(|rate| rate.per_hour).sum::<f64>() / 3600.0,
        Arrivals::Trace(_) => 0.0,
    };
    model
        .spec()
        .classes
        .iter()
        .map(|class| rate(&class.arrivals))
        .sum()
}
