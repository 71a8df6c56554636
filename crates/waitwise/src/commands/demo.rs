//! `waitwise demo`

use waitwise_app::demo::{DemoOptions, DemoResult, demo};

use super::{check_folder, write_file};
use crate::args::{DemoArgs, OutputFormat};
use crate::failure::Failure;
use crate::output;
use crate::output::demo::{DemoProgress, DemoShape};
use crate::report;

pub(crate) async fn run(args: DemoArgs) -> Result<(), Failure> {
    check_folder(&args.report)?;
    let options = DemoOptions {
        seed: args.seed,
        now: args.now,
        days: args.days,
    };
    let result = watch(options, args.output.format).await?;
    write_file(
        &args.report,
        &report::render(&output::demo::report(&result)),
    )?;
    match args.output.format {
        OutputFormat::Text => {
            output::answer(&output::demo::text(&result));
            output::answer_line(&format!(
                "Report: {} (opens offline in any browser)",
                args.report.display()
            ));
        }
        OutputFormat::Json => output::json::answer(&DemoShape::of(&result)),
    }
    Ok(())
}

async fn watch(options: DemoOptions, format: OutputFormat) -> Result<DemoResult, Failure> {
    let directory = std::env::temp_dir().join(format!("waitwise-demo-{}", std::process::id()));
    let progress = DemoProgress::start(format);
    let result = demo(options, &directory, &|event| progress.event(&event)).await;
    drop(progress);
    if let Err(error) = std::fs::remove_dir_all(&directory) {
        tracing::warn!("cannot remove {}: {error}", directory.display());
    }
    result.map_err(Failure::from)
}
