//! What is missing between the first and the last day of a queue.

use jiff::civil::Date;
use waitwise_history::Head;
use waitwise_model::QueueId;

/// Days in a row of which a queue's facts are not known to be all there was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The queue.
    pub queue: QueueId,
    /// The first UTC day.
    pub first: Date,
    /// The last UTC day.
    pub last: Date,
    /// What is missing.
    pub kind: GapKind,
}

/// What is missing of a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GapKind {
    /// There are no facts.
    Missing,
    /// Only a part of the day was read.
    Partly,
    /// There are facts, and nobody says whether they are all.
    Unknown,
}

impl GapKind {
    /// Returns the word that stands for it.
    pub fn as_str(self) -> &'static str {
        match self {
            GapKind::Missing => "missing",
            GapKind::Partly => "partly",
            GapKind::Unknown => "unknown",
        }
    }
}

/// Finds the gaps of all queues. `heads` are sorted by queue and day.
pub fn gaps<'a>(heads: impl IntoIterator<Item = &'a Head>) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut before: Option<&Head> = None;
    for head in heads {
        let expected = before.filter(|before| before.queue == head.queue);
        let expected = expected.and_then(|before| before.day.tomorrow().ok());
        if let Some(first) = expected.filter(|first| *first < head.day)
            && let Ok(last) = head.day.yesterday()
        {
            add(&mut gaps, head, (first, last), GapKind::Missing);
        }
        if head.coverage.is_unknown() {
            add(&mut gaps, head, (head.day, head.day), GapKind::Unknown);
        } else if !head.coverage.is_whole(head.day) {
            add(&mut gaps, head, (head.day, head.day), GapKind::Partly);
        }
        before = Some(head);
    }
    gaps
}

/// Adds days, to the gap before them if they continue it.
fn add(gaps: &mut Vec<Gap>, of: &Head, (first, last): (Date, Date), kind: GapKind) {
    let continued = gaps.last_mut().filter(|gap| {
        let next = gap.last.tomorrow().ok();
        (&gap.queue, gap.kind, next) == (&of.queue, kind, Some(first))
    });
    match continued {
        Some(gap) => gap.last = last,
        None => gaps.push(Gap {
            queue: of.queue.clone(),
            first,
            last,
            kind,
        }),
    }
}

#[cfg(test)]
mod tests {
    use waitwise_history::Coverage;

    use super::*;

    fn head(queue: &str, day: &str, covers: char) -> Head {
        let day = day.parse().unwrap();
        let mut coverage = Coverage::whole(day).unwrap();
        match covers {
            'w' => {}
            'u' => coverage = Coverage::unknown(day).unwrap(),
            _ => coverage.to -= jiff::SignedDuration::from_hours(1),
        }
        Head {
            queue: QueueId::new(queue),
            day,
            coverage,
            sources: Vec::new(),
            legs: 0,
            in_progress: 0,
        }
    }

    #[test]
    fn gaps_are_told_as_stretches() {
        let heads = [
            head("a", "2026-03-01", 'w'),
            head("a", "2026-03-02", 'u'),
            head("a", "2026-03-03", 'u'),
            head("a", "2026-03-07", 'p'),
            head("b", "2026-01-01", 'w'),
            head("b", "2026-01-03", 'w'),
        ];
        let found: Vec<_> = gaps(&heads)
            .into_iter()
            .map(|gap| {
                format!(
                    "{} {} {} {}",
                    gap.queue,
                    gap.first,
                    gap.last,
                    gap.kind.as_str()
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "a 2026-03-02 2026-03-03 unknown",
                "a 2026-03-04 2026-03-06 missing",
                "a 2026-03-07 2026-03-07 partly",
                "b 2026-01-02 2026-01-02 missing",
            ]
        );
    }
}
