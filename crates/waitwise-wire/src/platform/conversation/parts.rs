//! What is read of a conversation record, laid flat: one list per kind of thing, texts as places in the record.
//!
//! It owns nothing of the record, so one [`Parts`] serves any number of records without allocating again. Both ways of
//! reading fill it: the scanner, and the typed parser for what the scanner finds odd.

use std::ops::Range;

use super::record::{MetricName, Purpose, SegmentType};
use super::tolerant::instant;

/// The parts of one record.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) id: Option<Span>,
    pub(super) started: Option<Span>,
    pub(super) ended: Option<Span>,
    pub(super) divisions: Vec<Span>,
    pub(super) participants: Vec<Participant>,
    pub(super) sessions: Vec<Session>,
    pub(super) metrics: Vec<Metric>,
    pub(super) segments: Vec<Segment>,
    pub(super) skills: Vec<Span>,
    /// Texts that do not stand in the record as they mean: those with escapes.
    pub(super) spelled_out: String,
}

/// Where a text is: in the record or, from [`SPELLED_OUT`] on, among the texts with escapes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

/// Places from here on are not in the record. Longer records are not scanned.
pub(super) const SPELLED_OUT: u32 = 1 << 31;

/// Places of consecutive things in a list of [`Parts`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Run {
    from: u32,
    to: u32,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Participant {
    pub(super) purpose: Purpose,
    pub(super) user: Option<Span>,
    pub(super) sessions: Run,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Session {
    pub(super) media: Option<Span>,
    pub(super) used_routing: Option<Span>,
    pub(super) metrics: Run,
    pub(super) segments: Run,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Metric {
    pub(super) name: MetricName,
    pub(super) value: Option<i64>,
    pub(super) emitted: Option<Span>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Segment {
    pub(super) kind: SegmentType,
    pub(super) start: Option<Span>,
    pub(super) end: Option<Span>,
    pub(super) queue: Option<Span>,
    pub(super) skills: Run,
    pub(super) wrap_up: Option<Span>,
}

impl Span {
    /// Returns whether all places in a record of so many bytes fit.
    pub(super) fn fit(n_bytes: usize) -> bool {
        n_bytes < SPELLED_OUT as usize
    }

    /// Returns the place of a text in a record whose places [fit](Span::fit).
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "places fit, and a check of each cost a tenth of the scanner"
    )]
    pub(super) fn fitting(range: Range<usize>) -> Span {
        Span {
            start: range.start as u32,
            len: (range.end - range.start) as u32,
        }
    }
}

impl Run {
    /// Returns the run from `from` to the end of a list of `len` things; `None` if there are more than 2^32.
    pub(super) fn new(from: usize, len: usize) -> Option<Run> {
        Some(Run {
            from: u32::try_from(from).ok()?,
            to: u32::try_from(len).ok()?,
        })
    }

    fn range(self) -> Range<usize> {
        self.from as usize..self.to as usize
    }

    pub(super) fn of<T>(self, list: &[T]) -> &[T] {
        list.get(self.range()).unwrap_or_default()
    }
}

impl Parts {
    pub(super) fn clear(&mut self) {
        self.id = None;
        self.started = None;
        self.ended = None;
        self.divisions.clear();
        self.participants.clear();
        self.sessions.clear();
        self.metrics.clear();
        self.segments.clear();
        self.skills.clear();
        self.spelled_out.clear();
    }

    /// Keeps a text that does not stand in the record so.
    pub(super) fn spell_out(&mut self, text: &str) -> Option<Span> {
        let start = u32::try_from(self.spelled_out.len()).ok()?;
        let len = u32::try_from(text.len()).ok()?;
        self.spelled_out.push_str(text);
        (start < SPELLED_OUT).then_some(Span {
            start: start | SPELLED_OUT,
            len,
        })
    }
}

/// A record's parts together with the record.
#[derive(Clone, Copy)]
pub(super) struct Sheet<'a> {
    pub(super) parts: &'a Parts,
    pub(super) record: &'a str,
}

