//! What a search is about: a simulated centre, and the weights in it that can be moved.

use std::collections::BTreeMap;

use waitwise_model::{SkillId, Weight, Weights};
use waitwise_sim::{ClassTally, Model, Policy};

use crate::bounds::pools::{Pool, handle_secs, pools};
use crate::cmu::SkillWork;
use crate::measures::{Experience, Measures};
use crate::writable::Writable;

/// A skill whose weight can be moved.
#[derive(Clone, PartialEq, Debug)]
pub struct TunedSkill {
    /// The skill.
    pub id: SkillId,
    /// What the model's classes call it.
    pub name: String,
    /// Its weight now; `None`: it has none, and no head start.
    pub present: Option<Weight>,
    /// The share of its callers who are to be answered within the target, 0.0..=1.0.
    pub service_goal: f64,
}

/// A simulated centre, the skills whose weights can be moved, and what can be written for them.
///
/// Weights are thought of as [`Place`]s among the head starts that can be written. A class that asks for several of the
/// skills has the largest of their head starts; one that asks for none keeps what it has.
#[derive(Clone, Debug)]
pub struct Tuning<'a> {
    model: &'a Model,
    skills: Vec<TunedSkill>,
    writable: Writable,
    /// The service target's place among those that the model counts.
    target: usize,
    /// Per class: the tuned skills that it asks for.
    asked: Vec<Vec<usize>>,
    /// Per class: the head start that it has whatever the weights, in seconds.
    fixed_secs: Vec<f64>,
    pools: Vec<Pool>,
    names: Vec<String>,
}

/// A head start's place among those that can be written.
pub type Place = usize;

/// A model and skills that do not fit together.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum NoTuning {
    /// A skill is named that no class of the model asks for.
    #[error("nobody asks for skill `{skill}`: the history has no interaction that needs it")]
    NobodyAsks {
        /// The skill.
        skill: SkillId,
    },
    /// The same skill is named twice.
    #[error("skill `{skill}` is to be tuned twice")]
    Twice {
        /// The skill.
        skill: SkillId,
    },
    /// There is no skill to tune.
    #[error("no skill is to be tuned")]
    Nothing,
    /// The model counts no waits within the service target.
    #[error("the model counts no waits within {target_secs} s, the service target")]
    NoTarget {
        /// The target.
        target_secs: f64,
    },
    /// A service goal is no share.
    #[error("the service goal of skill `{skill}` is {goal}: 0 to 1 was expected")]
    Goal {
        /// The skill.
        skill: SkillId,
        /// As given.
        goal: f64,
    },
}

