//! Who of all that were looked at comes to the finals.

use super::bench::Bench;
use super::shape::{Point, Shape};
use super::start::signed;
use super::tuning::Place;
use crate::objective::Measure;

/// How many of the best points are finalists, besides the kindest one and those on the way to the best.
const BEST: usize = 4;

/// How far others lie on the way from the present weights to the best.
const PARTS_OF_THE_WAY: [f64; 5] = [0.95, 0.85, 0.7, 0.5, 0.3];

/// The same where the search has been held at a distance from the guardrails: how many of the best, and how far others lie
/// on the way from the best of them to the best at no distance.
const DISTANT_BEST: usize = 3;
const PARTS_BETWEEN: [f64; 2] = [0.33, 0.67];

/// The best points of those that were looked at on the most days, without the present one, which is a finalist anyway; one
/// by which all wait less, if it is hardly worse; and points on the way from the present one to the best, which come last:
/// where guardrails allow little, going part of the way is what is left.
pub(super) fn finalists(bench: &Bench<'_>, days: u64, indifference: f64) -> Vec<Point> {
    let present = present(bench);
    let way = |best: &Point, part: f64| between(bench.shape(), &present, best, part);
    of_the_ranked(bench, days, indifference, (BEST, &PARTS_OF_THE_WAY), way)
}

/// The best points as the bench holds them now, and points on the way from the best of them to `boundary`.
pub(super) fn distant_finalists(
    bench: &Bench<'_>,
    days: u64,
    indifference: f64,
    boundary: &Point,
) -> Vec<Point> {
    let way = |best: &Point, part: f64| between(bench.shape(), best, boundary, part);
    of_the_ranked(
        bench,
        days,
        indifference,
        (DISTANT_BEST, &PARTS_BETWEEN),
        way,
    )
}

/// So many of the best, the kindest, and points at some parts of a way that the best decides; each once.
fn of_the_ranked(
    bench: &Bench<'_>,
    days: u64,
    indifference: f64,
    (n_best, parts): (usize, &[f64]),
    way: impl Fn(&Point, f64) -> Point,
) -> Vec<Point> {
    let ranked = ranked(bench, days);
    let Some(best) = ranked.first().map(|seen| &seen.point) else {
        return Vec::new();
    };
    let first = ranked.iter().take(n_best).map(|seen| seen.point.clone());
    let on_the_way = parts.iter().map(|part| way(best, *part));
    let all = first
        .chain(kindest(&ranked, indifference))
        .chain(on_the_way);
    let present = present(bench);
    let mut once: Vec<Point> = Vec::new();
    for point in all {
        if point != present && !once.contains(&point) {
            once.push(point);
        }
    }
    once
}

/// The best point of those that were looked at on the most days, without the present one.
pub(super) fn best(bench: &Bench<'_>, days: u64) -> Option<Point> {
    ranked(bench, days)
        .into_iter()
        .next()
        .map(|seen| seen.point)
}

/// A point that was looked at, against the present weights on the same days: one busy day makes all points look worse, and
/// not all were looked at on the same days.
struct Seen {
    point: Point,
    /// By how much it is worse, with what broken guardrails cost.
    lag: f64,
    /// By how much all wait longer, in seconds.
    longer_secs: f64,
}

/// Those that were looked at on half of the days at least, without the present one; the best first.
fn ranked(bench: &Bench<'_>, days: u64) -> Vec<Seen> {
    let is_enough = |seen_days: u64| 2 * seen_days >= days;
    let present = present(bench);
    let seen = bench.seen().into_iter();
    let mut ranked: Vec<Seen> = seen
        .filter(|(point, (seen_days, _))| is_enough(*seen_days) && **point != present)
        .map(|(point, (days, measures))| {
            let before = bench.present(days);
            Seen {
                lag: bench.merit(point, days) - bench.objective.score(before),
                longer_secs: Measure::MeanWait.value(measures) - Measure::MeanWait.value(before),
                point: point.clone(),
            }
        })
        .collect();
    ranked.sort_by(|one, other| one.lag.total_cmp(&other.lag));
    ranked
}

/// Of those that are as good as the best, as far as matters, the one by which all wait least.
fn kindest(ranked: &[Seen], indifference: f64) -> Option<Point> {
    let best = ranked.first()?.lag;
    let as_good = ranked
        .iter()
        .take_while(|seen| seen.lag - best <= indifference);
    let kindest = as_good.min_by(|one, other| one.longer_secs.total_cmp(&other.longer_secs));
    kindest.map(|seen| seen.point.clone())
}

fn present(bench: &Bench<'_>) -> Point {
    bench
        .shape()
        .settle(&signed(&bench.tuning.present_places()))
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

#[cfg(test)]
mod tests {
    use super::super::fixtures::{N, model, tuning};
    use super::super::runner::Runner;
    use super::*;
    use crate::guardrail::Guardrails;
    use crate::objective::Objective;

    #[test]
    fn where_the_present_weights_look_best_others_are_finalists_all_the_same() {
        let model = model(N);
        let tuning = tuning(&model, &[("sales", 50), ("help", 50)]);
        let (objective, guardrails) = (Objective::of(Measure::WorstWait), Guardrails::default());
        let runner = Runner::new(tuning.model(), 1, 1);
        let mut bench = Bench::new(&tuning, &objective, &guardrails, runner);
        // Those who have agents of their own go first, which the guardrails forbid by far.
        let (present, forbidden): (Point, Point) = (vec![0, 0], vec![60, 0]);
        bench.look(&[present.clone(), forbidden.clone()], 8);
        assert!(bench.merit(&present, 8) < bench.merit(&forbidden, 8));
        let points = finalists(&bench, 8, 0.1);
        let sales_ahead: Vec<Place> = points.iter().map(|point| point[0] - point[1]).collect();
        assert_eq!(sales_ahead, [60, 57, 51, 42, 30, 18]);
    }

    #[test]
    fn points_seen_on_other_days_are_compared_by_what_they_change() {
        let model = model(N);
        let tuning = tuning(&model, &[("sales", 50), ("help", 50)]);
        let (objective, guardrails) = (Objective::of(Measure::MeanWait), Guardrails::NONE);
        // Whoever is flexible should keep to help: that is better by far, whatever the days.
        let (better, worse): (Point, Point) = (vec![0, 80], vec![0, 10]);
        let mut looked_better_on_its_days = 0;
        for seed in 0..20 {
            let runner = Runner::new(tuning.model(), seed, 1);
            let mut bench = Bench::new(&tuning, &objective, &guardrails, runner);
            bench.look(std::slice::from_ref(&worse), 2);
            bench.look(std::slice::from_ref(&better), 3);
            looked_better_on_its_days +=
                u32::from(bench.merit(&worse, 2) < bench.merit(&better, 3));
            assert_eq!(best(&bench, 3).as_ref(), Some(&better), "seed {seed}");
        }
        assert!(looked_better_on_its_days > 0, "the test tells nothing");
    }
}
