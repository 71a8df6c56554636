//! Is the twin like the centre? Fit it to all but the last days, let it predict those, and compare with what was.

use jiff::civil::Date;
use waitwise_sim::{Ended, Model, Policy, Problem, Watch};

use crate::cores::{Cores, each};
use crate::fit::{Fit, FitError, Line, SimulatedDay, Told};
use crate::outcome::{Measure, Outcome, real, simulated};
use crate::predict::{Draw, run_days};
use crate::seen::{ClassKey, SLOT_MS, SLOTS, Seen};

/// What is asked of the past.
#[derive(Clone, Copy)]
pub struct Trial<'a> {
    /// How many of the last days are predicted from the days before them.
    pub held_out: usize,
    /// The head start that a class had, in seconds.
    pub head_start_secs: &'a (dyn Fn(&ClassKey) -> f64 + Sync),
    /// A wait within which an answer counts for the service level, in seconds.
    pub target_secs: f64,
    /// How often the days are simulated, at least 20.
    pub futures: u64,
    /// Of everything random.
    pub seed: u64,
}

/// A number as it was predicted and as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// As predicted.
    pub predicted: f64,
    /// Half of the interval in which it should lie 95 times in 100.
    pub half_width: f64,
    /// As it was.
    pub real: f64,
}

impl Compared {
    /// Returns whether what was lies in the interval.
    pub fn holds(&self) -> bool {
        (self.predicted - self.real).abs() <= self.half_width
    }
}

/// One line's days.
#[derive(Clone, Debug, PartialEq)]
pub struct LineTrial {
    /// Whose.
    pub line: Line,
    /// How many really came.
    pub offered: f64,
    /// How many were expected.
    pub expected: f64,
    /// By measure, in the order of [`Measure::ALL`].
    pub compared: [Compared; 5],
}

/// Mean waits by half-hour of the day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlotTrial {
    /// The half-hour.
    pub slot: usize,
    /// How many came in it, over all the days.
    pub offered: f64,
    /// Mean wait as predicted, in seconds.
    pub predicted_secs: f64,
    /// Mean wait as it was, in seconds.
    pub real_secs: f64,
}

/// How like the centre the twin is.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// The first predicted day and the last.
    pub days: (Date, Date),
    /// How many days it was fitted to.
    pub fitted_days: usize,
    /// Per line, and last of everybody; without lines in which nobody came.
    pub lines: Vec<LineTrial>,
    /// By half-hour of the day, without those in which nobody came.
    pub slots: Vec<SlotTrial>,
}

/// A trial that cannot be held.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrialError {
    /// Too little is left to fit to.
    #[error("cannot fit to the days before the last {held_out}")]
    Fit {
        /// Days held out.
        held_out: usize,
        /// Why.
        source: FitError,
    },
    /// The fitted centre cannot be simulated.
    #[error("cannot simulate the fitted centre")]
    Model(#[from] Problem),
}

impl Backtest {
    /// Returns by how much mean waits were mispredicted: the lines' absolute errors over their real mean waits, each line
    /// counting by its callers. 0.1 is a tenth of the wait.
    pub fn mean_wait_error(&self) -> f64 {
        let (mut off, mut real) = (0.0, 0.0);
        for line in self.single_lines() {
            let wait = line.compared[0];
            off += line.offered * (wait.predicted - wait.real).abs();
            real += line.offered * wait.real;
        }
        if real > 0.0 { off / real } else { 0.0 }
    }

    fn single_lines(&self) -> impl Iterator<Item = &LineTrial> {
        self.lines.iter().filter(|line| line.line.queue.is_some())
    }

    /// Returns the share of the lines' numbers that lie in their intervals.
    pub fn coverage(&self) -> f64 {
        let all: Vec<bool> = self
            .single_lines()
            .flat_map(|class| class.compared.map(|one| one.holds()))
            .collect();
        let held = all.iter().filter(|held| **held).count();
        held as f64 / std::cmp::max(all.len(), 1) as f64
    }
}

