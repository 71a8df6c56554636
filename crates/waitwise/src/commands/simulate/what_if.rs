//! `waitwise simulate --facts DIR --weights PRESENT,PROPOSED`

use std::path::Path;

use jiff::tz::TimeZone;
use waitwise_app::AppError;
use waitwise_app::history::History;
use waitwise_app::model::QueueId;
use waitwise_app::twin::{self, Asked, Called, Horizon, Judging, Seen, Terms};

use super::threads;
use crate::args::{OutputFormat, SimulateArgs, TwinArgs};
use crate::commands::weights_file;
use crate::failure::Failure;
use crate::output;
use crate::output::progress::Progress;
use crate::output::twin::PredictionShape;

pub(super) fn run(facts: &Path, args: &SimulateArgs) -> Result<(), Failure> {
    let [present, proposed] = &args.weights[..] else {
        return Err(Failure::usage("--weights compares two sets of weights")
            .hint("name both, as in --weights now.toml,proposed.toml; `none` is no head starts"));
    };
    let (present, proposed) = (weights_file::read(present)?, weights_file::read(proposed)?);
    let mut names = present.names;
    names.extend(proposed.names);
    let asked = Asked {
        terms: Terms {
            queue: args.twin.queue.as_ref().map(QueueId::new),
            present: present.set,
            judging: judging(&args.twin, args.seed)?,
            error_max: args.max_error / 100.0,
            is_forced: args.force,
            on_queue: None,
        },
        proposed: proposed.set,
        horizon: Horizon {
            days: usize::from(args.days),
            futures: args.twin.futures,
        },
    };
    let progress = Progress::start();
    let told = |stage, done, of| progress.twin(stage, done, of);
    let seen = twin::read(&History::at(facts), &zone(&args.twin)?, None, &told)?;
    let seen = recent(seen, &args.twin);
    let answer = twin::what_if(&seen, &asked, threads(args.threads), &told).map_err(AppError::from);
    drop(progress);
    let answer = answer?;
    for doubt in &answer.doubts {
        output::note(&format!("warning: forced to predict although {doubt}"));
    }
    let called = Called {
        names: &names,
        queue: args.twin.queue.as_deref(),
    };
    match args.output.format {
        OutputFormat::Text => {
            let record = answer.record(asked.horizon.days, &asked.terms.judging, called);
            output::answer(&output::prospect::prediction(&record));
        }
        OutputFormat::Json => output::json::answer(&PredictionShape::of(&asked, &answer, called)),
    }
    Ok(())
}

pub(in crate::commands) fn judging(args: &TwinArgs, seed: u64) -> Result<Judging, Failure> {
    Ok(Judging {
        held_out: usize::from(args.held_out),
        futures: args.futures,
        target_secs: target_secs(args.target_secs)?,
        seed,
    })
}

/// A target of the service level that somebody may have.
pub(crate) fn target_secs(secs: f64) -> Result<f64, Failure> {
    match (0.0..=86_400.0).contains(&secs) {
        true => Ok(secs),
        false => Err(Failure::usage(
            "--target-secs must be from 0 to 86400, a day",
        )),
    }
}

pub(in crate::commands) fn zone(args: &TwinArgs) -> Result<TimeZone, Failure> {
    named_zone(&args.time_zone)
}

/// A time zone by its name.
pub(crate) fn named_zone(name: &str) -> Result<TimeZone, Failure> {
    TimeZone::get(name).map_err(|error| {
        Failure::usage(format!("there is no time zone `{name}`"))
            .because(error)
            .hint("zones are named by region and city, such as Europe/Dublin")
    })
}

/// The days that are to be fitted to and held out.
pub(in crate::commands) fn recent(seen: Seen, args: &TwinArgs) -> Seen {
    match args.fit_days {
        Some(days) => twin::last_days(&seen, usize::from(days), usize::from(args.held_out)),
        None => seen,
    }
}
