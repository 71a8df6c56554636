//! Applying a plan, undoing it, and looking back.

use jiff::Timestamp;
use uuid::Uuid;
use waitwise_apply::{Applied, Applier, Progress};
use waitwise_client::{ReadClient, WriteClient};
use waitwise_model::Clock;
use waitwise_plan::Plan;
use waitwise_store::{ChangeId, Store};

use crate::error::AppError;

pub use waitwise_apply::{Progress as ApplyProgress, Target};

/// The one place from which anything is written.
pub struct Changes<'a> {
    /// Can write.
    pub client: WriteClient,
    /// The journal.
    pub store: &'a Store,
    /// Time.
    pub clock: &'a dyn Clock,
}

impl<'a> Changes<'a> {
    /// Takes a client that could only read so far.
    pub fn new(client: ReadClient, store: &'a Store, clock: &'a dyn Clock) -> Self {
        Changes {
            client: WriteClient::new(client),
            store,
            clock,
        }
    }

    /// Applies `plan`.
    ///
    /// # Errors
    /// See [`waitwise_apply`].
    pub async fn apply(
        &self,
        plan: &Plan,
        change: ChangeId,
        max_step: Option<u8>,
        report: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Applied, AppError> {
        Ok(self.applier(report).apply(plan, change, max_step).await?)
    }

    /// Undoes what `target` wrote.
    ///
    /// # Errors
    /// See [`waitwise_apply`].
    pub async fn roll_back(
        &self,
        target: Target,
        change: ChangeId,
        force: bool,
        report: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Applied, AppError> {
        Ok(self
            .applier(report)
            .roll_back(target, change, force)
            .await?)
    }

    /// Finishes a change that was cut off or ended without knowing.
    ///
    /// # Errors
    /// See [`waitwise_apply`].
    pub async fn resume(
        &self,
        change: &ChangeId,
        report: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Applied, AppError> {
        Ok(self.applier(report).resume(change).await?)
    }

    /// Takes back a change that was cut off or ended without knowing: by the rollback `undo`, if it may have written.
    ///
    /// # Errors
    /// See [`waitwise_apply`].
    pub async fn take_back(
        &self,
        change: &ChangeId,
        undo: ChangeId,
        report: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Applied, AppError> {
        Ok(self.applier(report).take_back(change, undo).await?)
    }

    fn applier<'b>(&'b self, report: &'b (dyn Fn(Progress) + Send + Sync)) -> Applier<'b> {
        Applier {
            client: &self.client,
            store: self.store,
            clock: self.clock,
            report,
        }
    }
}

/// Returns a new change's id: a UUID of version 7, so that ids sort by time.
pub fn new_change_id(now: Timestamp) -> ChangeId {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
    let at = uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos);
    ChangeId::new(Uuid::new_v7(at).to_string())
}
