//! The join: which answer belongs to which visit.

use waitwise_model::{Coded, Ending, Visit};

use super::parts::{Metric, Participant, Session, Sheet, Span};
use super::record::{MetricName, Purpose, SegmentType};
use super::timestamp;

/// Reserved texts in a code's place begin so, such as `ININ-WRAP-UP-TIMEOUT`. No complete list was found.
const RESERVED: &str = "ININ-";

/// Lists that the join of one record leaves to the next.
#[derive(Debug, Default)]
pub(super) struct Joiner {
    entries: Vec<Entry>,
    answers: Vec<Answer>,
    legs: Vec<Leg>,
    rejected: Vec<&'static str>,
}

/// What the visits of one conversation have in common.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) id: &'a str,
    pub(super) started_at_ms: i64,
    pub(super) ended_at_ms: Option<i64>,
}

impl Frame<'_> {
    /// Returns the record's own date: the latest moment that it or one of its queues' and agents' sessions tells of. A
    /// later record of the same conversation tells of more.
    pub(super) fn recorded_at_ms(&self, sheet: Sheet<'_>) -> i64 {
        const WHO: [Purpose; 3] = [Purpose::Acd, Purpose::Agent, Purpose::User];
        let own = std::cmp::max(self.started_at_ms, self.ended_at_ms.unwrap_or(i64::MIN));
        let of_sessions = sessions(sheet, &WHO).map(|(_, session)| sheet.latest(session));
        of_sessions.flatten().fold(own, std::cmp::max)
    }
}

/// A visit, and when its wait ended.
pub(super) struct Joined<'a> {
    pub(super) visit: Visit<'a>,
    pub(super) decided_at_ms: Option<i64>,
}

/// The queue's side of a visit.
#[derive(Clone, Copy, Debug)]
struct Entry {
    session: Session,
    queue: Span,
    entered: i64,
    left: Option<i64>,
    /// Its place among the answers.
    answer: Option<usize>,
    missed_alerts: u32,
}

/// The agent's side of a visit.
#[derive(Clone, Copy, Debug)]
struct Answer {
    session: Session,
    agent: Option<Span>,
    queue: Option<Span>,
    at: i64,
    wait_ms: u64,
    is_alone: bool,
}

/// A visit with what both sides say.
#[derive(Clone, Copy, Debug)]
struct Leg {
    /// The side that names media and skills where the agent's has none.
    session: Session,
    queue: Span,
    entered: i64,
    is_offered: bool,
    ending: Ending,
    decided: Option<i64>,
    wait_ms: Option<u64>,
    answer: Option<Answer>,
    missed_alerts: u32,
}

/// A way of leaving a queue other than by an answer.
#[derive(Clone, Copy)]
struct Parting<'a> {
    metric: &'a Metric,
    ending: Ending,
}

impl Joiner {
    /// Gives each visit of a record in the order of entry. Returns why others could not be read.
    pub(super) fn join<'a>(
        &mut self,
        sheet: Sheet<'a>,
        frame: &Frame<'a>,
        mut each: impl FnMut(&Joined<'_>),
    ) -> &[&'static str] {
        self.rejected.clear();
        self.find_entries(sheet);
        self.find_answers(sheet);
        for idx in 0..self.answers.len() {
            self.assign(sheet, idx);
        }
        self.ring(sheet);
        // What has not ended yet is still to come, rather than lost.
        self.make_legs(sheet, frame.ended_at_ms.is_none());
        for (number, leg) in (1..).zip(&self.legs) {
            leg.show(sheet, frame, number, &mut each);
        }
        &self.rejected
    }

