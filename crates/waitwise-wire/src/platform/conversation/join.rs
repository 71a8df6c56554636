//! The join: which answer belongs to which visit.

use std::sync::Arc;

use waitwise_model::{
    Abandonment, AgentId, Answer, Coding, Leg, MediaType, Outcome, QueueId, Routing, SkillId,
    Uncoded, WrapUpCodeId,
};

use super::record::{Metric, MetricName, Participant, Purpose, SegmentType, Session};
use super::timestamp;
use super::tolerant::Text;

/// Reserved texts in a code's place begin so, such as `ININ-WRAP-UP-TIMEOUT`. No complete list was found.
const RESERVED: &str = "ININ-";

/// The visits of one conversation, and why some could not be read.
pub(super) struct Joined {
    pub(super) legs: Vec<Leg>,
    pub(super) rejected: Vec<&'static str>,
}

/// Reads the visits. `is_in_progress`: what has not ended yet is still to come, rather than lost.
pub(super) fn legs(participants: &[Participant<'_>], is_in_progress: bool) -> Joined {
    let mut rejected = Vec::new();
    let mut visits = visits(participants, &mut rejected);
    let mut answers = answers(participants, &mut rejected);
    answers.sort_by_key(|answer| answer.at);
    let mut alone = Vec::new();
    for answer in answers {
        match visit_of(&visits, &answer) {
            Some(idx) => visits[idx].answer = Some(answer),
            None => alone.push(answer),
        }
    }
    ring(&mut visits, participants);
    let mut legs = Vec::with_capacity(visits.len() + alone.len());
    let of_visits = visits.iter().map(|visit| visit.leg(is_in_progress));
    for leg in of_visits.chain(alone.iter().map(AnswerRead::lone_leg)) {
        match leg {
            Ok(leg) => legs.push(leg),
            Err(reason) => rejected.push(reason),
        }
    }
    // Stable: visits of one instant stay in the record's order.
    legs.sort_by_key(|leg| leg.entered_at);
    for (number, leg) in (1..).zip(&mut legs) {
        leg.number = number;
    }
    Joined { legs, rejected }
}

/// The queue's side of a visit.
struct Visit<'a> {
    session: &'a Session<'a>,
    queue: &'a str,
    entered: i64,
    left: Option<i64>,
    answer: Option<AnswerRead<'a>>,
    missed_alerts: u32,
}

/// The agent's side of a visit.
struct AnswerRead<'a> {
    session: &'a Session<'a>,
    agent: Option<&'a Text<'a>>,
    queue: Option<&'a str>,
    at: i64,
    wait_ms: u64,
}

fn sessions<'a>(
    participants: &'a [Participant<'a>],
    purposes: &'static [Purpose],
) -> impl Iterator<Item = (&'a Participant<'a>, &'a Session<'a>)> {
    let taking_part = participants
        .iter()
        .filter(|who| purposes.contains(&who.purpose));
    taking_part.flat_map(|who| who.sessions.0.iter().map(move |session| (who, session)))
}

fn visits<'a>(
    participants: &'a [Participant<'a>],
    rejected: &mut Vec<&'static str>,
) -> Vec<Visit<'a>> {
    let mut visits = Vec::new();
    for (_, session) in sessions(participants, &[Purpose::Acd]) {
        let offered = session.metric(MetricName::Offered);
        let entered = offered.and_then(Metric::emitted).or(session.began());
        // Which type the segment has does not matter: `delay` may come before `interact`.
        let named = session
            .segments
            .0
            .iter()
            .find_map(|s| s.queue_id.as_ref())
            .map(Text::as_str);
        match (named, entered) {
            (Some(queue), Some(entered)) => visits.push(Visit {
                session,
                queue,
                entered,
                left: session.ended().or_else(|| {
                    let acd = session.metric(MetricName::Acd);
                    acd.and_then(Metric::emitted)
                }),
                answer: None,
                missed_alerts: 0,
            }),
            (None, _) => rejected.push("a visit names no queue"),
            (Some(_), None) => rejected.push("a visit does not tell when it began"),
        }
    }
    visits
}

