//! A record's visits as values of their own, for those who keep them.

use jiff::Timestamp;
use waitwise_model::{
    Abandonment, AgentId, Answer, Coded, Coding, Conversation, ConversationId, DivisionId, Ending,
    Leg, MediaType, Outcome, QueueId, RejectedRecord, Routing, SkillId, Uncoded, WrapUpCodeId,
};

use super::ReadConversation;
use super::join::{Frame, Joined, Joiner};
use super::parts::Sheet;
use super::timestamp;

/// Makes a conversation of a record's parts.
pub(super) fn conversation(sheet: Sheet<'_>, frame: &Frame<'_>) -> ReadConversation {
    let id = ConversationId::new(frame.id);
    let mut legs = Vec::new();
    let mut joiner = Joiner::default();
    let reasons = joiner.join(sheet, frame, |joined| legs.extend(leg(joined)));
    let rejected = reasons.iter().map(|reason| RejectedRecord {
        conversation: Some(id.clone()),
        reason: (*reason).to_owned(),
    });
    ReadConversation {
        rejected: rejected.collect(),
        conversation: Conversation {
            started_at: instant(frame.started_at_ms),
            ended_at: frame.ended_at_ms.map(instant),
            recorded_at: instant(frame.recorded_at_ms(sheet)),
            divisions: divisions(sheet),
            legs,
            id,
        },
    }
}

fn divisions(sheet: Sheet<'_>) -> Vec<DivisionId> {
    let ids = sheet.parts.divisions.iter();
    let mut ids: Vec<_> = ids.map(|id| DivisionId::new(sheet.text(*id))).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Every instant of a record was checked against the calendar when it was read.
fn instant(ms: i64) -> Timestamp {
    timestamp(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `None` cannot be: what an ending needs, the join has seen to.
fn leg(joined: &Joined<'_>) -> Option<Leg> {
    let visit = &joined.visit;
    let skills = visit.skills.iter();
    Some(Leg {
        number: visit.number,
        queue: QueueId::new(visit.queue),
        media: MediaType::new(visit.media),
        skills: skills.map(|skill| SkillId::new(*skill)).collect(),
        entered_at: instant(visit.entered_at_ms),
        is_offered: visit.is_offered,
        outcome: outcome(joined)?,
        missed_alerts: visit.missed_alerts,
    })
}

fn outcome(joined: &Joined<'_>) -> Option<Outcome> {
    let visit = &joined.visit;
    let at = || joined.decided_at_ms.map(instant);
    let abandoned = |kind| {
        Some(Outcome::Abandoned {
            at: at()?,
            wait_ms: visit.wait_ms?,
            kind,
        })
    };
    match visit.ending {
        Ending::Answered => Some(Outcome::Answered(answer(joined, at()?)?)),
        Ending::Abandoned => abandoned(Abandonment::Patient),
        Ending::ShortAbandoned => abandoned(Abandonment::Short),
        Ending::ShortOnly => abandoned(Abandonment::ShortOnly),
        Ending::FlowedOut => Some(Outcome::FlowedOut {
            at: at()?,
            wait_ms: visit.wait_ms?,
        }),
        Ending::Waiting => Some(Outcome::Waiting),
        Ending::Untold => Some(Outcome::Untold),
    }
}

fn answer(joined: &Joined<'_>, at: Timestamp) -> Option<Answer> {
    let visit = &joined.visit;
    Some(Answer {
        at,
        wait_ms: visit.wait_ms?,
        agent: visit.agent.map(AgentId::new),
        coding: match visit.coding {
            Coded::Code(code) => Coding::Code(WrapUpCodeId::new(code)),
            Coded::Reserved(text) => Coding::Uncoded(Uncoded::Reserved(text.into())),
            Coded::Nothing => Coding::Uncoded(Uncoded::Absent),
        },
        talk_ms: visit.talk_ms,
        hold_ms: visit.hold_ms,
        after_call_ms: visit.after_call_ms,
        handle_ms: visit.handle_ms,
        is_transferred: visit.is_transferred,
        routing: visit.routing.map(Routing::new),
    })
}
