//! What other weights would do: the same callers under both, with intervals that hold what is not known.
//!
//! Three things stand between a prediction and what will happen: the days to come differ by chance, the laws of callers are
//! known from a limited history, and a model is not the centre. The first two are in the interval: every simulated future
//! has its own callers, and half of the futures have laws fitted to days drawn anew from the history (a bootstrap of whole
//! days). The third is not, and cannot be: the [backtest](crate::backtest) stands beside every prediction instead.

use jiff::civil::Date;
use waitwise_sim::{
    ClassTally, Extent, Length, Model, Policy, Problem, Simulator, Watch, t_quantile,
};

use crate::cores::{Cores, each};
use crate::fit::{Fit, Line, SimulatedDay};
use crate::outcome::{Measure, Outcome, simulated};
use crate::seen::{SLOT_MS, SLOTS, Seen};

/// What is asked about the days to come.
#[derive(Clone, Debug)]
pub struct Question {
    /// The first of them.
    pub first: Date,
    /// How many.
    pub days: usize,
    /// Head start of each class now, in seconds.
    pub present_secs: Vec<f64>,
    /// Head start of each class as proposed, in seconds.
    pub proposed_secs: Vec<f64>,
    /// A wait within which an answer counts for the service level, in seconds.
    pub target_secs: f64,
    /// How many futures are simulated as fitted, and as many again with laws drawn anew. At least 20.
    pub futures: u64,
    /// Of everything random.
    pub seed: u64,
}

/// A number now and with other weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// With the present weights.
    pub present: f64,
    /// With the proposed ones.
    pub proposed: f64,
    /// The difference, proposed less present, expected over the days.
    pub difference: f64,
    /// Half of the interval in which the difference over these days will lie 95 times in 100.
    pub half_width: f64,
}

/// What the prediction allows to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval is on the better side.
    Better,
    /// The whole interval is on the worse side.
    Worse,
    /// The interval holds 0: no evidence.
    Unclear,
}

/// What becomes of one line.
#[derive(Clone, Debug, PartialEq)]
pub struct LinePrediction {
    /// Whose.
    pub line: Line,
    /// Expected callers over the days.
    pub offered: f64,
    /// By measure, in the order of [`Measure::ALL`].
    pub changes: [Change; 5],
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Per line, and last of everybody; without lines in which nobody comes.
    pub lines: Vec<LinePrediction>,
    /// How many futures it rests on.
    pub futures: u64,
    /// Interactions that were simulated.
    pub simulated: u64,
}

impl Change {
    /// Returns the interval's ends.
    pub fn interval(&self) -> (f64, f64) {
        (
            self.difference - self.half_width,
            self.difference + self.half_width,
        )
    }

    /// Returns what can be said of a difference in `measure`.
    pub fn verdict(&self, measure: Measure) -> Verdict {
        let (low, high) = self.interval();
        let (falls, rises) = (high < 0.0, low > 0.0);
        match (falls, rises, measure.is_better_low()) {
            (true, _, true) | (_, true, false) => Verdict::Better,
            (true, _, false) | (_, true, true) => Verdict::Worse,
            (false, false, _) => Verdict::Unclear,
        }
    }
}

/// Predicts what a change of head starts does to the callers of the days to come. `seen` is what `fit` was fitted to.
///
/// # Errors
/// The fitted centre cannot be simulated, or a head start is no number; the problem names the field.
pub fn predict(
    fit: &Fit,
    seen: &Seen,
    question: &Question,
    cores: Cores<'_>,
) -> Result<Prediction, Problem> {
    let policies = [
        Policy::head_starts(&question.present_secs)?,
        Policy::head_starts(&question.proposed_secs)?,
    ];
    let futures = Futures {
        fit,
        seen,
        question,
        policies: &policies,
        lines: fit.lines(),
    };
    let all = futures.run(cores)?;
    Ok(gather(&all, futures.lines, question.futures))
}

/// Per line: what became of callers under each policy.
type Future = Vec<[Option<Outcome>; 2]>;

struct Futures<'a> {
    fit: &'a Fit,
    seen: &'a Seen,
    question: &'a Question,
    policies: &'a [Policy],
    lines: Vec<Line>,
}

impl Futures<'_> {
    /// Runs the futures as fitted, then those with laws drawn anew, in the order of their numbers.
    fn run(&self, cores: Cores<'_>) -> Result<Vec<Future>, Problem> {
        let all = each(2 * self.question.futures, cores, |number| self.one(number));
        all.into_iter().collect()
    }

    fn one(&self, number: u64) -> Result<Future, Problem> {
        let mut draw = Draw::new(self.question.seed, number);
        let drawn;
        let fit = match number < self.question.futures {
            true => self.fit,
            false => {
                drawn = self.fit.again(self.seen, &draw.days(self.fit));
                &drawn
            }
        };
        let (first, n) = (self.question.first, self.question.days);
        let days = SimulatedDay::from(first, n, fit, |like| draw.below(like.len()));
        let model = Model::new(fit.spec(&days, &[self.question.target_secs]))?;
        let tallies: Vec<Vec<ClassTally>> = self
            .policies
            .iter()
            .map(|policy| {
                let named = (self.question.seed, number);
                run_days(&model, policy, named, days.len(), &mut ())
            })
            .collect();
        let outcome =
            |line: &Line| std::array::from_fn(|policy| simulated(&tallies[policy], line, fit));
        Ok(self.lines.iter().map(outcome).collect())
    }
}