fn answers<'a>(
    participants: &'a [Participant<'a>],
    rejected: &mut Vec<&'static str>,
) -> Vec<AnswerRead<'a>> {
    let mut answers = Vec::new();
    for (who, session) in sessions(participants, &[Purpose::Agent, Purpose::User]) {
        let Some(answered) = session.metric(MetricName::Answered) else {
            continue;
        };
        match (answered.emitted(), answered.duration()) {
            (Some(at), Some(wait_ms)) => answers.push(AnswerRead {
                session,
                agent: who.user_id.as_ref(),
                queue: session.queue(&[
                    SegmentType::Alert,
                    SegmentType::Interact,
                    SegmentType::Hold,
                ]),
                at,
                wait_ms,
            }),
            _ => rejected.push("an answer has no time or no wait that can be read"),
        }
    }
    answers
}

/// Finds the visit that ended with `answer`: the one that was left in the same instant, else the last one that began
/// before it in that queue.
fn visit_of(visits: &[Visit<'_>], answer: &AnswerRead<'_>) -> Option<usize> {
    let is_open = |visit: &Visit<'_>| {
        visit.answer.is_none()
            && visit.parting().is_none()
            && visit.entered <= answer.at
            && answer.queue.is_none_or(|queue| queue == visit.queue)
    };
    let open = visits
        .iter()
        .enumerate()
        .filter(|(_, visit)| is_open(visit));
    let nearest = open.max_by_key(|(_, visit)| (visit.left == Some(answer.at), visit.entered));
    nearest.map(|(idx, _)| idx)
}

/// Counts the alerts that nobody took at the visits in which they rang.
fn ring(visits: &mut [Visit<'_>], participants: &[Participant<'_>]) {
    const ANY: [SegmentType; 5] = [
        SegmentType::Alert,
        SegmentType::Interact,
        SegmentType::Hold,
        SegmentType::WrapUp,
        SegmentType::Other,
    ];
    for (_, session) in sessions(participants, &[Purpose::Agent, Purpose::User]) {
        if session.metric(MetricName::Answered).is_some() {
            continue;
        }
        let missed = session.metric(MetricName::NotResponding);
        let missed = missed.or_else(|| session.metric(MetricName::Alert));
        let (Some(at), Some(queue)) = (missed.and_then(Metric::emitted), session.queue(&ANY))
        else {
            continue;
        };
        let before = visits.iter_mut();
        let before = before.filter(|visit| visit.queue == queue && visit.entered <= at);
        if let Some(visit) = before.max_by_key(|visit| visit.entered) {
            visit.missed_alerts += 1;
        }
    }
}

/// A way of leaving a queue other than by an answer.
enum Parting<'a> {
    Abandoned(&'a Metric, Abandonment),
    FlowedOut(&'a Metric),
}

impl<'a> Visit<'a> {
    fn parting(&self) -> Option<Parting<'a>> {
        let metric = |name| self.session.metric(name);
        let short = metric(MetricName::ShortAbandon);
        match (
            metric(MetricName::Abandon),
            short,
            metric(MetricName::FlowOut),
        ) {
            (Some(gave_up), None, _) => Some(Parting::Abandoned(gave_up, Abandonment::Patient)),
            (Some(gave_up), Some(_), _) => Some(Parting::Abandoned(gave_up, Abandonment::Short)),
            // Whether a short one counts among the abandoned too could not be verified; both are told apart.
            (None, Some(short), _) => Some(Parting::Abandoned(short, Abandonment::ShortOnly)),
            (None, None, Some(flowed_out)) => Some(Parting::FlowedOut(flowed_out)),
            (None, None, None) => None,
        }
    }

    fn leg(&self, is_in_progress: bool) -> Result<Leg, &'static str> {
        let outcome = match (self.parting(), &self.answer) {
            (Some(parting), _) => self.parted(&parting)?,
            (None, Some(answer)) => Outcome::Answered(answer.answer()?),
            (None, None) if is_in_progress && self.left.is_none() => Outcome::Waiting,
            (None, None) => Outcome::Untold,
        };
        let of_answer = self.answer.as_ref().map(|answer| answer.session.skills());
        let asked = of_answer.filter(|skills| !skills.is_empty());
        Ok(Leg {
            number: 0,
            queue: QueueId::new(self.queue),
            media: media(self.session),
            skills: skills(asked.unwrap_or_else(|| self.session.skills())),
            entered_at: timestamp(self.entered).ok_or(NO_TIME)?,
            is_offered: self.session.counts(&[MetricName::Offered]),
            outcome,
            missed_alerts: self.missed_alerts,
        })
    }

    fn parted(&self, parting: &Parting<'_>) -> Result<Outcome, &'static str> {
        let (Parting::Abandoned(metric, _) | Parting::FlowedOut(metric)) = *parting;
        let at = metric.emitted().or(self.left).and_then(timestamp);
        let at = at.ok_or("a visit does not tell when it ended")?;
        let wait_ms = metric.duration().ok_or("a wait cannot be read")?;
        Ok(match *parting {
            Parting::Abandoned(_, kind) => Outcome::Abandoned { at, wait_ms, kind },
            Parting::FlowedOut(_) => Outcome::FlowedOut { at, wait_ms },
        })
    }
}

