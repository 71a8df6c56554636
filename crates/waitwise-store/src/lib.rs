//! The journal: every change to a tenant, written down before it happens.
//!
//! A change is begun, its steps' events are recorded one by one, and it is finished; each of these is one durable
//! transaction on SQLite, so that after a crash the journal names what may have been written. This crate knows no
//! host and sends nothing, and it takes a plan as text. Start at [`Store`]; [`change`](mod@change) holds the states
//! and which may follow which; [`lock`](mod@lock) keeps two writers apart; `docs/journal.md` describes the file.

pub mod change;
mod database;
pub mod lock;
mod rows;

use std::path::Path;

use jiff::Timestamp;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::Mutex;
use waitwise_plan::{Place, PlanId};

pub use change::{Change, ChangeId, ChangeState, Event, Kind, NewChange, StepEvent};
pub use database::OpenError;
pub use lock::{Holder, LEASE, Locking};

use rows::Which;

/// One journal, open. It holds a single connection, so its writes happen one after another.
///
/// Several processes may open one file: SQLite lets one of them write at a time.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<SqliteConnection>,
    /// Who we are to locks.
    holder: String,
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
    /// Somebody else may write there now: the lock was not renewed in time, or never taken. Nothing may be sent.
    #[error("the lock on {place} of {tenant} is no longer this process's own")]
    LockLost {
        /// The tenant's base URL.
        tenant: String,
        /// What it is on.
        place: Place,
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
        let mut connection = database::open(path).await?;
        let holder = lock::draw_holder(&mut connection).await;
        let holder = holder.map_err(|source| OpenError::Sqlite {
            path: path.to_owned(),
            source,
        })?;
        Ok(Store {
            connection: Mutex::new(connection),
            holder,
        })
    }

    /// Closes the journal and waits for that: the helper files of SQLite beside it are gone then, unless another
    /// process has it open. Dropping it closes it too, at some time soon after.
    ///
    /// # Errors
    /// SQLite fails.
    pub async fn close(self) -> Result<(), StoreError> {
        let closed = self.connection.into_inner().close().await;
        closed.map_err(database("write the last of it"))
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
    /// [`StepEvent::Sent`] is the permission to send: it is recorded for the holder of the place's lock only, which
    /// it renews.
    ///
    /// # Errors
    /// The change is unknown or not open, the event cannot follow the step's last one, the lock is not ours, or
    /// SQLite fails.
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
        if matches!(event, StepEvent::Sent { .. }) {
            self.check_lock(&mut transaction, id, at).await?;
        }
        append(&mut transaction, id, Event { at, step, event }).await?;
        transaction.commit().await.map_err(doing)
    }

    /// Ends a change, with the last event of the step at which it failed, if any. A rollback that is
    /// [`ChangeState::Done`] takes the change that it undid to [`ChangeState::RolledBack`]. All of it is one
    /// transaction.
    ///
    /// # Errors
    /// The change is unknown, cannot become `state`, the event cannot follow, or SQLite fails.
    pub async fn finish(
        &self,
        id: &ChangeId,
        state: ChangeState,
        last: Option<(usize, StepEvent)>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let doing = database("finish a change");
        let mut connection = self.connection.lock().await;
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(doing)?;
        if let Some((step, event)) = last {
            append(&mut transaction, id, Event { at, step, event }).await?;
        }
        let kind = rows::set_state(&mut transaction, id, state, at).await?;
        if let (
            Kind::Rollback {
                of: Some(undone), ..
            },
            ChangeState::Done,
        ) = (kind, state)
        {
            let before = rows::change(&mut transaction, &undone).await?;
            if before.is_some_and(|change| change.state != ChangeState::RolledBack) {
                rows::set_state(&mut transaction, &undone, ChangeState::RolledBack, at).await?;
            }
        }
        transaction.commit().await.map_err(doing)
    }

    /// Opens a change that ended [`ChangeState::Unknown`] once more.
    ///
    /// # Errors
    /// The change is unknown or in another state, or SQLite fails.
    pub async fn reopen(&self, id: &ChangeId, at: Timestamp) -> Result<(), StoreError> {
        self.finish(id, ChangeState::Open, None, at).await
    }

    async fn check_lock(
        &self,
        connection: &mut SqliteConnection,
        id: &ChangeId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let change = known(&mut *connection, id).await?;
        let renewed = self
            .lock_on(&change.tenant, &change.place)
            .renew(connection, now)
            .await;
        if renewed.map_err(database("renew the lock"))? {
            return Ok(());
        }
        Err(StoreError::LockLost {
            tenant: change.tenant,
            place: change.place,
        })
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
        self.find(Which::All, |_| true, usize::MAX).await
    }

    /// Returns the changes that can be resumed, the last one begun first: cut off, or ended without knowing.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn unfinished(&self) -> Result<Vec<Change>, StoreError> {
        self.find(Which::Unfinished, |_| true, usize::MAX).await
    }

    /// Returns the change by which this plan has been applied, also if that failed half-way or was rolled back.
    ///
    /// Attempts that certainly wrote nothing do not count.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn applied(&self, plan: &PlanId) -> Result<Option<ChangeId>, StoreError> {
        let which = Which::OfPlan(plan.as_str());
        let found = self.find(which, Change::is_apply_that_sent, 1).await?;
        Ok(found.into_iter().next().map(|change| change.id))
    }

    /// Returns the last change begun in `tenant` (a base URL) that carried out a plan and may have written something;
    /// it may have been rolled back since. `None` if there is none.
    ///
    /// # Errors
    /// As [`Store::change`].
    pub async fn latest(&self, tenant: &str) -> Result<Option<Change>, StoreError> {
        let which = Which::AppliedAt(tenant);
        let found = self.find(which, Change::is_apply_that_sent, 1).await?;
        Ok(found.into_iter().next())
    }

    /// Reads changes one by one until `n_max` fit.
    async fn find(
        &self,
        which: Which<'_>,
        fits: impl Fn(&Change) -> bool,
        n_max: usize,
    ) -> Result<Vec<Change>, StoreError> {
        let mut connection = self.connection.lock().await;
        let mut found = Vec::new();
        for id in rows::ids(&mut connection, which).await? {
            let change = rows::change(&mut connection, &id).await?;
            found.extend(change.filter(|change| fits(change)));
            if found.len() == n_max {
                break;
            }
        }
        Ok(found)
    }
}

async fn known(connection: &mut SqliteConnection, id: &ChangeId) -> Result<Change, StoreError> {
    let change = rows::change(connection, id).await?;
    change.ok_or_else(|| StoreError::UnknownChange { change: id.clone() })
}

/// Adds an event to a change if it may follow. Needs a transaction.
async fn append(
    connection: &mut SqliteConnection,
    id: &ChangeId,
    event: Event,
) -> Result<(), StoreError> {
    let change = known(&mut *connection, id).await?;
    change.check_event(event.step, &event.event)?;
    let inserted = rows::insert_event(connection, id, change.events.len(), &event).await;
    inserted.map_err(database("record an event"))
}

/// Says what was being done when SQLite failed.
fn database(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError + Copy {
    move |source| StoreError::Database { doing, source }
}
