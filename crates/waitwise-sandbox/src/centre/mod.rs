//! A contact centre that moves forward one event at a time.
//!
//! Callers with patience enter a queue and ask for a skill; agents with several skills, shifts and lunch breaks answer
//! them; head starts decide who is answered first. Written to be read, not to be fast: a month takes a moment.
//!
//! Start at [`Centre`]. Below it, `floor` is the routing, `callers` who calls and when, `blueprint` the centre's
//! unchanging facts, `staffing` and `rehearsal` how many agents they need, `calendar` its days, and `draw` its random numbers.

pub(crate) mod blueprint;
pub(crate) mod calendar;
mod callers;
pub(crate) mod draw;
mod floor;
mod rehearsal;
mod staffing;

use blueprint::Blueprint;
use floor::Floor;

/// An instant in milliseconds since 1970-01-01T00:00:00 UTC.
pub type TimeMs = i64;

/// How a conversation's wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An agent took the call.
    Answered,
    /// The caller gave up.
    Abandoned,
}

/// One caller's way through the queue, from entering it to the end of handling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// When the caller entered the queue.
    pub start: TimeMs,
    /// The skill asked for, as an index into the tenant's skills.
    pub skill: u16,
    /// The wrap-up code, as an index into the tenant's codes; `None` unless answered.
    pub code: Option<u16>,
    /// How the wait ended.
    pub outcome: Outcome,
    /// Milliseconds from entering the queue to answer or abandonment.
    pub wait_ms: u32,
    /// Milliseconds of talk and after-call work; 0 unless answered.
    pub handle_ms: u32,
}

/// The centre's state and everything that has happened in it so far.
#[derive(Clone, Debug)]
pub struct Centre {
    now: TimeMs,
    past: Past,
    /// `None` where the past is recorded and nobody calls any more.
    floor: Option<Floor>,
}

impl Centre {
    /// A centre that opens on its first day `history_days` whole local days before that of `now`, at two in the morning
    /// of which it has arrived, all skills having had the same head start.
    pub(crate) fn simulated(blueprint: Blueprint, now: TimeMs, history_days: u16) -> Centre {
        let mut centre = Centre {
            now,
            past: Past::default(),
            floor: Some(Floor::new(blueprint, now, history_days)),
        };
        centre.run_to(now);
        centre
    }

    /// A centre whose past is `conversations`, in order of their start, and which has no further callers.
    pub(crate) fn recorded(conversations: Vec<Conversation>, now: TimeMs) -> Centre {
        assert!(
            conversations.is_sorted_by_key(|conversation| conversation.start),
            "recorded conversations are in order"
        );
        let past = Past {
            numbers: (0..conversations.len()).collect(),
            conversations,
        };
        Centre {
            now,
            past,
            floor: None,
        }
    }

    /// Moves time forward to `now` inclusive; an instant already reached changes nothing.
    ///
    /// The steps in which time moves make no difference.
    pub fn advance_to(&mut self, now: TimeMs) {
        if now > self.now {
            self.run_to(now);
            self.now = now;
        }
    }

    /// Gives each skill a head start in minutes, for waiting and future callers from the present instant.
    ///
    /// `minutes` is indexed by skill. What lies beyond the skills with callers is ignored; a negative or non-finite
    /// number is no head start.
    ///
    /// # Panics
    /// If a skill with callers has no entry.
    pub fn set_head_starts(&mut self, minutes: &[f64]) {
        if let Some(floor) = &mut self.floor {
            floor.set_head_starts(minutes);
        }
    }

    /// All conversations whose wait and handling have ended by now, in order of start, then of arrival number.
    pub fn conversations(&self) -> &[Conversation] {
        &self.past.conversations
    }

    /// The instant reached.
    pub fn now(&self) -> TimeMs {
        self.now
    }

    /// Callers in the queue.
    pub fn waiting(&self) -> usize {
        self.floor.as_ref().map_or(0, Floor::waiting)
    }

    /// Agents with a caller, after-call work included.
    pub fn busy(&self) -> usize {
        self.floor.as_ref().map_or(0, Floor::busy)
    }

    /// Callers who have entered the queue so far: `conversations().len() + busy() + waiting()`.
    pub fn offered(&self) -> usize {
        self.floor
            .as_ref()
            .map_or(self.past.conversations.len(), Floor::offered)
    }

    fn run_to(&mut self, now: TimeMs) {
        if let Some(floor) = &mut self.floor {
            floor.run_to(now, &mut self.past);
        }
    }
}

/// Conversations that have ended, by arrival number, which is also the order of their starts.
#[derive(Clone, Debug, Default)]
struct Past {
    conversations: Vec<Conversation>,
    /// The arrival number of each.
    numbers: Vec<usize>,
}

impl Past {
    /// Puts a conversation where its arrival number belongs: near the end, as all of a day end within the day.
    fn insert(&mut self, number: usize, conversation: Conversation) {
        let place = self
            .numbers
            .iter()
            .rposition(|earlier| *earlier < number)
            .map_or(0, |before| before + 1);
        self.numbers.insert(place, number);
        self.conversations.insert(place, conversation);
    }
}

#[cfg(test)]
mod tests;
