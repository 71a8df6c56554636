//! A conversation record → its visits to queues.
//!
//! The platform tells the story of a visit in two places: the queue's session has the entry, the skills and every
//! way of leaving but one; the agent's session has the answer, its wait, and the wrap-up code. [`read`] brings the two
//! together, in one pass over the record's own text.
//!
//! What a record says about the customer (numbers, names, attributes, notes, tags) is skipped by the parser: no
//! type here has a place for it. Messages name places in the text, never pieces of it.

mod join;
mod record;
#[cfg(test)]
mod tests;
mod tolerant;

use jiff::Timestamp;
use serde::Deserialize;
use waitwise_model::{Conversation, ConversationId, DivisionId, RejectedRecord};

use self::record::Record;
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
    let read: Record<'_> = match serde_json::from_str(record) {
        Ok(read) => read,
        Err(error) => {
            // The parser's own text may quote the record.
            let (line, column) = (error.line(), error.column());
            let reason = format!("it is not a conversation at line {line} column {column}");
            return Err(refused(id_of(record), &reason));
        }
    };
    let Some(id) = read.conversation_id.as_ref().map(Text::as_str) else {
        return Err(refused(None, "its id is missing"));
    };
    let id = ConversationId::new(id);
    let Some(started_at) = read.conversation_start.and_then(|at| at.timestamp()) else {
        return Err(refused(
            Some(id),
            "its start is missing or is no instant of time",
        ));
    };
    let ended_at = read.conversation_end.and_then(|at| at.timestamp());
    let joined = join::legs(&read.participants.0, ended_at.is_none());
    let named = |reason: &&str| refused(Some(id.clone()), reason);
    let rejected = joined.rejected.iter().map(named).collect();
    Ok(ReadConversation {
        conversation: Conversation {
            started_at,
            ended_at,
            divisions: divisions(&read),
            legs: joined.legs,
            id,
        },
        rejected,
    })
}

fn refused(conversation: Option<ConversationId>, reason: &str) -> RejectedRecord {
    RejectedRecord {
        conversation,
        reason: reason.to_owned(),
    }
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

fn divisions(record: &Record<'_>) -> Vec<DivisionId> {
    let ids = record.division_ids.0.iter();
    let mut ids: Vec<_> = ids.map(|id| DivisionId::new(id.as_str())).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn timestamp(millisecond: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(millisecond).ok()
}