/// Holds a trial.
///
/// # Errors
/// Too few days are left to fit to, or the fitted centre cannot be simulated.
pub fn backtest(
    seen: &Seen,
    told: Told<'_>,
    trial: Trial<'_>,
    cores: Cores<'_>,
) -> Result<Backtest, TrialError> {
    let held_out = std::cmp::min(trial.held_out, seen.days.len());
    let fitted_days = seen.days.len() - held_out;
    let before: Vec<usize> = (0..fitted_days).collect();
    let before = seen.of_days(&before);
    let fit = Fit::of(&before, told).map_err(|source| TrialError::Fit { held_out, source })?;
    let after = &seen.days[fitted_days..];
    let (Some(first), Some(last)) = (after.first(), after.last()) else {
        let days = seen.days.len();
        let source = FitError::Short {
            days,
            least: crate::fit::DAYS_MIN + 1,
        };
        return Err(TrialError::Fit { held_out, source });
    };
    let lines = fit.lines();
    let futures = Futures {
        fit: &fit,
        seen: &before,
        lines: &lines,
        first: first.date,
        n_days: after.len(),
        trial: &trial,
    };
    let futures = futures.run(cores)?;
    let reality = real(after, &fit, &lines, trial.target_secs);
    let slots = slots(seen, fitted_days, &fit, &futures);
    let line = |(place, line)| line_trial(line, reality[place]?, &futures, place);
    Ok(Backtest {
        days: (first.date, last.date),
        fitted_days,
        lines: lines.iter().cloned().enumerate().filter_map(line).collect(),
        slots,
    })
}

struct Future {
    /// Per line.
    outcomes: Vec<Option<Outcome>>,
    slots: SlotSums,
}

struct Futures<'a> {
    fit: &'a Fit,
    seen: &'a Seen,
    lines: &'a [Line],
    first: Date,
    n_days: usize,
    trial: &'a Trial<'a>,
}

impl Futures<'_> {
    fn run(&self, cores: Cores<'_>) -> Result<Vec<Future>, Problem> {
        let classes = self.fit.classes.iter();
        let secs: Vec<f64> = classes
            .map(|class| (self.trial.head_start_secs)(&class.key))
            .collect();
        let policy = Policy::head_starts(&secs)?;
        let futures = each(self.trial.futures, cores, |number| {
            self.one(number, &policy)
        });
        futures.into_iter().collect()
    }

    /// One run of the days, with laws and rosters drawn anew.
    fn one(&self, number: u64, policy: &Policy) -> Result<Future, Problem> {
        let mut draw = Draw::new(self.trial.seed, number);
        let drawn = self.fit.again(self.seen, &draw.days(self.fit));
        let days = SimulatedDay::from(self.first, self.n_days, &drawn, |like| {
            draw.below(like.len())
        });
        let model = Model::new(drawn.spec(&days, &[self.trial.target_secs]))?;
        let mut slots = SlotSums::default();
        let named = (self.trial.seed, number);
        let tallies = run_days(&model, policy, named, self.n_days, &mut slots);
        let lines = self.lines.iter();
        Ok(Future {
            outcomes: lines
                .map(|line| simulated(&tallies, line, &drawn))
                .collect(),
            slots,
        })
    }
}

fn line_trial(line: Line, real: Outcome, futures: &[Future], place: usize) -> Option<LineTrial> {
    let futures = futures.iter();
    let predicted: Vec<Outcome> = futures
        .filter_map(|future| future.outcomes[place])
        .collect();
    if predicted.is_empty() {
        return None;
    }
    let offered: f64 = predicted.iter().map(|outcome| outcome.offered).sum();
    let compare = |measure: Measure| {
        let weighted: f64 = predicted
            .iter()
            .map(|outcome| measure.of(outcome) * outcome.offered)
            .sum();
        let values: Vec<f64> = predicted
            .iter()
            .map(|outcome| measure.of(outcome))
            .collect();
        Compared {
            predicted: weighted / offered,
            half_width: crate::predict::half_width(&values),
            real: measure.of(&real),
        }
    };
    Some(LineTrial {
        line,
        offered: real.offered,
        expected: offered / predicted.len() as f64,
        compared: Measure::ALL.map(compare),
    })
}

