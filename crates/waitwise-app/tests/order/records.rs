//! What a day's records say: who was given to which agent, and who waited until when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;
use waitwise_app::ReadClient;
use waitwise_app::model::{AgentId, ConversationId, QueueId, Window};
use waitwise_wire::platform::details::RecordQuestion;

/// An agent's telephone began to ring for somebody.
pub(crate) struct Assignment {
    pub(crate) at: Timestamp,
    pub(crate) agent: AgentId,
    pub(crate) conversation: ConversationId,
}

/// One day of one queue.
pub(crate) struct Day {
    /// By time.
    assignments: Vec<Assignment>,
    /// When each conversation was in the queue's line, ringing at an agent left out: half-open.
    waits: BTreeMap<ConversationId, Vec<(Timestamp, Timestamp)>>,
}

impl Day {
    pub(crate) async fn read(
        client: &ReadClient,
        queue: &QueueId,
        from: Timestamp,
        to: Timestamp,
    ) -> Day {
        let question = RecordQuestion {
            window: Window { from, to },
            queues: vec![queue.clone()],
        };
        let mut day = Day {
            assignments: Vec::new(),
            waits: BTreeMap::new(),
        };
        for page in 1.. {
            let records = client.details_page(&question, page).await.unwrap();
            if records.records.is_empty() {
                break;
            }
            for record in &records.records {
                day.add(queue, &serde_json::from_str(record).unwrap());
            }
        }
        day.assignments.sort_by_key(|assignment| assignment.at);
        day
    }

    pub(crate) fn agents(&self) -> BTreeSet<AgentId> {
        let agents = self.assignments.iter();
        agents.map(|assignment| assignment.agent.clone()).collect()
    }

    pub(crate) fn assignments_after(&self, at: Timestamp) -> &[Assignment] {
        let first = self
            .assignments
            .partition_point(|assignment| assignment.at <= at);
        &self.assignments[first..]
    }

    /// Whether a conversation was in line just before an instant.
    pub(crate) fn is_waiting(&self, conversation: &ConversationId, at: Timestamp) -> bool {
        let stays = self.waits.get(conversation).into_iter().flatten();
        stays.into_iter().any(|(from, to)| *from < at && at <= *to)
    }

    fn add(&mut self, queue: &QueueId, record: &Value) {
        let conversation = ConversationId::new(record["conversationId"].as_str().unwrap());
        let mut rings = Vec::new();
        let mut stays = Vec::new();
        for participant in list(&record["participants"]) {
            for session in list(&participant["sessions"]) {
                for segment in list(&session["segments"]) {
                    if segment["queueId"].as_str() != Some(queue.as_str()) {
                        continue;
                    }
                    let span = (time(&segment["segmentStart"]), time(&segment["segmentEnd"]));
                    let purpose = participant["purpose"].as_str().unwrap();
                    if purpose == "acd" {
                        stays.push(span);
                    } else if segment["segmentType"] == "alert" {
                        let agent = AgentId::new(participant["userId"].as_str().unwrap());
                        rings.push((span, agent));
                    }
                }
            }
        }
        for ((at, _), agent) in &rings {
            self.assignments.push(Assignment {
                at: *at,
                agent: agent.clone(),
                conversation: conversation.clone(),
            });
        }
        // While it rings, nobody else is given it.
        rings.sort_by_key(|((from, _), _)| *from);
        for (mut from, to) in stays {
            for ((ring_from, ring_to), _) in &rings {
                if *ring_from >= from && *ring_from <= to {
                    self.waits
                        .entry(conversation.clone())
                        .or_default()
                        .push((from, *ring_from));
                    from = *ring_to;
                }
            }
            if from < to {
                self.waits
                    .entry(conversation.clone())
                    .or_default()
                    .push((from, to));
            }
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// One that is going on has no end yet.
fn time(value: &Value) -> Timestamp {
    value
        .as_str()
        .map_or(Timestamp::MAX, |text| text.parse().unwrap())
}
