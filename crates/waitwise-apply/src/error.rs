//! Why a change was not carried out, or only partly, and what to do about it.

use std::error::Error;
use std::fmt;

use jiff::{RoundMode, TimestampRound, Unit};
use waitwise_client::{ClientError, Conflict, FailureKind, LeverError, SendError};
use waitwise_model::{ObjectId, Observed};
use waitwise_plan::{Place, PlanFileError, PlanId, Refusal, Step};
use waitwise_store::{ChangeId, ChangeState, Holder, StepEvent, StoreError};

/// The document of an object that is not there, where a lever has such.
const ABSENT: &str = "null";

/// Why a change was not carried out, or only partly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The plan was made from another host.
    #[error("the plan is for {planned}, not for {tenant}")]
    OtherTenant {
        /// The plan's host.
        planned: String,
        /// The client's host.
        tenant: String,
    },
    /// The journal knows a change that carried out this very plan.
    #[error("plan `{plan}` was applied already, as change `{change}`")]
    AppliedAlready {
        /// The plan.
        plan: PlanId,
        /// The change.
        change: ChangeId,
    },
    /// A guardrail refused the plan.
    #[error("the plan is not carried out")]
    Guardrail(#[from] Refusal),
    /// The object is not what the plan was made from. Nothing was written to it.
    #[error("{object} is not what the plan was made from: {}", now(.found))]
    Moved {
        /// Which object.
        object: ObjectId,
        /// The host's text of it when the plan was made.
        planned: String,
        /// The queue's objects as they are: one, none, or several.
        found: Vec<String>,
    },
    /// Somebody changed what is to be undone. Nothing was written.
    #[error("{object} was changed by somebody else since: {}", listed(.conflicts))]
    ChangedSince {
        /// Which object.
        object: ObjectId,
        /// The places that say neither what was written nor what they said before.
        conflicts: Vec<Conflict>,
    },
    /// The operation does not fit the object. Nothing was written to it.
    #[error("cannot work out what to write to {object}")]
    Encode {
        /// Which object.
        object: ObjectId,
        /// Why not.
        source: LeverError,
    },
    /// The operation would not lead to what the plan promises. Nothing was written to the object.
    #[error("the plan's operation on {object} does not lead to what the plan promises")]
    Inconsistent {
        /// Which object.
        object: ObjectId,
    },
    /// The host could not be read. Nothing was written to the object in question.
    #[error("cannot read {what} before the write")]
    Read {
        /// What was to be read.
        what: String,
        /// Why it failed.
        source: Box<ClientError>,
    },
    /// The host refused the write. It was certainly not done.
    #[error("{object} was not written")]
    WriteRefused {
        /// Which object.
        object: ObjectId,
        /// Why.
        source: Box<SendError>,
    },
    /// The write was sent and not clearly answered. The object still reads as before, but the write may yet arrive.
    #[error(
        "{object} still reads as before, but a write that was sent {tries} times may yet arrive (change `{change}`)"
    )]
    OutcomeUnknown {
        /// Which object.
        object: ObjectId,
        /// The change in the journal.
        change: ChangeId,
        /// How often it was sent.
        tries: u32,
        /// What came of the last send.
        source: Box<SendError>,
    },
    /// The write was sent, and the object cannot be read to see what became of it.
    #[error("{object} {} and cannot be read back (change `{change}`)", sent(*.accepted))]
    Unreadable {
        /// Which object.
        object: ObjectId,
        /// The change in the journal.
        change: ChangeId,
        /// Whether the host said that it had written.
        accepted: bool,
        /// Why it cannot be read.
        source: Box<ClientError>,
    },
    /// After the write the object reads neither as before nor as planned, or the host accepted the write and the
    /// object still reads as before.
    #[error("after our write {object} does not read as planned (change `{change}`): {}", beside(.found.is_some()))]
    Conflict {
        /// Which object.
        object: ObjectId,
        /// The change in the journal.
        change: ChangeId,
        /// What was sent.
        ours: String,
        /// What is there; `None` if the object is gone.
        found: Option<String>,
    },
    /// Another process is writing there. Nothing was written.
    #[error(
        "{place} is being changed by process {}, which holds its lock until {} unless it renews it",
        holder.process,
        whole_second(holder.until)
    )]
    Locked {
        /// What the lock is on.
        place: Place,
        /// Who holds the lock, and until when.
        holder: Holder,
    },
    /// The journal has no such change.
    #[error("the journal has no change `{change}`")]
    UnknownChange {
        /// The id that was asked for.
        change: ChangeId,
    },
    /// The change left nothing that could be undone.
    #[error("change `{change}` cannot be rolled back: {reason}")]
    NothingToUndo {
        /// The change.
        change: ChangeId,
        /// Why.
        reason: NothingToUndo,
    },
    /// There is nothing about the change to resume.
    #[error("change `{change}` is {state}: it has come to its end")]
    NothingToResume {
        /// The change.
        change: ChangeId,
        /// How it ended.
        state: ChangeState,
    },
    /// The change was cut off after one of its steps had failed for good: only its end was missing in the journal.
    #[error("change `{change}` had failed before it was cut off")]
    FailedBefore {
        /// The change.
        change: ChangeId,
    },
    /// The plan in the journal cannot be read.
    #[error("cannot read the plan of change `{change}` in the journal")]
    StoredPlan {
        /// The change.
        change: ChangeId,
        /// What is wrong with it.
        source: PlanFileError,
    },
    /// The journal failed. No write has left that it does not know of.
    #[error("cannot go on without the journal")]
    Store(#[from] StoreError),
}