    fn find_entries(&mut self, sheet: Sheet<'_>) {
        self.entries.clear();
        for (_, session) in sessions(sheet, &[Purpose::Acd]) {
            let offered = sheet.metric(session, MetricName::Offered);
            let offered = offered.and_then(|metric| sheet.instant(metric.emitted));
            // Which type the segment has does not matter: `delay` may come before `interact`.
            let mut segments = sheet.segments(session).iter();
            let named = segments.find_map(|segment| segment.queue);
            match (named, offered.or_else(|| sheet.began(session))) {
                (Some(queue), Some(entered)) => self.entries.push(Entry {
                    session,
                    queue,
                    entered,
                    left: sheet.left(session).or_else(|| {
                        let acd = sheet.metric(session, MetricName::Acd);
                        acd.and_then(|metric| sheet.instant(metric.emitted))
                    }),
                    answer: None,
                    missed_alerts: 0,
                }),
                (None, _) => self.rejected.push("a visit names no queue"),
                (Some(_), None) => self.rejected.push("a visit does not tell when it began"),
            }
        }
    }

    fn find_answers(&mut self, sheet: Sheet<'_>) {
        self.answers.clear();
        for (who, session) in sessions(sheet, &[Purpose::Agent, Purpose::User]) {
            let Some(answered) = sheet.metric(session, MetricName::Answered) else {
                continue;
            };
            match (sheet.instant(answered.emitted), answered.duration()) {
                (Some(at), Some(wait_ms)) => self.answers.push(Answer {
                    session,
                    agent: who.user,
                    queue: sheet.queue(
                        session,
                        &[SegmentType::Alert, SegmentType::Interact, SegmentType::Hold],
                    ),
                    at,
                    wait_ms,
                    is_alone: false,
                }),
                _ => self
                    .rejected
                    .push("an answer has no time or no wait that can be read"),
            }
        }
        // Stable: answers of one instant stay in the record's order.
        self.answers.sort_by_key(|answer| answer.at);
    }

    /// Finds the visit that ended with an answer: the one that was left in the same instant, else the last one that
    /// began before it in that queue.
    fn assign(&mut self, sheet: Sheet<'_>, idx: usize) {
        let Some(answer) = self.answers.get_mut(idx) else {
            return;
        };
        let queue = answer.queue.map(|queue| sheet.bytes(queue));
        let open = self.entries.iter_mut().filter(|entry| {
            entry.answer.is_none()
                && entry.entered <= answer.at
                && queue.is_none_or(|queue| queue == sheet.bytes(entry.queue))
                && entry.parting(sheet).is_none()
        });
        let nearest = open.max_by_key(|entry| (entry.left == Some(answer.at), entry.entered));
        match nearest {
            Some(entry) => entry.answer = Some(idx),
            None => answer.is_alone = true,
        }
    }

    /// Counts the alerts that nobody took at the visits in which they rang.
    fn ring(&mut self, sheet: Sheet<'_>) {
        const ANY: [SegmentType; 5] = [
            SegmentType::Alert,
            SegmentType::Interact,
            SegmentType::Hold,
            SegmentType::WrapUp,
            SegmentType::Other,
        ];
        for (_, session) in sessions(sheet, &[Purpose::Agent, Purpose::User]) {
            if sheet.metric(session, MetricName::Answered).is_some() {
                continue;
            }
            let missed = sheet.metric(session, MetricName::NotResponding);
            let missed = missed.or_else(|| sheet.metric(session, MetricName::Alert));
            let at = missed.and_then(|metric| sheet.instant(metric.emitted));
            let (Some(at), Some(queue)) = (at, sheet.queue(session, &ANY)) else {
                continue;
            };
            let queue = sheet.bytes(queue);
            let before = self.entries.iter_mut();
            let before =
                before.filter(|entry| entry.entered <= at && sheet.bytes(entry.queue) == queue);
            if let Some(entry) = before.max_by_key(|entry| entry.entered) {
                entry.missed_alerts += 1;
            }
        }
    }

    fn make_legs(&mut self, sheet: Sheet<'_>, is_in_progress: bool) {
        self.legs.clear();
        let answers = &self.answers;
        let of_entries = self.entries.iter().map(|entry| {
            let answer = entry.answer.and_then(|idx| answers.get(idx));
            entry.leg(sheet, answer.copied(), is_in_progress)
        });
        let alone = answers.iter().filter(|answer| answer.is_alone);
        for leg in of_entries.chain(alone.map(|answer| answer.lone_leg())) {
            match leg {
                Ok(leg) => self.legs.push(leg),
                Err(reason) => self.rejected.push(reason),
            }
        }
        // Stable: visits of one instant stay in the record's order.
        self.legs.sort_by_key(|leg| leg.entered);
    }
}

