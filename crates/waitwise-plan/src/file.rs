//! The plan's form on disk: one JSON object, version 1. The page `docs/plan-file.md` describes it.
//!
//! Model types are not serialised themselves: the shapes here are a promise to files that people keep.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use waitwise_model::{
    NoScale, ObjectId, Pull, QueueId, Scale, SkillEvidence, SkillId, UnmappedGroup, Weight,
    WeightChange, WeightOutOfRange, Weights, Window, WrapUpCodeId, Write,
};

use crate::fingerprint::{Fingerprint, hex};
use crate::{Intent, Plan, PlanId, Prediction, PriorityTable, Search, Step, Strategy};

/// What the member `format` of this version says.
pub const FORMAT: &str = "waitwise-plan/1";

/// A text that is no plan to be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanFileError {
    /// Not JSON, or not this shape.
    #[error("the file is not a plan")]
    Shape(#[source] serde_json::Error),
    /// Another format, or a version that this program does not know.
    #[error("the file says format `{found}`; this version reads `{FORMAT}`")]
    Format {
        /// What it says.
        found: String,
    },
    /// A weight outside 1..=100.
    #[error("the plan gives skill `{skill}` a weight that cannot be written")]
    Weight {
        /// The skill.
        skill: String,
        /// Which.
        source: WeightOutOfRange,
    },
    /// Minutes per point of weight that cannot be used.
    #[error("the plan gives a point of weight a worth that cannot be used")]
    Scale(#[from] NoScale),
    /// The content is not what it was when the plan was made.
    #[error(
        "the plan was edited after it was made: its content has the digest {found}, its id says {id}"
    )]
    Edited {
        /// The id in the file.
        id: String,
        /// The digest of the content.
        found: PlanId,
    },
}

/// Writes a plan as readable JSON, ending in a line feed.
pub fn to_json(plan: &Plan) -> String {
    let shape = PlanShape::of(&plan.intent, &plan.steps, plan.id.as_str());
    // Plain data with string keys: serialising it cannot fail.
    let mut text = serde_json::to_string_pretty(&shape).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a plan.
///
/// # Errors
/// Not a plan, of another format, with an impossible weight, or edited since it was made.
pub fn from_json(text: &str) -> Result<Plan, PlanFileError> {
    let head: Head = serde_json::from_str(text).map_err(PlanFileError::Shape)?;
    if head.format != FORMAT {
        return Err(PlanFileError::Format { found: head.format });
    }
    let shape: PlanShape<'_> = serde_json::from_str(text).map_err(PlanFileError::Shape)?;
    let id = shape.id.to_string();
    let plan = shape.into_plan()?;
    match plan.id.as_str() == id {
        true => Ok(plan),
        false => Err(PlanFileError::Edited { id, found: plan.id }),
    }
}

/// The digest of everything in a plan but its id.
pub(crate) fn digest(intent: &Intent, steps: &[Step]) -> PlanId {
    let mut digest = Sink(Sha256::new());
    // Plain data with string keys into a digest: neither can fail.
    let _ = serde_json::to_writer(&mut digest, &PlanShape::of(intent, steps, ""));
    PlanId::new(hex(&digest.0.finalize(), 16))
}

/// Takes what is written into a digest, in no memory.
struct Sink(Sha256);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Deserialize)]
struct Head {
    format: String,
}

