//! The best step for a centre that were straight: every number changes by its slope.
//!
//! It is not straight, so that the step is kept short and its end is simulated. What it gives is a direction in which all
//! weights move at once, which looking at them one by one does not: raising the two skills that wait longest, each at the
//! other's cost, helps neither alone.

use crate::bounds::simplex::{Program, Relation};
use crate::guardrail::{Guardrail, Guardrails};
use crate::measures::{Experience, Measures};
use crate::objective::{Measure, Objective};

/// How many numbers there are of each skill or other class.
const NUMBERS_EACH: usize = 4;

/// Everything of measures that an objective or a guardrail is made of, in a row: of each skill, then of each other class
/// mean wait, p90, points of abandonment and points of service level; of all the mean wait and points of abandonment.
pub(crate) fn numbers(measures: &Measures) -> Vec<f64> {
    let each = |one: Option<&Experience>| {
        one.map_or([0.0; NUMBERS_EACH], |one| {
            [
                one.mean_wait_secs,
                one.p90_wait_secs,
                one.abandoned_share * 100.0,
                one.service_level * 100.0,
            ]
        })
    };
    let mut numbers: Vec<f64> = measures.everybody().flat_map(each).collect();
    let overall = measures.overall.as_ref();
    numbers.push(overall.map_or(0.0, |all| all.mean_wait_secs));
    numbers.push(overall.map_or(0.0, |all| all.abandoned_share * 100.0));
    numbers
}

/// How numbers change along coordinates.
#[derive(Clone, Debug)]
pub(crate) struct Slopes {
    /// Per number and coordinate: its change per place.
    rows: Vec<Vec<f64>>,
}

impl Slopes {
    /// From what is measured after one step along each coordinate: (places, numbers).
    pub(crate) fn of(here: &[f64], after: &[(f64, Vec<f64>)]) -> Slopes {
        let row = |number: usize| {
            let slope = |(step, after): &(f64, Vec<f64>)| (after[number] - here[number]) / step;
            after.iter().map(slope).collect()
        };
        Slopes {
            rows: (0..here.len()).map(row).collect(),
        }
    }

    /// Takes in what a step has really changed: slopes along its direction become what was seen, all others stay
    /// (Broyden's update).
    pub(crate) fn learn(&mut self, step: &[f64], change: &[f64]) {
        let square: f64 = step.iter().map(|by| by * by).sum();
        if square <= 0.0 {
            return;
        }
        for (row, change) in self.rows.iter_mut().zip(change) {
            let told: f64 = row.iter().zip(step).map(|(slope, by)| slope * by).sum();
            let missed = (change - told) / square;
            row.iter_mut()
                .zip(step)
                .for_each(|(slope, by)| *slope += missed * by);
        }
    }
}

/// What a step is to be good for, and how far it may go.
pub(crate) struct Wish<'a> {
    pub(crate) objective: &'a Objective,
    pub(crate) guardrails: &'a Guardrails,
    pub(crate) here: &'a Measures,
    /// What the guardrails are held against.
    pub(crate) present: &'a Measures,
    /// Where each coordinate stands, in places, then where others of the skills do that stay.
    pub(crate) places: &'a [f64],
    /// How far each may move at once, in places.
    pub(crate) radius: f64,
    /// How far apart two may lie, in places.
    pub(crate) spread_max: f64,
    /// What a guardrail costs that is broken by as much as it allows.
    pub(crate) penalty: f64,
}

/// Returns the step that is best if everything were straight, in places; `None` if there is none.
pub(crate) fn best_step(slopes: &Slopes, wish: &Wish<'_>) -> Option<Vec<f64>> {
    let n = slopes.rows.first()?.len();
    let mut builder = Builder {
        slopes,
        here: numbers(wish.here),
        costs: vec![0.0; 2 * n],
        rows: Vec::new(),
    };
    builder.add_objective(wish);
    builder.add_guardrails(wish);
    builder.add_reach(wish, n);
    let mut program = Program::minimise(builder.costs);
    for (terms, relation, limit) in builder.rows {
        program.row(terms, relation, limit);
    }
    let x = program.solve().ok()?.x;
    Some((0..n).map(|of| x[2 * of] - x[2 * of + 1]).collect())
}

