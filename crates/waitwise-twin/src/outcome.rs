//! What became of callers, in the history and in a simulation: the same numbers by the same definitions.

use waitwise_model::Ending;
use waitwise_sim::ClassTally;

use crate::fit::{Fit, Line};
use crate::seen::Day;

/// What became of the callers of one class, or of several, over some days.
///
/// Every share is of those who entered the queue; every wait counts, however it ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// How many entered.
    pub offered: f64,
    /// Mean wait.
    pub mean_wait_secs: f64,
    /// The wait that half of them do not pass.
    pub p50_wait_secs: f64,
    /// The wait that nine in ten of them do not pass.
    pub p90_wait_secs: f64,
    /// Share who gave up, 0..=1.
    pub abandoned_share: f64,
    /// Share answered within the target, 0..=1.
    pub service_level: f64,
}

/// Which number of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Mean wait, in seconds.
    MeanWait,
    /// Median wait, in seconds.
    P50Wait,
    /// 90th percentile of the wait, in seconds.
    P90Wait,
    /// Share who gave up.
    Abandoned,
    /// Share answered within the target.
    ServiceLevel,
}

impl Measure {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Measure; 5] = [
        Measure::MeanWait,
        Measure::P50Wait,
        Measure::P90Wait,
        Measure::Abandoned,
        Measure::ServiceLevel,
    ];

    /// Returns whether more of it is worse.
    pub fn is_better_low(self) -> bool {
        match self {
            Measure::MeanWait | Measure::P50Wait | Measure::P90Wait | Measure::Abandoned => true,
            Measure::ServiceLevel => false,
        }
    }

    /// Returns this number of an outcome.
    pub fn of(self, outcome: &Outcome) -> f64 {
        match self {
            Measure::MeanWait => outcome.mean_wait_secs,
            Measure::P50Wait => outcome.p50_wait_secs,
            Measure::P90Wait => outcome.p90_wait_secs,
            Measure::Abandoned => outcome.abandoned_share,
            Measure::ServiceLevel => outcome.service_level,
        }
    }
}

/// Returns what really became of the callers of each line on these days. `None` where nobody came.
pub(crate) fn real(
    days: &[Day],
    fit: &Fit,
    lines: &[Line],
    target_secs: f64,
) -> Vec<Option<Outcome>> {
    let mut waits = vec![Waits::default(); lines.len()];
    let of_class: Vec<Vec<usize>> = (0..fit.classes.len())
        .map(|class| {
            let has = |line: &usize| lines[*line].classes.contains(&class);
            (0..lines.len()).filter(has).collect()
        })
        .collect();
    for visit in days.iter().flat_map(|day| &day.visits) {
        let Some(class) = fit.class_of(visit.class) else {
            continue;
        };
        let secs = f64::from(visit.wait_ms) / 1000.0;
        for line in &of_class[class] {
            let waits = &mut waits[*line];
            waits.secs.push(secs);
            waits.abandoned += u32::from(visit.is_abandoned());
            waits.within += u32::from(visit.ending == Ending::Answered && secs <= target_secs);
        }
    }
    waits.into_iter().map(Waits::outcome).collect()
}

#[derive(Clone, Default)]
struct Waits {
    secs: Vec<f64>,
    abandoned: u32,
    within: u32,
}

impl Waits {
    fn outcome(mut self) -> Option<Outcome> {
        let offered = self.secs.len() as f64;
        self.secs.sort_by(f64::total_cmp);
        let last = self.secs.len().checked_sub(1)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a length"
        )]
        let quantile = |share: f64| self.secs[(share * last as f64).round() as usize];
        Some(Outcome {
            offered,
            mean_wait_secs: self.secs.iter().sum::<f64>() / offered,
            p50_wait_secs: quantile(0.5),
            p90_wait_secs: quantile(0.9),
            abandoned_share: f64::from(self.abandoned) / offered,
            service_level: f64::from(self.within) / offered,
        })
    }
}

/// Returns what became of a line's simulated callers, given those of each class; `None` where nobody came. The simulation
/// does not know of ringing, which is a part of every answered wait.
pub(crate) fn simulated(classes: &[ClassTally], line: &Line, fit: &Fit) -> Option<Outcome> {
    let mut tally = ClassTally::default();
    let mut gave_up = 0.0;
    for class in &line.classes {
        tally.merge(&classes[*class]);
        let share = fit.laws.patience[*class].abandoning_share;
        gave_up += classes[*class].abandoned as f64 * share;
    }
    let offered = tally.let_in() as f64;
    if tally.let_in() == 0 {
        return None;
    }
    let ring = fit.ring_secs;
    let answered = tally.answered() as f64;
    let wait_secs = tally.answered_wait_secs + tally.abandoned_wait_secs + ring * answered;
    let quantile = |share: f64| {
        tally
            .wait_quantile_secs(share)
            .map_or(0.0, |secs| secs + ring)
    };
    let within = tally.answered_within.first().copied().unwrap_or(0) + tally.at_once;
    Some(Outcome {
        offered,
        mean_wait_secs: wait_secs / offered,
        p50_wait_secs: quantile(0.5),
        p90_wait_secs: quantile(0.9),
        abandoned_share: gave_up / offered,
        service_level: within as f64 / offered,
    })
}
