//! Several records of one conversation → the newest one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::civil::Date;
use waitwise_model::{Conversation, ConversationId, QueueId};

use crate::{Fact, facts_of, utc_day};

/// Keeps one record of each conversation.
///
/// A later record replaces an earlier one: it was read later. Only a conversation that is over is never replaced by
/// itself in progress, since a conversation does not begin again: that record was taken before, wherever it stood.
#[derive(Debug, Default)]
pub struct Merge {
    conversations: BTreeMap<ConversationId, Conversation>,
    repeated: usize,
}

impl Merge {
    /// Adds a record that was read after all others so far.
    pub fn add(&mut self, record: Conversation) {
        match self.conversations.entry(record.id.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(record);
            }
            Entry::Occupied(mut entry) => {
                self.repeated += 1;
                if entry.get().is_in_progress() || !record.is_in_progress() {
                    entry.insert(record);
                }
            }
        }
    }

    /// Returns how many different conversations there are.
    pub fn len(&self) -> usize {
        self.conversations.len()
    }

    /// Returns whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.conversations.is_empty()
    }

    /// Returns how many records came for a conversation that was there already.
    pub fn repeated(&self) -> usize {
        self.repeated
    }

    /// Returns the conversations by id.
    pub fn conversations(&self) -> impl Iterator<Item = &Conversation> {
        self.conversations.values()
    }

    /// Returns the visits by queue and by the UTC day on which their conversation began.
    pub fn into_days(self) -> BTreeMap<(QueueId, Date), Vec<Fact>> {
        let mut days: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for conversation in self.conversations.into_values() {
            let day = utc_day(conversation.started_at);
            for fact in facts_of(conversation) {
                days.entry((fact.leg.queue.clone(), day))
                    .or_default()
                    .push(fact);
            }
        }
        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::conversation;

    #[test]
    fn the_newest_record_wins_but_nothing_begins_again() {
        let ended = |after_secs| conversation("k", after_secs, true);
        let going_on = |after_secs| conversation("k", after_secs, false);
        for (records, expected) in [
            (vec![going_on(5), ended(9)], ended(9)),
            (vec![ended(9), going_on(5)], ended(9)),
            (vec![ended(9), ended(7)], ended(7)),
            (vec![going_on(5), going_on(6)], going_on(6)),
        ] {
            let mut merge = Merge::default();
            records.into_iter().for_each(|record| merge.add(record));
            assert_eq!((merge.len(), merge.repeated()), (1, 1));
            assert_eq!(merge.conversations().next(), Some(&expected));
        }
    }
}