/// A linear program whose first variables are each coordinate's way up and its way down.
struct Builder<'a> {
    slopes: &'a Slopes,
    here: Vec<f64>,
    costs: Vec<f64>,
    rows: Vec<Row>,
}

/// Terms, relation, limit.
type Row = (Vec<(usize, f64)>, Relation, f64);

impl Builder<'_> {
    fn variable(&mut self, cost: f64) -> usize {
        self.costs.push(cost);
        self.costs.len() - 1
    }

    /// How a number changes with each coordinate's ways.
    fn terms(&self, number: usize, times: f64) -> Vec<(usize, f64)> {
        let slopes = self.slopes.rows[number].iter().enumerate();
        let both =
            slopes.flat_map(|(of, slope)| [(2 * of, times * slope), (2 * of + 1, -times * slope)]);
        both.collect()
    }

    /// Adds to the cost what a number changes.
    fn cost(&mut self, number: usize, factor: f64) {
        for (variable, slope) in self.terms(number, factor) {
            self.costs[variable] += slope;
        }
    }

    /// Keeps a number, times a factor, at most a limit plus a variable times its factor.
    fn at_most(&mut self, (number, times): (usize, f64), limit: f64, slack: (usize, f64)) {
        let mut terms = self.terms(number, times);
        terms.push((slack.0, -slack.1));
        self.rows
            .push((terms, Relation::AtMost, limit - times * self.here[number]));
    }

    fn add_objective(&mut self, wish: &Wish<'_>) {
        let mean_wait = self.here.len() - 2;
        let skills: Vec<Option<Experience>> = wish.here.skills.clone();
        for (factor, measure) in wish.objective.terms() {
            match measure {
                Measure::WorstWait => self.add_worst(*factor, skills.len(), 0),
                Measure::WorstP90 => self.add_worst(*factor, skills.len(), 1),
                Measure::ServiceShortfall => self.add_shortfall(*factor, &skills),
                Measure::MeanWait => self.cost(mean_wait, *factor),
                Measure::WaitingHours => {
                    let offered = wish.here.overall.map_or(0.0, |all| all.offered);
                    self.cost(mean_wait, factor * offered / 3600.0 / wish.here.days);
                }
                Measure::Abandonment => self.cost(mean_wait + 1, *factor),
            }
        }
        self.cost(mean_wait, wish.objective.tie_break());
    }

    fn add_worst(&mut self, factor: f64, n_skills: usize, of: usize) {
        let worst = self.variable(factor);
        for skill in 0..n_skills {
            self.at_most((skill * NUMBERS_EACH + of, 1.0), 0.0, (worst, 1.0));
        }
    }

    fn add_shortfall(&mut self, factor: f64, skills: &[Option<Experience>]) {
        let offered: f64 = skills.iter().flatten().map(|one| one.offered).sum();
        for (skill, one) in skills.iter().enumerate() {
            let Some(one) = one else { continue };
            let missing = self.variable(factor * one.offered / offered);
            let goal = one.service_goal * 100.0;
            self.at_most((skill * NUMBERS_EACH + 3, -1.0), -goal, (missing, 1.0));
        }
    }

    fn add_guardrails(&mut self, wish: &Wish<'_>) {
        for guardrail in wish
            .guardrails
            .iter()
            .filter(|guardrail| guardrail.limit().is_finite())
        {
            for (place, before) in wish.present.everybody().enumerate() {
                let Some(before) = before else { continue };
                let (of, times, limit) = match guardrail {
                    Guardrail::P90Rise(share) => (1, 1.0, before.p90_wait_secs * (1.0 + share)),
                    Guardrail::AbandonmentRise(points) => {
                        (2, 1.0, before.abandoned_share * 100.0 + points)
                    }
                    Guardrail::ServiceLevelFall(points) => {
                        (3, -1.0, points - before.service_level * 100.0)
                    }
                    Guardrail::HeadStartGap(_) => continue,
                };
                let broken = self.variable(wish.penalty);
                let number = place * NUMBERS_EACH + of;
                self.at_most(
                    (number, times),
                    limit,
                    (broken, guardrail.allowance(before)),
                );
            }
        }
    }

    fn add_reach(&mut self, wish: &Wish<'_>, n: usize) {
        for way in 0..2 * n {
            self.rows
                .push((vec![(way, 1.0)], Relation::AtMost, wish.radius));
        }
        // All lie between a lowest and a highest place, whatever these are; variables cannot be negative, so that both
        // are counted from below anything that can be reached.
        let below = wish.radius - wish.places.iter().copied().fold(0.0, f64::min);
        let (lowest, highest) = (self.variable(0.0), self.variable(0.0));
        for (of, place) in wish.places.iter().enumerate() {
            let at = place + below;
            let ways = match of < n {
                true => vec![(2 * of, 1.0), (2 * of + 1, -1.0)],
                false => Vec::new(),
            };
            let with = |other| ways.iter().copied().chain([(other, -1.0)]).collect();
            self.rows.push((with(lowest), Relation::AtLeast, -at));
            self.rows.push((with(highest), Relation::AtMost, -at));
        }
        let spread = vec![(highest, 1.0), (lowest, -1.0)];
        self.rows.push((spread, Relation::AtMost, wish.spread_max));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(mean_wait_secs: f64) -> Option<Experience> {
        Some(Experience {
            offered: 100.0,
            mean_wait_secs,
            p90_wait_secs: 2.0 * mean_wait_secs,
            waited_share: 0.5,
            abandoned_share: 0.0,
            service_level: 0.5,
            service_goal: 0.8,
        })
    }

    fn measures(waits: [f64; 3]) -> Measures {
        Measures {
            skills: waits.map(one).to_vec(),
            others: Vec::new(),
            overall: one(waits.iter().sum::<f64>() / 3.0),
            days: 1.0,
        }
    }

    /// Three skills at 60, 60 and 20 s; a place of head start takes a second from one and gives half of it to each other.
    fn step(guardrails: &Guardrails, radius: f64, spread_max: f64) -> Vec<f64> {
        let waits = [60.0, 60.0, 20.0];
        let here = measures(waits);
        let after: Vec<(f64, Vec<f64>)> = (0..3)
            .map(|skill| {
                let moved: [f64; 3] = std::array::from_fn(|other| {
                    waits[other] + if other == skill { -4.0 } else { 2.0 }
                });
                (4.0, numbers(&measures(moved)))
            })
            .collect();
        let wish = Wish {
            objective: &Objective::default(),
            guardrails,
            here: &here,
            present: &here,
            places: &[5.0, 5.0, 5.0],
            radius,
            spread_max,
            penalty: 1e3,
        };
        let step = best_step(&Slopes::of(&numbers(&here), &after), &wish).unwrap();
        let change = |skill: usize| -> f64 {
            let all: f64 = step.iter().sum();
            -1.5 * step[skill] + 0.5 * all
        };
        (0..3).map(|skill| waits[skill] + change(skill)).collect()
    }

    #[test]
    fn the_two_worst_are_helped_together() {
        let waits = step(&Guardrails::NONE, 100.0, 100.0);
        let level = 140.0 / 3.0;
        assert!(
            waits.iter().all(|wait| (wait - level).abs() < 1e-6),
            "{waits:?}"
        );
    }

    #[test]
    fn reach_and_guardrails_hold() {
        // Four places up or down: the two up, the third down, 12 s apart at 1.5 s a place.
        let waits = step(&Guardrails::NONE, 4.0, 100.0);
        assert!(
            (waits[0] - 56.0).abs() < 1e-6 && (waits[2] - 28.0).abs() < 1e-6,
            "{waits:?}"
        );
        let waits = step(&Guardrails::NONE, 4.0, 4.0);
        assert!((waits[0] - 58.0).abs() < 1e-6, "{waits:?}");
        // p90 of the third may go from 40 s to 44 s.
        let waits = step(&Guardrails::default(), 100.0, 100.0);
        assert!(
            (waits[2] - 22.0).abs() < 1e-6 && (waits[0] - 59.0).abs() < 1e-6,
            "{waits:?}"
        );
    }

    #[test]
    fn slopes_learn_what_a_step_did_and_forget_nothing_across_it() {
        let mut slopes = Slopes {
            rows: vec![vec![1.0, 2.0]],
        };
        slopes.learn(&[2.0, 0.0], &[6.0]);
        assert_eq!(slopes.rows, [[3.0, 2.0]]);
        slopes.learn(&[0.0, 0.0], &[9.0]);
        slopes.learn(&[1.0, 1.0], &[5.0]);
        assert_eq!(slopes.rows, [[3.0, 2.0]]);
    }
}
