//! Visits: a leg as plain numbers and borrowed texts, for history too long to make an owned value of each.

/// One visit of a conversation to a queue, borrowing its texts from whatever it was read from.
///
/// It says what [`Leg`](crate::Leg) says, and is what facts keep and evidence counts. Times are milliseconds since 1970, UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit<'a> {
    /// The conversation's id.
    pub conversation: &'a str,
    /// When the conversation began.
    pub started_at_ms: i64,
    /// When the conversation ended; `None`: it was going on when the record was read.
    pub ended_at_ms: Option<i64>,
    /// Counts the visits of its conversation from 1, by the time of entry.
    pub number: u32,
    /// The queue's id.
    pub queue: &'a str,
    /// What kind of contact it is, in the source's own word.
    pub media: &'a str,
    /// The ids of the skills it asked for, sorted, each once; empty if it asked for none.
    pub skills: &'a [&'a str],
    /// When it entered the queue.
    pub entered_at_ms: i64,
    /// Whether the source counts it among the offered.
    pub is_offered: bool,
    /// How it ended.
    pub ending: Ending,
    /// How long it waited, whatever the wait ended in; `None` if it has not ended, or nothing tells.
    pub wait_ms: Option<u64>,
    /// What an agent said it was about, if it was answered.
    pub coding: Coded<'a>,
    /// Who took it, if the record says so.
    pub agent: Option<&'a str>,
    /// Time talking.
    pub talk_ms: Option<u64>,
    /// Time on hold.
    pub hold_ms: Option<u64>,
    /// After-call work.
    pub after_call_ms: Option<u64>,
    /// Talk, hold and after-call work together, as the source counts them.
    pub handle_ms: Option<u64>,
    /// Whether the agent passed it on.
    pub is_transferred: bool,
    /// How often it rang at an agent who did not take it.
    pub missed_alerts: u32,
    /// The priority in force while it waited, in the source's points, if the record says so.
    pub priority: Option<i32>,
    /// By which way of routing it found the agent, in the source's own word, if the record says so.
    pub routing: Option<&'a str>,
}

/// How a visit ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ending {
    /// An agent took it.
    Answered,
    /// The customer gave up, and not within the time that the tenant calls short.
    Abandoned,
    /// The customer gave up within the short time, and counts among the abandoned too.
    ShortAbandoned,
    /// The customer gave up within the short time, and does not count among the abandoned.
    ShortOnly,
    /// It left the queue some other way.
    FlowedOut,
    /// It was waiting when the record was read.
    Waiting,
    /// The record does not tell, although the conversation is over.
    Untold,
}

/// What stands in the place of a visit's wrap-up code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Coded<'a> {
    /// A code's id.
    Code(&'a str),
    /// A reserved text: the agent let the time run out, skipped it, and so on.
    Reserved(&'a str),
    /// Nothing.
    Nothing,
}
