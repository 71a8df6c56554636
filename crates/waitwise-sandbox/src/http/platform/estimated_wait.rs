//! The platform's own estimate of a wait: here the plainest that can be made.

use serde_json::json;

use super::not_found;
use crate::centre::Outcome;
use crate::http::answer::Call;
use crate::http::reply::{Refusal, Reply};
use crate::http::state::State;

/// How many of the last answered calls say how long handling takes.
const LOOK_BACK: usize = 50;

/// What handling takes where nobody was answered yet, in seconds.
const HANDLE_SECS_DEFAULT: u64 = 300;

/// `GET …/queues/{queueId}/estimatedwaittime`: who waits, times the mean handle time, over who is serving.
pub(super) fn of_queue(state: &mut State, call: &Call<'_>, queue: &str) -> Result<Reply, Refusal> {
    let place = state.tenant.organisation.queue(queue);
    place.ok_or_else(|| not_found("queue", queue))?;
    let centre = &mut state.tenant.centre;
    centre.advance_to(call.now);
    let answered = centre.conversations().iter().rev();
    let answered = answered.filter(|conversation| conversation.outcome == Outcome::Answered);
    let handle_ms: Vec<u64> = answered
        .take(LOOK_BACK)
        .map(|conversation| u64::from(conversation.handle_ms))
        .collect();
    let handle_secs = match handle_ms.len() as u64 {
        0 => HANDLE_SECS_DEFAULT,
        n => handle_ms.iter().sum::<u64>() / n / 1000,
    };
    let serving = std::cmp::max(centre.busy(), 1) as u64;
    let secs = centre.waiting() as u64 * handle_secs / serving;
    Ok(Reply::json(&json!({"results": [
        {"intent": "CALL", "formula": "SIMPLE", "estimatedWaitTimeSeconds": secs},
    ]})))
}
