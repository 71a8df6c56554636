//! A conversation record → its visits to queues.
//!
//! The platform tells the story of a visit in two places: the queue's session has the entry, the skills and every
//! way of leaving but one; the agent's session has the answer, its wait, and the wrap-up code. [`read`] brings the two
//! together, in one pass over the record's own text.
//!
//! What a record says about the customer (numbers, names, attributes, notes, tags) is skipped by the parser: no
//! type here has a place for it. Messages name places in the text, never pieces of it.

mod join;
mod layout;
mod owned;
mod parts;
mod record;
mod refused;
pub mod scan;
#[cfg(test)]
mod tests;
mod tolerant;

use jiff::Timestamp;
use serde::Deserialize;
use waitwise_model::{Conversation, ConversationId, RejectedRecord};

use self::join::Frame;
pub use self::layout::{Layout, PAGE_MEMBER, layout};
use self::parts::{Parts, Sheet};
use self::record::Record;
pub use self::refused::Refused;
use self::tolerant::Text;

/// A conversation as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadConversation {
    /// The conversation with the visits that could be read.
    pub conversation: Conversation,
    /// Visits that could not.
    pub rejected: Vec<RejectedRecord>,
}

/// Reads one record, as a results page holds it.
///
/// Unknown members and values, integers written as `3.0` or `1.2E7`, and missing or null lists are taken as they come.
///
/// # Errors
/// Not a JSON object of this shape, or without id or start. The rest of the page is not concerned.
pub fn read(record: &str) -> Result<ReadConversation, RejectedRecord> {
    let mut parts = Parts::default();
    parse(record, &mut parts).map_err(|refused| RejectedRecord {
        conversation: id_of(record),
        reason: refused.located(record),
    })?;
    let sheet = Sheet {
        parts: &parts,
        record,
    };
    let frame = frame(sheet).map_err(|reason| RejectedRecord {
        conversation: parts.id.map(|id| ConversationId::new(sheet.text(id))),
        reason: reason.to_owned(),
    })?;
    Ok(owned::conversation(sheet, &frame))
}

/// Fills `parts` by the typed parser.
fn parse(record: &str, parts: &mut Parts) -> Result<(), Refused> {
    let read: Record<'_> =
        serde_json::from_str(record).map_err(|error| Refused::of(record, &error))?;
    read.lay_out(record, parts)
}

/// Reads only the id, of a record that could not be read as a whole.
fn id_of(record: &str) -> Option<ConversationId> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow, rename = "conversationId")]
        id: Text<'a>,
    }
    let named: Named<'_> = serde_json::from_str(record).ok()?;
    Some(ConversationId::new(named.id.as_str()))
}

/// Reads what all visits of a conversation have in common.
fn frame(sheet: Sheet<'_>) -> Result<Frame<'_>, &'static str> {
    let parts = sheet.parts;
    let id = parts.id.ok_or("its id is missing")?;
    let started = sheet.instant(parts.started);
    Ok(Frame {
        id: sheet.text(id),
        started_at_ms: started.ok_or("its start is missing or is no instant of time")?,
        ended_at_ms: sheet.instant(parts.ended),
    })
}

fn timestamp(millisecond: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(millisecond).ok()
}
