//! `waitwise simulate`

use std::ops::ControlFlow;
use std::path::Path;

use waitwise_app::ErrorKind;
use waitwise_app::sim::estimate::Collector;
use waitwise_app::sim::file::{self, Described, ReadError};
use waitwise_app::sim::{Extent, Length, Plan, run as run_plan};

use super::threads;
use crate::args::{OutputFormat, SimulateArgs, Warmup};
use crate::failure::Failure;
use crate::output;
use crate::output::progress::Progress;
use crate::output::simulation::{Simulated, SimulationShape};

const CUSTOMERS_DEFAULT: u64 = 100_000;
const REPLICATIONS_DEFAULT: u64 = 20;
const DAYS_DEFAULT: u64 = 200;
/// A single long replication is cut into so many batches, so that it has an interval too.
const BATCHES: u32 = 30;

mod what_if;

pub(super) use what_if::{judging, recent, zone};
pub(crate) use what_if::{named_zone, target_secs};

pub(crate) fn run(args: &SimulateArgs) -> Result<(), Failure> {
    match (&args.model, &args.facts) {
        (Some(model), _) => simulate(model, args),
        (None, Some(facts)) => what_if::run(facts, args),
        // The command line asks for one of the two.
        (None, None) => Err(Failure::usage("--model or --facts names the centre")),
    }
}

fn simulate(model: &Path, args: &SimulateArgs) -> Result<(), Failure> {
    let described = read(model)?;
    let plan = plan(args, &described)?;
    let progress = Progress::start();
    let mut collector = Collector::new(plan.replications, &args.quantiles);
    run_plan(
        &described.model,
        &described.policy,
        &plan,
        |number, blocks| {
            collector.take(blocks);
            progress.count("simulating", number + 1, plan.replications);
            ControlFlow::Continue(())
        },
    );
    drop(progress);
    let nothing = || Failure::new(ErrorKind::Failed, "nothing was simulated");
    let simulated = Simulated {
        described,
        plan,
        quantiles: args.quantiles.clone(),
        estimates: collector.estimates().ok_or_else(nothing)?,
    };
    match args.output.format {
        OutputFormat::Text => output::answer(&output::simulation::text(&simulated)),
        OutputFormat::Json => output::json::answer(&SimulationShape::of(&simulated)),
    }
    Ok(())
}

fn read(path: &Path) -> Result<Described, Failure> {
    let failure = || Failure::usage(format!("cannot use the model {}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failure().because(error))?;
    let is_json = text.trim_start().starts_with('{');
    let read = if is_json {
        file::from_json(&text)
    } else {
        file::from_toml(&text)
    };
    read.map_err(|error| {
        let hint = match &error {
            ReadError::Field(_) => {
                "`waitwise schema model` and docs/model-file.md say what each field means"
            }
            ReadError::Toml { .. } | ReadError::Json { .. } => {
                "a model file is TOML, or JSON if it begins with a brace"
            }
        };
        failure().because(error).hint(hint)
    })
}

fn plan(args: &SimulateArgs, described: &Described) -> Result<Plan, Failure> {
    let closes = described.model.spec().calendar.day_secs.is_some();
    let threads = threads(args.threads);
    let default = if closes {
        DAYS_DEFAULT
    } else {
        REPLICATIONS_DEFAULT
    };
    let replications = args.replications.unwrap_or(default);
    let extent = if closes {
        day(args)?
    } else {
        endless(args, replications)?
    };
    Ok(Plan {
        seed: args.seed,
        first: 0,
        replications,
        extent,
        threads,
    })
}

fn day(args: &SimulateArgs) -> Result<Extent, Failure> {
    if args.customers.is_some() || args.hours.is_some() {
        let message = "a centre that closes each day is measured by whole days";
        return Err(Failure::usage(message).hint(
            "--replications says how many days; without calendar.day_secs the centre never closes",
        ));
    }
    Ok(Extent::Day)
}

fn endless(args: &SimulateArgs, replications: u64) -> Result<Extent, Failure> {
    let measured = match args.hours {
        None => Length::Interactions(args.customers.unwrap_or(CUSTOMERS_DEFAULT)),
        Some(hours) if hours.is_finite() && hours > 0.0 => Length::Secs(hours * 3_600.0),
        Some(hours) => {
            return Err(Failure::usage(format!("cannot measure {hours} hours"))
                .hint("--hours takes a number above 0"));
        }
    };
    // A number of an interaction is kept in 32 bits.
    if args
        .customers
        .is_some_and(|n| !(1..=4_000_000_000).contains(&n))
    {
        return Err(
            Failure::usage("cannot measure so many interactions in one replication")
                .hint("--customers takes 1 to 4000000000; --replications adds more"),
        );
    }
    let warmup = match (args.warmup, measured) {
        (Warmup::Secs(secs), _) => Length::Secs(secs),
        (Warmup::Interactions(n), _) => Length::Interactions(n),
        (Warmup::Share(share), Length::Secs(secs)) => Length::Secs(share * secs),
        (Warmup::Share(share), Length::Interactions(n)) => Length::Interactions(portion(share, n)),
    };
    Ok(Extent::Endless {
        warmup,
        measured,
        batches: if replications == 1 { BATCHES } else { 1 },
    })
}

/// A share of a number, rounded up.
fn portion(share: f64, n: u64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "how long to warm up needs no more than the first digits"
    )]
    let portion = (share * n as f64).ceil() as u64;
    portion
}
