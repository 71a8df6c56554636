//! Undoing: takes back what a change wrote, and nothing that others have written since.

use waitwise_client::Conflict;
use waitwise_plan::{Fingerprint, Plan, Step, file};
use waitwise_store::{Change, ChangeId, ChangeState, Kind, StepEvent};

use crate::step::{Job, Reading};
use crate::{Applied, Applier, ApplyError, NothingToUndo, Outcome, Progress, place_of};

/// What to undo.
#[derive(Clone, PartialEq, Debug)]
pub enum Target {
    /// A change that the journal knows.
    Change(ChangeId),
    /// What a plan file says, for when the journal is gone. If the journal knows a change that applied it, that is
    /// undone.
    Plan(Box<Plan>),
}

impl Applier<'_> {
    /// Undoes `target` as the change `change`, whose id must be new to the journal.
    ///
    /// Each place that was written goes back to what it said before; what others have changed elsewhere in the object
    /// stays. A place that says so already is left alone. With `force`, places that somebody else has changed since
    /// go back as well. The change that was undone is rolled back in the journal.
    ///
    /// # Errors
    /// [`ApplyError::ChangedSince`] if somebody changed a place that was written; nothing is written then. For the
    /// others see [`Applier::apply`].
    pub async fn roll_back(
        &self,
        target: Target,
        change: ChangeId,
        force: bool,
    ) -> Result<Applied, ApplyError> {
        let (plan, of) = self.find(target).await?;
        self.check_tenant(&plan)?;
        if plan.steps().is_empty() {
            return Ok(self.unchanged());
        }
        let undoing = async {
            if let Some(of) = &of {
                // Before the lock was ours, somebody else may have undone it.
                check_undoable(&self.known(of).await?)?;
            }
            let kind = Kind::Rollback { of, force };
            self.begin(&plan, &change, kind).await?;
            self.carry_on(&plan, &self.known(&change).await?).await
        };
        self.alone(&plan, undoing).await
    }

    /// Returns the plan to undo, and the change that carried it out if the journal knows it.
    async fn find(&self, target: Target) -> Result<(Plan, Option<ChangeId>), ApplyError> {
        let id = match target {
            Target::Change(id) => id,
            Target::Plan(plan) => match self.store.applied(plan.id()).await? {
                Some(id) => id,
                None => return Ok((*plan, None)),
            },
        };
        let known = self.known(&id).await?;
        check_undoable(&known)?;
        Ok((stored_plan(&known)?, Some(id)))
    }

    pub(crate) async fn undo(
        &self,
        plan: &Plan,
        change: &ChangeId,
        step_idx: usize,
        force: bool,
    ) -> Result<Outcome, ApplyError> {
        let step = &plan.steps()[step_idx];
        let object = &step.write.object;
        let reading = self.read_object(&plan.intent().queue, object).await;
        let reading = reading
            .map_err(ApplyError::reading(&place_of(object)))?
            .ok_or_else(|| ApplyError::moved(step, Vec::new()))?;
        let (changed, not_undone) = self.compare(step, &reading)?;
        if not_undone.is_empty() {
            return self.undone_already(change, step_idx, step, reading).await;
        }
        let contested = contested(&changed, &not_undone);
        if !contested.is_empty() && !force {
            let object = object.clone();
            return Err(ApplyError::ChangedSince {
                object,
                conflicts: contested,
            });
        }
        let others_edits = Fingerprint::of(&reading.observed.comparable) != step.after;
        if others_edits {
            (self.report)(Progress::KeepingOthersEdits {
                object: object.clone(),
            });
        }
        // Places that were undone by hand are written once more with what they say already.
        let force = !changed.is_empty();
        let planned = self.preview(object, &step.write.inverse, &reading.observed, force)?;
        if !others_edits && Fingerprint::of(&planned.comparable) != step.before {
            let object = object.clone();
            return Err(ApplyError::Inconsistent { object });
        }
        let job = Job {
            applier: self,
            change,
            queue: &plan.intent().queue,
            step: step_idx,
            object,
            operation: &step.write.inverse,
            force,
            planned,
        };
        let outcome = job.carry_out(reading).await?;
        Ok(Outcome {
            others_edits,
            ..outcome
        })
    }

    /// Returns the places that do not say what the step wrote, and those that do not say what they said before it.
    fn compare(
        &self,
        step: &Step,
        reading: &Reading,
    ) -> Result<(Vec<Conflict>, Vec<Conflict>), ApplyError> {
        let conflicts = |operation: &str| {
            self.client
                .conflicts(operation, &reading.observed)
                .map_err(|source| ApplyError::Encode {
                    object: step.write.object.clone(),
                    source,
                })
        };
        Ok((
            conflicts(&step.write.inverse)?,
            conflicts(&step.write.forward)?,
        ))
    }

    async fn undone_already(
        &self,
        change: &ChangeId,
        step_idx: usize,
        step: &Step,
        reading: Reading,
    ) -> Result<Outcome, ApplyError> {
        self.record(change, step_idx, StepEvent::Unneeded).await?;
        let object = step.write.object.clone();
        (self.report)(Progress::UndoneAlready {
            object: object.clone(),
        });
        Ok(Outcome {
            object,
            others_edits: Fingerprint::of(&reading.observed.comparable) != step.before,
            document_now: reading.observed.document,
            unseen_window: None,
            tries: 0,
        })
    }
}

/// Returns the places that say neither what was written nor what they said before: somebody else's will.
fn contested(changed: &[Conflict], not_undone: &[Conflict]) -> Vec<Conflict> {
    let undone = |conflict: &Conflict| {
        let is_same = |other: &Conflict| other.skill == conflict.skill;
        !not_undone.iter().any(is_same)
    };
    changed
        .iter()
        .filter(|conflict| !undone(conflict))
        .cloned()
        .collect()
}

fn check_undoable(change: &Change) -> Result<(), ApplyError> {
    let reason = match (&change.kind, change.state) {
        (Kind::Rollback { .. }, _) => NothingToUndo::IsRollback,
        (Kind::Apply, ChangeState::RolledBack) => NothingToUndo::RolledBackAlready,
        (Kind::Apply, ChangeState::Refused) => NothingToUndo::NothingWritten,
        (Kind::Apply, ChangeState::Open) if !change.may_have_written() => {
            NothingToUndo::NothingWritten
        }
        (Kind::Apply, _) => return Ok(()),
    };
    let change = change.id.clone();
    Err(ApplyError::NothingToUndo { change, reason })
}

/// Returns the plan that a change carries out or undoes.
pub(crate) fn stored_plan(change: &Change) -> Result<Plan, ApplyError> {
    file::from_json(&change.plan_json).map_err(|source| ApplyError::StoredPlan {
        change: change.id.clone(),
        source,
    })
}
