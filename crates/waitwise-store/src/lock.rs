//! One writer at a time for a place of a tenant, such as a queue: a row that names its holder and ends by itself.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, SqliteConnection};
use waitwise_plan::Place;

use crate::{Store, StoreError, database};

/// How long a lock holds without being renewed, by the wall clock. Three heartbeats fit, so that a slow disk or a busy
/// machine loses no lock, and nobody waits longer than half a minute for a process that is dead.
pub const LEASE: Duration = Duration::from_secs(30);

/// What came of asking for a lock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Locking {
    /// It is ours.
    Taken,
    /// Somebody has it.
    Held(Holder),
}

/// Who holds a lock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The process, by the number that its system gave it.
    pub process: u32,
    /// Since when.
    pub taken_at: Timestamp,
    /// When the lock ends, unless it is renewed.
    pub until: Timestamp,
}

impl Store {
    /// Takes the lock on a place of `tenant` (a base URL) for [`LEASE`] from `now` on. Whoever holds it must
    /// [`Store::renew`] it, and should [`Store::unlock`] it. It keeps apart those who use this journal, nobody else.
    ///
    /// # Errors
    /// SQLite fails.
    pub async fn lock(
        &self,
        tenant: &str,
        place: &Place,
        now: Timestamp,
    ) -> Result<Locking, StoreError> {
        let doing = database("take the lock");
        let mut connection = self.connection.lock().await;
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(doing)?;
        let lock = self.lock_on(tenant, place);
        let locking = lock.take(&mut transaction, now).await.map_err(doing)?;
        transaction.commit().await.map_err(doing)?;
        Ok(locking)
    }

    /// Makes our lock last for [`LEASE`] from `now` on; a lock that is no longer ours stays lost.
    ///
    /// # Errors
    /// SQLite fails.
    pub async fn renew(
        &self,
        tenant: &str,
        place: &Place,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.connection.lock().await;
        let renewed = self.lock_on(tenant, place).renew(&mut connection, now);
        renewed.await.map_err(database("renew the lock"))?;
        Ok(())
    }

    /// Gives our lock back; a lock that is no longer ours stays as it is.
    ///
    /// # Errors
    /// SQLite fails.
    pub async fn unlock(&self, tenant: &str, place: &Place) -> Result<(), StoreError> {
        let mut connection = self.connection.lock().await;
        let released = self.lock_on(tenant, place).release(&mut connection);
        released.await.map_err(database("give the lock back"))
    }

    /// Returns who holds the lock on a place now, if anybody does.
    ///
    /// # Errors
    /// SQLite fails.
    pub async fn lock_holder(
        &self,
        tenant: &str,
        place: &Place,
        now: Timestamp,
    ) -> Result<Option<Holder>, StoreError> {
        let mut connection = self.connection.lock().await;
        let holder = self.lock_on(tenant, place).holder(&mut connection, now);
        holder.await.map_err(database("read the lock"))
    }

    pub(crate) fn lock_on<'a>(&'a self, tenant: &'a str, place: &'a Place) -> Lock<'a> {
        Lock {
            tenant,
            place,
            holder: &self.holder,
        }
    }
}

/// The lock of one tenant's place, as one open journal sees it.
#[derive(Clone, Copy)]
pub(crate) struct Lock<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) place: &'a Place,
    /// A random text that is this open journal's alone: process numbers come again.
    pub(crate) holder: &'a str,
}

impl Lock<'_> {
    /// Takes the lock unless somebody's has not ended. Needs a transaction.
    pub(crate) async fn take(
        self,
        connection: &mut SqliteConnection,
        now: Timestamp,
    ) -> Result<Locking, sqlx::Error> {
        if let Some(holder) = self.holder(&mut *connection, now).await? {
            return Ok(Locking::Held(holder));
        }
        sqlx::query("REPLACE INTO lock (tenant, queue, holder, process, taken_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(self.tenant)
            .bind(self.place.as_str())
            .bind(self.holder)
            .bind(i64::from(std::process::id()))
            .bind(now.to_string())
            .bind(end(now).to_string())
            .execute(connection)
            .await?;
        Ok(Locking::Taken)
    }

    /// Returns who holds the lock now, if anybody does.
    ///
    /// A lease that would last far longer than any lease does was taken by a clock that has since been put back; it
    /// does not count, or it could block for ever. If its holder lives, it loses the lock and with it the right to
    /// send.
    pub(crate) async fn holder(
        self,
        connection: &mut SqliteConnection,
        now: Timestamp,
    ) -> Result<Option<Holder>, sqlx::Error> {
        let row = sqlx::query(
            "SELECT process, taken_at, expires_at FROM lock WHERE tenant = ? AND queue = ?",
        )
        .bind(self.tenant)
        .bind(self.place.as_str())
        .fetch_optional(connection)
        .await?;
        let holder = row.map(|row| read(&row)).transpose()?;
        // Who waits for the file's lock asks with a `now` of before; one lease more is room enough for that.
        Ok(holder.filter(|holder| now < holder.until && holder.until <= end(end(now))))
    }

    /// Makes the lock last from `now` on, and returns whether it still is ours.
    pub(crate) async fn renew(
        self,
        connection: &mut SqliteConnection,
        now: Timestamp,
    ) -> Result<bool, sqlx::Error> {
        let renewed = sqlx::query(
            "UPDATE lock SET expires_at = ? WHERE tenant = ? AND queue = ? AND holder = ?",
        )
        .bind(end(now).to_string())
        .bind(self.tenant)
        .bind(self.place.as_str())
        .bind(self.holder)
        .execute(connection)
        .await?;
        Ok(renewed.rows_affected() == 1)
    }

    /// Gives the lock back, if it still is ours.
    pub(crate) async fn release(
        self,
        connection: &mut SqliteConnection,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM lock WHERE tenant = ? AND queue = ? AND holder = ?")
            .bind(self.tenant)
            .bind(self.place.as_str())
            .bind(self.holder)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// Draws what tells one open journal from every other, also in another container with the same process number.
pub(crate) async fn draw_holder(connection: &mut SqliteConnection) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT lower(hex(randomblob(16)))")
        .fetch_one(connection)
        .await
}

fn end(now: Timestamp) -> Timestamp {
    now.checked_add(LEASE).unwrap_or(Timestamp::MAX)
}

fn read(row: &SqliteRow) -> Result<Holder, sqlx::Error> {
    // A time that cannot be read is one gone by: a damaged row must not block anybody.
    let time = |text: String| text.parse().unwrap_or(Timestamp::MIN);
    Ok(Holder {
        process: row.try_get("process")?,
        taken_at: time(row.try_get("taken_at")?),
        until: time(row.try_get("expires_at")?),
    })
}
