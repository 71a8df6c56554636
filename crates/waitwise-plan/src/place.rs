//! Places: what only one at a time may write to.

use std::fmt;

use waitwise_model::QueueId;

/// How a table's place begins. No queue's id looks like it.
const TABLE: &str = "priority-table/";

/// What only one at a time may write to: a queue, or a table that several queues may share.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place(String);

impl Place {
    /// Returns the place of everything that belongs to one queue alone.
    pub fn queue(queue: &QueueId) -> Place {
        Place(queue.to_string())
    }

    /// Returns the place of a table of priorities, by the table's id.
    pub fn table(table: &str) -> Place {
        Place(format!("{TABLE}{table}"))
    }

    /// Takes a place as it was stored.
    pub fn new(text: impl Into<String>) -> Place {
        Place(text.into())
    }

    /// Returns whether it is a table of priorities.
    pub fn is_table(&self) -> bool {
        self.0.starts_with(TABLE)
    }

    /// Returns what kind of place it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self.is_table() {
            true => "table",
            false => "queue",
        }
    }

    /// Returns the text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// For people: "queue `5f0c…`".
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.strip_prefix(TABLE) {
            Some(table) => write!(f, "table `{table}`"),
            None => write!(f, "queue `{}`", self.0),
        }
    }
}
