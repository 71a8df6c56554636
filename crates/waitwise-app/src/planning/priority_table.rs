//! Planning for the lever `priority-table`: weights become whole minutes, one row of a data table for each skill.

use std::collections::BTreeMap;

use jiff::Timestamp;
use waitwise_client::ReadClient;
use waitwise_model::{HeadStart, QueueId, QueueOrder, Scale, Skill, SkillId, Weight, Weights};
use waitwise_plan::check::{Minutes, check_spread};
use waitwise_plan::{PriorityTable, Step};
use waitwise_weights::{Bounded, Writable};
use waitwise_wire::priority_table::{self as lever, RowError, Table};

use crate::error::AppError;
use crate::twin::WeightSet;

/// The lever's name in plans.
pub const LEVER: &str = "priority-table";

/// How far two skills' minutes may be apart unless told otherwise: what the full scale is worth by default.
pub const MINUTES_MAX_DEFAULT: u32 = 10;

/// Which table to write to, and what a weight is worth in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableChoice {
    /// The table's id.
    pub table: String,
    /// What a point of weight is worth.
    pub scale: Scale,
    /// The farthest that two skills' minutes may be apart.
    pub minutes_max: u32,
}

/// A table of priorities as it was read.
#[derive(Clone, Debug)]
pub struct PriorityRows {
    choice: TableChoice,
    table: Table,
    /// Every row's own text, by key.
    rows: BTreeMap<String, String>,
}

/// What is to be written to a table.
#[derive(Clone, PartialEq, Debug)]
pub struct TableWrites {
    /// The table, for the plan.
    pub table: PriorityTable,
    /// The weights to be written, and what a bound held back.
    pub bounded: Bounded,
    /// One write for each row that says other minutes.
    pub steps: Vec<Step>,
    /// What a person should know before applying.
    pub warnings: Vec<String>,
}

impl PriorityRows {
    /// Reads a table with its rows, for weights of `queue`. Nothing here can write.
    ///
    /// # Errors
    /// [`AppError::Unmoved`] if minutes do nothing in this queue; the table cannot take what we write; the host cannot
    /// be read.
    pub async fn read(
        client: &ReadClient,
        queue: &QueueId,
        choice: TableChoice,
    ) -> Result<PriorityRows, AppError> {
        check_queue(client, queue).await?;
        let table = client.priority_table(&choice.table).await?;
        let listing = client.rows(&choice.table).await?;
        let row = |row: String| Some((lever::key_of(&row)?, row));
        Ok(PriorityRows {
            rows: listing.items.into_iter().filter_map(row).collect(),
            choice,
            table,
        })
    }

    /// Returns what `weights` come to: bounded, as writes to rows, and with what is to be said about it.
    ///
    /// Skills are taken by id and must be among `skills`; `at` is when the plan is made.
    ///
    /// # Errors
    /// A row cannot be used, or two skills would be farther apart than they may.
    pub fn writes(
        &self,
        wanted: &Weights,
        max_step: Option<u8>,
        skills: &[Skill],
        at: Timestamp,
    ) -> Result<TableWrites, AppError> {
        let skills = by_id(wanted, skills);
        let bounded = self.bound(wanted, max_step, &skills);
        let worth = |weight: Weight| self.choice.scale.head_start(weight);
        let mut keys: BTreeMap<&str, &Skill> = BTreeMap::new();
        let mut steps = Vec::new();
        for (skill, weight) in skills
            .iter()
            .map(|skill| (*skill, bounded.weights[&skill.id]))
        {
            if let Some(other) = keys.insert(&skill.name, skill) {
                return Err(RowError::OtherSkill {
                    key: skill.name.clone(),
                    skill: skill.id.clone(),
                    found: other.id.to_string(),
                }
                .into());
            }
            let object = lever::object(&self.table.id, &skill.name)?;
            let observed = lever::observe(&object, self.row(&skill.name))?;
            let valued = (weight, worth(weight));
            let write = lever::write(&self.table, &observed, skill, valued, &at.to_string())?;
            steps.extend(write.map(|write| Step::new(&observed, write)));
        }
        let head_starts: Vec<(&Skill, Weight, HeadStart)> = skills
            .iter()
            .map(|skill| (*skill, bounded.weights[&skill.id]))
            .map(|(skill, weight)| (skill, weight, worth(weight)))
            .collect();
        self.check_spread(&head_starts)?;
        let warnings = self.warnings(&head_starts);
        Ok(TableWrites {
            table: PriorityTable {
                id: self.table.id.clone(),
                name: self.table.name.clone(),
                scale: self.choice.scale,
                minutes_max: self.choice.minutes_max,
            },
            bounded,
            steps,
            warnings,
        })
    }

