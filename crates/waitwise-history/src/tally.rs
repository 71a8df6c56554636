//! What a source's own aggregates should say of the same visits.
//!
//! A visit is counted three times, each in the day of its own moment: as offered when it entered the queue, as
//! answered when an agent took it, as abandoned when the customer gave up. So within one day the offered need not be
//! the answered, the abandoned and the flowed out together.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use waitwise_model::{Ending, MediaType, QueueId};

use crate::facts::{Column, Columns};
use crate::row::Row;
use crate::utc_day;

/// Counts by queue, kind of contact and UTC day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// The counts; what has none is not in it.
    pub days: BTreeMap<(QueueId, MediaType, Date), Counts>,
}

/// What happened in one day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Entered the queue.
    pub offered: u64,
    /// Answers, and their waits.
    pub answered: Waits,
    /// Abandoned, and their waits; with the short ones that the source counts among them.
    pub abandoned: Waits,
    /// Short-abandoned, and their waits.
    pub short_abandoned: Waits,
    /// Flowed out, and their waits.
    pub flowed_out: Waits,
}

/// How many, and how long together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waits {
    /// How many.
    pub count: u64,
    /// Their waits together, in milliseconds: exact, so that the order of adding does not show.
    pub sum_ms: u64,
}

impl Waits {
    /// Adds one wait, in milliseconds.
    pub fn add(&mut self, wait_ms: u64) {
        self.count += 1;
        self.sum_ms = self.sum_ms.saturating_add(wait_ms);
    }

    /// Adds others' waits.
    pub fn add_all(&mut self, others: Waits) {
        self.count += others.count;
        self.sum_ms = self.sum_ms.saturating_add(others.sum_ms);
    }

    /// Returns the mean wait in seconds; `None` if there was none.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a mean of fewer than 2^53 milliseconds"
    )]
    pub fn mean_secs(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_ms as f64 / 1000.0 / self.count as f64)
    }
}

impl Tally {
    /// The columns of facts that it looks at.
    pub const COLUMNS: Columns = Columns::NONE
        .with(Column::QueueId)
        .with(Column::MediaType)
        .with(Column::OfferedAt)
        .with(Column::DecidedAt)
        .with(Column::Outcome)
        .with(Column::WaitMs)
        .with(Column::IsOffered);

    /// Counts one visit.
    pub fn add(&mut self, row: &Row<'_>) {
        let visit = &row.visit;
        if visit.is_offered {
            self.at(row, visit.entered_at_ms).offered += 1;
        }
        let (Some(at), Some(wait_ms)) = (row.decided_at_ms, visit.wait_ms) else {
            return;
        };
        let counts = self.at(row, at);
        match visit.ending {
            Ending::Answered => counts.answered.add(wait_ms),
            Ending::Abandoned => counts.abandoned.add(wait_ms),
            Ending::ShortAbandoned => {
                counts.abandoned.add(wait_ms);
                counts.short_abandoned.add(wait_ms);
            }
            Ending::ShortOnly => counts.short_abandoned.add(wait_ms),
            Ending::FlowedOut => counts.flowed_out.add(wait_ms),
            Ending::Waiting | Ending::Untold => {}
        }
    }

    fn at(&mut self, row: &Row<'_>, moment_ms: i64) -> &mut Counts {
        // Facts hold no moment outside of the calendar.
        let moment = Timestamp::from_millisecond(moment_ms).unwrap_or_default();
        let queue = QueueId::new(row.visit.queue);
        let media = MediaType::new(row.visit.media);
        self.days
            .entry((queue, media, utc_day(moment)))
            .or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waitwise_model::Abandonment;

    use crate::Table;
    use crate::samples::{abandoned, answered, conversation, leg};

    #[test]
    fn each_number_falls_into_the_day_of_its_own_moment() {
        const DAY: i64 = 86_400;
        let mut tally = Tally::default();
        let mut conversation = conversation("k", 0, true);
        conversation.legs = vec![
            leg(1, DAY - 60, answered(DAY + 60, None)),
            leg(2, DAY + 100, abandoned(DAY + 103, Abandonment::Short)),
        ];
        let mut table = Table::default();
        table.add_conversation(&conversation).unwrap();
        let parts = table.parts();
        parts[0].for_each(|row| tally.add(row));
        let days: Vec<_> = tally
            .days
            .iter()
            .map(|((_, _, day), counts)| {
                let n = (counts.offered, counts.answered.count);
                (day.to_string(), n, counts.abandoned.count)
            })
            .collect();
        let expected = [
            ("2026-03-02".to_owned(), (1, 0), 0),
            ("2026-03-03".to_owned(), (1, 1), 1),
        ];
        assert_eq!(days, expected);
    }
}
