//! Data tables and their rows. A row stays in the host's own text, because it is put back whole.

use waitwise_wire::platform::data_table::{DataTable, read_table, row_key};
use waitwise_wire::platform::{DATA_TABLE, DATA_TABLES, ROW, ROWS};

use super::unreadable;
use crate::error::ClientError;
use crate::list::List;
use crate::read::{Listing, ReadClient};
use crate::request::Request;

/// The largest pages that the vendor's own programs ask for.
const TABLES_PAGE: u32 = 100;
const ROWS_PAGE: u32 = 100;

/// Without it a host answers with the keys alone, and a row that is put back loses its other columns.
const WHOLE_ROWS: &str = "showbrief=false";

/// How a host calls a row that is not there.
const NO_ROW: &str = "flows.datatables.row.not.found";
/// How it calls a table that is not there.
const NO_TABLE: &str = "flows.datatables.table.not.found";

impl ReadClient {
    /// Reads the tenant's data tables, every page, without their columns.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other; an unreadable table is no error.
    pub async fn data_tables(&self) -> Result<Listing<DataTable>, ClientError> {
        let list = List::of(&DATA_TABLES, self.page_size(TABLES_PAGE));
        self.listing(&list, read_table).await
    }

    /// Reads one data table with its columns.
    ///
    /// # Errors
    /// There is no such table, or it cannot be read.
    pub async fn data_table(&self, table: &str) -> Result<DataTable, ClientError> {
        let query = "expand=schema".to_owned();
        let request = Request::get(&DATA_TABLE, vec![table.to_owned()], query);
        let answer = self.transport().call(&request).await?;
        read_table(&answer).map_err(|reason| unreadable(&DATA_TABLE, &reason))
    }

    /// Reads a table's rows with all their columns, every page, each in the host's own text.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other; a row without a key is no error.
    pub async fn rows(&self, table: &str) -> Result<Listing<String>, ClientError> {
        let list = List {
            also: WHOLE_ROWS.to_owned(),
            id_of: row_key,
            ..List::of(&ROWS, self.page_size(ROWS_PAGE)).at(table)
        };
        let read = |row: &str| match row_key(row) {
            Some(_) => Ok(row.to_owned()),
            None => Err("has no text `key`".to_owned()),
        };
        self.listing(&list, read).await
    }

    /// Reads one row with all its columns, in the host's own text; `None` if the table has no row with this key.
    ///
    /// # Errors
    /// There is no such table.
    pub async fn row(&self, table: &str, key: &str) -> Result<Option<String>, ClientError> {
        let ids = vec![table.to_owned(), key.to_owned()];
        let request = Request::get(&ROW, ids, WHOLE_ROWS.to_owned());
        let error = match self.transport().call(&request).await {
            Ok(row) => return Ok(Some(row)),
            Err(error) => error,
        };
        match error.refusal() {
            Some((404, Some(NO_ROW))) => Ok(None),
            Some((404, Some(NO_TABLE))) => Err(error),
            // A 404 that does not say what is missing: the row, if the table is there.
            Some((404, _)) => self.data_table(table).await.map(|_| None),
            Some(_) | None => Err(error),
        }
    }
}
