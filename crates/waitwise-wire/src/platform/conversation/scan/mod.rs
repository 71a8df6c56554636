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
use super::join::{Frame, Joined, Joiner};
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
        self.fill(record)?;
        let sheet = Sheet {
            parts: &self.parts,
            record,
        };
        let frame = frame(sheet).map_err(|reason| Refused { offset: 0, reason })?;
        let found = look((&frame, sheet));
        let joined = |joined: &Joined<'_>| each(&joined.visit, joined.decided_at_ms);
        Ok((found, self.joiner.join(sheet, &frame, joined)))
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
    let at = &mut Cursor::new(record, marks);
    let mut object = at.object()?;
    while let Some(key) = object.next(at)? {
        match key {
            _ if key == b"conversationId" => {
                object.once(0)?;
                parts.id = at.text(parts)?;
            }
            _ if key == b"conversationStart" => {
                object.once(1)?;
                parts.started = at.text(parts)?;
            }
            _ if key == b"conversationEnd" => {
                object.once(2)?;
                parts.ended = at.text(parts)?;
            }
            _ if key == b"divisionIds" => {
                object.once(3)?;
                let mut list = at.list()?;
                while list.next(at)? {
                    let division = at.text(parts)?;
                    parts.divisions.extend(division);
                }
            }
            _ if key == b"participants" => {
                object.once(4)?;
                let mut list = at.list()?;
                while list.next(at)? {
                    participant(at, parts)?;
                }
            }
            _ => at.skip()?,
        }
    }
    at.is_at_end().then_some(())
}

fn participant(at: &mut Cursor<'_>, parts: &mut Parts) -> Option<()> {
    let mut participant = Participant::default();
    let mut purpose = None;
    let mut object = at.object()?;
    while let Some(key) = object.next(at)? {
        match key {
            _ if key == b"purpose" => {
                object.once(0)?;
                purpose = Some(at.word()?.map_or(Purpose::Other, Purpose::named));
            }
            _ if key == b"userId" => {
                object.once(1)?;
                participant.user = at.text(parts)?;
            }
            _ if key == b"sessions" => {
                object.once(2)?;
                // Nobody asks for the sessions of customers and machines.
                if purpose == Some(Purpose::Other) {
                    at.skip()?;
                    continue;
                }
                let from = parts.sessions.len();
                let mut list = at.list()?;
                while list.next(at)? {
                    session(at, parts)?;
                }
                participant.sessions = Run::new(from, parts.sessions.len())?;
            }
            _ => at.skip()?,
        }
    }
    participant.purpose = purpose.unwrap_or_default();
    parts.participants.push(participant);
    Some(())
}

fn session(at: &mut Cursor<'_>, parts: &mut Parts) -> Option<()> {
    let mut session = Session::default();
    let mut object = at.object()?;
    while let Some(key) = object.next(at)? {
        match key {
            _ if key == b"mediaType" => {
                object.once(0)?;
                session.media = at.text(parts)?;
            }
            _ if key == b"usedRouting" => {
                object.once(1)?;
                session.used_routing = at.text(parts)?;
            }
            _ if key == b"metrics" => {
                object.once(2)?;
                let from = parts.metrics.len();
                let mut list = at.list()?;
                while list.next(at)? {
                    metric(at, parts)?;
                }
                session.metrics = Run::new(from, parts.metrics.len())?;
            }
            _ if key == b"segments" => {
                object.once(3)?;
                let from = parts.segments.len();
                let mut list = at.list()?;
                while list.next(at)? {
                    segment(at, parts)?;
                }
                session.segments = Run::new(from, parts.segments.len())?;
            }
            _ => at.skip()?,
        }
    }
    parts.sessions.push(session);
    Some(())
}

fn metric(at: &mut Cursor<'_>, parts: &mut Parts) -> Option<()> {
    let mut metric = Metric::default();
    let mut object = at.object()?;
    while let Some(key) = object.next(at)? {
        match key {
            _ if key == b"name" => {
                object.once(0)?;
                metric.name = at.word()?.map_or(MetricName::Other, MetricName::named);
            }
            _ if key == b"value" => {
                object.once(1)?;
                metric.value = at.amount()?;
            }
            _ if key == b"emitDate" => {
                object.once(2)?;
                metric.emitted = at.text(parts)?;
            }
            _ => at.skip()?,
        }
    }
    parts.metrics.push(metric);
    Some(())
}

fn segment(at: &mut Cursor<'_>, parts: &mut Parts) -> Option<()> {
    let mut segment = Segment::default();
    let mut object = at.object()?;
    while let Some(key) = object.next(at)? {
        match key {
            _ if key == b"segmentType" => {
                object.once(0)?;
                segment.kind = at.word()?.map_or(SegmentType::Other, SegmentType::named);
            }
            _ if key == b"segmentStart" => {
                object.once(1)?;
                segment.start = at.text(parts)?;
            }
            _ if key == b"segmentEnd" => {
                object.once(2)?;
                segment.end = at.text(parts)?;
            }
            _ if key == b"queueId" => {
                object.once(3)?;
                segment.queue = at.text(parts)?;
            }
            _ if key == b"wrapUpCode" => {
                object.once(4)?;
                segment.wrap_up = at.text(parts)?;
            }
            _ if key == b"requestedRoutingSkillIds" => {
                object.once(5)?;
                let from = parts.skills.len();
                let mut list = at.list()?;
                while list.next(at)? {
                    let skill = at.text(parts)?;
                    parts.skills.extend(skill);
                }
                segment.skills = Run::new(from, parts.skills.len())?;
            }
            _ => at.skip()?,
        }
    }
    parts.segments.push(segment);
    Some(())
}
