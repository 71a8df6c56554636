//! Aggregates of conversations. The medium is always among a group's dimensions, asked for or not; what did not happen
//! is absent.

use serde_json::{Map, Value, json};

use super::body::{Body, invalid};
use super::buckets;
use super::filter::Filter;
use crate::http::answer::Call;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;
use crate::records::{
    Dimension, Facts, MetricName, Question, SERVICE_LEVEL_TARGET, Stats, aggregate,
};

const MEMBERS: [&str; 12] = [
    "interval",
    "granularity",
    "timeZone",
    "groupBy",
    "filter",
    "metrics",
    "flattenMultivaluedDimensions",
    "views",
    "alternateTimeDimension",
    "queryType",
    "sortMetric",
    "limit",
];

/// Dimensions of which the sandbox's records know something; more are published.
const DIMENSIONS: [&str; 10] = [
    "conversationId",
    "direction",
    "divisionId",
    "mediaType",
    "originatingDirection",
    "purpose",
    "queueId",
    "requestedRoutingSkillId",
    "userId",
    "wrapUpCode",
];

/// Answers a question.
pub(super) fn query(state: &State, call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = Body::of(call, &MEMBERS)?;
    body.without(&["views", "alternateTimeDimension", "sortMetric", "limit"])?;
    if body
        .text("queryType")?
        .is_some_and(|kind| kind != "groupBy")
    {
        return Err(invalid(
            "queryType",
            "is not served by this sandbox but for `groupBy`",
        ));
    }
    let buckets = buckets::of(&body)?;
    let filter = Filter::of(&body, &DIMENSIONS)?;
    let (names, dimensions) = group_by(&body)?;
    let ids = state.ids();
    let book = ids.book(state.seed, &state.tenant.centre);
    let matches = |facts: &Facts| {
        filter.matches(&|dimension| {
            let values = book.values(facts, dimension);
            values.into_iter().map(String::from).collect()
        })
    };
    let question = Question {
        buckets: &buckets,
        metrics: &metrics(&body)?,
        group_by: &dimensions,
        flatten: body.flag("flattenMultivaluedDimensions")?,
        filter: &matches,
        until: call.now,
    };
    let mut results = Vec::new();
    for (group, found) in aggregate(&book, &question) {
        let values = names.iter().zip(&group);
        let group: Map<String, Value> = values
            .filter_map(|(name, value)| Some(((*name).to_owned(), json!(value.as_ref()?))))
            .collect();
        let data: Vec<Value> = found
            .iter()
            .map(|(bucket, metrics)| {
                let metrics: Vec<Value> =
                    metrics.iter().map(|(name, of)| stats(*name, of)).collect();
                json!({"interval": buckets::interval(&buckets[*bucket]), "metrics": metrics})
            })
            .collect();
        results.push(json!({"group": group, "data": data}));
    }
    Ok(Reply::json(&json!({"results": results})))
}

/// The names of a group's dimensions, the medium among them, and the dimensions.
fn group_by(body: &Body) -> Result<(Vec<&str>, Vec<Dimension>), Refusal> {
    let mut names = body.texts("groupBy")?;
    if !names.contains(&"mediaType") {
        names.push("mediaType");
    }
    let mut dimensions = Vec::new();
    for name in &names {
        let dimension = Dimension::named(name).filter(|_| DIMENSIONS.contains(name));
        dimensions.push(dimension.ok_or_else(|| {
            invalid(
                "groupBy",
                &format!("has `{name}`, by which nothing can be grouped here"),
            )
        })?);
    }
    Ok((names, dimensions))
}

/// The metrics asked for. A published one that nothing in the sandbox emits is absent from the answer, as on a quiet day.
fn metrics(body: &Body) -> Result<Vec<MetricName>, Refusal> {
    let names = body.texts("metrics")?;
    if names.is_empty() {
        return Err(invalid("metrics", "are missing"));
    }
    let kind = |name: &str| {
        let mut letters = name.chars();
        let first = letters.next().is_some_and(|letter| "not".contains(letter));
        first && letters.next().is_some_and(char::is_uppercase)
    };
    if let Some(name) = names.iter().find(|name| !kind(name)) {
        return Err(invalid("metrics", &format!("have `{name}`, which is none")));
    }
    Ok(names.into_iter().filter_map(MetricName::named).collect())
}

fn stats(name: MetricName, stats: &Stats) -> Value {
    let spelled = name.as_str();
    let found = match (name, &spelled[..1]) {
        (MetricName::ServiceLevel, _) => json!({
            "ratio": stats.sum as f64 / stats.count as f64,
            "numerator": stats.sum,
            "denominator": stats.count,
            "target": SERVICE_LEVEL_TARGET,
        }),
        (_, "n") => json!({"count": stats.count}),
        _ => json!({
            "max": stats.max,
            "min": stats.min,
            "count": stats.count,
            "sum": sum(stats.sum),
        }),
    };
    json!({"metric": spelled, "stats": found})
}

/// A sum of milliseconds: a large one is a number with a fraction, as the platform's are.
fn sum(ms: i64) -> Value {
    match ms < 10_000_000 {
        true => json!(ms),
        false => json!(ms as f64),
    }
}
