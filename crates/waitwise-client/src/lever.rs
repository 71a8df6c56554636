//! Objects that weights are written to, whichever lever they belong to: read as they are, and an operation told without
//! sending anything, for those who decide whether to send it.

use std::collections::BTreeSet;

use waitwise_model::{ObjectId, Observed, QueueId};
use waitwise_wire::lever::{self, Conflict, Lever, LeverError};
use waitwise_wire::platform::DATA_TABLE;
use waitwise_wire::priority_table::{self, Table, TableError};

use crate::error::ClientError;
use crate::read::ReadClient;
use crate::request::Request;
use crate::request::write::WriteClient;

/// Without it a host leaves the columns out.
const WITH_SCHEMA: &str = "expand=schema";

impl ReadClient {
    /// Reads `object`, and whatever else stands in its place.
    ///
    /// For a routing rule that is every rule of `queue`, by its list: exactly one is usable. For a table's row it is the
    /// row, absent or not. Empty: the rule, or the whole table, is gone.
    ///
    /// # Errors
    /// The host cannot be read, or what it gave.
    pub async fn objects_at(
        &self,
        queue: &QueueId,
        object: &ObjectId,
    ) -> Result<Vec<Observed>, ClientError> {
        match Lever::of(object).map_err(|source| unusable(object, source))? {
            Lever::RoutingRule => self.rules_of(queue).await,
            Lever::PriorityTable => Ok(self.row_object(object).await?.into_iter().collect()),
        }
    }

    /// Checks that what `objects` stand in can take what we write: that each data table has our columns, with the right
    /// types. Routing rules need no check.
    ///
    /// # Errors
    /// [`ClientError::Table`] names the column; the host cannot be read.
    pub async fn check_places(&self, objects: &[&ObjectId]) -> Result<(), ClientError> {
        let places = objects.iter().copied().filter_map(priority_table::place_of);
        let tables: BTreeSet<&str> = places.map(|(table, _)| table).collect();
        for table in tables {
            self.priority_table(table).await?;
        }
        Ok(())
    }

    /// Reads a data table with its columns, which must be as the lever needs them.
    ///
    /// # Errors
    /// [`ClientError::Table`] if they are not, or there is no such table; the host cannot be read.
    pub async fn priority_table(&self, table: &str) -> Result<Table, ClientError> {
        let request = Request::get(&DATA_TABLE, vec![table.to_owned()], WITH_SCHEMA.to_owned());
        let read = match self.transport().call(&request).await {
            Ok(answer) => Table::read(&answer),
            Err(error) if matches!(error.refusal(), Some((404, _))) => Err(TableError::Gone),
            Err(error) => return Err(error),
        };
        read.map_err(|source| ClientError::Table {
            table: table.to_owned(),
            source,
        })
    }

    /// Reads one row as an object, [`priority_table::ABSENT`] if it is not there; `None` if the table is gone.
    async fn row_object(&self, object: &ObjectId) -> Result<Option<Observed>, ClientError> {
        let (table, key) = priority_table::place_of(object).unwrap_or_default();
        let document = match self.row(table, key).await {
            Ok(row) => row.unwrap_or_else(|| priority_table::ABSENT.to_owned()),
            Err(error) if matches!(error.refusal(), Some((404, _))) => return Ok(None),
            Err(error) => return Err(error),
        };
        let observed = lever::observe(object, &document);
        Ok(Some(observed.map_err(|source| unusable(object, source))?))
    }
}

fn unusable(object: &ObjectId, source: LeverError) -> ClientError {
    ClientError::Object {
        object: object.clone(),
        source,
    }
}

impl WriteClient {
    /// Returns the object as it reads once `operation` has been carried out on `current` and nothing else has happened.
    /// Its document is the body that [`WriteClient::send`] sends for the same arguments, if it sends one.
    ///
    /// # Errors
    /// The same that keep [`WriteClient::send`] from sending anything.
    pub fn preview(
        &self,
        operation: &str,
        current: &Observed,
        force: bool,
    ) -> Result<Observed, LeverError> {
        lever::preview(operation, current, force)
    }

    /// Returns the object that a host's text of it shows.
    ///
    /// # Errors
    /// The text is not one of such an object.
    pub fn observe(&self, object: &ObjectId, document: &str) -> Result<Observed, LeverError> {
        lever::observe(object, document)
    }

    /// Returns each place of `current` that is not as `operation` expects to find it. Empty: it can be carried out
    /// without force, whatever else changed in the object.
    ///
    /// # Errors
    /// The operation cannot be read, or is for another object.
    pub fn conflicts(
        &self,
        operation: &str,
        current: &Observed,
    ) -> Result<Vec<Conflict>, LeverError> {
        lever::conflicts(operation, current)
    }
}
