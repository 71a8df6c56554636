//! Whether a weight could do anything good in a queue.

use waitwise_model::{Queue, QueueOrder};
use waitwise_wire::platform::queue::Predictor;

/// Why weights are not for a queue.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// A predictor chooses.
    #[error(
        "the queue is on predictive routing (predictor {predictor}): a predictor chooses who is served, not waiting time and priority"
    )]
    Predictive {
        /// The predictor's id.
        predictor: String,
    },
    /// Priority alone decides.
    #[error(
        "the queue `{queue}` orders by priority alone (PriorityOnly): one minute of head start would put a skill before all others for ever"
    )]
    PriorityOnly {
        /// The queue's name.
        queue: String,
    },
    /// It orders in a way that this version does not know.
    #[error("the queue `{queue}` orders by `{order}`, which this version does not know")]
    UnknownOrder {
        /// The queue's name.
        queue: String,
        /// The host's word.
        order: String,
    },
}

impl Unfit {
    /// Returns what can be done about it, a sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Unfit::Predictive { .. } => {
                "take the queue off predictive routing (Admin, Routing, Queues), or choose another queue"
            }
            Unfit::PriorityOnly { .. } => {
                "set the queue's scoring method to TimestampAndPriority (Admin, Routing, Queues), or choose another queue"
            }
            Unfit::UnknownOrder { .. } => {
                "a newer version of Waitwise may know it; until then choose another queue"
            }
        }
    }
}

/// Returns what is wrong with how a queue orders those who wait; `None`: nothing.
pub fn order(queue: &Queue) -> Option<Unfit> {
    let name = || queue.name.clone();
    match &queue.order {
        QueueOrder::MinutesAndPriority => None,
        QueueOrder::PriorityOnly => Some(Unfit::PriorityOnly { queue: name() }),
        QueueOrder::Other(order) => Some(Unfit::UnknownOrder {
            queue: name(),
            order: order.clone(),
        }),
    }
}

/// Returns the predictor that may route for a queue, given its predictors; `None`: none may.
pub fn predicted(predictors: &[Predictor]) -> Option<Unfit> {
    let active = predictors.iter().find(|predictor| predictor.may_route())?;
    Some(Unfit::Predictive {
        predictor: active.id.clone(),
    })
}
