//! Queues, who serves them, and how a queue decides whom to serve next.

use std::fmt;

use crate::id::{AgentId, DivisionId, QueueId, SkillId, WrapUpCodeId};
use crate::skill::SkillState;

/// A queue with the settings that decide what weights can do in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Queue {
    /// Identity; survives renaming.
    pub id: QueueId,
    /// The name as the tenant spells it.
    pub name: String,
    /// The division that it belongs to; `None` if the host does not say.
    pub division: Option<DivisionId>,
    /// How an agent is chosen for an interaction.
    pub agent_choice: AgentChoice,
    /// How the interactions that wait are ordered.
    pub order: QueueOrder,
    /// What is promised per medium, in the host's order; media without a promise are left out.
    pub targets: Vec<ServiceTarget>,
    /// How many rings of agents the queue opens one after another, dropping skills as it goes; 0 without them.
    pub rings: usize,
    /// How many members it has, as the host counts them.
    pub members: Option<u32>,
}

/// How a queue chooses an agent for an interaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AgentChoice {
    /// Whoever has been idle longest; skills do not matter.
    AnyAgent,
    /// Among those with all requested skills, the most proficient.
    MostProficient,
    /// Among those with all requested skills, whoever has been idle longest.
    LongestIdle,
    /// One that this version does not know.
    Other(String),
    /// The host does not say.
    Unsaid,
}

/// How a queue orders those who wait.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QueueOrder {
    /// By minutes waited plus priority: a weight is a head start.
    MinutesAndPriority,
    /// By priority alone: a weight puts its skill before all others, for ever.
    PriorityOnly,
    /// One that this version does not know.
    Other(String),
}

impl fmt::Display for QueueOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            QueueOrder::MinutesAndPriority => "minutes waited plus priority",
            QueueOrder::PriorityOnly => "priority alone",
            QueueOrder::Other(text) => text,
        })
    }
}

/// A service level that a queue promises for one medium.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceTarget {
    /// The medium, such as `call`.
    pub media: String,
    /// The share of interactions, in 0.0..=1.0.
    pub share: f64,
    /// How long these wait at most, in milliseconds.
    pub within_ms: i64,
}

/// One who serves a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueueMember {
    /// The agent.
    pub agent: AgentId,
    /// Whether the agent takes work from this queue at present; `None` if the host does not say.
    pub joined: Option<bool>,
    /// The ring that the agent is in, from 1.
    pub ring: Option<u32>,
}

/// A skill that an agent has.
#[derive(Clone, PartialEq, Debug)]
pub struct AgentSkill {
    /// The skill.
    pub skill: SkillId,
    /// Its name, if the host gives it.
    pub name: Option<String>,
    /// How good the agent is at it, in 0.0..=5.0; it chooses among agents and never reorders those who wait.
    pub proficiency: Option<f64>,
    /// Whether routing can use it.
    pub state: SkillState,
}

/// A wrap-up code that the tenant knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrapUpCode {
    /// Identity; survives renaming.
    pub id: WrapUpCodeId,
    /// The name as the tenant spells it.
    pub name: String,
}
