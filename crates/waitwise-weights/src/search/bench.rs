//! Points and what was measured at them: each is simulated once.

use std::collections::BTreeMap;

use super::runner::{Days, Runner, Tallies, add, cut};
use super::shape::{Point, Shape};
use super::tuning::Tuning;
use crate::guardrail::{Breach, Guardrails};
use crate::measures::Measures;
use crate::objective::Objective;

/// Into how many stretches the days of one point are cut, so that cores have something to share.
const STRETCHES: u64 = 8;

/// During a search, guardrails are held at this share of what they allow: a point that is chosen as the best of many
/// looks better than it is.
const CAUTION: f64 = 0.9;

/// What a broken guardrail costs: so many times the objective's value when it is broken by as much as it allows. Within
/// the tenth that caution keeps back it costs less, lest chance alone rule everything out.
const PENALTY: f64 = 3.0;
const PENALTY_WITHIN: f64 = 0.5;

/// Compares points under one objective and guardrails, on the same days.
pub(crate) struct Bench<'a> {
    pub(crate) tuning: &'a Tuning<'a>,
    pub(crate) objective: &'a Objective,
    /// As asked for.
    pub(crate) guardrails: &'a Guardrails,
    /// As searched with; see [`Bench::hold`].
    held: Guardrails,
    cautious: Guardrails,
    pub(crate) runner: Runner<'a>,
    /// By how many days, counted from the first.
    present: BTreeMap<u64, Measures>,
    seen: BTreeMap<(u64, Point), Measures>,
    shape: Shape,
}

impl<'a> Bench<'a> {
    pub(crate) fn new(
        tuning: &'a Tuning<'a>,
        objective: &'a Objective,
        guardrails: &'a Guardrails,
        runner: Runner<'a>,
    ) -> Bench<'a> {
        Bench {
            shape: Shape::of(tuning, guardrails),
            held: guardrails.clone(),
            cautious: guardrails.tightened(CAUTION),
            tuning,
            objective,
            guardrails,
            runner,
            present: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Holds points to a share of what guardrails allow from now on.
    pub(crate) fn hold(&mut self, share: f64) {
        self.held = self.guardrails.tightened(share);
        self.cautious = self.guardrails.tightened(share * CAUTION);
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Simulates the points that were not yet, on the first `days` days.
    pub(crate) fn look(&mut self, points: &[Point], days: u64) {
        let mut unseen: Vec<&Point> = Vec::new();
        for point in points {
            if !self.seen.contains_key(&(days, point.clone())) && !unseen.contains(&point) {
                unseen.push(point);
            }
        }
        let needs_present = !self.present.contains_key(&days);
        let mut minutes: Vec<Vec<f64>> = unseen
            .iter()
            .map(|point| self.tuning.minutes(point))
            .collect();
        if needs_present {
            minutes.push(self.tuning.present_minutes());
        }
        let mut measured = self.measure(&minutes, 0..days);
        if needs_present && let Some(present) = measured.pop() {
            self.present.insert(days, present);
        }
        for (point, measures) in unseen.into_iter().zip(measured) {
            self.seen.insert((days, point.clone()), measures);
        }
    }

    /// Simulates head starts on some days.
    pub(crate) fn measure(&mut self, minutes: &[Vec<f64>], days: Days) -> Vec<Measures> {
        let policies: Vec<_> = minutes
            .iter()
            .map(|minutes| self.tuning.policy(minutes))
            .collect();
        let n_days = (days.end - days.start) as f64 * self.runner.days_each;
        let stretches = cut(&days, STRETCHES);
        let all = self
            .runner
            .run(&policies, &stretches)
            .into_iter()
            .map(|stretches| {
                let mut sum = Tallies::new();
                stretches.iter().for_each(|tallies| add(&mut sum, tallies));
                self.tuning.measures(&sum, n_days)
            });
        all.collect()
    }

    /// What was measured under the present weights on the first `days` days.
    ///
    /// # Panics
    /// If nothing was looked at on these days.
    pub(crate) fn present(&self, days: u64) -> &Measures {
        &self.present[&days]
    }

    /// What was measured under the present weights on so many days or, where nothing was, on the most there are.
    pub(crate) fn any_present(&self, days: u64) -> Option<&Measures> {
        let exact = self.present.get(&days);
        exact.or_else(|| self.present.values().next_back())
    }

    /// What was measured at a point.
    ///
    /// # Panics
    /// If it was not looked at on these days.
    pub(crate) fn at(&self, point: &Point, days: u64) -> &Measures {
        &self.seen[&(days, point.clone())]
    }

    /// The objective at a point that was looked at, with what broken guardrails cost: smaller is better.
    pub(crate) fn merit(&self, point: &Point, days: u64) -> f64 {
        let measures = self.at(point, days);
        let present = self.present(days);
        let minutes = self.tuning.minutes(point);
        let broken = |guardrails: &Guardrails| -> f64 {
            let breaches = guardrails.breaches(present, measures, &minutes);
            breaches
                .iter()
                .map(|breach| violation(breach, present))
                .sum()
        };
        let broken = PENALTY_WITHIN * broken(&self.cautious) + PENALTY * broken(&self.held);
        let score = self.objective.score(measures);
        score + broken * f64::max(score, self.objective.score(present))
    }

    /// What a guardrail that is broken by as much as it allows costs on these days.
    pub(crate) fn penalty(&self, days: u64) -> f64 {
        PENALTY * self.objective.score(self.present(days))
    }

    pub(crate) fn cautious(&self) -> &Guardrails {
        &self.cautious
    }

    /// All points that were looked at, each with what was measured on the most days.
    pub(crate) fn seen(&self) -> BTreeMap<&Point, (u64, &Measures)> {
        let seen = self.seen.iter();
        // In order of days, so that later ones replace earlier ones.
        seen.map(|((days, point), measures)| (point, (*days, measures)))
            .collect()
    }
}

/// By how many times what it allows a guardrail is broken.
fn violation(breach: &Breach, present: &Measures) -> f64 {
    let before = breach
        .skill
        .and_then(|place| present.everybody().nth(place).flatten());
    let allowance = before.map_or(breach.guardrail.limit(), |before| {
        breach.guardrail.allowance(before)
    });
    breach.excess / f64::max(allowance, 0.1)
}
