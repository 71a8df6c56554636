//! Resuming: finishes a change that was cut off or ended without knowing, or takes it back.

use waitwise_plan::{Fingerprint, Plan};
use waitwise_store::{Change, ChangeId, ChangeState, Kind, StepEvent};

use crate::rollback::{Target, stored_plan};
use crate::step::Job;
use crate::{Applied, Applier, ApplyError, NothingToUndo, Outcome, operation, place_of};

impl Applier<'_> {
    /// Finishes `change`, an apply or a rollback that was cut off or ended in [`ChangeState::Unknown`].
    ///
    /// A step that was never sent is carried out as if for the first time. Where a send may have happened, the object
    /// is read first: if it reads as planned, that is confirmed; if it still equals what it was before the send, it
    /// is sent again; anything else is somebody's edit, which stays.
    ///
    /// # Errors
    /// [`ApplyError::NothingToResume`] if the change has ended. For the others see [`Applier::apply`].
    pub async fn resume(&self, change: &ChangeId) -> Result<Applied, ApplyError> {
        let known = self.unfinished(change).await?;
        let plan = stored_plan(&known)?;
        self.check_tenant(&plan)?;
        let resuming = async {
            // Before the lock was ours, its own process or another resume may have ended it.
            let known = self.unfinished(change).await?;
            if known.state == ChangeState::Unknown {
                self.store.reopen(change, self.clock.now()).await?;
            }
            self.carry_on(&plan, &known).await
        };
        self.alone(&plan, resuming).await
    }

    /// Takes back `change`, which was cut off or ended in [`ChangeState::Unknown`]: as the rollback `undo` (an id that
    /// is new to the journal) if it may have written something, else by closing it.
    ///
    /// # Errors
    /// [`ApplyError::NothingToResume`] if the change has ended; [`ApplyError::NothingToUndo`] for a rollback that may
    /// have written: it can only be finished. For the others see [`Applier::roll_back`].
    pub async fn take_back(
        &self,
        change: &ChangeId,
        undo: ChangeId,
    ) -> Result<Applied, ApplyError> {
        let known = self.unfinished(change).await?;
        if known.may_have_written() {
            return self
                .roll_back(Target::Change(change.clone()), undo, false)
                .await;
        }
        let plan = stored_plan(&known)?;
        self.check_tenant(&plan)?;
        self.alone(&plan, self.close_unwritten(change)).await
    }

    /// Ends a change that has written nothing. Needs the lock.
    async fn close_unwritten(&self, id: &ChangeId) -> Result<Applied, ApplyError> {
        let known = self.unfinished(id).await?;
        if known.may_have_written() {
            let (change, reason) = (id.clone(), NothingToUndo::CarriedOnMeanwhile);
            return Err(ApplyError::NothingToUndo { change, reason });
        }
        let reason = "taken back before anything was written".to_owned();
        let is_open = |event: Option<&StepEvent>| {
            matches!(
                event,
                Some(StepEvent::Intent { .. } | StepEvent::NotDone { .. })
            )
        };
        let last = is_open(known.last_event(0)).then_some((0, StepEvent::Refused { reason }));
        let now = self.clock.now();
        self.store
            .finish(id, ChangeState::Refused, last, now)
            .await?;
        Ok(Applied {
            change: Some(id.clone()),
            objects: Vec::new(),
        })
    }

    async fn unfinished(&self, id: &ChangeId) -> Result<Change, ApplyError> {
        let known = self.known(id).await?;
        if known.state.is_unfinished() {
            return Ok(known);
        }
        Err(ApplyError::NothingToResume {
            change: id.clone(),
            state: known.state,
        })
    }

    /// Goes on with a step of which the journal knows more than the intent; `last` is what it knows last.
    pub(crate) async fn go_on_after(
        &self,
        last: &StepEvent,
        plan: &Plan,
        change: &Change,
        step_idx: usize,
    ) -> Result<Outcome, ApplyError> {
        let object = &plan.steps()[step_idx].write.object;
        match last {
            StepEvent::Confirmed { document } => Ok(Outcome {
                object: object.clone(),
                document_now: document.clone(),
                unseen_window: None,
                tries: 0,
                others_edits: false,
            }),
            StepEvent::Unneeded => {
                let reading = self.read_object(&plan.intent().queue, object).await;
                let reading = reading.map_err(ApplyError::reading(&place_of(object)))?;
                Ok(Outcome {
                    object: object.clone(),
                    document_now: reading.map_or_else(String::new, |now| now.observed.document),
                    unseen_window: None,
                    tries: 0,
                    others_edits: false,
                })
            }
            StepEvent::Refused { .. } | StepEvent::Conflict { .. } => {
                let change = change.id.clone();
                Err(ApplyError::FailedBefore { change })
            }
            StepEvent::Intent { .. }
            | StepEvent::Sent { .. }
            | StepEvent::OutcomeUnknown { .. }
            | StepEvent::NotDone { .. } => self.settle(last, plan, change, step_idx).await,
        }
    }

    /// Finds out what became of a step that was sent, and goes on from there.
    async fn settle(
        &self,
        last: &StepEvent,
        plan: &Plan,
        change: &Change,
        step_idx: usize,
    ) -> Result<Outcome, ApplyError> {
        let step = &plan.steps()[step_idx];
        let object = &step.write.object;
        let operation = operation(&change.kind, step);
        let encode = |source| ApplyError::Encode {
            object: object.clone(),
            source,
        };
        let sent_from = change.last_sent(step_idx).unwrap_or(&step.observed);
        let sent_from = self.client.observe(object, sent_from).map_err(encode)?;
        let conflicts = self.client.conflicts(operation, &sent_from);
        let force = !conflicts.map_err(encode)?.is_empty();
        let job = Job {
            applier: self,
            change: &change.id,
            queue: &plan.intent().queue,
            step: step_idx,
            object,
            operation,
            force,
            planned: self.preview(object, operation, &sent_from, force)?,
        };
        let is_cut_off = matches!(last, StepEvent::Sent { .. });
        let in_doubt = is_cut_off || change.is_in_doubt(step_idx);
        let outcome = job.settle(&sent_from, is_cut_off, in_doubt).await?;
        let before = Fingerprint::of(&sent_from.comparable);
        let others_edits = change.kind != Kind::Apply && before != step.after;
        Ok(Outcome {
            others_edits,
            ..outcome
        })
    }
}
