//! The facts of one queue and one UTC day: a text whose first line says what it holds.
//!
//! The first line is the head: format, queue, day, which part of the day was read, counts, and a digest of all that
//! follows. Then one line per visit, by time of entry, conversation and number, so that the same visits give the same
//! bytes. A file is read line by line, and its digest is checked at the end.

use std::fmt::Write as _;
use std::io::BufRead;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use waitwise_model::QueueId;

use crate::Fact;
use crate::line::{self, Line};

/// What the first line of every file of facts names.
pub const FORMAT: &str = "waitwise-facts/1";

/// Which part of its day a file holds: the conversations that began in this half-open stretch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// First instant.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

impl Coverage {
    /// Returns the whole of a UTC day. `None` at the calendar's very end.
    pub fn whole(day: Date) -> Option<Coverage> {
        let midnight = |day: Date| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
        Some(Coverage {
            from: midnight(day)?,
            to: midnight(day.tomorrow().ok()?)?,
        })
    }

    /// Returns whether it holds all of `day`.
    pub fn is_whole(&self, day: Date) -> bool {
        Coverage::whole(day).is_some_and(|whole| self.from <= whole.from && whole.to <= self.to)
    }
}

/// What a file of facts says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The queue.
    pub queue: QueueId,
    /// The UTC day on which the conversations began.
    pub day: Date,
    /// Which part of the day was read.
    pub coverage: Coverage,
    /// How many visits follow.
    pub legs: usize,
    /// How many of them belong to a conversation that was going on when it was read.
    pub in_progress: usize,
    /// `sha256:` and the digest of everything after the first line.
    pub digest: String,
}

impl Head {
    /// Returns whether nothing is to be expected from reading the day again: all of it was read, and every conversation
    /// was over.
    pub fn is_final(&self) -> bool {
        self.coverage.is_whole(self.day) && self.in_progress == 0
    }
}

/// A file of facts that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FactsError {
    /// It cannot be read.
    #[error("cannot read line {line}")]
    Read {
        /// From 1.
        line: usize,
        /// Why.
        source: std::io::Error,
    },
    /// Its first line is of another format.
    #[error("its first line does not say `{expected}`")]
    Format {
        /// What should stand there.
        expected: &'static str,
    },
    /// A line is not what it should be.
    #[error("line {line} is not of this format")]
    Line {
        /// From 1.
        line: usize,
    },
    /// It was damaged, or cut off.
    #[error("it does not hold what its first line promises: {what}")]
    Damaged {
        /// What is different.
        what: &'static str,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadShape {
    format: String,
    queue: String,
    day: Date,
    from: Timestamp,
    to: Timestamp,
    legs: usize,
    in_progress: usize,
    digest: String,
}

/// Writes a day's facts of one queue.
pub fn write(queue: &QueueId, day: Date, coverage: Coverage, mut facts: Vec<Fact>) -> String {
    facts.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut body = String::with_capacity(facts.len() * 320);
    for fact in &facts {
        let conversation = (&fact.conversation, fact.started_at, fact.ended_at);
        line::write(conversation, &fact.divisions, Some(&fact.leg), &mut body);
    }
    let head = HeadShape {
        format: FORMAT.to_owned(),
        queue: queue.to_string(),
        day,
        from: coverage.from,
        to: coverage.to,
        legs: facts.len(),
        in_progress: facts.iter().filter(|fact| fact.ended_at.is_none()).count(),
        digest: digest(&Sha256::digest(&body)),
    };
    with_head(&head, &body)
}

fn key(fact: &Fact) -> (Timestamp, &str, u32) {
    (
        fact.leg.entered_at,
        fact.conversation.as_str(),
        fact.leg.number,
    )
}

