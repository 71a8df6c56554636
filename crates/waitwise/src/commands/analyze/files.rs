//! `waitwise analyze --input`

use std::io::IsTerminal as _;
use std::num::NonZeroUsize;
use std::path::Path;

use jiff::tz::TimeZone;
use waitwise_app::call_records::{self, Chosen};
use waitwise_app::files::{
    self, Asked, Dimension, FilesAnalysis, Grouping, Input, Precision, Records, Wanted,
};
use waitwise_app::history::History;
use waitwise_app::{AppError, ErrorKind};

use crate::args::{AnalyzeFormat, DimensionArg, FilesArgs};
use crate::commands::{bad_share, check_folder, input, unusable, write_file};
use crate::failure::Failure;
use crate::output;
use crate::output::progress::{Progress, Reading};

pub(super) fn run(args: &FilesArgs, format: AnalyzeFormat, top: usize) -> Result<(), Failure> {
    check_output(args, format)?;
    let asked = asked(args, format)?;
    let analysis = Reading::of(&asked.inputs, |progress| files::analyze(&asked, progress));
    let analysis = analysis.map_err(|error| unusable(&asked.inputs, error.into()))?;
    output::note_lines(&output::files::troubles(&analysis.tally, &asked.inputs));
    answer(args, &asked, &analysis, format, top)
}

/// Asks facts the same.
pub(super) fn run_facts(
    folder: &Path,
    args: &FilesArgs,
    format: AnalyzeFormat,
    top: usize,
) -> Result<(), Failure> {
    check_output(args, format)?;
    let asked = asked(args, format)?;
    let progress = Progress::start();
    progress.say("reading facts");
    let analysis = History::at(folder).answer(&asked.grouping, asked.wanted, asked.threads);
    drop(progress);
    answer(args, &asked, &analysis?, format, top)
}

fn answer(
    args: &FilesArgs,
    asked: &Asked,
    analysis: &FilesAnalysis,
    format: AnalyzeFormat,
    top: usize,
) -> Result<(), Failure> {
    if let (Some(path), Some(overview)) = (&args.html, &analysis.overview) {
        write_file(path, &crate::evidence::page(asked, analysis, overview))?;
        output::note(&format!("wrote {}", path.display()));
    }
    output::answer(&match (format, &analysis.overview) {
        (AnalyzeFormat::Parquet, _) => return answer_parquet(asked, analysis),
        (AnalyzeFormat::Csv, _) => output::files::csv(&asked.grouping.by, &analysis.rows),
        (AnalyzeFormat::Json, _) => output::files::json(asked, analysis),
        (AnalyzeFormat::Text, Some(overview)) if !asked.wanted.rows => {
            output::bottlenecks::text(asked, analysis, overview, top)
        }
        (AnalyzeFormat::Text, _) => output::files::text(asked, analysis, top),
    });
    Ok(())
}

fn answer_parquet(asked: &Asked, analysis: &FilesAnalysis) -> Result<(), Failure> {
    const FAILED: &str = "cannot write the answer";
    let failed = |error| Failure::new(ErrorKind::Failed, FAILED).because(error);
    let bytes = files::parquet(&asked.grouping.by, &analysis.rows).map_err(failed)?;
    output::answer_bytes(&bytes)
        .map_err(|error| Failure::new(ErrorKind::Failed, FAILED).because(error))
}

/// Checks before the work that the page has a folder, and that what is no text does not go to a terminal.
fn check_output(args: &FilesArgs, format: AnalyzeFormat) -> Result<(), Failure> {
    if let Some(path) = &args.html {
        check_folder(path)?;
    }
    match format == AnalyzeFormat::Parquet && std::io::stdout().is_terminal() {
        false => Ok(()),
        true => Err(
            Failure::usage("a Parquet file is no text, and would go to the terminal")
                .hint("write it into a file: --output parquet >answer.parquet"),
        ),
    }
}

fn asked(args: &FilesArgs, format: AnalyzeFormat) -> Result<Asked, Failure> {
    let inputs: Vec<Input> = args.input.iter().map(|path| input(path)).collect();
    let records = records(args)?;
    let by = dimensions(args, format)?;
    let zone = match (&args.time_zone, &records) {
        (Some(name), _) => zone(name)?,
        (None, Records::Conversations) => TimeZone::UTC,
        (None, Records::Calls(mapping)) => {
            call_records::time_zone(&inputs, mapping).map_err(AppError::from)?
        }
    };
    // People are shown what the groups' hours say; a table by hours or days says it itself.
    let is_by_time = by.contains(&Dimension::HourOfWeek) || by.contains(&Dimension::Day);
    let rows = format != AnalyzeFormat::Text || is_by_time;
    Ok(Asked {
        inputs,
        records,
        grouping: Grouping {
            by,
            zone,
            target_ms: target_ms(args.target_secs)?,
            precision: match args.exact {
                true => Precision::Exact,
                false => Precision::Bounded,
            },
        },
        wanted: Wanted {
            rows,
            overview: !rows || args.html.is_some(),
        },
        threads: args.threads.unwrap_or_else(cores),
        max_refused_share: bad_share(args.max_bad)?,
    })
}

/// What the files hold, as their names say, unless a mapping does.
fn records(args: &FilesArgs) -> Result<Records, Failure> {
    if let Some(mapping) = &args.mapping {
        return Ok(Records::Calls(Chosen::Given(mapping.clone())));
    }
    let n_calls = args.input.iter().filter(|path| is_of_calls(path)).count();
    match n_calls {
        0 => Ok(Records::Conversations),
        _ if n_calls == args.input.len() => Ok(Records::Calls(Chosen::ByHeader)),
        _ => Err(Failure::new(
            ErrorKind::Usage,
            "call records and conversation records cannot be asked together",
        )
        .hint("name files of one kind; --mapping says that all of them are call records")),
    }
}

fn is_of_calls(path: &Path) -> bool {
    const PACKED: [&str; 4] = ["gz", "xz", "zst", "zstd"];
    let extension = |path: &Path| path.extension()?.to_str().map(str::to_lowercase);
    let outer = extension(path).unwrap_or_default();
    let inner = match PACKED.contains(&outer.as_str()) {
        true => path.file_stem().map(Path::new).and_then(extension),
        false => Some(outer),
    };
    inner.is_some_and(|inner| inner == "csv" || inner == "tsv")
}

fn dimensions(args: &FilesArgs, format: AnalyzeFormat) -> Result<Vec<Dimension>, Failure> {
    let mut dimensions = Vec::new();
    for arg in &args.group_by {
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
    Ok(match (dimensions.is_empty(), format) {
        (false, _) => dimensions,
        (true, AnalyzeFormat::Text) => vec![Dimension::Queue, Dimension::Skill],
        (true, AnalyzeFormat::Json | AnalyzeFormat::Csv | AnalyzeFormat::Parquet) => {
            vec![Dimension::Queue, Dimension::Skill, Dimension::WrapUp]
        }
    })
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

pub(crate) fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_call_records() {
        for (name, expected) in [
            ("a.csv", true),
            ("a.b.TSV.gz", true),
            ("a.csv.xz", true),
            ("a.csv.zst", true),
            ("a.ndjson", false),
            ("a.json.gz", false),
            ("a.gz", false),
            ("csv", false),
            ("-", false),
        ] {
            assert_eq!(is_of_calls(Path::new(name)), expected, "{name}");
        }
    }
}