    fn row(&self, key: &str) -> &str {
        self.rows.get(key).map_or(lever::ABSENT, String::as_str)
    }

    /// Returns the minutes that stand in a row now; `None` if there are none.
    pub fn present_minutes(&self, key: &str) -> Option<f64> {
        lever::present_priority(self.row(key))?.parse().ok()
    }

    /// Returns the minutes that stand in the rows of these skills as weights, each the smallest one that is written so.
    pub fn weights_in_force(&self, skills: &[Skill]) -> WeightSet {
        let writable = Writable::whole_minutes(self.choice.scale);
        let weight = |skill: &Skill| {
            let minutes = self.present_minutes(&skill.name)?;
            let nearest = writable.steps()[writable.nearest(minutes)];
            Some((skill.id.clone(), nearest.weight))
        };
        WeightSet {
            weights: skills.iter().filter_map(weight).collect(),
            unnamed: None,
            scale: self.choice.scale,
            is_in_whole_minutes: true,
        }
    }

    /// Says of which rows what is predicted takes other minutes than they say.
    pub fn unlike_warnings(&self, skills: &[Skill]) -> Vec<String> {
        let writable = Writable::whole_minutes(self.choice.scale);
        let unlike = skills.iter().filter_map(|skill| {
            let minutes = self.present_minutes(&skill.name)?;
            let taken = writable.steps()[writable.nearest(minutes)].minutes;
            ((taken - minutes).abs() > 0.5).then(|| {
                format!(
                    "row `{}` says {minutes} minutes, which no weight is worth: what is predicted takes {taken}",
                    skill.name
                )
            })
        });
        unlike.collect()
    }

    /// Lets each weight move at most `max_step` points from what the row's minutes are worth. Minutes that no weight is
    /// near enough to leave the weight as it is wanted, for the plan's own check to refuse.
    fn bound(&self, wanted: &Weights, max_step: Option<u8>, skills: &[&Skill]) -> Bounded {
        let mut bounded = Bounded {
            weights: wanted.clone(),
            held_back: Weights::new(),
        };
        let Some(max_step) = max_step else {
            return bounded;
        };
        for skill in skills {
            let wanted = wanted[&skill.id];
            let Some(minutes) = self.present_minutes(&skill.name) else {
                continue;
            };
            let reached = nearest(wanted, self.choice.scale.points(minutes), max_step);
            if let Some(reached) = reached.filter(|reached| *reached != wanted) {
                bounded.weights.insert(skill.id.clone(), reached);
                bounded.held_back.insert(skill.id.clone(), wanted);
            }
        }
        bounded
    }

    /// All rows count, also those of skills that the plan is not about: an interaction of theirs waits in the same line.
    fn check_spread(&self, head_starts: &[(&Skill, Weight, HeadStart)]) -> Result<(), AppError> {
        let planned = head_starts.iter().map(|(skill, _, worth)| Minutes {
            name: skill.name.clone(),
            minutes: i64::from(worth.written_minutes()),
            is_planned: true,
        });
        let is_planned = |key: &String| head_starts.iter().any(|(skill, ..)| skill.name == *key);
        let others = self.rows.keys().filter(|key| !is_planned(key));
        let others = others.filter_map(|key| {
            // A whole number, however it is written.
            let minutes = format!("{:.0}", self.present_minutes(key)?);
            Some(Minutes {
                name: key.clone(),
                minutes: minutes.parse().ok()?,
                is_planned: false,
            })
        });
        let all: Vec<Minutes> = planned.chain(others).collect();
        Ok(check_spread(&all, self.choice.minutes_max)?)
    }

