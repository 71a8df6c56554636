//! `waitwise backtest`

use waitwise_app::AppError;
use waitwise_app::history::History;
use waitwise_app::model::QueueId;
use waitwise_app::twin::{self, Called, Terms};

use super::simulate::{judging, recent, zone};
use super::threads;
use super::weights_file::{self, Named};
use crate::args::{BacktestArgs, OutputFormat};
use crate::failure::Failure;
use crate::output;
use crate::output::progress::Progress;
use crate::output::twin::BacktestShape;

pub(crate) fn run(args: &BacktestArgs) -> Result<(), Failure> {
    let Named { set, names } = match &args.weights {
        Some(path) => weights_file::read(path)?,
        None => Named::none(),
    };
    let judging = judging(&args.twin, args.seed)?;
    let zone = zone(&args.twin)?;
    let terms = Terms {
        queue: args.twin.queue.as_ref().map(QueueId::new),
        present: set,
        judging,
        error_max: f64::INFINITY,
        is_forced: false,
        on_queue: None,
    };
    let progress = Progress::start();
    let told = |stage, done, of| progress.twin(stage, done, of);
    let seen = twin::read(&History::at(&args.facts), &zone, None, &told)?;
    let seen = recent(seen, &args.twin);
    let found = twin::judge(&seen, &terms, threads(args.threads), &told).map_err(AppError::from);
    drop(progress);
    let found = found?;
    let called = Called {
        names: &names,
        queue: args.twin.queue.as_deref(),
    };
    match args.output.format {
        OutputFormat::Text => output::answer(&output::twin::backtest(&found, &judging, called)),
        OutputFormat::Json => output::json::answer(&BacktestShape::of(&found, called)),
    }
    Ok(())
}
