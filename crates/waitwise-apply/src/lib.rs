//! Executes a plan: journal, send, verify; rolls it back; and resumes what was cut off.
//!
//! It decides nothing about weights: a plan leaves no choice. What it adds is care: the journal knows of every write
//! before it leaves, an object that moved is not written, a write whose outcome is unknown is looked for before it
//! is sent again, nothing counts as done before it was read back, and of two who use one journal only one writes to
//! a queue at a time. It knows no HTTP and no vendor's documents. Start at [`Applier::apply`]; the care for one
//! object is in `step`; [`Applier::roll_back`] is in `rollback`, [`Applier::resume`] in `resume`, the lock in `lock`.

pub mod error;
mod lock;
mod resume;
mod rollback;
mod step;

use std::time::Duration;

use waitwise_client::{ClientError, WriteClient};
use waitwise_model::{Clock, ObjectId, Observed, QueueId};
use waitwise_plan::{Fingerprint, Plan, Step, file};
use waitwise_store::{
    Change, ChangeId, ChangeState, Kind, NewChange, StepEvent, Store, StoreError,
};

pub use error::{ApplyError, ErrorKind, NothingToUndo};
pub use rollback::Target;
use step::{Job, Reading};

/// Carries out plans, and undoes them.
#[derive(Clone, Copy)]
pub struct Applier<'a> {
    /// Reads and writes the tenant.
    pub client: &'a WriteClient,
    /// Where every change is written down before it happens.
    pub store: &'a Store,
    /// Where the time comes from.
    pub clock: &'a dyn Clock,
    /// Told what is happening, as it happens.
    pub report: &'a (dyn Fn(Progress) + Send + Sync),
}

/// What is happening.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// The tenant is compared with the plan.
    Checking,
    /// There is nothing to write.
    Unchanged,
    /// A write is leaving.
    Writing {
        /// What is written.
        object: ObjectId,
    },
    /// Something is tried again after a pause.
    Retrying {
        /// The object it is about.
        object: ObjectId,
        /// How long the pause is.
        wait: Duration,
        /// Why.
        reason: Retry,
    },
    /// The object is read back.
    Verifying {
        /// What is read.
        object: ObjectId,
    },
    /// The object reads as planned.
    Confirmed {
        /// What was written.
        object: ObjectId,
    },
    /// The object says already what undoing would write.
    UndoneAlready {
        /// Which object.
        object: ObjectId,
    },
    /// Somebody changed other parts of the object since the plan wrote it; these stay.
    KeepingOthersEdits {
        /// Which object.
        object: ObjectId,
    },
}

/// Why something is tried again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Retry {
    /// The write may have happened or not; the object is read to find out.
    OutcomeUnknown,
    /// The write was accepted, but the object still reads as before.
    StaleRead,
    /// The host did not take the write; the object is read again before the next try.
    NotDone,
}

/// What a change did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// The change in the journal; `None` if the plan has no steps, which is nothing to write down.
    pub change: Option<ChangeId>,
    /// What became of each object, in the order in which they were taken.
    pub objects: Vec<Outcome>,
}

/// What became of one object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Which object.
    pub object: ObjectId,
    /// The host's own text of it, as last read.
    pub document_now: String,
    /// How long somebody else's change would not have been seen: from the end of the last reading before the write
    /// to the host's answer to it. `None` if nothing was written.
    pub unseen_window: Option<Duration>,
    /// How often the write was sent this time; 0: the object said already what was to be written.
    pub tries: u32,
    /// For a rollback: whether somebody changed the object since the plan wrote it. Their edits elsewhere in it stay.
    pub others_edits: bool,
}

