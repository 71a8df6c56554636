//! `waitwise changes`

use waitwise_app::model::Clock;
use waitwise_app::store::ChangeId;
use waitwise_app::{AppError, SystemClock};

use super::open_journal;
use crate::args::{ChangesListArgs, ChangesShowArgs};
use crate::failure::Failure;
use crate::output::journal;
use crate::settings::File;

pub(crate) async fn list(args: ChangesListArgs, file: &File) -> Result<(), Failure> {
    let store = open_journal(file, &args.state).await?;
    let changes = store.changes().await.map_err(AppError::from)?;
    journal::list(args.output.format, &changes);
    let now = SystemClock::new().now();
    for change in changes.iter().filter(|change| change.state.is_unfinished()) {
        let holder = store.lock_holder(&change.tenant, &change.place, now).await;
        journal::note_unfinished(change, holder.map_err(AppError::from)?.as_ref());
    }
    Ok(())
}

pub(crate) async fn show(args: ChangesShowArgs, file: &File) -> Result<(), Failure> {
    let store = open_journal(file, &args.state).await?;
    let change = store
        .change(&ChangeId::new(&args.change))
        .await
        .map_err(AppError::from)?;
    let change = change.ok_or(AppError::NoSuchChange {
        change: args.change,
    })?;
    journal::show(args.output.format, &change);
    Ok(())
}
