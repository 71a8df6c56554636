//! Who waits and who works at this moment.
//!
//! Whoever has an agent's telephone ringing is alerting, not waiting: whether the platform counts them as both was not
//! found.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::body::{Body, invalid};
use super::filter::Filter;
use crate::centre::{Activity, Queue, Skills, TimeMs};
use crate::http::answer::Call;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::{State, iso};
use crate::records::{Book, Dimension, media_of, session_id};

/// A contact in a queue, or with its agent.
struct Present {
    state: PresentState,
    contact: usize,
    /// Which of the contact's sessions is the queue's.
    leg: usize,
    queue: Queue,
    skills: Skills,
    since: TimeMs,
    priority: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PresentState {
    Waiting,
    Alerting,
    Interacting,
}

impl PresentState {
    /// The metric that counts those in this state.
    fn metric(self) -> &'static str {
        match self {
            PresentState::Waiting => "oWaiting",
            PresentState::Alerting => "oAlerting",
            PresentState::Interacting => "oInteracting",
        }
    }

    /// The metric that says since when the first of them is.
    fn longest(self) -> Option<&'static str> {
        match self {
            PresentState::Waiting => Some("oLongestWaiting"),
            PresentState::Interacting => Some("oLongestInteracting"),
            PresentState::Alerting => None,
        }
    }
}

/// What activity may be asked about, of what is known.
const DIMENSIONS: [&str; 6] = [
    "conversationId",
    "direction",
    "mediaType",
    "queueId",
    "requestedRoutingSkillId",
    "routingPriority",
];

/// Answers who waits, by dimensions.
pub(super) fn activity(state: &State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = Body::of(call, &["metrics", "groupBy", "filter", "order"])?;
    let filter = Filter::of(&body, &DIMENSIONS)?;
    let names = body.texts("groupBy")?;
    if let Some(name) = names.iter().find(|name| !DIMENSIONS.contains(name)) {
        return Err(invalid(
            "groupBy",
            &format!("has `{name}`, by which nothing can be grouped here"),
        ));
    }
    let metrics = activity_metrics(&body)?;
    let ids = state.ids();
    let book = ids.book(state.seed, &state.tenant.centre);
    let mut groups: BTreeMap<Vec<Option<String>>, Vec<&Present>> = BTreeMap::new();
    let present = present(state, call.now);
    for one in present
        .iter()
        .filter(|one| filter.matches(&|of| one.values(&book, of)))
    {
        for group in one.groups(&book, &names) {
            groups.entry(group).or_default().push(one);
        }
    }
    let mut results = Vec::new();
    for (values, members) in groups {
        let mut data = Vec::new();
        let mut entities = Vec::new();
        for (metric, details) in &metrics {
            let Some(found) = number(metric, &members, call.now) else {
                continue;
            };
            data.push(found);
            let counted = members
                .iter()
                .filter(|one| *details && one.state.metric() == *metric);
            entities.extend(counted.map(|one| one.entity(&book, metric)));
        }
        if data.is_empty() {
            continue;
        }
        let group: Map<String, Value> = names
            .iter()
            .zip(values)
            .filter_map(|(name, value)| Some(((*name).to_owned(), json!(value?))))
            .collect();
        let mut result = json!({"group": group, "data": data, "truncated": false});
        if !entities.is_empty() {
            result["entities"] = json!(entities);
        }
        results.push(result);
    }
    Ok(Reply::json(
        &json!({"entityIdDimension": "conversationId", "results": results}),
    ))
}

/// The metrics asked for, each with whether its members are.
fn activity_metrics(body: &Body) -> Result<Vec<(&str, bool)>, Refusal> {
    const METRICS: [&str; 5] = [
        "oAlerting",
        "oInteracting",
        "oLongestInteracting",
        "oLongestWaiting",
        "oWaiting",
    ];
    let mut metrics = Vec::new();
    for asked in body.list("metrics")? {
        let name = asked.get("metric").and_then(Value::as_str);
        let name = name
            .filter(|name| METRICS.contains(name))
            .ok_or_else(|| invalid("metrics", "have one without a metric that there is"))?;
        let details = asked.get("details").and_then(Value::as_bool);
        metrics.push((name, details.unwrap_or(false)));
    }
    match metrics.is_empty() {
        true => Err(invalid("metrics", "are missing")),
        false => Ok(metrics),
    }
}

