//! A row of facts, and how the values of a source become one.

use waitwise_model::{
    Abandonment, Coded, Coding, Conversation, Ending, Leg, Outcome, Uncoded, Visit,
};

use crate::key::ConversationKey;

/// One visit as facts have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row<'a> {
    /// Stands for the conversation.
    pub key: ConversationKey,
    /// The visit. Facts know no conversation's id: it is empty. The agent is what [`agent_key`](crate::agent_key) made
    /// of the id.
    pub visit: Visit<'a>,
    /// When the wait ended; `None` if it has not, or nothing tells.
    pub decided_at_ms: Option<i64>,
    /// The record's own date: the latest moment that it tells of. Of two records of a conversation the later counts.
    pub recorded_at_ms: i64,
}

impl Row<'_> {
    /// Returns the UTC day, counted from 1970-01-01, on which its conversation began: the day of its file.
    pub fn day_number(&self) -> i64 {
        day_number(self.visit.started_at_ms)
    }
}

pub(crate) fn day_number(at_ms: i64) -> i64 {
    at_ms.div_euclid(24 * 60 * 60 * 1000)
}

/// Returns a leg as a visit, and when its wait ended. `skills` is room for its skills' ids.
pub(crate) fn visit_of<'a>(
    conversation: &'a Conversation,
    leg: &'a Leg,
    skills: &'a mut Vec<&'a str>,
) -> (Visit<'a>, Option<i64>) {
    skills.extend(leg.skills.iter().map(|skill| skill.as_str()));
    let answer = leg.answer();
    let visit = Visit {
        conversation: conversation.id.as_str(),
        started_at_ms: conversation.started_at.as_millisecond(),
        ended_at_ms: conversation.ended_at.map(|at| at.as_millisecond()),
        number: leg.number,
        queue: leg.queue.as_str(),
        media: leg.media.as_str(),
        skills,
        entered_at_ms: leg.entered_at.as_millisecond(),
        is_offered: leg.is_offered,
        ending: ending_of(&leg.outcome),
        wait_ms: leg.wait_ms(),
        coding: answer.map_or(Coded::Nothing, |answer| coded(&answer.coding)),
        agent: answer.and_then(|answer| Some(answer.agent.as_ref()?.as_str())),
        talk_ms: answer.and_then(|answer| answer.talk_ms),
        hold_ms: answer.and_then(|answer| answer.hold_ms),
        after_call_ms: answer.and_then(|answer| answer.after_call_ms),
        handle_ms: answer.and_then(|answer| answer.handle_ms),
        is_transferred: answer.is_some_and(|answer| answer.is_transferred),
        missed_alerts: leg.missed_alerts,
        priority: None,
        routing: answer.and_then(|answer| Some(answer.routing.as_ref()?.as_str())),
    };
    (visit, leg.decided_at().map(|at| at.as_millisecond()))
}

fn ending_of(outcome: &Outcome) -> Ending {
    match outcome {
        Outcome::Answered(_) => Ending::Answered,
        Outcome::Abandoned { kind, .. } => match kind {
            Abandonment::Patient => Ending::Abandoned,
            Abandonment::Short => Ending::ShortAbandoned,
            Abandonment::ShortOnly => Ending::ShortOnly,
        },
        Outcome::FlowedOut { .. } => Ending::FlowedOut,
        Outcome::Waiting => Ending::Waiting,
        Outcome::Untold => Ending::Untold,
    }
}

fn coded(coding: &Coding) -> Coded<'_> {
    match coding {
        Coding::Code(code) => Coded::Code(code.as_str()),
        Coding::Uncoded(Uncoded::Reserved(text)) => Coded::Reserved(text),
        Coding::Uncoded(Uncoded::Absent) => Coded::Nothing,
    }
}

/// Every way in which a visit ends, with the word that stands for it in files.
pub(crate) const ENDINGS: [(Ending, &str); 7] = [
    (Ending::Answered, "answered"),
    (Ending::Abandoned, "abandoned"),
    (Ending::ShortAbandoned, "short_abandoned"),
    (Ending::ShortOnly, "short_only"),
    (Ending::FlowedOut, "flowed_out"),
    (Ending::Waiting, "waiting"),
    (Ending::Untold, "untold"),
];

/// Returns the word that stands for a way of ending in files.
pub fn ending_word(ending: Ending) -> &'static str {
    let found = ENDINGS.iter().find(|(known, _)| *known == ending);
    found.map_or("untold", |(_, word)| word)
}

pub(crate) fn ending(word: &str) -> Option<Ending> {
    let found = ENDINGS.iter().find(|(_, known)| *known == word);
    found.map(|(ending, _)| *ending)
}
