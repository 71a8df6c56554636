//! Visits to queues: how they are kept, and what they say.
//!
//! Conversations come in any order, some of them twice and some before they have ended: a [`Table`] takes their visits
//! and keeps the newest record of each. [`facts`] are one Parquet file per queue and UTC day; the same visits give the
//! same bytes, in whatever order they came. From facts come the [`evidence`] for weights, and the [`tally`] of what a
//! source's own aggregates should say.
//!
//! The call records of any other system, as CSV, are [`calls`]: they become visits too.
//!
//! This crate turns values into bytes and back; which folder they lie in, and how they were fetched, it does not know.

pub mod breakdown;
pub mod calls;
pub mod evidence;
pub mod facts;
mod key;
mod line;
pub mod overview;
pub mod page;
pub mod records;
mod row;
pub mod sketch;
mod table;
pub mod tally;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use evidence::{Collector, QueueEvidence};
pub use facts::{Coverage, FactsError, Head, Reader};
pub use key::{ConversationKey, agent_key};
pub use row::{Row, ending_word};
pub use table::{Lost, Part, Table, Unfit};
pub use tally::Tally;

/// Returns the UTC day of an instant.
pub fn utc_day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod samples;
