//! From a point downhill, coarse to fine: jump to where all slopes together point, and halve the step when that no longer
//! helps.
//!
//! Slopes are measured by one step along each coordinate, and from then on learn from every jump, until they mislead. All
//! points are compared on the same days with the same callers, and finer steps on more days, because they tell smaller
//! differences apart. Guardrails count as a cost while searching, and as limits where the winner is chosen.

use super::bench::Bench;
use super::shape::Point;
use super::slope::{Slopes, Wish, best_step, numbers};
use super::start::signed;
use crate::objective::Measure;

/// How a descent goes.
pub(crate) struct Descent {
    /// The first step, in places.
    pub(crate) radius: usize,
    /// On how many days the first steps are looked at; finer ones on up to [`FINEST_DAYS`] times as many.
    pub(crate) days: u64,
    /// The interactions that may have been simulated when it ends.
    pub(crate) budget: u64,
}

/// Many more days would not pay: the finalists are told apart by days of their own.
pub(crate) const FINEST_DAYS: u64 = 4;

/// An improvement by less than this share of the value is none.
const IMPROVEMENT_SHARE: f64 = 5e-4;

/// Goes downhill; returns on how many days the last points were looked at, all of which the bench keeps.
pub(crate) fn descend(
    bench: &mut Bench<'_>,
    from: Point,
    descent: &Descent,
    progress: &mut dyn FnMut(u64),
) -> u64 {
    let mut here = Here {
        point: from,
        days: descent.days,
        slopes: None,
        is_learned: false,
    };
    let mut radius = std::cmp::max(descent.radius, 1);
    loop {
        bench.look(std::slice::from_ref(&here.point), here.days);
        if bench.runner.simulated >= descent.budget {
            return here.days;
        }
        let is_better = here.step(bench, radius);
        progress(bench.runner.simulated);
        if is_better {
            continue;
        }
        if here.is_learned {
            // Slopes that were learned on the way, or farther out, may mislead.
            here.slopes = None;
        } else if radius == 1 {
            return here.days;
        } else {
            radius = radius.div_ceil(2).clamp(1, radius - 1);
            here.days = std::cmp::min(here.days * 2, descent.days * FINEST_DAYS);
            here.is_learned = true;
        }
    }
}

/// Where a descent is.
struct Here {
    point: Point,
    /// On how many days points are looked at.
    days: u64,
    /// By the bench's free coordinates.
    slopes: Option<Slopes>,
    /// Whether the slopes are other than measured around this very point, by steps of this length.
    is_learned: bool,
}

impl Here {
    /// Moves to the best point that one look around finds, if it is better.
    fn step(&mut self, bench: &mut Bench<'_>, radius: usize) -> bool {
        let mut around = Vec::new();
        if self.slopes.is_none() {
            around = self.poll(bench, radius);
            self.is_learned = false;
        }
        let jumps = self.jumps(bench, radius);
        bench.look(&jumps, self.days);
        self.learn(bench, &jumps);
        around.extend(jumps);
        let merit = |point: &Point| bench.merit(point, self.days);
        let merits = around.into_iter().map(|point| (merit(&point), point));
        let best = merits.min_by(|one, other| one.0.total_cmp(&other.0));
        match best {
            Some((merit, point)) if self.is_improved(bench, &point, merit) => {
                self.point = point;
                self.is_learned = true;
                true
            }
            _ => false,
        }
    }

    /// Whether a point is better than here by enough. Where a skill has agents of its own and waits longest, nothing moves
    /// the worst wait, beside which all others look small: what the mean wait of all falls by is enough there.
    fn is_improved(&self, bench: &Bench<'_>, there: &Point, merit: f64) -> bool {
        let here = bench.merit(&self.point, self.days);
        let mean_wait = |point| Measure::MeanWait.value(bench.at(point, self.days));
        let enough = 1.0 - IMPROVEMENT_SHARE;
        let is_less_on_the_whole = mean_wait(there) < mean_wait(&self.point) * enough;
        merit < here * enough || (merit < here && is_less_on_the_whole)
    }

