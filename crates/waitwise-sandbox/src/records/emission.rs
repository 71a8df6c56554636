//! Which numbers a record puts into aggregates, at which instant, and under which dimensions.
//!
//! A wait ends before anybody knows what the call was about: waits never carry a wrap-up code. Nor do they name an agent,
//! but for [`MetricName::Answered`], which the agent's session has.

use std::borrow::Cow;

use super::record::{Facts, Metric, Party, Purpose, Record};
use super::{Book, SERVICE_LEVEL_MS};
use crate::centre::TimeMs;

/// A number of sessions or of aggregates, by the vendor's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MetricName {
    Connected,
    Conversations,
    Offered,
    OverSla,
    Transferred,
    BlindTransferred,
    ServiceLevel,
    Abandon,
    Acd,
    Acw,
    Alert,
    Answered,
    FlowOut,
    Handle,
    NotResponding,
    ShortAbandon,
    Talk,
    TalkComplete,
    Wait,
}

impl MetricName {
    /// All of them, with the vendor's names.
    const NAMES: [(MetricName, &'static str); 19] = [
        (MetricName::Connected, "nConnected"),
        (MetricName::Conversations, "nConversations"),
        (MetricName::Offered, "nOffered"),
        (MetricName::OverSla, "nOverSla"),
        (MetricName::Transferred, "nTransferred"),
        (MetricName::BlindTransferred, "nBlindTransferred"),
        (MetricName::ServiceLevel, "oServiceLevel"),
        (MetricName::Abandon, "tAbandon"),
        (MetricName::Acd, "tAcd"),
        (MetricName::Acw, "tAcw"),
        (MetricName::Alert, "tAlert"),
        (MetricName::Answered, "tAnswered"),
        (MetricName::FlowOut, "tFlowOut"),
        (MetricName::Handle, "tHandle"),
        (MetricName::NotResponding, "tNotResponding"),
        (MetricName::ShortAbandon, "tShortAbandon"),
        (MetricName::Talk, "tTalk"),
        (MetricName::TalkComplete, "tTalkComplete"),
        (MetricName::Wait, "tWait"),
    ];

    /// The metric of this name.
    pub(crate) fn named(name: &str) -> Option<MetricName> {
        let found = MetricName::NAMES.iter().find(|(_, own)| *own == name)?;
        Some(found.0)
    }

    /// The vendor's name.
    pub(crate) fn as_str(self) -> &'static str {
        let found = MetricName::NAMES.iter().find(|(own, _)| *own == self);
        found.map_or("", |(_, name)| name)
    }
}

/// What aggregates group by and filters ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dimension {
    Conversation,
    Direction,
    Division,
    Media,
    /// Only of those who wait.
    Priority,
    Purpose,
    Queue,
    RequestedSkill,
    SegmentType,
    User,
    WrapUpCode,
}

impl Dimension {
    /// The dimension of this name.
    pub(crate) fn named(name: &str) -> Option<Dimension> {
        Some(match name {
            "conversationId" => Dimension::Conversation,
            "direction" | "originatingDirection" => Dimension::Direction,
            "divisionId" => Dimension::Division,
            "mediaType" => Dimension::Media,
            "purpose" => Dimension::Purpose,
            "routingPriority" => Dimension::Priority,
            "queueId" => Dimension::Queue,
            "requestedRoutingSkillId" => Dimension::RequestedSkill,
            "segmentType" => Dimension::SegmentType,
            "userId" => Dimension::User,
            "wrapUpCode" => Dimension::WrapUpCode,
            _ => return None,
        })
    }
}

/// One number on its way into aggregates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Emission {
    pub(crate) facts: Facts,
    pub(crate) metric: MetricName,
    /// Milliseconds, or a count; for the service level 1 if within it, else 0.
    pub(crate) value: i64,
    pub(crate) at: TimeMs,
}

/// Everything that a record puts into aggregates.
pub(crate) fn emissions(record: &Record) -> Vec<Emission> {
    let mut emissions = Vec::new();
    for party in &record.parties {
        for metric in &party.metrics {
            emissions.push(Emission {
                facts: facts_of(party, metric.name),
                metric: metric.name,
                value: metric.value,
                at: metric.emitted,
            });
        }
        emissions.extend(derived(party));
    }
    emissions
}

/// A session's facts as far as they are known when a metric of this name is emitted.
fn facts_of(party: &Party, metric: MetricName) -> Facts {
    let coded = matches!(metric, MetricName::Acw | MetricName::Handle);
    Facts {
        coding: party.facts.coding.filter(|_| coded),
        ..party.facts
    }
}

/// What only aggregates have: the wait, however it ended, and the service level.
///
/// Which waits count for the service level was not found in what the vendor publishes: here the answered and the abandoned
/// do, and those who flow out do not.
fn derived(party: &Party) -> impl Iterator<Item = Emission> {
    let of = |name: MetricName| party.metrics.iter().find(|metric| metric.name == name);
    let wait = of(MetricName::Acd).filter(|_| party.facts.purpose == Purpose::Acd);
    let abandoned = of(MetricName::Abandon).is_some();
    let flowed_out = of(MetricName::FlowOut).is_some();
    let emit = |metric: &Metric, name: MetricName, value: i64| Emission {
        facts: party.facts,
        metric: name,
        value,
        at: metric.emitted,
    };
    let within = wait.is_some_and(|wait| wait.value <= i64::from(SERVICE_LEVEL_MS)) && !abandoned;
    let waited = wait.map(|wait| emit(wait, MetricName::Wait, wait.value));
    let level = wait
        .filter(|_| !flowed_out)
        .map(|wait| emit(wait, MetricName::ServiceLevel, i64::from(within)));
    waited.into_iter().chain(level)
}

impl<'a> Book<'a> {
    /// The values that facts have in a dimension: none, one or two.
    pub(crate) fn values(&self, facts: &Facts, dimension: Dimension) -> Vec<Cow<'a, str>> {
        match dimension {
            Dimension::Conversation => {
                vec![Cow::Owned(self.conversation_id(facts.number).to_string())]
            }
            Dimension::Direction => vec![Cow::Borrowed("inbound")],
            Dimension::Division => {
                let divisions = self.divisions(facts.number).iter();
                divisions.map(|id| Cow::Borrowed(id.as_str())).collect()
            }
            Dimension::Media => vec![Cow::Borrowed(facts.media.as_str())],
            Dimension::Purpose => vec![Cow::Borrowed(facts.purpose.as_str())],
            Dimension::Queue => one(facts.queue.map(|queue| self.queue(queue))),
            Dimension::RequestedSkill => {
                let skills = facts.skills.into_iter().flat_map(|skills| skills.iter());
                skills
                    .map(|skill| Cow::Borrowed(self.skill(skill)))
                    .collect()
            }
            // A session has many types of segments, and its record does not tell the priority.
            Dimension::SegmentType | Dimension::Priority => Vec::new(),
            Dimension::User => one(facts.agent.map(|agent| self.user(agent))),
            Dimension::WrapUpCode => one(facts.coding.and_then(|coding| self.code(coding))),
        }
    }
}

fn one(value: Option<&str>) -> Vec<Cow<'_, str>> {
    value.into_iter().map(Cow::Borrowed).collect()
}
