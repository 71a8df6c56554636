//! The words of the product as types: ids, skills, weights, evidence, windows of time, lever objects, the clock.
//!
//! Everything else speaks in these. This crate knows no JSON, no HTTP, no vendor, and never asks the operating
//! system for the time: a [`Clock`] is a value that is passed in. Start at [`evidence`], which is what the product
//! is about, then [`lever`], which is what it changes.

pub mod clock;
pub mod evidence;
pub mod head_start;
pub mod id;
pub mod leg;
pub mod lever;
pub mod queue;
pub mod skill;
pub mod visit;
pub mod weight;
pub mod window;

pub use clock::{BoxFuture, Clock};
pub use evidence::{Evidence, Pull, RejectedGroup, SkillEvidence, UnmappedGroup, WrapUpGroup};
pub use head_start::{HeadStart, NoScale, Scale};
pub use id::{AgentId, ConversationId, DivisionId, ObjectId, QueueId, SkillId, WrapUpCodeId};
pub use leg::{
    Abandonment, Answer, Coding, Conversation, Leg, MediaType, Outcome, RejectedRecord, Routing,
    Uncoded,
};
pub use lever::{Observed, WeightChange, Write};
pub use queue::{
    AgentChoice, AgentSkill, Queue, QueueMember, QueueOrder, ServiceTarget, WrapUpCode,
};
pub use skill::{Skill, SkillMapping, SkillName, SkillState};
pub use visit::{Coded, Ending, Visit};
pub use weight::{Weight, WeightOutOfRange, Weights};
pub use window::{Window, WindowError};