    /// Measures the slopes by one step along each coordinate, and returns where the steps led.
    fn poll(&mut self, bench: &mut Bench<'_>, radius: usize) -> Vec<Point> {
        let free = bench.shape().free.clone();
        let steps: Vec<(f64, Point)> = free
            .iter()
            .map(|skill| self.one_step(bench, *skill, radius))
            .collect();
        let points: Vec<Point> = steps.iter().map(|(_, point)| point.clone()).collect();
        bench.look(&points, self.days);
        let numbers_at = |point: &Point| numbers(bench.at(point, self.days));
        let after: Vec<(f64, Vec<f64>)> = steps
            .iter()
            .map(|(step, point)| (*step, numbers_at(point)))
            .collect();
        self.slopes = Some(Slopes::of(&numbers_at(&self.point), &after));
        points
    }

    /// A step up along one coordinate, or down where that is cut short by what can be written; the longer one if both are.
    fn one_step(&self, bench: &Bench<'_>, skill: usize, radius: usize) -> (f64, Point) {
        let ways = [1.0, -1.0].map(|way| {
            let point = moved(bench, &self.point, &[(skill, way * radius as f64)]);
            (self.way(bench, skill, &point), point)
        });
        let [up, down] = ways;
        let (step, point) = if up.0.abs() >= down.0.abs() { up } else { down };
        // Nothing to go by: no slope.
        if step.abs() > 0.0 {
            (step, point)
        } else {
            (1.0, self.point.clone())
        }
    }

    /// How far a point lies from here along a coordinate, against what its pool's others are held to.
    fn way(&self, bench: &Bench<'_>, skill: usize, there: &Point) -> f64 {
        let held = bench.shape().held_of(skill);
        let place = |point: &Point| {
            let against = held.map_or(0.0, |held| point[held] as f64);
            point[skill] as f64 - against
        };
        place(there) - place(&self.point)
    }

    /// Where the slopes point, half as far, as far, and twice as far as the step.
    fn jumps(&self, bench: &Bench<'_>, radius: usize) -> Vec<Point> {
        let Some(slopes) = &self.slopes else {
            return Vec::new();
        };
        let shape = bench.shape();
        let skills = shape.free.iter().chain(&shape.held);
        let places: Vec<f64> = skills.map(|skill| self.point[*skill] as f64).collect();
        let jump = |times: f64| {
            let wish = Wish {
                objective: bench.objective,
                guardrails: bench.cautious(),
                here: bench.at(&self.point, self.days),
                present: bench.present(self.days),
                places: &places,
                radius: times * radius as f64,
                spread_max: shape.spread_max as f64,
                penalty: bench.penalty(self.days),
            };
            let step = best_step(slopes, &wish)?;
            let moves: Vec<(usize, f64)> = shape.free.iter().copied().zip(step).collect();
            Some(moved(bench, &self.point, &moves))
        };
        let mut jumps: Vec<Point> = Vec::new();
        for point in [0.5, 1.0, 2.0].into_iter().filter_map(jump) {
            if point != self.point && !jumps.contains(&point) {
                jumps.push(point);
            }
        }
        jumps
    }

    /// Lets the slopes learn from jumps, the farthest first.
    fn learn(&mut self, bench: &Bench<'_>, jumps: &[Point]) {
        let Some(mut slopes) = self.slopes.take() else {
            return;
        };
        let here = numbers(bench.at(&self.point, self.days));
        for point in jumps.iter().rev() {
            let free = bench.shape().free.iter();
            let step: Vec<f64> = free.map(|skill| self.way(bench, *skill, point)).collect();
            let there = numbers(bench.at(point, self.days));
            let change: Vec<f64> = there
                .iter()
                .zip(&here)
                .map(|(there, here)| there - here)
                .collect();
            slopes.learn(&step, &change);
        }
        self.slopes = Some(slopes);
    }
}

/// The point next to where these moves lead.
fn moved(bench: &Bench<'_>, here: &Point, moves: &[(usize, f64)]) -> Point {
    let mut places = signed(here);
    for (skill, by) in moves {
        #[expect(clippy::cast_possible_truncation, reason = "a few hundred places")]
        let by = libm::round(*by) as i64;
        places[*skill] += by;
    }
    bench.shape().settle(&places)
}
