//! `waitwise history prune`

use std::io::IsTerminal;

use jiff::Span;
use jiff::civil::Date;
use waitwise_app::history::{Prune, utc_day};
use waitwise_app::model::{Clock as _, QueueId};
use waitwise_app::{AppError, SystemClock};

use super::whose;
use crate::args::{HistoryPruneArgs, OutputFormat};
use crate::failure::Failure;
use crate::output;
use crate::output::pruned::{self, PrunedShape};
use crate::settings::File;

pub(super) fn run(args: &HistoryPruneArgs, file: &File) -> Result<(), Failure> {
    let history = whose(file, &args.whose)?;
    let prune = Prune {
        queues: args.queues.iter().map(QueueId::new).collect(),
        before: before(args)?,
    };
    let found = history.to_prune(&prune).map_err(AppError::from)?;
    let is_text = args.output.format == OutputFormat::Text;
    if is_text {
        output::answer(&pruned::text(history.dir(), prune.before, &found, args.top));
    }
    let goes = !found.is_empty() && !args.dry_run && (args.yes || confirmed()?);
    if goes {
        history.prune(&found).map_err(AppError::from)?;
    }
    match args.output.format {
        OutputFormat::Text if !found.is_empty() => {
            output::answer_line(match goes {
                true => "Removed.",
                false => "Nothing was removed.",
            });
        }
        OutputFormat::Text => {}
        OutputFormat::Json => {
            output::json::answer(&PrunedShape::of(prune.before, &found, goes));
        }
    }
    Ok(())
}

fn before(args: &HistoryPruneArgs) -> Result<Date, Failure> {
    if let Some(before) = args.before {
        return Ok(before);
    }
    let days = Span::new().try_days(args.keep_days.unwrap_or_default());
    let today = utc_day(SystemClock::new().now());
    let before = days.and_then(|days| today.checked_sub(days));
    before.map_err(|error| {
        Failure::usage("--keep-days reaches back beyond the calendar").because(error)
    })
}

fn confirmed() -> Result<bool, Failure> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err(
            Failure::usage("removing needs a yes, and there is no terminal to ask on")
                .hint("--yes removes without asking, --dry-run only shows what would go"),
        );
    }
    output::ask("Remove this?")
        .map_err(|error| Failure::usage("cannot ask on the terminal").because(error))
}