/// Puts the head's line before the rest.
pub(crate) fn with_head(head: &impl Serialize, body: &str) -> String {
    // Texts and numbers: writing them as JSON cannot fail.
    let head = serde_json::to_string(head).unwrap_or_default();
    format!("{head}\n{body}")
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Reads facts one after the other. The digest is checked at the end: what came before an error must not be used.
#[derive(Debug)]
pub struct Reader<R> {
    head: Head,
    lines: Lines<R>,
    legs: usize,
}

impl<R: BufRead> Reader<R> {
    /// Reads the head.
    ///
    /// # Errors
    /// It cannot be read, or is not of this format and version.
    pub fn open(text: R) -> Result<Reader<R>, FactsError> {
        let mut lines = Lines::new(text);
        let wrong = FactsError::Format { expected: FORMAT };
        let Some(first) = lines.next()? else {
            return Err(wrong);
        };
        let shape: HeadShape = match serde_json::from_str(first) {
            Ok(shape) => shape,
            Err(_) => return Err(wrong),
        };
        if shape.format != FORMAT {
            return Err(wrong);
        }
        lines.start_digest();
        let head = Head {
            queue: QueueId::new(shape.queue),
            day: shape.day,
            coverage: Coverage {
                from: shape.from,
                to: shape.to,
            },
            legs: shape.legs,
            in_progress: shape.in_progress,
            digest: shape.digest,
        };
        Ok(Reader {
            head,
            lines,
            legs: 0,
        })
    }

    /// Returns the head.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Reads the next fact; `None` at the end, after the digest was found right.
    ///
    /// # Errors
    /// The text cannot be read, has a line of another kind, or is not the one that was written.
    pub fn next_fact(&mut self) -> Result<Option<Fact>, FactsError> {
        let Some(text) = self.lines.next()? else {
            return self.end().map(|()| None);
        };
        let read: Option<Line<'_>> = serde_json::from_str(text).ok();
        let value = read.and_then(|line| line.value());
        let Some((conversation, Some(leg))) = value else {
            return Err(FactsError::Line {
                line: self.lines.number,
            });
        };
        self.legs += 1;
        Ok(Some(Fact {
            conversation: conversation.id,
            started_at: conversation.started_at,
            ended_at: conversation.ended_at,
            divisions: conversation.divisions,
            leg,
        }))
    }

    fn end(&self) -> Result<(), FactsError> {
        if self.legs != self.head.legs {
            return Err(FactsError::Damaged {
                what: "the number of lines",
            });
        }
        self.lines.check(&self.head.digest)
    }
}

/// Lines with their digest.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    text: R,
    line: String,
    digest: Sha256,
    pub(crate) number: usize,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(text: R) -> Self {
        Lines {
            text,
            line: String::new(),
            digest: Sha256::new(),
            number: 0,
        }
    }

    /// Reads the next line; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<&str>, FactsError> {
        self.line.clear();
        let read = self.text.read_line(&mut self.line);
        let read = read.map_err(|source| FactsError::Read {
            line: self.number + 1,
            source,
        })?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.digest.update(&self.line);
        Ok(Some(self.line.trim_end_matches('\n')))
    }

    /// Forgets what was read so far: the digest is of the rest.
    pub(crate) fn start_digest(&mut self) {
        self.digest = Sha256::new();
    }

    pub(crate) fn check(&self, expected: &str) -> Result<(), FactsError> {
        match digest(&self.digest.clone().finalize()) == expected {
            true => Ok(()),
            false => Err(FactsError::Damaged { what: "the digest" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use waitwise_model::Abandonment;

    use super::*;
    use crate::facts_of;
    use crate::samples::{abandoned, answered, conversation, leg, second};

    fn sample(idx: usize) -> Fact {
        let id = format!("k{idx}");
        let mut conversation = conversation(&id, 60, !idx.is_multiple_of(4));
        let entered = i64::try_from(idx % 3).unwrap();
        conversation.legs = vec![match idx % 5 {
            0 => leg(1, entered, answered(60, None)),
            1 => leg(1, entered, abandoned(9, Abandonment::Short)),
            2 => leg(2, entered, waitwise_model::Outcome::Waiting),
            3 => leg(1, entered, abandoned(90, Abandonment::Patient)),
            _ => leg(3, entered, answered(7, Some("c\"2"))),
        }];
        facts_of(conversation).next().unwrap()
    }

    fn written(order: &[usize]) -> String {
        let day = "2026-03-02".parse().unwrap();
        let facts = order.iter().map(|idx| sample(*idx)).collect();
        write(
            &QueueId::new("q1"),
            day,
            Coverage::whole(day).unwrap(),
            facts,
        )
    }

    fn read(text: &str) -> Result<Vec<Fact>, FactsError> {
        let mut reader = Reader::open(text.as_bytes())?;
        let mut facts = Vec::new();
        while let Some(fact) = reader.next_fact()? {
            facts.push(fact);
        }
        Ok(facts)
    }

    proptest! {
        #[test]
        fn the_order_in_which_facts_came_does_not_show(order in Just((0..30).collect::<Vec<usize>>()).prop_shuffle()) {
            let sorted: Vec<usize> = (0..30).collect();
            prop_assert_eq!(written(&order), written(&sorted));
        }

        #[test]
        fn facts_come_back_as_they_were(n in 0..30_usize) {
            let order: Vec<usize> = (0..n).collect();
            let mut back = read(&written(&order)).unwrap();
            back.sort_by_key(|fact| fact.conversation.as_str()[1..].parse::<usize>().unwrap());
            let facts: Vec<_> = order.iter().map(|idx| sample(*idx)).collect();
            prop_assert_eq!(back, facts);
        }

        #[test]
        fn no_changed_byte_goes_unnoticed(at in any::<prop::sample::Index>()) {
            let text = written(&[1, 2, 3]);
            let body = text.find('\n').unwrap() + 1;
            let at = body + at.index(text.len() - body);
            let mut bytes = text.into_bytes();
            bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
            let text = String::from_utf8(bytes).unwrap();
            prop_assert!(read(&text).is_err());
        }
    }

    #[test]
    fn a_cut_off_file_and_another_version_are_refused() {
        let text = written(&[1, 2, 3]);
        let last = text.trim_end().rfind('\n').unwrap();
        let error = read(&text[..=last]).unwrap_err();
        assert!(matches!(
            error,
            FactsError::Damaged {
                what: "the number of lines"
            }
        ));
        let newer = text.replace("waitwise-facts/1", "waitwise-facts/2");
        assert!(matches!(read(&newer), Err(FactsError::Format { .. })));
        assert!(matches!(read(""), Err(FactsError::Format { .. })));
    }

    #[test]
    fn a_day_is_final_when_it_was_read_whole_and_nothing_goes_on() {
        let day = "2026-03-02".parse().unwrap();
        let head = |text: &str| Reader::open(text.as_bytes()).unwrap().head().clone();
        assert!(head(&written(&[1, 2])).is_final());
        assert!(!head(&written(&[1, 4])).is_final());
        let (from, to) = (second(0), second(80_000));
        let part = write(&QueueId::new("q1"), day, Coverage { from, to }, Vec::new());
        assert!(!head(&part).is_final());
    }
}
