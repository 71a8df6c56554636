//! Whether the data table is there, has the columns that are written, and shows its rows.

use waitwise_client::{Listing, ReadClient};
use waitwise_wire::platform::data_table::DataTable;

use super::{Answer, TABLE, unread};
use crate::doctor::{Check, Status};
use crate::error::{AppError, ErrorKind};
use crate::init::table::{Found, find};

/// Looks for the table by its name or id, and reads its columns.
pub(super) async fn check(
    client: &ReadClient,
    tables: &Answer<Listing<DataTable>>,
    rows: &Answer<Option<Listing<String>>>,
    wanted: &str,
) -> Check {
    let Ok(tables) = tables else {
        return unread(TABLE);
    };
    let table = match find(&tables.items, wanted) {
        Found::One(table) => table,
        Found::None => {
            return wrong(format!(
                "there is no data table `{wanted}`, or the client may not see it"
            ))
            .advise("`waitwise init --create-table` makes it; --data-table names another one");
        }
        Found::Several(ids) => {
            return wrong(format!(
                "several data tables are called `{wanted}`: {}",
                ids.join(", ")
            ))
            .advise("give the id of the right one in place of the name");
        }
    };
    if let Err(error) = client.priority_table(&table.id).await {
        return Check::wrong(TABLE, &AppError::from(error));
    }
    match rows {
        Ok(rows) => Check::ok(
            TABLE,
            format!(
                "`{}` has the columns that are written, and {} rows",
                table.name,
                rows.as_ref().map_or(0, |rows| rows.items.len())
            ),
        ),
        Err(_) => unread(TABLE),
    }
}

/// Reads the rows of the table, if there is one.
pub(super) async fn rows(
    client: &ReadClient,
    tables: &Answer<Listing<DataTable>>,
    wanted: &str,
) -> Answer<Option<Listing<String>>> {
    match tables.as_ref().map(|tables| find(&tables.items, wanted)) {
        Ok(Found::One(table)) => Ok(Some(client.rows(&table.id).await?)),
        Ok(Found::None | Found::Several(_)) | Err(_) => Ok(None),
    }
}

fn wrong(found: String) -> Check {
    Check::with(TABLE, Status::Wrong(ErrorKind::Failed), found)
}
