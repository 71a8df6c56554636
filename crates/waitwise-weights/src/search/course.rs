//! The course of a search, from starts to the one that is chosen.

use super::bench::Bench;
use super::finalists::{best, distant_finalists, finalists};
use super::finals::{Choice, Outcome, Rules, choose};
use super::local::{Descent, FINEST_DAYS, descend};
use super::runner::Runner;
use super::shape::Point;
use super::start::{conditional_wait, starts};
use super::tuning::{Place, Tuning};
use super::{INDIFFERENCE_SHARE, Phase, Progress, Settings, default_budget};

/// How the budget is shared out, as the part that is spent when a phase ends.
const STARTS_END: f64 = 0.10;
const DESCENT_END: f64 = 0.45;
const FINALS_END: f64 = 0.60;
const SECOND_DESCENT_END: f64 = 0.72;
const SECOND_FINALS_END: f64 = 0.84;

/// To what share of what guardrails allow the second round is held.
const DISTANT: f64 = 0.5;

/// The second start may go on when so much of the way down is spent.
const FIRST_DESCENT: f64 = 2.0 / 3.0;

/// A second start is worth a descent if it is not worse than the first by more than this factor.
const WORTH_A_DESCENT: f64 = 1.3;

/// A search on its way.
pub(super) struct Course<'a> {
    pub(super) tuning: &'a Tuning<'a>,
    pub(super) settings: &'a Settings,
    pub(super) bench: Bench<'a>,
    progress: &'a mut dyn FnMut(Progress),
    /// About how many interactions there are to be.
    budget: u64,
    /// Interactions in a replication.
    a_day: f64,
}

/// What was chosen, as it would be written.
pub(super) struct Chosen {
    pub(super) point: Point,
    pub(super) minutes: Vec<f64>,
    /// Whether these are the present weights.
    pub(super) is_present: bool,
    pub(super) choice: Choice,
    /// On how many days points were looked at last.
    pub(super) days: u64,
}

