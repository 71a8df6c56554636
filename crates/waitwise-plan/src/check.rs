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
    /// Two skills would be too far apart: whoever waits for the lower one may wait that much longer.
    #[error(
        "`{higher}` would get {higher_minutes} minutes of head start and `{lower}` {lower_minutes}: more than {minutes_max} minutes apart"
    )]
    TooFarApart {
        /// The skill that goes before, by name.
        higher: String,
        /// Its minutes.
        higher_minutes: i64,
        /// The skill that waits, by name.
        lower: String,
        /// Its minutes.
        lower_minutes: i64,
        /// The bound.
        minutes_max: u32,
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
            let distance = |points: f64| (points - f64::from(after.get())).abs();
            // Minutes times a thousand by thousandths: less than a millionth of a point is lost.
            let bound = f64::from(max_step) + 1e-6;
            let near = before
                .parse()
                .is_ok_and(|value| distance(self.points(value)) <= bound);
            if !near {
                let unit = match self.intent().priority_table {
                    Some(_) => " min",
                    None => "",
                };
                let (skill, before) = (skill.clone(), format!("{before}{unit}"));
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

impl Plan {
    /// Returns what a value that stands at the host is worth in points of weight.
    fn points(&self, value: f64) -> f64 {
        match &self.intent().priority_table {
            Some(table) => table.scale.points(value),
            None => value,
        }
    }
}

/// A skill's minutes of head start, once a plan has been carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Minutes {
    /// The skill's name.
    pub name: String,
    /// Its head start.
    pub minutes: i64,
    /// Whether it is a skill of the plan.
    pub is_planned: bool,
}

/// Checks that no two skills are more than `minutes_max` apart, of which the plan is about at least one: what two others
/// say is not its doing.
///
/// # Errors
/// The two that are farthest apart.
pub fn check_spread(all: &[Minutes], minutes_max: u32) -> Result<(), Refusal> {
    let pairs = all
        .iter()
        .flat_map(|higher| all.iter().map(move |lower| (higher, lower)));
    let planned = pairs.filter(|(higher, lower)| higher.is_planned || lower.is_planned);
    let apart = |pair: &(&Minutes, &Minutes)| pair.0.minutes.saturating_sub(pair.1.minutes);
    match planned.max_by_key(apart) {
        Some((higher, lower)) if apart(&(higher, lower)) > i64::from(minutes_max) => {
            Err(Refusal::TooFarApart {
                higher: higher.name.clone(),
                higher_minutes: higher.minutes,
                lower: lower.name.clone(),
                lower_minutes: lower.minutes,
                minutes_max,
            })
        }
        Some(_) | None => Ok(()),
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
