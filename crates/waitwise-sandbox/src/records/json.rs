//! Records as JSON, in the platform's shape.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::quirks::spell;
use super::record::{Metric, Party, Purpose, Record, Segment};
use super::{Book, customer};
use crate::centre::TimeMs;

/// How much a record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// As the query gives it: without participants' attributes.
    Query,
    /// As a job gives it.
    Job,
}

impl Record {
    /// The record's text.
    pub(crate) fn text(&self, book: &Book<'_>, detail: Detail) -> Box<RawValue> {
        let writer = Writer {
            book,
            record: self,
            id: book.conversation_id(self.number),
            detail,
        };
        serde_json::value::to_raw_value(&writer.conversation())
            .expect("own shapes have text keys and can be written")
    }
}

struct Writer<'a> {
    book: &'a Book<'a>,
    record: &'a Record,
    id: Uuid,
    detail: Detail,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConversationJson<'a> {
    conversation_id: String,
    conversation_start: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_end: Option<String>,
    originating_direction: &'a str,
    division_ids: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    tomorrow_member: Option<Tomorrow>,
    participants: Vec<ParticipantJson<'a>>,
}

/// A member that nobody has heard of.
#[derive(Serialize)]
struct Tomorrow {
    seen: [bool; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ParticipantJson<'a> {
    participant_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    participant_name: Option<String>,
    purpose: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<BTreeMap<&'static str, String>>,
    sessions: Vec<SessionJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionJson<'a> {
    session_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer_id: Option<String>,
    media_type: &'a str,
    direction: &'a str,
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ani: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dnis: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    requested_routings: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    used_routing: Option<&'a str>,
    metrics: Vec<MetricJson>,
    segments: Vec<SegmentJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetricJson {
    name: &'static str,
    value: Box<RawValue>,
    emit_date: String,
}

struct SegmentJson<'a> {
    kind: &'a str,
    start: String,
    end: Option<String>,
    queue: Option<&'a str>,
    skills: Vec<&'a str>,
    code: Option<&'a str>,
    note: Option<String>,
    disconnect: Option<&'a str>,
}

impl Serialize for SegmentJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("segmentType", self.kind)?;
        map.serialize_entry("segmentStart", &self.start)?;
        if let Some(end) = &self.end {
            map.serialize_entry("segmentEnd", end)?;
        }
        if let Some(queue) = self.queue {
            map.serialize_entry("queueId", queue)?;
        }
        if !self.skills.is_empty() {
            map.serialize_entry("requestedRoutingSkillIds", &self.skills)?;
        }
        if let Some(code) = self.code {
            map.serialize_entry("wrapUpCode", code)?;
        }
        if let Some(note) = &self.note {
            map.serialize_entry("wrapUpNote", note)?;
        }
        if let Some(disconnect) = self.disconnect {
            map.serialize_entry("disconnectType", disconnect)?;
        }
        map.serialize_entry("conference", &false)?;
        map.end()
    }
}

