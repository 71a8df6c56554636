//! Reading many records fast: a scanner that looks only at what is wanted.
//!
//! It knows the usual way in which a record is written, with its members in any order, and takes nothing else: what is
//! odd, it leaves to the typed parser ([`super::read`]), which reads or refuses it. So both give the same visits and
//! refuse the same records.

mod cursor;
mod marks;
#[cfg(test)]
mod tests;

use waitwise_model::Visit;

use self::cursor::{Cursor, Once};
use self::marks::Marks;
use super::join::{Frame, Joined, Joiner};
use super::parts::{Metric, Participant, Parts, Run, Segment, Session, Sheet, Span};
use super::record::{MetricName, Purpose, SegmentType};
use super::refused::Refused;
use super::{frame, parse};

/// Reads records one after the other, with buffers that are used again.
#[derive(Debug, Default)]
pub struct Scanner {
    marks: Marks,
    parts: Parts,
    joiner: Joiner,
}

impl Scanner {
    /// Returns a scanner.
    pub fn new() -> Scanner {
        Scanner::default()
    }

    /// Reads one record and gives its visits, by number, each with when its wait ended, in milliseconds since 1970. Returns
    /// why other visits of it could not be read.
    ///
    /// # Errors
    /// Not a JSON object of this shape in UTF-8, or without id or start. The next record is not concerned.
    pub fn read(
        &mut self,
        record: &[u8],
        each: impl FnMut(&Visit<'_>, Option<i64>),
    ) -> Result<&[&'static str], Refused> {
        Ok(self.read_frame(record, |_| (), each)?.1)
    }

    /// Reads one record as [`Scanner::read`] does, and returns its own date too, in milliseconds since 1970: the latest
    /// moment that it or one of its queues' and agents' sessions tells of.
    ///
    /// # Errors
    /// As [`Scanner::read`].
    pub fn read_dated(
        &mut self,
        record: &[u8],
        each: impl FnMut(&Visit<'_>, Option<i64>),
    ) -> Result<(i64, &[&'static str]), Refused> {
        self.read_frame(record, |(frame, sheet)| frame.recorded_at_ms(sheet), each)
    }

    fn read_frame<T>(
        &mut self,
        record: &[u8],
        look: impl FnOnce((&Frame<'_>, Sheet<'_>)) -> T,
        mut each: impl FnMut(&Visit<'_>, Option<i64>),
    ) -> Result<(T, &[&'static str]), Refused> {
        let record = self.fill(record)?;
        let sheet = Sheet {
            parts: &self.parts,
            record,
        };
        let frame = frame(sheet).map_err(|reason| Refused { offset: 0, reason })?;
        let found = look((&frame, sheet));
        let joined = |joined: &Joined<'_>| each(&joined.visit, joined.decided_at_ms);
        Ok((found, self.joiner.join(sheet, &frame, joined)))
    }

    /// Fills the parts, and returns the record as text: checked once as a whole, so that its texts need not be.
    fn fill<'r>(&mut self, record: &'r [u8]) -> Result<&'r str, Refused> {
        let text = simdutf8::compat::from_utf8(record).map_err(|error| Refused {
            offset: error.valid_up_to(),
            reason: "it is not UTF-8",
        })?;
        self.marks.mark(record);
        if scan(record, &self.marks, &mut self.parts).is_none() {
            parse(text, &mut self.parts)?;
        }
        Ok(text)
    }
}

/// Fills `parts`; `None` if something is odd.
fn scan(record: &[u8], marks: &Marks, parts: &mut Parts) -> Option<()> {
    parts.clear();
    if marks.is_plain() {
        conversation(Cursor::<true>::new(record, marks)?, parts)
    } else {
        conversation(Cursor::<false>::new(record, marks)?, parts)
    }
}

/// Walks the members of an object: what is wanted of it by number and key, each at most once, and what to do at its value.
macro_rules! members {
    ($at:ident, $($number:literal $key:literal => $read:expr,)+) => {
        let has_member = $at.object()?;
        members!($at after (Once::default(), has_member), $($number $key => $read,)+);
    };
    ($at:ident after $begin:expr, $($number:literal $key:literal => $read:expr,)+) => {
        let (mut once, mut has_member): (Once, bool) = $begin;
        while has_member {
            let key = $at.key()?;
            $(if key == $key.as_bytes() {
                once.first($number)?;
                $read;
            } else)+ {
                $at.skip()?;
            }
            has_member = $at.has_member()?;
        }
    };
}

/// Walks the elements of a list that are not null.
macro_rules! elements {
    ($at:ident, $read:expr) => {
        let mut has_element = $at.list()?;
        while has_element {
            if !$at.is_null()? {
                $read;
            }
            has_element = $at.has_element()?;
        }
    };
}

fn conversation<const PLAIN: bool>(mut at: Cursor<'_, PLAIN>, parts: &mut Parts) -> Option<()> {
    members!(at,
        0 "conversationId" => parts.id = at.text(parts)?,
        1 "conversationStart" => parts.started = at.text(parts)?,
        2 "conversationEnd" => parts.ended = at.text(parts)?,
        3 "divisionIds" => {
            elements!(at, {
                let division = at.text(parts)?;
                parts.divisions.extend(division);
            });
        },
        4 "participants" => { elements!(at, at.go_to(participant(at, parts)?)); },
    );
    at.is_at_end().then_some(())
}

#[inline(never)]
fn participant<const PLAIN: bool>(mut at: Cursor<'_, PLAIN>, parts: &mut Parts) -> Option<usize> {
    let mut participant = Participant::default();
    let mut purpose = None;
    members!(at,
        0 "purpose" => purpose = Some(at.word()?.map_or(Purpose::Other, Purpose::named)),
        1 "userId" => participant.user = at.text(parts)?,
        2 "sessions" => {
            let from = parts.sessions.len();
            // Nobody asks for the sessions of customers and machines.
            if purpose == Some(Purpose::Other) {
                at.skip()?;
            } else {
                elements!(at, at.go_to(session(at, parts)?));
            }
            participant.sessions = Run::new(from, parts.sessions.len())?;
        },
    );
    participant.purpose = purpose.unwrap_or_default();
    parts.participants.push(participant);
    Some(at.place())
}

#[inline(never)]
fn session<const PLAIN: bool>(mut at: Cursor<'_, PLAIN>, parts: &mut Parts) -> Option<usize> {
    let mut session = Session::default();
    members!(at,
        0 "mediaType" => session.media = at.text(parts)?,
        1 "usedRouting" => session.used_routing = at.text(parts)?,
        2 "metrics" => {
            let from = parts.metrics.len();
            elements!(at, at.go_to(metric(at, parts)?));
            session.metrics = Run::new(from, parts.metrics.len())?;
        },
        3 "segments" => {
            let from = parts.segments.len();
            elements!(at, at.go_to(segment(at, parts)?));
            session.segments = Run::new(from, parts.segments.len())?;
        },
    );
    parts.sessions.push(session);
    Some(at.place())
}

#[inline(never)]
fn metric<const PLAIN: bool>(mut at: Cursor<'_, PLAIN>, parts: &mut Parts) -> Option<usize> {
    if let Some((metric, place)) = usual_metric(at) {
        parts.metrics.push(metric);
        return Some(place);
    }
    let mut metric = Metric::default();
    members!(at,
        0 "name" => metric.name = at.word()?.map_or(MetricName::Other, MetricName::named),
        1 "value" => metric.value = at.amount()?,
        2 "emitDate" => metric.emitted = at.text(parts)?,
    );
    parts.metrics.push(metric);
    Some(at.place())
}

/// Reads a metric that is written as nearly all are, to the letter: a third of a record is metrics.
#[inline(always)]
fn usual_metric<const PLAIN: bool>(mut at: Cursor<'_, PLAIN>) -> Option<(Metric, usize)> {
    at.literal(b"{\"name\":\"")?;
    let name = at.rest_of_text()?;
    at.literal(b",\"value\":")?;
    let value = at.amount()?;
    at.literal(b",\"emitDate\":\"")?;
    let emitted = at.rest_of_text()?;
    at.literal(b"}")?;
    let metric = Metric {
        name: MetricName::named(at.bytes(name)?),
        value,
        emitted: Some(Span::fitting(emitted)),
    };
    Some((metric, at.place()))
}

/// Reads what nearly all segments begin with, to the letter.
#[inline(always)]
fn usual_begin_of_segment<const PLAIN: bool>(
    mut at: Cursor<'_, PLAIN>,
) -> Option<(Segment, usize)> {
    at.literal(b"{\"segmentType\":\"")?;
    let kind = at.rest_of_text()?;
    at.literal(b",\"segmentStart\":\"")?;
    let start = at.rest_of_text()?;
    at.literal(b",\"segmentEnd\":\"")?;
    let end = at.rest_of_text()?;
    at.literal(b",\"queueId\":\"")?;
    let queue = at.rest_of_text()?;
    let segment = Segment {
        kind: SegmentType::named(at.bytes(kind)?),
        start: Some(Span::fitting(start)),
        end: Some(Span::fitting(end)),
        queue: Some(Span::fitting(queue)),
        ..Segment::default()
    };
    Some((segment, at.place()))
}

#[inline(never)]
fn segment<const PLAIN: bool>(mut at: Cursor<'_, PLAIN>, parts: &mut Parts) -> Option<usize> {
    let mut segment = Segment::default();
    let begin = match usual_begin_of_segment(at) {
        Some((begin, place)) => {
            at.go_to(place);
            segment = begin;
            (Once::with([0, 1, 2, 3]), at.has_member()?)
        }
        None => (Once::default(), at.object()?),
    };
    members!(at after begin,
        0 "segmentType" => segment.kind = at.word()?.map_or(SegmentType::Other, SegmentType::named),
        1 "segmentStart" => segment.start = at.text(parts)?,
        2 "segmentEnd" => segment.end = at.text(parts)?,
        3 "queueId" => segment.queue = at.text(parts)?,
        4 "wrapUpCode" => segment.wrap_up = at.text(parts)?,
        5 "requestedRoutingSkillIds" => {
            let from = parts.skills.len();
            elements!(at, {
                let skill = at.text(parts)?;
                parts.skills.extend(skill);
            });
            segment.skills = Run::new(from, parts.skills.len())?;
        },
    );
    parts.segments.push(segment);
    Some(at.place())
}
