//! The figures of one group.

use waitwise_model::{Ending, Visit};

use super::Question;
use crate::sketch::{Ordered, Precision, Sketch};

/// What is counted of a group's visits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    counts: Counts,
    waits: Sketch,
    wait_sum_ms: u128,
    handle_sum_ms: u128,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    offered: u64,
    answered: u64,
    abandoned: u64,
    short_abandoned: u64,
    short_only: u64,
    flowed_out: u64,
    waiting: u64,
    untold: u64,
    within_target: u64,
    handled: u64,
}

/// The figures of a group. A visit's wait has ended if it was answered, abandoned or flowed out.
#[derive(Clone, PartialEq, Debug)]
pub struct Figures {
    /// Visits that the source counts among the offered.
    pub offered: u64,
    /// Visits that were answered.
    pub answered: u64,
    /// Visits whose customer gave up, with the short ones that the source counts among them.
    pub abandoned: u64,
    /// Visits whose customer gave up within the time that the tenant calls short.
    pub short_abandoned: u64,
    /// Visits that left some other way.
    pub flowed_out: u64,
    /// Visits that were waiting when their record was read.
    pub waiting: u64,
    /// Visits of which nothing tells how they ended.
    pub untold: u64,
    /// Offered visits that were answered within the target.
    pub within_target: u64,
    /// Visits with a handle time.
    pub handled: u64,
    /// Handle times together, in milliseconds.
    pub handle_sum_ms: u128,
    /// Visits whose wait has ended.
    pub waits: u64,
    /// Their waits together, in milliseconds.
    pub wait_sum_ms: u128,
    /// Their longest wait, in milliseconds.
    pub wait_max_ms: Option<u64>,
    /// The distribution of their waits.
    pub ordered: Ordered,
}

/// A figure that stands in a column of its own, in files for other tools.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Figure {
    /// The mean wait, in milliseconds.
    MeanWait,
    /// The median of the waits, in milliseconds.
    P50Wait,
    /// What 90% of the waits are within, in milliseconds.
    P90Wait,
    /// What 99% of the waits are within, in milliseconds.
    P99Wait,
    /// The share of the abandoned, in 0.0..=1.0.
    AbandonShare,
}

impl Figure {
    /// All there are, in the order of their columns.
    pub const ALL: [Figure; 5] = [
        Figure::MeanWait,
        Figure::P50Wait,
        Figure::P90Wait,
        Figure::P99Wait,
        Figure::AbandonShare,
    ];

    /// Returns the name of its column.
    pub fn name(self) -> &'static str {
        match self {
            Figure::MeanWait => "mean_wait_ms",
            Figure::P50Wait => "p50_wait_ms",
            Figure::P90Wait => "p90_wait_ms",
            Figure::P99Wait => "p99_wait_ms",
            Figure::AbandonShare => "abandon_share",
        }
    }

    /// Returns its value; `None` if no wait has ended.
    pub fn of(self, figures: &Figures) -> Option<f64> {
        match self {
            Figure::MeanWait => figures.mean_wait_ms(),
            Figure::P50Wait => figures.wait_percentile_ms(500),
            Figure::P90Wait => figures.wait_percentile_ms(900),
            Figure::P99Wait => figures.wait_percentile_ms(990),
            Figure::AbandonShare => figures.abandon_share(),
        }
    }
}

impl Group {
    pub(crate) fn add(&mut self, visit: &Visit<'_>, question: &Question) {
        let counts = &mut self.counts;
        counts.offered += u64::from(visit.is_offered);
        *counts.ended(visit.ending) += 1;
        if let Some(handle_ms) = visit.handle_ms {
            counts.handled += 1;
            self.handle_sum_ms += u128::from(handle_ms);
        }
        let Some(wait_ms) = visit.wait_ms else {
            return;
        };
        if visit.is_offered && visit.ending == Ending::Answered && wait_ms <= question.target_ms {
            counts.within_target += 1;
        }
        self.wait_sum_ms += u128::from(wait_ms);
        self.waits.add(wait_ms, question.precision);
    }

    pub(crate) fn merge(&mut self, other: Group, precision: Precision) {
        self.counts.merge(&other.counts);
        self.wait_sum_ms += other.wait_sum_ms;
        self.handle_sum_ms += other.handle_sum_ms;
        self.waits.merge(other.waits, precision);
    }

    pub(crate) fn figures(self) -> Figures {
        let counts = self.counts;
        Figures {
            offered: counts.offered,
            answered: counts.answered,
            abandoned: counts.abandoned + counts.short_abandoned,
            short_abandoned: counts.short_abandoned + counts.short_only,
            flowed_out: counts.flowed_out,
            waiting: counts.waiting,
            untold: counts.untold,
            within_target: counts.within_target,
            handled: counts.handled,
            handle_sum_ms: self.handle_sum_ms,
            waits: self.waits.count(),
            wait_sum_ms: self.wait_sum_ms,
            wait_max_ms: self.waits.max_ms(),
            ordered: self.waits.ordered(),
        }
    }
}

impl Counts {
    fn ended(&mut self, ending: Ending) -> &mut u64 {
        match ending {
            Ending::Answered => &mut self.answered,
            Ending::Abandoned => &mut self.abandoned,
            Ending::ShortAbandoned => &mut self.short_abandoned,
            Ending::ShortOnly => &mut self.short_only,
            Ending::FlowedOut => &mut self.flowed_out,
            Ending::Waiting => &mut self.waiting,
            Ending::Untold => &mut self.untold,
        }
    }

    fn merge(&mut self, other: &Counts) {
        self.offered += other.offered;
        self.answered += other.answered;
        self.abandoned += other.abandoned;
        self.short_abandoned += other.short_abandoned;
        self.short_only += other.short_only;
        self.flowed_out += other.flowed_out;
        self.waiting += other.waiting;
        self.untold += other.untold;
        self.within_target += other.within_target;
        self.handled += other.handled;
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts, and sums of milliseconds, far below 2^53"
)]
impl Figures {
    /// Returns the mean wait in milliseconds, of the visits whose wait has ended; `None` if there is none.
    pub fn mean_wait_ms(&self) -> Option<f64> {
        (self.waits > 0).then(|| self.wait_sum_ms as f64 / self.waits as f64)
    }

    /// Returns a percentile of the waits that have ended; see [`Ordered::percentile_ms`].
    pub fn wait_percentile_ms(&self, per_mille: u32) -> Option<f64> {
        self.ordered.percentile_ms(per_mille)
    }

    /// Returns the share of the abandoned among the visits whose wait has ended, in 0.0..=1.0; `None` if there is none.
    pub fn abandon_share(&self) -> Option<f64> {
        (self.waits > 0).then(|| self.abandoned as f64 / self.waits as f64)
    }

    /// Returns the share of the *offered* that were answered within the target, in 0.0..=1.0; `None` if nothing was offered.
    pub fn service_level(&self) -> Option<f64> {
        (self.offered > 0).then(|| self.within_target as f64 / self.offered as f64)
    }

    /// Returns the mean handle time in milliseconds, of the visits that have one; `None` if there is none.
    pub fn mean_handle_ms(&self) -> Option<f64> {
        (self.handled > 0).then(|| self.handle_sum_ms as f64 / self.handled as f64)
    }

    /// Returns all waits together, in hours.
    pub fn waiting_hours(&self) -> f64 {
        self.wait_sum_ms as f64 / 3_600_000.0
    }
}