const NO_TIME: &str = "a time lies outside the calendar";

impl AnswerRead<'_> {
    fn answer(&self) -> Result<Answer, &'static str> {
        let session = self.session;
        // The per-stretch numbers are all there is while a session goes on.
        let whole = |all, stretch| session.total(all).or_else(|| session.total(stretch));
        Ok(Answer {
            at: timestamp(self.at).ok_or(NO_TIME)?,
            wait_ms: self.wait_ms,
            agent: self.agent.map(|id| AgentId::new(id.as_str())),
            coding: coding(session),
            talk_ms: whole(MetricName::TalkComplete, MetricName::Talk),
            hold_ms: whole(MetricName::HeldComplete, MetricName::Held),
            after_call_ms: session.total(MetricName::AfterCall),
            handle_ms: session.total(MetricName::Handle),
            is_transferred: session.counts(&[
                MetricName::Transferred,
                MetricName::BlindTransferred,
                MetricName::ConsultTransferred,
            ]),
            routing: session
                .used_routing
                .as_ref()
                .map(|word| Routing::new(word.as_str())),
        })
    }

    /// Makes a visit of an answer whose time in the queue left no record.
    fn lone_leg(&self) -> Result<Leg, &'static str> {
        let queue = self.queue.ok_or("an answer names no queue")?;
        let entered = i64::try_from(self.wait_ms)
            .ok()
            .and_then(|wait| self.at.checked_sub(wait))
            .and_then(timestamp);
        Ok(Leg {
            number: 0,
            queue: QueueId::new(queue),
            media: media(self.session),
            skills: skills(self.session.skills()),
            entered_at: entered.ok_or(NO_TIME)?,
            is_offered: false,
            outcome: Outcome::Answered(self.answer()?),
            missed_alerts: 0,
        })
    }
}

fn coding(session: &Session<'_>) -> Coding {
    let wrap_ups = session
        .segments
        .0
        .iter()
        .rev()
        .filter(|segment| segment.segment_type == SegmentType::WrapUp);
    let mut codes = wrap_ups.filter_map(|segment| segment.wrap_up_code.as_ref());
    match codes
        .find(|code| !code.as_str().is_empty())
        .map(Text::as_str)
    {
        None => Coding::Uncoded(Uncoded::Absent),
        Some(text) if text.starts_with(RESERVED) => {
            Coding::Uncoded(Uncoded::Reserved(Arc::from(text)))
        }
        Some(code) => Coding::Code(WrapUpCodeId::new(code)),
    }
}

/// A session without a type is of the platform's own type for that, `unknown`.
fn media(session: &Session<'_>) -> MediaType {
    let named = session.media_type.as_ref().map(Text::as_str);
    MediaType::new(named.unwrap_or("unknown"))
}

fn skills(ids: Vec<&str>) -> Vec<SkillId> {
    ids.into_iter().map(SkillId::new).collect()
}
