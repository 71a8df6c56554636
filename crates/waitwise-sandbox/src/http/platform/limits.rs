//! The organisation's limits.

use serde_json::json;

use super::not_found;
use crate::http::answer::BODY_BYTES_MAX;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;

/// Namespaces that exist and tell no limit here: the keys of theirs are not known for sure.
const WITHOUT_LIMITS: [&str; 6] = [
    "analytics",
    "architect",
    "datatables",
    "notifications",
    "routing",
    "skills",
];

/// `GET …/limits/namespaces/{namespaceName}`.
pub(super) fn of_namespace(state: &State, namespace: &str) -> Result<Reply, Refusal> {
    if WITHOUT_LIMITS.contains(&namespace) {
        return Ok(Reply::json(&json!({"entities": []})));
    }
    if namespace != "platform.api" {
        return Err(not_found("namespace", namespace));
    }
    let per_minute = u64::from(state.rate_limit.allowed());
    let limits = [
        ("client.credentials.token.rate.per.minute", per_minute),
        ("token.rate.per.minute", per_minute),
        ("request.bytes.max", BODY_BYTES_MAX as u64),
    ];
    let entities =
        limits.map(|(key, value)| json!({"key": key, "namespace": namespace, "value": value}));
    Ok(Reply::json(&json!({"entities": entities})))
}
