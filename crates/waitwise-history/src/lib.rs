//! Visits to queues: how they are kept, and what they say.
//!
//! Conversations come in pages, some of them twice and some before they have ended: [`merge`] keeps the newest record
//! of each. Their visits are kept as facts, one file per queue and UTC day ([`facts`]); the same visits give the same
//! bytes, in whatever order they came. From facts come the [`evidence`] for weights, and the [`tally`] of what a
//! source's own aggregates should say.
//!
//! The call records of any other system, as CSV, are [`calls`]: they become visits too.
//!
//! This crate turns values into texts and back; which folder they lie in, and how they were fetched, it does not know.

pub mod breakdown;
pub mod calls;
pub mod evidence;
pub mod facts;
mod line;
pub mod merge;
pub mod overview;
pub mod page;
pub mod records;
pub mod sketch;
pub mod tally;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use waitwise_model::{Conversation, ConversationId, DivisionId, Leg};

pub use evidence::{Collector, QueueEvidence};
pub use facts::{Coverage, FactsError, Head, Reader};
pub use merge::Merge;
pub use tally::Tally;

/// One visit to a queue, with what it needs of its conversation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// The conversation.
    pub conversation: ConversationId,
    /// When the conversation began; its day is the day of the file.
    pub started_at: Timestamp,
    /// When the conversation ended; `None`: it was going on when the record was read.
    pub ended_at: Option<Timestamp>,
    /// The conversation's divisions, sorted.
    pub divisions: Vec<DivisionId>,
    /// The visit.
    pub leg: Leg,
}

/// Returns the visits of a conversation as facts.
pub fn facts_of(conversation: Conversation) -> impl Iterator<Item = Fact> {
    let Conversation {
        id,
        started_at,
        ended_at,
        divisions,
        legs,
    } = conversation;
    legs.into_iter().map(move |leg| Fact {
        conversation: id.clone(),
        started_at,
        ended_at,
        divisions: divisions.clone(),
        leg,
    })
}

/// Returns the UTC day of an instant.
pub fn utc_day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod samples;