impl<'a> Sheet<'a> {
    /// Returns a text's bytes.
    pub(super) fn bytes(self, span: Span) -> &'a [u8] {
        let (list, range) = self.place(span);
        list.as_bytes().get(range).unwrap_or_default()
    }

    /// Returns a text. Texts begin and end at quotes, so never within a character.
    pub(super) fn text(self, span: Span) -> &'a str {
        let (list, range) = self.place(span);
        list.get(range).unwrap_or_default()
    }

    fn place(self, span: Span) -> (&'a str, Range<usize>) {
        let (from, list) = match span.start.checked_sub(SPELLED_OUT) {
            Some(start) => (start as usize, self.parts.spelled_out.as_str()),
            None => (span.start as usize, self.record),
        };
        (list, from..from + span.len as usize)
    }

    /// Returns whether two lists have the same texts in the same order.
    pub(super) fn are_same(self, some: &[Span], others: &[Span]) -> bool {
        let mut pairs = some.iter().zip(others);
        some.len() == others.len() && pairs.all(|(a, b)| self.bytes(*a) == self.bytes(*b))
    }

    /// Returns an instant, in milliseconds since 1970; `None` if it is written in no way that is known.
    pub(super) fn instant(self, span: Option<Span>) -> Option<i64> {
        let bytes = self.bytes(span?);
        instant(bytes)
    }

    pub(super) fn metrics(self, session: Session) -> &'a [Metric] {
        session.metrics.of(&self.parts.metrics)
    }

    pub(super) fn segments(self, session: Session) -> &'a [Segment] {
        session.segments.of(&self.parts.segments)
    }

    /// Returns the first number of this name.
    pub(super) fn metric(self, session: Session, name: MetricName) -> Option<&'a Metric> {
        let mut metrics = self.metrics(session).iter();
        metrics.find(|metric| metric.name == name)
    }

    /// Returns whether a session has a number of one of these names that is above zero.
    pub(super) fn counts(self, session: Session, names: &[MetricName]) -> bool {
        let mut metrics = self.metrics(session).iter();
        metrics.any(|metric| names.contains(&metric.name) && metric.value > Some(0))
    }

    /// Returns the sum of all numbers of this name, `None` if there is none that can be used.
    pub(super) fn total(self, session: Session, name: MetricName) -> Option<u64> {
        let metrics = self.metrics(session).iter();
        let named = metrics.filter(|metric| metric.name == name);
        named
            .filter_map(Metric::duration)
            .reduce(u64::saturating_add)
    }

    /// Returns the first queue that a segment of one of these types names.
    pub(super) fn queue(self, session: Session, kinds: &[SegmentType]) -> Option<Span> {
        let mut segments = self.segments(session).iter();
        segments.find_map(|segment| segment.queue.filter(|_| kinds.contains(&segment.kind)))
    }

    /// Returns the latest moment that a session tells of.
    pub(super) fn latest(self, session: Session) -> Option<i64> {
        let segments = self.segments(session).iter();
        let stretches = segments.flat_map(|segment| [segment.start, segment.end]);
        let metrics = self.metrics(session).iter().map(|metric| metric.emitted);
        let moments = stretches.chain(metrics).filter_map(|at| self.instant(at));
        moments.reduce(std::cmp::max)
    }

    /// Returns when a session's first segment began.
    pub(super) fn began(self, session: Session) -> Option<i64> {
        let segments = self.segments(session).iter();
        let starts = segments.filter_map(|segment| self.instant(segment.start));
        starts.reduce(std::cmp::min)
    }

    /// Returns when a session's last segment ended; `None` while one has not, or if nothing tells.
    pub(super) fn left(self, session: Session) -> Option<i64> {
        let segments = self.segments(session).iter();
        let ends = segments.map(|segment| self.instant(segment.end));
        ends.reduce(|a, b| Some(std::cmp::max(a?, b?))).flatten()
    }
}

impl Metric {
    /// Returns its value as a duration in milliseconds.
    pub(super) fn duration(&self) -> Option<u64> {
        u64::try_from(self.value?).ok()
    }
}
