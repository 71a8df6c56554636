//! Telling the last few apart, on days that none of them was chosen by.
//!
//! All finalists meet the same callers, so that only differences count. Each look adds as many days as there were; who is
//! clearly worse, or clearly breaks a guardrail, drops out. It ends when the chance that somebody else is better than the
//! best by more than does not matter is small enough, or when the budget is spent.

use super::bench::Bench;
use super::estimate::{Estimate, Judged, Sample, batches, estimate};
use super::runner::Days;
use crate::guardrail::{Guardrail, Guardrails};
use crate::measures::Measures;
use crate::objective::Measure;

/// How sure the choice shall be.
pub const CHOICE_CONFIDENCE: f64 = 0.95;

/// At most so many looks. Each of them may go wrong, so that the chance of it is shared among them.
const LOOKS_MAX: u32 = 4;

/// Of skills with few callers errors stay large however long one looks; there this share of what a guardrail allows is to
/// spare.
const SPARE_SHARE_MAX: f64 = 0.25;

/// How the finals ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Choice {
    /// How many there were to choose from, the present weights among them.
    pub finalists: usize,
    /// The chance that no finalist which kept the guardrails on these days is better than the chosen one by more than
    /// `indifference`, at least: 0.0..=1.0.
    pub confidence: f64,
    /// How much better a finalist must be for it to matter, in the objective's unit.
    pub indifference: f64,
    /// On how many days the last ones were compared.
    pub days: f64,
}

/// How finals go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The first day, which nobody was looked at on before.
    pub(crate) first_day: u64,
    /// How many days the first look is at.
    pub(crate) days: u64,
    /// No further look begins when so many interactions were simulated.
    pub(crate) budget: u64,
    /// See [`Choice::indifference`].
    pub(crate) indifference: f64,
    /// How many of the first are known to keep the guardrails: the present weights, and who was chosen before.
    pub(crate) known: usize,
}

/// What finals came to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Outcome {
    /// The chosen one's place among those that were given.
    pub(crate) place: usize,
    pub(crate) choice: Choice,
    /// Whether somebody seemed better by more than does not matter, and was not chosen because of a guardrail.
    pub(crate) is_held_back: bool,
    /// The first day that nobody was looked at on.
    pub(crate) next_day: u64,
}

/// Chooses among head starts in minutes, the first of which are the present ones.
pub(crate) fn choose(bench: &mut Bench<'_>, minutes: &[Vec<f64>], rules: Rules) -> Outcome {
    let mut finals = Finals {
        bench,
        minutes,
        rules,
        left: (0..minutes.len()).map(Finalist::new).collect(),
        missed: 0.0,
        is_held_back: false,
    };
    let mut days = rules.first_day..rules.first_day + rules.days;
    let mut looks = 1;
    loop {
        finals.sample(&days);
        let standing = finals.standing();
        finals.is_held_back |= standing.is_held_back;
        let is_spent = finals.bench.runner.simulated >= rules.budget;
        if standing.is_settled() || looks == LOOKS_MAX || is_spent {
            return finals.outcome(&standing, days.end);
        }
        finals.drop_out(&standing);
        days = days.end..days.end + (days.end - rules.first_day);
        looks += 1;
    }
}

struct Finals<'b, 'a> {
    bench: &'b mut Bench<'a>,
    minutes: &'b [Vec<f64>],
    rules: Rules,
    left: Vec<Finalist>,
    /// The chance that somebody who dropped out was better.
    missed: f64,
    is_held_back: bool,
}

/// One of those to choose from.
struct Finalist {
    /// Its place among those that were given; 0 is the present one.
    place: usize,
    sample: Sample,
}

impl Finalist {
    fn new(place: usize) -> Finalist {
        Finalist {
            place,
            sample: Sample::new(&[], Vec::new()),
        }
    }
}

/// How those who are left stand, in their order.
struct Standing {
    best: usize,
    /// The chance that each is better than the best by more than does not matter, if it keeps the guardrails.
    chances: Vec<f64>,
    /// Whether each seems better, and it is open whether it breaks a guardrail.
    is_open: Vec<bool>,
    /// The chance that the best is not, over all looks.
    doubt: f64,
    /// See [`Outcome::is_held_back`].
    is_held_back: bool,
}

impl Standing {
    fn is_settled(&self) -> bool {
        self.chances.len() == 1 || (self.is_sure() && !self.is_open.contains(&true))
    }

    fn is_sure(&self) -> bool {
        self.doubt <= 1.0 - CHOICE_CONFIDENCE
    }
}

impl Finals<'_, '_> {
    fn sample(&mut self, days: &Days) {
        let policies: Vec<_> = self
            .left
            .iter()
            .map(|finalist| self.bench.tuning.policy(&self.minutes[finalist.place]))
            .collect();
        let batches = batches(days, self.bench.runner.cycle());
        let all = self.bench.runner.run(&policies, &batches);
        for (finalist, tallies) in self.left.iter_mut().zip(all) {
            finalist.sample.extend(Sample::new(&batches, tallies));
        }
    }

