//! A run's parts: warming up, the measured batches, and the time until the measured have left. A day is one part.

use super::Group;
use crate::tally::GroupTally;

/// How much of a replication is run and measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    /// One day, from empty until nobody is left: for models that close each day.
    Day,
    /// A stretch of a run that goes on for ever, in batches of equal length.
    Endless {
        /// What is not counted at the beginning.
        warmup: Length,
        /// What is counted.
        measured: Length,
        /// Into how many batches that is cut, at least 1.
        batches: u32,
    },
}

/// The length of a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// In arrivals, of all classes together.
    Interactions(u64),
    /// In time.
    Secs(f64),
}

/// A part of the run that has ended.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) secs: f64,
    pub(super) groups: Vec<GroupTally>,
}

/// Where the run is.
#[derive(Debug)]
pub(super) struct Parts {
    extent: Extent,
    /// The present part: 0 is warming up, which a day does not.
    pub(super) current: u32,
    /// When it began.
    pub(super) began: f64,
    /// When it ends, if that is a matter of time.
    pub(super) ends_at: f64,
    /// How many more arrive in it, if it ends with a number; the arrival after the last of them begins the next part.
    pub(super) left: u64,
    /// Whether all measured parts are over.
    pub(super) is_closing: bool,
    ended: Vec<Part>,
    /// Events since closing began.
    closing_events: u32,
    /// When waiting for the last of the measured ends.
    patience_ends: f64,
}

/// Whether a run that is closing is over.
pub(super) enum Stop {
    GoOn,
    IfNobodyWaits,
    Now,
}

/// How many events pass before it is looked again whether anybody measured still waits.
const LOOK_AGAIN: u32 = 256;

impl Parts {
    pub(super) fn new(extent: Extent, day_secs: f64) -> Parts {
        let mut parts = Parts {
            extent,
            current: 0,
            began: 0.0,
            ends_at: f64::INFINITY,
            left: u64::MAX,
            is_closing: false,
            ended: Vec::new(),
            closing_events: 0,
            patience_ends: f64::INFINITY,
        };
        match extent {
            Extent::Day => parts.ends_at = day_secs,
            Extent::Endless { .. } => parts.begin(0.0),
        }
        parts
    }

    /// How many parts there are to count in.
    pub(super) fn n(&self) -> usize {
        match self.extent {
            Extent::Day => 1,
            Extent::Endless { batches, .. } => batches as usize + 2,
        }
    }

    /// Where the counters of the measured parts lie, of `n_classes` each.
    pub(super) fn measured_places(&self, n_classes: usize) -> std::ops::Range<usize> {
        match self.extent {
            Extent::Day => 0..n_classes,
            Extent::Endless { batches, .. } => n_classes..(batches as usize + 1) * n_classes,
        }
    }

    /// The measured parts.
    pub(super) fn measured(&self) -> &[Part] {
        match self.extent {
            Extent::Day => &self.ended[..1],
            Extent::Endless { batches, .. } => &self.ended[1..batches as usize + 1],
        }
    }

    pub(super) fn end(&mut self, at: f64, groups: &mut [Group]) {
        let secs = at - self.began;
        self.ended.push(Part {
            secs,
            groups: groups.iter_mut().map(|group| group.take(secs)).collect(),
        });
        match self.extent {
            Extent::Day => {
                self.ends_at = f64::INFINITY;
                self.began = at;
            }
            Extent::Endless { .. } => {
                self.current += 1;
                self.begin(at);
            }
        }
    }

    /// Ends whatever has not ended.
    pub(super) fn finish(&mut self, at: f64, groups: &mut [Group]) {
        while self.ended.len() < self.n() {
            self.end(at, groups);
        }
    }

    fn begin(&mut self, at: f64) {
        let Extent::Endless {
            warmup,
            measured,
            batches,
        } = self.extent
        else {
            return;
        };
        self.began = at;
        self.ends_at = f64::INFINITY;
        self.left = u64::MAX;
        let length = match u64::from(self.current) {
            0 => warmup,
            batch if batch <= u64::from(batches) => share_of(measured, batch - 1, batches),
            _ => return self.close(at),
        };
        match length {
            Length::Interactions(n) => self.left = n,
            Length::Secs(secs) => self.ends_at = at + secs,
        }
    }

    fn close(&mut self, at: f64) {
        if !self.is_closing {
            self.is_closing = true;
            self.patience_ends = 2.0 * at;
        }
    }

    #[inline]
    pub(super) fn when_to_stop(&mut self, now: f64) -> Stop {
        if now > self.patience_ends {
            return Stop::Now;
        }
        self.closing_events += 1;
        if self.closing_events.is_multiple_of(LOOK_AGAIN) {
            Stop::IfNobodyWaits
        } else {
            Stop::GoOn
        }
    }
}

/// The `number`-th of `batches` parts of a stretch, as equal as they can be.
fn share_of(length: Length, number: u64, batches: u32) -> Length {
    match length {
        Length::Secs(secs) => Length::Secs(secs / f64::from(batches)),
        Length::Interactions(n) => {
            let until = |number: u64| {
                let product = u128::from(n) * u128::from(number);
                u64::try_from(product / u128::from(batches)).unwrap_or(u64::MAX)
            };
            Length::Interactions(until(number + 1) - until(number))
        }
    }
}
