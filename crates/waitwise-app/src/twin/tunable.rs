//! The twin as a search sees it: days like those of the history, and the skills whose weights can be moved.

use std::collections::{BTreeMap, BTreeSet};

use waitwise_model::{QueueId, SkillId};
use waitwise_sim::Model;
use waitwise_twin::fit::{Line, SimulatedDay};
use waitwise_weights::Writable;
use waitwise_weights::search::{NoTuning, Report, TunedSkill, Tuning};

use super::names::{Called, Names};
use super::{Twin, TwinError, VISITS_MIN, WeightSet};

/// A fitted centre that can be searched for weights of one queue's skills.
#[derive(Debug)]
pub struct Tunable {
    model: Model,
    skills: Vec<TunedSkill>,
    writable: Writable,
    target_secs: f64,
    queue: String,
    /// The head starts that callers keep where no weight of the tuned skills moves them, in seconds by class.
    fixed_secs: BTreeMap<String, f64>,
    /// What classes are called: queue and skills by id.
    classes: Vec<(String, Vec<String>)>,
    /// What the groups of agents are called in the model, and the classes that they take.
    groups: Vec<(String, Vec<usize>)>,
    /// Skills that keep their weights, since too few of their visits were seen: ids and visits.
    pub kept: Vec<(String, usize)>,
}

impl Tunable {
    /// Takes the skills that are asked for in `queue` and are among `known`. Its days are the last whole weeks of the
    /// history, each with its own load and staffing.
    ///
    /// # Errors
    /// The fitted centre cannot be simulated.
    pub fn of(
        twin: &Twin<'_>,
        queue: &QueueId,
        known: &BTreeSet<&SkillId>,
        service_goal: f64,
    ) -> Result<Tunable, TwinError> {
        let present = &twin.terms.present;
        let target_secs = twin.terms.judging.target_secs;
        let model = Model::new(twin.fit.spec(&last_weeks(twin), &[target_secs]))?;
        let (mut skills, mut kept) = (Vec::new(), Vec::new());
        for line in twin.fit.lines() {
            let Some(id) = skill_in(&line, queue).filter(|id| known.contains(id)) else {
                continue;
            };
            let n_seen = twin.fit.n_seen(&line);
            if n_seen < VISITS_MIN && !twin.terms.is_forced {
                kept.push((id.to_string(), n_seen));
                continue;
            }
            skills.push(TunedSkill {
                name: format!("skill:{id}"),
                present: present.weights.get(&id).copied().or(present.unnamed),
                id,
                service_goal,
            });
        }
        let classes = twin.fit.classes.iter().enumerate();
        let is_tuned = |id: &String| skills.iter().any(|skill| skill.id.as_str() == id);
        // Skills that keep their weights count as before beside those that are moved.
        let fixed = classes.filter_map(|(place, class)| {
            let mut key = class.key.clone();
            if key.queue == queue.as_str() {
                key.skills.retain(|skill| !is_tuned(skill));
            }
            let is_all_tuned = key.skills.is_empty() && !class.key.skills.is_empty();
            let secs = present.head_start_secs(&key, Some(queue));
            (!is_all_tuned).then(|| (twin.fit.name(place), secs))
        });
        let fixed_secs = fixed.collect();
        Ok(Tunable {
            fixed_secs,
            writable: writable(present),
            queue: queue.to_string(),
            classes: twin
                .fit
                .classes
                .iter()
                .map(|class| (class.key.queue.clone(), class.key.skills.clone()))
                .collect(),
            groups: model
                .spec()
                .groups
                .iter()
                .zip(&twin.fit.groups)
                .map(|(group, fitted)| (format!(" in {}", group.name), fitted.classes.clone()))
                .collect(),
            model,
            skills,
            target_secs,
            kept,
        })
    }

    /// Returns what a strategy searches.
    ///
    /// # Errors
    /// There is nothing to move.
    pub fn tuning(&self) -> Result<Tuning<'_>, NoTuning> {
        let (skills, writable) = (self.skills.clone(), self.writable.clone());
        let tuning = Tuning::new(&self.model, skills, writable, self.target_secs)?;
        tuning
            .with_fixed(&self.fixed_secs)
            .within(&format!("queue:{}", self.queue))
    }

    /// Lets a report call skills and queues as people do.
    pub fn rename(&self, report: &mut Report, names: &Names) {
        let called = Called {
            names,
            queue: Some(&self.queue),
        };
        let class = |(queue, skills): &(String, Vec<String>)| called.class(queue, skills);
        let by_name: BTreeMap<String, String> = report
            .class_names
            .iter()
            .cloned()
            .zip(self.classes.iter().map(class))
            .collect();
        for name in &mut report.names {
            *name = match (name.strip_prefix("skill:"), by_name.get(name)) {
                (Some(id), _) => called.id(id),
                (None, Some(class)) => class.clone(),
                (None, None) => continue,
            };
        }
        report.class_names = self.classes.iter().map(class).collect();
        for scenario in &mut report.sensitivity {
            for (group, takes) in &self.groups {
                if let Some(start) = scenario.name.strip_suffix(group) {
                    let takes: Vec<&str> = takes
                        .iter()
                        .map(|class| report.class_names[*class].as_str())
                        .collect();
                    scenario.name = format!("{start} in the group that takes {}", some_of(&takes));
                }
            }
        }
    }
}

/// The first few of many.
fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown = names[..std::cmp::min(names.len(), SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The last whole weeks, so that every weekday counts as often as the others.
fn last_weeks(twin: &Twin<'_>) -> Vec<SimulatedDay> {
    let all = twin.seen.days.len();
    let days = twin.seen.days.iter().enumerate().skip(all % 7);
    days.map(|(place, day)| SimulatedDay {
        weekday: day.weekday(),
        staffed_as: Some(place),
    })
    .collect()
}

fn skill_in(line: &Line, queue: &QueueId) -> Option<SkillId> {
    let is_here = line.queue.as_deref() == Some(queue.as_str());
    line.skill.as_ref().filter(|_| is_here).map(SkillId::new)
}

fn writable(present: &WeightSet) -> Writable {
    match present.is_in_whole_minutes {
        true => Writable::whole_minutes(present.scale),
        false => Writable::weights(present.scale),
    }
}