/// Runs the days of a model one after the other; returns what became of each class.
///
/// The same seed and future have the same callers under every policy.
pub(crate) fn run_days<W: Watch>(
    model: &Model,
    policy: &Policy,
    (seed, future): (u64, u64),
    n_days: usize,
    watch: &mut W,
) -> Vec<ClassTally> {
    let mut tallies = vec![ClassTally::default(); model.n_classes()];
    let mut simulator = Simulator::new(model, policy);
    let n = n_days as u64;
    let blocks: Vec<_> = match model.spec().calendar.day_secs {
        Some(_) => (0..n)
            .flat_map(|day| simulator.run_watched(seed, future * n + day, Extent::Day, watch))
            .collect(),
        None => {
            let secs = n as f64 * SLOTS as f64 * f64::from(SLOT_MS) / 1000.0;
            let extent = Extent::Endless {
                warmup: Length::Secs(0.0),
                measured: Length::Secs(secs),
                batches: 1,
            };
            simulator.run_watched(seed, future, extent, watch)
        }
    };
    for tally in blocks
        .iter()
        .flat_map(|block| block.classes.iter().enumerate())
    {
        let (class, tally) = tally;
        tallies[class].merge(tally);
    }
    tallies
}

/// Draws of one future.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64, number: u64) -> Draw {
        let mut draw = Draw(seed);
        let mixed = draw.next() ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93);
        Draw(mixed)
    }

    /// SplitMix64: whole weeks of rosters are drawn by it, not single calls, so nothing better is needed.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Returns a place below `n`, which is above 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is left of a division by a usize is one"
        )]
        let place = (self.next() % n as u64) as usize;
        place
    }

    /// Draws days anew, each weekday's from among its own, so that no weekday is lost: of each one fewer than there are,
    /// which gives means of a few days the spread that they have (Rao and Wu 1988). As many as there are would give too little.
    pub(crate) fn days(&mut self, fit: &Fit) -> Vec<usize> {
        let mut drawn = Vec::new();
        for weekday in 0..7 {
            let like: Vec<usize> = fit.days_like(weekday).collect();
            let n = std::cmp::max(like.len().saturating_sub(1), usize::from(!like.is_empty()));
            drawn.extend((0..n).map(|_| like[self.below(like.len())]));
        }
        drawn
    }
}

fn gather(futures: &[Future], lines: Vec<Line>, n_fitted: u64) -> Prediction {
    let n_fitted = usize::try_from(n_fitted).unwrap_or(usize::MAX);
    let (fitted, drawn) = futures.split_at(std::cmp::min(n_fitted, futures.len()));
    let line = |(place, line): (usize, Line)| {
        let of = |futures: &[Future]| -> Vec<[Outcome; 2]> {
            let both = futures.iter().map(|future| match future[place] {
                [Some(present), Some(proposed)] => Some([present, proposed]),
                _ => None,
            });
            both.flatten().collect()
        };
        let (fitted, drawn) = (of(fitted), of(drawn));
        let offered = mean(fitted.iter().map(|both| both[0].offered))?;
        let change = |measure| change(&fitted, &drawn, measure);
        Some(LinePrediction {
            line,
            offered,
            changes: Measure::ALL.map(change),
        })
    };
    let simulated = futures.iter().filter_map(|future| future.last());
    let simulated = simulated
        .flatten()
        .flatten()
        .map(|outcome| outcome.offered)
        .sum::<f64>();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a sum of counts"
    )]
    let simulated = simulated as u64;
    Prediction {
        lines: lines.into_iter().enumerate().filter_map(line).collect(),
        futures: futures.len() as u64,
        simulated,
    }
}

/// The difference is that of the centre as fitted; how far off it may be is seen in the futures with laws drawn anew.
fn change(fitted: &[[Outcome; 2]], drawn: &[[Outcome; 2]], measure: Measure) -> Change {
    // Of a mean or share: of all callers of all futures, not the mean of the futures' own.
    let weighted = |policy: usize| {
        let sum: f64 = fitted
            .iter()
            .map(|both| measure.of(&both[policy]) * both[policy].offered)
            .sum();
        sum / fitted.iter().map(|both| both[policy].offered).sum::<f64>()
    };
    let differences: Vec<f64> = drawn
        .iter()
        .map(|[present, proposed]| measure.of(proposed) - measure.of(present))
        .collect();
    let (present, proposed) = (weighted(0), weighted(1));
    Change {
        present,
        proposed,
        difference: proposed - present,
        half_width: half_width(&differences),
    }
}

