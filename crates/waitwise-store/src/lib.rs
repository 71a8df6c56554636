//! The journal: every change to a tenant, written down before it happens.
//!
//! A change is begun, its steps' events are recorded one by one, and it is finished; each of these is one durable
//! transaction on SQLite, so that after a crash the journal names what may have been written. This crate knows no
//! host and sends nothing, and it takes a plan as text. Start at [`Store`]; [`change`](mod@change) holds the states
//! and which may follow which; `docs/journal.md` describes the file.

pub mod change;
mod database;
mod rows;

use std::path::Path;

use jiff::Timestamp;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::Mutex;
use waitwise_plan::PlanId;

pub use change::{Change, ChangeId, ChangeState, Event, Kind, NewChange, StepEvent};
pub use database::OpenError;

/// One journal, open. It holds a single connection, so its writes happen one after another.
///
/// Several processes may open one file: SQLite lets one of them write at a time.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<SqliteConnection>,
}

/// Something that the journal could not write or read. After a failed write nothing of it is in the journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite failed: a full disk, a file that another process keeps locked, a damaged file.
    #[error("cannot {doing} in the journal")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: sqlx::Error,
    },
    /// There is no such change.
    #[error("the journal has no change `{change}`")]
    UnknownChange {
        /// The id that was asked for.
        change: ChangeId,
    },
    /// The change cannot go on in this way from where it is.
    #[error("change `{change}` is {from}: it cannot become {to}")]
    IllegalState {
        /// The change.
        change: ChangeId,
        /// Its state.
        from: ChangeState,
        /// The state that was asked for.
        to: ChangeState,
    },
    /// The event cannot follow what the journal says of this step.
    #[error("step {step} of change `{change}` cannot record `{event}` after {after}")]
    IllegalEvent {
        /// The change.
        change: ChangeId,
        /// The step, counted from 0.
        step: usize,
        /// The event's name.
        event: &'static str,
        /// What the event would have followed.
        after: String,
    },
    /// A row says something that this version cannot read.
    #[error("cannot understand the {what} of change `{change}` in the journal: `{found}`")]
    Damaged {
        /// The change.
        change: ChangeId,
        /// Which part.
        what: &'static str,
        /// What stands there.
        found: String,
    },
}

impl Store {
    /// Opens the journal at `path`; makes the file (only its owner may read it) and its folder if they are missing.
    ///
    /// # Errors
    /// The file cannot be made or opened, is no journal, was written by a newer version, or lies where SQLite cannot
    /// promise durable writes.
    pub async fn open(path: &Path) -> Result<Store, OpenError> {
        let connection = Mutex::new(database::open(path).await?);
        Ok(Store { connection })
    }

    /// Begins a change: from here on the journal knows of it.
    ///
    /// # Errors
    /// The id is taken, or SQLite fails.
    pub async fn begin(&self, change: &NewChange) -> Result<(), StoreError> {
        let doing = database("begin a change");
        let mut connection = self.connection.lock().await;
        rows::insert(&mut connection, change).await.map_err(doing)
    }

    /// Records what happened to one step (counted from 0). It is on the disk when this returns.
    ///
    /// # Errors
    /// The change is unknown or not open, the event cannot follow the step's last one, or SQLite fails.
    pub async fn record(
        &self,
        id: &ChangeId,
        step: usize,
        event: StepEvent,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let doing = database("record an event");
        let mut connection = self.connection.lock().await;
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(doing)?;
        let change = rows::change(&mut transaction, id).await?;
        let change = change.ok_or_else(|| StoreError::UnknownChange { change: id.clone() })?;
        change.check_event(step, &event)?;
        let n = change.events.len();
        let event = Event { at, step, event };
        rows::insert_event(&mut transaction, id, n, &event)
            .await
            .map_err(doing)?;
        transaction.commit().await.map_err(doing)
    }

    /// Ends a change. A rollback that is [`ChangeState::Done`] takes the change that it undid to
    /// [`ChangeState::RolledBack`] in the same transaction.
    ///
    /// # Errors
    /// The change is unknown, cannot become `state`, or SQLite fails.
    pub async fn finish(
        &self,
        id: &ChangeId,
        state: ChangeState,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let doing = database("finish a change");
        let mut connection = self.connection.lock().await;
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(doing)?;
        let kind = rows::set_state(&mut transaction, id, state, at).await?;
        if let (Kind::Rollback { of: Some(undone) }, ChangeState::Done) = (kind, state) {
            let before = rows::change(&mut transaction, &undone).await?;
            if before.is_some_and(|change| change.state != ChangeState::RolledBack) {
                rows::set_state(&mut transaction, &undone, ChangeState::RolledBack, at).await?;
            }
        }
        transaction.commit().await.map_err(doing)
    }

    /// Returns one change with its events, or `None` if the journal has no such change.
    ///
    /// # Errors
    /// SQLite fails, or a row cannot be understood.
    pub async fn change(&self, id: &ChangeId) -> Result<Option<Change>, StoreError> {
        let mut connection = self.connection.lock().await;
        rows::change(&mut connection, id).await
    }

    /// Returns every change with its events, the last one begun first.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn changes(&self) -> Result<Vec<Change>, StoreError> {
        let mut connection = self.connection.lock().await;
        let ids = rows::ids(&mut connection).await?;
        let mut changes = Vec::with_capacity(ids.len());
        for id in ids {
            changes.extend(rows::change(&mut connection, &id).await?);
        }
        Ok(changes)
    }

    /// Returns the change by which this plan has been applied, also if that failed half-way or was rolled back.
    ///
    /// Attempts that certainly wrote nothing do not count.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn applied(&self, plan: &PlanId) -> Result<Option<ChangeId>, StoreError> {
        let mut changes = self.changes().await?.into_iter();
        let found = changes.find(|change| change.plan_id == *plan && change.is_apply_that_sent());
        Ok(found.map(|change| change.id))
    }

    /// Returns the last change begun in `tenant` (a base URL) that carried out a plan and may have written something;
    /// it may have been rolled back since. `None` if there is none.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn latest(&self, tenant: &str) -> Result<Option<Change>, StoreError> {
        let mut changes = self.changes().await?.into_iter();
        Ok(changes.find(|change| change.tenant == tenant && change.is_apply_that_sent()))
    }
}

/// Says what was being done when SQLite failed.
fn database(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError + Copy {
    move |source| StoreError::Database { doing, source }
}
