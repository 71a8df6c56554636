//! The `waitwise` command: what was typed → what is meant → a use case of `waitwise-app` → an answer and an exit code.
//!
//! Everything that reads the environment, asks a person or draws on a terminal is in this crate, and nothing else is.

mod args;
mod asking;
mod commands;
mod evidence;
mod failure;
mod host;
mod lever;
mod logging;
mod output;
mod page;
mod prospect;
mod report;
mod settings;

use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};

use crate::args::{ChangesCommand, Cli, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::read();
    logging::start(&cli);
    let runtime = match runtime(&cli.command) {
        Ok(runtime) => runtime,
        Err(error) => {
            return end(Err(
                Failure::usage("cannot start the runtime").because(error)
            ));
        }
    };
    end(runtime.block_on(run(cli)))
}

/// A tenant is served by several threads. Every other command asks one thing after another: there, threads that wait for
/// each other were a tenth of the whole job's CPU time.
fn runtime(command: &Command) -> std::io::Result<Runtime> {
    let mut builder = match matches!(command, Command::Demo(_) | Command::Sandbox(_)) {
        true => Builder::new_multi_thread(),
        false => Builder::new_current_thread(),
    };
    builder.enable_all().build()
}

async fn run(cli: Cli) -> Result<(), Failure> {
    // The sandbox and the demo have no settings to read: a broken file must not keep anybody from trying them.
    let file = || settings::File::read(cli.config.as_deref());
    match cli.command {
        Command::Demo(args) => commands::demo::run(args).await,
        Command::Sandbox(args) => commands::sandbox::run(args).await,
        Command::Doctor(args) => commands::doctor::run(args, &file()?, cli.config.as_deref()).await,
        Command::Init(args) => commands::init::run(args, &file()?).await,
        Command::Explain(args) => commands::explain::run(args, &file()?).await,
        Command::Schema(args) => {
            commands::schema::run(&args);
            Ok(())
        }
        Command::Simulate(args) => commands::simulate::run(&args),
        Command::Backtest(args) => commands::backtest::run(&args),
        Command::Completions(args) => {
            commands::completions::run(&args);
            Ok(())
        }
        Command::Man(args) => commands::man::run(&args),
        Command::Run(args) => commands::run::run(args, &file()?).await,
        Command::Analyze(args) => commands::analyze::run(args, &file()?).await,
        Command::Plan(args) => commands::plan::run(args, &file()?).await,
        Command::Apply(args) => commands::apply::run(args, &file()?).await,
        Command::Rollback(args) => commands::rollback::run(args, &file()?).await,
        Command::Resume(args) => commands::resume::run(args, &file()?).await,
        Command::History(command) => commands::history::run(command, &file()?).await,
        Command::Changes(ChangesCommand::List(args)) => {
            commands::changes::list(args, &file()?).await
        }
        Command::Changes(ChangesCommand::Show(args)) => {
            commands::changes::show(args, &file()?).await
        }
    }
}

fn end(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::note(failure.render().trim_end());
            ExitCode::from(failure.exit_code())
        }
    }
}