/// A number of those present; `None` where there is nobody to count.
fn number(metric: &str, members: &[&Present], now: TimeMs) -> Option<Value> {
    let counted = members
        .iter()
        .filter(|one| one.state.metric() == metric)
        .count();
    if counted > 0 {
        return Some(json!({"metric": metric, "count": counted}));
    }
    let longest = members
        .iter()
        .filter(|one| one.state.longest() == Some(metric));
    let since = longest.map(|one| one.since).min()?;
    Some(json!({"metric": metric, "calculatedMetricValue": now - since}))
}

/// Answers who waits in queues and who serves them.
pub(super) fn observations(state: &State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = Body::of(call, &["filter", "metrics", "detailMetrics"])?;
    if body.get("filter").is_none() {
        return Err(invalid("filter", "is missing"));
    }
    let filter = Filter::of(&body, &["queueId", "mediaType"])?;
    let metrics = body.texts("metrics")?;
    let details = body.texts("detailMetrics")?;
    let ids = state.ids();
    let book = ids.book(state.seed, &state.tenant.centre);
    let mut by_medium: BTreeMap<(Queue, &str), Vec<Present>> = BTreeMap::new();
    for one in present(state, call.now) {
        if filter.matches(&|dimension| one.values(&book, dimension)) {
            let media = media_of(state.seed, one.contact).as_str();
            by_medium.entry((one.queue, media)).or_default().push(one);
        }
    }
    let mut results = Vec::new();
    for ((queue, media), members) in by_medium {
        let members: Vec<&Present> = members.iter().collect();
        let data: Vec<Value> = metrics
            .iter()
            .filter_map(|metric| {
                observed(&book, metric, &members, details.contains(metric), call.now)
            })
            .collect();
        if !data.is_empty() {
            let group = json!({"queueId": book.queue(queue), "mediaType": media});
            results.push(json!({"group": group, "data": data}));
        }
    }
    for queue in Queue::ALL {
        let values = |dimension: Dimension| match dimension == Dimension::Queue {
            true => vec![book.queue(queue).to_owned()],
            false => Vec::new(),
        };
        let data = agents(state, queue, &metrics);
        if filter.matches(&values) && !data.is_empty() {
            results.push(json!({"group": {"queueId": book.queue(queue)}, "data": data}));
        }
    }
    Ok(Reply::json(&json!({"results": results})))
}

/// A number of one medium of one queue, with the single ones if asked for.
fn observed(
    book: &Book<'_>,
    metric: &str,
    members: &[&Present],
    details: bool,
    now: TimeMs,
) -> Option<Value> {
    let found = number(metric, members, now)?;
    let stats = match found.get("count") {
        Some(count) => json!({"count": count}),
        None => json!({"calculatedMetricValue": found["calculatedMetricValue"]}),
    };
    let mut data = json!({"metric": metric, "stats": stats});
    if details {
        let single = members.iter().filter(|one| one.state.metric() == metric);
        let observations: Vec<Value> = single.map(|one| one.observation(book)).collect();
        data["truncated"] = json!(false);
        data["observations"] = json!(observations);
    }
    Some(data)
}

/// What the agents of a queue are at.
fn agents(state: &State, queue: Queue, metrics: &[&str]) -> Vec<Value> {
    let centre = &state.tenant.centre;
    let members = (0..centre.n_agents()).filter(|agent| centre.queues_of(*agent).contains(&queue));
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for agent in members {
        let status = match centre.activity(agent) {
            Activity::OffQueue => "OFF_QUEUE",
            // A ringing telephone is nobody's conversation yet.
            Activity::Idle | Activity::Alerting => "IDLE",
            Activity::Interacting => "INTERACTING",
            Activity::NotResponding => "NOT_RESPONDING",
        };
        *counts.entry(status).or_default() += 1;
    }
    let of = |status: &str| counts.get(status).copied().unwrap_or(0);
    let all: i64 = counts.values().sum();
    let mut data = Vec::new();
    for metric in metrics {
        let count = match *metric {
            "oMemberUsers" | "oActiveUsers" => all,
            "oOnQueueUsers" => all - of("OFF_QUEUE"),
            "oOffQueueUsers" => of("OFF_QUEUE"),
            "oUserRoutingStatuses" => {
                data.extend(counts.iter().map(|(status, count)| {
                    json!({"metric": metric, "qualifier": status, "stats": {"count": count}})
                }));
                continue;
            }
            _ => continue,
        };
        if count > 0 {
            data.push(json!({"metric": metric, "stats": {"count": count}}));
        }
    }
    data
}

