//! `waitwise analyze`

use waitwise_app::analysis::analyze;

use super::Asking;
use crate::args::{AnalyzeArgs, OutputFormat};
use crate::failure::Failure;
use crate::output;
use crate::settings::File;

pub(crate) async fn run(args: AnalyzeArgs, file: &File) -> Result<(), Failure> {
    let asking = Asking::new(file, &args.host, &args.question, None)?;
    let analysis = analyze(&asking.gather().await?, &asking.question)?;
    match args.output.format {
        OutputFormat::Text => output::answer(&output::analysis::text(&analysis, args.top)),
        OutputFormat::Json => output::json::answer(&output::json::AnalysisShape::of(&analysis)),
    }
    Ok(())
}
