//! Aggregates of agents' time: on queue, and what they did there.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::body::{Body, invalid};
use super::buckets;
use super::filter::Filter;
use crate::centre::{Centre, TimeMs};
use crate::http::answer::Call;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;
use crate::records::Dimension;

const MEMBERS: [&str; 9] = [
    "interval",
    "granularity",
    "timeZone",
    "groupBy",
    "filter",
    "metrics",
    "flattenMultivaluedDimensions",
    "views",
    "alternateTimeDimension",
];

const METRICS: [&str; 3] = [
    "tAgentRoutingStatus",
    "tOrganizationPresence",
    "tSystemPresence",
];

/// Answers a question. Without `groupBy` all agents are one group.
///
/// Qualifiers are the published statuses; that time on queue is `ON_QUEUE` of the system's presence is what they are
/// called, no live answer was seen.
pub(super) fn query(state: &State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = Body::of(call, &MEMBERS)?;
    body.without(&["views", "alternateTimeDimension"])?;
    let buckets = buckets::of(&body)?;
    let filter = Filter::of(&body, &["userId"])?;
    let metrics = body.texts("metrics")?;
    if metrics.is_empty() || metrics.iter().any(|name| !METRICS.contains(name)) {
        return Err(invalid("metrics", "are missing, or not all about users"));
    }
    let by_user = match body.texts("groupBy")?[..] {
        [] => false,
        ["userId"] => true,
        _ => return Err(invalid("groupBy", "can only be `userId`")),
    };
    let mut groups: BTreeMap<Option<&str>, BTreeMap<usize, Times>> = BTreeMap::new();
    let users = (0..).zip(&state.tenant.organisation.users);
    for (agent, user) in users {
        let values = |dimension: Dimension| match dimension == Dimension::User {
            true => vec![user.id.clone()],
            false => Vec::new(),
        };
        if !filter.matches(&values) {
            continue;
        }
        let group = groups.entry(by_user.then_some(&*user.id)).or_default();
        for (place, bucket) in buckets.iter().enumerate() {
            let bucket = bucket.start..std::cmp::min(bucket.end, call.now);
            for (status, ms) in times(&state.tenant.centre, agent, &bucket) {
                *group.entry(place).or_default().entry(status).or_default() += ms;
            }
        }
    }
    let mut results = Vec::new();
    for (user, found) in groups.into_iter().filter(|(_, found)| !found.is_empty()) {
        let data: Vec<Value> = found
            .iter()
            .map(|(place, times)| {
                let interval = buckets::interval(&buckets[*place]);
                json!({"interval": interval, "metrics": of_times(times, &metrics)})
            })
            .collect();
        let group = user.map_or(json!({}), |user| json!({"userId": user}));
        results.push(json!({"group": group, "data": data}));
    }
    Ok(Reply::json(&json!({"results": results})))
}

/// Milliseconds by metric and qualifier.
type Times = BTreeMap<(&'static str, &'static str), i64>;

fn of_times(times: &Times, asked: &[&str]) -> Vec<Value> {
    let asked = times
        .iter()
        .filter(|((metric, _), _)| asked.contains(metric));
    asked
        .map(|((metric, qualifier), ms)| {
            json!({"metric": metric, "qualifier": qualifier, "stats": {"sum": ms}})
        })
        .collect()
}

/// How an agent spent a stretch on queue: at work with callers, away after a missed call, or idle.
fn times(centre: &Centre, agent: u16, stretch: &Range<TimeMs>) -> Times {
    let within = |from: TimeMs, to: TimeMs| {
        std::cmp::max(
            0,
            std::cmp::min(to, stretch.end) - std::cmp::max(from, stretch.start),
        )
    };
    let duties = centre.on_queue(agent, stretch.start, stretch.end);
    let on_queue: i64 = duties.iter().map(|(from, to)| to - from).sum();
    let on_duty = |from: TimeMs, to: TimeMs| -> i64 {
        let overlap = |(start, end): &(TimeMs, TimeMs)| {
            std::cmp::max(0, std::cmp::min(*end, to) - std::cmp::max(*start, from))
        };
        duties.iter().map(overlap).sum()
    };
    let mut interacting = 0;
    let mut overtime = 0;
    for (from, to) in centre.work(agent, stretch.start, stretch.end) {
        interacting += within(from, to);
        let clipped = (
            std::cmp::max(from, stretch.start),
            std::cmp::min(to, stretch.end),
        );
        overtime += within(from, to) - on_duty(clipped.0, clipped.1);
    }
    let mut times = Times::new();
    let mut add = |metric, qualifier, ms: i64| {
        if ms > 0 {
            times.insert((metric, qualifier), ms);
        }
    };
    // A call that outlasts the shift keeps its agent on queue.
    add("tSystemPresence", "ON_QUEUE", on_queue + overtime);
    add("tAgentRoutingStatus", "INTERACTING", interacting);
    add(
        "tAgentRoutingStatus",
        "IDLE",
        on_queue + overtime - interacting,
    );
    times
}
