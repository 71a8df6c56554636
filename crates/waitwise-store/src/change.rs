//! A change: its states, its steps' events, and which may follow which.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use waitwise_model::QueueId;
use waitwise_plan::{Place, PlanId};

use crate::StoreError;

/// A change's identity: a text that its maker chose, a UUID of version 7.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChangeId(String);

impl ChangeId {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        ChangeId(text.into())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a change does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// It carries out a plan.
    Apply,
    /// It undoes one.
    Rollback {
        /// The change that it undoes; `None` if this journal does not know it.
        of: Option<ChangeId>,
        /// Whether it undoes even what somebody else has changed since.
        force: bool,
    },
}

/// How far a change has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeState {
    /// It is running, or was cut off.
    Open,
    /// Every step was carried out and read back.
    Done,
    /// Ended, and nothing was written.
    Refused,
    /// Ended after something was written, and not everything reads as planned.
    Failed,
    /// Ended without knowing whether something was written.
    Unknown,
    /// Undone by a later change.
    RolledBack,
}

impl ChangeState {
    pub(crate) const ALL: [ChangeState; 6] = [
        ChangeState::Open,
        ChangeState::Done,
        ChangeState::Refused,
        ChangeState::Failed,
        ChangeState::Unknown,
        ChangeState::RolledBack,
    ];

    /// Returns whether a change in this state can be resumed.
    pub fn is_unfinished(self) -> bool {
        matches!(self, ChangeState::Open | ChangeState::Unknown)
    }

    /// Returns the state's name in the journal and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeState::Open => "open",
            ChangeState::Done => "done",
            ChangeState::Refused => "refused",
            ChangeState::Failed => "failed",
            ChangeState::Unknown => "unknown",
            ChangeState::RolledBack => "rolled-back",
        }
    }
}

impl fmt::Display for ChangeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that happened to a step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum StepEvent {
    /// The step is about to be looked at.
    Intent {
        /// What will be written, in the lever's encoding.
        operation: String,
    },
    /// The write is about to leave. Recorded before it does: from here on it may have happened.
    Sent {
        /// The object's text as it was read just before.
        document: String,
    },
    /// The write may have happened or not.
    OutcomeUnknown {
        /// What went wrong.
        reason: String,
    },
    /// The write certainly did not happen, and may be sent again once the object has been read again.
    NotDone {
        /// What stood in its way.
        reason: String,
    },
    /// The write happened and was read back.
    Confirmed {
        /// The object's text as it was read back.
        document: String,
    },
    /// The step was not carried out.
    Refused {
        /// Why.
        reason: String,
    },
    /// The object reads neither as before the write nor as planned.
    Conflict {
        /// What the write was to leave behind.
        ours: String,
        /// What was found; `None` if the object was gone.
        found: Option<String>,
    },
    /// The object says already what the step would write.
    Unneeded,
}

impl StepEvent {
    /// Returns the event's name, as in the journal.
    pub fn name(&self) -> &'static str {
        match self {
            StepEvent::Intent { .. } => "intent",
            StepEvent::Sent { .. } => "sent",
            StepEvent::OutcomeUnknown { .. } => "outcome-unknown",
            StepEvent::NotDone { .. } => "not-done",
            StepEvent::Confirmed { .. } => "confirmed",
            StepEvent::Refused { .. } => "refused",
            StepEvent::Conflict { .. } => "conflict",
            StepEvent::Unneeded => "unneeded",
        }
    }
}

/// An event with its place in time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// When it was recorded.
    pub at: Timestamp,
    /// Which step it is about, counted from 0.
    pub step: usize,
    /// What happened.
    pub event: StepEvent,
}

/// A change as it begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewChange {
    /// Its identity.
    pub id: ChangeId,
    /// What it does.
    pub kind: Kind,
    /// The tenant's base URL.
    pub tenant: String,
    /// The queue.
    pub queue: QueueId,
    /// What it writes to, alone.
    pub place: Place,
    /// The plan that it carries out or undoes.
    pub plan_id: PlanId,
    /// That plan's whole file.
    pub plan_json: String,
    /// When it begins.
    pub created_at: Timestamp,
}

/// A change as the journal knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Its identity.
    pub id: ChangeId,
    /// What it does.
    pub kind: Kind,
    /// The tenant's base URL.
    pub tenant: String,
    /// The queue.
    pub queue: QueueId,
    /// What it writes to, alone.
    pub place: Place,
    /// The plan that it carries out or undoes.
    pub plan_id: PlanId,
    /// That plan's whole file.
    pub plan_json: String,
    /// When it began.
    pub created_at: Timestamp,
    /// How far it has come.
    pub state: ChangeState,
    /// When it came to this state; `None` while it is open.
    pub ended_at: Option<Timestamp>,
    /// What happened to its steps, in order.
    pub events: Vec<Event>,
}

