//! A recorded call as the contact centre needs it.

use jiff::civil::DateTime;
use waitwise_history::calls;
use waitwise_model::Ending;

use crate::centre::{Conversation, Outcome};

/// A call as its row says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// When the caller entered, as written.
    pub(super) offered: DateTime,
    /// The queue's number, given by the reader of the file.
    pub(super) queue: u16,
    pub(super) outcome: Outcome,
    pub(super) wait_ms: u32,
    /// 0 also where it is not recorded.
    pub(super) handle_ms: u32,
}

impl Call {
    pub(super) fn of(read: &calls::Call<'_>, queue: u16) -> Call {
        // The reader lets no duration pass that does not fit.
        let short = |ms: u64| u32::try_from(ms).unwrap_or(u32::MAX);
        Call {
            offered: read.entered,
            queue,
            outcome: match read.ending {
                Ending::Answered => Outcome::Answered,
                Ending::FlowedOut => Outcome::FlowedOut,
                Ending::Abandoned
                | Ending::ShortAbandoned
                | Ending::ShortOnly
                | Ending::Waiting
                | Ending::Untold => Outcome::Abandoned,
            },
            wait_ms: short(read.wait_ms),
            handle_ms: short(read.handle_ms.unwrap_or(0)),
        }
    }

    /// Milliseconds from 1970 to the caller's entry as written, read as if it were UTC.
    pub(super) fn offered_ms(&self) -> i64 {
        milliseconds(self.offered)
    }

    /// Milliseconds from 1970 to the end of the call, likewise.
    pub(super) fn ended_ms(&self) -> i64 {
        self.offered_ms() + i64::from(self.wait_ms) + i64::from(self.handle_ms)
    }

    pub(super) fn conversation(&self, skill: u16, shift_ms: i64) -> Conversation {
        Conversation {
            start: self.offered_ms() + shift_ms,
            skill,
            code: (self.outcome == Outcome::Answered).then_some(skill),
            outcome: self.outcome,
            wait_ms: self.wait_ms,
            handle_ms: self.handle_ms,
        }
    }
}

/// When the first and the last caller entered.
pub(super) fn first_and_last(calls: &[Call]) -> Option<(DateTime, DateTime)> {
    let offered = || calls.iter().map(|call| call.offered);
    Some((offered().min()?, offered().max()?))
}

fn milliseconds(written: DateTime) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    let since = written.duration_since(epoch);
    since.as_secs() * 1_000 + i64::from(since.subsec_millis())
}