/// Everybody in a queue or in talk, by contact number.
fn present(state: &State, now: TimeMs) -> Vec<Present> {
    let centre = &state.tenant.centre;
    let mut present: Vec<Present> = centre
        .waiting_now()
        .into_iter()
        .map(|one| Present {
            state: match one.alerting {
                true => PresentState::Alerting,
                false => PresentState::Waiting,
            },
            contact: one.contact,
            leg: one.leg,
            queue: one.queue,
            skills: one.skills,
            since: one.entered,
            priority: one.priority,
        })
        .collect();
    // Nobody talks longer than a day.
    let contacts = centre.contacts();
    let recent = contacts.partition_point(|contact| contact.start() < now - 24 * 60 * 60 * 1_000);
    for (contact, one) in contacts.iter().enumerate().skip(recent) {
        for (leg, visit) in one.visits.iter().enumerate() {
            if let (Some(since), Some(end)) = (visit.left_queue(), visit.talk_end())
                && (since..end).contains(&now)
            {
                present.push(Present {
                    state: PresentState::Interacting,
                    contact,
                    leg,
                    queue: visit.queue,
                    skills: visit.skills,
                    since,
                    priority: visit.priority,
                });
            }
        }
    }
    present
}

impl Present {
    fn values(&self, book: &Book<'_>, dimension: Dimension) -> Vec<String> {
        match dimension {
            Dimension::Conversation => vec![book.conversation_id(self.contact).to_string()],
            Dimension::Direction => vec!["inbound".to_owned()],
            Dimension::Media => vec![media_of(book.seed, self.contact).as_str().to_owned()],
            Dimension::Priority => vec![self.priority.to_string()],
            Dimension::Queue => vec![book.queue(self.queue).to_owned()],
            Dimension::RequestedSkill => self.skill_ids(book),
            Dimension::Division
            | Dimension::Purpose
            | Dimension::SegmentType
            | Dimension::User
            | Dimension::WrapUpCode => Vec::new(),
        }
    }

    /// The groups that it belongs to: one per value of a dimension that has several.
    fn groups(&self, book: &Book<'_>, names: &[&str]) -> Vec<Vec<Option<String>>> {
        let mut groups = vec![Vec::new()];
        for dimension in names.iter().filter_map(|name| Dimension::named(name)) {
            let mut values: Vec<Option<String>> =
                self.values(book, dimension).into_iter().map(Some).collect();
            if values.is_empty() {
                values.push(None);
            }
            let with = |group: Vec<Option<String>>| {
                let longer =
                    |value: &Option<String>| [&group[..], std::slice::from_ref(value)].concat();
                values.iter().map(longer).collect::<Vec<_>>()
            };
            groups = groups.into_iter().flat_map(with).collect();
        }
        groups
    }

    fn skill_ids(&self, book: &Book<'_>) -> Vec<String> {
        self.skills
            .iter()
            .map(|skill| book.skill(skill).to_owned())
            .collect()
    }

    fn observation(&self, book: &Book<'_>) -> Value {
        json!({
            "observationDate": iso(self.since),
            "conversationId": book.conversation_id(self.contact).to_string(),
            "sessionId": session_id(book, self.contact, self.leg),
            "routingPriority": self.priority,
            "requestedRoutingSkillIds": self.skill_ids(book),
            "requestedRoutings": ["Standard"],
            "direction": "inbound",
        })
    }

    fn entity(&self, book: &Book<'_>, metric: &str) -> Value {
        json!({
            "activityDate": iso(self.since),
            "metric": metric,
            "conversationId": book.conversation_id(self.contact).to_string(),
            "queueId": book.queue(self.queue),
            "mediaType": media_of(book.seed, self.contact).as_str(),
            "direction": "inbound",
            "routingPriority": self.priority,
            "requestedRoutingSkillIds": self.skill_ids(book),
        })
    }
}