/// A plan's file, for describing it: see [`to_json`] and [`from_json`].
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(
    title = "waitwise-plan/1",
    description = "A plan, as `waitwise plan -o FILE` writes it."
)]
pub struct PlanShape<'a> {
    #[schemars(extend("const" = FORMAT))]
    format: String,
    id: Cow<'a, str>,
    created_at: Timestamp,
    tenant: Cow<'a, str>,
    queue: Cow<'a, str>,
    lever: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority_table: Option<PriorityTableShape>,
    strategy: StrategyShape,
    history: HistoryShape,
    #[schemars(extend("additionalProperties" = {"type": "integer", "minimum": 1, "maximum": 100}))]
    weights: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("additionalProperties" = {"type": "integer", "minimum": 1, "maximum": 100}))]
    held_back: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_step: Option<u8>,
    warnings: Cow<'a, [String]>,
    evidence: Vec<SkillShape<'a>>,
    unmapped: Vec<UnmappedShape<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prediction: Option<Cow<'a, Prediction>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    search: Option<Cow<'a, Search>>,
    steps: Vec<StepShape>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct PriorityTableShape {
    id: String,
    name: String,
    minutes_per_point: f64,
    minutes_max: u32,
    /// By skill: what its weight is worth, and what of it is written.
    minutes: BTreeMap<String, MinutesShape>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct MinutesShape {
    wanted: f64,
    written: u32,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct StrategyShape {
    name: String,
    settings: BTreeMap<String, f64>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct HistoryShape {
    from: Timestamp,
    to: Timestamp,
    pages: u32,
    groups: usize,
    unique_groups: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claimed_groups: Option<usize>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct SkillShape<'a> {
    skill: Cow<'a, str>,
    name: Cow<'a, str>,
    wrap_up_codes: Vec<Cow<'a, str>>,
    conversations: f64,
    mean_wait_secs: f64,
    waiting_hours: f64,
    waiting_share: f64,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct UnmappedShape<'a> {
    wrap_up_code: Option<Cow<'a, str>>,
    conversations: f64,
    mean_wait_secs: f64,
    waiting_share: f64,
    reason: Cow<'a, str>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct StepShape {
    object: String,
    changes: Vec<ChangeShape>,
    fingerprint_before: String,
    fingerprint_after: String,
    #[schemars(with = "serde_json::Value")]
    forward: Box<RawValue>,
    #[schemars(with = "serde_json::Value")]
    inverse: Box<RawValue>,
    comparable_after: String,
    #[schemars(with = "serde_json::Value")]
    observed: Box<RawValue>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct ChangeShape {
    skill: String,
    pointer: String,
    #[schemars(with = "serde_json::Value")]
    before: Option<Box<RawValue>>,
    #[schemars(range(min = 1, max = 100))]
    after: i64,
}

impl<'a> PlanShape<'a> {
    fn of(intent: &'a Intent, steps: &[Step], id: &'a str) -> Self {
        PlanShape {
            format: FORMAT.to_owned(),
            id: id.into(),
            created_at: intent.created_at,
            tenant: intent.tenant.as_str().into(),
            queue: intent.queue.as_str().into(),
            lever: intent.lever.as_str().into(),
            priority_table: intent
                .priority_table
                .as_ref()
                .map(|table| PriorityTableShape::of(table, &intent.weights)),
            strategy: StrategyShape {
                name: intent.strategy.name.clone(),
                settings: intent.strategy.settings.clone(),
            },
            history: HistoryShape {
                from: intent.window.from,
                to: intent.window.to,
                pages: intent.pull.pages,
                groups: intent.pull.entities,
                unique_groups: intent.pull.unique,
                claimed_groups: intent.pull.claimed,
            },
            weights: numbers(&intent.weights),
            held_back: numbers(&intent.held_back),
            max_step: intent.max_step,
            warnings: intent.warnings.as_slice().into(),
            evidence: intent.evidence.iter().map(SkillShape::of).collect(),
            unmapped: intent.unmapped.iter().map(UnmappedShape::of).collect(),
            prediction: intent.prediction.as_ref().map(Cow::Borrowed),
            search: intent.search.as_ref().map(Cow::Borrowed),
            steps: steps.iter().map(StepShape::of).collect(),
        }
    }

    fn into_plan(self) -> Result<Plan, PlanFileError> {
        let intent = Intent {
            created_at: self.created_at,
            tenant: self.tenant.into_owned(),
            queue: QueueId::new(self.queue),
            lever: self.lever.into_owned(),
            priority_table: self
                .priority_table
                .map(PriorityTableShape::into_table)
                .transpose()?,
            strategy: Strategy {
                name: self.strategy.name,
                settings: self.strategy.settings,
            },
            window: Window {
                from: self.history.from,
                to: self.history.to,
            },
            pull: Pull {
                pages: self.history.pages,
                entities: self.history.groups,
                unique: self.history.unique_groups,
                claimed: self.history.claimed_groups,
            },
            weights: weights(self.weights)?,
            held_back: weights(self.held_back)?,
            max_step: self.max_step,
            evidence: self
                .evidence
                .into_iter()
                .map(SkillShape::into_evidence)
                .collect(),
            unmapped: self
                .unmapped
                .into_iter()
                .map(UnmappedShape::into_group)
                .collect(),
            prediction: self.prediction.map(Cow::into_owned),
            search: self.search.map(Cow::into_owned),
            warnings: self.warnings.into_owned(),
        };
        let steps = self
            .steps
            .into_iter()
            .map(StepShape::into_step)
            .collect::<Result<_, _>>()?;
        Ok(Plan::seal(intent, steps))
    }
}

impl PriorityTableShape {
    fn of(table: &PriorityTable, weights: &Weights) -> Self {
        let minutes = |(skill, weight): (&SkillId, &Weight)| {
            let worth = table.scale.head_start(*weight);
            let minutes = MinutesShape {
                wanted: worth.wanted_minutes(),
                written: worth.written_minutes(),
            };
            (skill.to_string(), minutes)
        };
        PriorityTableShape {
            id: table.id.clone(),
            name: table.name.clone(),
            minutes_per_point: table.scale.minutes_per_point(),
            minutes_max: table.minutes_max,
            minutes: weights.iter().map(minutes).collect(),
        }
    }

    /// The minutes follow from the weights; a file that says others has another digest.
    fn into_table(self) -> Result<PriorityTable, PlanFileError> {
        Ok(PriorityTable {
            scale: Scale::per_point(self.minutes_per_point)?,
            id: self.id,
            name: self.name,
            minutes_max: self.minutes_max,
        })
    }
}

fn numbers(weights: &Weights) -> BTreeMap<String, i64> {
    weights
        .iter()
        .map(|(skill, weight)| (skill.to_string(), i64::from(weight.get())))
        .collect()
}

fn weights(numbers: BTreeMap<String, i64>) -> Result<Weights, PlanFileError> {
    numbers
        .into_iter()
        .map(|(skill, value)| Ok((SkillId::new(&skill), weight(&skill, value)?)))
        .collect()
}

fn weight(skill: &str, value: i64) -> Result<Weight, PlanFileError> {
    Weight::try_from(value).map_err(|source| PlanFileError::Weight {
        skill: skill.to_owned(),
        source,
    })
}

impl<'a> SkillShape<'a> {
    fn of(evidence: &'a SkillEvidence) -> Self {
        let code = |code: &'a WrapUpCodeId| code.as_str().into();
        SkillShape {
            skill: evidence.skill.as_str().into(),
            name: evidence.name.as_str().into(),
            wrap_up_codes: evidence.codes.iter().map(code).collect(),
            conversations: evidence.conversations,
            mean_wait_secs: evidence.mean_wait_secs,
            waiting_hours: evidence.waiting_hours,
            waiting_share: evidence.waiting_share,
        }
    }

    fn into_evidence(self) -> SkillEvidence {
        SkillEvidence {
            skill: SkillId::new(self.skill),
            name: self.name.into_owned(),
            codes: self
                .wrap_up_codes
                .into_iter()
                .map(WrapUpCodeId::new)
                .collect(),
            conversations: self.conversations,
            mean_wait_secs: self.mean_wait_secs,
            waiting_hours: self.waiting_hours,
            waiting_share: self.waiting_share,
        }
    }
}

impl<'a> UnmappedShape<'a> {
    fn of(group: &'a UnmappedGroup) -> Self {
        UnmappedShape {
            wrap_up_code: group.code.as_ref().map(|code| code.as_str().into()),
            conversations: group.conversations,
            mean_wait_secs: group.mean_wait_secs,
            waiting_share: group.waiting_share,
            reason: group.reason.as_str().into(),
        }
    }

    fn into_group(self) -> UnmappedGroup {
        UnmappedGroup {
            code: self.wrap_up_code.map(WrapUpCodeId::new),
            conversations: self.conversations,
            mean_wait_secs: self.mean_wait_secs,
            waiting_share: self.waiting_share,
            reason: self.reason.into_owned(),
        }
    }
}

impl StepShape {
    fn of(step: &Step) -> Self {
        StepShape {
            object: step.write.object.to_string(),
            changes: step.write.changes.iter().map(ChangeShape::of).collect(),
            fingerprint_before: step.before.to_string(),
            fingerprint_after: step.after.to_string(),
            forward: raw(&step.write.forward),
            inverse: raw(&step.write.inverse),
            comparable_after: step.write.comparable_after.clone(),
            observed: raw(&step.observed),
        }
    }

    fn into_step(self) -> Result<Step, PlanFileError> {
        Ok(Step {
            observed: self.observed.get().to_owned(),
            before: Fingerprint::new(self.fingerprint_before),
            after: Fingerprint::new(self.fingerprint_after),
            write: Write {
                object: ObjectId::new(self.object),
                forward: self.forward.get().to_owned(),
                inverse: self.inverse.get().to_owned(),
                changes: self
                    .changes
                    .into_iter()
                    .map(ChangeShape::into_change)
                    .collect::<Result<_, _>>()?,
                comparable_after: self.comparable_after,
            },
        })
    }
}

impl ChangeShape {
    fn of(change: &WeightChange) -> Self {
        ChangeShape {
            skill: change.skill.to_string(),
            pointer: change.pointer.clone(),
            before: change.before.as_deref().map(raw),
            after: i64::from(change.after.get()),
        }
    }

    fn into_change(self) -> Result<WeightChange, PlanFileError> {
        Ok(WeightChange {
            after: weight(&self.skill, self.after)?,
            skill: SkillId::new(self.skill),
            pointer: self.pointer,
            before: self.before.map(|token| token.get().to_owned()),
        })
    }
}

/// The texts of a plan come from JSON that was read, so each is one JSON value.
fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap_or_default()
}