fn sessions<'a>(
    sheet: Sheet<'a>,
    purposes: &'static [Purpose],
) -> impl Iterator<Item = (&'a Participant, Session)> {
    let participants = sheet.parts.participants.iter();
    let taking_part = participants.filter(|who| purposes.contains(&who.purpose));
    taking_part.flat_map(move |who| {
        let sessions = who.sessions.of(&sheet.parts.sessions);
        sessions.iter().map(move |session| (who, *session))
    })
}

const NO_TIME: &str = "a time lies outside the calendar";

impl Entry {
    fn parting<'a>(&self, sheet: Sheet<'a>) -> Option<Parting<'a>> {
        let metric = |name| sheet.metric(self.session, name);
        let short = metric(MetricName::ShortAbandon);
        let (metric, ending) = match (
            metric(MetricName::Abandon),
            short,
            metric(MetricName::FlowOut),
        ) {
            (Some(gave_up), None, _) => (gave_up, Ending::Abandoned),
            (Some(gave_up), Some(_), _) => (gave_up, Ending::ShortAbandoned),
            // Whether a short one counts among the abandoned too could not be verified; both are told apart.
            (None, Some(short), _) => (short, Ending::ShortOnly),
            (None, None, Some(flowed_out)) => (flowed_out, Ending::FlowedOut),
            (None, None, None) => return None,
        };
        Some(Parting { metric, ending })
    }

    fn leg(
        &self,
        sheet: Sheet<'_>,
        answer: Option<Answer>,
        is_in_progress: bool,
    ) -> Result<Leg, &'static str> {
        let mut leg = Leg {
            session: self.session,
            queue: self.queue,
            entered: self.entered,
            is_offered: sheet.counts(self.session, &[MetricName::Offered]),
            ending: Ending::Untold,
            decided: None,
            wait_ms: None,
            answer: None,
            missed_alerts: self.missed_alerts,
        };
        match (self.parting(sheet), answer) {
            (Some(Parting { metric, ending }), _) => {
                let at = sheet.instant(metric.emitted).or(self.left);
                leg.decided = Some(at.ok_or("a visit does not tell when it ended")?);
                leg.wait_ms = Some(metric.duration().ok_or("a wait cannot be read")?);
                leg.ending = ending;
            }
            (None, Some(answer)) => leg.end_by(answer),
            (None, None) if is_in_progress && self.left.is_none() => leg.ending = Ending::Waiting,
            (None, None) => {}
        }
        Ok(leg)
    }
}

impl Answer {
    /// Makes a visit of an answer whose time in the queue left no record.
    fn lone_leg(self) -> Result<Leg, &'static str> {
        let queue = self.queue.ok_or("an answer names no queue")?;
        let wait = i64::try_from(self.wait_ms).ok();
        let entered = wait.and_then(|wait| self.at.checked_sub(wait));
        let entered = entered.filter(|entered| timestamp(*entered).is_some());
        let mut leg = Leg {
            session: self.session,
            queue,
            entered: entered.ok_or(NO_TIME)?,
            is_offered: false,
            ending: Ending::Untold,
            decided: None,
            wait_ms: None,
            answer: None,
            missed_alerts: 0,
        };
        leg.end_by(self);
        Ok(leg)
    }
}

impl Leg {
    fn end_by(&mut self, answer: Answer) {
        self.ending = Ending::Answered;
        self.decided = Some(answer.at);
        self.wait_ms = Some(answer.wait_ms);
        self.answer = Some(answer);
    }

