//! Values for this crate's tests.

use jiff::{SignedDuration, Timestamp};
use waitwise_model::{
    Abandonment, AgentId, Answer, Coding, Conversation, ConversationId, DivisionId, Leg, MediaType,
    Outcome, QueueId, Routing, SkillId, Uncoded, WrapUpCodeId,
};

pub(crate) fn second(second: i64) -> Timestamp {
    let midnight: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
    midnight + SignedDuration::from_secs(second)
}

/// A table with the visits of these records.
pub(crate) fn table(records: &[Conversation]) -> crate::Table {
    let mut table = crate::Table::default();
    for record in records {
        table.add_conversation(record).unwrap();
    }
    table
}

/// A conversation that began at midnight, with one answer after so many seconds.
pub(crate) fn conversation(id: &str, after_secs: i64, is_over: bool) -> Conversation {
    Conversation {
        id: ConversationId::new(id),
        started_at: second(0),
        ended_at: is_over.then(|| second(after_secs + 100)),
        recorded_at: second(after_secs + if is_over { 100 } else { 0 }),
        divisions: vec![DivisionId::new("home")],
        legs: vec![leg(1, 0, answered(after_secs, Some("c1")))],
    }
}

pub(crate) fn leg(number: u32, entered: i64, outcome: Outcome) -> Leg {
    Leg {
        number,
        queue: QueueId::new("q1"),
        media: MediaType::new("voice"),
        skills: vec![SkillId::new("s1")],
        entered_at: second(entered),
        is_offered: true,
        outcome,
        missed_alerts: 0,
    }
}

pub(crate) fn answered(at: i64, code: Option<&str>) -> Outcome {
    Outcome::Answered(Answer {
        at: second(at),
        wait_ms: at.unsigned_abs() * 1000,
        agent: Some(AgentId::new("u1")),
        coding: match code {
            Some(code) => Coding::Code(WrapUpCodeId::new(code)),
            None => Coding::Uncoded(Uncoded::Reserved("ININ-WRAP-UP-TIMEOUT".into())),
        },
        talk_ms: Some(60_000),
        hold_ms: None,
        after_call_ms: Some(10_000),
        handle_ms: Some(70_000),
        is_transferred: false,
        routing: Some(Routing::new("Standard")),
    })
}

pub(crate) fn abandoned(at: i64, kind: Abandonment) -> Outcome {
    Outcome::Abandoned {
        at: second(at),
        wait_ms: at.unsigned_abs() * 1000,
        kind,
    }
}
