//! `waitwise resume`

use waitwise_app::AppError;
use waitwise_app::changing::{Changes, new_change_id};
use waitwise_app::model::Clock;
use waitwise_app::store::{Change, Kind, Store};

use super::rollback::named;
use super::{connect, open_journal};
use crate::args::ResumeArgs;
use crate::failure::Failure;
use crate::host::Known;
use crate::output::change::{self, Done};
use crate::output::progress::Progress;
use crate::settings::File;

pub(crate) async fn run(args: ResumeArgs, file: &File) -> Result<(), Failure> {
    let store = open_journal(file, &args.state).await?;
    let Some(known) = unfinished(&args, file, &store).await? else {
        change::answer_nothing_unfinished(args.output.format);
        return Ok(());
    };
    let settings = file.connection(&args.host, Some(Known::of_change(&known)))?;
    let (client, clock) = connect(settings)?;
    let changes = Changes::new(client, &store, &*clock);
    let resumed = {
        let progress = Progress::start();
        let report = |event| progress.applying(&event);
        if args.undo {
            let undo = new_change_id(clock.now());
            changes.take_back(&known.id, undo, &report).await?
        } else {
            changes.resume(&known.id, &report).await?
        }
    };
    let done = match (&known.kind, args.undo) {
        (_, true) if resumed.objects.is_empty() => Done::Closed,
        (Kind::Apply, false) => Done::Applied,
        (Kind::Apply, true) | (Kind::Rollback { .. }, _) => Done::RolledBack,
    };
    change::answer(args.output.format, done, &resumed);
    Ok(())
}

/// The change that is named, or else the last unfinished one: at the host that is named, or at any.
async fn unfinished(
    args: &ResumeArgs,
    file: &File,
    store: &Store,
) -> Result<Option<Change>, Failure> {
    if let Some(id) = &args.change {
        return named(store, id).await.map(Some);
    }
    let unfinished = store.unfinished().await.map_err(AppError::from)?;
    let Some(last) = unfinished.first() else {
        return Ok(None);
    };
    let host = file.connection(&args.host, Some(Known::host_of(last)))?;
    let tenant = host.base_url.to_string();
    Ok(unfinished
        .into_iter()
        .find(|change| change.tenant == tenant))
}
