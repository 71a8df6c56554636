//! The part of a conversation record that is read, for the typed parser. What is not here is skipped.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::parts::{self, Parts, Run, Span};
use super::refused::Refused;
use super::tolerant::{Amount, List, Text};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) conversation_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) conversation_start: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) conversation_end: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) division_ids: List<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) participants: List<Participant<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Participant<'a> {
    #[serde(default)]
    pub(super) purpose: Purpose,
    #[serde(borrow)]
    pub(super) user_id: Option<Text<'a>>,
    /// Not read of those who are neither queue nor agent.
    #[serde(borrow)]
    pub(super) sessions: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session<'a> {
    #[serde(borrow)]
    pub(super) media_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) used_routing: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) metrics: List<Metric<'a>>,
    #[serde(borrow, default)]
    pub(super) segments: List<Segment<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metric<'a> {
    #[serde(default)]
    pub(super) name: MetricName,
    pub(super) value: Option<Amount>,
    #[serde(borrow)]
    pub(super) emit_date: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Segment<'a> {
    #[serde(default)]
    pub(super) segment_type: SegmentType,
    #[serde(borrow)]
    pub(super) segment_start: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) segment_end: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) queue_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) requested_routing_skill_ids: List<Text<'a>>,
    #[serde(borrow)]
    pub(super) wrap_up_code: Option<Text<'a>>,
}

/// A word of the platform's: those that matter here, and `Other` for the rest, which grows.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub(super) enum $name {
            $($variant,)+
            #[default]
            Other,
        }

        impl $name {
            /// Returns the word of this spelling.
            #[inline]
            pub(super) fn named(word: &[u8]) -> $name {
                $(if word == $text.as_bytes() { return $name::$variant; })+
                $name::Other
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Word;
                impl<'de> Visitor<'de> for Word {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a word")
                    }

                    fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                        Ok($name::named(word.as_bytes()))
                    }

                    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                        Ok($name::Other)
                    }
                }
                deserializer.deserialize_any(Word)
            }
        }
    };
}

word!(
    /// Who takes part.
    Purpose { Acd = "acd", Agent = "agent", User = "user" }
);

word!(
    /// What a stretch of a session is.
    SegmentType { Alert = "alert", Interact = "interact", Hold = "hold", WrapUp = "wrapup" }
);

word!(
    /// A number that a session emits once or several times.
    MetricName {
        Offered = "nOffered",
        Acd = "tAcd",
        Answered = "tAnswered",
        Abandon = "tAbandon",
        ShortAbandon = "tShortAbandon",
        FlowOut = "tFlowOut",
        Alert = "tAlert",
        NotResponding = "tNotResponding",
        Talk = "tTalk",
        TalkComplete = "tTalkComplete",
        Held = "tHeld",
        HeldComplete = "tHeldComplete",
        AfterCall = "tAcw",
        Handle = "tHandle",
        Transferred = "nTransferred",
        BlindTransferred = "nBlindTransferred",
        ConsultTransferred = "nConsultTransferred",
    }
);

impl Record<'_> {
    /// Fills `parts` with what `record` says.
    pub(super) fn lay_out(&self, record: &str, parts: &mut Parts) -> Result<(), Refused> {
        parts.clear();
        self.lay_out_texts(parts).ok_or(TOO_LONG)?;
        for participant in &self.participants.0 {
            let sessions = participant.sessions(record)?;
            participant.lay_out(&sessions, parts).ok_or(TOO_LONG)?;
        }
        Ok(())
    }

    fn lay_out_texts(&self, parts: &mut Parts) -> Option<()> {
        parts.id = kept(self.conversation_id.as_ref(), parts)?;
        parts.started = kept(self.conversation_start.as_ref(), parts)?;
        parts.ended = kept(self.conversation_end.as_ref(), parts)?;
        for division in &self.division_ids.0 {
            let division = parts.spell_out(division.as_str())?;
            parts.divisions.push(division);
        }
        Some(())
    }
}

const TOO_LONG: Refused = Refused {
    offset: 0,
    reason: "it has more parts than can be counted",
};

impl<'a> Participant<'a> {
    fn sessions(&self, record: &str) -> Result<List<Session<'a>>, Refused> {
        match (self.purpose, self.sessions) {
            (Purpose::Other, _) | (_, None) => Ok(List::default()),
            (_, Some(sessions)) => serde_json::from_str(sessions.get())
                .map_err(|error| Refused::within(record, sessions.get(), &error)),
        }
    }

    fn lay_out(&self, sessions: &List<Session<'a>>, parts: &mut Parts) -> Option<()> {
        let user = kept(self.user_id.as_ref(), parts)?;
        let from = parts.sessions.len();
        for session in &sessions.0 {
            let session = session.lay_out(parts)?;
            parts.sessions.push(session);
        }
        parts.participants.push(parts::Participant {
            purpose: self.purpose,
            user,
            sessions: Run::new(from, parts.sessions.len())?,
        });
        Some(())
    }
}

impl Session<'_> {
    fn lay_out(&self, parts: &mut Parts) -> Option<parts::Session> {
        let (n_metrics, n_segments) = (parts.metrics.len(), parts.segments.len());
        for metric in &self.metrics.0 {
            let emitted = kept(metric.emit_date.as_ref(), parts)?;
            parts.metrics.push(parts::Metric {
                name: metric.name,
                value: metric.value.and_then(|value| value.0),
                emitted,
            });
        }
        for segment in &self.segments.0 {
            let segment = segment.lay_out(parts)?;
            parts.segments.push(segment);
        }
        Some(parts::Session {
            media: kept(self.media_type.as_ref(), parts)?,
            used_routing: kept(self.used_routing.as_ref(), parts)?,
            metrics: Run::new(n_metrics, parts.metrics.len())?,
            segments: Run::new(n_segments, parts.segments.len())?,
        })
    }
}

impl Segment<'_> {
    fn lay_out(&self, parts: &mut Parts) -> Option<parts::Segment> {
        let from = parts.skills.len();
        for skill in &self.requested_routing_skill_ids.0 {
            let skill = parts.spell_out(skill.as_str())?;
            parts.skills.push(skill);
        }
        Some(parts::Segment {
            kind: self.segment_type,
            start: kept(self.segment_start.as_ref(), parts)?,
            end: kept(self.segment_end.as_ref(), parts)?,
            queue: kept(self.queue_id.as_ref(), parts)?,
            skills: Run::new(from, parts.skills.len())?,
            wrap_up: kept(self.wrap_up_code.as_ref(), parts)?,
        })
    }
}

/// Keeps a text if there is one; the outer `None` says that there is no more room.
#[expect(clippy::option_option, reason = "absent and too much are two things")]
fn kept(text: Option<&Text<'_>>, parts: &mut Parts) -> Option<Option<Span>> {
    match text {
        Some(text) => Some(Some(parts.spell_out(text.as_str())?)),
        None => Some(None),
    }
}