/// Callers and their waits by the half-hour in which they entered.
struct SlotSums {
    n: [f64; SLOTS],
    secs: [f64; SLOTS],
}

impl Default for SlotSums {
    fn default() -> Self {
        SlotSums {
            n: [0.0; SLOTS],
            secs: [0.0; SLOTS],
        }
    }
}

impl Watch for SlotSums {
    fn left(
        &mut self,
        _class: usize,
        _number: u32,
        arrived_secs: f64,
        wait_secs: f64,
        ended: Ended,
    ) {
        if ended == Ended::Blocked {
            return;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a time of a few weeks at most"
        )]
        let slot = (arrived_secs * 1000.0 / f64::from(SLOT_MS)) as usize % SLOTS;
        self.n[slot] += 1.0;
        self.secs[slot] += wait_secs;
    }
}

fn slots(seen: &Seen, from_day: usize, fit: &Fit, futures: &[Future]) -> Vec<SlotTrial> {
    let mut real = SlotSums::default();
    let visits = seen.days[from_day..].iter().flat_map(|day| &day.visits);
    for visit in visits.filter(|visit| fit.class_of(visit.class).is_some()) {
        real.n[visit.slot()] += 1.0;
        real.secs[visit.slot()] += f64::from(visit.wait_ms) / 1000.0;
    }
    let trial = |slot: usize| {
        let n: f64 = futures.iter().map(|future| future.slots.n[slot]).sum();
        let secs: f64 = futures.iter().map(|future| future.slots.secs[slot]).sum();
        (real.n[slot] > 0.0 && n > 0.0).then(|| SlotTrial {
            slot,
            offered: real.n[slot],
            predicted_secs: secs / n + fit.ring_secs,
            real_secs: real.secs[slot] / real.n[slot],
        })
    };
    (0..SLOTS).filter_map(trial).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::past::Past;

    fn trial(seen: &Seen) -> Result<Backtest, TrialError> {
        let trial = Trial {
            held_out: 14,
            head_start_secs: &|_| 0.0,
            target_secs: 20.0,
            futures: 40,
            seed: 1,
        };
        backtest(seen, Told::default(), trial, Cores::ONE)
    }

    #[test]
    fn a_centre_that_goes_on_as_it_was_is_predicted() {
        let (mut error, mut coverage) = (0.0, 0.0);
        for seed in 11..17 {
            let found = trial(&Past::calm(56, seed).seen()).unwrap();
            assert_eq!((found.fitted_days, found.lines.len()), (42, 3));
            error += found.mean_wait_error() / 6.0;
            coverage += found.coverage() / 6.0;
            let all = &found.lines[2];
            assert!((all.expected / all.offered - 1.0).abs() < 0.1, "{all:?}");
            // Ten hours but for the last half.
            assert!((18..=20).contains(&found.slots.len()));
        }
        // Two weeks' mean waits are themselves this far from their expectation.
        assert!(error < 0.2, "{error}");
        assert!(coverage > 0.85, "{coverage}");
    }

    #[test]
    fn a_centre_that_changed_is_not() {
        let busier = Past {
            change: (42, 1.4),
            ..Past::calm(56, 12)
        };
        let found = trial(&busier.seen()).unwrap();
        assert!(found.mean_wait_error() > 0.4, "{}", found.mean_wait_error());
        assert!(!found.lines[2].compared[0].holds(), "{found:#?}");
    }

    #[test]
    fn too_few_days_are_refused_with_their_number() {
        let error = trial(&Past::calm(20, 17).seen()).unwrap_err();
        let TrialError::Fit { source, .. } = error else {
            panic!("{error}");
        };
        let short = FitError::Short { days: 6, least: 14 };
        assert_eq!(source, short);
    }
}
