//! Predictors: none, unless planted.

use serde_json::{Value, json};
use uuid::Uuid;
use waitwise_wire::platform::PREDICTORS;

use crate::http::answer::Call;
use crate::http::query;
use crate::http::reply::Reply;
use crate::http::state::State;

/// `GET …/predictors`, on one page: there is at most one for each queue.
pub(super) fn list(state: &State, call: &Call<'_>) -> Reply {
    let asked = query::values(&call.request.query, "queueId");
    let queues = state.setup.planted.predictive_queues.iter();
    let queues = queues.filter(|queue| asked.is_empty() || asked.contains(queue));
    let entities: Vec<Value> = queues.map(|queue| predictor(state.seed, queue)).collect();
    Reply::json(&json!({"entities": entities, "selfUri": PREDICTORS.path}))
}

fn predictor(seed: u64, queue: &str) -> Value {
    let name = format!("{seed}/predictor/{queue}");
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string();
    json!({
        "id": id,
        "queues": [{"id": queue, "selfUri": format!("/api/v2/routing/queues/{queue}")}],
        "state": "Active",
        "selfUri": format!("{}/{id}", PREDICTORS.path),
    })
}
