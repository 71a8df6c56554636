//! Identities. Every id is an opaque text that a host chose: compared byte for byte, never parsed.
//!
//! Clones share the text: the same id stands in evidence, analysis, and plan.

use std::fmt;
use std::sync::Arc;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps the host's text as it is.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(text.as_ref().into())
            }

            /// Returns the host's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// Shares the host's text.
        impl From<&$name> for Arc<str> {
            fn from(id: &$name) -> Self {
                id.0.clone()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id_type!(
    /// A queue: stays the same when the queue is renamed or reconfigured.
    QueueId
);
id_type!(
    /// A skill: stays the same when the skill is renamed or deactivated.
    SkillId
);
id_type!(
    /// A wrap-up code, or a reserved text that stands in a code's place. Not always a UUID.
    WrapUpCodeId
);
id_type!(
    /// A conversation: one customer contact, however often it is transferred.
    ConversationId
);
id_type!(
    /// An agent: stays the same when the agent is renamed.
    AgentId
);
id_type!(
    /// A division: who may see an object depends on it.
    DivisionId
);
id_type!(
    /// One object that a lever writes, such as `routing-rule/5f0c…`: unique within a tenant.
    ObjectId
);