impl Change {
    /// Returns whether something may have been written: only then there can be something to undo.
    pub fn may_have_written(&self) -> bool {
        self.events.iter().any(|event| self.has_effect(event.step))
    }

    /// Returns whether a step's write (counted from 0) may have happened: a send whose effect is not ruled out.
    fn has_effect(&self, step: usize) -> bool {
        let is_last_sent = matches!(self.last_event(step), Some(StepEvent::Sent { .. }));
        is_last_sent || self.is_in_doubt(step) || self.is_settled_after_send(step)
    }

    /// Returns whether a send of this step, counted from 0, once had no clear outcome: it may arrive at any time.
    pub fn is_in_doubt(&self, step: usize) -> bool {
        let is_unclear = |event: &StepEvent| matches!(event, StepEvent::OutcomeUnknown { .. });
        self.events_of(step).any(is_unclear)
    }

    fn is_settled_after_send(&self, step: usize) -> bool {
        let settled = self.last_event(step);
        matches!(
            settled,
            Some(StepEvent::Confirmed { .. } | StepEvent::Conflict { .. })
        )
    }

    /// Returns the object's text as it was read before a step's last send; `None` if it was never sent.
    pub fn last_sent(&self, step: usize) -> Option<&str> {
        fn document(event: &StepEvent) -> Option<&str> {
            let StepEvent::Sent { document } = event else {
                return None;
            };
            Some(document)
        }
        self.events_of(step).filter_map(document).last()
    }

    fn events_of(&self, step: usize) -> impl Iterator<Item = &StepEvent> {
        let of_step = self.events.iter().filter(move |event| event.step == step);
        of_step.map(|event| &event.event)
    }

    /// Returns the last event of a step, counted from 0.
    pub fn last_event(&self, step: usize) -> Option<&StepEvent> {
        self.events_of(step).last()
    }

    pub(crate) fn is_apply_that_sent(&self) -> bool {
        let nothing_written = self.state == ChangeState::Refused || !self.may_have_written();
        self.kind == Kind::Apply && !nothing_written
    }

    /// The legal transitions of a change.
    pub(crate) fn check_state(&self, to: ChangeState) -> Result<(), StoreError> {
        use ChangeState::{Done, Failed, Open, Refused, RolledBack, Unknown};
        let legal = match self.state {
            Open => match to {
                Done | Refused | Failed | Unknown => true,
                RolledBack => self.may_have_written(),
                Open => false,
            },
            // Resumed.
            Unknown if to == Open => true,
            Done | Failed | Unknown => to == RolledBack && self.kind == Kind::Apply,
            Refused | RolledBack => false,
        };
        let illegal = || StoreError::IllegalState {
            change: self.id.clone(),
            from: self.state,
            to,
        };
        legal.then_some(()).ok_or_else(illegal)
    }

    /// The legal order of a step's events.
    pub(crate) fn check_event(&self, step: usize, next: &StepEvent) -> Result<(), StoreError> {
        use StepEvent::{
            Confirmed, Conflict, Intent, NotDone, OutcomeUnknown, Refused, Sent, Unneeded,
        };
        let last = self.last_event(step);
        let legal = match last {
            None => matches!(next, Intent { .. }),
            Some(Intent { .. }) => matches!(next, Sent { .. } | Refused { .. } | Unneeded),
            Some(Sent { .. }) => match next {
                Confirmed { .. } | OutcomeUnknown { .. } | NotDone { .. } | Conflict { .. } => true,
                // An earlier send may still arrive, so that nothing was written cannot be said.
                Refused { .. } => !self.is_in_doubt(step),
                Intent { .. } | Sent { .. } | Unneeded => false,
            },
            Some(NotDone { .. }) => match next {
                Sent { .. } | Confirmed { .. } | Conflict { .. } => true,
                Refused { .. } => !self.is_in_doubt(step),
                Intent { .. } | OutcomeUnknown { .. } | NotDone { .. } | Unneeded => false,
            },
            Some(OutcomeUnknown { .. }) => {
                matches!(next, Sent { .. } | Confirmed { .. } | Conflict { .. })
            }
            Some(Confirmed { .. } | Refused { .. } | Conflict { .. } | Unneeded) => false,
        };
        if legal && self.state == ChangeState::Open {
            return Ok(());
        }
        let mut after = last.map_or("nothing".to_owned(), |event| format!("`{}`", event.name()));
        if self.state != ChangeState::Open {
            after = format!("{after}: the change is {}", self.state);
        }
        Err(StoreError::IllegalEvent {
            change: self.id.clone(),
            step,
            event: next.name(),
            after,
        })
    }
}
