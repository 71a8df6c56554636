//! One group's figures, hours and waits by how they ended.

use waitwise_model::{Ending, Visit};

use crate::breakdown::{Figures, Group, HourOfWeek, Question};
use crate::sketch::{Ordered, Precision, Sketch};

/// Hours of a week.
pub const HOURS: usize = 168;

/// What is to be seen of some visits.
#[derive(Clone, PartialEq, Debug)]
pub struct Portrait {
    /// How many, and how long they waited.
    pub figures: Figures,
    /// The waits that ended with the customer giving up.
    pub gave_up: Ordered,
    /// The waits that ended any other way: how long the customer would have waited, nobody knows.
    pub served: Ordered,
    /// The local hours of the week in which they entered, from Monday midnight: [`HOURS`] of them.
    pub hours: Vec<Cell>,
}

/// Some visits, in short.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    /// Visits.
    pub visits: u64,
    /// Those whose wait has ended.
    pub waits: u64,
    /// Those whose customer gave up, however soon.
    pub abandoned: u64,
    /// Waits together, in milliseconds.
    pub wait_sum_ms: u64,
}

impl Cell {
    pub(super) fn add(&mut self, visit: &Visit<'_>) {
        self.visits += 1;
        self.abandoned += u64::from(is_abandoned(visit.ending));
        if let Some(wait_ms) = visit.wait_ms {
            self.waits += 1;
            self.wait_sum_ms = self.wait_sum_ms.saturating_add(wait_ms);
        }
    }

    pub(super) fn merge(&mut self, other: Cell) {
        self.visits += other.visits;
        self.waits += other.waits;
        self.abandoned += other.abandoned;
        self.wait_sum_ms = self.wait_sum_ms.saturating_add(other.wait_sum_ms);
    }

    /// Returns the mean wait in milliseconds, of the visits whose wait has ended; `None` if there is none.
    #[expect(clippy::cast_precision_loss, reason = "sums far below 2^53")]
    pub fn mean_wait_ms(&self) -> Option<f64> {
        (self.waits > 0).then(|| self.wait_sum_ms as f64 / self.waits as f64)
    }

    /// Returns the share of those who gave up among the visits whose wait has ended, in 0.0..=1.0; `None` if there is none.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn abandon_share(&self) -> Option<f64> {
        (self.waits > 0).then(|| self.abandoned as f64 / self.waits as f64)
    }
}

/// The two hours on end of one day of the week in which most time was spent waiting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Worst {
    /// The first of them.
    pub from: HourOfWeek,
    /// Who entered in them.
    pub cell: Cell,
}

impl Portrait {
    /// Returns the two worst hours on end; of several the first. `None` if nobody waited.
    pub fn worst(&self) -> Option<Worst> {
        let mut worst: Option<Worst> = None;
        for (number, pair) in (0..).zip(self.hours.windows(2)) {
            // Not over midnight: a reading names one day.
            let Some(from) = HourOfWeek::new(number).filter(|from| from.hour() < 23) else {
                continue;
            };
            let mut cell = pair[0];
            cell.merge(pair[1]);
            let so_far = worst.map_or(0, |worst| worst.cell.wait_sum_ms);
            if cell.wait_sum_ms > so_far {
                worst = Some(Worst { from, cell });
            }
        }
        worst
    }

    /// Returns which part of the visits of `all` these are, in 0.0..=1.0; 0 of none.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn visits_share(&self, all: &Portrait) -> f64 {
        let of = all.visits();
        if of == 0 {
            0.0
        } else {
            self.visits() as f64 / of as f64
        }
    }

    /// Returns which part of the time that `all` spent waiting is theirs, in 0.0..=1.0; 0 of none.
    #[expect(
        clippy::cast_precision_loss,
        reason = "sums of milliseconds far below 2^53"
    )]
    pub fn waiting_share(&self, all: &Portrait) -> f64 {
        match all.figures.wait_sum_ms {
            0 => 0.0,
            of => self.figures.wait_sum_ms as f64 / of as f64,
        }
    }

    /// Returns how many visits these are.
    pub fn visits(&self) -> u64 {
        self.hours.iter().map(|cell| cell.visits).sum()
    }
}

/// What becomes a portrait.
#[derive(Debug)]
pub(super) struct Sums {
    group: Group,
    gave_up: Sketch,
    served: Sketch,
    hours: Box<[Cell; HOURS]>,
}

impl Default for Sums {
    fn default() -> Sums {
        Sums {
            group: Group::default(),
            gave_up: Sketch::new(),
            served: Sketch::new(),
            hours: Box::new([Cell::default(); HOURS]),
        }
    }
}

impl Sums {
    /// Adds a visit that entered in this hour of the week.
    pub(super) fn add(&mut self, visit: &Visit<'_>, hour: u32, question: &Question) {
        self.group.add(visit, question);
        if let Some(wait_ms) = visit.wait_ms {
            let waits = match is_abandoned(visit.ending) {
                true => &mut self.gave_up,
                false => &mut self.served,
            };
            waits.add(wait_ms, question.precision);
        }
        if let Some(cell) = self.hours.get_mut(hour as usize) {
            cell.add(visit);
        }
    }

    pub(super) fn merge(&mut self, other: Sums, precision: Precision) {
        self.group.merge(other.group, precision);
        self.gave_up.merge(other.gave_up, precision);
        self.served.merge(other.served, precision);
        for (own, other) in self.hours.iter_mut().zip(*other.hours) {
            own.merge(other);
        }
    }

    pub(super) fn portrait(self) -> Portrait {
        Portrait {
            figures: self.group.figures(),
            gave_up: self.gave_up.ordered(),
            served: self.served.ordered(),
            hours: self.hours.to_vec(),
        }
    }
}

fn is_abandoned(ending: Ending) -> bool {
    match ending {
        Ending::Abandoned | Ending::ShortAbandoned | Ending::ShortOnly => true,
        Ending::Answered | Ending::FlowedOut | Ending::Waiting | Ending::Untold => false,
    }
}
