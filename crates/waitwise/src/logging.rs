//! What is told on stderr besides answers: how much of it, and in which form.
//!
//! No event carries a secret: the client takes them out before it logs, whatever the level.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::{Cli, LogFormat, LogLevel};

/// Starts to log to stderr. Called once, before anything could be logged.
pub(crate) fn start(cli: &Cli) {
    let ours = Targets::new()
        .with_target("waitwise", level(cli))
        .with_default(Level::ERROR);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match cli.log_format {
        LogFormat::Text => lines
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(ours).with(lines).init();
}

/// The chattier of `--log-level` and `-v`.
fn level(cli: &Cli) -> Level {
    let short = match cli.verbose {
        0 => LogLevel::Warn,
        1 => LogLevel::Info,
        _ => LogLevel::Debug,
    };
    match std::cmp::max(short, cli.log_level) {
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    }
}
