//! `waitwise init`

use std::io::IsTerminal as _;

use waitwise_app::history::{History, Wanted, evidence_of, pull};
use waitwise_app::init::draft::Draft;
use waitwise_app::init::tenant::{Surveyed, choose, queues, survey};
use waitwise_app::init::{facts, table};
use waitwise_app::model::{Clock, Queue, Window};
use waitwise_app::{AppError, Contract, ErrorKind, ReadClient, Settings};

use super::{check_folder, connect, history, write_file};
use crate::args::{InitArgs, OutputFormat};
use crate::failure::Failure;
use crate::output::init::{InitShape, TableState, Told};
use crate::output::progress::Progress;
use crate::output::{self, settings_file};
use crate::settings::File;

pub(crate) async fn run(args: InitArgs, file: &File) -> Result<(), Failure> {
    check_target(&args)?;
    let settings = platform(history::settings(file, &args.host)?)?;
    let kept = history::place(file, &args.place, &settings.base_url)?;
    let (client, clock) = connect(settings.clone())?;
    let all = queues(&client).await?;
    let queue = chosen(&args, &all)?;
    let progress = Progress::start();
    progress.say(format!("looking at queue {}", queue.name));
    let surveyed = survey(&client, &all, &queue).await?;
    let table = table::usable(&client, &surveyed.tables, &file.data_table(&args.table)).await?;
    let until = args.until.unwrap_or_else(|| clock.now());
    let window = Window::days_before(until, file.days(args.days)).map_err(AppError::from)?;
    if args.pull {
        pull_first(&client, &*clock, &kept, &queue, window, &progress).await?;
    }
    drop(progress);
    let draft = drafted(&kept, &surveyed, window)?;
    let mut told = Told {
        tenant: client.base_url().to_string(),
        table_name: file.data_table(&args.table),
        table: match table {
            Some(_) => TableState::There,
            None => TableState::Missing,
        },
        written: None,
        surveyed,
        draft,
    };
    if args.output.format == OutputFormat::Text {
        output::answer(&output::init::proposal(&told));
    }
    make_table(&args, &client, &mut told).await?;
    if agreed(&args, &format!("Write {}?", args.out.display()))? {
        let text = settings_file::text(&settings, file, &args, &told, &clock.now());
        write_file(&args.out, &text)?;
        told.written = Some(args.out.display().to_string());
    }
    match args.output.format {
        OutputFormat::Text => output::answer(&output::init::ending(&told)),
        OutputFormat::Json => output::json::answer(&InitShape::of(&told)),
    }
    Ok(())
}

/// A file that is there may hold what a person wrote.
fn check_target(args: &InitArgs) -> Result<(), Failure> {
    check_folder(&args.out)?;
    if args.out.exists() && !args.force {
        return Err(
            Failure::usage(format!("{} is there already", args.out.display()))
                .hint("--out FILE writes another file, --force writes over this one"),
        );
    }
    Ok(())
}

fn platform(settings: Settings) -> Result<Settings, Failure> {
    match settings.contract {
        Contract::Platform => Ok(settings),
        Contract::Tutorial => Err(Failure::usage(
            "only a host of the published platform can be looked at",
        )
        .hint("name its region with --region, or a host with --api-url and --login-url")
        .hint("for the tutorial's contract, settings need a host, a client, a queue and a mapping: `waitwise schema` describes them")),
    }
}

fn chosen(args: &InitArgs, all: &[Queue]) -> Result<Queue, Failure> {
    if let Some(wanted) = &args.queue {
        let queue = choose(all, wanted).map_err(AppError::from)?;
        return Ok(queue.clone());
    }
    if let [only] = all {
        return Ok(only.clone());
    }
    let names: Vec<String> = all.iter().map(|queue| queue.name.clone()).collect();
    let which = || {
        Failure::usage("which queue? The client sees several")
            .hint(format!("name one with --queue: {}", names.join(", ")))
    };
    if args.yes || !is_terminal() {
        return Err(which());
    }
    let place = output::ask_which("Which queue?", &names)
        .map_err(|error| Failure::usage("cannot ask on the terminal").because(error))?;
    let queue = place.and_then(|place| all.get(place));
    queue.cloned().ok_or_else(which)
}

async fn pull_first(
    client: &ReadClient,
    clock: &dyn Clock,
    kept: &History,
    queue: &Queue,
    window: Window,
    progress: &Progress,
) -> Result<(), Failure> {
    let wanted = Wanted {
        queues: vec![queue.id.clone()],
        window,
    };
    let report = |event| progress.pulling(&event);
    pull(client, clock, kept, &wanted, &report).await?;
    Ok(())
}

fn drafted(kept: &History, surveyed: &Surveyed, window: Window) -> Result<Draft, Failure> {
    let queue = &surveyed.queue.id;
    let pulled = facts::pulled_window(kept, queue, window);
    let window = pulled.map_err(|error| {
        let is_missing = error.kind() == ErrorKind::Incomplete;
        let failure = Failure::from(error);
        match is_missing {
            true => failure.hint("so does `waitwise init --pull`"),
            false => failure,
        }
    })?;
    let evidence = evidence_of(kept, queue, window)?;
    Ok(Draft::new(surveyed, window, &evidence))
}

/// Makes the table only after a yes to just that: `--yes` alone is one to the settings file.
async fn make_table(args: &InitArgs, client: &ReadClient, told: &mut Told) -> Result<(), Failure> {
    if told.table == TableState::There {
        return Ok(());
    }
    let question = format!(
        "Make the data table `{}` in the organisation?",
        told.table_name
    );
    let wanted = match (args.create_table, args.yes) {
        (true, _) => agreed(args, &question)?,
        (false, true) => false,
        (false, false) => is_terminal() && agreed(args, &question)?,
    };
    if wanted {
        table::create(client, &told.table_name).await?;
        told.table = TableState::Made;
    }
    Ok(())
}

/// Without a terminal nobody is asked, and only `--yes` is a yes.
fn agreed(args: &InitArgs, question: &str) -> Result<bool, Failure> {
    if args.yes {
        return Ok(true);
    }
    if !is_terminal() {
        return Ok(false);
    }
    output::ask(question)
        .map_err(|error| Failure::usage("cannot ask on the terminal").because(error))
}

fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
