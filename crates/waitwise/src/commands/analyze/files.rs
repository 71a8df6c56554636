//! `waitwise analyze --input`

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use waitwise_app::AppError;
use waitwise_app::files::{self, Asked, Dimension, Grouping, Input, Precision};

use crate::args::{AnalyzeFormat, DimensionArg, FilesArgs};
use crate::failure::Failure;
use crate::output;
use crate::output::progress::Reading;

pub(super) fn run(args: &FilesArgs, format: AnalyzeFormat, top: usize) -> Result<(), Failure> {
    let asked = asked(args)?;
    let sizes = asked.inputs.iter().map(Input::bytes);
    let reading = Reading::start(sizes.sum());
    let told = reading.clone();
    let analysis = files::analyze(
        &asked,
        &(Arc::new(move |n| told.read(n)) as files::Progress),
    );
    reading.end();
    let analysis = analysis.map_err(AppError::from)?;
    output::note_lines(&output::files::troubles(&analysis.tally, &asked.inputs));
    output::answer(&match format {
        AnalyzeFormat::Csv => output::files::csv(&asked.grouping.by, &analysis.rows),
        AnalyzeFormat::Json => output::files::json(&asked, &analysis),
        AnalyzeFormat::Text => output::files::text(&asked, &analysis, top),
    });
    Ok(())
}

fn asked(args: &FilesArgs) -> Result<Asked, Failure> {
    Ok(Asked {
        inputs: args.input.iter().map(|path| input(path)).collect(),
        grouping: Grouping {
            by: dimensions(&args.group_by)?,
            zone: zone(&args.time_zone)?,
            target_ms: target_ms(args.target_secs)?,
            precision: match args.exact {
                true => Precision::Exact,
                false => Precision::Bounded,
            },
        },
        threads: args.threads.unwrap_or_else(cores),
        max_refused_share: share(args.max_bad)?,
    })
}

fn input(path: &Path) -> Input {
    match path == Path::new("-") {
        true => Input::Stdin,
        false => Input::File(path.to_path_buf()),
    }
}

fn dimensions(args: &[DimensionArg]) -> Result<Vec<Dimension>, Failure> {
    let mut dimensions = Vec::new();
    for arg in args {
        let dimension = match arg {
            DimensionArg::Queue => Dimension::Queue,
            DimensionArg::Skill => Dimension::Skill,
            DimensionArg::WrapUp => Dimension::WrapUp,
            DimensionArg::Media => Dimension::Media,
            DimensionArg::HourOfWeek => Dimension::HourOfWeek,
            DimensionArg::Day => Dimension::Day,
        };
        if dimensions.contains(&dimension) {
            return Err(Failure::usage("--group-by names a dimension twice"));
        }
        dimensions.push(dimension);
    }
    Ok(dimensions)
}

fn zone(name: &str) -> Result<TimeZone, Failure> {
    TimeZone::get(name).map_err(|error| {
        Failure::usage(format!("there is no time zone `{name}`"))
            .because(error)
            .hint("zones are named by region and city, such as Europe/Dublin")
    })
}

fn target_ms(secs: f64) -> Result<u64, Failure> {
    let ms = (secs * 1000.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number of milliseconds of one day at most"
    )]
    match (0.0..=86_400_000.0).contains(&ms) {
        true => Ok(ms as u64),
        false => Err(Failure::usage(
            "--target-secs must be from 0 to 86400, a day",
        )),
    }
}

fn share(percent: f64) -> Result<f64, Failure> {
    match (0.0..=100.0).contains(&percent) {
        true => Ok(percent / 100.0),
        false => Err(Failure::usage(
            "--max-bad must be from 0 to 100, in percent",
        )),
    }
}

fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
