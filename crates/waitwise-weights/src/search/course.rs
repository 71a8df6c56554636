//! The course of a search, from starts to the one that is chosen.

use super::bench::Bench;
use super::finals::{Choice, Rules, choose};
use super::local::{Descent, descend};
use super::runner::Runner;
use super::shape::{Point, Shape};
use super::start::{conditional_wait, signed, starts};
use super::tuning::{Place, Tuning};
use super::{INDIFFERENCE_SHARE, Phase, Progress, Settings, default_budget};

/// How the budget is shared out, as the part that is spent when a phase ends.
const STARTS_END: f64 = 0.10;
const DESCENT_END: f64 = 0.45;
const FINALS_END: f64 = 0.60;

/// The second start may go on when so much of the way down is spent.
const FIRST_DESCENT: f64 = 2.0 / 3.0;

/// A second start is worth a descent if it is not worse than the first by more than this factor.
const WORTH_A_DESCENT: f64 = 1.3;

/// How many of the best points are finalists, besides the present weights and those on the way from them to the best.
const FINALISTS: usize = 4;
const PARTS_OF_THE_WAY: [f64; 5] = [0.95, 0.85, 0.7, 0.5, 0.3];

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
        let points = self.best_points(days);
        self.finals(&points, days)
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
            let descent = Descent {
                radius: self.first_radius(days),
                days,
                budget: self.part_of_budget(STARTS_END + (DESCENT_END - STARTS_END) * part),
            };
            let (progress, budget) = (&mut *self.progress, self.budget);
            let mut say = |simulated| {
                progress(Progress {
                    phase: Phase::Descent,
                    simulated,
                    budget,
                });
            };
            let days = descend(&mut self.bench, start, &descent, &mut say);
            last = std::cmp::max(last, days);
        }
        last
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

    /// The best points of those that were looked at on the most days, and points on the way to the best from the present
    /// one: where guardrails allow little, going part of the way is what is left. The present one is a finalist anyway.
    fn best_points(&mut self, days: u64) -> Vec<Point> {
        let shape = self.bench.shape();
        let present = shape.settle(&signed(&self.tuning.present_places()));
        let seen = self.bench.seen().into_iter();
        let enough =
            seen.filter(|(point, (seen_days, _))| 2 * *seen_days >= days && **point != present);
        let mut ranked: Vec<(f64, Point)> = enough
            .map(|(point, (days, _))| (self.bench.merit(point, days), point.clone()))
            .collect();
        ranked.sort_by(|one, other| one.0.total_cmp(&other.0));
        ranked.truncate(FINALISTS);
        let mut points: Vec<Point> = ranked.into_iter().map(|(_, point)| point).collect();
        let Some(best) = points.first().cloned() else {
            return points;
        };
        for part in PARTS_OF_THE_WAY {
            let point = between(shape, &present, &best, part);
            if point != present && !points.contains(&point) {
                points.push(point);
            }
        }
        points
    }

    fn finals(&mut self, points: &[Point], first_day: u64) -> Chosen {
        let present = self.tuning.present_minutes();
        let minutes = points.iter().map(|point| self.tuning.minutes(point));
        let minutes: Vec<Vec<f64>> = std::iter::once(present).chain(minutes).collect();
        // A first look by all, and three more by those who stay, each as long as all before.
        let days = self.days_for((FINALS_END - DESCENT_END) / 3.0, minutes.len());
        let measured = self.bench.any_present(first_day);
        let value = measured.map_or(0.0, |measured| self.settings.objective.value(measured));
        let rules = Rules {
            first_day,
            days: std::cmp::max(days, 2 * self.bench.runner.cycle()),
            budget: self.part_of_budget(FINALS_END),
            indifference: f64::max(INDIFFERENCE_SHARE * value, 1e-6),
        };
        let (chosen, choice) = choose(&mut self.bench, &minutes, rules);
        self.say(Phase::Finals);
        self.placed(&minutes[chosen], choice, first_day)
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

/// The point part of the way from one to another.
fn between(shape: &Shape, from: &Point, to: &Point, part: f64) -> Point {
    let place = |(from, to): (&Place, &Place)| {
        let (from, to) = (*from as f64, *to as f64);
        #[expect(clippy::cast_possible_truncation, reason = "between two places")]
        let place = libm::round(from + part * (to - from)) as i64;
        place
    };
    shape.settle(&from.iter().zip(to).map(place).collect::<Vec<_>>())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count, of at least 0"
)]
fn whole(count: f64) -> u64 {
    count as u64
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{N, model, tuning};
    use super::*;
    use crate::guardrail::Guardrails;
    use crate::objective::{Measure, Objective};

    #[test]
    fn where_the_present_weights_look_best_others_are_finalists_all_the_same() {
        let model = model(N);
        let tuning = tuning(&model, &[("sales", 50), ("help", 50)]);
        let settings = Settings {
            objective: Objective::of(Measure::WorstWait),
            guardrails: Guardrails::default(),
            seed: 1,
            threads: 1,
            budget: None,
        };
        let mut ignored = |_| {};
        let mut course = Course::new(&tuning, &settings, &mut ignored);
        // Those who have agents of their own go first, which the guardrails forbid by far.
        let (present, forbidden): (Point, Point) = (vec![0, 0], vec![60, 0]);
        course.bench.look(&[present.clone(), forbidden.clone()], 8);
        assert!(course.bench.merit(&present, 8) < course.bench.merit(&forbidden, 8));
        let sales_ahead: Vec<Place> = course
            .best_points(8)
            .iter()
            .map(|point| point[0] - point[1])
            .collect();
        assert_eq!(sales_ahead, [60, 57, 51, 42, 30, 18]);
    }
}