    /// Gives the visit with all its texts.
    fn show<'a>(
        &self,
        sheet: Sheet<'a>,
        frame: &Frame<'a>,
        number: u32,
        each: &mut impl FnMut(&Joined<'_>),
    ) {
        let text = |span: Option<Span>| span.map(|span| sheet.text(span));
        let answer = self.answer.as_ref();
        let session = answer.map(|answer| answer.session);
        // The per-stretch numbers are all there is while a session goes on.
        let total = |name| sheet.total(session?, name);
        let whole = |all, stretch| total(all).or_else(|| total(stretch));
        let visit = Visit {
            conversation: frame.id,
            started_at_ms: frame.started_at_ms,
            ended_at_ms: frame.ended_at_ms,
            number,
            queue: sheet.text(self.queue),
            // A session without a type is of the platform's own type for that, `unknown`.
            media: text(self.session.media).unwrap_or("unknown"),
            skills: &[],
            entered_at_ms: self.entered,
            is_offered: self.is_offered,
            ending: self.ending,
            wait_ms: self.wait_ms,
            coding: session.map_or(Coded::Nothing, |session| coding(sheet, session)),
            agent: answer.and_then(|answer| text(answer.agent)),
            talk_ms: whole(MetricName::TalkComplete, MetricName::Talk),
            hold_ms: whole(MetricName::HeldComplete, MetricName::Held),
            after_call_ms: total(MetricName::AfterCall),
            handle_ms: total(MetricName::Handle),
            is_transferred: session.is_some_and(|session| {
                sheet.counts(
                    session,
                    &[
                        MetricName::Transferred,
                        MetricName::BlindTransferred,
                        MetricName::ConsultTransferred,
                    ],
                )
            }),
            missed_alerts: self.missed_alerts,
            priority: None,
            routing: session.and_then(|session| text(session.used_routing)),
        };
        let asked = session.filter(|session| asks(sheet, *session));
        with_skills(sheet, asked.unwrap_or(self.session), |skills| {
            each(&Joined {
                visit: Visit { skills, ..visit },
                decided_at_ms: self.decided,
            });
        });
    }
}

fn asks(sheet: Sheet<'_>, session: Session) -> bool {
    let mut segments = sheet.segments(session).iter();
    segments.any(|segment| !segment.skills.of(&sheet.parts.skills).is_empty())
}

/// Calls `then` with the different skills that a session's segments ask for, sorted.
fn with_skills<'a>(sheet: Sheet<'a>, session: Session, then: impl FnOnce(&[&'a str])) {
    /// How many skills, repeated ones counted, are sorted without allocating: few ask for more than two or three, and
    /// each of a few segments repeats them.
    const FEW: usize = 16;
    let mut last: &[Span] = &[];
    let segments = sheet.segments(session).iter();
    let lists = segments.map(|segment| segment.skills.of(&sheet.parts.skills));
    // Whose skills are those of the segment before costs a comparison, and neither a check of its texts nor a place.
    let lists = lists.filter(|list| !sheet.are_same(std::mem::replace(&mut last, list), list));
    let mut texts = lists.flatten().map(|span| sheet.text(*span));
    let mut few = [""; FEW];
    let n_few = few
        .iter_mut()
        .zip(texts.by_ref())
        .map(|(place, text)| *place = text)
        .count();
    let mut rest = texts.peekable();
    if rest.peek().is_none() {
        let few = few.get_mut(..n_few).unwrap_or_default();
        let n = sort_and_dedup(few);
        then(few.get(..n).unwrap_or_default());
    } else {
        let mut many: Vec<_> = few.into_iter().chain(rest).collect();
        many.sort_unstable();
        many.dedup();
        then(&many);
    }
}

/// Sorts, moves the different ones to the front, and returns how many they are.
fn sort_and_dedup(texts: &mut [&str]) -> usize {
    texts.sort_unstable();
    let mut n = 0;
    for idx in 0..texts.len() {
        if n == 0 || texts[idx] != texts[n - 1] {
            texts[n] = texts[idx];
            n += 1;
        }
    }
    n
}

fn coding(sheet: Sheet<'_>, session: Session) -> Coded<'_> {
    let segments = sheet.segments(session).iter().rev();
    let wrap_ups = segments.filter(|segment| segment.kind == SegmentType::WrapUp);
    let mut codes = wrap_ups.filter_map(|segment| Some(sheet.text(segment.wrap_up?)));
    match codes.find(|code| !code.is_empty()) {
        None => Coded::Nothing,
        Some(text) if text.starts_with(RESERVED) => Coded::Reserved(text),
        Some(code) => Coded::Code(code),
    }
}