/// Why there is nothing to undo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NothingToUndo {
    /// It ended, or was cut off, before anything was sent.
    NothingWritten,
    /// That has happened.
    RolledBackAlready,
    /// It is itself a rollback.
    IsRollback,
    /// It had written nothing, but somebody resumed it at this moment.
    CarriedOnMeanwhile,
}

impl fmt::Display for NothingToUndo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NothingToUndo::NothingWritten => "it wrote nothing",
            NothingToUndo::RolledBackAlready => "that has been done already",
            NothingToUndo::IsRollback => "it is a rollback itself",
            NothingToUndo::CarriedOnMeanwhile => "somebody has just resumed it",
        })
    }
}

/// Kinds of trouble by what a person would do about them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// The tenant or the plan is not what was agreed to; nothing was written to the object. Plan again.
    Moved,
    /// A guardrail refused.
    Refused,
    /// The host, or the way to it.
    Client(FailureKind),
    /// The journal: it failed, or another process holds its lock.
    Store,
    /// Something was written, or may have been, and the object does not read as planned. A person must look.
    Conflict,
    /// What was asked for makes no sense: no such change, nothing to undo.
    Usage,
}

impl ApplyError {
    /// Returns what kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            ApplyError::OtherTenant { .. }
            | ApplyError::AppliedAlready { .. }
            | ApplyError::Moved { .. }
            | ApplyError::ChangedSince { .. }
            | ApplyError::Encode { .. } => ErrorKind::Moved,
            ApplyError::Guardrail(_) | ApplyError::Inconsistent { .. } => ErrorKind::Refused,
            // What was there when the plan was made is not there any more, or the other way round.
            ApplyError::WriteRefused { source, .. } if matches!(**source, SendError::Moved(_)) => {
                ErrorKind::Moved
            }
            ApplyError::Read { source, .. } if matches!(**source, ClientError::Table { .. }) => {
                ErrorKind::Moved
            }
            ApplyError::Read { .. }
            | ApplyError::Unreadable { .. }
            | ApplyError::WriteRefused { .. }
            | ApplyError::OutcomeUnknown { .. } => self
                .client_error()
                .map_or(ErrorKind::Moved, |error| ErrorKind::Client(error.kind())),
            ApplyError::Conflict { .. } => ErrorKind::Conflict,
            ApplyError::UnknownChange { .. }
            | ApplyError::NothingToUndo { .. }
            | ApplyError::NothingToResume { .. } => ErrorKind::Usage,
            ApplyError::Locked { .. }
            | ApplyError::FailedBefore { .. }
            | ApplyError::StoredPlan { .. }
            | ApplyError::Store(_) => ErrorKind::Store,
        }
    }

    /// Returns what can be done about it, a sentence each.
    pub fn hints(&self) -> Vec<String> {
        let own = match self {
            ApplyError::OtherTenant { .. } => {
                "apply it to the host that it was made from, or make a plan for this one"
            }
            ApplyError::AppliedAlready { .. } => {
                "make a new plan; to take this one back, roll its change back"
            }
            ApplyError::Guardrail(_) => {
                "nothing was written; mend what is named, or make a plan without it"
            }
            ApplyError::Moved { .. } | ApplyError::Encode { .. } => {
                "nothing was written to it; look at what changed, then make a new plan"
            }
            ApplyError::WriteRefused { source, .. } if matches!(**source, SendError::Moved(_)) => {
                "nothing was written to it; look at what changed, then make a new plan"
            }
            ApplyError::ChangedSince { .. } => {
                "nothing was written; to overwrite what they set, roll back with force"
            }
            ApplyError::Inconsistent { .. } => "nothing was written to it; make a new plan",
            ApplyError::Read { .. } | ApplyError::WriteRefused { .. } => {
                "nothing was written to it; if the change wrote other objects before, roll it back or make a new plan, else apply this one again"
            }
            ApplyError::OutcomeUnknown { .. } | ApplyError::Unreadable { .. } => {
                "when the host answers again, resume the change, or roll it back: both look first, and write only what is needed"
            }
            ApplyError::Conflict { .. } => {
                "compare both sides; a rollback takes only our own weights back"
            }
            ApplyError::UnknownChange { .. } => {
                "list the changes that the journal knows; with the plan's file it can be undone without the journal"
            }
            ApplyError::NothingToUndo { .. } => "list the changes to see what each of them did",
            ApplyError::Locked { .. } => {
                "try again when it has ended; of a process that was killed the lock ends by itself, half a minute later at most"
            }
            ApplyError::NothingToResume { .. } => "list the changes to see which are unfinished",
            ApplyError::FailedBefore { .. } => {
                "look the change up in the journal; if it wrote something, it can be rolled back"
            }
            ApplyError::StoredPlan { .. } => "roll back with the plan's own file",
            ApplyError::Store(_) => {
                "look the change up in the journal; if it is unfinished, resume it or roll it back"
            }
        };
        let client = self.client_error().map(ClientError::hints);
        let mut hints = client.unwrap_or_default();
        hints.push(own.to_owned());
        hints
    }

    fn client_error(&self) -> Option<&ClientError> {
        if let ApplyError::Read { source, .. } | ApplyError::Unreadable { source, .. } = self {
            return Some(source);
        }
        let (ApplyError::WriteRefused { source, .. } | ApplyError::OutcomeUnknown { source, .. }) =
            self
        else {
            return None;
        };
        let (SendError::Refused(source)
        | SendError::Moved(source)
        | SendError::NotYet { source, .. }
        | SendError::Unknown(source)) = &**source
        else {
            return None;
        };
        Some(source)
    }

    pub(crate) fn reading(what: &str) -> impl Fn(ClientError) -> ApplyError {
        move |source| ApplyError::Read {
            what: what.to_owned(),
            source: Box::new(source),
        }
    }

    pub(crate) fn moved(step: &Step, found: Vec<Observed>) -> ApplyError {
        ApplyError::Moved {
            object: step.write.object.clone(),
            planned: step.observed.clone(),
            found: found.into_iter().map(|object| object.document).collect(),
        }
    }

    /// Returns what the journal must still be told: the step's last event, if it has not been recorded where it
    /// happened, and the change's state. `None` if the journal itself failed.
    pub(crate) fn in_journal(&self, wrote: bool) -> Option<(Option<StepEvent>, ChangeState)> {
        let reason = chain(self);
        Some(match self {
            // Before a change begins, or while its end is the matter.
            ApplyError::Store(_)
            | ApplyError::Locked { .. }
            | ApplyError::NothingToResume { .. } => return None,
            ApplyError::FailedBefore { .. } => {
                let state = if wrote {
                    ChangeState::Failed
                } else {
                    ChangeState::Refused
                };
                (None, state)
            }
            ApplyError::OutcomeUnknown { .. }
            | ApplyError::Unreadable {
                accepted: false, ..
            } => (None, ChangeState::Unknown),
            ApplyError::Unreadable { accepted: true, .. } => (
                Some(StepEvent::OutcomeUnknown { reason }),
                ChangeState::Unknown,
            ),
            ApplyError::Conflict { ours, found, .. } => {
                let (ours, found) = (ours.clone(), found.clone());
                let event = StepEvent::Conflict { ours, found };
                (Some(event), ChangeState::Failed)
            }
            ApplyError::OtherTenant { .. }
            | ApplyError::AppliedAlready { .. }
            | ApplyError::Guardrail(_)
            | ApplyError::Moved { .. }
            | ApplyError::ChangedSince { .. }
            | ApplyError::Encode { .. }
            | ApplyError::Inconsistent { .. }
            | ApplyError::Read { .. }
            | ApplyError::WriteRefused { .. }
            | ApplyError::UnknownChange { .. }
            | ApplyError::NothingToUndo { .. }
            | ApplyError::StoredPlan { .. } => {
                let state = if wrote {
                    ChangeState::Failed
                } else {
                    ChangeState::Refused
                };
                (Some(StepEvent::Refused { reason }), state)
            }
        })
    }
}

/// An error and its causes on one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Up, so that the time that is named has come when the lock ends.
fn whole_second(at: jiff::Timestamp) -> jiff::Timestamp {
    let up = TimestampRound::new()
        .smallest(Unit::Second)
        .mode(RoundMode::Ceil);
    at.round(up).unwrap_or(at)
}

fn now(found: &[String]) -> &'static str {
    match found {
        [] => "it is gone",
        [absent] if absent == ABSENT => "it is gone",
        [_] => "somebody changed it",
        _ => "the queue has several",
    }
}

fn listed(conflicts: &[Conflict]) -> String {
    let place = |conflict: &Conflict| {
        format!(
            "skill `{}` is {}, where {} was written",
            conflict.skill, conflict.found, conflict.expected
        )
    };
    conflicts.iter().map(place).collect::<Vec<_>>().join("; ")
}

fn sent(accepted: bool) -> &'static str {
    if accepted {
        "was written, as the host says,"
    } else {
        "may have been written or not"
    }
}

fn beside(is_there: bool) -> &'static str {
    if is_there {
        "somebody else may have written beside us"
    } else {
        "it is gone"
    }
}
