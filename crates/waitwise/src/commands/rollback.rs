//! `waitwise rollback`

use waitwise_app::changing::{Changes, Target, new_change_id};
use waitwise_app::model::Clock;
use waitwise_app::store::{Change, ChangeId, Store};
use waitwise_app::{AppError, Settings};

use super::{connect, open_journal, read_plan};
use crate::args::RollbackArgs;
use crate::failure::Failure;
use crate::host::Known;
use crate::output::change::{self, Done};
use crate::output::progress::Progress;
use crate::settings::File;

pub(crate) async fn run(args: RollbackArgs, file: &File) -> Result<(), Failure> {
    let store = open_journal(file, &args.state).await?;
    let (target, settings) = target(&args, file, &store).await?;
    let (client, clock) = connect(settings)?;
    let changes = Changes::new(client, &store, &*clock);
    let undone = {
        let progress = Progress::start();
        let report = |event| progress.applying(&event);
        changes
            .roll_back(target, new_change_id(clock.now()), args.force, &report)
            .await?
    };
    change::answer(args.output.format, Done::RolledBack, &undone);
    Ok(())
}

/// What is to be undone, and at which host: the one that was written to, unless another is named.
async fn target(
    args: &RollbackArgs,
    file: &File,
    store: &Store,
) -> Result<(Target, Settings), Failure> {
    if let Some(path) = &args.plan {
        let plan = read_plan(path)?;
        let settings = file.connection(&args.host, Some(Known::of_plan(&plan)))?;
        return Ok((Target::Plan(Box::new(plan)), settings));
    }
    let change = match &args.change {
        Some(id) => named(store, id).await?,
        None => last(args, file, store).await?,
    };
    let settings = file.connection(&args.host, Some(Known::of_change(&change)))?;
    Ok((Target::Change(change.id), settings))
}

/// Returns the change of this id.
pub(super) async fn named(store: &Store, id: &str) -> Result<Change, Failure> {
    let change = store
        .change(&ChangeId::new(id))
        .await
        .map_err(AppError::from)?;
    change.ok_or_else(|| {
        AppError::NoSuchChange {
            change: id.to_owned(),
        }
        .into()
    })
}

/// The last change applied: at the host that is named, or at any.
async fn last(args: &RollbackArgs, file: &File, store: &Store) -> Result<Change, Failure> {
    let changes = store.changes().await.map_err(AppError::from)?;
    let host = file.connection(&args.host, changes.first().map(Known::host_of))?;
    let tenant = host.base_url.to_string();
    let latest = store.latest(&tenant).await.map_err(AppError::from)?;
    latest.ok_or_else(|| AppError::NothingToRollBack { tenant }.into())
}
