//! Legs: one visit of a conversation to a queue, and how it ended.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::id::{AgentId, ConversationId, DivisionId, QueueId, SkillId, WrapUpCodeId};

/// A conversation, as far as queues know it. It holds nothing about the customer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conversation {
    /// Its identity.
    pub id: ConversationId,
    /// When it began, which may be before it entered any queue.
    pub started_at: Timestamp,
    /// When it ended; `None`: it was going on when the record was read.
    pub ended_at: Option<Timestamp>,
    /// The record's own date: the latest moment that it tells of. Of two records of a conversation the later counts.
    pub recorded_at: Timestamp,
    /// The divisions that it belongs to, sorted.
    pub divisions: Vec<DivisionId>,
    /// Its visits to queues, by number. A transfer makes another one.
    pub legs: Vec<Leg>,
}

impl Conversation {
    /// Returns whether it was going on when the record was read: the same record says more later.
    pub fn is_in_progress(&self) -> bool {
        self.ended_at.is_none()
    }
}

/// A record of a conversation, or one visit in it, that could not be used.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RejectedRecord {
    /// The conversation, as far as it could be read.
    pub conversation: Option<ConversationId>,
    /// Why, as a fragment: "its start is missing". Never a piece of the record.
    pub reason: String,
}

/// One visit of a conversation to a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leg {
    /// Counts the visits of its conversation from 1, by the time of entry. A later record of the same conversation
    /// adds visits at the end, so a number stays with its visit.
    pub number: u32,
    /// The queue.
    pub queue: QueueId,
    /// What kind of contact it is; never pooled with other kinds.
    pub media: MediaType,
    /// The skills it asked for, sorted; empty if it asked for none.
    pub skills: Vec<SkillId>,
    /// When it entered the queue.
    pub entered_at: Timestamp,
    /// Whether the source counts it among the offered. It does not for an answer whose time in the queue left no
    /// record.
    pub is_offered: bool,
    /// How the visit ended.
    pub outcome: Outcome,
    /// How often it rang at an agent who did not take it.
    pub missed_alerts: u32,
}

impl Leg {
    /// Returns when its wait ended; `None` if it has not, or nothing tells.
    pub fn decided_at(&self) -> Option<Timestamp> {
        match &self.outcome {
            Outcome::Answered(answer) => Some(answer.at),
            Outcome::Abandoned { at, .. } | Outcome::FlowedOut { at, .. } => Some(*at),
            Outcome::Waiting | Outcome::Untold => None,
        }
    }

    /// Returns how long it waited, in milliseconds, whatever the wait ended in.
    pub fn wait_ms(&self) -> Option<u64> {
        match &self.outcome {
            Outcome::Answered(answer) => Some(answer.wait_ms),
            Outcome::Abandoned { wait_ms, .. } | Outcome::FlowedOut { wait_ms, .. } => {
                Some(*wait_ms)
            }
            Outcome::Waiting | Outcome::Untold => None,
        }
    }

    /// Returns the answer, if it was answered.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answered(answer) => Some(answer),
            Outcome::Abandoned { .. }
            | Outcome::FlowedOut { .. }
            | Outcome::Waiting
            | Outcome::Untold => None,
        }
    }
}

/// How a visit to a queue ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// An agent took it.
    Answered(Answer),
    /// The customer gave up.
    Abandoned {
        /// When.
        at: Timestamp,
        /// After how long, in milliseconds.
        wait_ms: u64,
        /// Whether it counts as abandoned, as short-abandoned, or as both.
        kind: Abandonment,
    },
    /// It left the queue some other way: a timeout, a voicemail, a flow that took it back.
    FlowedOut {
        /// When.
        at: Timestamp,
        /// After how long, in milliseconds.
        wait_ms: u64,
    },
    /// It was waiting when the record was read.
    Waiting,
    /// The record does not tell, although the conversation is over.
    Untold,
}

/// What kind of giving up it was. The tenant decides below which wait it is short.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Abandonment {
    /// Not short.
    Patient,
    /// Short, and counted among the abandoned too.
    Short,
    /// Short, and not counted among the abandoned.
    ShortOnly,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// When the agent took it.
    pub at: Timestamp,
    /// How long it had waited in the queue, in milliseconds.
    pub wait_ms: u64,
    /// Who took it, if the record says so.
    pub agent: Option<AgentId>,
    /// What the agent said it was about.
    pub coding: Coding,
    /// Time talking, in milliseconds.
    pub talk_ms: Option<u64>,
    /// Time on hold, in milliseconds.
    pub hold_ms: Option<u64>,
    /// After-call work, in milliseconds.
    pub after_call_ms: Option<u64>,
    /// Talk, hold and after-call work together as the source counts them, in milliseconds.
    pub handle_ms: Option<u64>,
    /// Whether the agent passed it on.
    pub is_transferred: bool,
    /// By which way of routing it found the agent, if the record says so.
    pub routing: Option<Routing>,
}

/// Which wrap-up code an answered visit has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Coding {
    /// A code.
    Code(WrapUpCodeId),
    /// None.
    Uncoded(Uncoded),
}

/// Why an answered visit has no wrap-up code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Uncoded {
    /// Nothing stands in the code's place.
    Absent,
    /// A reserved text stands in the code's place: the agent let the time run out, skipped it, and so on.
    Reserved(Arc<str>),
}

macro_rules! open_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps the source's word as it is.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(text.as_ref().into())
            }

            /// Returns the source's word.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

open_text!(
    /// What kind of contact it is, such as `voice` or `callback`: the source's own word, since new kinds appear.
    MediaType
);
open_text!(
    /// A way of routing, such as `Standard` or `Bullseye`: the source's own word.
    Routing
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_with_its_outcome() {
        let leg = |outcome| Leg {
            number: 1,
            queue: QueueId::new("q"),
            media: MediaType::new("voice"),
            skills: Vec::new(),
            entered_at: Timestamp::UNIX_EPOCH,
            is_offered: true,
            outcome,
            missed_alerts: 0,
        };
        let at = Timestamp::UNIX_EPOCH;
        let gone = leg(Outcome::FlowedOut { at, wait_ms: 7 });
        assert_eq!((gone.decided_at(), gone.wait_ms()), (Some(at), Some(7)));
        assert!(gone.answer().is_none());
        let there = leg(Outcome::Waiting);
        assert_eq!((there.decided_at(), there.wait_ms()), (None, None));
    }
}
