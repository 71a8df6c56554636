//! What can go wrong in a use case, what kind of failure it is, and what to try.

use waitwise_apply::{ApplyError, ErrorKind as ApplyErrorKind};
use waitwise_client::{BaseUrlError, ClientError, FailureKind};
use waitwise_model::{ObjectId, QueueId, WindowError};
use waitwise_plan::Refusal;
use waitwise_sandbox::{ControlError, SandboxError};
use waitwise_store::{OpenError, StoreError};
use waitwise_weights::NoProposal;
use waitwise_wire::json;
use waitwise_wire::lever;
use waitwise_wire::priority_table::RowError;
use waitwise_wire::routing_rule::RuleError;

use crate::call_records::CallRecordsError;
use crate::files::FilesError;
use crate::history::HistoryError;
use crate::init::InitError;
use crate::twin::TwinError;

/// A use case that did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// The host could not be asked, or refused.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Executing or undoing a plan failed.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The journal could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The host's name cannot be used.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlError),
    /// The sandbox cannot answer.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A demo tenant without anything to change.
    #[error("the sandbox of seed {seed} gives the demo nothing to change")]
    NothingToShow {
        /// The seed.
        seed: u64,
    },
    /// The sandbox could not be started.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The stretch of history is impossible.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// The history is not complete, or cannot be kept.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Call records cannot be read.
    #[error(transparent)]
    CallRecords(#[from] CallRecordsError),
    /// Files give no answer.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The twin gives no prediction.
    #[error(transparent)]
    Twin(#[from] TwinError),
    /// The tenant cannot be set up.
    #[error(transparent)]
    Init(#[from] InitError),
    /// The queue's rule cannot be used.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A row of the data table cannot be used.
    #[error(transparent)]
    Row(#[from] RowError),
    /// Weights do nothing in this queue, or far too much.
    #[error("queue `{queue}` {reason}")]
    Unmoved {
        /// The queue.
        queue: QueueId,
        /// Why, as a fragment.
        reason: &'static str,
    },
    /// The plan breaks a rule that keeps the tenant safe.
    #[error("the plan is refused")]
    Refused(#[from] Refusal),
    /// A strategy needs visits to fit a twin to.
    #[error("the strategy {strategy} needs single visits, and this host tells of none")]
    NoVisits {
        /// Its name.
        strategy: &'static str,
    },
    /// The strategy proposes no weights from what it is given.
    #[error("cannot calculate weights")]
    Weights(#[from] NoProposal),
    /// Nothing to write to.
    #[error("no routing rule found for queue `{queue}`")]
    NoRule {
        /// The queue.
        queue: QueueId,
    },
    /// Two things to write to.
    #[error("queue `{queue}` has {} routing rules: {}", .rules.len(), names(.rules))]
    SeveralRules {
        /// The queue.
        queue: QueueId,
        /// Its rules.
        rules: Vec<ObjectId>,
    },
    /// No data table to write to.
    #[error("there is no data table `{name}`, or the client may not see it")]
    NoTable {
        /// As it was asked for.
        name: String,
    },
    /// There is nothing in the journal to undo.
    #[error("there is no applied change to roll back for {tenant}")]
    NothingToRollBack {
        /// The host.
        tenant: String,
    },
    /// The journal has no such change.
    #[error("the journal has no change `{change}`")]
    NoSuchChange {
        /// As it was asked for.
        change: String,
    },
}

/// The kinds of failure, each with its own exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// Anything that is none of the others.
    Failed,
    /// The question itself is wrong.
    Usage,
    /// The tenant moved, or the plan is stale.
    Moved,
    /// A guardrail refused.
    Refused,
    /// Sign-in or permission.
    SignIn,
    /// Data incomplete.
    Incomplete,
    /// The rate limit's budget is spent.
    RateLimit,
}

impl AppError {
    /// Returns what kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            AppError::Client(
                ClientError::Rule { .. } | ClientError::Object { .. } | ClientError::Table { .. },
            ) => ErrorKind::Refused,
            AppError::Client(error) => client_kind(error.kind()),
            AppError::History(error) => history_kind(error),
            AppError::CallRecords(error) => error.kind(),
            AppError::Files(error) => error.kind(),
            AppError::Twin(error) => error.kind(),
            AppError::Init(error) => error.kind(),
            AppError::Apply(ApplyError::Read { source, .. })
                if matches!(
                    **source,
                    ClientError::Rule { .. } | ClientError::Object { .. }
                ) =>
            {
                ErrorKind::Refused
            }
            AppError::Apply(error) => match error.kind() {
                ApplyErrorKind::Moved | ApplyErrorKind::Conflict => ErrorKind::Moved,
                ApplyErrorKind::Refused => ErrorKind::Refused,
                ApplyErrorKind::Client(kind) => client_kind(kind),
                ApplyErrorKind::Usage => ErrorKind::Usage,
                ApplyErrorKind::Store => ErrorKind::Failed,
            },
            AppError::Window(_) | AppError::BaseUrl(_) | AppError::NoSuchChange { .. } => {
                ErrorKind::Usage
            }
            AppError::Refused(_)
            | AppError::SeveralRules { .. }
            | AppError::Rule(_)
            | AppError::Row(_)
            | AppError::Unmoved { .. } => ErrorKind::Refused,
            AppError::Weights(NoProposal::NotFinite(_)) => ErrorKind::Incomplete,
            AppError::Weights(NoProposal::NoTwin { .. }) | AppError::NoVisits { .. } => {
                ErrorKind::Usage
            }
            AppError::Store(_)
            | AppError::Open(_)
            | AppError::Control(_)
            | AppError::NothingToShow { .. }
            | AppError::Sandbox(_)
            | AppError::NoRule { .. }
            | AppError::NoTable { .. }
            | AppError::NothingToRollBack { .. } => ErrorKind::Failed,
        }
    }

    /// Returns what to try, one sentence a line.
    pub fn hints(&self) -> Vec<String> {
        let one = |text: &str| vec![text.to_owned()];
        match self {
            AppError::Apply(ApplyError::ChangedSince { .. }) => {
                one("nothing was written; `waitwise rollback --force` overwrites what they set")
            }
            AppError::Window(_) => one("--days takes a number of days from 1 on"),
            AppError::Rule(_) | AppError::Client(ClientError::Rule { .. }) => {
                one("the rule was left as it is; mend it at its host, then plan again")
            }
            AppError::Client(error) => error.hints(),
            AppError::History(error) => error.hints(),
            AppError::CallRecords(error) => error.hints(),
            AppError::Files(error) => error.hints(),
            AppError::Twin(error) => error.hints(),
            AppError::Init(error) => error.hints(),
            AppError::Apply(error) => error.hints(),
            AppError::Refused(Refusal::SkillNotActive { .. }) => one(
                "activate the skill, or take its wrap-up codes out of the mapping; then plan again",
            ),
            AppError::Refused(Refusal::TooFarApart { .. }) => one(
                "take a smaller worth per point of weight, or allow more minutes; nothing was written",
            ),
            AppError::Row(RowError::Unfilled { .. }) => {
                one("fill the column in for this row in Architect, then plan again")
            }
            AppError::Row(_) => {
                one("the row was left as it is; mend it in Architect, then plan again")
            }
            AppError::Unmoved { .. } => {
                one("change how the queue routes and scores, or leave it out; nothing was written")
            }
            AppError::NoRule { .. } => {
                one("check the queue's id, and that the queue has a routing rule at this host")
            }
            AppError::NoTable { .. } => {
                one("`waitwise init --create-table` makes it; --data-table names another one")
            }
            AppError::SeveralRules { .. } => one(
                "remove all but one of them at the host: which one routes cannot be seen from outside",
            ),
            AppError::NothingToRollBack { .. } => one(
                "`waitwise changes list` shows the journal; `rollback --plan FILE` works without it",
            ),
            AppError::NoSuchChange { .. } => one("`waitwise changes list` shows what there is"),
            AppError::Weights(NoProposal::NotFinite(_)) => {
                one("look at the numbers that the host gives for this skill")
            }
            AppError::Weights(NoProposal::NoTwin { .. }) => {
                one("take a strategy that goes by the history alone")
            }
            AppError::NoVisits { .. } => one(
                "name a folder of facts of the same queue with --facts; `waitwise history import` makes one of exported records",
            ),
            AppError::BaseUrl(error) => error.hints(),
            AppError::NothingToShow { .. } => one("try another --seed"),
            AppError::Refused(_)
            | AppError::Store(_)
            | AppError::Open(_)
            | AppError::Control(_)
            | AppError::Sandbox(_) => Vec::new(),
        }
    }
}

impl AppError {
    /// Returns both sides where the tenant is not as it should be: what was planned or written, and what is there.
    pub fn both_sides(&self) -> Vec<String> {
        if let AppError::Apply(ApplyError::Moved {
            object,
            planned,
            found,
        }) = self
        {
            let beside = |found: &String| sides(object, "when planned", planned, found);
            return found.iter().flat_map(beside).collect();
        }
        if let AppError::Apply(ApplyError::Conflict {
            object,
            ours,
            found: Some(found),
            ..
        }) = self
        {
            return sides(object, "we wrote", ours, found);
        }
        Vec::new()
    }
}

/// One line for each place where an object says something else now than it did.
fn sides(object: &ObjectId, then: &str, before: &str, now: &str) -> Vec<String> {
    let said = |text: Option<String>| text.unwrap_or_else(|| "nothing".to_owned());
    let not_compared = lever::not_compared(object).unwrap_or_default();
    json::differences(before, now, not_compared)
        .into_iter()
        .map(|at| {
            format!(
                "{}: {then} {}, now {}",
                at.pointer,
                said(at.before),
                said(at.after)
            )
        })
        .collect()
}

/// What is missing is incomplete, the rate limit's budget included, unless who we are is why: then the same command
/// again would not go on.
fn history_kind(error: &HistoryError) -> ErrorKind {
    let refused = error.refused().map(|source| client_kind(source.kind()));
    match refused {
        Some(kind @ (ErrorKind::SignIn | ErrorKind::Usage)) => kind,
        Some(_) | None => error.kind(),
    }
}

fn client_kind(kind: FailureKind) -> ErrorKind {
    match kind {
        FailureKind::SignIn | FailureKind::Permission => ErrorKind::SignIn,
        FailureKind::RateLimit => ErrorKind::RateLimit,
        FailureKind::Incomplete => ErrorKind::Incomplete,
        FailureKind::Usage => ErrorKind::Usage,
        FailureKind::Refused | FailureKind::Host => ErrorKind::Failed,
    }
}

fn names(objects: &[ObjectId]) -> String {
    objects
        .iter()
        .map(ObjectId::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
