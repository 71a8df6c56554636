//! Which contracts the sandbox speaks, and so which operations it has.

use waitwise_wire::operation::{Method, Needs, Operation, Paging, Repeat};
use waitwise_wire::{platform, tutorial};

/// The contracts that are served over one tenant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Api {
    /// The tutorial's alone: the published platform's own paths are 404.
    Tutorial,
    /// The published platform's alone: the tutorial's summary query and routing rules are 404.
    Platform,
    /// Both. What both have is open to whoever one of them would let in.
    #[default]
    Both,
}

/// Replaces a queue, whole. Waitwise never asks for it; here it shows what such a replacement does.
pub(crate) const PUT_QUEUE: Operation = Operation {
    name: "write the queue",
    method: Method::Put,
    path: "/api/v2/routing/queues/{queueId}",
    needs: Needs::AnyPermission(&["routing:queue:edit"]),
    repeat: Repeat::ReadFirst,
    paging: Paging::None,
};

static TUTORIAL: [Operation; 5] = tutorial::OPERATIONS;
static PLATFORM: [Operation; 30] = platform::OPERATIONS;
/// What the tutorial has and the platform has not.
static TUTORIAL_ALONE: [Operation; 3] = [tutorial::SUMMARY, tutorial::RULES, tutorial::PUT_RULE];
static BEYOND_THE_CLIENT: [Operation; 1] = [PUT_QUEUE];

impl Api {
    /// Returns every operation that is served. What both contracts have comes as the platform's.
    pub(crate) fn operations(self) -> impl Iterator<Item = &'static Operation> {
        let (first, second, third): (&[Operation], &[Operation], &[Operation]) = match self {
            Api::Tutorial => (&TUTORIAL, &[], &[]),
            Api::Platform => (&PLATFORM, &BEYOND_THE_CLIENT, &[]),
            Api::Both => (&PLATFORM, &BEYOND_THE_CLIENT, &TUTORIAL_ALONE),
        };
        first.iter().chain(second).chain(third)
    }

    /// Returns the scope of the tutorial that opens an operation of the platform as well, where both are served.
    pub(crate) fn scope_beside(self, operation: &Operation) -> Option<&'static str> {
        if self != Api::Both {
            return None;
        }
        let same = |other: &&Operation| is_same(other, operation);
        TUTORIAL.iter().find(same).and_then(Operation::scope)
    }
}

/// Returns whether two operations are one to a server: method and path are all that it sees.
pub(crate) fn is_same(one: &Operation, other: &Operation) -> bool {
    (one.method, one.path) == (other.method, other.path)
}

/// Returns every operation of any contract, once.
pub(crate) fn all_operations() -> impl Iterator<Item = &'static Operation> {
    Api::Both.operations()
}
