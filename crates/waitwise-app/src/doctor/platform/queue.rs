//! Whether priorities decide in the queue who is served next.

use waitwise_client::Listing;
use waitwise_model::{AgentChoice, Queue, QueueId, QueueOrder};
use waitwise_wire::platform::queue::Predictor;

use super::{Answer, PREDICTIVE, QUEUE, refused, status, unread};
use crate::doctor::{Check, Status};
use crate::error::ErrorKind;
use crate::init::fit;

/// Whether the queue is there, and orders those who wait by minutes and priority.
pub(super) fn order(id: &QueueId, queue: &Answer<Queue>) -> Check {
    let queue = match queue {
        Ok(queue) => queue,
        Err(error) if status(error) == Some(404) => {
            let found = format!("there is no queue `{id}`, or the client may not see it");
            return Check::with(QUEUE, Status::Wrong(ErrorKind::Usage), found)
                .advise("`waitwise init` lists the queues that the client sees")
                .advise(
                    "a queue of a division that the client's role was not given for is not shown",
                );
        }
        Err(_) => return unread(QUEUE),
    };
    if let Some(unfit) = fit::order(queue) {
        return refused(QUEUE, unfit.to_string()).advise(unfit.hint());
    }
    let found = format!(
        "`{}` orders by {}",
        queue.name,
        QueueOrder::MinutesAndPriority
    );
    match &queue.agent_choice {
        // Whoever is first is served by the next agent, whatever the skill: priorities count all the same.
        AgentChoice::AnyAgent => Check::ok(QUEUE, format!("{found}, whatever the agent's skills")),
        AgentChoice::MostProficient
        | AgentChoice::LongestIdle
        | AgentChoice::Other(_)
        | AgentChoice::Unsaid => Check::ok(QUEUE, found),
    }
}

/// Whether a predictor chooses in the place of the order.
pub(super) fn predictive(predictors: &Answer<Listing<Predictor>>) -> Check {
    let Ok(predictors) = predictors else {
        return unread(PREDICTIVE);
    };
    match fit::predicted(&predictors.items) {
        Some(unfit) => refused(PREDICTIVE, unfit.to_string()).advise(unfit.hint()),
        None => Check::ok(PREDICTIVE, "no predictor routes for the queue"),
    }
}
