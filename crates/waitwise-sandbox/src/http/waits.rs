//! The truth about waits, straight from the contact centre, for those who judge what a change did.

use jiff::Timestamp;
use serde::Serialize;

use super::state::ceil_ms;
use super::summary::within;
use crate::centre::{Conversation, Outcome, TimeMs};
use crate::tenant::Tenant;

const DAY_MS: TimeMs = 24 * 60 * 60 * 1000;

/// How many days can be asked for at once.
pub(crate) const DAYS_MAX: i64 = 4_000;

/// Waits of every skill that has callers, over a half-open stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waits {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
    /// By skill, in the tenant's order. Counted are conversations that have ended, at their start.
    pub skills: Vec<SkillWaits>,
}

/// Waits of one skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SkillWaits {
    /// The skill's id.
    pub id: String,
    /// The skill's display name.
    pub name: String,
    /// Over the whole stretch.
    pub total: WaitSums,
    /// Per 24 hours from the beginning; the last may be shorter.
    pub days: Vec<WaitSums>,
}

/// Counts of conversations, and sums of their waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WaitSums {
    /// All of them.
    pub offered: u64,
    /// Those an agent took.
    pub answered: u64,
    /// Those that gave up.
    pub abandoned: u64,
    /// Milliseconds that the answered waited, in sum.
    pub answered_wait_ms: u64,
    /// Milliseconds that all waited, in sum.
    pub wait_ms: u64,
}

impl WaitSums {
    fn add(&mut self, conversation: &Conversation) {
        let wait_ms = u64::from(conversation.wait_ms);
        self.offered += 1;
        self.wait_ms += wait_ms;
        match conversation.outcome {
            Outcome::Answered => {
                self.answered += 1;
                self.answered_wait_ms += wait_ms;
            }
            Outcome::Abandoned => self.abandoned += 1,
            // Who leaves for voicemail is neither served nor lost: offered, and no more.
            Outcome::FlowedOut => {}
        }
    }
}

/// Returns the waits between two instants; `None` if they lie in the wrong order or over [`DAYS_MAX`] days apart.
pub(crate) fn waits(tenant: &Tenant, from: Timestamp, to: Timestamp) -> Option<Waits> {
    let (first, end) = (ceil_ms(from), ceil_ms(to));
    let days = usize::try_from((end - first + DAY_MS - 1).div_euclid(DAY_MS)).ok()?;
    if from >= to || days as i64 > DAYS_MAX {
        return None;
    }
    let mut skills: Vec<SkillWaits> = with_callers(tenant, days);
    for conversation in within(tenant.centre.conversations(), first, end) {
        let skill = &mut skills[usize::from(conversation.skill)];
        let day = usize::try_from((conversation.start - first) / DAY_MS)
            .expect("the conversation starts inside");
        skill.total.add(conversation);
        skill.days[day].add(conversation);
    }
    Some(Waits { from, to, skills })
}

/// Skills with callers come first in a tenant's list.
fn with_callers(tenant: &Tenant, days: usize) -> Vec<SkillWaits> {
    let callers = tenant
        .centre
        .conversations()
        .iter()
        .map(|conversation| usize::from(conversation.skill) + 1)
        .max();
    let skills = tenant.skills.iter().take(callers.unwrap_or(0));
    let empty = |skill: &crate::tenant::Skill| SkillWaits {
        id: skill.id.clone(),
        name: skill.name.clone(),
        total: WaitSums::default(),
        days: vec![WaitSums::default(); days],
    };
    skills.map(empty).collect()
}