    /// How they stand if the best is chosen, or one that is as good as the best as far as matters, and by which all wait
    /// less.
    fn standing(&self) -> Standing {
        let days_each = self.bench.runner.days_each;
        let judged = self
            .left
            .iter()
            .map(|one| one.sample.judged(self.bench.tuning, days_each));
        let judged: Vec<Judged> = judged.collect();
        let fits: Vec<Fit> = (0..judged.len())
            .map(|place| self.fit(&judged, place))
            .collect();
        let score = |place: usize| self.bench.objective.score(&judged[place].all);
        let mean_wait = |place: usize| Measure::MeanWait.value(&judged[place].all);
        let kept = || (0..judged.len()).filter(|place| fits[*place] == Fit::Keeps);
        let best = kept()
            .min_by(|one, other| score(*one).total_cmp(&score(*other)))
            .unwrap_or(0);
        let is_as_good =
            |place: &usize| score(*place) - score(best) <= 0.5 * self.rules.indifference;
        let kindest = kept()
            .filter(is_as_good)
            .min_by(|one, other| mean_wait(*one).total_cmp(&mean_wait(*other)));
        let kindest = kindest.map(|place| self.standing_of(place, &judged, &fits));
        match kindest {
            Some(standing) if standing.is_sure() => standing,
            _ => self.standing_of(best, &judged, &fits),
        }
    }

    /// How they stand if this one is chosen.
    fn standing_of(&self, best: usize, judged: &[Judged], fits: &[Fit]) -> Standing {
        let lead = |other: usize| self.lead(&judged[best], &judged[other]);
        let chance = |other: usize| match fits[other] {
            Fit::Keeps if other != best => lead(other).chance_above(self.rules.indifference),
            Fit::Keeps | Fit::Open | Fit::Breaks => 0.0,
        };
        let leads = |other: usize| lead(other).value > self.rules.indifference;
        let is_open = |other: usize| fits[other] == Fit::Open && leads(other);
        let chances: Vec<f64> = (0..judged.len()).map(chance).collect();
        Standing {
            best,
            doubt: f64::from(LOOKS_MAX) * (self.missed + chances.iter().sum::<f64>()),
            is_open: (0..judged.len()).map(is_open).collect(),
            is_held_back: (0..judged.len()).any(|other| fits[other] != Fit::Keeps && leads(other)),
            chances,
        }
    }

    /// By how much `other` is better than `best`.
    fn lead(&self, best: &Judged, other: &Judged) -> Estimate {
        let objective = self.bench.objective;
        estimate(&[best, other], |both| {
            objective.score(both[0]) - objective.score(both[1])
        })
    }

    fn fit(&self, judged: &[Judged], place: usize) -> Fit {
        if self.left[place].place < self.rules.known {
            return Fit::Keeps;
        }
        let present: Vec<_> = judged[0].all.everybody().collect();
        let fit = |(guardrail, skill, excess): (Guardrail, usize, Estimate)| {
            let allowance = present[skill].map_or(0.0, |before| guardrail.allowance(before));
            let spare = f64::min(excess.error, SPARE_SHARE_MAX * allowance);
            if excess.interval(CHOICE_CONFIDENCE).0 > 0.0 {
                Fit::Breaks
            } else if excess.value + spare <= 0.0 {
                Fit::Keeps
            } else {
                Fit::Open
            }
        };
        let excesses = excesses(self.bench.guardrails, &judged[0], &judged[place]);
        excesses.into_iter().map(fit).max().unwrap_or(Fit::Keeps)
    }

    /// Whoever is unlikely to be better, or breaks a guardrail, goes on no more; what is left of the chance is kept in
    /// mind.
    fn drop_out(&mut self, standing: &Standing) {
        let shared_among = LOOKS_MAX * 4;
        let small = (1.0 - CHOICE_CONFIDENCE) / f64::from(shared_among) / self.minutes.len() as f64;
        let goes_on = |place: usize| {
            place == 0
                || place == standing.best
                || standing.is_open[place]
                || standing.chances[place] > small
        };
        let mut place = 0;
        self.left.retain(|_| {
            let stays = goes_on(place);
            self.missed += if stays { 0.0 } else { standing.chances[place] };
            place += 1;
            stays
        });
    }

    fn outcome(&self, standing: &Standing, next_day: u64) -> Outcome {
        let best = &self.left[standing.best];
        let choice = Choice {
            finalists: self.minutes.len(),
            confidence: f64::max(1.0 - standing.doubt, 0.0),
            indifference: self.rules.indifference,
            days: best.sample.days() as f64 * self.bench.runner.days_each,
        };
        Outcome {
            place: best.place,
            choice,
            is_held_back: self.is_held_back,
            next_day,
        }
    }
}

/// Whether guardrails hold, the worst last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fit {
    /// All seem to hold, with a standard error to spare.
    Keeps,
    Open,
    /// One is broken by more than chance.
    Breaks,
}

/// How far each guardrail would be broken for each skill's callers, 0 or less if it holds: (guardrail, skill, excess).
pub(crate) fn excesses(
    guardrails: &Guardrails,
    present: &Judged,
    proposed: &Judged,
) -> Vec<(Guardrail, usize, Estimate)> {
    let n = present.all.everybody().count();
    let mut excesses = Vec::new();
    for guardrail in guardrails.iter() {
        for place in 0..n {
            let excess = |measures: &[&Measures]| {
                let before = measures[0].everybody().nth(place).flatten();
                let after = measures[1].everybody().nth(place).flatten();
                before
                    .zip(after)
                    .and_then(|(before, after)| guardrail.excess(before, after))
            };
            if excess(&[&present.all, &proposed.all]).is_some_and(f64::is_finite) {
                let excess = |measures: &[&Measures]| excess(measures).unwrap_or(0.0);
                excesses.push((guardrail, place, estimate(&[present, proposed], excess)));
            }
        }
    }
    excesses
}
