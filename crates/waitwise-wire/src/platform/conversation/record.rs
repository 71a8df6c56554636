//! The part of a conversation record that is read. What is not here is skipped by the parser.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::tolerant::{Amount, At, List, Text};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) conversation_id: Option<Text<'a>>,
    pub(super) conversation_start: Option<At>,
    pub(super) conversation_end: Option<At>,
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
    #[serde(borrow, default)]
    pub(super) sessions: List<Session<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session<'a> {
    #[serde(borrow)]
    pub(super) media_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) used_routing: Option<Text<'a>>,
    #[serde(default)]
    pub(super) metrics: List<Metric>,
    #[serde(borrow, default)]
    pub(super) segments: List<Segment<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metric {
    #[serde(default)]
    pub(super) name: MetricName,
    pub(super) value: Option<Amount>,
    pub(super) emit_date: Option<At>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Segment<'a> {
    #[serde(default)]
    pub(super) segment_type: SegmentType,
    pub(super) segment_start: Option<At>,
    pub(super) segment_end: Option<At>,
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

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Word;
                impl<'de> Visitor<'de> for Word {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a word")
                    }

                    fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                        Ok(match word {
                            $($text => $name::$variant,)+
                            _ => $name::Other,
                        })
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

impl Session<'_> {
    /// Returns the first number of this name.
    pub(super) fn metric(&self, name: MetricName) -> Option<&Metric> {
        self.metrics.0.iter().find(|metric| metric.name == name)
    }

    /// Returns whether it has a number of one of these names that is above zero.
    pub(super) fn counts(&self, names: &[MetricName]) -> bool {
        let counted = |metric: &Metric| metric.value.and_then(|value| value.0) > Some(0);
        let mut named = self.metrics.0.iter();
        named.any(|metric| names.contains(&metric.name) && counted(metric))
    }

    /// Returns the sum of all numbers of this name, `None` if there is none that can be used.
    pub(super) fn total(&self, name: MetricName) -> Option<u64> {
        let named = self.metrics.0.iter().filter(|metric| metric.name == name);
        let values = named.filter_map(Metric::duration);
        values.reduce(u64::saturating_add)
    }

    /// Returns the first queue that a segment of one of these types names.
    pub(super) fn queue(&self, types: &[SegmentType]) -> Option<&str> {
        let mut segments = self.segments.0.iter();
        segments.find_map(|segment| {
            let queue = segment.queue_id.as_ref()?;
            types
                .contains(&segment.segment_type)
                .then_some(queue.as_str())
        })
    }

    /// Returns when its first segment began.
    pub(super) fn began(&self) -> Option<i64> {
        let starts = self.segments.0.iter().filter_map(|s| s.segment_start?.0);
        starts.reduce(std::cmp::min)
    }

    /// Returns when its last segment ended; `None` while one has not, or if nothing tells.
    pub(super) fn ended(&self) -> Option<i64> {
        let ends = self.segments.0.iter().map(|s| s.segment_end?.0);
        ends.reduce(|a, b| Some(std::cmp::max(a?, b?))).flatten()
    }

    /// Returns the different skills that its segments ask for, sorted.
    pub(super) fn skills(&self) -> Vec<&str> {
        let segments = self.segments.0.iter();
        let skills = segments.flat_map(|segment| &segment.requested_routing_skill_ids.0);
        let mut skills: Vec<_> = skills.map(Text::as_str).collect();
        skills.sort_unstable();
        skills.dedup();
        skills
    }
}

impl Metric {
    /// Returns its value as a duration in milliseconds.
    pub(super) fn duration(&self) -> Option<u64> {
        u64::try_from(self.value?.0?).ok()
    }

    /// Returns when it was emitted, in milliseconds since 1970.
    pub(super) fn emitted(&self) -> Option<i64> {
        self.emit_date?.0
    }
}
