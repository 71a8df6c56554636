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

use self::cursor::Cursor;
use self::marks::Marks;
use super::join::Joiner;
use super::parts::{Metric, Participant, Parts, Run, Segment, Session, Sheet};
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

    /// Reads one record and gives its visits, by number. Returns why other visits of it could not be read.
    ///
    /// # Errors
    /// Not a JSON object of this shape in UTF-8, or without id or start. The next record is not concerned.
    pub fn read(
        &mut self,
        record: &[u8],
        mut each: impl FnMut(&Visit<'_>),
    ) -> Result<&[&'static str], Refused> {
        self.fill(record)?;
        let sheet = Sheet {
            parts: &self.parts,
            record,
        };
        let frame = frame(sheet).map_err(|reason| Refused { offset: 0, reason })?;
        Ok(self
            .joiner
            .join(sheet, &frame, |joined| each(&joined.visit)))
    }

    fn fill(&mut self, record: &[u8]) -> Result<(), Refused> {
        self.marks.mark(record);
        let sound = |text: &[u8]| std::str::from_utf8(text).is_ok();
        let is_text = self.marks.is_ascii() || sound(record);
        if is_text && scan(record, &self.marks, &mut self.parts).is_some() {
            return Ok(());
        }
        let text = std::str::from_utf8(record).map_err(|error| Refused {
            offset: error.valid_up_to(),
            reason: "it is not UTF-8",
        })?;
        parse(text, &mut self.parts)
    }
}

/// Fills `parts`; `None` if something is odd.
fn scan(record: &[u8], marks: &Marks, parts: &mut Parts) -> Option<()> {
    parts.clear();
    let mut cursor = Cursor::new(record, marks);
    let mut once = Once::default();
    cursor.object(|at, key| match key {
        b"conversationId" => Some(parts.id = once.at(0, || at.text(parts))?),
        b"conversationStart" => Some(parts.started = once.at(1, || at.text(parts))?),
        b"conversationEnd" => Some(parts.ended = once.at(2, || at.text(parts))?),
        b"divisionIds" => once.at(3, || divisions(at, parts)),
        b"participants" => once.at(4, || at.list(|at| participant(at, parts))),
        _ => at.skip(),
    })?;
    cursor.is_at_end().then_some(())
}

/// Which members have come; one that comes twice is odd.
#[derive(Default)]
struct Once(u8);

impl Once {
    #[inline]
    fn at<T>(&mut self, number: u8, read: impl FnOnce() -> Option<T>) -> Option<T> {
        let bit = 1 << number;
        let is_first = self.0 & bit == 0;
        self.0 |= bit;
        is_first.then(read).flatten()
    }
}

fn divisions(at: &mut Cursor<'_>, parts: &mut Parts) -> Option<()> {
    at.list(|at| {
        let division = at.text(parts)?;
        parts.divisions.extend(division);
        Some(())
    })
}

fn participant(at: &mut Cursor<'_>, parts: &mut Parts) -> Option<()> {
    let mut participant = Participant::default();
    let mut purpose = None;
    let mut once = Once::default();
    at.object(|at, key| match key {
        b"purpose" => {
            let word = once.at(0, || at.word())?;
            purpose = Some(word.map_or(Purpose::Other, Purpose::named));
            Some(())
        }
        b"userId" => Some(participant.user = once.at(1, || at.text(parts))?),
        b"sessions" if purpose == Some(Purpose::Other) => once.at(2, || at.skip()),
        b"sessions" => {
            let from = parts.sessions.len();
            once.at(2, || at.list(|at| session(at, parts)))?;
            Some(participant.sessions = Run::new(from, parts.sessions.len())?)
        }
        _ => at.skip(),
    })?;
    participant.purpose = purpose.unwrap_or_default();
    parts.participants.push(participant);
    Some(())
}

fn session(at: &mut Cursor<'_>, parts: &mut Parts) -> Option<()> {
    let mut session = Session::default();
    let mut once = Once::default();
    at.object(|at, key| match key {
        b"mediaType" => Some(session.media = once.at(0, || at.text(parts))?),
        b"usedRouting" => Some(session.used_routing = once.at(1, || at.text(parts))?),
        b"metrics" => {
            let from = parts.metrics.len();
            once.at(2, || at.list(|at| metric(at, parts)))?;
            Some(session.metrics = Run::new(from, parts.metrics.len())?)
        }
        b"segments" => {
            let from = parts.segments.len();
            once.at(3, || at.list(|at| segment(at, parts)))?;
            Some(session.segments = Run::new(from, parts.segments.len())?)
        }
        _ => at.skip(),
    })?;
    parts.sessions.push(session);
    Some(())
}

fn metric(at: &mut Cursor<'_>, parts: &mut Parts) -> Option<()> {
    let mut metric = Metric::default();
    let mut once = Once::default();
    at.object(|at, key| match key {
        b"name" => {
            let word = once.at(0, || at.word())?;
            Some(metric.name = word.map_or(MetricName::Other, MetricName::named))
        }
        b"value" => Some(metric.value = once.at(1, || at.amount())?),
        b"emitDate" => Some(metric.emitted = once.at(2, || at.text(parts))?),
        _ => at.skip(),
    })?;
    parts.metrics.push(metric);
    Some(())
}

fn segment(at: &mut Cursor<'_>, parts: &mut Parts) -> Option<()> {
    let mut segment = Segment::default();
    let mut once = Once::default();
    at.object(|at, key| match key {
        b"segmentType" => {
            let word = once.at(0, || at.word())?;
            Some(segment.kind = word.map_or(SegmentType::Other, SegmentType::named))
        }
        b"segmentStart" => Some(segment.start = once.at(1, || at.text(parts))?),
        b"segmentEnd" => Some(segment.end = once.at(2, || at.text(parts))?),
        b"queueId" => Some(segment.queue = once.at(3, || at.text(parts))?),
        b"wrapUpCode" => Some(segment.wrap_up = once.at(4, || at.text(parts))?),
        b"requestedRoutingSkillIds" => {
            let from = parts.skills.len();
            once.at(5, || {
                at.list(|at| {
                    let skill = at.text(parts)?;
                    parts.skills.extend(skill);
                    Some(())
                })
            })?;
            Some(segment.skills = Run::new(from, parts.skills.len())?)
        }
        _ => at.skip(),
    })?;
    parts.segments.push(segment);
    Some(())
}
