//! Whether the data table is there, has the columns that are written, and shows its rows.

use waitwise_client::{Listing, ReadClient};
use waitwise_wire::platform::data_table::DataTable;

use super::{Answer, TABLE, unread};
use crate::doctor::{Check, Status};
use crate::error::{AppError, ErrorKind};
use crate::init::table::{Found, find};

/// Looks for the table by its name or id, and reads its columns and rows.
pub(super) async fn check(
    client: &ReadClient,
    tables: &Answer<Listing<DataTable>>,
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
    let read = match client.priority_table(&table.id).await {
        Ok(_) => client.rows(&table.id).await,
        Err(error) => Err(error),
    };
    match read {
        Ok(rows) => Check::ok(
            TABLE,
            format!(
                "`{}` has the columns that are written, and {} rows",
                table.name,
                rows.items.len()
            ),
        ),
        Err(error) => Check::wrong(TABLE, &AppError::from(error)),
    }
}

fn wrong(found: String) -> Check {
    Check::with(TABLE, Status::Wrong(ErrorKind::Failed), found)
}