    fn warnings(&self, head_starts: &[(&Skill, Weight, HeadStart)]) -> Vec<String> {
        let mut warnings = vec![format!(
            "nothing changes until a flow looks rows up in table `{}` by a skill's name and hands their minutes to routing as the priority",
            self.table.name
        )];
        warnings.extend(ties(head_starts));
        for (skill, ..) in head_starts {
            let renamed = self.rows.iter().find(|(key, row)| {
                **key != skill.name && lever::skill_of(row).as_ref() == Some(&skill.id)
            });
            warnings.extend(renamed.map(|(key, _)| {
                format!(
                    "row `{key}` is of skill `{}` as well, which may have been renamed: it stays as it is, so take it away once no flow looks it up",
                    skill.name
                )
            }));
        }
        warnings
    }
}

/// Where minutes mean nothing, or far more than a head start, nothing is planned.
async fn check_queue(client: &ReadClient, queue: &QueueId) -> Result<(), AppError> {
    let unmoved = |reason| AppError::Unmoved {
        queue: queue.clone(),
        reason,
    };
    match client.queue(queue).await?.order {
        QueueOrder::PriorityOnly => {
            return Err(unmoved(
                "orders who waits by priority alone, so that a minute of head start would put a skill before all others for ever",
            ));
        }
        QueueOrder::MinutesAndPriority | QueueOrder::Other(_) => {}
    }
    let predictors = client.predictors(queue).await?;
    match predictors
        .items
        .iter()
        .any(|predictor| predictor.may_route())
    {
        true => Err(unmoved(
            "is on predictive routing, which orders who waits by itself",
        )),
        false => Ok(()),
    }
}

/// Returns the skills that have a weight, in the order of ids.
fn by_id<'a>(wanted: &Weights, skills: &'a [Skill]) -> Vec<&'a Skill> {
    let known: BTreeMap<&SkillId, &Skill> = skills.iter().map(|skill| (&skill.id, skill)).collect();
    let skill = |id| known.get(id).copied();
    wanted.keys().filter_map(skill).collect()
}

/// Returns the weight next to `wanted` that is at most `max_step` points from `points`; `None` if there is none.
fn nearest(wanted: Weight, points: f64, max_step: u8) -> Option<Weight> {
    let all = (1..=100).filter_map(|weight| Weight::try_from(weight).ok());
    let bound = f64::from(max_step) + 1e-6;
    let near = all.filter(|weight| (f64::from(weight.get()) - points).abs() <= bound);
    near.min_by_key(|weight| weight.get().abs_diff(wanted.get()))
}

/// Says of each number of minutes that different weights share which skills these are.
fn ties(head_starts: &[(&Skill, Weight, HeadStart)]) -> Vec<String> {
    let mut by_minutes: BTreeMap<u32, Vec<&(&Skill, Weight, HeadStart)>> = BTreeMap::new();
    for entry in head_starts {
        let sharing = by_minutes.entry(entry.2.written_minutes()).or_default();
        sharing.push(entry);
    }
    let differ = |sharing: &Vec<&(&Skill, Weight, HeadStart)>| {
        sharing.iter().any(|entry| entry.1 != sharing[0].1)
    };
    let said = |(minutes, sharing): (u32, Vec<&(&Skill, Weight, HeadStart)>)| {
        let skills: Vec<String> = sharing
            .iter()
            .map(|(skill, weight, worth)| {
                format!(
                    "`{}` ({weight}, {} min)",
                    skill.name,
                    worth.wanted_minutes()
                )
            })
            .collect();
        format!(
            "in whole minutes these different weights are the same, {minutes}: {}",
            skills.join(", ")
        )
    };
    by_minutes
        .into_iter()
        .filter(|(_, sharing)| differ(sharing))
        .map(said)
        .collect()
}
