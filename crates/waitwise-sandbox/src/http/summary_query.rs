//! What a summary query asks for, read member by member so that a refusal can name the one that cannot be.

use jiff::Timestamp;
use serde_json::Value;

use super::listing::PAGE_SIZE_MAX;
use super::reply::Refusal;
use super::state::ceil_ms;
use crate::centre::TimeMs;

/// A summary query that can be answered.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(super) queue: String,
    /// Half-open, on the conversation's start.
    pub(super) from: TimeMs,
    pub(super) to: TimeMs,
    /// Whether to give the number of conversations.
    pub(super) count: bool,
    /// Whether to give their mean wait.
    pub(super) wait: bool,
    pub(super) page_size: usize,
    /// Which page; `None` for the first.
    pub(super) token: Option<String>,
}

impl Query {
    /// Reads the query's body.
    ///
    /// # Errors
    /// 400 naming the member that is missing or cannot be.
    pub(crate) fn read(body: &[u8]) -> Result<Query, Refusal> {
        let not_json = |error| {
            Refusal::new(
                400,
                "bad.request",
                format!("The request body is not JSON: {error}"),
            )
        };
        let body: Value = serde_json::from_slice(body).map_err(not_json)?;
        if !body.is_object() {
            return Err(Refusal::new(
                400,
                "bad.request",
                "The request body is not a JSON object",
            ));
        }
        exactly(&body, "", "view", "conversations")?;
        check_group_by(&body["groupBy"])?;
        let (count, wait) = read_metrics(&body["metrics"])?;
        let (queue, from, to) = read_filter(&body["filter"])?;
        let page_size = read_page_size(&body["pageSize"])?;
        let token = read_token(&body["nextPageToken"])?;
        Ok(Query {
            queue,
            from,
            to,
            count,
            wait,
            page_size,
            token,
        })
    }
}

/// The text that member `key` of an object must be.
fn exactly(object: &Value, pointer: &str, key: &str, expected: &str) -> Result<(), Refusal> {
    match object[key].as_str() {
        Some(text) if text == expected => Ok(()),
        _ => Err(Refusal::invalid(
            format!("{pointer}/{key}"),
            format!("{key} must be \"{expected}\", got {}", object[key]),
        )),
    }
}

fn check_group_by(group_by: &Value) -> Result<(), Refusal> {
    match *group_by == serde_json::json!(["wrapupCodeId"]) {
        true => Ok(()),
        false => Err(Refusal::invalid(
            "/groupBy",
            format!("groupBy must be [\"wrapupCodeId\"], got {group_by}"),
        )),
    }
}

fn read_metrics(metrics: &Value) -> Result<(bool, bool), Refusal> {
    let names = metrics.as_array().filter(|names| !names.is_empty());
    let refusal = || {
        Refusal::invalid(
            "/metrics",
            format!("metrics must name some of conversationCount and avgWaitTime, got {metrics}"),
        )
    };
    let (mut count, mut wait) = (false, false);
    for name in names.ok_or_else(refusal)? {
        match name.as_str() {
            Some("conversationCount") => count = true,
            Some("avgWaitTime") => wait = true,
            _ => return Err(refusal()),
        }
    }
    Ok((count, wait))
}

fn read_filter(filter: &Value) -> Result<(String, TimeMs, TimeMs), Refusal> {
    exactly(filter, "/filter", "type", "and")?;
    let clauses = filter["clauses"].as_array();
    let clauses = clauses
        .ok_or_else(|| Refusal::invalid("/filter/clauses", "filter.clauses must be an array"))?;
    let (mut queue, mut range) = (None, None);
    for (idx, clause) in clauses.iter().enumerate() {
        let pointer = format!("/filter/clauses/{idx}");
        match clause["type"].as_str() {
            Some("equals") if queue.is_none() => queue = Some(read_queue(clause, &pointer)?),
            Some("dateRange") if range.is_none() => range = Some(read_range(clause, &pointer)?),
            _ => {
                let message = "filter.clauses takes one `equals` and one `dateRange`";
                return Err(Refusal::invalid(format!("{pointer}/type"), message));
            }
        }
    }
    let missing = |kind, dimension| {
        Refusal::invalid(
            "/filter/clauses",
            format!("filter.clauses lacks the `{kind}` of {dimension}"),
        )
    };
    let (from, to) = range.ok_or_else(|| missing("dateRange", "conversationDate"))?;
    Ok((queue.ok_or_else(|| missing("equals", "queueId"))?, from, to))
}

fn read_queue(clause: &Value, pointer: &str) -> Result<String, Refusal> {
    exactly(clause, pointer, "dimension", "queueId")?;
    let value = clause["value"].as_str().filter(|value| !value.is_empty());
    let refusal = || Refusal::invalid(format!("{pointer}/value"), "the queueId must be a text");
    value.map(str::to_owned).ok_or_else(refusal)
}

fn read_range(clause: &Value, pointer: &str) -> Result<(TimeMs, TimeMs), Refusal> {
    exactly(clause, pointer, "dimension", "conversationDate")?;
    let read = |key: &str| {
        let at = clause[key]
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok());
        let message = || {
            format!(
                "{key} must be an instant such as 2026-03-30T00:00:00.000Z, got {}",
                clause[key]
            )
        };
        at.ok_or_else(|| Refusal::invalid(format!("{pointer}/{key}"), message()))
    };
    let (from, to) = (read("from")?, read("to")?);
    if from >= to {
        return Err(Refusal::invalid(
            format!("{pointer}/from"),
            format!("from must lie before to, got {from} and {to}"),
        ));
    }
    Ok((ceil_ms(from), ceil_ms(to)))
}

fn read_page_size(size: &Value) -> Result<usize, Refusal> {
    let read = size
        .as_u64()
        .filter(|size| (1..=u64::from(PAGE_SIZE_MAX)).contains(size));
    let refusal = || {
        Refusal::invalid(
            "/pageSize",
            format!("pageSize must be an integer from 1 to {PAGE_SIZE_MAX}, got {size}"),
        )
    };
    read.and_then(|size| usize::try_from(size).ok())
        .ok_or_else(refusal)
}

fn read_token(token: &Value) -> Result<Option<String>, Refusal> {
    let refusal = || Refusal::invalid("/nextPageToken", "nextPageToken must be a text");
    match token.is_null() {
        true => Ok(None),
        false => token
            .as_str()
            .map(|token| Some(token.to_owned()))
            .ok_or_else(refusal),
    }
}