impl<'a> Writer<'a> {
    fn conversation(&self) -> ConversationJson<'a> {
        let Record {
            start,
            end,
            parties,
            quirks,
            ..
        } = self.record;
        let mut participants: Vec<ParticipantJson<'a>> = (0..)
            .zip(parties)
            .map(|(place, party)| self.participant(place, party))
            .collect();
        if quirks.tomorrow {
            participants.push(self.newcomer(participants.len()));
        }
        ConversationJson {
            conversation_id: self.id.to_string(),
            conversation_start: iso(*start),
            conversation_end: end.map(iso),
            originating_direction: "inbound",
            division_ids: self.book.divisions(self.record.number),
            tomorrow_member: quirks.tomorrow.then_some(Tomorrow { seen: [true] }),
            participants,
        }
    }

    fn participant(&self, place: usize, party: &'a Party) -> ParticipantJson<'a> {
        let number = self.record.number;
        let is_customer = party.facts.purpose == Purpose::Customer;
        let attributes = || customer::attributes(number).into_iter().collect();
        ParticipantJson {
            participant_id: self.part("participant", place),
            participant_name: is_customer.then(|| customer::name(number)),
            purpose: party.facts.purpose.as_str(),
            user_id: party.facts.agent.map(|agent| self.book.user(agent)),
            attributes: (is_customer && self.detail == Detail::Job).then(attributes),
            sessions: vec![self.session(place, party)],
        }
    }

    /// A participant of a kind that is yet to be invented.
    fn newcomer(&self, place: usize) -> ParticipantJson<'a> {
        ParticipantJson {
            participant_id: self.part("participant", place),
            participant_name: None,
            purpose: "tomorrow",
            user_id: None,
            attributes: None,
            sessions: Vec::new(),
        }
    }

    fn session(&self, place: usize, party: &'a Party) -> SessionJson<'a> {
        let number = self.record.number;
        let (is_customer, answered) = match party.facts.purpose {
            Purpose::Customer => (true, false),
            Purpose::Acd => (false, false),
            Purpose::Agent => (false, party.segments.len() > 1),
        };
        let standard: &[&str] = &["Standard"];
        SessionJson {
            session_id: self.part("session", place),
            peer_id: (!is_customer).then(|| self.part("session", 0)),
            media_type: self.record.quirks.media.as_str(),
            direction: "inbound",
            provider: "Edge",
            ani: Some(customer::ani(number)),
            dnis: is_customer.then_some("tel:+35315550100"),
            requested_routings: if is_customer { &[] } else { standard },
            used_routing: answered.then_some("Standard"),
            metrics: party.metrics.iter().map(|one| self.metric(one)).collect(),
            segments: party
                .segments
                .iter()
                .map(|segment| self.segment(party, segment))
                .collect(),
        }
    }

    fn metric(&self, metric: &Metric) -> MetricJson {
        let text = spell(metric.value, self.record.quirks.spelling);
        MetricJson {
            name: metric.name.as_str(),
            value: RawValue::from_string(text).expect("a spelled number is JSON"),
            emit_date: iso(metric.emitted),
        }
    }

    fn segment(&self, party: &Party, segment: &Segment) -> SegmentJson<'a> {
        let quirks = self.record.quirks;
        let omitted = quirks.no_skills && party.facts.purpose == Purpose::Agent;
        let skills = party.facts.skills.filter(|_| !omitted);
        let noted = quirks.noted && segment.coding.is_some();
        // The greeting's end is of a kind that is yet to be invented.
        let odd = quirks.tomorrow && party.facts.purpose == Purpose::Customer;
        SegmentJson {
            kind: segment.kind.as_str(),
            start: iso(segment.start),
            end: segment.end.map(iso),
            queue: party.facts.queue.map(|queue| self.book.queue(queue)),
            skills: skills
                .into_iter()
                .flat_map(|skills| skills.iter())
                .map(|skill| self.book.skill(skill))
                .collect(),
            code: segment.coding.and_then(|coding| self.book.code(coding)),
            note: noted.then(|| customer::note(self.record.number)),
            disconnect: segment
                .disconnect
                .map(|way| if odd { "tomorrow" } else { way }),
        }
    }

    fn part(&self, kind: &str, place: usize) -> String {
        part(self.id, kind, place)
    }
}

/// The id of a part of a conversation: the conversation's own, moved by the part's place.
pub(super) fn part(conversation: Uuid, kind: &str, place: usize) -> String {
    let kind = u128::from(kind == "session") + 1;
    let moved = (place as u128 * 2 + kind).wrapping_mul(PART_STEP);
    uuid::Builder::from_custom_bytes((conversation.as_u128() ^ moved).to_be_bytes())
        .into_uuid()
        .to_string()
}

/// An odd number without a pattern, below the bits that say of which kind an id is: its multiples differ.
const PART_STEP: u128 = 0x9e37_79b9_7f4a_7c15 | 1;

fn iso(at: TimeMs) -> String {
    let at = jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}