impl<'a> Tuning<'a> {
    /// Takes a centre, the skills to tune, what can be written, and the service target in seconds, which must be one of
    /// those that the model counts.
    ///
    /// # Errors
    /// See [`NoTuning`].
    pub fn new(
        model: &'a Model,
        skills: Vec<TunedSkill>,
        writable: Writable,
        target_secs: f64,
    ) -> Result<Tuning<'a>, NoTuning> {
        let classes = &model.spec().classes;
        check_skills(model, &skills)?;
        let targets = &model.spec().targets_secs;
        let is_target = |secs: &f64| (secs - target_secs).abs() < 1e-9;
        let target = targets
            .iter()
            .position(is_target)
            .ok_or(NoTuning::NoTarget { target_secs })?;
        let asked_by = |class: &waitwise_sim::Class| -> Vec<usize> {
            let asks = |skill: &usize| class.skills.contains(&skills[*skill].name);
            (0..skills.len()).filter(asks).collect()
        };
        let asked: Vec<Vec<usize>> = classes.iter().map(asked_by).collect();
        Ok(Tuning {
            names: names(model, &skills, &asked),
            fixed_secs: vec![0.0; classes.len()],
            pools: pools(model, &asked),
            model,
            skills,
            writable,
            target,
            asked,
        })
    }

    /// Lets weights move only those classes that need `need` too, as where the same skills are asked for in another queue.
    ///
    /// # Errors
    /// Nobody who needs it asks for one of the skills.
    pub fn within(self, need: &str) -> Result<Tuning<'a>, NoTuning> {
        let mut asked = self.asked;
        for (class, asked) in self.model.spec().classes.iter().zip(&mut asked) {
            if !class.skills.iter().any(|skill| skill == need) {
                asked.clear();
            }
        }
        let is_asked = |skill: &usize| asked.iter().any(|asked| asked.contains(skill));
        if let Some(skill) = (0..self.skills.len()).find(|skill| !is_asked(skill)) {
            return Err(NoTuning::NobodyAsks {
                skill: self.skills[skill].id.clone(),
            });
        }
        Ok(Tuning {
            names: names(self.model, &self.skills, &asked),
            pools: pools(self.model, &asked),
            asked,
            ..self
        })
    }

    /// Gives classes the head starts that they have and keep, in seconds by name: as they are where a class asks for none
    /// of the skills, as the least where it asks for others beside them.
    #[must_use]
    pub fn with_fixed(mut self, head_starts_secs: &BTreeMap<String, f64>) -> Tuning<'a> {
        for (class, fixed) in self.model.spec().classes.iter().zip(&mut self.fixed_secs) {
            *fixed = head_starts_secs.get(&class.name).copied().unwrap_or(0.0);
        }
        self
    }

    /// The same for a changed model with the same classes, as when an agent is missing.
    pub(crate) fn on<'b>(&self, model: &'b Model) -> Tuning<'b> {
        Tuning {
            pools: pools(model, &self.asked),
            model,
            skills: self.skills.clone(),
            writable: self.writable.clone(),
            target: self.target,
            asked: self.asked.clone(),
            fixed_secs: self.fixed_secs.clone(),
            names: self.names.clone(),
        }
    }

    /// Returns the centre.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// Returns the skills whose weights can be moved.
    pub fn skills(&self) -> &[TunedSkill] {
        &self.skills
    }

    /// Returns what can be written.
    pub fn writable(&self) -> &Writable {
        &self.writable
    }

    /// Returns the names of all that are measured: the tuned skills, then the classes that ask for none of them.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the parts of the centre that share no agents.
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// The classes that ask for a skill.
    pub(crate) fn asking(&self, skill: usize) -> impl Iterator<Item = usize> {
        (0..self.asked.len()).filter(move |class| self.asked[*class].contains(&skill))
    }

    /// Returns what is known of each skill's work: handle time with those who can take it, and patience, the means over
    /// its classes.
    pub fn work(&self) -> Vec<SkillWork> {
        let spec = self.model.spec();
        let handle = |class: usize| {
            let able = (0..spec.groups.len()).filter(|group| self.model.serves(*group, class));
            mean(able.map(|group| handle_secs(&spec.classes[class], &spec.groups[group])))
        };
        let patience = |class: usize| {
            let patience = spec.classes[class].patience.as_ref()?;
            Some(patience.law.mean_secs()).filter(|secs| secs.is_finite())
        };
        let of = |(place, skill): (usize, &TunedSkill)| {
            let known: Option<Vec<f64>> = self.asking(place).map(patience).collect();
            SkillWork {
                skill: skill.id.clone(),
                handle_secs: f64::max(mean(self.asking(place).map(handle)), 1e-6),
                patience_secs: known.map(|secs| f64::max(mean(secs.into_iter()), 1e-6)),
            }
        };
        self.skills.iter().enumerate().map(of).collect()
    }

    /// Whether callers whose head start stays share agents with the pool's skills.
    pub(crate) fn is_anchored(&self, pool: &Pool) -> bool {
        pool.classes
            .iter()
            .any(|class| self.asked[*class].is_empty())
    }

    /// Returns the present head starts of the tuned skills, in minutes, as they are written.
    pub fn present_minutes(&self) -> Vec<f64> {
        let minutes = |weight| self.writable.steps()[self.writable.place_of(weight)].minutes;
        let skills = self.skills.iter();
        skills
            .map(|skill| skill.present.map_or(0.0, minutes))
            .collect()
    }

    pub(crate) fn minutes(&self, places: &[Place]) -> Vec<f64> {
        places
            .iter()
            .map(|place| self.writable.steps()[*place].minutes)
            .collect()
    }

    /// The places of the present weights; `None`: the skill has none.
    pub(crate) fn present_steps(&self) -> Vec<Option<Place>> {
        let place = |weight| self.writable.place_of(weight);
        self.skills
            .iter()
            .map(|skill| skill.present.map(place))
            .collect()
    }

    /// The places next to the present head starts.
    pub(crate) fn present_places(&self) -> Vec<Place> {
        let minutes = self.present_minutes();
        minutes
            .iter()
            .map(|minutes| self.writable.nearest(*minutes))
            .collect()
    }

    pub(crate) fn weights(&self, places: &[Place]) -> Weights {
        let weight = |place: &Place| self.writable.steps()[*place].weight;
        let skills = self.skills.iter().map(|skill| skill.id.clone());
        skills.zip(places.iter().map(weight)).collect()
    }

    /// The order of service under head starts of the tuned skills.
    pub(crate) fn policy(&self, minutes: &[f64]) -> Policy {
        let secs = |(asked, fixed): (&Vec<usize>, &f64)| {
            let own = asked.iter().map(|skill| minutes[*skill] * 60.0);
            own.fold(*fixed, f64::max)
        };
        let secs: Vec<f64> = self.asked.iter().zip(&self.fixed_secs).map(secs).collect();
        // Minutes are of a table and finite, so that there is always such a policy.
        Policy::head_starts(&secs).unwrap_or_else(|_| Policy::first_come(secs.len()))
    }

    /// What was counted by class, in the numbers that weights are judged by.
    pub(crate) fn measures(&self, classes: &[ClassTally], days: f64) -> Measures {
        let merged = |of: &dyn Fn(&[usize]) -> bool| {
            let mut sum = ClassTally::default();
            for (tally, asked) in classes.iter().zip(&self.asked) {
                if of(asked) {
                    sum.merge(tally);
                }
            }
            sum
        };
        let skill = |(place, skill): (usize, &TunedSkill)| {
            let tally = merged(&|asked| asked.contains(&place));
            self.experience(&tally, skill.service_goal)
        };
        let overall = merged(&|asked| !asked.is_empty());
        let others = classes
            .iter()
            .zip(&self.asked)
            .filter(|(_, asked)| asked.is_empty());
        Measures {
            skills: self.skills.iter().enumerate().map(skill).collect(),
            others: others
                .map(|(tally, _)| self.experience(tally, 0.0))
                .collect(),
            overall: self.experience(&overall, 0.0),
            days,
        }
    }

    fn experience(&self, tally: &ClassTally, service_goal: f64) -> Option<Experience> {
        if tally.let_in() == 0 {
            return None;
        }
        let let_in = tally.let_in() as f64;
        let offered = tally.offered as f64;
        let within = tally.answered_within.get(self.target).copied().unwrap_or(0);
        Some(Experience {
            offered,
            mean_wait_secs: (tally.answered_wait_secs + tally.abandoned_wait_secs) / let_in,
            p90_wait_secs: tally.wait_quantile_secs(0.9).unwrap_or(0.0),
            waited_share: (tally.let_in() - tally.at_once) as f64 / let_in,
            abandoned_share: tally.abandoned as f64 / offered,
            service_level: (tally.at_once + within) as f64 / offered,
            service_goal,
        })
    }
}

