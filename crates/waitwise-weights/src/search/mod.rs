//! The search for weights on a simulated centre.
//!
//! It begins with a handful of points that theory holds to be good for something, keeps the better half of them on ever
//! more days, goes downhill from the best, and tells the last few apart on days that none of them was chosen by. What is
//! reported comes from fresh days once more, with the present weights and the same callers beside it: the best of many
//! always looks better than it is. Budgets are interactions, not seconds, so that the answer depends on no clock.
//!
//! What it does not promise stands in `docs/strategies.md`. Look first at [`search()`], then at `course.rs`.

mod bench;
mod comparison;
mod course;
mod estimate;
mod finalists;
mod finals;
#[cfg(test)]
pub(crate) mod fixtures;
mod gap;
mod local;
mod report;
mod runner;
mod sentences;
mod shape;
mod slope;
mod start;
#[cfg(test)]
mod tests;
mod told;
mod tuning;

use std::collections::BTreeMap;

pub use self::comparison::Comparison;
use self::course::Course;
pub use self::estimate::Estimate;
pub use self::finals::{CHOICE_CONFIDENCE, Choice};
pub use self::report::{
    CONFIDENCE, Floor, FloorKind, FrontPoint, Report, Scenario, SkillChange, Verdict,
};
use self::told::report;
pub use self::tuning::{NoTuning, Place, TunedSkill, Tuning};
use crate::guardrail::Guardrails;
use crate::objective::Objective;

/// How to search.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// What is to become small.
    pub objective: Objective,
    /// What must not be broken.
    pub guardrails: Guardrails,
    /// From which all chance follows.
    pub seed: u64,
    /// On how many cores; the answer does not depend on it. 0 is taken as 1.
    pub threads: usize,
    /// About how many interactions to simulate; `None`: [`default_budget`]. Each step needs a few days at least, so that a
    /// small budget is overdrawn.
    pub budget: Option<u64>,
}

impl Settings {
    /// How plans and messages call the strategy.
    pub const NAME: &str = "search";

    /// Returns what is a number, by name, for the record: the budget if it is set, limits of guardrails and what a unit of each measure
    /// counts. The seed, which no float holds exactly, stands in the [`Report`].
    pub fn settings(&self) -> BTreeMap<String, f64> {
        let terms = self.objective.terms().iter();
        let terms =
            terms.map(|(factor, measure)| (format!("objective.{}", measure.name()), *factor));
        // One that never stops anything is none; and no file has an infinite number.
        let limits = self.guardrails.iter();
        let limits = limits.filter(|guardrail| guardrail.limit().is_finite());
        let limits = limits.map(|guardrail| (guardrail.name().to_owned(), guardrail.limit()));
        let budget = self
            .budget
            .map(|budget| ("budget".to_owned(), budget as f64));
        terms.chain(limits).chain(budget).collect()
    }
}

/// Where a search is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Comparing points to begin with.
    Starts,
    /// Going downhill.
    Descent,
    /// Telling the last few apart.
    Finals,
    /// Simulating the winner on fresh days.
    Fresh,
    /// Comparing it with other weights, floors and centres that are a little different.
    Around,
}

/// How far a search is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// Interactions simulated so far.
    pub simulated: u64,
    /// About how many there will be.
    pub budget: u64,
}

/// Returns a budget that settles weights to about one percent of the objective: so many interactions per skill tuned, and
/// more for each where skills are many. A look around simulates a step of each, and every skill has guardrails to be known.
pub fn default_budget(n_skills: usize) -> u64 {
    const FEW: u64 = 6;
    let n_skills = n_skills as u64;
    8_000_000 * (n_skills + 1) * std::cmp::max(n_skills, FEW) / FEW
}

/// A difference by less than this share of the present value doesn't matter.
pub(crate) const INDIFFERENCE_SHARE: f64 = 0.005;

/// Searches for weights, and reports what they would do.
pub fn search(
    tuning: &Tuning<'_>,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress),
) -> Report {
    let mut course = Course::new(tuning, settings, progress);
    let chosen = course.run();
    report(&mut course, chosen)
}
