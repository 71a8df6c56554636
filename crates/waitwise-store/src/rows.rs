//! Changes and events as rows.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use waitwise_model::QueueId;
use waitwise_plan::{Place, PlanId};

use crate::change::{Change, ChangeId, ChangeState, Event, Kind, NewChange};
use crate::{StoreError, database};

pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    change: &NewChange,
) -> Result<(), sqlx::Error> {
    let (kind, undoes, forced) = match &change.kind {
        Kind::Apply => ("apply", None, false),
        Kind::Rollback { of, force } => ("rollback", of.as_ref().map(ChangeId::as_str), *force),
    };
    sqlx::query(
        "INSERT INTO change (id, kind, undoes, tenant, queue, plan_id, plan, created_at, state, forced, place)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(change.id.as_str())
    .bind(kind)
    .bind(undoes)
    .bind(&change.tenant)
    .bind(change.queue.as_str())
    .bind(change.plan_id.as_str())
    .bind(&change.plan_json)
    .bind(change.created_at.to_string())
    .bind(ChangeState::Open.as_str())
    .bind(forced)
    .bind(change.place.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn insert_event(
    connection: &mut SqliteConnection,
    id: &ChangeId,
    n: usize,
    event: &Event,
) -> Result<(), sqlx::Error> {
    // Plain data with string keys: serialising it cannot fail.
    let json = serde_json::to_string(&event.event).unwrap_or_default();
    sqlx::query("INSERT INTO event (change, n, at, step, event) VALUES (?, ?, ?, ?, ?)")
        .bind(id.as_str())
        .bind(number(n))
        .bind(event.at.to_string())
        .bind(number(event.step))
        .bind(json)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a change to `state` if that is legal, and returns what kind of change it is.
pub(crate) async fn set_state(
    connection: &mut SqliteConnection,
    id: &ChangeId,
    state: ChangeState,
    at: Timestamp,
) -> Result<Kind, StoreError> {
    let known = change(&mut *connection, id).await?;
    let known = known.ok_or_else(|| StoreError::UnknownChange { change: id.clone() })?;
    known.check_state(state)?;
    let ended_at = (state != ChangeState::Open).then(|| at.to_string());
    sqlx::query("UPDATE change SET state = ?, ended_at = ? WHERE id = ?")
        .bind(state.as_str())
        .bind(ended_at)
        .bind(id.as_str())
        .execute(connection)
        .await
        .map_err(database("set a change's state"))?;
    Ok(known.kind)
}

/// Which changes to list; always the last one begun first.
pub(crate) enum Which<'a> {
    /// All.
    All,
    /// Those of a plan.
    OfPlan(&'a str),
    /// Those that carried out a plan at a tenant.
    AppliedAt(&'a str),
    /// Those that are not finished.
    Unfinished,
}

/// Returns the changes' ids, without reading what happened to them.
pub(crate) async fn ids(
    connection: &mut SqliteConnection,
    which: Which<'_>,
) -> Result<Vec<ChangeId>, StoreError> {
    let query = match which {
        Which::All => sqlx::query_scalar("SELECT id FROM change ORDER BY begun DESC"),
        Which::OfPlan(plan) => {
            sqlx::query_scalar("SELECT id FROM change WHERE plan_id = ? ORDER BY begun DESC")
                .bind(plan)
        }
        Which::AppliedAt(tenant) => sqlx::query_scalar(
            "SELECT id FROM change WHERE tenant = ? AND kind = 'apply' ORDER BY begun DESC",
        )
        .bind(tenant),
        Which::Unfinished => sqlx::query_scalar(
            "SELECT id FROM change WHERE state IN ('open', 'unknown') ORDER BY begun DESC",
        ),
    };
    let ids: Vec<String> = query
        .fetch_all(connection)
        .await
        .map_err(database("list the changes"))?;
    Ok(ids.into_iter().map(ChangeId::new).collect())
}

pub(crate) async fn change(
    connection: &mut SqliteConnection,
    id: &ChangeId,
) -> Result<Option<Change>, StoreError> {
    let doing = database("read a change");
    let row = sqlx::query("SELECT * FROM change WHERE id = ?")
        .bind(id.as_str())
        .fetch_optional(&mut *connection)
        .await
        .map_err(doing)?;
    let Some(row) = row else { return Ok(None) };
    let events = sqlx::query("SELECT at, step, event FROM event WHERE change = ? ORDER BY n")
        .bind(id.as_str())
        .fetch_all(connection)
        .await
        .map_err(doing)?;
    let mut change = ChangeRow { id, row: &row }.read()?;
    for row in &events {
        change.events.push(ChangeRow { id, row }.event()?);
    }
    Ok(Some(change))
}

/// One row that belongs to a change.
struct ChangeRow<'a> {
    id: &'a ChangeId,
    row: &'a SqliteRow,
}

impl ChangeRow<'_> {
    fn read(&self) -> Result<Change, StoreError> {
        let undoes: Option<String> = self.column("undoes")?;
        let queue = QueueId::new(self.column::<String>("queue")?);
        // Before version 3 every change had its queue as place.
        let place = self.column::<Option<String>>("place")?;
        Ok(Change {
            id: self.id.clone(),
            kind: match self.column::<String>("kind")?.as_str() {
                "apply" => Kind::Apply,
                "rollback" => Kind::Rollback {
                    of: undoes.map(ChangeId::new),
                    force: self.column("forced")?,
                },
                other => return Err(self.damaged("kind", other)),
            },
            tenant: self.column("tenant")?,
            place: place.map_or_else(|| Place::queue(&queue), Place::new),
            queue,
            plan_id: PlanId::new(self.column::<String>("plan_id")?),
            plan_json: self.column("plan")?,
            created_at: self.time("created_at", &self.column::<String>("created_at")?)?,
            state: self.state()?,
            ended_at: self
                .column::<Option<String>>("ended_at")?
                .map(|text| self.time("ended_at", &text))
                .transpose()?,
            events: Vec::new(),
        })
    }

    fn event(&self) -> Result<Event, StoreError> {
        let json: String = self.column("event")?;
        let step: i64 = self.column("step")?;
        Ok(Event {
            at: self.time("at", &self.column::<String>("at")?)?,
            step: usize::try_from(step).map_err(|_| self.damaged("step", &step.to_string()))?,
            event: serde_json::from_str(&json).map_err(|_| self.damaged("event", &json))?,
        })
    }

    fn state(&self) -> Result<ChangeState, StoreError> {
        let text: String = self.column("state")?;
        ChangeState::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| self.damaged("state", &text))
    }

    fn time(&self, what: &'static str, text: &str) -> Result<Timestamp, StoreError> {
        text.parse().map_err(|_| self.damaged(what, text))
    }

    fn column<'r, T>(&'r self, name: &'static str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.row
            .try_get(name)
            .map_err(database("read a change's row"))
    }

    fn damaged(&self, what: &'static str, found: &str) -> StoreError {
        StoreError::Damaged {
            change: self.id.clone(),
            what,
            found: found.to_owned(),
        }
    }
}

/// SQLite's integers are signed; no list in memory is longer than they reach.
fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
