//! `waitwise history`

mod export;
mod import;
mod list;
mod prune;

use std::path::PathBuf;
use std::time::Duration;

use waitwise_app::history::{History, Wanted, check, evidence_of, pull};
use waitwise_app::model::{Clock, Window};
use waitwise_app::{AppError, BaseUrl, Limits, Settings};

use super::connect;
use crate::args::{
    HistoryCheckArgs, HistoryCommand, HistoryPullArgs, HostArgs, OutputFormat, PlaceArgs,
    WantedArgs, WhoseArgs,
};
use crate::failure::Failure;
use crate::host::Named;
use crate::output::progress::Progress;
use crate::output::{self, history as shown};
use crate::settings::File;

/// A month of a large tenant takes hours at the platform's limit, and being cut off costs a page only.
const DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) async fn run(command: HistoryCommand, file: &File) -> Result<(), Failure> {
    match command {
        HistoryCommand::Pull(args) => run_pull(args, file).await,
        HistoryCommand::Import(args) => import::run(&args, file),
        HistoryCommand::Check(args) => run_check(args, file).await,
        HistoryCommand::List(args) => list::run(&args, file),
        HistoryCommand::Export(args) => export::run(&args, file),
        HistoryCommand::Prune(args) => prune::run(&args, file),
    }
}

async fn run_pull(args: HistoryPullArgs, file: &File) -> Result<(), Failure> {
    let mut settings = settings(file, &args.host)?;
    settings.job_page_size = args.page_size.unwrap_or(settings.job_page_size);
    let history = place(file, &args.wanted.place, &settings.base_url)?;
    let (client, clock) = connect(settings)?;
    let wanted = wanted(file, &args.wanted, &*clock)?;
    let progress = Progress::start();
    let report = |event| progress.pulling(&event);
    let pulled = pull(&client, &*clock, &history, &wanted, &report).await?;
    drop(progress);
    let mut evidence = Vec::new();
    for queue in &wanted.queues {
        evidence.extend(evidence_of(&history, queue, wanted.window)?);
    }
    match args.output.format {
        OutputFormat::Text => output::answer(&shown::pulled(&wanted, &pulled, &evidence, args.top)),
        OutputFormat::Json => {
            output::json::answer(&shown::PulledShape::of(&wanted, &pulled, &evidence));
        }
    }
    Ok(())
}

async fn run_check(args: HistoryCheckArgs, file: &File) -> Result<(), Failure> {
    let settings = settings(file, &args.host)?;
    let history = place(file, &args.wanted.place, &settings.base_url)?;
    let (client, clock) = connect(settings)?;
    let wanted = wanted(file, &args.wanted, &*clock)?;
    let comparison = check(&client, &history, &wanted).await?;
    match args.output.format {
        OutputFormat::Text => output::answer(&shown::checked(&comparison, args.top)),
        OutputFormat::Json => output::json::answer(&shown::CheckedShape::of(&comparison)),
    }
    Ok(comparison.verdict()?)
}

pub(super) fn settings(file: &File, host: &HostArgs) -> Result<Settings, Failure> {
    Ok(patient(file.connection(host, None)?))
}

/// Gives a client the time that a pull takes, unless a person has said how much it may take.
pub(crate) fn patient(mut settings: Settings) -> Settings {
    if settings.limits.deadline == Limits::default().deadline {
        settings.limits.deadline = DEADLINE;
    }
    settings
}

fn wanted(file: &File, args: &WantedArgs, clock: &dyn Clock) -> Result<Wanted, Failure> {
    let until = args.until.unwrap_or_else(|| clock.now());
    let window = Window::days_before(until, file.days(args.days)).map_err(AppError::from)?;
    Ok(Wanted {
        queues: file.queues(&args.queues)?,
        window,
    })
}

/// Returns the history that is meant where nobody is asked anything.
fn whose(file: &File, args: &WhoseArgs) -> Result<History, Failure> {
    if let Some(folder) = &args.place.history_dir {
        return Ok(History::at(folder));
    }
    let named = Named {
        host: args.host.clone(),
        region: args.region.clone(),
        api_url: args.api_url.clone(),
        login_url: None,
        contract: None,
    };
    place(file, &args.place, &file.base_url(&named)?)
}

/// One tenant, one folder: two tenants' queues must never stand beside each other.
pub(crate) fn place(file: &File, args: &PlaceArgs, base_url: &BaseUrl) -> Result<History, Failure> {
    if let Some(folder) = &args.history_dir {
        return Ok(History::at(folder));
    }
    let host = base_url.to_string();
    let host = host
        .split_once("://")
        .map_or(host.as_str(), |(_, host)| host);
    let safe = |letter: char| match letter {
        'a'..='z' | '0'..='9' | '.' | '-' => letter,
        _ => '_',
    };
    let name: String = host.trim_end_matches('/').chars().map(safe).collect();
    let folder: PathBuf = file.state_dir(&args.state)?.join("history").join(name);
    Ok(History::at(folder))
}