impl Applier<'_> {
    /// Carries out `plan` as the change `change`, whose id must be new to the journal.
    ///
    /// With `max_step`, a plan that moves a weight by more points is refused. A plan without steps writes nothing
    /// and is not journalled.
    ///
    /// # Errors
    /// After [`ApplyError::Conflict`] and [`ApplyError::OutcomeUnknown`] the tenant may have been changed; after
    /// [`ApplyError::Store`] look the change up in the journal. After every other error the failing step has written
    /// nothing, and neither has the change if the journal calls it refused.
    pub async fn apply(
        &self,
        plan: &Plan,
        change: ChangeId,
        max_step: Option<u8>,
    ) -> Result<Applied, ApplyError> {
        self.check_tenant(plan)?;
        if let Some(max_step) = max_step {
            plan.check_steps(max_step)?;
        }
        if plan.steps().is_empty() {
            return Ok(self.unchanged());
        }
        let applying = async {
            let id = plan.id();
            if let Some(change) = self.store.applied(id).await? {
                return Err(ApplyError::AppliedAlready {
                    plan: id.clone(),
                    change,
                });
            }
            self.begin(plan, &change, Kind::Apply).await?;
            self.carry_on(plan, &self.known(&change).await?).await
        };
        self.alone(plan, applying).await
    }

    /// Does what a change has yet to do, by what the journal says of it, and ends it. Needs the lock.
    async fn carry_on(&self, plan: &Plan, change: &Change) -> Result<Applied, ApplyError> {
        let mut steps: Vec<usize> = (0..plan.steps().len()).collect();
        if change.kind != Kind::Apply {
            steps.reverse();
        }
        let not_sent = |step: &usize| change.last_sent(*step).is_none();
        if let (Kind::Apply, Some(step)) = (&change.kind, steps.iter().copied().find(not_sent))
            && let Err(error) = self.check_tenant_is_ready(plan).await
        {
            return Err(self.close(change, step, &[], error).await);
        }
        let mut objects = Vec::with_capacity(steps.len());
        for step in steps {
            match self.carry_on_step(plan, change, step).await {
                Ok(outcome) => objects.push(outcome),
                Err(error) => return Err(self.close(change, step, &objects, error).await),
            }
        }
        self.end(change.id.clone(), objects).await
    }

    async fn carry_on_step(
        &self,
        plan: &Plan,
        change: &Change,
        step_idx: usize,
    ) -> Result<Outcome, ApplyError> {
        match change.last_event(step_idx) {
            None => {
                let operation = operation(&change.kind, &plan.steps()[step_idx]).to_owned();
                let intent = StepEvent::Intent { operation };
                self.record(&change.id, step_idx, intent).await?;
            }
            Some(StepEvent::Intent { .. }) => {}
            Some(last) => return self.go_on_after(last, plan, change, step_idx).await,
        }
        match &change.kind {
            Kind::Apply => self.carry_out(plan, &change.id, step_idx).await,
            Kind::Rollback { force, .. } => self.undo(plan, &change.id, step_idx, *force).await,
        }
    }

    /// Before the first write: every skill can be routed on, and what is written to can take it.
    async fn check_tenant_is_ready(&self, plan: &Plan) -> Result<(), ApplyError> {
        let skills = self.client.read().skills().await;
        let skills = skills.map_err(ApplyError::reading("the skills"))?;
        plan.check_skills(&skills.items)?;
        let objects: Vec<&ObjectId> = plan.steps().iter().map(|step| &step.write.object).collect();
        let checked = self.client.read().check_places(&objects).await;
        checked.map_err(ApplyError::reading("what the plan writes to"))
    }

    async fn carry_out(
        &self,
        plan: &Plan,
        change: &ChangeId,
        step_idx: usize,
    ) -> Result<Outcome, ApplyError> {
        let step = &plan.steps()[step_idx];
        let write = &step.write;
        let reading = self.read_unmoved(plan, step).await?;
        let planned = self.preview(&write.object, &write.forward, &reading.observed, false)?;
        if Fingerprint::of(&planned.comparable) != step.after {
            let object = write.object.clone();
            return Err(ApplyError::Inconsistent { object });
        }
        let job = Job {
            applier: self,
            change,
            queue: &plan.intent().queue,
            step: step_idx,
            object: &write.object,
            operation: &write.forward,
            force: false,
            planned,
        };
        job.carry_out(reading).await
    }

    /// Reads a step's object if it still is what the plan was made from, and the only one in its place.
    async fn read_unmoved(&self, plan: &Plan, step: &Step) -> Result<Reading, ApplyError> {
        let (queue, object) = (&plan.intent().queue, &step.write.object);
        let found = self.client.read().objects_at(queue, object).await;
        let at = self.clock.monotonic();
        let found = found.map_err(ApplyError::reading(&place_of(object)))?;
        let is_unmoved = |found: &Observed| {
            found.object == *object && Fingerprint::of(&found.comparable) == step.before
        };
        match <[Observed; 1]>::try_from(found) {
            Ok([observed]) if is_unmoved(&observed) => Ok(Reading { observed, at }),
            Ok([moved]) => Err(ApplyError::moved(step, vec![moved])),
            Err(none_or_several) => Err(ApplyError::moved(step, none_or_several)),
        }
    }

    /// Reads one object; `None` if it isn't there.
    async fn read_object(
        &self,
        queue: &QueueId,
        object: &ObjectId,
    ) -> Result<Option<Reading>, ClientError> {
        let found = self.client.read().objects_at(queue, object).await;
        let at = self.clock.monotonic();
        let found = found?.into_iter().find(|found| found.object == *object);
        Ok(found.map(|observed| Reading { observed, at }))
    }

    fn check_tenant(&self, plan: &Plan) -> Result<(), ApplyError> {
        let tenant = self.client.read().base_url().to_string();
        if tenant == plan.intent().tenant {
            return Ok(());
        }
        Err(ApplyError::OtherTenant {
            planned: plan.intent().tenant.clone(),
            tenant,
        })
    }

    fn preview(
        &self,
        object: &ObjectId,
        operation: &str,
        observed: &Observed,
        force: bool,
    ) -> Result<Observed, ApplyError> {
        self.client
            .preview(operation, observed, force)
            .map_err(|source| ApplyError::Encode {
                object: object.clone(),
                source,
            })
    }

    fn unchanged(&self) -> Applied {
        (self.report)(Progress::Unchanged);
        Applied {
            change: None,
            objects: Vec::new(),
        }
    }

    /// Begins a change in the journal, with what it intends to do to each step.
    async fn begin(&self, plan: &Plan, change: &ChangeId, kind: Kind) -> Result<(), ApplyError> {
        (self.report)(Progress::Checking);
        let begun = NewChange {
            id: change.clone(),
            kind,
            tenant: plan.intent().tenant.clone(),
            queue: plan.intent().queue.clone(),
            place: plan.place(),
            plan_id: plan.id().clone(),
            plan_json: file::to_json(plan),
            created_at: self.clock.now(),
        };
        self.store.begin(&begun).await?;
        for (step_idx, step) in plan.steps().iter().enumerate() {
            let operation = operation(&begun.kind, step).to_owned();
            let intent = StepEvent::Intent { operation };
            self.record(change, step_idx, intent).await?;
        }
        Ok(())
    }

    /// Returns a change as the journal knows it at this moment.
    async fn known(&self, id: &ChangeId) -> Result<Change, ApplyError> {
        let known = self.store.change(id).await?;
        known.ok_or_else(|| ApplyError::UnknownChange { change: id.clone() })
    }

    async fn record(
        &self,
        change: &ChangeId,
        step: usize,
        event: StepEvent,
    ) -> Result<(), StoreError> {
        let at = self.clock.now();
        self.store.record(change, step, event, at).await
    }

    async fn end(&self, change: ChangeId, objects: Vec<Outcome>) -> Result<Applied, ApplyError> {
        let done = ChangeState::Done;
        self.store
            .finish(&change, done, None, self.clock.now())
            .await?;
        Ok(Applied {
            change: Some(change),
            objects,
        })
    }

    /// Writes down that a step failed and the change with it, and returns the error.
    ///
    /// If the journal fails now, the change stays open there, which is read as "may have written"; the first error
    /// is the one to report.
    async fn close(
        &self,
        change: &Change,
        step: usize,
        objects: &[Outcome],
        error: ApplyError,
    ) -> ApplyError {
        let wrote = change.may_have_written() || objects.iter().any(|outcome| outcome.tries > 0);
        let Some((event, state)) = error.in_journal(wrote) else {
            return error;
        };
        let last = event.map(|event| (step, event));
        let now = self.clock.now();
        if let Err(unwritten) = self.store.finish(&change.id, state, last, now).await {
            tracing::error!(change.id = %change.id, error = %unwritten, "the journal misses how the change ended");
        }
        error
    }
}

/// Returns what a change of this kind does to a step's object.
fn operation<'a>(kind: &Kind, step: &'a Step) -> &'a str {
    match kind {
        Kind::Apply => &step.write.forward,
        Kind::Rollback { .. } => &step.write.inverse,
    }
}

/// What has to be read for an object, in words: of a queue all rules, of a table one row.
fn place_of(object: &ObjectId) -> String {
    match object.as_str().starts_with("routing-rule/") {
        true => "the queue's rules".to_owned(),
        false => object.to_string(),
    }
}