/// Returns half of the interval around their mean in which the next of such values lies 95 times in 100: their number
/// is limited, so it is Student's, and the mean itself is off a little.
pub(crate) fn half_width(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    match n < 2.0 {
        true => f64::INFINITY,
        false => t_quantile(0.025, n - 1.0) * deviation(values) * (1.0 + 1.0 / n).sqrt(),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0.0, 0.0), |(n, sum), value| (n + 1.0, sum + value));
    (n > 0.0).then(|| sum / n)
}

fn deviation(values: &[f64]) -> f64 {
    let Some(mean) = mean(values.iter().copied()) else {
        return f64::INFINITY;
    };
    let square: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (square / (values.len() as f64 - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::Told;
    use crate::past::Past;

    fn question(present: [f64; 2], proposed: [f64; 2]) -> Question {
        Question {
            first: "2026-03-02".parse().unwrap(),
            days: 14,
            present_secs: present.to_vec(),
            proposed_secs: proposed.to_vec(),
            target_secs: 20.0,
            futures: 40,
            seed: 7,
        }
    }

    fn ask(seen: &Seen, question: &Question, threads: usize) -> Prediction {
        let fit = Fit::of(seen, Told::default()).unwrap();
        let cores = Cores {
            threads,
            ..Cores::ONE
        };
        predict(&fit, seen, question, cores).unwrap()
    }

    #[test]
    fn the_same_weights_change_nothing_at_all() {
        let seen = Past::calm(28, 1).seen();
        let found = ask(&seen, &question([60.0, 0.0], [60.0, 0.0]), 1);
        assert_eq!(found.lines.len(), 3);
        for (measure, change) in Measure::ALL.iter().zip(found.lines[2].changes) {
            assert_eq!(change.interval(), (0.0, 0.0), "{measure:?}");
            assert_eq!(change.verdict(*measure), Verdict::Unclear);
        }
    }

    #[test]
    fn a_head_start_helps_its_class_at_the_others_cost_by_what_really_happens() {
        let present = Past::calm(28, 2);
        let seen = present.seen();
        let found = ask(&seen, &question([0.0, 0.0], [0.0, 240.0]), 2);
        let [rare, usual, _] = &found.lines[..] else {
            panic!("two classes and all");
        };
        let (lost, gained) = (usual.changes[0], rare.changes[0]);
        assert_eq!(
            gained.verdict(Measure::MeanWait),
            Verdict::Better,
            "{gained:?}"
        );
        assert_eq!(lost.verdict(Measure::MeanWait), Verdict::Worse, "{lost:?}");
        // The same centre for many more days, with and without: what the interval is to hold.
        let really = |class: usize| {
            let mean = |head_starts_secs| {
                let past = Past {
                    head_starts_secs,
                    ..Past::calm(400, 3)
                };
                let seen = past.seen();
                let own = seen.visits().filter(|one| usize::from(one.class) == class);
                super::mean(own.map(|one| f64::from(one.wait_ms) / 1000.0)).unwrap()
            };
            mean([0.0, 240.0]) - mean([0.0, 0.0])
        };
        for (class, change) in [(0, lost), (1, gained)] {
            let (low, high) = change.interval();
            let truth = really(class);
            assert!(
                (low..high).contains(&truth),
                "{class}: {truth} in {change:?}"
            );
            assert!(change.half_width < change.difference.abs());
        }
    }

    #[test]
    fn days_drawn_anew_spread_as_histories_do() {
        // A week's callers, estimated from four weeks: Poisson's variance over four.
        let weekly: f64 = 7.0 * 9.5 * crate::past::PER_HOUR.iter().sum::<f64>();
        let truth = weekly / 4.0;
        let mut found = 0.0;
        for seed in 20..32 {
            let seen = Past::calm(28, seed).seen();
            let fit = Fit::of(&seen, Told::default()).unwrap();
            let drawn: Vec<f64> = (0..100)
                .map(|number| {
                    let again = fit.again(&seen, &Draw::new(seed, number).days(&fit));
                    let rates = again.laws.arrivals.per_slot.iter();
                    rates.flatten().flatten().sum()
                })
                .collect();
            found += deviation(&drawn).powi(2) / 12.0;
        }
        // Each history's own variance is off by a third, with 7 times 3 days to tell it from.
        assert!((found / truth - 1.0).abs() < 0.2, "{found} for {truth}");
    }

    #[test]
    fn the_number_of_cores_does_not_show() {
        let seen = Past::calm(14, 5).seen();
        let question = question([0.0, 0.0], [0.0, 60.0]);
        let one = ask(&seen, &question, 1);
        assert_eq!(one, ask(&seen, &question, 2));
        assert_eq!(one, ask(&seen, &question, 8));
        let other = Question {
            seed: 8,
            ..question
        };
        assert_ne!(one, ask(&seen, &other, 1));
    }
}