impl<'a> Course<'a> {
    pub(super) fn new(
        tuning: &'a Tuning<'a>,
        settings: &'a Settings,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Course<'a> {
        let runner = Runner::new(tuning.model(), settings.seed, settings.threads);
        Course {
            tuning,
            settings,
            bench: Bench::new(tuning, &settings.objective, &settings.guardrails, runner),
            progress,
            budget: settings
                .budget
                .unwrap_or_else(|| default_budget(tuning.skills().len())),
            a_day: 1.0,
        }
    }

    pub(super) fn run(&mut self) -> Chosen {
        let cycle = self.bench.runner.cycle();
        let level: Point = vec![0; self.tuning.skills().len()];
        self.bench.look(std::slice::from_ref(&level), cycle);
        // All equal, and the present ones.
        self.a_day = self.bench.runner.simulated as f64 / (2 * cycle) as f64;
        let starts = starts(
            self.tuning,
            self.bench.shape(),
            self.bench.at(&level, cycle),
        );
        let best = self.halve(starts);
        let days = self.descend(best);
        let points = finalists(&self.bench, days, self.indifference(days));
        let minutes = self.minutes(&points);
        let outcome = self.finals(&minutes, 1, days, [DESCENT_END, FINALS_END]);
        let chosen = minutes[outcome.place].clone();
        match points.first() {
            Some(boundary) if outcome.is_held_back => {
                self.second_round(&chosen, boundary, days, outcome.next_day)
            }
            _ => self.placed(&chosen, outcome.choice, days),
        }
    }

    /// Goes downhill once more, at a distance from the guardrails, and chooses among what that finds and what was chosen.
    ///
    /// Whoever goes downhill ends where guardrails end, and on other days those may end a little earlier, for all points
    /// around at once: they meet the same callers.
    fn second_round(
        &mut self,
        chosen: &[f64],
        boundary: &Point,
        days: u64,
        next_day: u64,
    ) -> Chosen {
        self.bench.hold(DISTANT);
        let days = best(&self.bench, days).map_or(days, |start| {
            self.descend_from(start, days.div_ceil(FINEST_DAYS), SECOND_DESCENT_END)
        });
        let indifference = self.indifference(days);
        let points = distant_finalists(&self.bench, days, indifference, boundary);
        let mut minutes = self.minutes(&points);
        let known = if minutes[0] == chosen { 1 } else { 2 };
        if known == 2 {
            minutes.retain(|minutes| minutes != chosen);
            minutes.insert(1, chosen.to_vec());
        }
        let first_day = std::cmp::max(days, next_day);
        let parts = [SECOND_DESCENT_END, SECOND_FINALS_END];
        let outcome = self.finals(&minutes, known, first_day, parts);
        self.placed(&minutes[outcome.place], outcome.choice, days)
    }

    /// The present head starts, and those of the points.
    fn minutes(&self, points: &[Point]) -> Vec<Vec<f64>> {
        let points = points.iter().map(|point| self.tuning.minutes(point));
        std::iter::once(self.tuning.present_minutes())
            .chain(points)
            .collect()
    }

    pub(super) fn say(&mut self, phase: Phase) {
        (self.progress)(Progress {
            phase,
            simulated: self.bench.runner.simulated,
            budget: self.budget,
        });
    }

    /// So many days of whole cycles as a part of the budget allows for `n` points.
    pub(super) fn days_for(&self, part: f64, n: usize) -> u64 {
        let cycle = self.bench.runner.cycle();
        let days = part * self.budget as f64 / self.a_day / n as f64;
        // Where nobody calls, more days tell no more.
        let cycles = if days.is_finite() {
            whole(days / cycle as f64)
        } else {
            1
        };
        cycle * std::cmp::max(cycles, 1)
    }

    fn part_of_budget(&self, part: f64) -> u64 {
        whole(self.budget as f64 * part)
    }

    /// Keeps the better half, on twice as many days each time, until two are left; the best first.
    fn halve(&mut self, mut points: Vec<Point>) -> Vec<Point> {
        let rounds = f64::from(usize::BITS - points.len().leading_zeros());
        let mut days = self.days_for(STARTS_END / rounds, points.len());
        loop {
            self.bench.look(&points, days);
            self.say(Phase::Starts);
            let merit = |point: &Point| self.bench.merit(point, days);
            points.sort_by(|one, other| merit(one).total_cmp(&merit(other)));
            if points.len() <= 2 {
                let worth = WORTH_A_DESCENT * merit(&points[0]);
                let is_worth = |point: &&Point| merit(point) <= worth;
                points.truncate(points.iter().take_while(is_worth).count().clamp(1, 2));
                return points;
            }
            points.truncate(std::cmp::max(points.len().div_ceil(2), 2));
            days *= 2;
        }
    }

    /// Goes downhill from the best start, then from the second with what is left; on how many days points were looked
    /// at last.
    fn descend(&mut self, starts: Vec<Point>) -> u64 {
        // Each halving of the step needs a look along each coordinate and a few jumps; all of them together cost as much
        // as fifteen on the first days.
        let looks = 15 * (self.bench.shape().free.len() + 10);
        let days = self.days_for((DESCENT_END - STARTS_END) * FIRST_DESCENT, looks);
        let mut last = days;
        for (start, part) in starts.into_iter().zip([FIRST_DESCENT, 1.0]) {
            let end = STARTS_END + (DESCENT_END - STARTS_END) * part;
            last = std::cmp::max(last, self.descend_from(start, days, end));
        }
        last
    }

    /// Goes downhill from a point until such a part of the budget is spent.
    fn descend_from(&mut self, start: Point, days: u64, end: f64) -> u64 {
        let descent = Descent {
            radius: self.first_radius(days),
            days,
            budget: self.part_of_budget(end),
        };
        let (progress, budget) = (&mut *self.progress, self.budget);
        let mut say = |simulated| {
            progress(Progress {
                phase: Phase::Descent,
                simulated,
                budget,
            });
        };
        descend(&mut self.bench, start, &descent, &mut say)
    }

    /// A step as long as those who wait do, in places; at most a third of the way.
    fn first_radius(&self, days: u64) -> usize {
        let writable = self.tuning.writable();
        let present = self.bench.any_present(days);
        let all = present.and_then(|present| present.overall);
        let minutes = all.map_or(1.0, |all| conditional_wait(&all) / 60.0);
        let place = writable.nearest(writable.steps()[0].minutes + minutes);
        place.clamp(1, std::cmp::max(self.bench.shape().spread_max / 3, 1))
    }

    /// Tells the present head starts, which come first, and others apart from a day on that nobody was looked at on.
    fn finals(
        &mut self,
        minutes: &[Vec<f64>],
        known: usize,
        first_day: u64,
        parts: [f64; 2],
    ) -> Outcome {
        let [begin, end] = parts;
        // A first look by all, and three more by those who stay, each as long as all before.
        let days = self.days_for((end - begin) / 3.0, minutes.len());
        let rules = Rules {
            known,
            first_day,
            days: std::cmp::max(days, 2 * self.bench.runner.cycle()),
            budget: self.part_of_budget(end),
            indifference: self.indifference(first_day),
        };
        let outcome = choose(&mut self.bench, minutes, rules);
        self.say(Phase::Finals);
        outcome
    }

    /// The objective must be better by more to matter, as it was measured under the present weights on so many days.
    fn indifference(&self, days: u64) -> f64 {
        let measured = self.bench.any_present(days);
        let value = measured.map_or(0.0, |measured| self.settings.objective.value(measured));
        f64::max(INDIFFERENCE_SHARE * value, 1e-6)
    }

    /// What would be written: the same differences, with as few weights changed as can be.
    fn placed(&self, minutes: &[f64], choice: Choice, days: u64) -> Chosen {
        let present = self.tuning.present_minutes();
        let mut pairs = minutes.iter().zip(&present);
        let is_present = pairs.all(|(one, other)| (one - other).abs() < 1e-9);
        let writable = self.tuning.writable();
        let places = minutes.iter().map(|minutes| writable.nearest(*minutes));
        let mut point: Vec<Place> = places.collect();
        if !is_present {
            point = self
                .bench
                .shape()
                .place(&point, &self.tuning.present_steps());
        }
        Chosen {
            minutes: if is_present {
                present
            } else {
                self.tuning.minutes(&point)
            },
            point,
            is_present,
            choice,
            days,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count, of at least 0"
)]
fn whole(count: f64) -> u64 {
    count as u64
}
