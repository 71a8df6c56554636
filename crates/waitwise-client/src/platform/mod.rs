//! What can be asked of a host that speaks the published platform's contract.
//!
//! | file | questions |
//! |---|---|
//! | `tenant` | queues, members, wrap-up codes, agents' skills, predictors, limits, whose the token is |
//! | `tables` | data tables and their rows |
//! | `records` | conversation records: by jobs, and the newest by the query |
//! | `numbers` | aggregates of conversations and of agents |
//! | `live` | who waits now |

mod live;
mod numbers;
mod records;
mod tables;
mod tenant;

pub use numbers::Numbers;
pub use records::Records;

use waitwise_wire::operation::Operation;

use crate::error::ClientError;

/// Says that an answer is one JSON object, but lacks what it is there for. `reason` is a fragment such as "has no
/// text `id`".
fn unreadable(operation: &'static Operation, reason: &str) -> ClientError {
    ClientError::Shape {
        operation,
        page: 1,
        place: format!("because it {reason}"),
    }
}