/// The tuned skills, then the classes that ask for none of them.
fn names(model: &Model, skills: &[TunedSkill], asked: &[Vec<usize>]) -> Vec<String> {
    let others = model.spec().classes.iter().zip(asked);
    let others = others.filter(|(_, asked)| asked.is_empty());
    let names = skills.iter().map(|skill| skill.name.clone());
    names
        .chain(others.map(|(class, _)| class.name.clone()))
        .collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (n, sum) = values.fold((0.0, 0.0), |(n, sum), value| (n + 1.0, sum + value));
    if n > 0.0 { sum / n } else { 0.0 }
}

fn check_skills(model: &Model, skills: &[TunedSkill]) -> Result<(), NoTuning> {
    if skills.is_empty() {
        return Err(NoTuning::Nothing);
    }
    for (place, skill) in skills.iter().enumerate() {
        let is_asked = model
            .spec()
            .classes
            .iter()
            .any(|class| class.skills.contains(&skill.name));
        if !is_asked {
            return Err(NoTuning::NobodyAsks {
                skill: skill.id.clone(),
            });
        }
        let is_same = |other: &TunedSkill| other.id == skill.id || other.name == skill.name;
        if skills[..place].iter().any(is_same) {
            return Err(NoTuning::Twice {
                skill: skill.id.clone(),
            });
        }
        if !(0.0..=1.0).contains(&skill.service_goal) {
            return Err(NoTuning::Goal {
                skill: skill.id.clone(),
                goal: skill.service_goal,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use waitwise_model::Scale;

    use super::*;
    use crate::search::fixtures::{TARGET_SECS, model, tuning};

    /// Callers of both skills, and others who share agents with them.
    const THREE: &str = r#"
[[classes]]
name = "sales"
arrivals = { per_hour = 60 }
service = { law = "exponential", mean_secs = 100 }

[[classes]]
name = "both"
skills = ["sales", "french"]
arrivals = { per_hour = 20 }
service = { law = "exponential", mean_secs = 300 }

[[classes]]
name = "billing"
arrivals = { per_hour = 30 }
service = { law = "exponential", mean_secs = 200 }

[[groups]]
name = "all"
skills = ["sales", "french", "billing"]
agents = 6
"#;

    fn head_starts_secs(policy: &Policy) -> Vec<f64> {
        policy
            .standings()
            .iter()
            .map(|standing| standing.head_start_secs)
            .collect()
    }

    #[test]
    fn of_several_skills_the_largest_head_start_counts_and_others_keep_theirs() {
        let model = model(THREE);
        let fixed = [("billing".to_owned(), 90.0), ("both".to_owned(), 240.0)].into();
        let tuning = tuning(&model, &[("sales", 30), ("french", 20)]).with_fixed(&fixed);
        assert_eq!(tuning.names(), ["sales", "french", "billing"]);
        let minutes = tuning.present_minutes();
        assert_eq!(minutes, [3.0, 2.0]);
        assert_eq!(
            head_starts_secs(&tuning.policy(&minutes)),
            [180.0, 240.0, 90.0]
        );
        assert_eq!(
            head_starts_secs(&tuning.policy(&[1.0, 5.0])),
            [60.0, 300.0, 90.0]
        );
        assert!(tuning.is_anchored(&tuning.pools()[0]));
        let work = tuning.work();
        assert!((work[0].handle_secs - 200.0).abs() < 1e-9 && work[0].patience_secs.is_none());
    }

    #[test]
    fn the_same_skill_in_another_queue_keeps_its_head_start() {
        let two_queues = THREE.replace(
            "skills = [\"sales\", \"french\"]\n",
            "skills = [\"sales\", \"other\"]\n",
        );
        let two_queues = two_queues.replace("\"billing\"]", "\"billing\", \"other\"]");
        let model = model(&two_queues);
        let fixed = [("both".to_owned(), 30.0)].into();
        let tuned = tuning(&model, &[("sales", 30)]).within("sales").unwrap();
        assert_eq!(tuned.names(), ["sales", "billing"]);
        let tuned = tuning(&model, &[("sales", 30)]).with_fixed(&fixed);
        let tuned = tuned.within("other").unwrap();
        assert_eq!(tuned.names(), ["sales", "sales", "billing"]);
        assert_eq!(head_starts_secs(&tuned.policy(&[4.0])), [0.0, 240.0, 0.0]);
        let nobody = tuning(&model, &[("sales", 30)])
            .within("greek")
            .unwrap_err();
        assert!(
            nobody
                .to_string()
                .starts_with("nobody asks for skill `sales`")
        );
    }

    #[test]
    fn everybody_is_measured_once_in_all_and_once_for_each_skill() {
        let model = model(THREE);
        let tuning = tuning(&model, &[("sales", 50), ("french", 50)]);
        let tally = |offered: u64, answered_wait_secs: f64| ClassTally {
            offered,
            at_once: offered,
            answered_wait_secs,
            answered_within: vec![0],
            ..ClassTally::default()
        };
        let classes = [tally(30, 300.0), tally(10, 900.0), tally(5, 5.0)];
        let measures = tuning.measures(&classes, 1.0);
        let offered =
            |one: &Option<Experience>| one.as_ref().map(|one| (one.offered, one.mean_wait_secs));
        assert_eq!(offered(&measures.skills[0]), Some((40.0, 30.0)));
        assert_eq!(offered(&measures.skills[1]), Some((10.0, 90.0)));
        assert_eq!(offered(&measures.others[0]), Some((5.0, 1.0)));
        assert_eq!(offered(&measures.overall), Some((40.0, 30.0)));
        let nobody = tuning.measures(&[tally(0, 0.0), tally(0, 0.0), tally(0, 0.0)], 1.0);
        assert_eq!((nobody.skills, nobody.overall), (vec![None, None], None));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let model = model(THREE);
        let skills = |skills: &[&str], goal: f64| {
            let skill = |name: &&str| TunedSkill {
                id: SkillId::new(*name),
                name: (*name).to_owned(),
                present: None,
                service_goal: goal,
            };
            skills.iter().map(skill).collect::<Vec<_>>()
        };
        let said = |skills, target_secs| {
            let writable = Writable::weights(Scale::DEFAULT);
            Tuning::new(&model, skills, writable, target_secs)
                .unwrap_err()
                .to_string()
        };
        for (found, start) in [
            (
                said(skills(&[], 0.8), TARGET_SECS),
                "no skill is to be tuned",
            ),
            (
                said(skills(&["greek"], 0.8), TARGET_SECS),
                "nobody asks for skill `greek`",
            ),
            (
                said(skills(&["sales", "sales"], 0.8), TARGET_SECS),
                "skill `sales` is to be tuned twice",
            ),
            (
                said(skills(&["sales"], 1.2), TARGET_SECS),
                "the service goal of skill `sales` is 1.2",
            ),
            (
                said(skills(&["sales"], 0.8), 25.0),
                "the model counts no waits within 25 s",
            ),
        ] {
            assert!(found.starts_with(start), "{found}");
        }
    }
}
