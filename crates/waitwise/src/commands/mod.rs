//! One file a command: settings → use case → answer.

pub(crate) mod analyze;
pub(crate) mod apply;
pub(crate) mod backtest;
pub(crate) mod changes;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod resume;
pub(crate) mod rollback;
pub(crate) mod run;
pub(crate) mod sandbox;
pub(crate) mod schema;
pub(crate) mod simulate;
mod weights_file;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use waitwise_app::files::{FilesError, Input};
use waitwise_app::plan_file::{Plan, PlanFileError, file};
use waitwise_app::planning::NoPlan;
use waitwise_app::store::Store;
use waitwise_app::{AppError, ErrorKind, ReadClient, Settings, SystemClock};

use crate::args::StateArgs;
use crate::failure::Failure;
use crate::output;
use crate::settings::File;

/// What the tutorial says when there is nothing to write.
const NO_WEIGHTS: &str = "No valid weight calculations found. Verify wrap-up code mapping.";

/// What is said where the present weights stay.
const KEPT: &str = "The present weights stay until something better has been shown (strategy keep): there is nothing to write.";

/// What is said where a search has found nothing to plan.
const NOTHING_BETTER: &str =
    "Nothing is shown to be better than the present weights: there is nothing to write.";

/// What else could be done.
const KEPT_HINT: &str = "hint: `--strategy search` looks for something better on a twin of the centre; docs/strategies.md has what else there is";

/// Returns what is said where nothing is planned.
fn message(why: NoPlan) -> &'static str {
    match why {
        NoPlan::NoWeights => NO_WEIGHTS,
        NoPlan::Kept => KEPT,
        NoPlan::NothingBetter => NOTHING_BETTER,
    }
}

/// As many threads as were asked for, or as there are cores.
pub(crate) fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(
        || std::thread::available_parallelism().map_or(1, usize::from),
        usize::from,
    )
}

/// A file, or standard input in its place.
fn input(path: &Path) -> Input {
    match path == Path::new("-") {
        true => Input::Stdin,
        false => Input::File(path.to_path_buf()),
    }
}

/// Turns the percentage of `--max-bad` into a share, 0.0..=1.0.
fn bad_share(percent: f64) -> Result<f64, Failure> {
    match (0.0..=100.0).contains(&percent) {
        true => Ok(percent / 100.0),
        false => Err(Failure::usage(
            "--max-bad must be from 0 to 100, in percent",
        )),
    }
}

pub(crate) fn connect(settings: Settings) -> Result<(ReadClient, Arc<SystemClock>), Failure> {
    let clock = Arc::new(SystemClock::new());
    let client =
        ReadClient::connect(settings, Arc::<SystemClock>::clone(&clock)).map_err(AppError::from)?;
    Ok((client, clock))
}

fn journal_path(file: &File, state: &StateArgs) -> Result<PathBuf, Failure> {
    Ok(file.state_dir(state)?.join("journal.db"))
}

async fn open_journal(file: &File, state: &StateArgs) -> Result<Store, Failure> {
    let path = journal_path(file, state)?;
    Store::open(&path).await.map_err(|error| {
        Failure::new(
            ErrorKind::Failed,
            format!("cannot open the journal {}", path.display()),
        )
        .because(error)
        .hint("--state-dir names another folder for it")
    })
}

fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let failure = |kind| Failure::new(kind, format!("cannot use the plan {}", path.display()));
    let text =
        std::fs::read_to_string(path).map_err(|error| failure(ErrorKind::Usage).because(error))?;
    file::from_json(&text).map_err(|error| {
        let (kind, hint) = if matches!(error, PlanFileError::Weight { .. }) {
            (ErrorKind::Refused, "weights are integers from 1 to 100")
        } else if matches!(error, PlanFileError::Edited { .. }) {
            (
                ErrorKind::Refused,
                "make a new plan; what a plan says is never changed",
            )
        } else {
            (ErrorKind::Usage, "`waitwise plan -o FILE` writes a plan")
        };
        failure(kind).because(error).hint(hint)
    })
}

/// Checks before the work that the folder of a file to be written is there.
fn check_folder(path: &Path) -> Result<(), Failure> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder.filter(|folder| !folder.is_dir()) {
        None => Ok(()),
        Some(folder) => {
            let message = format!("cannot write {}", path.display());
            Err(Failure::usage(message).hint(format!("make the folder {} first", folder.display())))
        }
    }
}

/// Writes a file that only its owner can read, and never half of it.
fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        use std::io::Write as _;
        let name = path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
        let mut temporary = path.to_path_buf();
        temporary.set_file_name(format!(
            ".{}.{}",
            name.to_string_lossy(),
            std::process::id()
        ));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        Failure::new(
            ErrorKind::Failed,
            format!("cannot write {}", path.display()),
        )
        .because(error)
    })
}

/// Says where things are that cannot be used, before it is said that they are too many.
fn unusable(inputs: &[Input], error: AppError) -> Failure {
    if let AppError::Files(FilesError::Refused { tally, .. }) = &error {
        output::note_lines(&output::files::troubles(tally, inputs));
    }
    error.into()
}
