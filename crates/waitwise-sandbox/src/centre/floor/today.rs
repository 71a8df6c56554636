//! The callers of one day, those who call again among them.

use super::super::TimeMs;
use super::super::callers::Caller;

/// Who calls on a local day.
#[derive(Clone, Debug)]
pub(super) struct Today {
    /// From 1970-01-01.
    pub(super) day: i64,
    /// In order of arrival, those yet to come included.
    callers: Vec<Caller>,
    /// Contact number of the first of them.
    first_number: usize,
    /// How many have entered.
    entered: usize,
}

impl Today {
    /// A day on which nobody calls, before all others.
    pub(super) fn nobody(day: i64) -> Today {
        Today {
            day,
            callers: Vec::new(),
            first_number: 0,
            entered: 0,
        }
    }

    /// Begins another day with these callers, in order of their start.
    pub(super) fn begin(&mut self, day: i64, callers: Vec<Caller>) {
        self.first_number += self.entered;
        self.entered = 0;
        self.day = day;
        self.callers = callers;
    }

    /// Whoever has entered under this number.
    pub(super) fn caller(&self, contact: usize) -> Caller {
        self.callers[contact - self.first_number]
    }

    /// When the next one enters, and their place.
    pub(super) fn expected(&self) -> Option<(TimeMs, usize)> {
        let next = self.callers.get(self.entered)?;
        Some((next.start, self.entered))
    }

    /// Lets the next one enter, and returns their contact number; `None` if `place` is no longer that of the next one:
    /// somebody who calls again has taken it from the one who was expected, who has got the next.
    pub(super) fn enter(&mut self, place: usize) -> Option<usize> {
        if place != self.entered {
            return None;
        }
        self.entered += 1;
        Some(self.first_number + place)
    }

    /// Lets a caller who has given up call again before `closes`, if they will; returns whether they are the next one then.
    pub(super) fn call_again(&mut self, contact: usize, now: TimeMs, closes: TimeMs) -> bool {
        let caller = self.caller(contact);
        let Some(again) = caller.again else {
            return false;
        };
        let start = now + i64::from(again.after_ms);
        if start >= closes {
            return false;
        }
        let earlier = self.callers[self.entered..].partition_point(|next| next.start <= start);
        let caller = Caller {
            start,
            fate: again.fate,
            onward: None,
            again: None,
            ..caller
        };
        self.callers.insert(self.entered + earlier, caller);
        earlier == 0
    }
}
