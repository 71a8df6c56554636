//! The plan: what was read, what will be written, how it is undone.
//!
//! A plan is immutable and leaves no choice to execution. It is made here from an observed object and a lever's
//! write, which this crate carries as opaque JSON: it does not know how to send anything, nor what a rule looks
//! like. Start at [`Plan`]; [`file`](mod@file) is its form on disk; [`check`] says which plans are refused.

pub mod check;
pub mod file;
mod fingerprint;
mod place;
mod prospect;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use waitwise_model::{
    HeadStart, Observed, Pull, QueueId, Scale, SkillEvidence, SkillId, UnmappedGroup, Weight,
    Weights, Window, Write,
};

pub use check::Refusal;
pub use file::PlanFileError;
pub use fingerprint::Fingerprint;
pub use place::Place;
pub use prospect::{
    Basis, FrontPoint, Judged, Predicted, PredictedChange, PredictedLine, PredictedVariant,
    Prediction, Search,
};

/// A plan to write weights, with everything a person needs to judge it and a program to carry it out or undo it.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    intent: Intent,
    steps: Vec<Step>,
    id: PlanId,
}

/// What a plan is for, and what it was made from.
#[derive(Clone, PartialEq, Debug)]
pub struct Intent {
    /// When the plan was made.
    pub created_at: Timestamp,
    /// The host whose tenant it is for, as a base URL.
    pub tenant: String,
    /// The queue.
    pub queue: QueueId,
    /// What the weights are written to: `routing-rule` or `priority-table`.
    pub lever: String,
    /// For the lever `priority-table`: which table, and what a weight is worth in it.
    pub priority_table: Option<PriorityTable>,
    /// How the weights were found.
    pub strategy: Strategy,
    /// The stretch of history behind them.
    pub window: Window,
    /// The proof that this history was read to its end.
    pub pull: Pull,
    /// The weights to be written.
    pub weights: Weights,
    /// What the strategy wanted where `max_step` held it back.
    pub held_back: Weights,
    /// The farthest that one weight may move; `None`: any distance.
    pub max_step: Option<u8>,
    /// The evidence per skill, the bottleneck first.
    pub evidence: Vec<SkillEvidence>,
    /// Groups that no skill was found for.
    pub unmapped: Vec<UnmappedGroup>,
    /// What the weights would do to waits, if there were visits to tell from.
    pub prediction: Option<Prediction>,
    /// What was found on the way to the weights, if they were searched for.
    pub search: Option<Search>,
    /// What a person should know before applying.
    pub warnings: Vec<String>,
}

/// The table of a plan that writes minutes of head start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PriorityTable {
    /// The table's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What a point of weight is worth.
    pub scale: Scale,
    /// The farthest that two skills' minutes may be apart.
    pub minutes_max: u32,
}

/// How weights were found.
#[derive(Clone, PartialEq, Debug)]
pub struct Strategy {
    /// Its name: `volume-wait`.
    pub name: String,
    /// Its settings, by name.
    pub settings: BTreeMap<String, f64>,
}

/// One write to one object.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// The host's own text of the object when the plan was made: the snapshot to look back at.
    pub observed: String,
    /// The object as it was read. The write happens only while it still is.
    pub before: Fingerprint,
    /// The object once the write has happened and nothing else.
    pub after: Fingerprint,
    /// The write itself.
    pub write: Write,
}

impl Step {
    /// Binds a write to the object that it was made for.
    pub fn new(observed: &Observed, write: Write) -> Self {
        Step {
            observed: observed.document.clone(),
            before: Fingerprint::of(&observed.comparable),
            after: Fingerprint::of(&write.comparable_after),
            write,
        }
    }
}

/// A plan's identity: a digest of its whole content, so that two plans with one id are the same plan.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PlanId(String);

impl PlanId {
    /// Takes an id as it was stored.
    pub fn new(text: impl Into<String>) -> Self {
        PlanId(text.into())
    }

    /// Returns the id's 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Plan {
    /// Makes a plan of what is wanted and the writes that bring it about; it cannot be changed after.
    pub fn seal(intent: Intent, steps: Vec<Step>) -> Plan {
        let id = file::digest(&intent, &steps);
        Plan { intent, steps, id }
    }

    /// Returns what is planned and why.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// Returns the writes, in the order in which they will be sent. Empty: the tenant says all of it already.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the plan's id.
    pub fn id(&self) -> &PlanId {
        &self.id
    }

    /// Returns what only one at a time may write to.
    pub fn place(&self) -> Place {
        match &self.intent.priority_table {
            Some(table) => Place::table(&table.id),
            None => Place::queue(&self.intent.queue),
        }
    }

    /// Returns what each weight is worth, for a lever that takes whole minutes; empty for one that takes weights.
    pub fn head_starts(&self) -> BTreeMap<SkillId, HeadStart> {
        let table = self.intent.priority_table.iter();
        let worth = table.flat_map(|table| {
            let weights = self.intent.weights.iter();
            weights.map(|(skill, weight)| (skill.clone(), table.scale.head_start(*weight)))
        });
        worth.collect()
    }

    /// Returns every planned move, over all steps: skill, present value as the host wrote it (a weight, or the minutes
    /// of a lever that takes these), new weight.
    pub fn moves(&self) -> impl Iterator<Item = (&SkillId, Option<&str>, Weight)> {
        let changes = self.steps.iter().flat_map(|step| &step.write.changes);
        changes.map(|change| (&change.skill, change.before.as_deref(), change.after))
    }
}
