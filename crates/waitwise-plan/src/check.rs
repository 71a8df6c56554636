//! Checks that a plan must pass before it is carried out.

use waitwise_model::{Skill, SkillId, SkillState};

use crate::Plan;

/// Why a plan is not carried out.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A planned skill is not in the tenant.
    #[error("skill `{skill}` does not exist in the tenant")]
    UnknownSkill {
        /// The skill.
        skill: SkillId,
    },
    /// A planned skill cannot be routed on.
    #[error("skill `{name}` ({skill}) is {state}, not active")]
    SkillNotActive {
        /// The skill.
        skill: SkillId,
        /// Its name.
        name: String,
        /// Its state.
        state: SkillState,
    },
    /// A weight would move too far.
    #[error(
        "the weight of skill `{skill}` would move from {before} to {after}, more than {max_step} points"
    )]
    StepTooFar {
        /// The skill.
        skill: SkillId,
        /// The present weight as the host wrote it.
        before: String,
        /// The planned weight.
        after: u8,
        /// The bound.
        max_step: u8,
    },
}

impl Plan {
    /// Checks that every planned skill exists and is active.
    ///
    /// # Errors
    /// The first one that isn't.
    pub fn check_skills(&self, skills: &[Skill]) -> Result<(), Refusal> {
        self.moves()
            .try_for_each(|(skill, _, _)| check_skill(skill, skills))
    }

    /// Checks that no weight moves by more than `max_step` points. A skill without a present weight has no distance.
    ///
    /// # Errors
    /// The first one that does, or whose present weight is no number.
    pub fn check_steps(&self, max_step: u8) -> Result<(), Refusal> {
        for (skill, before, after) in self.moves() {
            let Some(before) = before else { continue };
            let near = before
                .parse::<f64>()
                .is_ok_and(|value| (value - f64::from(after.get())).abs() <= f64::from(max_step));
            if !near {
                let (skill, before) = (skill.clone(), before.to_owned());
                return Err(Refusal::StepTooFar {
                    skill,
                    before,
                    after: after.get(),
                    max_step,
                });
            }
        }
        Ok(())
    }
}

/// Checks that `skill` is among `skills`, and active.
///
/// # Errors
/// It isn't.
pub fn check_skill(skill: &SkillId, skills: &[Skill]) -> Result<(), Refusal> {
    match skills.iter().find(|known| known.id == *skill) {
        None => Err(Refusal::UnknownSkill {
            skill: skill.clone(),
        }),
        Some(known) if known.state.is_active() => Ok(()),
        Some(known) => Err(Refusal::SkillNotActive {
            skill: skill.clone(),
            name: known.name.clone(),
            state: known.state.clone(),
        }),
    }
}
