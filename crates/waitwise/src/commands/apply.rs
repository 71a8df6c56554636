//! `waitwise apply`

use waitwise_app::changing::{Changes, new_change_id};
use waitwise_app::model::Clock;

use super::{connect, open_journal, read_plan};
use crate::args::ApplyArgs;
use crate::failure::Failure;
use crate::host::Known;
use crate::output::change::{self, Done};
use crate::output::progress::Progress;
use crate::settings::File;

pub(crate) async fn run(args: ApplyArgs, file: &File) -> Result<(), Failure> {
    let plan = read_plan(&args.plan)?;
    let (client, clock) = connect(file.connection(&args.host, Some(Known::of_plan(&plan)))?)?;
    let store = open_journal(file, &args.state).await?;
    let changes = Changes::new(client, &store, &*clock);
    let applied = {
        let progress = Progress::start();
        let report = |event| progress.applying(&event);
        changes
            .apply(
                &plan,
                new_change_id(clock.now()),
                file.max_step(args.max_step),
                &report,
            )
            .await?
    };
    change::answer(args.output.format, Done::Applied, &applied);
    Ok(())
}
