//! One visit as one line of JSON: ids, times in milliseconds since 1970, numbers. Its version is the file's.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use waitwise_model::{
    Abandonment, AgentId, Answer, Coding, Conversation, ConversationId, DivisionId, Leg, MediaType,
    Outcome, QueueId, Routing, SkillId, Uncoded, WrapUpCodeId,
};

/// The conversation's part of a line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line<'a> {
    /// The conversation.
    #[serde(borrow)]
    id: Cow<'a, str>,
    start: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<i64>,
    /// The record's own date.
    rec: i64,
    /// Divisions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    div: Vec<Cow<'a, str>>,
    /// Absent for a conversation that visited no queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) leg: Option<LegShape<'a>>,
}

/// The visit's part.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LegShape<'a> {
    n: u32,
    #[serde(borrow)]
    queue: Cow<'a, str>,
    #[serde(borrow)]
    media: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    skills: Vec<Cow<'a, str>>,
    /// When it entered.
    entered: i64,
    /// Absent: it was offered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unoffered: bool,
    how: How,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait: Option<u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    missed: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<Cow<'a, str>>,
    /// The reserved text in the code's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reserved: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    talk: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hold: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handle: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    transferred: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    routing: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum How {
    Answered,
    Abandoned,
    ShortAbandoned,
    /// Short, and not among the abandoned.
    ShortOnly,
    FlowedOut,
    Waiting,
    Untold,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Writes a conversation's line with one of its visits, or with none.
pub(crate) fn write(of: &Conversation, leg: Option<&Leg>, out: &mut String) {
    let line = Line {
        id: of.id.as_str().into(),
        start: of.started_at.as_millisecond(),
        end: of.ended_at.map(Timestamp::as_millisecond),
        rec: of.recorded_at.as_millisecond(),
        div: of.divisions.iter().map(|id| id.as_str().into()).collect(),
        leg: leg.map(shape),
    };
    // Texts and numbers: writing them as JSON cannot fail.
    out.push_str(&serde_json::to_string(&line).unwrap_or_default());
    out.push('\n');
}

fn shape(leg: &Leg) -> LegShape<'_> {
    let how = match &leg.outcome {
        Outcome::Answered(_) => How::Answered,
        Outcome::Abandoned { kind, .. } => match kind {
            Abandonment::Patient => How::Abandoned,
            Abandonment::Short => How::ShortAbandoned,
            Abandonment::ShortOnly => How::ShortOnly,
        },
        Outcome::FlowedOut { .. } => How::FlowedOut,
        Outcome::Waiting => How::Waiting,
        Outcome::Untold => How::Untold,
    };
    let answer = leg.answer();
    let coding = answer.map(|answer| &answer.coding);
    let code = coding.and_then(|coding| match coding {
        Coding::Code(code) => Some(code.as_str().into()),
        Coding::Uncoded(_) => None,
    });
    let reserved = coding.and_then(|coding| match coding {
        Coding::Uncoded(Uncoded::Reserved(text)) => Some(Cow::from(&**text)),
        Coding::Code(_) | Coding::Uncoded(Uncoded::Absent) => None,
    });
    LegShape {
        n: leg.number,
        queue: leg.queue.as_str().into(),
        media: leg.media.as_str().into(),
        skills: leg.skills.iter().map(|id| id.as_str().into()).collect(),
        entered: leg.entered_at.as_millisecond(),
        unoffered: !leg.is_offered,
        how,
        at: leg.decided_at().map(Timestamp::as_millisecond),
        wait: leg.wait_ms(),
        missed: leg.missed_alerts,
        agent: answer.and_then(|answer| Some(answer.agent.as_ref()?.as_str().into())),
        code,
        reserved,
        talk: answer.and_then(|answer| answer.talk_ms),
        hold: answer.and_then(|answer| answer.hold_ms),
        after: answer.and_then(|answer| answer.after_call_ms),
        handle: answer.and_then(|answer| answer.handle_ms),
        transferred: answer.is_some_and(|answer| answer.is_transferred),
        routing: answer.and_then(|answer| Some(answer.routing.as_ref()?.as_str().into())),
    }
}

impl Line<'_> {
    /// Returns the conversation without visits, and the line's visit. `None` if a time lies outside the calendar, or
    /// an outcome lacks its time or its wait.
    pub(crate) fn value(&self) -> Option<(Conversation, Option<Leg>)> {
        let conversation = Conversation {
            id: ConversationId::new(&self.id),
            started_at: millisecond(self.start)?,
            ended_at: self
                .end
                .map(millisecond)
                .map_or(Some(None), |end| end.map(Some))?,
            recorded_at: millisecond(self.rec)?,
            divisions: self.div.iter().map(DivisionId::new).collect(),
            legs: Vec::new(),
        };
        match &self.leg {
            None => Some((conversation, None)),
            Some(leg) => Some((conversation, Some(leg.value()?))),
        }
    }
}

impl LegShape<'_> {
    fn value(&self) -> Option<Leg> {
        Some(Leg {
            number: self.n,
            queue: QueueId::new(&self.queue),
            media: MediaType::new(&self.media),
            skills: self.skills.iter().map(SkillId::new).collect(),
            entered_at: millisecond(self.entered)?,
            is_offered: !self.unoffered,
            outcome: self.outcome()?,
            missed_alerts: self.missed,
        })
    }

    fn outcome(&self) -> Option<Outcome> {
        let abandoned = |kind| {
            Some(Outcome::Abandoned {
                at: millisecond(self.at?)?,
                wait_ms: self.wait?,
                kind,
            })
        };
        match self.how {
            How::Answered => Some(Outcome::Answered(self.answer()?)),
            How::Abandoned => abandoned(Abandonment::Patient),
            How::ShortAbandoned => abandoned(Abandonment::Short),
            How::ShortOnly => abandoned(Abandonment::ShortOnly),
            How::FlowedOut => Some(Outcome::FlowedOut {
                at: millisecond(self.at?)?,
                wait_ms: self.wait?,
            }),
            How::Waiting => Some(Outcome::Waiting),
            How::Untold => Some(Outcome::Untold),
        }
    }

    fn answer(&self) -> Option<Answer> {
        let coding = match (&self.code, &self.reserved) {
            (Some(code), _) => Coding::Code(WrapUpCodeId::new(code)),
            (None, Some(text)) => Coding::Uncoded(Uncoded::Reserved((&**text).into())),
            (None, None) => Coding::Uncoded(Uncoded::Absent),
        };
        Some(Answer {
            at: millisecond(self.at?)?,
            wait_ms: self.wait?,
            agent: self.agent.as_ref().map(AgentId::new),
            coding,
            talk_ms: self.talk,
            hold_ms: self.hold,
            after_call_ms: self.after,
            handle_ms: self.handle,
            is_transferred: self.transferred,
            routing: self.routing.as_ref().map(Routing::new),
        })
    }
}

fn millisecond(at: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(at).ok()
}
