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
const DESCENT_END: f64 = 0.50;
const FINALS_END: f64 = 0.65;

/// Which part of the way to the end of descents is spent when the first one ends, and the second.
const FIRST_DESCENT: f64 = 0.5;
const SECOND_DESCENT: f64 = 0.7;

/// The last descent is held to this share of what guardrails allow.
const DISTANT: f64 = 0.5;

/// A second start is worth a descent if it is not worse than the first by more than this factor.
const WORTH_A_DESCENT: f64 = 1.3;

/// How many of the best points are finalists, besides the present weights and those on the way from them to the best.
const FINALISTS: usize = 4;
const PARTS_OF_THE_WAY: [f64; 4] = [0.9, 0.7, 0.5, 0.3];

/// The best points within these shares of what guardrails allow are finalists too: the best of many has come close to what
/// is allowed, and by chance mostly looks better than it is.
const SHARES_OF_THE_ALLOWED: [f64; 3] = [0.7, 0.4, 0.1];

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

    /// Goes downhill from the best start, then from the second, then from the best point once more, held to part of what
    /// guardrails allow; on how many days points were looked at last.
    ///
    /// Whoever goes downhill ends where guardrails end, and on other days those may end a little earlier, for all points
    /// around at once: they meet the same callers. Then it takes points that keep some distance.
    fn descend(&mut self, starts: Vec<Point>) -> u64 {
        // Each halving of the step needs a look along each coordinate and a few jumps; all of them together cost as much
        // as fifteen on the first days.
        let looks = 15 * (self.bench.shape().free.len() + 10);
        let days = self.days_for((DESCENT_END - STARTS_END) * FIRST_DESCENT, looks);
        let mut last = days;
        for (start, part) in starts.into_iter().zip([FIRST_DESCENT, SECOND_DESCENT]) {
            last = std::cmp::max(last, self.descend_from(start, days, part));
        }
        if let Some(best) = self.best_on(last) {
            self.bench.hold(DISTANT);
            last = std::cmp::max(last, self.descend_from(best, days, 1.0));
            self.bench.hold(1.0);
        }
        last
    }

    /// Goes downhill from a point until this part of the way to the end of descents is spent.
    fn descend_from(&mut self, start: Point, days: u64, part: f64) -> u64 {
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
        descend(&mut self.bench, start, &descent, &mut say)
    }

    /// The best point of those that were looked at on so many days.
    fn best_on(&self, days: u64) -> Option<Point> {
        let seen = self.bench.seen().into_iter();
        let on_these = seen.filter(|(_, (seen_days, _))| *seen_days == days);
        let merits = on_these.map(|(point, _)| (self.bench.merit(point, days), point));
        let best = merits.min_by(|one, other| one.0.total_cmp(&other.0));
        best.map(|(_, point)| point.clone())
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

    /// The best points of those that were looked at on the most days; the best that keep well within the guardrails; and
    /// points on the way to the best from the present one: where guardrails allow little, going part of the way is what is
    /// left. The present one is a finalist anyway.
    fn best_points(&mut self, days: u64) -> Vec<Point> {
        let shape = self.bench.shape();
        let present = shape.settle(&signed(&self.tuning.present_places()));
        let mut ranked: Vec<(f64, u64, &Point)> = self
            .bench
            .seen()
            .into_iter()
            .filter(|(point, (seen_days, _))| 4 * *seen_days >= days && **point != present)
            .map(|(point, (days, _))| (self.bench.merit(point, days), days, point))
            .collect();
        ranked.sort_by(|one, other| one.0.total_cmp(&other.0));
        let last = ranked
            .iter()
            .filter(|(_, seen_days, _)| 2 * seen_days >= days);
        let mut points: Vec<Point> = last
            .take(FINALISTS)
            .map(|(_, _, point)| (*point).clone())
            .collect();
        let Some(best) = points.first().cloned() else {
            return points;
        };
        let within = SHARES_OF_THE_ALLOWED.iter().filter_map(|share| {
            let guardrails = self.settings.guardrails.tightened(*share);
            let keeps = |(_, days, point): &&(f64, u64, &Point)| {
                self.bench.breaches(point, *days, &guardrails).is_empty()
            };
            ranked
                .iter()
                .find(keeps)
                .map(|(_, _, point)| (*point).clone())
        });
        let on_the_way = PARTS_OF_THE_WAY.map(|part| between(shape, &present, &best, part));
        for point in within.chain(on_the_way) {
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
        assert_eq!(sales_ahead, [60, 54, 42, 30, 18]);
    }

    #[test]
    fn whoever_is_held_to_part_of_what_is_allowed_pays_for_the_rest() {
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
        let points: Vec<Point> = (1..20).map(|ahead| vec![0, ahead]).collect();
        course.bench.look(&points, 8);
        let bench = &mut course.bench;
        let broken = |bench: &Bench<'_>, point: &Point, share: f64| {
            let guardrails = settings.guardrails.tightened(share);
            !bench.breaches(point, 8, &guardrails).is_empty()
        };
        let between = points
            .iter()
            .find(|point| broken(bench, point, DISTANT) && !broken(bench, point, 1.0));
        let point = between.expect("guardrails end somewhere on the way");
        let free = bench.merit(point, 8);
        bench.hold(DISTANT);
        assert!(bench.merit(point, 8) > free);
        bench.hold(1.0);
        assert!((bench.merit(point, 8) - free).abs() < 1e-12);
    }
}
